"""The images and ``compose.yaml`` as people deploy them."""

import asyncio
import json
import subprocess
import time
import urllib.request

import pytest
from testcontainers.compose import DockerCompose

from stemedb.bus.client import Client
from stemedb.bus.messages import GetRequest, ProveRequest, QueryRequest
from stemedb.projection import verify_proof_file
from support.statement_json import assertion, encode
from support.waiting import eventually

pytestmark = pytest.mark.docker

NATS_PORT, MONITOR_PORT, HTTP_PORT = 4222, 8222, 9464
STOP_S_MAX = 4.0  # 2 s of our own, and what the engine takes to notice and to clean up


def _url(deployment: DockerCompose) -> str:
    host, port = deployment.get_service_host_and_port("nats", NATS_PORT)
    return f"nats://{host}:{port}"


def _http(deployment: DockerCompose, service: str, path: str) -> str:
    host, port = deployment.get_service_host_and_port(service, HTTP_PORT)
    with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


async def test_a_published_claim_comes_back_with_a_proof(deployment):
    body = encode(assertion(subject="pkg://pypi/deployed/1.0"))
    async with await Client.connect(_url(deployment), "alpha") as client:
        receipt = (await client.append(body)).receipts[0]
        found = await client.get(GetRequest(id=receipt.id, wait_size=receipt.index + 1))
        page = await client.query(QueryRequest(subject="pkg://pypi/deployed/1.0"))
        proof = await client.prove(ProveRequest(id=receipt.id))
    assert found.id == receipt.id
    assert [claim.id for claim in page.claims] == [receipt.id]
    verified = verify_proof_file(json.dumps(proof.proof).encode())
    assert verified.claim == "included"
    assert verified.id.hex() == receipt.id


def test_the_monitor_of_the_nats_server_answers_outside_of_its_container(deployment):
    host, port = deployment.get_service_host_and_port("nats", MONITOR_PORT)
    with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=5) as answer:
        assert json.loads(answer.read()) == {"status": "ok"}


@pytest.mark.parametrize("service", ["ingest", "index"])
def test_a_service_is_ready_and_exports_its_metrics(deployment, service):
    assert json.loads(_http(deployment, service, "/readyz")) == {"ready": True}
    assert f'stemedb_service_info{{replica="alpha",service="{service}"' in _http(
        deployment, service, "/metrics"
    )


@pytest.mark.parametrize("service", ["ingest", "index"])
def test_a_service_runs_unprivileged_on_a_read_only_root(deployment, service):
    uid, _, _ = deployment.exec_in_container(["id", "-u"], service)
    assert uid.strip() == "10001"
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        deployment.exec_in_container(["touch", "/opt/stemedb/x"], service)
    assert b"Read-only" in refusal.value.stderr


async def test_a_restart_keeps_what_was_acknowledged(deployment):
    bodies = [encode(assertion(subject=f"pkg://pypi/kept/{i}")) for i in range(50)]
    async with await Client.connect(_url(deployment), "alpha") as client:
        receipts = (await client.append(b"\n".join(bodies))).receipts
    started = time.monotonic()
    command = [*deployment.compose_command_property, "restart", "ingest", "index"]
    await asyncio.to_thread(
        subprocess.run, command, cwd=deployment.context, check=True, capture_output=True, timeout=60
    )
    assert time.monotonic() - started < 2 * STOP_S_MAX

    def ready(service: str) -> bool:
        try:
            return json.loads(_http(deployment, service, "/readyz")) == {"ready": True}
        except OSError:
            return False

    await eventually(lambda: ready("ingest") and ready("index"), deadline_s=30)
    async with await Client.connect(_url(deployment), "alpha") as client:
        for receipt in receipts:
            found = await client.get(GetRequest(id=receipt.id, wait_size=receipts[-1].index + 1))
            assert found.index == receipt.index
