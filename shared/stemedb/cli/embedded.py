"""Whole replicas as children of this process: what ``stemedb up`` and ``stemedb demo`` run.

::

    embedded ─┬─ nats-server   JetStream in nats/                        logs of all:
              ├─ ingest        writes wal/ log/ ids/                     <data>/run/<name>.log
              ├─ index         writes index/
              └─ sync          writes sync/          with peers only

The services are the same programs that a container runs; they get their settings in the environment and are kept
running (see ``supervisor``). Which directory, port and server each one gets is decided in ``plan``.

Invariants:

* One of these at a time runs on a data directory: it holds the lock ``<data>/run/up.lock`` for as long.
* Nothing listens beyond the loopback interface.
* The replicas below one directory are of one realm.
"""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec

from stemedb.cli import exits
from stemedb.cli.link import Link
from stemedb.cli.plan import HOST, NATS, Plan, Site, refuse_other_shape
from stemedb.cli.supervisor import LAST_STOP_S, Child, Event, Supervisor
from stemedb.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Embedded:
    """What runs: its plan, the keeper of its processes, and the links that can be cut, by the site they lead to."""

    plan: Plan
    supervisor: Supervisor
    links: Mapping[str, Link] = field(default_factory=dict)

    def pids(self) -> dict[str, int]:
        """Return the process id of every process, by its name."""
        return {name: self.supervisor.pid(name) for name in self.plan.processes}


@asynccontextmanager
async def running(plan: Plan, on_event: Callable[[Event], None]) -> AsyncIterator[Embedded]:
    """Have everything up and ready inside the block, and stopped after it, whatever happens.

    Raises `Refused` when the directory is in use or not ours, and what the supervisor makes of a child that cannot
    go on, also while the block runs.
    """
    from stemedb.storage.files import WriterLock

    prepare(plan)
    with WriterLock(plan.run / "up.lock"):
        for name, port in plan.ports.items():
            _require_free(name, port)
        supervisor = Supervisor(plan.run, on_event)
        links = _links(plan)
        try:
            async with asyncio.TaskGroup() as group:
                try:
                    for link in links.values():
                        await link.heal()
                    await _start(group, supervisor, [server.child(plan.run) for server in plan.servers])
                    await _start(
                        group, supervisor, [child for site in plan.sites for child in site.services()]
                    )
                    yield Embedded(plan, supervisor, links)
                finally:
                    servers = [server.name for server in plan.servers]
                    await supervisor.stop([name for name in plan.processes if name not in servers])
                    await supervisor.stop(servers, LAST_STOP_S)
                    for link in links.values():
                        await link.cut()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None


def prepare(plan: Plan) -> None:
    """Make the directories that are not there, and see that the replicas in them are ours and the services installed."""
    missing = [name for name in plan.services if find_spec(f"stemedb_{name}") is None]
    if missing:
        packages = " ".join(f"stemedb-{name}" for name in plan.services)
        raise exits.with_hint(
            Refused(f"the {' and '.join(missing)} service is not installed"),
            f"install it beside stemedb: `pip install {packages}`, or `make dev` in a checkout",
        )
    refuse_other_shape(plan)
    realm: bytes | None = None
    for site in plan.sites:
        realm = _prepare_site(site, realm)
    plan.run.mkdir(exist_ok=True)


def _prepare_site(site: Site, realm: bytes | None) -> bytes:
    """Make or open one replica and return its realm, which must be ``realm`` if that is given."""
    from stemedb.storage.replica import ReplicaDirectory

    try:
        directory = ReplicaDirectory.open(site.data, expected_name=site.replica)
    except NotFound:
        directory = ReplicaDirectory.create(site.data, site.replica, realm)
    if realm is not None and directory.realm != realm:
        raise exits.with_hint(
            Refused(f"{site.data}: is of another realm than the replicas beside it"),
            "replicas of different realms cannot compare their maps: give each realm a directory of its own",
        )
    return directory.realm


def _links(plan: Plan) -> dict[str, Link]:
    hub_port = next((server.hub_port for server in plan.servers if server.hub_port is not None), None)
    if hub_port is None:
        return {}
    return {
        server.domain: Link(server.link_port, hub_port)
        for server in plan.servers
        if server.link_port is not None and server.domain is not None
    }


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
            service = name.rpartition(".")[2]
            option = "--nats URL" if service == NATS else f"--{service}-http PORT"
            raise exits.with_hint(
                Refused(f"{name}: port {port} of {HOST} {why}"),
                f"stop what listens there, or choose another port with {option} (0 takes a free one)",
            ) from None
