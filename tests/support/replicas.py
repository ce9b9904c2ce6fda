"""Whole replicas as real processes: ingest, index and sync over one directory each, in one realm."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stemedb.bus.client import Client
from stemedb.bus.messages import ControlRequest, PeerStatus
from stemedb.storage.replica import ReplicaDirectory
from support.services import Service
from support.waiting import eventually

REALM = bytes(range(32))
SERVICES = ("ingest", "index", "sync")
START_S = 120.0
CONVERGE_S = 120.0
"""Whole replicas are many processes; on a busy computer they take their time, and nothing is waited for longer than it needs."""


@dataclass(slots=True)
class Site:
    """One replica: its directory and its running services."""

    name: str
    folder: Path
    nats_url: str
    settings: dict[str, object] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)

    @classmethod
    def create(cls, name: str, folder: Path, nats_url: str, **settings: object) -> "Site":
        """Make the directory; nothing is started."""
        site = cls(name, folder / name, nats_url, settings)
        ReplicaDirectory.create(site.data, name, REALM)
        return site

    @property
    def data(self) -> Path:
        """The replica's directory."""
        return self.folder / "data"

    @property
    def directory(self) -> ReplicaDirectory:
        """The same, opened."""
        return ReplicaDirectory.open(self.data)

    def launch(self, *services: str) -> None:
        """Start services and return at once."""
        for service in services or SERVICES:
            self.services[service] = Service.launch(
                f"stemedb_{service}",
                self.folder / service,
                nats_url=self.nats_url,
                replica=self.name,
                data_dir=self.data,
                **self.settings,
            )

    async def ready(self) -> None:
        """Return once every launched service says so."""
        for service in self.services.values():
            await eventually(
                lambda one=service: one.ready or one.process.poll() is not None, deadline_s=START_S
            )
            assert service.ready, service.stderr

    def kill(self, *services: str) -> None:
        """End services as a crash would."""
        for service in services or tuple(self.services):
            self.services.pop(service).kill()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """Yield a client of this replica."""
        async with await Client.connect(self.nats_url, self.name, wait_s=START_S) as client:
            yield client

    async def peer(self, name: str) -> PeerStatus | None:
        """Return what this replica knows of peer `name`."""
        async with self.client() as client:
            client.timeout_s = CONVERGE_S
            reply = await client.control(ControlRequest(action="peers"))
        return next((peer for peer in reply.peers if peer.replica == name), None)

    async def control(self, action: str, **arguments: object) -> None:
        """Tell its sync something."""
        async with self.client() as client:
            client.timeout_s = CONVERGE_S
            await client.control(ControlRequest.model_validate({"action": action, **arguments}))


@contextmanager
def _ended(sites: list[Site]) -> Iterator[None]:
    try:
        yield
    finally:
        for site in sites:
            site.kill()


@asynccontextmanager
async def running_sites(
    names: list[str], folder: Path, nats_url: str, **settings: object
) -> AsyncIterator[list[Site]]:
    """Yield replicas of one realm that are ready, and gone when the block ends."""
    sites = [Site.create(name, folder, nats_url, **settings) for name in names]
    async with AsyncExitStack() as stack:
        stack.enter_context(_ended(sites))
        for site in sites:
            site.launch()
        for site in sites:
            await site.ready()
        yield sites


async def soon(condition: Callable[[], Awaitable[Any] | Any]) -> Any:
    """Return what `condition` returns once that is true, however busy the computer is."""
    return await eventually(condition, deadline_s=CONVERGE_S)


async def roots(sites: list[Site]) -> set[tuple[str, int]]:
    """Return the different (map root, keys) among `sites`."""
    found = set()
    for site in sites:
        async with site.client() as client:
            reply = await client.root()
        found.add((reply.root, reply.keys))
    return found


async def converged(sites: list[Site], keys: int, *, deadline_s: float = CONVERGE_S) -> str:
    """Return the common map root once all `sites` have it and it has `keys` entries."""

    async def equal() -> str | None:
        found = await roots(sites)
        (root, count), *others = found
        return root if not others and count == keys else None

    return await eventually(equal, deadline_s=deadline_s)


async def append(site: Site, body: bytes) -> None:
    """Make statements durable at one replica."""
    async with site.client() as client:
        reply = await client.append(body)
    assert not reply.errors


async def level(sites: list[Site], *, deadline_s: float = CONVERGE_S) -> None:
    """Return once every one of `sites` has taken in all of every other one's log; fail with what the first that has not knows."""
    behind = ""

    async def is_level() -> bool:
        nonlocal behind
        for site in sites:
            for other in sites:
                if site is not other:
                    peer = await site.peer(other.name)
                    if peer is None or peer.lag_statements or not peer.roots_equal:
                        behind = f"{site.name} knows of {other.name}: {peer}"
                        return False
        return True

    try:
        await eventually(is_level, deadline_s=deadline_s)
    except AssertionError as error:
        raise AssertionError(f"{error}; {behind}") from None
