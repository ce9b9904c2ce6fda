"""Replication as it runs: whole replicas as processes on one nats-server, durable on both sides.

Lag and sustained throughput are those of ``bench.replication.load``: from when a statement was due at one replica until the map of the other, or of the slower
of the two others, has it. Catch-up is from a started, empty replica until its map has everything the other one held. Bytes on the wire are those that
the empty replica receives on the tail path, compared with the canonical bytes of the statements; what it sends back, ids as its own log
grows, is another 35 bytes each.

Idle replicas are level with each other and hear nothing from outside. Their bytes are those of all messages between replicas, both ways and digests
included, the processor time that of their three processes; the most that any of the three takes counts.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.harness import Context, Figure
from bench.publisher import statement
from bench.replication.load import (
    CATCH_UP_COUNT,
    DEADLINE_S,
    LAG_COUNT,
    SUSTAINED_COUNT,
    Lag,
    measure_lag,
    measure_sustained,
)
from bench.replication.ours import Ours, running_ours
from stemedb.bus.client import Client
from stemedb.bus.nats_server import NatsServer
from stemedb.statements import parse
from support.replicas import Site, level, running_sites
from support.waiting import eventually

IDLE_S = 12.0
"""Four heartbeats."""


def figures(context: Context) -> Iterator[Figure]:
    """Yield catch-up, bytes on the wire, sustained throughput, lag between two and among three, and what idling costs."""
    with NatsServer.start(context.scratch / "nats") as server:
        per_s, wire = asyncio.run(_caught_up(context.scratch, server.url))
        yield Figure("sync: catch-up after 200k missed, in the map", per_s, "statements/s", 40_000, "higher")
        yield Figure("sync: bytes on the wire per byte of statements", wire, "×", 1.15)
        lag, sustained = asyncio.run(_two(context.scratch, server.url))
        yield Figure(
            "sync: sustained between two replicas, in both maps", sustained, "statements/s", 20_000, "higher"
        )
        yield Figure("sync: lag at 5k statements/s, median", lag.median_ms, "ms")
        yield Figure("sync: lag at 5k statements/s, p99", lag.p99_ms, "ms", 60)
        lag, idle = asyncio.run(_three(context.scratch, server.url))
        yield Figure("sync: lag among three replicas, median", lag.median_ms, "ms")
        yield Figure("sync: lag among three replicas, p99", lag.p99_ms, "ms", 150)
        yield Figure("sync: three level replicas idle, wire of one", idle.kilobytes_per_s, "KB/s", 1)
        yield Figure("sync: three level replicas idle, processor of one", idle.core_percent, "% of a core", 1)


class Idle(NamedTuple):
    """What a replica costs that has nothing to do."""

    kilobytes_per_s: float
    """Both ways together."""
    core_percent: float


async def _caught_up(folder: Path, url: str) -> tuple[float, float]:
    async with running_sites(["full"], folder, url) as (full,):
        async with full.client() as client:
            await Ours([full], client, []).write(range(CATCH_UP_COUNT))
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


async def _two(folder: Path, url: str) -> tuple[Lag, float]:
    async with running_ours(["near", "far"], folder, url) as pair:
        lag = await measure_lag(pair)
        sustained_per_s = await measure_sustained(pair, LAG_COUNT)
        await pair.check(LAG_COUNT + SUSTAINED_COUNT)
    return lag, sustained_per_s


async def _three(folder: Path, url: str) -> tuple[Lag, Idle]:
    async with running_ours(["west", "north", "east"], folder, url) as group:
        lag = await measure_lag(group)
        await group.check(LAG_COUNT)
        await level(group.sites)
        return lag, await _idle(group.sites)


async def _idle(sites: list[Site]) -> Idle:
    """Watch replicas that are level do nothing; return the most that any of them takes."""
    bytes_before = [_wire_bytes(site) for site in sites]
    cores_before = [_processor_s(site) for site in sites]
    started = time.perf_counter()
    await asyncio.sleep(IDLE_S)
    seconds = time.perf_counter() - started
    cores = [after - before for after, before in zip(map(_processor_s, sites), cores_before, strict=True)]
    moved = [after - before for after, before in zip(map(_wire_bytes, sites), bytes_before, strict=True)]
    return Idle(max(moved) / seconds / 1000, max(cores) / seconds * 100)


def _wire_bytes(site: Site) -> float:
    """Return the bytes that this replica sent to others and got from them, digests included."""
    samples = site.services["sync"].metrics().items()
    return sum(value for name, value in samples if name.startswith("stemedb_sync_bytes_total{"))


def _processor_s(site: Site) -> float:
    """Return the processor seconds that its processes have taken."""
    ticks = 0
    for service in site.services.values():
        after_name = Path(f"/proc/{service.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        user, system = after_name.split()[11:13]
        ticks += int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")


async def _holds(site: Site, keys: int) -> None:
    async with site.client() as client:
        await eventually(lambda: _has(client, keys), deadline_s=DEADLINE_S)


async def _has(client: Client, keys: int) -> bool:
    return (await client.root()).keys >= keys
