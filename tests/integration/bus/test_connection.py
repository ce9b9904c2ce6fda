"""The connection and the embedded server: told at once what is missing, and no outage is the end."""

import asyncio

import pytest

from stemedb.bus import bulk, connection
from stemedb.bus.client import Client
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.logs import logger
from stemedb.bus.nats_server import NatsServer
from stemedb.bus.settings import ServiceSettings
from stemedb.errors import InvalidInput, Refused, Unavailable
from support.nats import running_server
from support.waiting import eventually


def test_a_free_port_is_taken_and_the_server_is_gone_after_stop(tmp_path):
    server = NatsServer.start(tmp_path)
    assert server.port > 0
    server.stop()
    assert server.process.poll() is not None
    server.stop()


def test_a_taken_port_is_refused_with_the_servers_own_words(own_nats, tmp_path):
    with pytest.raises(Refused, match="address already in use"):
        NatsServer.start(tmp_path, port=own_nats.port)


def test_a_wrong_configuration_is_refused(tmp_path):
    config = tmp_path / "nats.conf"
    config.write_text("no_such_option: 1\n", encoding="utf-8")
    with pytest.raises(Refused, match="no_such_option"):
        NatsServer.start(tmp_path / "store", config=config)


async def test_jetstream_survives_a_restart_of_the_server(tmp_path):
    with running_server(tmp_path) as server:
        async with await Client.connect(server.url, "a") as client:
            await client.nats.jetstream().add_stream(name="S", subjects=["s"])
            await client.nats.jetstream().publish("s", b"kept")
        server.kill()
        with running_server(tmp_path) as again:
            async with await Client.connect(again.url, "a") as client:
                assert (await client.nats.jetstream().get_msg("S", 1)).data == b"kept"


async def test_no_server_is_unavailable_within_the_wait(own_nats):
    own_nats.kill()
    with pytest.raises(Unavailable, match="set STEMEDB_NATS_URL"):
        await connection.connect([own_nats.url], name="test", wait_s=0.3)


@pytest.mark.parametrize(
    "url", ["nats://127.0.0.1:notaport", "127.0.0.1:4222", "http://127.0.0.1", "nats://", ""]
)
async def test_what_is_no_url_of_a_server_is_refused(url):
    with pytest.raises(Refused, match="STEMEDB_NATS_URL"):
        await connection.connect([url], name="test", wait_s=0.3)


async def test_a_server_that_says_nothing_is_unavailable():
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable):
            await connection.connect([f"nats://127.0.0.1:{port}"], name="test", wait_s=0.2)


async def test_a_bad_replica_name_is_refused_before_connecting():
    with pytest.raises(InvalidInput):
        await Client.connect("nats://127.0.0.1:1", "Not.A.Name")


async def test_what_is_published_during_an_outage_arrives_after_it(own_nats):
    client = await connection.connect([own_nats.url], name="test", wait_s=3)
    own_nats.kill()
    await eventually(lambda: not client.is_connected)
    assert connection.is_ready(client) is not None
    got = []

    async def on_message(message):
        got.append(message.data)

    await client.subscribe("s", cb=on_message)
    await client.publish("s", b"late")
    with running_server(own_nats.store, port=own_nats.port):
        await eventually(lambda: got == [b"late"])
        assert connection.is_ready(client) is None
        await connection.close(client)


async def test_many_empty_publishes_arrive_each_once_and_in_order(shared_nats, replica):
    async with await Client.connect(shared_nats.url, replica) as client:
        got = []

        async def on_message(message):
            got.append((message.subject, message.data))

        await client.nats.subscribe(f"{replica}.>", cb=on_message)
        subjects = [f"{replica}.{i}" for i in range(bulk.CHUNK_COUNT * 2 + 1)]
        await bulk.publish_empty(client.nats, subjects)
        await eventually(lambda: len(got) == len(subjects))
        assert got == [(subject, b"") for subject in subjects]


async def test_a_connection_closed_for_good_ends_the_service(shared_nats):
    lifetime = Lifetime()
    settings = ServiceSettings(nats_url=shared_nats.url)
    async with connection.connected(settings, service="test", lifetime=lifetime, log=logger()) as client:
        await client._send_command(b"NONSENSE\r\n")
        await client._flush_pending()
        await eventually(lambda: lifetime.failure)
    assert isinstance(lifetime.failure, Unavailable)
    assert "for good" in lifetime.failure.message


@pytest.mark.parametrize("noticed", [True, False])
async def test_closing_while_the_server_is_gone_leaves_no_task_behind(own_nats, noticed):
    before = asyncio.all_tasks()
    client = await connection.connect([own_nats.url], name="test", wait_s=3)
    own_nats.kill()
    if noticed:
        await eventually(lambda: not client.is_connected)
    await connection.close(client)
    await eventually(lambda: asyncio.all_tasks() == before)


@pytest.mark.parametrize("user", ["", "somebody:wrong@"])
async def test_a_server_that_does_not_let_us_in_is_refused_and_no_password_shown(tmp_path, user):
    config = tmp_path / "nats.conf"
    config.write_text("authorization { user: somebody, password: right }\n", encoding="utf-8")
    with NatsServer.start(tmp_path / "store", config=config) as server:
        url = server.url.replace("nats://", f"nats://{user}")
        with pytest.raises(Refused, match="does not let us in; set STEMEDB_NATS_CREDENTIALS") as refusal:
            await connection.connect([url], name="test", wait_s=0.5)
    assert "wrong" not in refusal.value.message


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
        ("nats://user:p@ss@host:1", "nats://host:1"),
        ("tls://token@host", "tls://host"),
        ("user:secret@host", "host"),
    ],
)
def test_a_server_is_shown_without_its_password(server, shown):
    assert connection.without_password(server) == shown
