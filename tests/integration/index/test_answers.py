"""What the index service answers, over the bus: one replica with real processes for all tests, each with subjects of its own."""

import json
import uuid

import pytest

from stemedb.bus.client import Client
from stemedb.bus.messages import GetRequest, Indexed, LogRequest, ProveRequest, QueryRequest, RootRequest
from stemedb.errors import InvalidRequest, NotFound, Unavailable
from stemedb.merkle import Checkpoint, log_origin, map_origin
from stemedb.projection import verify_proof_file
from stemedb.statements import decode_public_key, public_key
from stemedb.storage.replica import ReplicaDirectory
from support.services import running
from support.statement_json import assertion, encode, vote

REPLICA = "index-answers"


@pytest.fixture(scope="module")
def services(shared_nats, tmp_path_factory):
    """Both services of one replica; yields the server's URL and the replica's directory."""
    folder = tmp_path_factory.mktemp("answers")
    settings = {"replica": REPLICA, "data_dir": folder / "data", "nats_url": shared_nats.url}
    with (
        running("stemedb_ingest", folder / "ingest", **settings),
        running("stemedb_index", folder / "index", **settings),
    ):
        yield shared_nats.url, ReplicaDirectory.open(folder / "data")


@pytest.fixture
async def client(services):
    async with await Client.connect(services[0], REPLICA) as connected:
        yield connected


@pytest.fixture
def key(services):
    return public_key(services[1].seed)


@pytest.fixture
def place():
    """Return a concept path that no other test writes below."""
    return f"test://{uuid.uuid4().hex}"


def claims(place, start, end):
    return [assertion(subject=f"{place}/p{n:05}") for n in range(start, end)]


async def appended(client, *statements):
    reply = await client.append(b"\n".join(map(encode, statements)))
    assert not reply.errors
    return reply


async def test_what_was_acknowledged_can_be_read_queried_and_proven_offline(client, key, place):
    mine = assertion(subject=place, metadata={"note": "ü"})
    rival = assertion(
        subject=place, object={"type": "text", "value": "MIT"}, source={"tier": 5, "uri": "https://x.example"}
    )
    first, second = (await appended(client, mine, rival)).receipts
    size = (await appended(client, vote(assertion=first.id))).size

    got = await client.get(GetRequest(id=first.id, wait_size=size))
    assert got.statement == mine
    assert (got.kind, got.index, got.stamp) == ("assertion", first.index, first.stamp)

    raw = await client.query(QueryRequest(subject=place))
    assert sorted((c.statement["object"]["value"], c.index) for c in raw.claims) == [
        ("Apache-2.0", first.index),
        ("MIT", second.index),
    ]
    assert (raw.cursor, raw.truncated, raw.applied) == (None, False, size)
    (group,) = (await client.query(QueryRequest(prefix=place, lens="authority"))).groups
    assert (group.subject, group.predicate, group.claims) == (place, "license", 2)
    assert group.winner.id == group.resolution["winner"] == first.id

    proof = json.dumps((await client.prove(ProveRequest(id=first.id))).proof).encode()
    verified = verify_proof_file(proof, trusted_key=key)
    assert (verified.claim, verified.id.hex(), verified.replica) == ("included", first.id, REPLICA)

    never = assertion(subject=place, agent="somebody else")
    absent = (await client.prove(ProveRequest(statement=encode(never).decode()))).proof
    assert verify_proof_file(json.dumps(absent).encode(), trusted_key=key).claim == "absent"


async def test_a_receipt_can_be_proven_at_once(client, key, place):
    for claim in claims(place, 0, 20):
        (receipt,) = (await appended(client, claim)).receipts
        proof = (await client.prove(ProveRequest(id=receipt.id))).proof
        assert verify_proof_file(json.dumps(proof).encode(), trusted_key=key).living


async def test_root_shows_both_notes_and_they_are_signed(client, key, place):
    size = (await appended(client, *claims(place, 0, 20))).size
    root = await client.root(RootRequest(wait_size=size))
    raw_key = decode_public_key(key)
    note = Checkpoint.open(root.note.encode(), map_origin(REPLICA), raw_key)
    assert (note.size, note.root.hex()) == (root.applied, root.root)
    checkpoint = Checkpoint.open(root.checkpoint.encode(), log_origin(REPLICA), raw_key)
    assert (checkpoint.size, checkpoint.root.hex()) == (root.log_size, root.log_root)
    assert root.applied == root.log_size == size


