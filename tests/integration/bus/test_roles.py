"""Real services as the users of the deployed NATS server: what they are allowed is enough for all they do."""

import json

import pytest

from stemedb.bus.client import Client
from stemedb.bus.messages import ControlRequest, FindingsRequest, GetRequest
from stemedb.errors import NotFound, StemeError
from support.publishing import assertion, lines
from support.roles import deployed_nats, inbox
from support.services import Service
from support.uploading import archive, scanned, upload
from support.waiting import eventually

DEADLINE_S = 90.0
REALM = bytes(range(32)).hex()
SERVICES = ("ingest", "index", "sync")
CODE = "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=False, timeout=5)\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two replicas, east and west, on one server; yields the server and the services by name."""
    folder = tmp_path_factory.mktemp("site")
    running = {}
    with deployed_nats(tmp_path_factory.mktemp("nats")) as server:
        try:
            for replica in ("east", "west"):
                for service in (*SERVICES, "analysis") if replica == "east" else SERVICES:
                    name = f"{replica}-{service}"
                    own = {"realm_key": REALM} if service == "ingest" else {}
                    running[name] = Service.launch(
                        f"stemedb_{service}",
                        folder / name,
                        replica=replica,
                        data_dir=folder / replica,
                        nats_url=server.url(service),
                        nats_inbox=inbox(service),
                        nats_wait_s=60,
                        http_port=0,
                        **own,
                    )
            yield server, running
        finally:
            for service in running.values():
                service.kill()


async def test_what_a_publisher_writes_at_one_replica_a_reader_finds_at_the_other(site):
    server, running = site
    await eventually(lambda: all(service.ready for service in running.values()), deadline_s=DEADLINE_S)
    async with await Client.connect(server.url("publisher"), "east", wait_s=30) as publisher:
        receipts = (await publisher.append(lines(assertion(n) for n in range(50)))).receipts
        await publisher.nats.publish(publisher.subjects.assert_, lines([assertion(50)]))
        await publisher.nats.publish(publisher.subjects.assert_, b'{"kind": "no statement"}')
    async with await Client.connect(server.url("reader"), "west", wait_s=30) as reader:
        for receipt in receipts:
            await eventually(lambda: found(reader, receipt.id), deadline_s=DEADLINE_S)  # noqa: B023 - awaited at once
    async with await Client.connect(server.url("operator"), "west", wait_s=30) as operator:

        async def level():
            (peer,) = (await operator.control(ControlRequest(action="peers"))).peers
            return peer.lag_statements == 0 and peer.roots_equal and peer.log_size == 51

        await eventually(level, deadline_s=DEADLINE_S)
        await eventually(lambda: messages(operator, "REJECTED", 1), deadline_s=DEADLINE_S)
        await eventually(lambda: messages(operator, "INTAKE", 0), deadline_s=DEADLINE_S)
        for service in SERVICES:
            reply = await operator.nats.request(f"$SRV.PING.stemedb-{service}", b"", timeout=30)
            assert json.loads(reply.data)["name"] == f"stemedb-{service}"


async def found(reader, statement):
    try:
        return await reader.get(GetRequest(id=statement))
    except NotFound:
        return None


async def messages(operator, stream, count):
    info = await operator.nats.jetstream().stream_info(f"STEMEDB_east_{stream}")
    return info.state.messages == count


async def test_an_operator_uploads_code_and_analysis_publishes_what_it_says(site):
    server, running = site
    await eventually(lambda: running["east-analysis"].ready, deadline_s=DEADLINE_S)
    async with await Client.connect(server.url("operator"), "east", wait_s=30, timeout_s=60) as operator:
        place = await upload(operator, "shop.tar.gz", archive({"app.py": CODE}))
        done = await scanned(operator, project="shop", object=place, deadline_s=DEADLINE_S)
    assert (done.state, done.files, done.reason) == ("done", 1, "")
    assert done.published >= 1
    async with await Client.connect(server.url("reader"), "east", wait_s=30) as reader:
        found = await reader.findings(FindingsRequest(project="shop", verdicts=("BLOCK", "FLAG", "PASS")))
    assert {finding.file for finding in found.findings} <= {"app.py"}


async def test_no_service_was_ever_refused_anything(site):
    _, running = site
    await eventually(lambda: all(service.ready for service in running.values()), deadline_s=DEADLINE_S)
    for name, service in running.items():
        refused = [event for event in service.events if "ermission" in json.dumps(event)]
        assert not refused, name


async def test_a_publisher_cannot_speak_as_sync(site):
    server, running = site
    await eventually(lambda: running["east-ingest"].ready, deadline_s=DEADLINE_S)
    async with await Client.connect(server.url("publisher"), "east", wait_s=30, timeout_s=0.5) as publisher:
        with pytest.raises(StemeError, match="no answer"):
            await publisher.call(publisher.subjects.replicate, b"")
        with pytest.raises(StemeError, match="no answer"):
            await publisher.control(ControlRequest(action="pause"))
