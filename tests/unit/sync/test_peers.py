"""Who becomes a peer, who does not, and what is remembered of each."""

import json
from pathlib import Path

import pytest

from stemedb.errors import Corruption
from stemedb.merkle import Checkpoint, Frontier, log_origin
from stemedb.merkle.note import public_key
from stemedb.statements import encode_public_key
from stemedb.types import LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync.digest import DIGEST_BYTES_MAX, seal
from stemedb_sync.peer import decode
from stemedb_sync.peers import PEERS_MAX, Peers, Unwelcome
from stemedb_sync.witness import Verdict

REALM = "ab" * 32
SEED, OTHER_SEED = bytes(range(32)), bytes(32)
PATH = Path("sync/peers/west.json")


def frontier(size, salt=0):
    return Frontier().extend([bytes([salt, i % 256, i // 256]) + bytes(29) for i in range(size)])


def digest(
    size=5, *, name="west", seed=SEED, key=None, realm=REALM, sequence=1, salt=0, noted_by=None, **fields
):
    root = frontier(size, salt).root
    checkpoint = Checkpoint(log_origin(name), LogSize(size), root).sign(noted_by or seed)
    made = sync_pb2.Digest(
        replica=name,
        realm=bytes.fromhex(realm)[:8],
        key=public_key(seed) if key is None else key,
        checkpoint=checkpoint,
        sequence=sequence,
        sent_ms=1000,
        **fields,
    )
    return seal(made, seed)


@pytest.fixture
def peers():
    return Peers("here", REALM, None)


def test_a_replica_becomes_a_peer_by_speaking(peers):
    peer, verdict, *_ = peers.hear(digest(), 10.0, 1500)
    assert (peer.name, peer.trust, verdict) == ("west", "first_use", Verdict.FOLLOW)
    assert peers.by_name == {"west": peer}
    assert (peer.log_size, peer.verified, peer.lag.statements()) == (5, 0, 5)
    assert peer.lag.offset_s == 0.5


def test_our_own_digest_is_nobodys(peers):
    assert peers.hear(digest(name="here"), 0.0, 0) is None
    assert peers.by_name == {}


def test_another_replica_with_our_name_is_told_apart_by_its_realm(peers):
    with pytest.raises(Unwelcome) as caught:
        peers.hear(digest(name="here", realm="cd" * 32), 0.0, 0)
    assert caught.value.reason == "own_name"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xff", "bad_digest"),
        (bytes(DIGEST_BYTES_MAX + 1), "bad_digest"),
        (b"", "bad_digest"),
        (seal(sync_pb2.Digest(replica="a.b"), SEED), "bad_digest"),
        (digest(realm="cd" * 32), "other_realm"),
        (digest(key=b"k"), "bad_digest"),
        (digest(key=public_key(OTHER_SEED)), "bad_signature"),
        (digest(noted_by=OTHER_SEED), "bad_signature"),
    ],
)
def test_a_stranger_who_cannot_prove_itself_is_counted_and_forgotten(peers, data, reason):
    with pytest.raises(Unwelcome) as caught:
        peers.hear(data, 0.0, 0)
    assert (caught.value.reason, caught.value.name) == (reason, "")
    assert peers.by_name == {}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (digest(seed=OTHER_SEED, sequence=2), "unknown_key"),
        (digest(realm="cd" * 32, sequence=2), "other_realm"),
    ],
)
def test_a_known_peer_must_keep_its_key_and_realm(peers, data, reason):
    peers.hear(digest(), 0.0, 0)
    with pytest.raises(Unwelcome) as caught:
        peers.hear(data, 0.0, 0)
    assert (caught.value.reason, caught.value.name) == (reason, "west")


def test_a_list_of_peers_pins_names_and_keys():
    allowed = {"west": encode_public_key(public_key(SEED))}
    peers = Peers("here", REALM, allowed)
    peer, *_ = peers.hear(digest(), 0.0, 0)
    assert peer.trust == "pinned"
    for stranger in (digest(name="east"), digest(seed=OTHER_SEED)):
        with pytest.raises(Unwelcome) as caught:
            peers.hear(stranger, 0.0, 0)
        assert caught.value.reason == "unknown_key"


def test_names_claimed_on_first_use_are_bounded(peers):
    for number in range(PEERS_MAX):
        peers.hear(digest(name=f"n{number}"), 0.0, 0)
    with pytest.raises(Unwelcome) as caught:
        peers.hear(digest(name="one-more"), 0.0, 0)
    assert caught.value.reason == "too_many_peers"


@pytest.mark.parametrize("older", [digest(3, sequence=4), digest(9, sequence=4), digest(5, sequence=9)])
def test_an_older_digest_and_a_repeated_one_change_nothing_whatever_they_say(peers, older):
    peer, *_ = peers.hear(digest(5, sequence=9), 0.0, 0)
    heard = peers.hear(older, 1000.0, 0)
    assert (heard.is_news, heard.verdict.is_broken_promise) == (False, False)
    assert (peer.latest.size, peer.digest.sequence, peer.seen_s, peer.stale_since_s) == (5, 9, 0.0, 1000.0)


