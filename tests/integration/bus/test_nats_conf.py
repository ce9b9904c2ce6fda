"""``services/nats``: who may do what on the deployed server, and that the one for a host stays on loopback."""

import json
import socket
import subprocess
from pathlib import Path

import nats
import pytest

from stemedb.bus.nats_server import find_binary
from support.roles import ROLES, deployed_nats, inbox, password, passwords, start
from support.waiting import eventually_sync

CONFIGS = Path(__file__).parents[3] / "services" / "nats"
DEADLINE_S = 60.0

SERVICES = {"ingest", "index", "sync", "analysis"}
PEOPLE = {"publisher", "reader", "operator"}
WRITERS = {"publisher", "operator"}

PUBLISH = {
    "stemedb.v1.east.assert": WRITERS,
    "stemedb.v1.east.vote": WRITERS,
    "stemedb.v1.east.epoch": WRITERS,
    "stemedb.v1.east.rejected": {"ingest"},
    "stemedb.v1.east.ingest.append": WRITERS | {"analysis"},
    "stemedb.v1.east.ingest.replicate": {"sync"},
    "stemedb.v1.east.ingest.status": PEOPLE | {"ingest", "sync", "analysis"},
    "stemedb.v1.east.event.committed": {"ingest"},
    "stemedb.v1.east.event.indexed": {"index"},
    "stemedb.v1.east.event.finding": {"analysis"},
    "stemedb.v1.east.event.scan": {"analysis"},
    "stemedb.v1.east.index.query": PEOPLE | {"analysis"},
    "stemedb.v1.east.sync.digest": {"sync", "reader", "operator"},
    "stemedb.v1.east.sync.range": {"sync"},
    "stemedb.v1.east.sync.subtree": {"sync"},
    "stemedb.v1.east.sync.control": {"operator"},
    "stemedb.v1.east.analysis.scan": {"operator"},
    "stemedb.v1.east.analysis.findings": {"reader", "operator"},
    "stemedb.v1.east.analysis.status": {"reader", "operator", "analysis"},
    "stemedb.v1.digest": {"sync"},
    "$SRV.PING": {"reader", "operator"},
    "$JS.API.STREAM.CREATE.STEMEDB_east_INTAKE": {"ingest", "operator"},
    "$JS.API.STREAM.DELETE.STEMEDB_east_INTAKE": {"operator"},
    "$JS.API.STREAM.PURGE.STEMEDB_east_INTAKE": {"operator"},
    "$JS.API.STREAM.MSG.GET.STEMEDB_east_INTAKE": {"operator"},
    "$JS.API.CONSUMER.DURABLE.CREATE.STEMEDB_east_INTAKE.ingest": {"ingest", "operator"},
    "$JS.API.CONSUMER.DURABLE.CREATE.STEMEDB_east_INTAKE.thief": {"operator"},
    "$JS.API.CONSUMER.MSG.NEXT.STEMEDB_east_INTAKE.ingest": {"ingest", "operator"},
    "$JS.ACK.STEMEDB_east_INTAKE.ingest.1.1.1.1.1": {"ingest"},
    "$JS.API.CONSUMER.CREATE.OBJ_code.any": {"analysis", "operator"},
    "$JS.API.CONSUMER.CREATE.OBJ_other.any": {"operator"},
    "$O.code.C.x": {"operator"},
    "_INBOX.x": SERVICES,
    "_INBOX_ingest.x": {"ingest"},
    "_INBOX_index.x": set(),
    "_INBOX_sync.x": {"ingest", "sync"},
    "_INBOX_analysis.x": {"ingest", "index", "analysis"},
    "$SYS.REQ.SERVER.PING": set(),
    "elsewhere": set(),
}
"""Every kind of subject, and exactly who may publish there."""

