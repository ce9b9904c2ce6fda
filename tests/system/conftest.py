"""One deployment of ``compose.yaml`` for the tests of this folder, under a project name, passwords and ports of its own."""

import os
import secrets
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from testcontainers.compose import DockerCompose

from support.deployment import ROOT, Deployment, settings_of
from support.waiting import eventually_sync

ENGINE_TIMEOUT_S = 20
READY_S = 120.0


def engine_missing() -> str | None:
    """Return why nothing can be run here, or ``None``."""
    docker = shutil.which("docker")
    if docker is None:
        return "there is no docker command on this machine"
    for command, what in (
        ("info", "no Docker engine answers"),
        ("compose version", "docker has no compose command"),
    ):
        done = subprocess.run(
            [docker, *command.split()], capture_output=True, timeout=ENGINE_TIMEOUT_S, check=False
        )
        if done.returncode:
            return f"{what} on this machine: {done.stderr.decode().strip()[:200]}"
    return None


def has_image(image: str) -> bool:
    """Say whether the engine has `image`, or can fetch it."""
    known = subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False)
    return known.returncode == 0 or (
        subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="session")
def engine() -> None:
    """Skip where there is none."""
    reason = engine_missing()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def environment_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ``.env`` as an operator makes it from the example, with ports that the engine picks."""
    settings = settings_of(ROOT / ".env.example")
    for name, value in settings.items():
        if name.endswith("_PORT"):
            settings[name] = "0"
        elif name == "STEMEDB_REALM_KEY":
            settings[name] = secrets.token_hex(32)
        elif not value and name.endswith("_PASSWORD"):
            settings[name] = secrets.token_hex(12)
    file = tmp_path_factory.mktemp("deployment") / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def deployment(engine: None, environment_file: Path) -> Iterator[Deployment]:
    """The images built, everything started and healthy; removed with its volumes at the end.

    Grafana is left out where its image cannot be had: nothing else waits for it.
    """
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    wanted = [name for name, service in services.items() if "profiles" not in service]
    if not has_image(services["grafana"]["image"]):
        wanted.remove("grafana")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("STEMEDB_")]:
            patch.delenv(name)
        patch.setenv("COMPOSE_PROJECT_NAME", f"stemedb-test-{uuid.uuid4().hex[:8]}")
        compose = DockerCompose(
            ROOT, "compose.yaml", build=True, wait=True, env_file=str(environment_file), services=wanted
        )
        found = Deployment(settings_of(environment_file), compose.compose_command_property[2:])
        try:
            try:
                compose.start()
            except subprocess.CalledProcessError as error:
                pytest.fail(f"{error.stderr.decode()[-4000:]}\n{unhealthy(found)}")
            yield found
        finally:
            found.compose("--profile", "*", "down", "--volumes", "--remove-orphans")


@pytest.fixture
def healthy(deployment: Deployment) -> Iterator[Deployment]:
    """The deployment for a test that breaks something: all well before it and all well after it."""
    eventually_sync(lambda: not unhealthy(deployment), deadline_s=READY_S)
    yield deployment
    eventually_sync(lambda: not unhealthy(deployment), deadline_s=READY_S)


def unhealthy(deployment: Deployment) -> list[str]:
    """Return the services that are not running and healthy."""
    lines = deployment.compose(
        "ps", "--all", "--format", "{{.Service}} {{.State}} {{.Health}}"
    ).stdout.decode()
    return [line for line in lines.splitlines() if line.split()[1:] != ["running", "healthy"]]
