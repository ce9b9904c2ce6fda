"""The life of the index service as a process: starting, following, being killed, stopping, refusing."""

import signal
from contextlib import ExitStack

import pytest

from stemedb.bus.client import Client
from stemedb.bus.messages import GetRequest, QueryRequest, RootRequest
from stemedb.errors import NotFound, Unavailable
from stemedb.ledger import rebuild as rebuild_ledger
from stemedb.projection import Projection, check, compact, rebuild
from stemedb.storage.replica import ReplicaDirectory
from support.histories import damage_first_node, parsed, write
from support.nats import running_server
from support.services import Service, running
from support.statement_json import assertion, encode
from support.waiting import eventually, promised


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


async def test_killed_while_applying_it_reads_on_and_ends_with_the_same_root(start, client, tmp_path):
    start("ingest")
    index = start("index")
    size, reply = 0, None
    for n in range(15):
        size = (await appended(client, *claims(300 * n, 300 * n + 300))).size
        if n % 5 == 3:
            # Somewhere in the middle of merging or committing, or between the two.
            index.process.send_signal(signal.SIGKILL)
            index.process.wait()
            index = start("index")
    reply = await client.root(RootRequest(wait_size=size, timeout_ms=20_000))
    assert reply.applied == size == reply.keys
    code, seconds = index.stop()
    assert (code, seconds < promised(2)) == (0, True)
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
    write(directory, [(parsed(claim), None) for claim in claims(0, 20_000)])
    index = start("index")
    code, seconds = index.stop()
    assert (code, seconds < promised(2)) == (0, True)
    with Projection.open(directory) as projection:
        assert projection.applied < 20_000
    index = start("index")
    await eventually(lambda: index.metrics()["stemedb_index_applied_statements"] == 20_000)
    assert index.stop()[0] == 0
    assert check(directory).ok


async def test_rot_in_the_map_is_found_counted_and_mended_from_the_log(
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
    everything = QueryRequest(prefix="pkg://pypi", limit=1000)
    with pytest.raises(Unavailable, match="the map is damaged, and is made anew"):
        await client.query(everything)
    assert len((await client.query(everything.model_copy(update={"wait_size": size}))).claims) == 500
    assert (await client.root()).root == root
    assert index.metrics()["stemedb_integrity_failures_total{kind=map}"] == 1
    (told,) = [event for event in index.events if "damaged" in event["event"]]
    assert "map.mst: offset" in told["error"]
    assert (directory.index / "map.mst.damaged-1").exists()
    assert check(directory).ok


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