SUBSCRIBE = {
    "stemedb.v1.east.assert": set(),
    "stemedb.v1.east.rejected": PEOPLE,
    "stemedb.v1.*.ingest.append": {"ingest"},
    "stemedb.v1.*.ingest.replicate": {"ingest"},
    "stemedb.v1.*.event.committed": {"index", "sync", "analysis", "reader", "operator"},
    "stemedb.v1.*.event.indexed": {"sync", "analysis", "reader", "operator"},
    "stemedb.v1.*.event.finding": {"reader", "operator"},
    "stemedb.v1.*.index.get": {"index"},
    "stemedb.v1.*.sync.range": {"sync"},
    "stemedb.v1.*.sync.control": {"sync"},
    "stemedb.v1.*.analysis.scan": {"analysis"},
    "stemedb.v1.digest": {"sync", "reader", "operator"},
    "$SRV.PING.>": SERVICES,
    "_INBOX.>": PEOPLE,
    "_INBOX_ingest.>": {"ingest"},
    "_INBOX_index.>": {"index"},
    "_INBOX_sync.>": {"sync"},
    "_INBOX_analysis.>": {"analysis"},
    "stemedb.>": set(),
    "$JS.>": set(),
    ">": set(),
}
"""The same for subscriptions."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with deployed_nats(tmp_path_factory.mktemp("deployed")) as running:
        yield running


async def refusals(server, role, act):
    """Return what the server refused to `role` while `act` did its work, and what was asked."""
    refused = []

    async def note(error):
        refused.append(str(error))

    client = await nats.connect(server.url(role), error_cb=note, allow_reconnect=False)
    try:
        await act(client)
        await client.flush(timeout=DEADLINE_S)
        # The server answers in order: with this flush also the refusals of the first one have been handed out.
        await client.flush(timeout=DEADLINE_S)
    finally:
        await client.close()
    return refused


def named(refused, subject):
    return any(f'"{subject}"'.lower() in text.lower() for text in refused)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_publish_what_it_needs_and_nothing_else(server, role):
    async def publish_all(client):
        for subject in PUBLISH:
            await client.publish(subject, b"")

    refused = await refusals(server, role, publish_all)
    allowed = {subject for subject in PUBLISH if not named(refused, subject)}
    assert allowed == {subject for subject, roles in PUBLISH.items() if role in roles}


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_subscribe_to_what_it_needs_and_nothing_else(server, role):
    async def subscribe_all(client):
        for subject in SUBSCRIBE:
            await client.subscribe(subject)

    refused = await refusals(server, role, subscribe_all)
    allowed = {subject for subject in SUBSCRIBE if not named(refused, subject)}
    assert allowed == {subject for subject, roles in SUBSCRIBE.items() if role in roles}


async def test_analysis_reads_the_archives_that_an_operator_put_there(server):
    operator = await nats.connect(server.url("operator"))
    analysis = await nats.connect(server.url("analysis"), inbox_prefix=inbox("analysis"), error_cb=quiet)
    try:
        archive = bytes(range(256)) * 1024
        store = await operator.jetstream().create_object_store("code")
        await store.put("tree.tar", archive)
        found = await analysis.jetstream(timeout=DEADLINE_S).object_store("code")
        assert (await found.get("tree.tar")).data == archive
    finally:
        await analysis.close()
        await operator.close()


async def quiet(_error):
    """Say nothing: what goes wrong is raised as well."""


def greeting(server, **who):
    """Return the first word of the server to a client that says so of itself."""
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_S) as connection,
        connection.makefile("rwb") as stream,
    ):
        assert stream.readline().startswith(b"INFO ")
        stream.write(b"CONNECT " + json.dumps({"verbose": False, **who}).encode() + b"\r\nPING\r\n")
        stream.flush()
        return stream.readline().decode().strip()


@pytest.mark.parametrize(
    "who",
    [
        {},
        {"user": "publisher"},
        {"user": "publisher", "pass": "wrong"},
        {"user": "nobody", "pass": password("publisher")},
        {"user": "sync", "pass": password("publisher")},
    ],
)
def test_nobody_comes_in_without_the_password_of_their_role(server, who):
    assert greeting(server, user="publisher", **{"pass": password("publisher")}) == "PONG"
    assert greeting(server, **who) == "-ERR 'Authorization Violation'"


@pytest.mark.parametrize("missing", sorted(passwords()))
def test_without_one_of_the_passwords_the_server_does_not_start(tmp_path, missing):
    given = {name: value for name, value in passwords().items() if name != missing}
    process = start(tmp_path, given)
    try:
        assert process.wait(DEADLINE_S) == 1
    finally:
        process.kill()
        process.wait()
    assert missing in (tmp_path / "log").read_text(encoding="utf-8")


def test_the_inboxes_of_services_are_told_apart():
    assert len({inbox(role) for role in SERVICES}) == len(SERVICES)


def test_the_server_for_a_host_has_both_ports_on_loopback(tmp_path):
    log = tmp_path / "log"
    command = [find_binary(), "--config", str(CONFIGS / "local.conf"), "-p", "-1", "--http_port", "-1"]
    process = subprocess.Popen([*command, "-l", str(log)], cwd=tmp_path, stdin=subprocess.DEVNULL)
    try:
        eventually_sync(
            lambda: log.exists() and "Server is ready" in log.read_text(encoding="utf-8"),
            deadline_s=DEADLINE_S,
        )
    finally:
        process.kill()
        process.wait()
    words = log.read_text(encoding="utf-8")
    assert "Starting http monitor on 127.0.0.1:" in words
    assert "Listening for client connections on 127.0.0.1:" in words
