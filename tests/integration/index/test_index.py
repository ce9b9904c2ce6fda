"""The index service as a process, beside a real ingest and a real nats-server."""

import json
import signal
from contextlib import ExitStack

import pytest

from stemedb.bus.client import Client
from stemedb.bus.messages import GetRequest, Indexed, ProveRequest, QueryRequest, RootRequest
from stemedb.errors import Fatal, InvalidRequest, NotFound, Unavailable
from stemedb.ledger import rebuild as rebuild_ledger
from stemedb.merkle import Checkpoint, log_origin, map_origin
from stemedb.projection import Projection, check, compact, rebuild, verify_proof_file
from stemedb.statements import decode_public_key, public_key
from stemedb.storage.replica import ReplicaDirectory
from support.histories import damage_first_node, parsed, write
from support.nats import running_server
from support.services import Service, running
from support.statement_json import assertion, encode, vote
from support.waiting import eventually


@pytest.fixture
def start(shared_nats, replica, tmp_path):
    """Return a function that starts a service of one replica; all of them are gone after the test."""
    with ExitStack() as stack:

        def launch(name, **settings):
            return stack.enter_context(
                running(
                    f"stemedb_{name}",
                    tmp_path / name,
                    replica=replica,
                    data_dir=tmp_path / "data",
                    nats_url=shared_nats.url,
                    **settings,
                )
            )

        yield launch


@pytest.fixture
async def client(shared_nats, replica):
    async with await Client.connect(shared_nats.url, replica) as connected:
        yield connected


def body(*statements):
    return b"\n".join(map(encode, statements))


def claims(start, end, **changes):
    return [assertion(subject=f"pkg://pypi/p{n:05}", **changes) for n in range(start, end)]


async def appended(client, *statements):
    reply = await client.append(body(*statements))
    assert not reply.errors
    return reply


async def test_what_was_acknowledged_can_be_read_queried_and_proven_offline(start, client, replica, tmp_path):
    start("ingest")
    start("index")
    mine = assertion(metadata={"note": "ü"})
    rival = assertion(object={"type": "text", "value": "MIT"}, source={"tier": 5, "uri": "https://x.example"})
    reply = await appended(client, mine, rival)
    first = reply.receipts[0]
    ballot = (await appended(client, vote(assertion=first.id))).size

    got = await client.get(GetRequest(id=first.id, wait_size=ballot))
    assert got.statement == mine
    assert (got.kind, got.index, got.stamp) == ("assertion", first.index, first.stamp)

    raw = await client.query(QueryRequest(subject=mine["subject"]))
    assert sorted((c.statement["object"]["value"], c.index) for c in raw.claims) == [
        ("Apache-2.0", 0),
        ("MIT", 1),
    ]
    assert (raw.cursor, raw.truncated, raw.applied) == (None, False, ballot)
    (group,) = (await client.query(QueryRequest(prefix="pkg://pypi", lens="authority"))).groups
    assert (group.predicate, group.claims) == ("license", 2)
    assert group.winner.id == group.resolution["winner"] == first.id

    proof = json.dumps((await client.prove(ProveRequest(id=first.id))).proof).encode()
    key = public_key(ReplicaDirectory.open(tmp_path / "data").seed)
    verified = verify_proof_file(proof, trusted_key=key)
    assert (verified.claim, verified.id.hex(), verified.replica) == ("included", first.id, replica)

    never = assertion(agent="somebody else")
    absent = (await client.prove(ProveRequest(statement=encode(never).decode()))).proof
    assert verify_proof_file(json.dumps(absent).encode(), trusted_key=key).claim == "absent"


async def test_root_shows_both_notes_and_they_are_signed(start, client, replica, tmp_path):
    start("ingest")
    start("index")
    size = (await appended(client, *claims(0, 20))).size
    root = await client.root(RootRequest(wait_size=size))
    key = decode_public_key(public_key(ReplicaDirectory.open(tmp_path / "data").seed))
    note = Checkpoint.open(root.note.encode(), map_origin(replica), key)
    assert (note.size, note.root.hex()) == (root.applied, root.root) == (20, root.root)
    checkpoint = Checkpoint.open(root.checkpoint.encode(), log_origin(replica), key)
    assert (checkpoint.size, checkpoint.root.hex()) == (root.log_size, root.log_root)
    assert root.keys == 20


