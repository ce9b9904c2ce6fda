"""The images and ``compose.yaml`` as people deploy them: it works, is confined, and lets nobody in who may not."""

import json
import re
import time
import urllib.request

import pytest
import yaml

from stemedb.bus.client import Client
from stemedb.bus.messages import ControlRequest, GetRequest, ProveRequest
from stemedb.errors import Refused, StemeError
from stemedb.projection import verify_proof_file
from support.deployment import ROOT, Deployment, docker
from support.smoke import smoke
from support.statement_json import assertion, encode
from support.uploading import archive, scanned, upload
from support.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]  # the first of them builds the images

SERVICES = ("ingest", "index", "sync")
OURS = [f"{replica}-{service}" for replica in ("east", "west") for service in SERVICES]
STOP_S_MAX = 4.0  # 2 s of our own, and what the engine takes to notice and to clean up
DEADLINE_S = 120.0


async def test_one_claim_goes_through_everything(deployment):
    await smoke(deployment)


async def test_a_published_claim_comes_back_with_a_proof(deployment):
    body = encode(assertion(subject="pkg://pypi/deployed/1.0"))
    async with await deployment.client("publisher", "east") as client:
        receipt = (await client.append(body)).receipts[0]
    async with await deployment.client("reader", "east") as client:
        found = await client.get(GetRequest(id=receipt.id, wait_size=receipt.index + 1))
        proof = await client.prove(ProveRequest(id=receipt.id))
    assert found.id == receipt.id
    verified = verify_proof_file(json.dumps(proof.proof).encode())
    assert (verified.claim, verified.id.hex()) == ("included", receipt.id)


@pytest.mark.parametrize("service", [*OURS, "analysis", "nats-monitor", "alert-log"])
def test_a_service_is_ready_and_exports_its_metrics(deployment, service):
    assert deployment.inside(service, "/readyz") == (200, '{"ready": true}\n\n')
    replica, _, name = service.rpartition("-") if service in OURS else ("", "", service)
    info = re.search(
        r"^stemedb_service_info\{(.*)\} 1\.0$", deployment.inside(service, "/metrics")[1], re.MULTILINE
    )
    assert f'service="{name}"' in info[1]
    assert not replica or f'replica="{replica}"' in info[1]


@pytest.mark.parametrize("service", [*OURS, "analysis", "nats-monitor", "alert-log"])
def test_a_service_runs_unprivileged_on_a_read_only_root_without_capabilities(deployment, service):
    script = "id -u; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status; touch /opt/stemedb/x || true"
    done = deployment.compose("exec", "-T", service, "sh", "-c", script)
    user, capabilities, privileges = done.stdout.decode().splitlines()
    assert user == "10001"
    assert int(capabilities.split()[1], 16) == 0
    assert privileges.split()[1] == "1"
    assert b"Read-only" in done.stderr


async def test_every_service_stops_within_two_seconds_and_says_that_it_was_asked_to(healthy):
    for service in [*OURS, "analysis", "nats-monitor", "alert-log"]:
        container = healthy.container(service)
        started = time.monotonic()
        docker("stop", "--time", "10", container)
        assert time.monotonic() - started < STOP_S_MAX, service
        assert healthy.state(service)["ExitCode"] == 0, service
    healthy.compose(
        "up", "--detach", "--wait", "--no-recreate", *OURS, "analysis", "nats-monitor", "alert-log"
    )


def test_nothing_listens_beyond_loopback(deployment):
    for container in deployment.compose("ps", "--quiet").stdout.decode().split():
        ports = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Ports}}", container))
        for bound in ports.values():
            assert {binding["HostIp"] for binding in bound or []} <= {"127.0.0.1"}


async def test_the_settings_of_the_example_are_refused_by_name(engine):
    example = Deployment({}, ["--file", "compose.yaml", "--env-file", ".env.example"])
    done = example.compose("up", "--wait", check=False)
    assert done.returncode != 0
    assert re.search(rb"required variable STEMEDB_\w+ is missing a value: set it in \.env", done.stderr)


@pytest.mark.parametrize("credentials", ["", "publisher@", "sync:wrong@"])
async def test_nobody_comes_in_without_a_password(deployment, credentials):
    address = deployment.address("nats", 4222)
    with pytest.raises(Refused, match="does not let us in"):
        await Client.connect(f"nats://{credentials}{address}", "east", wait_s=5)


@pytest.mark.parametrize("password", ["changeme", "p@ss/w#rd-of-14"])
def test_the_nats_server_does_not_start_with_a_password_that_is_none(deployment, password):
    setting = f'STEMEDB_SYNC_PASSWORD="{password}"'
    done = deployment.compose("run", "--rm", "-T", "--no-deps", "--env", setting, "nats", check=False)
    assert done.returncode == 78
    assert b"STEMEDB_SYNC_PASSWORD " in done.stderr
    assert password.encode() not in done.stderr


