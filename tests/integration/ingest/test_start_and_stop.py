"""How ingest starts, refuses to start, and ends: one line that says what to do, and never more than two seconds."""

import asyncio
import json
import socket

import pytest

from stemedb.bus import exit_codes
from stemedb.bus.client import Client
from stemedb.storage.replica import ReplicaDirectory
from support.publishing import assertion, line, lines
from support.waiting import eventually_sync, promised


def one_line(refused, code, *parts):
    assert refused.code == code, refused.stderr
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("stemedb ingest: ")
    for part in parts:
        assert part in refused.stderr


def test_it_says_ready_once_and_then_answers(ingest):
    with ingest.running() as service:
        assert [event["event"] for event in service.events] == ["ready"]
        assert service.ready["replica"] == ingest.replica
        assert service.get("/readyz") == (200, '{"ready": true}\n')


def test_sigterm_ends_it_within_two_seconds(ingest):
    with ingest.running() as service:
        code, seconds = service.stop()
    assert (code, service.stderr) == (0, "")
    assert seconds < promised(2)


async def test_sigterm_under_load_ends_it_within_two_seconds_and_loses_nothing(ingest, client):
    with ingest.running() as service:
        for start in range(0, 20_000, 1000):
            body = lines([assertion(i) for i in range(start, start + 1000)])
            await client.nats.jetstream().publish(client.subjects.assert_, body)
        code, seconds = service.stop()
        assert code == 0
        assert seconds < promised(2)
    with ingest.running() as service:
        eventually_sync(lambda: service.metrics()["stemedb_log_size"] == 20_000)
    assert len(set(ingest.stored())) == 20_000


def test_a_second_writer_is_refused_in_one_line(ingest):
    with ingest.running():
        one_line(ingest.refused(), exit_codes.CONFIG, "STEMEDB_DATA_DIR")


def test_another_ingest_of_the_same_replica_is_refused_whatever_its_directory(ingest, tmp_path):
    with ingest.running():
        refused = ingest.refused(data_dir=tmp_path / "other")
        one_line(refused, exit_codes.CONFIG, f"replica {ingest.replica}", "STEMEDB_REPLICA")


def test_a_password_is_not_in_the_log(ingest):
    url = ingest.settings["nats_url"].replace("nats://", "nats://name:hidden@")
    with ingest.running(nats_url=url) as service:
        assert "hidden" not in service.out.read_text()


def test_no_nats_server_is_one_line(ingest):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    refused = ingest.refused(nats_url=f"nats://127.0.0.1:{port}", nats_wait_s=0.3)
    one_line(refused, exit_codes.UNAVAILABLE, f"127.0.0.1:{port}", "STEMEDB_NATS_URL")


def test_a_port_in_use_is_one_line(ingest):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        one_line(ingest.refused(http_port=port), exit_codes.CONFIG, str(port), "STEMEDB_HTTP_PORT")


def test_the_directory_of_another_replica_is_one_line(ingest):
    ReplicaDirectory.create(ingest.data, "somebody-else")
    one_line(ingest.refused(), exit_codes.CONFIG, "somebody-else", "STEMEDB_REPLICA")


def test_a_directory_of_a_newer_format_is_one_line(ingest):
    ReplicaDirectory.create(ingest.data, ingest.replica)
    identity = ingest.data / "replica.json"
    identity.write_text(json.dumps(json.loads(identity.read_text()) | {"format": 99}), encoding="utf-8")
    one_line(ingest.refused(), exit_codes.CONFIG, "99", "upgrade it")


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"replica": "Not.A.Name"}, "STEMEDB_REPLICA"),
        ({"http_port": "http"}, "STEMEDB_HTTP_PORT"),
        ({"signatures": "sometimes"}, "STEMEDB_SIGNATURES"),
        ({"signing_keys": "not-a-key"}, "STEMEDB_SIGNING_KEYS"),
    ],
)
def test_a_setting_that_does_not_fit_is_one_line_with_its_name(ingest, settings, part):
    one_line(ingest.refused(**settings), exit_codes.CONFIG, part)


def test_damage_before_the_tail_stops_it_with_the_place(ingest, shared_nats):
    async def fill():
        async with await Client.connect(shared_nats.url, ingest.replica) as client:
            for number in range(20):
                await client.append(line(assertion(number)))

    with ingest.running():
        asyncio.run(fill())
    segment = min(ingest.data.joinpath("wal").glob("*.wal"))
    damaged = bytearray(segment.read_bytes())
    at = damaged.index(b"package-3")
    damaged[at] ^= 1
    segment.write_bytes(damaged)
    for derived in ("log", "ids"):
        for file in ingest.data.joinpath(derived).iterdir():
            file.unlink()
    one_line(ingest.refused(), exit_codes.FATAL, segment.name, "stemedb fsck")
