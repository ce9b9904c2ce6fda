"""A whole replica as children of this process: what ``stemedb up`` and ``stemedb demo`` run.

::

    embedded ─┬─ nats-server   JetStream in <data>/nats                  logs of all three:
              ├─ ingest        writes wal/ log/ ids/                     <data>/run/<name>.log
              └─ index         writes index/

The services are the same programs that a container runs; they get their settings in the environment and are kept
running (see ``supervisor``). JetStream is told to fsync before it acknowledges: what ``nats pub`` was told is stored
is stored.

Invariants:

* One of these at a time runs on a data directory: it holds the lock ``<data>/run/up.lock`` for as long.
* Nothing listens beyond the loopback interface.
"""

import asyncio
import errno
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from stemedb.cli import exits
from stemedb.cli.supervisor import LAST_STOP_S, Child, Event, Supervisor, http_ready, nats_ready
from stemedb.errors import NotFound, Refused

HOST: Final = "127.0.0.1"
NATS: Final = "nats-server"
SERVICES: Final = ("ingest", "index")


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs where."""

    data: Path
    replica: str
    nats_port: int
    http_ports: tuple[int, int]
    """Of ingest and of index, in the order of `SERVICES`."""

    @property
    def nats_url(self) -> str:
        """Where clients connect."""
        return f"nats://{HOST}:{self.nats_port}"

    @property
    def run(self) -> Path:
        """Where the logs, the lock and the server's configuration are."""
        return self.data / "run"

    def server(self) -> Child:
        """Return the NATS server; its configuration is written when it is asked for."""
        from stemedb.bus.nats_server import find_binary

        settings = {
            "host": HOST,
            "port": self.nats_port,
            "server_name": f"stemedb-{self.replica}",
            "jetstream": {"store_dir": str(self.data / "nats"), "sync_interval": "always"},
        }
        configuration = self.run / "nats.conf"
        configuration.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        command = [find_binary(), "--config", str(configuration)]
        return Child(NATS, command, partial(nats_ready, HOST, self.nats_port))

    def services(self) -> list[Child]:
        """Return ingest and index."""
        shared = {
            "STEMEDB_REPLICA": self.replica,
            "STEMEDB_DATA_DIR": str(self.data),
            "STEMEDB_NATS_URL": self.nats_url,
            "STEMEDB_HTTP_HOST": HOST,
            "STEMEDB_LOG_FORMAT": os.environ.get(
                "STEMEDB_LOG_FORMAT", "console"
            ),  # for people: they are files here
        }
        return [
            Child(
                name,
                [sys.executable, "-m", f"stemedb_{name}"],
                partial(http_ready, HOST, port),
                {**shared, "STEMEDB_HTTP_PORT": str(port)},
            )
            for name, port in zip(SERVICES, self.http_ports, strict=True)
        ]


@asynccontextmanager
async def running(plan: Plan, on_event: Callable[[Event], None]) -> AsyncIterator[Supervisor]:
    """Have the whole replica up and ready inside the block, and stopped after it, whatever happens.

    Raises `Refused` when the directory is in use or not ours, and what the supervisor makes of a child that cannot
    go on, also while the block runs.
    """
    from stemedb.storage.files import WriterLock

    prepare(plan)
    with WriterLock(plan.run / "up.lock"):
        for name, port in zip((NATS, *SERVICES), (plan.nats_port, *plan.http_ports), strict=True):
            _require_free(name, port)
        supervisor = Supervisor(plan.run, on_event)
        try:
            async with asyncio.TaskGroup() as group:
                try:
                    await _start(group, supervisor, [plan.server()])
                    await _start(group, supervisor, plan.services())
                    yield supervisor
                finally:
                    await supervisor.stop(SERVICES)
                    await supervisor.stop([NATS], LAST_STOP_S)
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None


def prepare(plan: Plan) -> None:
    """Make the directory if it is not there, and see that the replica in it is ours and the services installed."""
    from stemedb.storage.replica import ReplicaDirectory

    missing = [name for name in SERVICES if find_spec(f"stemedb_{name}") is None]
    if missing:
        raise exits.with_hint(
            Refused(f"the {' and '.join(missing)} service is not installed"),
            "install it beside stemedb: `pip install stemedb-ingest stemedb-index`, or `make dev` in a checkout",
        )
    try:
        ReplicaDirectory.open(plan.data, expected_name=plan.replica)
    except NotFound:
        ReplicaDirectory.create(plan.data, plan.replica)
    plan.run.mkdir(exist_ok=True)


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def _start(group: asyncio.TaskGroup, supervisor: Supervisor, children: list[Child]) -> None:
    ready = [asyncio.Event() for _ in children]
    for child, event in zip(children, ready, strict=True):
        group.create_task(supervisor.keep(child, event))
    for event in ready:
        await event.wait()


def _require_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
            option = "--nats URL" if name == NATS else f"--{name}-http PORT"
            raise exits.with_hint(
                Refused(f"{name}: port {port} of {HOST} {why}"),
                f"stop what listens there, or choose another port with {option} (0 takes a free one)",
            ) from None
