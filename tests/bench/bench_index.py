"""How fast the map follows the log, how much memory that takes, and how fast it answers.

One log of a million statements is made, as an import of packages would: package after package, in no order, six claims about
each. Then the map is made from it in this process (apply), and again by a real index process (memory, reads), which at last follows a
real ingest that takes in 5,000 statements a second (visible after commit).
"""

import asyncio
import gc
import os
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.harness import Context, Figure, best_of
from stemedb.bus.client import Client
from stemedb.bus.messages import Committed, GetRequest, Indexed, ProveRequest, QueryRequest, RootRequest
from stemedb.bus.runtime import GC_THRESHOLDS
from stemedb.ledger import Ledger, LedgerReader
from stemedb.projection import Projection, Query, compact
from stemedb.statements import parse_batch
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import StatementId
from support.nats import running_server
from support.services import Service

STATEMENTS = int(os.environ.get("STEMEDB_BENCH_STATEMENTS", "1000000"))
APPLY_STATEMENTS = min(200_000, STATEMENTS)
PREDICATES = (b"license", b"summary", b"author", b"requires-python", b"homepage", b"keywords")
BATCH = 3000
REPLICA = "bench-index"

RATE = 5000
"""Statements a second while visibility is measured."""
TICK_S = 0.01
SECONDS = 8
READS = 400
LARGE_PAGES = 40
"""Read so that caches and mapped files are as full as they get: their statements lie all over the id table."""


def figures(context: Context) -> Iterator[Figure]:
    """Measure everything about the index."""
    replica = ReplicaDirectory.create(context.scratch / "data", REPLICA)
    write_log(replica, STATEMENTS)
    yield from _applied(replica)
    (replica.index / "map.mst").unlink()
    with running_server(context.scratch / "nats") as server:
        settings = {"replica": REPLICA, "data_dir": replica.path, "nats_url": server.url}
        index = Service.start("stemedb_index", context.scratch / "index", **settings)
        try:
            yield from _caught_up(index)
            yield from asyncio.run(_reads(server.url, replica))
            ingest = Service.start("stemedb_ingest", context.scratch / "ingest", **settings)
            try:
                yield from asyncio.run(_visible(server.url))
            finally:
                ingest.kill()
            yield Figure("index: memory after that", _memory(index, "VmRSS"), "MB", aim=250)
        finally:
            index.kill()
    yield from _compacted(replica)


def _statement(number: int) -> bytes:
    package, which = divmod(number, len(PREDICATES))
    name = b"%06d" % (package * 7919 % 999_983)
    return (
        b'{"kind":"assertion","subject":"pkg://pypi/package-%b/1.%d","predicate":"%b","object":{"type":"text","value":"value %d"},'
        b'"confidence":0.9,"source":{"tier":4,"uri":"https://pypi.org/project/package-%b/"},"lifecycle":"approved","agent":"importer"}'
        % (name, package % 7, PREDICATES[which], number, name)
    )


def write_log(replica: ReplicaDirectory, count: int) -> None:
    """Append so many statements to the log of `replica`."""
    now_ms = time.time_ns() // 1_000_000
    with closing(Ledger.open(replica, now_ms)) as ledger:
        for start in range(0, count, BATCH):
            parsed = parse_batch([_statement(n) for n in range(start, min(start + BATCH, count))])
            ledger.append([(p, None) for p in parsed], now_ms)  # type: ignore[misc]  # none is refused


def _applied(replica: ReplicaDirectory) -> Iterator[Figure]:
    """Apply the first statements into a new map, the best of three."""

    def run() -> None:
        (replica.index / "map.mst").unlink(missing_ok=True)
        with (
            closing(LedgerReader(replica)) as reader,
            Projection.open(replica, writable=True) as projection,
        ):
            projection.catch_up(reader, upto=APPLY_STATEMENTS)

    gc.set_threshold(*GC_THRESHOLDS)  # as the service does
    rate = APPLY_STATEMENTS / best_of(3, run)
    yield Figure(
        f"index: apply {APPLY_STATEMENTS // 1000}k, WAL to commit", rate, "statements/s", 50_000, "higher"
    )
    with closing(LedgerReader(replica)) as reader, Projection.open(replica) as projection:
        view = projection.view(reader)
        ids = [StatementId(key[-32:]) for key, _ in projection.file.snapshot().items()]
        some = random.Random(1).sample(ids, 2000)
        yield Figure(
            "index: get, in process", best_of(3, lambda: list(map(view.get, some))) / 2000 * 1e6, "µs"
        )
        page = Query(prefix="pkg://pypi", limit=100)
        yield Figure(
            "index: page of 100 claims, in process", best_of(5, lambda: view.query(page)) * 1e3, "ms"
        )
        resolved = Query(prefix="pkg://pypi", limit=100, lens="authority")
        yield Figure(
            "index: page of 100 resolved groups, in process",
            best_of(5, lambda: view.query(resolved)) * 1e3,
            "ms",
        )


