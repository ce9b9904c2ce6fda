"""What a replica takes: bytes on disk for each statement by store, processor and memory by service. For the sizing table of the services' README.

Two replicas, as people run them: one is published at, the other follows. Processor time is that of each process for statements that come
one per message at `RATE_PER_S`, slow enough that batches stay small, and for bodies of 100 as fast as they are taken. Disk is blocks
in use, space that files have reserved in advance included; the map's file is measured as it stands and after `stemedb compact`.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness import Context, Figure
from bench.publisher import bodies
from bench.replication.load import DEADLINE_S
from stemedb import projection
from stemedb.bus.client import Client
from stemedb.bus.nats_server import NatsServer
from support.replicas import SERVICES, Site, running_sites
from support.waiting import eventually

RATE_PER_S = 1000
PACED_S = 12.0
TICK_S = 0.01
BULK_COUNT = 400_000
PER_BODY = 100
IN_FLIGHT = 16
STORES = ("wal", "log", "ids", "index")


def figures(context: Context) -> Iterator[Figure]:
    """Yield the table, row by row."""
    with NatsServer.start(context.scratch / "nats") as server:
        yield from asyncio.run(_measured(context.scratch, server.url))


async def _measured(folder: Path, url: str) -> list[Figure]:
    found: list[Figure] = []
    paced = int(RATE_PER_S * PACED_S)
    async with running_sites(["near", "far"], folder, url) as sites:
        near, _ = sites
        before = _spent(sites)
        await _paced(near, paced)
        await _both_have(sites, paced)
        found += _processor("one per message, 1,000/s", before, _spent(sites), paced)
        before = _spent(sites)
        await _bulk(near, paced, BULK_COUNT)
        await _both_have(sites, paced + BULK_COUNT)
        found += _processor("bodies of 100", before, _spent(sites), BULK_COUNT)
        for site in sites:
            for service in SERVICES:
                peak = _status_kib(site.services[service].process.pid, "VmHWM") / 1024
                found.append(
                    Figure(
                        f"sizing: memory at {paced + BULK_COUNT:,}, {site.name} {service}", peak, "MiB peak"
                    )
                )
        for store in STORES:
            held = _blocks(near.data / store) / (paced + BULK_COUNT)
            found.append(Figure(f"sizing: disk, {store}", held, "B/statement"))
        near.kill()
        projection.compact(near.directory)
        held = _blocks(near.data / "index") / (paced + BULK_COUNT)
        found.append(Figure("sizing: disk, index after compaction", held, "B/statement"))
    return found


async def _paced(site: Site, count: int) -> None:
    sent, started = 0, time.perf_counter()
    async with site.client() as client:
        for body in bodies(0, count, 1):
            due = started + sent / RATE_PER_S
            if time.perf_counter() < due - TICK_S:
                await asyncio.sleep(TICK_S)
            await client.nats.publish(client.subjects.assert_, body)
            sent += 1
        await client.nats.flush()


async def _bulk(site: Site, first: int, count: int) -> None:
    left = iter(bodies(first, count, PER_BODY))
    async with site.client() as client:

        async def work() -> None:
            for body in left:
                await client.append(body)

        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


async def _both_have(sites: list[Site], keys: int) -> None:
    for site in sites:
        async with site.client() as client:
            await eventually(lambda client=client: _has(client, keys), deadline_s=DEADLINE_S)


async def _has(client: Client, keys: int) -> bool:
    return (await client.root()).keys >= keys


def _spent(sites: list[Site]) -> dict[str, float]:
    """Return the processor seconds of every process so far."""
    spent = {}
    for site in sites:
        for service in SERVICES:
            stat = Path(f"/proc/{site.services[service].process.pid}/stat").read_text(encoding="ascii")
            user, system = stat.rpartition(")")[2].split()[11:13]
            spent[f"{site.name} {service}"] = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return spent


def _processor(how: str, before: dict[str, float], after: dict[str, float], count: int) -> list[Figure]:
    return [
        Figure(
            f"sizing: processor, {how}, {name}",
            (after[name] - before[name]) / count * 1e5,
            "% of a core per 1,000/s",
        )
        for name in after
    ]


def _status_kib(pid: int, field: str) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return float(next(line for line in text.splitlines() if line.startswith(field)).split()[1])


def _blocks(directory: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())
