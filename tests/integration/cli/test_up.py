"""``stemedb up`` from start to stop, and what can be done with its directory afterwards."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from support.command import REPLICA, Up, gone, stemedb
from support.waiting import eventually_sync, promised


@pytest.fixture
def own_up(tmp_path):
    running = Up(tmp_path / "data")
    try:
        yield running
    finally:
        running.kill_all()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was used and stopped; tests work on copies of it."""
    up = Up(tmp_path_factory.mktemp("stopped") / "data")
    try:
        lines = [
            json.dumps(
                {
                    "kind": "assertion",
                    "subject": f"care/{number}",
                    "predicate": "is",
                    "object": {"type": "number", "value": number},
                    "confidence": 1,
                    "source": {"tier": 4, "uri": "test:care"},
                    "lifecycle": "approved",
                    "agent": "tester",
                }
            )
            for number in range(300)
        ]
        receipt = up.run("publish", "--json", stdin="\n".join(lines).encode()).records[-1]
        up.run("vote", receipt["id"], "1", "--agent", "x")
        up.run("epoch", "now")
        up.run("query", "care/1", "--wait-size", 302)
        stops_within_two_seconds(up, signal.SIGINT)
    finally:
        up.kill_all()
    return up.data


def stops_within_two_seconds(up: Up, number: signal.Signals) -> None:
    started = time.monotonic()
    code, err = up.end(number)
    assert time.monotonic() - started < promised(2)
    assert code == 0
    assert "error" not in err
    assert all(gone(pid) for pid in up.facts["pids"].values())


@pytest.fixture
def data(stopped, tmp_path):
    return Path(shutil.copytree(stopped, tmp_path / "data"))


def test_a_process_that_is_killed_comes_back_and_sigterm_stops_all(own_up):
    receipt = own_up.run("publish", "a", "b", "c", "--json").record
    for service in ("nats-server", "ingest", "index"):
        os.kill(own_up.facts["pids"][service], signal.SIGKILL)
        assert "killed by SIGKILL" in own_up.wait_for("restarting", service)["detail"]
        own_up.wait_for("ready", service)
    again = own_up.run("publish", "a", "b", "c", "--json").record
    assert again["duplicate"]
    assert again["id"] == receipt["id"]
    assert own_up.run("get", receipt["id"], "--json").record["index"] == receipt["index"]
    stops_within_two_seconds(own_up, signal.SIGTERM)


def test_nothing_is_left_when_up_itself_is_killed(own_up):
    own_up.process.kill()
    own_up.process.wait()
    for pid in own_up.facts["pids"].values():
        eventually_sync(lambda pid=pid: gone(pid))


def test_a_service_that_cannot_go_on_stops_everything_with_its_reason(data):
    (segment,) = (data / "wal").glob("*.wal")
    with segment.open("r+b") as file:
        file.seek(2000)
        file.write(b"\xaa" * 64)
    shutil.rmtree(data / "log")
    shutil.rmtree(data / "ids")
    done = stemedb(
        "up",
        "--data",
        data,
        "--replica",
        REPLICA,
        "--nats",
        "nats://127.0.0.1:0",
        "--ingest-http",
        0,
        "--index-http",
        0,
    )
    assert done.code == 70
    assert segment.name in done.err
    assert "offset" in done.err


def test_fsck_of_a_sound_directory_finds_nothing(data):
    done = stemedb("fsck", "--data", data, "--json")
    assert done.code == 0
    checked = {row["store"]: row for row in done.records}
    assert checked.keys() == {"wal", "log", "ids", "tree"}
    assert all(row["ok"] for row in checked.values())
    assert checked["wal"]["checked"] == 302
    assert checked["tree"]["checked"] == 302
    assert "wal" in stemedb("fsck", "--data", data).out


@pytest.mark.parametrize("damaged", ["wal", "log", "ids", "tree"])
def test_fsck_finds_a_flipped_byte_and_rebuild_mends_what_is_derived(data, damaged):
    before = stemedb("fsck", "--data", data, "--json").records
    identity = bytes.fromhex(stemedb("dump", "wal", "--data", data, "--json").records[150]["id"])
    (segment,) = (data / "wal").glob("*.wal")
    places = {
        "wal": (segment, b"care/150"),
        "log": (data / "log" / "00", identity),
        "ids": (data / "ids" / "data.mdb", identity),
        "tree": (data / "index" / "map.mst", b"care/150"),
    }
    flip(*places[damaged])
    found = stemedb("fsck", "--data", data, "--json")
    assert found.code == 1
    assert damaged in [row["store"] for row in found.records if not row["ok"]]
    if damaged != "wal":
        assert stemedb("rebuild", "--data", data).code == 0
        assert stemedb("fsck", "--data", data, "--json").records == before


def flip(file: Path, text: bytes) -> None:
    """Flip a bit in every copy of ``text``: the file may hold older ones that nobody reads any more."""
    raw = file.read_bytes()
    assert text in raw
    file.write_bytes(raw.replace(text, bytes([text[0] ^ 1]) + text[1:]))


def test_rebuild_makes_everything_anew_from_the_wal_alone(data):
    before = stemedb("fsck", "--data", data, "--json").records
    for store in ("log", "ids", "index"):
        shutil.rmtree(data / store)
        (data / store).mkdir()
    assert stemedb("rebuild", "--data", data).code == 0
    assert stemedb("fsck", "--data", data, "--json").records == before


def test_compact_keeps_the_map(data):
    before = stemedb("dump", "tree", "--data", data).out
    done = stemedb("compact", "--data", data, "--json")
    assert done.code == 0
    assert done.record["bytes_after"] <= done.record["bytes_before"]
    assert stemedb("dump", "tree", "--data", data).out == before
    assert stemedb("fsck", "--data", data).code == 0


def test_dump_shows_records_and_entries_and_takes_ranges(data):
    wal = stemedb("dump", "wal", "--data", data, "--json").records
    assert [row["index"] for row in wal] == list(range(302))
    assert [row["kind"] for row in wal[-2:]] == ["vote", "epoch"]
    assert json.loads(wal[7]["statement"])["subject"] == "care/7"
    part = stemedb("dump", "wal", "--data", data, "--json", "--start", 10, "--end", 12).records
    assert part == wal[10:12]
    tree = stemedb("dump", "tree", "--data", data, "--json").records
    assert {row["id"] for row in tree} == {row["id"] for row in wal}
    assert len(stemedb("dump", "tree", "--data", data, "--start", 300).out.splitlines()) == 2


@pytest.mark.parametrize("command", ["fsck", "rebuild", "compact", "dump wal", "dump tree"])
def test_a_directory_without_a_replica_is_refused(tmp_path, command):
    done = stemedb(*command.split(), "--data", tmp_path / "nothing")
    assert (done.code, done.out) == (78, "")
    assert "--data" in done.err


@pytest.mark.parametrize("command", ["fsck", "dump wal"])
def test_a_directory_of_another_replica_is_refused(data, command):
    done = stemedb(*command.split(), "--data", data, "--replica", "other")
    assert done.code == 78
    assert REPLICA in done.err