async def test_reading_your_own_write_waits_for_the_map_and_not_for_ever(client, place):
    for claim in claims(place, 0, 20):
        reply = await appended(client, claim)
        got = await client.get(GetRequest(id=reply.receipts[0].id, wait_size=reply.size))
        assert got.index == reply.receipts[0].index
    with pytest.raises(Unavailable, match=f"{reply.size} entries and not {reply.size + 1}"):
        await client.query(QueryRequest(wait_size=reply.size + 1, timeout_ms=50))


async def test_every_commit_of_the_map_is_announced(client, place):
    events = await client.nats.subscribe(client.subjects.indexed)
    await client.nats.flush()
    size = (await appended(client, *claims(place, 0, 7))).size
    event = Indexed.decode((await events.next_msg(timeout=60)).data)
    root = await client.root(RootRequest(wait_size=size))
    assert (event.applied, event.keys, event.changed, event.root) == (size, root.keys, 7, root.root)


@pytest.mark.parametrize(
    ("subject", "request_body", "field"),
    [
        ("get", {"id": "12"}, "id"),
        ("get", {}, "id"),
        ("get", {"id": "ab" * 32, "misspelt": 1}, "misspelt"),
        ("query", {"subject": "a", "prefix": "b"}, "prefix"),
        ("query", {"subject": "https//"}, "subject"),
        ("query", {"prefix": "UP://x"}, "prefix"),
        ("query", {"predicate": "a\x00b"}, "predicate"),
        ("query", {"limit": 0}, "limit"),
        ("query", {"limit": 100_000}, "limit"),
        ("query", {"lens": "rose-tinted"}, "lens"),
        ("query", {"lifecycle": ["finished"]}, "lifecycle.0"),
        ("query", {"cursor": "AAAA"}, "cursor"),
        ("query", {"timeout_ms": 10**9}, "timeout_ms"),
        ("prove", {}, "id"),
        ("prove", {"id": "ab" * 32, "subject": "a"}, "predicate"),
        ("prove", {"id": "ab" * 32, "subject": "a//b", "predicate": "p"}, "subject"),
        ("prove", {"statement": "{}"}, "statement.kind"),
        ("prove", {"statement": '"\\ud800"'}, "statement"),
        ("prove", {"statement": "{}", "id": "ab" * 32}, "statement"),
        ("root", {"wait_size": -1}, "wait_size"),
    ],
)
async def test_a_bad_request_names_its_field(client, subject, request_body, field):
    with pytest.raises(InvalidRequest) as caught:
        await client.call(getattr(client.subjects, subject), json.dumps(request_body).encode())
    assert caught.value.field == field


async def test_what_is_not_there_is_not_found(client):
    for request in (client.get(GetRequest(id="ab" * 32)), client.prove(ProveRequest(id="ab" * 32))):
        with pytest.raises(NotFound, match="abababababab"):
            await request


async def test_pages_of_a_growing_map_visit_each_claim_once(client, place):
    written = (await appended(client, *claims(place, 0, 100))).size
    seen, cursor, count = [], None, 100
    while True:
        page = await client.query(QueryRequest(prefix=place, limit=7, cursor=cursor, wait_size=written))
        seen += [claim.statement["subject"] for claim in page.claims]
        cursor = page.cursor
        if cursor is None:
            break
        written = (await appended(client, *claims(place, count, count + 5))).size
        count += 5
    assert len(seen) == len(set(seen))
    assert {f"{place}/p{n:05}" for n in range(100)} <= set(seen)


async def test_whoever_follows_the_log_misses_nothing(client, place):
    start = (await client.status()).size
    reply = await appended(client, *claims(place, 0, 5))
    page = await client.log(LogRequest(start=start, wait_size=reply.size))
    told = [entry.id for entry in page.entries if entry.statement["subject"].startswith(place)]
    assert told == [receipt.id for receipt in reply.receipts]
    assert page.next == start + len(page.entries)