async def test_reading_your_own_write_waits_for_the_map_and_not_for_ever(start, client):
    start("ingest")
    start("index")
    for n in range(20):
        reply = await appended(client, *claims(n, n + 1))
        got = await client.get(GetRequest(id=reply.receipts[0].id, wait_size=reply.size))
        assert got.index == n
    with pytest.raises(Unavailable, match="20 entries and not 21"):
        await client.query(QueryRequest(wait_size=21, timeout_ms=50))


async def test_every_commit_of_the_map_is_announced(start, client):
    start("ingest")
    start("index")
    events = await client.nats.subscribe(client.subjects.indexed)
    await client.nats.flush()
    await appended(client, *claims(0, 7))
    event = Indexed.decode((await events.next_msg(timeout=10)).data)
    root = await client.root(RootRequest(wait_size=7))
    assert (event.applied, event.keys, event.changed, event.root) == (7, 7, 7, root.root)


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
async def test_a_bad_request_names_its_field(start_once, subject, request_body, field):
    client = start_once
    with pytest.raises(InvalidRequest) as caught:
        await client.call(getattr(client.subjects, subject), json.dumps(request_body).encode())
    assert caught.value.field == field


async def test_what_is_not_there_is_not_found(start_once):
    for request in (start_once.get(GetRequest(id="ab" * 32)), start_once.prove(ProveRequest(id="ab" * 32))):
        with pytest.raises(NotFound, match="abababababab"):
            await request


@pytest.fixture(scope="module")
def one_replica(shared_nats, tmp_path_factory):
    """Both services of one replica for all tests that change nothing."""
    folder = tmp_path_factory.mktemp("one")
    settings = {"replica": "one-index", "data_dir": folder / "data", "nats_url": shared_nats.url}
    with (
        running("stemedb_ingest", folder / "ingest", **settings),
        running("stemedb_index", folder / "index", **settings),
    ):
        yield shared_nats.url


@pytest.fixture
async def start_once(one_replica):
    async with await Client.connect(one_replica, "one-index") as connected:
        yield connected


async def test_pages_of_a_growing_map_visit_each_claim_once(start, client):
    start("ingest")
    start("index")
    await appended(client, *claims(0, 100))
    seen, cursor, written = [], None, 100
    while True:
        page = await client.query(
            QueryRequest(prefix="pkg://pypi", limit=7, cursor=cursor, wait_size=written)
        )
        seen += [claim.statement["subject"] for claim in page.claims]
        cursor = page.cursor
        if cursor is None:
            break
        await appended(client, *claims(written, written + 5))
        written += 5
    assert len(seen) == len(set(seen))
    assert {f"pkg://pypi/p{n:05}" for n in range(100)} <= set(seen)


async def test_killed_while_applying_it_reads_on_and_ends_with_the_same_root(start, client, tmp_path):
    start("ingest")
    index = start("index")
    size, reply = 0, None
    for n in range(30):
        size = (await appended(client, *claims(400 * n, 400 * n + 400))).size
        if n % 6 == 5:
            # Somewhere in the middle of merging or committing, or between the two.
            index.process.send_signal(signal.SIGKILL)
            index.process.wait()
            index = start("index")
    reply = await client.root(RootRequest(wait_size=size, timeout_ms=20_000))
    assert reply.applied == size == reply.keys
    code, seconds = index.stop()
    assert (code, seconds < 2) == (0, True)
    directory = ReplicaDirectory.open(tmp_path / "data")
    assert check(directory).ok
    assert rebuild(directory).hex() == reply.root