def test_an_answer_to_our_question_is_news_whatever_its_sequence(peers):
    peer, *_ = peers.hear(digest(5, sequence=9), 0.0, 0)
    heard = peers.hear(digest(3, sequence=4, nonce=b"new"), 1.0, 0, nonce=b"new")
    assert (heard.is_news, heard.verdict) == (True, Verdict.ROLLBACK)
    assert (peer.latest.size, peer.sequence) == (3, 4)


@pytest.mark.parametrize("nonce", [b"", b"old"])
def test_an_answer_without_the_nonce_of_the_question_is_refused(peers, nonce):
    peers.hear(digest(5), 0.0, 0)
    with pytest.raises(Unwelcome) as caught:
        peers.hear(digest(5, sequence=2, nonce=nonce), 1.0, 0, nonce=b"new")
    assert caught.value.reason == "stale_digest"


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (digest(4, sequence=3), Verdict.ROLLBACK),
        (digest(5, sequence=3, salt=1), Verdict.FORK),
        (digest(5, sequence=1, salt=1), Verdict.FORK),
    ],
)
def test_a_broken_promise_is_told_with_both_notes(peers, data, verdict):
    peer, *_ = peers.hear(digest(5, sequence=2), 0.0, 0)
    promise = peer.latest_note
    heard = peers.hear(data, 1.0, 0)
    assert (heard.verdict, heard.earlier) == (verdict, promise)
    assert heard.later != promise
    assert peer.latest_note == (heard.later if heard.is_news else promise)


def test_a_peer_survives_in_its_file(peers):
    peer, *_ = peers.hear(digest(5), 0.0, 0)
    peer.advance(frontier(5), peer.latest, peer.latest_note)
    peer.postponed, peer.own_size, peer.sequence, peer.pardoned = {3, 1}, 77, 9, 8
    peer.set_aside("fork", 7)
    peer.equivocations, peer.evidence = 1, ["west-1.json"]
    again = decode("west", peer.encode(), PATH)
    assert again.encode() == peer.encode()
    assert (again.own_size, again.sequence, again.pardoned) == (77, 9, 8)
    assert (again.verified, again.checkpoint, again.frontier) == (5, peer.checkpoint, peer.frontier)
    assert (again.status, again.reason, again.since_ms, again.postponed) == ("set_aside", "fork", 7, {1, 3})


def test_a_file_from_before_digests_were_signed_is_read(peers):
    peer, *_ = peers.hear(digest(5), 0.0, 0)
    content = json.loads(peer.encode())
    del content["sequence"], content["pardoned"]
    assert decode("west", json.dumps(content).encode(), PATH).sequence == 0


def test_readmission_forgets_the_promise_and_keeps_the_record(peers):
    peer, *_ = peers.hear(digest(5), 0.0, 0)
    peer.advance(frontier(5), peer.latest, peer.latest_note)
    peer.set_aside("rollback", 7)
    peer.equivocations = 1
    peers.hear(digest(4, sequence=2), 1.0, 0)
    peer.readmit(8, 2.0)
    assert (peer.verified, peer.status, peer.equivocations) == (0, "following", 1)
    assert peer.lag.statements() == 4
    assert peers.hear(digest(4, sequence=3), 3.0, 0).verdict is Verdict.LEVEL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"format": 1', b'"format": 2'),
        (b'"name": "west"', b'"name": "east"'),
        (b'"status": "following"', b'"status": "else"'),
        (b'"key": "U', b'"key": "X'),
        (b"stemedb/west", b"stemedb/east"),
        (b'"frontier": [', b'"frontier": ["' + b"0" * 64 + b'",'),
        (b"{", b""),
        (b"\n}", b',\n "more": 1}'),
    ],
)
def test_a_damaged_file_is_named_and_never_believed(peers, old, new):
    peer, *_ = peers.hear(digest(5), 0.0, 0)
    peer.advance(frontier(5), peer.latest, peer.latest_note)
    content = peer.encode().replace(b'":', b'": ').replace(b'":  ', b'": ')
    assert old in content
    with pytest.raises(Corruption, match=r"west\.json.*remove it"):
        decode("west", content.replace(old, new, 1), PATH)


def test_a_frontier_that_is_not_the_checkpoints_is_damage(peers):
    peer, *_ = peers.hear(digest(5), 0.0, 0)
    peer.advance(frontier(5, salt=1), peer.latest, peer.latest_note)
    with pytest.raises(Corruption, match="belong together"):
        decode("west", peer.encode(), PATH)


def test_a_peer_no_longer_on_the_list_is_not_restored(peers):
    peer, *_ = peers.hear(digest(5), 0.0, 0)
    listed = Peers("here", REALM, {"east": encode_public_key(public_key(SEED))})
    listed.restore(decode("west", peer.encode(), PATH))
    assert listed.by_name == {}
