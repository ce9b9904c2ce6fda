"""What a real nats-server says of itself becomes metrics, and a dead one is seen to be dead."""

import json

import pytest

from stemedb.bus import streams
from stemedb.bus.connection import close, connect
from stemedb.bus.subjects import Subjects
from support.nats import running_server
from support.services import Service
from support.waiting import eventually_sync

DEADLINE_S = 60.0


@pytest.fixture
def monitored(tmp_path):
    config = tmp_path / "nats.conf"
    config.write_text("http: 127.0.0.1:-1\n", encoding="utf-8")
    with running_server(tmp_path / "nats", config=config) as server:
        ports = json.loads((server.store / f"nats-server_{server.process.pid}.ports").read_bytes())
        service = Service.start(
            "stemedb.bus.nats_monitor", tmp_path / "monitor", nats_monitor_url=ports["monitoring"][0]
        )
        yield server, service
        service.kill()


async def test_the_depth_of_an_intake_and_the_traffic_are_shown(monitored):
    server, service = monitored
    client = await connect([server.url], name="test", wait_s=5)
    await streams.ensure_intake(client, Subjects("watched"), bytes_max=1 << 20)
    for _ in range(3):
        await client.jetstream().publish("stemedb.v1.watched.assert", b"{}")
    await close(client)
    labels = "consumer=ingest,stream=STEMEDB_watched_INTAKE"
    eventually_sync(
        lambda: service.metrics().get(f"stemedb_nats_consumer_pending{{{labels}}}") == 3.0,
        deadline_s=DEADLINE_S,
    )
    shown = service.metrics()
    assert shown["stemedb_nats_up"] == 1
    assert shown["stemedb_nats_stream_messages{stream=STEMEDB_watched_INTAKE}"] == 3
    assert shown["stemedb_nats_stream_bytes_max{stream=STEMEDB_watched_INTAKE}"] == 1 << 20
    assert shown[f"stemedb_nats_consumer_unacknowledged{{{labels}}}"] == 0
    assert shown["stemedb_nats_messages_total{direction=in}"] >= 3
    assert shown["stemedb_nats_jetstream_bytes"] > 0
    assert shown["stemedb_nats_start_time_seconds"] > 1_700_000_000


def test_a_server_that_is_gone_is_down_and_its_numbers_are_gone_too(monitored):
    server, service = monitored
    eventually_sync(lambda: service.metrics()["stemedb_nats_up"] == 1, deadline_s=DEADLINE_S)
    server.kill()
    eventually_sync(lambda: service.metrics()["stemedb_nats_up"] == 0, deadline_s=DEADLINE_S)
    assert not any(name.startswith("stemedb_nats_connections") for name in service.metrics())
    assert service.get("/readyz")[0] == 200, "its own health is not that of the server"
    assert service.stop()[0] == 0