async def test_it_waits_for_the_data_directory_and_then_catches_up(
    start, client, replica, shared_nats, tmp_path
):
    index = Service.launch(
        "stemedb_index",
        tmp_path / "early",
        replica=replica,
        data_dir=tmp_path / "data",
        nats_url=shared_nats.url,
    )
    try:
        await eventually(lambda: any(event["event"] == "waiting" for event in index.events))
        with pytest.raises(Unavailable, match="no index service answers"):
            await client.root()
        start("ingest")
        await eventually(lambda: index.ready)
        size = (await appended(client, *claims(0, 3))).size
        assert (await client.root(RootRequest(wait_size=size))).keys == 3
        await eventually(lambda: index.get("/readyz")[0] == 200)
    finally:
        index.kill()


async def test_it_follows_the_log_without_any_event(start, replica, tmp_path):
    directory = ReplicaDirectory.create(tmp_path / "data", replica)
    index = start("index", index_poll_ms=20)
    write(directory, [(parsed(claim), None) for claim in claims(0, 50)])  # nobody is told
    await eventually(lambda: index.metrics()["stemedb_index_applied_statements"] == 50)
    assert index.metrics()["stemedb_index_lag_statements"] == 0


async def test_metrics_and_health_tell_how_it_is(start, client):
    start("ingest")
    index = start("index")
    size = (await appended(client, *claims(0, 10))).size
    await client.query(QueryRequest(wait_size=size))
    with pytest.raises(NotFound):
        await client.get(GetRequest(id="ab" * 32))
    samples = index.metrics()
    assert samples["stemedb_index_keys"] == 10
    assert samples["stemedb_index_statements_total"] == 10
    assert samples["stemedb_index_request_seconds_count{endpoint=query,outcome=ok}"] == 1
    assert samples["stemedb_index_request_seconds_count{endpoint=get,outcome=not_found}"] == 1
    assert samples["stemedb_index_visible_seconds_count"] >= 1
    assert samples["stemedb_index_file_bytes{thread=writing}"] > 0
    assert index.get("/healthz")[0] == 200


async def test_a_second_index_on_the_same_directory_is_refused(start, client, replica, shared_nats, tmp_path):
    start("ingest")
    start("index")
    second = Service.launch(
        "stemedb_index",
        tmp_path / "second",
        replica=replica,
        data_dir=tmp_path / "data",
        nats_url=shared_nats.url,
    )
    assert second.end() == 78
    assert "another process writes here" in second.stderr
    assert len(second.stderr.splitlines()) == 1


async def test_a_map_that_is_ahead_of_its_ledger_is_refused(start, client, replica, shared_nats, tmp_path):
    ingest = start("ingest")
    index = start("index")
    size = (await appended(client, *claims(0, 10))).size
    await client.root(RootRequest(wait_size=size))
    index.stop()
    ingest.stop()
    (tmp_path / "data" / "index" / "map.mst").rename(tmp_path / "map.mst")
    for part in ("wal", "log", "ids"):
        (tmp_path / "data" / part).rename(tmp_path / part)
        (tmp_path / "data" / part).mkdir()
    (tmp_path / "map.mst").rename(tmp_path / "data" / "index" / "map.mst")
    start("ingest")
    restarted = Service.launch(
        "stemedb_index",
        tmp_path / "again",
        replica=replica,
        data_dir=tmp_path / "data",
        nats_url=shared_nats.url,
    )
    assert restarted.end() == 78
    assert "has 10 entries of" in restarted.stderr
    assert "its ledger holds 0" in restarted.stderr


async def test_told_to_stop_in_the_middle_of_catching_up_it_is_gone_within_two_seconds(
    start, replica, tmp_path
):
    directory = ReplicaDirectory.create(tmp_path / "data", replica)
    write(directory, [(parsed(claim), None) for claim in claims(0, 30_000)])
    index = start("index")
    code, seconds = index.stop()
    assert (code, seconds < 2) == (0, True)
    with Projection.open(directory) as projection:
        assert projection.applied < 30_000
    index = start("index")
    await eventually(lambda: index.metrics()["stemedb_index_applied_statements"] == 30_000)
    assert index.stop()[0] == 0
    assert check(directory).ok


