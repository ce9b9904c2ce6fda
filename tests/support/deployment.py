"""A running deployment of ``compose.yaml``, as its operator sees it: addresses, roles, what Prometheus says, and the compose command."""

import json
import os
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stemedb.bus.client import Client

ROOT = Path(__file__).parents[2]
COMMAND_S = 600.0
"""For one command of Compose: a build of all images from nothing takes some minutes."""
ANSWER_S = 10.0
CONNECT_S = 30.0


def settings_of(file: Path) -> dict[str, str]:
    """Return the variables of an ``.env`` file."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Deployment:
    """One project of Compose."""

    settings: Mapping[str, str]
    """What ``.env`` says, or takes its place."""
    options: Sequence[str] = ()
    """Of ``docker compose``, before its command: project, files, profiles."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def compose(
        self, *arguments: str, check: bool = True, stdin: bytes = b""
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run a command of Compose; fail with its words if it fails."""
        command = ["docker", "compose", *self.options, *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            input=stdin,
            capture_output=True,
            timeout=COMMAND_S,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.returncode}: {done.stderr.decode()[-4000:]}")
        return done

    def address(self, service: str, port: int) -> str:
        """Return ``host:port`` under which a port of a service is published."""
        return self.compose("port", service, str(port)).stdout.decode().strip()

    def nats_url(self, role: str) -> str:
        """Return the URL of the NATS server for a role."""
        password = self.settings[f"STEMEDB_{role.upper()}_PASSWORD"]
        return f"nats://{role}:{password}@{self.address('nats', 4222)}"

    async def client(self, role: str, replica: str) -> Client:
        """Return a client of a replica, to be used as a context manager."""
        return await Client.connect(self.nats_url(role), replica, wait_s=CONNECT_S, timeout_s=ANSWER_S)

    def prometheus(self, query: str) -> list[tuple[dict[str, str], float]]:
        """Return what Prometheus answers now: labels and value of each series."""
        url = f"http://{self.address('prometheus', 9090)}/api/v1/query?"
        with urllib.request.urlopen(
            url + urllib.parse.urlencode({"query": query}), timeout=ANSWER_S
        ) as answer:
            found = json.loads(answer.read())["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]

    def container(self, service: str) -> str:
        """Return the id of the container of a service, whether it runs or not."""
        return self.compose("ps", "--all", "--quiet", service).stdout.decode().strip()

    def state(self, service: str) -> dict[str, object]:
        """Return what the engine knows about the state of a service's container."""
        return json.loads(docker("inspect", "--format", "{{json .State}}", self.container(service)))

    def inside(self, service: str, path: str) -> tuple[int, str]:
        """Return status and body of an HTTP request that is made inside of a service's container to itself."""
        script = (
            "import sys, urllib.request as u, urllib.error as e\n"
            "try: a = u.urlopen('http://127.0.0.1:9464' + sys.argv[1], timeout=5)\n"
            "except e.HTTPError as refusal: a = refusal\n"
            "print(a.status); print(a.read().decode())\n"
        )
        done = self.compose("exec", "-T", service, "python", "-c", script, path)
        status, _, body = done.stdout.decode().partition("\n")
        return int(status), body


def docker(*arguments: str) -> str:
    """Run a command of the engine and return what it prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, timeout=COMMAND_S, check=False)
    if done.returncode:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout.decode().strip()