def _caught_up(index: Service) -> Iterator[Figure]:
    began = time.monotonic()
    while index.metrics().get("stemedb_index_applied_statements", 0) < STATEMENTS:
        time.sleep(0.1)
    seconds = time.monotonic() - began
    yield Figure(f"index: catch up {STATEMENTS // 1000}k, as a process", STATEMENTS / seconds, "statements/s")
    yield Figure(
        f"index: memory at {STATEMENTS // 1000}k, largest on the way", _memory(index, "VmHWM"), "MB", aim=250
    )
    yield Figure(
        "index: file per key on the way",
        index.metrics()["stemedb_index_file_bytes{thread=writing}"] / STATEMENTS,
        "B",
    )


def _compacted(replica: ReplicaDirectory) -> Iterator[Figure]:
    began = time.perf_counter()
    _, after = compact(replica)
    seconds = time.perf_counter() - began
    keys = STATEMENTS + SECONDS * RATE
    yield Figure(f"index: compact {keys // 1000}k entries, commits wait", seconds, "s")
    yield Figure("index: file per key after that", after / keys, "B")


async def _reads(url: str, replica: ReplicaDirectory) -> list[Figure]:
    """Ask over the bus, one request after the other."""
    with closing(LedgerReader(replica)) as reader:
        draw = random.Random(2)
        ids = [reader.entry(draw.randrange(reader.size)).id.hex() for _ in range(READS)]
    subjects = [f"pkg://pypi/package-{draw.randrange(166_000) * 7919 % 999_983:06d}" for _ in range(READS)]
    async with await Client.connect(url, REPLICA) as client:
        gets = [await _timed(client.get(GetRequest(id=id_))) for id_ in ids]
        queries = [
            await _timed(client.query(QueryRequest(prefix=subject, lens="authority"))) for subject in subjects
        ]
        pages = [await _timed(client.query(QueryRequest(limit=100))) for _ in range(40)]
        proofs = [await _timed(client.prove(ProveRequest(id=id_))) for id_ in ids[:100]]
        cursor = None
        for _ in range(LARGE_PAGES):
            cursor = (await client.query(QueryRequest(limit=1000, cursor=cursor))).cursor
    return [
        Figure("index: get over the bus, median", _quantile(gets, 0.5) * 1e3, "ms"),
        Figure("index: get over the bus, p99", _quantile(gets, 0.99) * 1e3, "ms"),
        Figure("index: one resolved subject over the bus, median", _quantile(queries, 0.5) * 1e3, "ms"),
        Figure("index: page of 100 claims over the bus, median", _quantile(pages, 0.5) * 1e3, "ms"),
        Figure("index: proof over the bus, median", _quantile(proofs, 0.5) * 1e3, "ms"),
    ]


async def _timed(work) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def _visible(url: str) -> list[Figure]:
    """Append at `RATE` and note when each log size was announced as durable and as taken in."""
    committed: list[tuple[int, float]] = []
    indexed: list[tuple[int, float]] = []

    async def on_committed(message) -> None:
        committed.append((Committed.decode(message.data).size, time.perf_counter()))

    async def on_indexed(message) -> None:
        indexed.append((Indexed.decode(message.data).applied, time.perf_counter()))

    async with await Client.connect(url, REPLICA) as client:
        await client.nats.subscribe(client.subjects.committed, cb=on_committed)
        await client.nats.subscribe(client.subjects.indexed, cb=on_indexed)
        pending: set[asyncio.Task[object]] = set()
        per_tick = int(RATE * TICK_S)
        began = time.perf_counter()
        for tick in range(int(SECONDS / TICK_S)):
            await asyncio.sleep(max(0.0, began + tick * TICK_S - time.perf_counter()))
            first = STATEMENTS + tick * per_tick
            body = b"\n".join(_statement(n) for n in range(first, first + per_tick))
            task = asyncio.create_task(client.append(body))
            pending.add(task)
            task.add_done_callback(pending.discard)
        await asyncio.gather(*pending)
        rate = SECONDS * RATE / (time.perf_counter() - began)
        await client.root(RootRequest(wait_size=STATEMENTS + SECONDS * RATE, timeout_ms=20_000))
        await asyncio.sleep(0.1)
    delays, at = [], 0
    for size, when in committed:
        while indexed[at][0] < size:
            at += 1
        delays.append(max(0.0, indexed[at][1] - when))
    return [
        Figure("index: statements taken in meanwhile", rate, "statements/s", RATE * 0.98, "higher"),
        Figure("index: visible after commit at 5k/s, median", _quantile(delays, 0.5) * 1e3, "ms"),
        Figure("index: visible after commit at 5k/s, p99", _quantile(delays, 0.99) * 1e3, "ms", aim=50),
    ]


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _memory(service: Service, name: str) -> float:
    """Return what the kernel says of a process (``VmRSS`` now, ``VmHWM`` at most), in MB of 10^6 bytes."""
    for line in Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise AssertionError(name)