async def test_a_service_with_a_wrong_password_says_so_and_ends(deployment):
    done = deployment.compose(
        *(
            "run",
            "--rm",
            "-T",
            "--no-deps",
            "--env",
            "STEMEDB_NATS_URL=nats://sync:wrong@nats:4222",
            "west-sync",
        ),
        check=False,
    )
    assert done.returncode == 78
    assert (
        b"stemedb sync: the nats server at nats://nats:4222 does not let us in" in done.stdout + done.stderr
    )
    assert b"wrong" not in done.stdout + done.stderr


async def test_a_publisher_cannot_speak_as_sync_or_as_an_operator(deployment):
    url = deployment.nats_url("publisher")
    async with await Client.connect(url, "east", wait_s=30, timeout_s=1) as publisher:
        with pytest.raises(StemeError, match="no answer"):
            await publisher.call(publisher.subjects.replicate, b"")
        with pytest.raises(StemeError, match="no answer"):
            await publisher.control(ControlRequest(action="pause"))
    async with await deployment.client("operator", "east") as operator:
        assert not (await operator.control(ControlRequest(action="peers"))).paused


async def test_analysis_scans_the_mounted_code_and_an_uploaded_tree(deployment):
    code = {"app.py": "import requests\n\nrequests.get('https://example.org', verify=False, timeout=5)\n"}
    async with await deployment.client("operator", "east") as operator:
        place = await upload(operator, "deployed.tar.gz", archive(code))
        sent = await scanned(operator, project="sent", object=place, deadline_s=DEADLINE_S)
        mounted = await scanned(operator, project="mounted", path="stemedb/bus", deadline_s=DEADLINE_S)
    assert (sent.state, sent.files, sent.reason) == ("done", 1, "")
    assert sent.published >= 1
    assert (mounted.state, mounted.reason) == ("done", "")
    assert mounted.files > 10


async def test_no_service_was_refused_anything_by_the_nats_server(deployment):
    said = deployment.compose("logs", "--no-color", *OURS, "analysis").stdout.decode()
    assert "ermissions violation" not in said


def test_prometheus_has_all_targets_all_rules_and_the_alertmanager(deployment):
    address = deployment.address("prometheus", 9090)

    def ask(path):
        with urllib.request.urlopen(f"http://{address}/api/v1/{path}", timeout=10) as answer:
            return json.loads(answer.read())["data"]

    targets = {
        target["scrapeUrl"]: target["health"] for target in ask("targets?state=active")["activeTargets"]
    }
    assert set(targets.values()) == {"up"}, targets
    for service in [*OURS, "analysis", "nats-monitor", "alert-log"]:
        assert any(f"//{service}:9464/" in url for url in targets)
    assert all(
        rule["health"] in {"ok", "unknown"} for group in ask("rules")["groups"] for rule in group["rules"]
    )
    assert [manager["url"] for manager in ask("alertmanagers")["activeAlertmanagers"]]


async def test_a_third_replica_is_one_command_and_prometheus_finds_it(healthy):
    services = [f"north-{service}" for service in SERVICES]
    healthy.compose("--profile", "north", "up", "--detach", "--wait", "--no-recreate", "north", *services)
    try:
        async with await healthy.client("publisher", "north") as client:
            receipt = (await client.append(encode(assertion(subject="pkg://pypi/from-north")))).receipts[0]
        async with await healthy.client("reader", "east") as client:

            async def found():
                try:
                    return await client.get(GetRequest(id=receipt.id))
                except StemeError:
                    return None

            await eventually(found, deadline_s=DEADLINE_S)
        query = 'stemedb_sync_lag_statements{replica="north"}'
        peers = await eventually(
            lambda: {series["peer"] for series, _ in healthy.prometheus(query)} >= {"east", "west"},
            deadline_s=DEADLINE_S,
        )
        assert peers
    finally:
        healthy.compose("--profile", "north", "rm", "--stop", "--force", "north", *services)


def test_the_images_are_small_and_ours_name_their_service(deployment):
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    images = {service["image"] for service in compose["services"].values() if "build" in service}
    base = int(docker("image", "inspect", "--format", "{{.Size}}", "python:3.13-slim-trixie"))
    for image in images:
        size, title = docker(
            "image",
            "inspect",
            "--format",
            '{{.Size}} {{index .Config.Labels "org.opencontainers.image.title"}}',
            image,
        ).split()
        assert title == image
        assert int(size) - base < 160e6
        assert (
            docker("run", "--rm", "--entrypoint", "sh", image, "-c", "ls /opt/stemedb/bin/pip* || true") == ""
        )
