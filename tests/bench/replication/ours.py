"""StemeDB under the load: whole replicas, each with its own ingest, index and sync.

On the near side a tick is one NDJSON message to the intake, a bulk write are requests of 2,000 statements that are answered when they are durable.
On the far side a statement is there once the map has it: after the fsync of its log and the commit of its map.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bench.publisher import statement
from bench.replication.load import DEADLINE_S, Arrival
from bench.replication.servers import ALWAYS, joined_servers
from stemedb.bus.client import Client
from stemedb.bus.messages import Indexed
from stemedb.cli.link import Link
from support.replicas import Site, converged, running_sites
from support.waiting import eventually

APPEND_LINES = 2000
APPENDS_IN_FLIGHT = 6


class Ours:
    """Replicas that run, and a line between them if it can be cut."""

    def __init__(
        self, sites: Sequence[Site], near: Client, followers: Sequence[Client], link: Link | None = None
    ) -> None:
        self.sites = list(sites)
        self._near = near
        self._followers = followers
        self._link = link

    async def offer(self, numbers: range) -> None:
        await self._near.nats.publish(self._near.subjects.assert_, b"\n".join(map(statement, numbers)))

    async def write(self, numbers: range) -> None:
        places = asyncio.Semaphore(APPENDS_IN_FLIGHT)

        async def append(part: range) -> None:
            async with places:
                reply = await self._near.append(b"\n".join(map(statement, part)))
                assert not reply.errors, reply.errors[:3]

        starts = range(0, len(numbers), APPEND_LINES)
        await asyncio.gather(*(append(numbers[at : at + APPEND_LINES]) for at in starts))

    async def held(self) -> int:
        return min([(await client.root()).keys for client in self._followers])

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[list[list[Arrival]]]:
        followers = [await self._arrivals(client) for client in self._followers]
        yield followers

    async def cut(self) -> None:
        assert self._link is not None, "one server: there is no line to cut"
        await self._link.cut()

    async def heal(self) -> None:
        assert self._link is not None, "as above"
        await self._link.heal()

    async def check(self, count: int) -> None:
        await converged(self.sites, count)

    async def _arrivals(self, client: Client) -> list[Arrival]:
        seen: list[Arrival] = []

        async def on_indexed(message: Any) -> None:
            seen.append(Arrival(time.perf_counter(), Indexed.decode(message.data).keys))

        await client.nats.subscribe(client.subjects.indexed, cb=on_indexed)
        await client.nats.flush()
        return seen


@asynccontextmanager
async def running_ours(names: Sequence[str], folder: Path, url: str) -> AsyncIterator[Ours]:
    """Yield empty replicas on one server, the first of which is the near one."""
    async with AsyncExitStack() as stack:
        sites = await stack.enter_async_context(running_sites(list(names), folder, url))
        yield await _connected(stack, sites)


@asynccontextmanager
async def ours_over_leaf_nodes(folder: Path) -> AsyncIterator[Ours]:
    """Yield two empty replicas with a server each, joined as leaf nodes and synced always, as ``stemedb up`` runs them."""
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(joined_servers(folder, ALWAYS))
        sites = []
        for name, server in (("near", servers.near), ("far", servers.far)):
            sites += await stack.enter_async_context(running_sites([name], folder, server.url))
        yield await _connected(stack, sites, servers.link)


async def _connected(stack: AsyncExitStack, sites: Sequence[Site], link: Link | None = None) -> Ours:
    near, *followers = [await stack.enter_async_context(site.client()) for site in sites]
    for site in sites[1:]:  # they begin when they know each other
        await eventually(lambda site=site: site.peer(sites[0].name), deadline_s=DEADLINE_S)
    return Ours(sites, near, followers, link)
