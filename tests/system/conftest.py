"""One deployment of ``compose.yaml`` for the tests of this folder, under a project name and ports of its own."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from testcontainers.compose import DockerCompose

ROOT = Path(__file__).parents[2]
ENGINE_TIMEOUT_S = 20


def _engine_answers() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    probe = subprocess.run(
        [docker, "compose", "version"], capture_output=True, timeout=ENGINE_TIMEOUT_S, check=False
    )
    info = subprocess.run([docker, "info"], capture_output=True, timeout=ENGINE_TIMEOUT_S, check=False)
    return probe.returncode == 0 and info.returncode == 0


@pytest.fixture(scope="session")
def deployment() -> Iterator[DockerCompose]:
    """The images built, everything started and healthy; removed with its volumes at the end."""
    if not _engine_answers():
        pytest.skip("no Docker engine with Compose answers on this machine")
    settings = {
        "COMPOSE_PROJECT_NAME": f"stemedb-test-{uuid.uuid4().hex[:8]}",
        # Port 0: the engine picks free ones.
        "STEMEDB_NATS_PORT": "0",
        "STEMEDB_NATS_MONITOR_PORT": "0",
        "STEMEDB_INGEST_HTTP_PORT": "0",
        "STEMEDB_INDEX_HTTP_PORT": "0",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.delenv("STEMEDB_REPLICA", raising=False)
        compose = DockerCompose(ROOT, "compose.yaml", build=True, wait=True, env_file=os.devnull)
        with compose:
            yield compose
