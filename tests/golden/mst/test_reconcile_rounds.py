"""A whole conversation of two replicas, frozen: which requests, how many bytes, until the roots are equal.

To freeze it anew after a deliberate change of format or of strategy: ``python -m pytest`` this file, look at what it says
is different, and put the script it prints into ``reconcile.script``.
"""

from pathlib import Path

from blake3 import blake3

from stemedb.mst import memory_tree
from stemedb.mst.reconcile import Reconciliation, answer
from stemedb.mst.reconcile.request import Compare, Fetch, Match, Scan, decode_request

SCRIPT = Path(__file__).parent / "reconcile.script"
REALM = bytes(range(32))
NONCE = bytes(range(16))


def entry(number, origin):
    """A key and a value as the index has them: names and an id, a clock and an origin."""
    identity = blake3(number.to_bytes(4, "big")).digest()
    subject = b"apkg://pypi/item-%d" % (number // 5)
    stamp = (1_700_000_000_000 + number << 16).to_bytes(8, "big")
    return subject + b"\0license\0" + identity, stamp + origin


def earlier(_key, old, new):
    """The join of assertions: the smaller stamp wins."""
    return min(old, new)


def replicas():
    """Four thousand statements in common; then each takes in its own, one has a whole project more, and some stamps differ."""
    common = [entry(i, b"site-a") for i in range(4000)]
    left, right = memory_tree(REALM), memory_tree(REALM)
    left.merge(common)
    right.merge(common)
    left.merge([entry(i, b"site-a") for i in range(4000, 4020)], earlier)
    right.merge([entry(i, b"site-b") for i in range(5000, 5030)], earlier)
    right.merge([(key, bytes(8) + b"site-b") for key, _ in common[100:4000:400]], earlier)
    right.merge([(b"apkg://zzz/%d\0license\0" % i + bytes(32), b"site-b") for i in range(200)], earlier)
    return left, right


def described(item):
    where = ".".join(map(str, item.path)) or "root"
    match item:
        case Compare():
            return f"compare {where} level {item.level}, {len(item.children)} children"
        case Match():
            return f"match {where} level {item.level}, {len(item.hashes)} entries"
        case Fetch():
            return f"fetch {where} {' '.join(map(str, item.indices))}"
        case Scan():
            return f"scan {where}"


def pulled(name, puller, peer, lines):
    lines.append(f"{name}: {puller.root_digest.hex()[:16]} pulls {peer.root_digest.hex()[:16]}")
    client = Reconciliation(puller, peer.root_digest, NONCE)
    number = 0
    while not client.finished:
        number += 1
        for index, request in enumerate(client.requests()):
            reply = answer(peer, request)
            client.fold(index, reply)
            lines.append(
                f"  round {number}: {len(request)} bytes {blake3(request).hexdigest()[:16]}"
                f" -> {len(reply)} bytes {blake3(reply).hexdigest()[:16]}"
            )
            lines += [f"    {described(item)}" for item in decode_request(request).items]
    outcome = client.outcome
    traffic = outcome.traffic
    lines.append(
        f"  {len(outcome.missing)} missing, {sum(1 for _ in outcome.surplus())} surplus, proven {outcome.proven},"
        f" {traffic.rounds} rounds, {traffic.sent_bytes} + {traffic.received_bytes} bytes"
    )
    return outcome


def conversation():
    lines = []
    left, right = replicas()
    to_left, to_right = pulled("left", left, right, lines), pulled("right", right, left, lines)
    for tree, outcome in ((left, to_left), (right, to_right)):
        changed = tree.merge([(change.key, change.new) for change in outcome.missing], earlier)
        lines.append(f"joined: {changed} changed, {len(tree)} keys, {tree.root_digest.hex()[:16]}")
    pulled("left again", left, right, lines)
    pulled("right again", right, left, lines)
    return lines


def test_two_replicas_talk_as_they_always_did_until_their_roots_are_equal():
    lines = conversation()
    assert "\n".join(lines) + "\n" == SCRIPT.read_text()


def test_the_smallest_conversation_is_these_bytes():
    """One key changed in a map of three: the whole exchange, to be checked by hand against the layouts."""
    local, remote = memory_tree(REALM), memory_tree(REALM)
    for tree, value in ((local, b"old"), (remote, b"new")):
        tree.merge([(b"fig", b"1"), (b"lime", value), (b"plum", b"3")])
    client = Reconciliation(local, remote.root_digest, NONCE)
    (request,) = client.requests()
    reply = answer(remote, request)
    client.fold(0, reply)
    assert request.hex() == REQUEST
    assert reply.hex() == REPLY
    assert client.outcome.missing == [(b"lime", b"old", b"new")]


REQUEST = "0106000102030405060708090a0b0c0d0e0fa910a32e53525ee03b3eb8e8b9f2660b94b680468c5ebcf3d43cd530088b61e4010200000003ba69d21bab672247537bbec62b3104753e8e"
REPLY = "010001000101010100046c696d65036e6577"
