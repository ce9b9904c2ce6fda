"""The NATS server as deployed: ``services/nats/nats.conf`` with a password for each role, on loopback and free ports."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stemedb.bus.nats_server import find_binary
from support.waiting import eventually_sync

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "services" / "nats" / "nats.conf"
ROLES = ("ingest", "index", "sync", "analysis", "publisher", "reader", "operator")
SERVICES = ("ingest", "index", "sync", "analysis")
START_S = 60.0


def password(role: str) -> str:
    """Return the password of a role; it begins like a number, which a configuration file must not take it for."""
    return f"12e5-{role}_-"


def passwords() -> dict[str, str]:
    """Return the variables that the configuration asks for, as compose.yaml sets them."""
    return {f"STEMEDB_{role.upper()}_PASSWORD": f'"{password(role)}"' for role in ROLES}


def inbox(role: str) -> str:
    """Return what the subjects of replies to a role begin with."""
    return f"_INBOX_{role}" if role in SERVICES else "_INBOX"


@dataclass(frozen=True, slots=True)
class DeployedNats:
    """One running server."""

    port: int

    def url(self, role: str) -> str:
        """Return the server's URL for a role."""
        return f"nats://{role}:{password(role)}@127.0.0.1:{self.port}"


@contextmanager
def deployed_nats(folder: Path) -> Iterator[DeployedNats]:
    """Yield a server with the deployed configuration; it is gone when the block ends."""
    process = start(folder, passwords())
    ports = folder / f"nats-server_{process.pid}.ports"

    def port() -> int | None:
        assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
        found = ports.read_text(encoding="utf-8") if ports.exists() else ""
        _, _, rest = found.partition("nats://127.0.0.1:")
        digits = rest.partition('"')[0]
        return int(digits) if digits.isdigit() else None

    try:
        yield DeployedNats(eventually_sync(port, deadline_s=START_S))
    finally:
        process.kill()
        process.wait()


def start(folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a server in `folder` with the deployed configuration, and so many of its variables; do not wait for it."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("STEMEDB_")}
    command = [find_binary(), "-c", str(CONFIG), "-a", "127.0.0.1", "-p", "-1", "--http_port", "-1"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*command, "--ports_file_dir", str(folder)],
            cwd=folder,
            env=inherited | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
