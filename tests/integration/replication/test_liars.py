"""A peer that lies in one way each: it is counted or set aside, the others go on, and nothing false is in any map."""

import os
from contextlib import asynccontextmanager
from itertools import count

import nats
import pytest

from stemedb.bus.subjects import GOSSIP
from stemedb.mst import forced_levels, memory_tree
from stemedb.v1 import sync_pb2
from stemedb_sync.page import encode
from support.fleet import FAST, Fleet, claims
from support.liar import Liar, entries_of, map_of, sized, with_canonical
from support.nats import running_server
from support.replicas import REALM, Site, converged
from support.waiting import eventually, eventually_sync

UNKNOWN = "unknown"
numbers = count(0, 1000)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Two honest replicas that meet one liar after the other."""
    folder = tmp_path_factory.mktemp("honest")
    with running_server(folder / "nats") as server:
        sites = {name: Site.create(name, folder, server.url, **FAST) for name in ("a", "b")}
        try:
            for site in sites.values():
                site.launch()
            for site in sites.values():
                eventually_sync(
                    lambda one=site: all(service.ready for service in one.services.values()), deadline_s=120
                )
            yield Fleet(sites)
        finally:
            for site in sites.values():
                site.kill()


async def caught(fleet, liar, *reasons, label=None):
    """Return once both replicas counted one of `reasons` against the liar."""
    keys = [f"stemedb_sync_failures_total{{peer={label or liar.name},reason={reason}}}" for reason in reasons]

    def counted():
        readings = [site.services["sync"].metrics() for site in fleet.sites.values()]
        return all(any(reading.get(key, 0) > 0 for key in keys) for reading in readings)

    await eventually(counted)


async def aside(fleet, liar, *reasons):
    async def both():
        peers = [await site.peer(liar.name) for site in fleet.sites.values()]
        return all(peer and peer.status == "set_aside" and peer.reason in reasons for peer in peers)

    await eventually(both)


async def others_go_on(fleet):
    """Assert that what is published at each honest replica reaches the other, liar or not."""
    start = next(numbers)
    await fleet.publish("a", claims(start, start + 30))
    await fleet.publish("b", claims(start + 20, start + 50))
    await converged(list(fleet.sites.values()), len(fleet.keys))


def at_large(fleet, liar):
    return liar.at_large(fleet["a"].nats_url, list(fleet.sites))


def liar_with(name, size=5):
    """Return a liar whose log claims things that nobody else says."""
    start = next(numbers)
    return Liar(name, entries_of(name, claims(start, start + size)))


async def test_wrong_bytes_are_refused_one_by_one(fleet):
    liar = liar_with("wrong-bytes")
    bad = [with_canonical(entry, b'{"kind":"nonsense"}') for entry in liar.log]
    liar.lies["range"] = lambda data: encode(bad, liar.name, bytes_max=1 << 19, inline_all=True)
    async with at_large(fleet, liar):
        await aside(fleet, liar, "unproven")
        await others_go_on(fleet)
    await fleet.settled()


async def test_ids_that_no_bytes_have_are_never_stored(fleet):
    liar = liar_with("wrong-ids")
    forged = [
        entry._replace(id=os.urandom(32), record=entry.record._replace(origin="elsewhere"))
        for entry in liar.log
    ]
    liar.now_signs(forged)
    async with at_large(fleet, liar):
        await caught(fleet, liar, "bad_proof")
        await others_go_on(fleet)
    await fleet.settled()


async def test_statements_with_a_signature_of_nobody_are_passed_over(fleet):
    liar = liar_with("counterfeiter")
    liar.now_signs([one._replace(record=one.record._replace(signature=bytes(range(96)))) for one in liar.log])
    async with at_large(fleet, liar):
        await caught(fleet, liar, "invalid_statement")
        await others_go_on(fleet)
        await eventually(
            lambda: _verified(fleet, liar, 5)
        )  # its log is what it signed, worth something or not
    await fleet.settled()


async def test_a_checkpoint_under_another_signature_is_not_heard(fleet):
    liar = liar_with("forger")
    liar.signs_with = bytes(32)
    async with at_large(fleet, liar):
        await caught(fleet, liar, "bad_signature", label=UNKNOWN)
        await others_go_on(fleet)
        assert await fleet["a"].peer(liar.name) is None
    await fleet.settled()


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ("fork", {"fork"}),
        ("rollback", {"rollback"}),
        ("rewrite", {"rewrite"}),
    ],
)
async def test_a_log_that_is_not_the_one_signed_before_is_set_aside(fleet, change, reasons):
    start = next(numbers)
    told = claims(start, start + 5)
    liar = Liar(change, entries_of(change, told))
    async with at_large(fleet, liar):
        fleet.expect(change, told)
        await converged(list(fleet.sites.values()), len(fleet.keys))
        await eventually(lambda: _verified(fleet, liar, 5))
        other = {"fork": told[1:] + told[:1], "rollback": told[:3], "rewrite": told[::-1]}[change]
        if change == "rewrite":
            other = [*other, *claims(start + 5, start + 7)]
            fleet.expect(change, claims(start + 5, start + 7))  # true statements, whatever the log is worth
        liar.now_signs(entries_of(change, other))
        await aside(fleet, liar, *reasons)
        await others_go_on(fleet)
    await fleet.settled()


async def _verified(fleet, liar, size):
    peers = [await site.peer(liar.name) for site in fleet.sites.values()]
    return all(peer and peer.verified == size for peer in peers)


async def test_pages_without_end_hold_up_nobody_else(fleet):
    liar = liar_with("endless", 1)
    liar.checkpoint = sized(liar, 1 << 40)
    known = entries_of(liar.name, claims(0, 1))[0]  # a statement that may be there: nothing to fetch for ever

    def one_more(data):
        request = sync_pb2.RangeRequest.FromString(data)
        entry = known._replace(index=request.start)
        return encode([entry], liar.name, bytes_max=1 << 19, inline_all=True)

    liar.lies["range"] = one_more
    fleet.expect("a", claims(0, 1))
    async with at_large(fleet, liar):
        await eventually(lambda: liar.asked.count("range") > 200)
        await others_go_on(fleet)
    await fleet.settled()


async def test_answers_that_never_come_hold_up_nobody_else(fleet):
    liar = liar_with("slow")
    liar.lies |= dict.fromkeys(("range", "fetch", "subtree", "consistency"), lambda _: None)
    async with at_large(fleet, liar):
        await eventually(lambda: liar.asked.count("range") >= 2)
        await others_go_on(fleet)
    await fleet.settled()


@pytest.mark.parametrize("endpoint", ["range", "fetch"])
async def test_answers_that_are_too_large_or_nonsense_are_refused(fleet, endpoint):
    liar = liar_with(f"oversized-{endpoint}")
    if endpoint == "fetch":
        liar.now_signs([one._replace(record=one.record._replace(origin="elsewhere")) for one in liar.log])
    reply = sync_pb2.FetchReply(positions=range(60_000))
    bloat = {"range": sync_pb2.RangeReply(start=0, end=5, ids=bytes(1_000_000)), "fetch": reply}[endpoint]
    liar.lies[endpoint] = lambda _: bloat.SerializeToString()
    async with at_large(fleet, liar):
        await caught(fleet, liar, "bad_proof")
        await others_go_on(fleet)
    await fleet.settled()


async def test_digests_that_are_too_large_are_not_read(fleet):
    liar = liar_with("loud")
    liar.digest_padding = 40_000
    async with at_large(fleet, liar):
        await caught(fleet, liar, "bad_digest", label=UNKNOWN)
        await others_go_on(fleet)
        assert await fleet["a"].peer(liar.name) is None
    await fleet.settled()


def forged_map(level, keys):
    """Return a map of `keys` entries of nothing, with levels that the realm's secret does not give if `level` is given."""
    tree = memory_tree(REALM, levels=None if level is None else forced_levels(level))
    tree.apply([(b"a%06d" % number, bytes(8) + b"x") for number in range(keys)])
    return tree


