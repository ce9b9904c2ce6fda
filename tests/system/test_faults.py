"""What breaks under a deployment, and that nothing acknowledged is lost by it."""

import asyncio
import json
import time

import pytest

from stemedb.bus.messages import ControlRequest, GetRequest
from stemedb.errors import StemeError
from support.deployment import ROOT, docker
from support.statement_json import assertion, encode
from support.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

DEADLINE_S = 180.0
WEST = ("west-ingest", "west-index", "west-sync")
PAIRS = (("east", "west"), ("west", "east"))
AT_ONCE = 24


def bodies(name, count, padding=0):
    """Return `count` statements of their own, each with so many bytes more."""
    return [
        encode(
            assertion(
                subject=f"pkg://pypi/{name}/{number}", metadata={"padding": "x" * padding} if padding else {}
            )
        )
        for number in range(count)
    ]


async def append(deployment, replica, statements):
    """Return the ids that `replica` acknowledged."""
    async with await deployment.client("publisher", replica) as client:
        return [receipt.id for receipt in (await client.append(b"\n".join(statements))).receipts]


async def holds(deployment, replica, ids):
    """Return once `replica` gives back every one of `ids`."""
    left = list(ids)

    async def all_there():
        try:
            async with await deployment.client("reader", replica) as client:
                while left:
                    await client.get(GetRequest(id=left[-1]))
                    left.pop()
        except StemeError:
            return False
        return True

    await eventually(all_there, deadline_s=DEADLINE_S)


async def peer(deployment, replica, name):
    """Return what `replica` knows of the peer `name`; a third one may have been here before and be silent."""
    async with await deployment.client("operator", replica) as client:
        reply = await client.control(ControlRequest(action="peers"))
    return next(one for one in reply.peers if one.replica == name)


async def level(deployment, replica, name):
    """Return once `replica` and its peer `name` are level, by its own word."""

    async def is_level():
        try:
            found = await peer(deployment, replica, name)
        except StemeError:
            return False
        return found.lag_statements == 0 and found.roots_equal and found.status == "following"

    await eventually(is_level, deadline_s=DEADLINE_S)


async def test_nats_killed_and_started_again(healthy):
    before = await append(healthy, "east", bodies("before-kill", 20))
    docker("kill", healthy.container("nats"))

    async def east_waits():
        status, body = await asyncio.to_thread(healthy.inside, "east-ingest", "/readyz")
        return status == 503 and "nats" in json.loads(body)["reason"]

    await eventually(east_waits, deadline_s=DEADLINE_S)
    assert (await asyncio.to_thread(healthy.inside, "east-ingest", "/healthz"))[0] == 200, (
        "waiting is no illness"
    )
    docker("start", healthy.container("nats"))
    await eventually(lambda: writable(healthy, "west"), deadline_s=DEADLINE_S)
    after = await append(healthy, "west", bodies("after-kill", 20))
    for replica in ("east", "west"):
        await holds(healthy, replica, before + after)


async def writable(deployment, replica):
    try:
        return await append(deployment, replica, bodies("probe", 1))
    except StemeError:
        return None


async def test_a_replica_that_is_cut_off_goes_on_and_heals(healthy):
    (network,) = json.loads(
        docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", healthy.container("west-sync"))
    )
    containers = {service: healthy.container(service) for service in WEST}
    for container in containers.values():
        docker("network", "disconnect", network, container)
    missed = await append(healthy, "east", bodies("while-cut", 200))

    async def silent():
        return (await peer(healthy, "east", "west")).status == "down"

    await eventually(silent, deadline_s=DEADLINE_S)
    for service, container in containers.items():
        docker("network", "connect", "--alias", service, network, container)
    await holds(healthy, "west", missed)
    for pair in PAIRS:
        await level(healthy, *pair)


async def test_volumes_outlive_the_deployment(healthy):
    running = healthy.compose("ps", "--services").stdout.decode().split()
    ids = await append(healthy, "east", bodies("kept", 50))
    async with await healthy.client("publisher", "west") as client:
        # Acknowledged by JetStream alone; whether ingest has it already is of no account.
        await client.nats.jetstream().publish(client.subjects.assert_, bodies("queued", 1)[0])
    healthy.compose("down")
    healthy.compose("up", "--detach", "--wait", "--no-build", *running)
    for pair in PAIRS:
        await holds(healthy, pair[0], ids)
        await level(healthy, *pair)


