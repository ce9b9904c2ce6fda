"""Ingest as it runs: a real nats-server, the real service as a process, and a publisher as a third.

The figures are end to end: from the first publish until the last statement is durable, acknowledged and shown in the
service's own metrics. Beside them stands what JetStream alone does in the same run: the same messages published, stored,
read back and acknowledged by a reader that does nothing else.

Each is the best of a few rounds, since neighbours on the machine only ever slow things down.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import uvloop

from bench.harness import Context, Figure
from bench.publisher import statement
from stemedb.bus import connection, streams
from stemedb.bus.client import Client
from stemedb.bus.intake import Intake
from stemedb.bus.nats_server import NatsServer
from stemedb.bus.subjects import CONSUMER, Subjects
from support.services import Service, running

ROUNDS = 3
SINGLE_COUNT = 100_000
BULK_COUNT = 200_000
BULK_LINES = 100
MILLION = 1_000_000
LATENCY_COUNT = 500
DEADLINE_S = 300.0


def figures(context: Context) -> Iterator[Figure]:
    """Yield throughput for single statements and for NDJSON, latency of a durable request, and memory."""
    with NatsServer.start(context.scratch / "nats") as server:
        alone = max(_read_back(server, number) for number in range(ROUNDS))
        yield Figure("JetStream alone: publish, store, read back, acknowledge", alone, "messages/s")
        with running(
            "stemedb_ingest",
            context.scratch / "logs",
            nats_url=server.url,
            replica="bench",
            data_dir=context.scratch / "data",
        ) as service:
            yield from _service_figures(server, service)


def _service_figures(server: NatsServer, service: Service) -> Iterator[Figure]:
    done = 0
    single = 0.0
    for _ in range(ROUNDS):
        single = max(single, _ingested(server, service, done, SINGLE_COUNT, 1))
        done += SINGLE_COUNT
    yield Figure("ingest: one message per statement, durable", single, "statements/s", 40_000, "higher")
    bulk = 0.0
    while done < MILLION:
        count = min(BULK_COUNT, MILLION - done)
        bulk = max(bulk, _ingested(server, service, done, count, BULK_LINES))
        done += count
    yield Figure("ingest: NDJSON of 100, durable", bulk, "statements/s", 80_000, "higher")
    yield Figure("ingest: memory at 1M statements, peak so far", _memory_mb(service, "VmHWM"), "MB", 250)
    yield Figure("ingest: memory at 1M statements", _memory_mb(service, "VmRSS"), "MB", 250)
    median, high = uvloop.run(_latency(server.url, done))
    yield Figure("ingest: one statement by request until durable, median", median, "ms")
    yield Figure("ingest: one statement by request until durable, p99", high, "ms")


def _ingested(server: NatsServer, service: Service, first: int, count: int, per_body: int) -> float:
    before = service.metrics()["stemedb_log_size"]

    def all_there() -> bool:
        return service.metrics()["stemedb_log_size"] >= before + count

    return count / _published(server, Subjects("bench").assert_, (count, per_body, first), all_there)


def _published(
    server: NatsServer, subject: str, what: tuple[int, int, int], finished: Callable[[], bool]
) -> float:
    """Publish `what` (count, per body, number of the first) and return the seconds until `finished`."""
    command = [sys.executable, "-m", "bench.publisher", str(server.port), subject, *map(str, what)]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as publisher:
        assert publisher.stdin is not None
        assert publisher.stdout is not None
        publisher.stdout.readline()
        started = time.perf_counter()
        publisher.stdin.write("go\n")
        publisher.stdin.flush()
        while not finished():
            if time.perf_counter() - started > DEADLINE_S:
                publisher.kill()
                raise TimeoutError(f"not ingested after {DEADLINE_S:g} s")
            time.sleep(0.02)
        seconds = time.perf_counter() - started
        assert publisher.stdout.readline().split()[1] == "0", "publishes were refused"
    return seconds


def _read_back(server: NatsServer, number: int) -> float:
    """Return messages per second of JetStream and a reader that only acknowledges."""
    subjects = Subjects(f"alone{number}")
    command = [sys.executable, "-m", "bench.bench_ingest", server.url, subjects.replica, str(SINGLE_COUNT)]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True
    ) as reader:
        try:
            assert reader.stdout is not None
            lines = reader.stdout
            lines.readline()
            what = (SINGLE_COUNT, 1, 0)
            return SINGLE_COUNT / _published(server, subjects.assert_, what, lambda: bool(lines.readline()))
        except BaseException:
            reader.kill()
            raise


async def _read(url: str, replica: str, count: int) -> None:
    subjects = Subjects(replica)
    client = await connection.connect([url], name="bench", wait_s=5)
    arrived = asyncio.Event()
    intake = Intake(
        client,
        subjects.intake_stream,
        CONSUMER,
        declare=lambda: streams.ensure_intake(client, subjects),
        arrived=arrived.set,
    )
    await intake.open()
    print("ready", flush=True)
    read = 0
    while read < count:
        await arrived.wait()
        arrived.clear()
        while taken := intake.take(4096, 1 << 30):
            await intake.ack(taken)
            read += len(taken)
    await client.flush()
    print("done", flush=True)
    await intake.close()
    await client.jetstream().delete_stream(subjects.intake_stream)
    await connection.close(client)


async def _latency(url: str, first: int) -> tuple[float, float]:
    async with await Client.connect(url, "bench") as client:
        times = []
        for number in range(first, first + LATENCY_COUNT):
            body = statement(number)
            started = time.perf_counter()
            await client.append(body)
            times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def _memory_mb(service: Service, field: str) -> float:
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    row = next(row for row in status.splitlines() if row.startswith(field))
    return int(row.split()[1]) / 1024


if __name__ == "__main__":
    uvloop.run(_read(sys.argv[1], sys.argv[2], int(sys.argv[3])))
