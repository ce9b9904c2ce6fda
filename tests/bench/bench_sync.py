"""Replication as it runs: whole replicas as processes on one nats-server, durable on both sides.

Lag is from publishing at one replica until the map of the other has it. Catch-up is from a started, empty replica until its map has everything
the other one held. Bytes on the wire are those that the empty replica receives on the tail path, compared with the canonical bytes of the statements; what it
sends back, ids as its own log grows, is another 35 bytes each.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness import Context, Figure
from bench.publisher import statement
from stemedb.bus.client import Client
from stemedb.bus.messages import Indexed
from stemedb.bus.nats_server import NatsServer
from stemedb.statements import parse
from support.replicas import Site, running_sites
from support.waiting import eventually

CATCH_UP_COUNT = 200_000
SUSTAINED_COUNT = 100_000
LAG_PER_S = 5000
LAG_S = 8
LAG_STEP = 50
APPEND_LINES = 2000
APPENDS_IN_FLIGHT = 6
DEADLINE_S = 300.0


def figures(context: Context) -> Iterator[Figure]:
    """Yield catch-up, bytes on the wire, sustained throughput, and lag."""
    with NatsServer.start(context.scratch / "nats") as server:
        per_s, wire = asyncio.run(_caught_up(context.scratch, server.url))
        yield Figure("sync: catch-up after 200k missed, in the map", per_s, "statements/s", 40_000, "higher")
        yield Figure("sync: bytes on the wire per byte of statements", wire, "×", 1.15)
        sustained = asyncio.run(_sustained(context.scratch, server.url))
        yield Figure(
            "sync: sustained between two replicas, in both maps", sustained, "statements/s", 20_000, "higher"
        )
        median, late = asyncio.run(_lag(context.scratch, server.url))
        yield Figure("sync: lag at 5k statements/s, median", median, "ms")
        yield Figure("sync: lag at 5k statements/s, p99", late, "ms", 60)


async def _caught_up(folder: Path, url: str) -> tuple[float, float]:
    async with running_sites(["full"], folder, url) as (full,):
        await _fill(full, 0, CATCH_UP_COUNT)
        await _holds(full, CATCH_UP_COUNT)
        late = Site.create("late", folder, url)
        try:
            late.launch()
            await late.ready()
            started = time.perf_counter()
            await _holds(late, CATCH_UP_COUNT)
            seconds = time.perf_counter() - started
            metrics = late.services["sync"].metrics()
        finally:
            late.kill()
    received = metrics["stemedb_sync_bytes_total{direction=in,path=tail,peer=full}"]
    length = sum(len(parse(statement(number)).canonical) for number in range(CATCH_UP_COUNT))
    return CATCH_UP_COUNT / seconds, received / length


async def _sustained(folder: Path, url: str) -> float:
    async with running_sites(["one", "two"], folder, url) as (one, two):
        started = time.perf_counter()
        await _fill(one, CATCH_UP_COUNT, CATCH_UP_COUNT + SUSTAINED_COUNT)
        await _holds(two, SUSTAINED_COUNT)
        return SUSTAINED_COUNT / (time.perf_counter() - started)


async def _lag(folder: Path, url: str) -> tuple[float, float]:
    """Return median and 99th percentile in milliseconds."""
    async with (
        running_sites(["near", "far"], folder, url) as (near, far),
        near.client() as here,
        far.client() as there,
    ):
        seen: list[tuple[float, int]] = []

        async def on_indexed(message: object) -> None:
            seen.append((time.perf_counter(), Indexed.decode(message.data).keys))

        await there.nats.subscribe(there.subjects.indexed, cb=on_indexed)
        await there.nats.flush()
        total = LAG_PER_S * LAG_S
        sent: list[tuple[float, int]] = []
        started = time.perf_counter()
        for first in range(0, total, LAG_STEP):
            await asyncio.sleep(max(0.0, started + first / LAG_PER_S - time.perf_counter()))
            body = b"\n".join(statement(number) for number in range(first, first + LAG_STEP))
            sent.append((time.perf_counter(), first + LAG_STEP))
            await here.nats.publish(here.subjects.assert_, body)
        await eventually(lambda: seen and seen[-1][1] >= total, deadline_s=DEADLINE_S)
    arrivals = iter(seen)
    at, keys = next(arrivals)
    lags: list[float] = []
    for when, count in sent:
        while keys < count:
            at, keys = next(arrivals)
        lags.append((at - when) * 1000)
    lags.sort()
    return lags[len(lags) // 2], lags[len(lags) * 99 // 100]


async def _fill(site: Site, start: int, end: int) -> None:
    places = asyncio.Semaphore(APPENDS_IN_FLIGHT)
    async with site.client() as client:

        async def append(numbers: range) -> None:
            async with places:
                await client.append(b"\n".join(map(statement, numbers)))

        starts = range(start, end, APPEND_LINES)
        await asyncio.gather(*(append(range(first, min(end, first + APPEND_LINES))) for first in starts))


async def _holds(site: Site, keys: int) -> None:
    async with site.client() as client:
        await eventually(lambda: _has(client, keys), deadline_s=DEADLINE_S)


async def _has(client: Client, keys: int) -> bool:
    return (await client.root()).keys >= keys