async def test_new_images_are_taken_up_by_the_command_that_starts_everything(healthy):
    ids = await append(healthy, "east", bodies("before-upgrade", 50))
    running = healthy.compose("ps", "--services").stdout.decode().split()
    before = {service: healthy.container(service) for service in running}
    for service in ("ingest", "index", "sync"):
        arguments = (
            "--build-arg",
            f"SERVICE={service}",
            "--file",
            "services/Dockerfile",
            "--tag",
            f"stemedb-{service}",
        )
        docker("build", "--quiet", "--label", "org.opencontainers.image.version=next", *arguments, str(ROOT))
    healthy.compose("up", "--detach", "--wait", "--no-build", *running)
    after = {service: healthy.container(service) for service in running}
    kept = {service for service in running if before[service] == after[service]}
    assert {"east", "west", "nats"} <= kept
    assert not {"east-ingest", "east-index", "east-sync", "west-ingest"} & kept
    for pair in PAIRS:
        await holds(healthy, pair[0], ids)
        await level(healthy, *pair)


async def test_a_service_that_reaches_its_memory_limit_comes_back_with_all_it_acknowledged(healthy):
    container = healthy.container("east-ingest")
    restarts = int(docker("inspect", "--format", "{{.RestartCount}}", container))
    usual = docker("inspect", "--format", "{{.HostConfig.Memory}}", container)
    docker("update", "--memory", "44m", "--memory-swap", "44m", container)
    acknowledged = []

    async def write(number):
        try:
            acknowledged.extend(await append(healthy, "east", bodies(f"heavy-{number}", 40, padding=20_000)))
        except StemeError:
            return  # not acknowledged

    def restarted():
        return int(docker("inspect", "--format", "{{.RestartCount}}", container)) > restarts

    deadline = time.monotonic() + DEADLINE_S
    number = 0
    while not restarted():
        assert time.monotonic() < deadline, f"{len(acknowledged)} statements, and it lives within its limit"
        await asyncio.gather(*(write(number + offset) for offset in range(AT_ONCE)))
        number += AT_ONCE
    docker("update", "--memory", usual, "--memory-swap", usual, container)
    for replica in ("east", "west"):
        await holds(healthy, replica, acknowledged)


async def test_a_backup_taken_out_of_a_container_goes_back_into_an_empty_volume(healthy, tmp_path):
    ids = await append(healthy, "east", bodies("backed-up", 100))
    await holds(healthy, "west", ids)
    archive = healthy.compose("exec", "-T", "east-ingest", "stemedb", "backup", "-").stdout
    later = await append(healthy, "east", bodies("after-backup", 100))
    await holds(healthy, "west", later)
    volume = docker(
        "volume", "ls", "--quiet", "--filter", "name=_east", "--filter", "label=com.docker.compose.project"
    )
    own = [name for name in volume.split() if name.startswith(project(healthy))]
    services = ("east-ingest", "east-index", "east-sync")
    healthy.compose("rm", "--stop", "--force", *services)
    docker("volume", "rm", *own)
    restore = ("run", "--rm", "-T", "--no-deps", "east-ingest", "stemedb", "restore", "-")
    done = healthy.compose(*restore, stdin=archive)
    assert b"log root" in done.stdout
    again = healthy.compose(*restore, stdin=archive, check=False)
    assert again.returncode == 78
    assert b"is not empty" in again.stderr
    healthy.compose("up", "--detach", "--wait", "--no-recreate", *services)
    await holds(healthy, "east", ids + later)  # what came after the backup is back from west

    async def set_aside():
        return (await peer(healthy, "west", "east")).status == "set_aside"

    await eventually(set_aside, deadline_s=DEADLINE_S)
    async with await healthy.client("operator", "west") as client:
        await client.control(ControlRequest(action="readmit", peer="east"))
    for pair in PAIRS:
        await level(healthy, *pair)


def project(deployment):
    return docker(
        "inspect",
        "--format",
        '{{index .Config.Labels "com.docker.compose.project"}}',
        deployment.container("nats"),
    )