async def test_rot_in_the_map_ends_it_with_the_place_and_rebuilding_helps(
    start, client, replica, shared_nats, tmp_path
):
    start("ingest")
    directory = ReplicaDirectory.open(tmp_path / "data")
    index = start("index")
    size = (await appended(client, *claims(0, 499))).size
    await client.root(RootRequest(wait_size=size))
    index.stop()
    compact(directory)
    index = start("index")
    size = (await appended(client, *claims(499, 500))).size
    root = (await client.root(RootRequest(wait_size=size))).root
    index.stop()
    damage_first_node(directory)
    index = start("index")
    with pytest.raises(Fatal, match=r"map\.mst: offset"):
        await client.query(QueryRequest(prefix="pkg://pypi", limit=1000))
    assert index.end() == 70
    assert "map.mst: offset" in index.stderr
    rebuild(directory)
    start("index")
    assert (await client.root()).root == root
    assert len((await client.query(QueryRequest(prefix="pkg://pypi", limit=1000))).claims) == 500


async def test_without_nats_it_goes_on_applying_and_answers_again_when_it_is_back(
    own_nats, replica, tmp_path
):
    directory = ReplicaDirectory.create(tmp_path / "data", replica)
    settings = {
        "replica": replica,
        "data_dir": tmp_path / "data",
        "nats_url": own_nats.url,
        "index_poll_ms": 20,
    }
    with running("stemedb_index", tmp_path / "index", **settings) as index:
        own_nats.kill()
        write(directory, [(parsed(claim), None) for claim in claims(0, 40)])
        await eventually(lambda: index.metrics()["stemedb_index_applied_statements"] == 40)
        await eventually(lambda: index.get("/readyz")[0] == 503)
        with running_server(own_nats.store, port=own_nats.port):
            await eventually(lambda: index.get("/readyz")[0] == 200)
            async with await Client.connect(own_nats.url, replica) as client:
                assert (await client.root()).keys == 40
        assert index.process.poll() is None


async def test_without_any_nats_at_the_start_it_says_so_in_one_line(replica, tmp_path):
    settings = {"replica": replica, "data_dir": tmp_path / "data", "nats_wait_s": 0.2}
    index = Service.launch("stemedb_index", tmp_path / "index", nats_url="nats://127.0.0.1:9", **settings)
    assert index.end() == 69
    assert "nats" in index.stderr
    assert len(index.stderr.splitlines()) == 1


async def test_it_follows_a_log_whose_derived_files_were_made_anew(start, replica, tmp_path):
    directory = ReplicaDirectory.create(tmp_path / "data", replica)
    write(directory, [(parsed(claim), None) for claim in claims(0, 50)])
    index = start("index", index_poll_ms=20)
    await eventually(lambda: index.metrics()["stemedb_index_applied_statements"] == 50)
    rebuild_ledger(directory)
    write(directory, [(parsed(claim), None) for claim in claims(50, 70)])
    await eventually(lambda: index.metrics()["stemedb_index_applied_statements"] == 70)
    index.stop()
    assert check(directory).ok


async def test_it_waits_for_a_ledger_that_must_be_repaired_first(
    start, client, replica, shared_nats, tmp_path
):
    directory = ReplicaDirectory.create(tmp_path / "data", replica)
    write(directory, [(parsed(claim), None) for claim in claims(0, 50)])
    (directory.log / "state").write_text('{"format": 1, "condition": "open", "boot": "another"}\n')
    settings = {"replica": replica, "data_dir": tmp_path / "data", "nats_url": shared_nats.url}
    index = Service.launch("stemedb_index", tmp_path / "early", **settings)
    try:
        await eventually(
            lambda: any("not repaired yet" in str(event.get("reason")) for event in index.events)
        )
        start("ingest")  # repairs it
        await eventually(lambda: index.ready)
        assert (await client.root(RootRequest(wait_size=50))).keys == 50
    finally:
        index.kill()
