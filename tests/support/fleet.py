"""Several real replicas, what they acknowledged, and the four things that must hold once they could talk.

::

    Fleet ── sites: ingest, index and sync of each, as processes
          ── acknowledged: every id that any of them said is durable, whatever happened to it since

    settled()   1. one root              all maps equal
                2. nothing lost          every acknowledged id is in every ledger
                3. nothing twice         the map has the key of each once and no other
                4. nothing left to do    a second look moves no statement and no byte of log or map
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stemedb.crdt.entries import map_entry
from stemedb.errors import StemeError
from stemedb.ledger import LedgerReader
from stemedb.projection import Projection
from stemedb.statements import parse
from stemedb.types import Hlc, Stamp, StatementId
from support.mesh import Mesh
from support.nats import running_server
from support.publishing import assertion, line, lines
from support.replicas import CONVERGE_S, Site, converged, level
from support.waiting import eventually

FAST: Mapping[str, object] = {
    "sync_heartbeat_ms": 200,
    "sync_down_after_ms": 1000,
    "sync_tree_grace_ms": 300,
}
"""Settings that make a test wait for what it tests, not for heartbeats."""

APPEND = 1000


@dataclass(slots=True)
class Fleet:
    """Replicas, by name, and what they promised."""

    sites: dict[str, Site]
    acknowledged: set[StatementId] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)
    """Under which the map has them: votes of one agent on one assertion share one."""

    def __getitem__(self, name: str) -> Site:
        return self.sites[name]

    async def publish(self, name: str, statements: Iterable[dict[str, Any]]) -> None:
        """Publish at one replica; returns once it acknowledged all of them."""
        wanted = list(statements)
        async with self.sites[name].client() as client:
            for at in range(0, len(wanted), APPEND):
                reply = await client.append(lines(wanted[at : at + APPEND]))
                assert not reply.errors, reply.errors[:3]
                self.acknowledged.update(StatementId(bytes.fromhex(one.id)) for one in reply.receipts)
        self.expect(name, wanted)

    def expect(self, name: str, statements: Iterable[dict[str, Any]]) -> None:
        """Note that these belong in every map, whoever `name` may be."""
        for parsed in (parse(line(one)) for one in statements):
            origin = Stamp(Hlc(0), name)
            self.keys.add(map_entry(parsed.kind, parsed.statement, parsed.id, origin)[0])

    async def settled(self, *, deadline_s: float = CONVERGE_S, aside: Collection[str] = ()) -> str:
        """Assert that all replicas agree and nothing is lost, twice or still moving; return the root.

        Replicas named in `aside` are set aside by others, whose lag behind them stays.
        """
        sites = list(self.sites.values())
        root = await converged(sites, len(self.keys), deadline_s=deadline_s)
        await level([site for site in sites if site.name not in aside], deadline_s=deadline_s)
        for site in sites:
            self._holds_all(site)
        before = await self._moved()
        for site in sites:
            await site.control("now")
        assert await self._moved() == before, "a second look moves nothing"
        return root

    def _holds_all(self, site: Site) -> None:
        with closing(LedgerReader(site.directory)) as reader:
            reader.refresh()
            held = reader.known(list(self.acknowledged))
            assert len(held) == len(self.acknowledged), f"{site.name} lost something it acknowledged"
            size = reader.size
        with Projection.open(site.directory) as projection:
            assert projection.applied == size
            keys = [key for key, _ in projection.file.snapshot().items()]
        assert keys == sorted(self.keys), f"{site.name}: the map has something twice, or of nobody's"

    async def _moved(self) -> dict[str, tuple[dict[str, float], int]]:
        """Return what tells that a log or a map was pulled from: counters of statements and bytes, and sizes of logs."""
        found = {}
        for name, site in self.sites.items():
            metrics = site.services["sync"].metrics()
            moved = {
                key: value
                for key, value in metrics.items()
                if key.startswith("stemedb_sync_statements_total")
                or (key.startswith("stemedb_sync_bytes_total") and "path=gossip" not in key)
            }
            async with site.client() as client:
                found[name] = (moved, (await client.status()).size)
        return found


def claims(start: int, end: int) -> list[dict[str, Any]]:
    """Return the assertions numbered [start, end)."""
    return [assertion(number) for number in range(start, end)]


def identity(statement: dict[str, Any]) -> str:
    """Return the id of a statement as hex."""
    return parse(line(statement)).id.hex()


@contextmanager
def _ended(sites: Iterable[Site]) -> Any:
    try:
        yield
    finally:
        for site in sites:
            site.kill()


@asynccontextmanager
async def fleet_at(urls: Mapping[str, str], folder: Path, **settings: object) -> AsyncIterator[Fleet]:
    """Yield replicas that are ready, each on the server of `urls`, and gone when the block ends."""
    sites = {name: Site.create(name, folder, url, **(FAST | settings)) for name, url in urls.items()}
    with _ended(sites.values()):
        for site in sites.values():
            site.launch()
        for site in sites.values():
            await site.ready()
        yield Fleet(sites)


@asynccontextmanager
async def meshed_fleet(
    names: Iterable[str], folder: Path, *, seed: int = 0, **settings: object
) -> AsyncIterator[tuple[Fleet, Mesh]]:
    """Yield replicas with a server each and the mesh that joins them."""
    async with AsyncExitStack() as stack:
        urls = {name: stack.enter_context(running_server(folder / f"{name}-nats")).url for name in names}
        mesh = await stack.enter_async_context(Mesh.joined(urls, seed))
        fleet = await stack.enter_async_context(fleet_at(urls, folder, **settings))
        yield fleet, mesh


async def knows(site: Site, name: str) -> None:
    """Return once `site` has heard of replica `name`."""
    await eventually(lambda: site.peer(name))


async def status(site: Site, name: str, wanted: str, *, deadline_s: float = CONVERGE_S) -> Any:
    """Return what `site` knows of replica `name` once it says that it is `wanted`."""

    async def is_wanted() -> Any:
        try:
            peer = await site.peer(name)
        except StemeError:
            return None
        return peer if peer and peer.status == wanted else None

    return await eventually(is_wanted, deadline_s=deadline_s)