def level_of(key):
    return int(key[1:]) % 60


def noise(data):
    asked = sync_pb2.SubtreeRequest.FromString(data)
    answer = os.urandom(5000) if asked.question else b""
    return sync_pb2.SubtreeReply(root=asked.root or bytes(32), keys=9, answer=answer).SerializeToString()


@pytest.mark.parametrize(
    ("shape", "reason", "tree"),
    [
        ("over-wide", "bad_proof", forged_map(lambda _: 0, 5000)),
        ("over-deep", "bad_proof", forged_map(level_of, 400)),
        ("made-up", "bad_entry", forged_map(None, 300)),
        ("noise", "bad_proof", forged_map(None, 3)),
        ("withholding", "withheld", map_of(entries_of("withholding", claims(900_000, 900_010)))),
    ],
)
async def test_maps_that_no_log_makes_change_nothing(fleet, shape, reason, tree):
    liar = Liar(shape, tree=tree)
    if shape == "noise":
        liar.lies["subtree"] = noise
    async with at_large(fleet, liar):
        await caught(fleet, liar, reason)
        await others_go_on(fleet)
    await fleet.settled()


@asynccontextmanager
async def parrot(fleet, name):
    """Yield a connection of somebody on the bus, and what it overheard `name` say before the name's log grew."""
    client = await nats.connect(fleet["a"].nats_url)
    heard = []

    async def listen(message):
        digest = sync_pb2.Digest.FromString(sync_pb2.SignedDigest.FromString(message.data).body)
        if digest.replica == name:
            heard.append(message.data)

    try:
        listening = await client.subscribe(GOSSIP, cb=listen)
        await eventually(lambda: heard)
        await listening.unsubscribe()
        start = next(numbers)
        await fleet.publish(name, claims(start, start + 5))
        await converged(list(fleet.sites.values()), len(fleet.keys))
        yield client, heard[0]
    finally:
        await client.close()


async def counted_against(site, name, reason, before):
    key = f"stemedb_sync_failures_total{{peer={name},reason={reason}}}"
    await eventually(lambda: site.services["sync"].metrics()[key] > before.get(key, 0))


async def test_what_a_peer_said_before_accuses_it_of_nothing_when_somebody_repeats_it(fleet):
    async with parrot(fleet, "a") as (client, digest):
        before = fleet["b"].services["sync"].metrics()
        await client.publish(GOSSIP, digest)
        await counted_against(fleet["b"], "a", "stale_digest", before)
        assert (await fleet["b"].peer("a")).status == "following"
        await others_go_on(fleet)
    await fleet.settled()


async def test_an_old_checkpoint_in_a_digest_that_its_replica_did_not_make_is_refused(fleet):
    async with parrot(fleet, "a") as (client, overheard):
        signed = sync_pb2.SignedDigest.FromString(overheard)
        digest = sync_pb2.Digest.FromString(signed.body)
        digest.sequence = 1 << 62
        signed.body = digest.SerializeToString()
        before = fleet["b"].services["sync"].metrics()
        await client.publish(GOSSIP, signed.SerializeToString())
        await counted_against(fleet["b"], "a", "bad_signature", before)
        assert (await fleet["b"].peer("a")).status == "following"
        await others_go_on(fleet)
    await fleet.settled()
