"""The write-ahead log and the ledger: append, read, catch up, open, memory.

Where the disk or a neighbour would only add noise a figure is the least processor time of many batches, and says so; what an append
takes by the clock is given beside it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness import Context, Figure, best_of
from stemedb.ledger import Ledger, LedgerReader, rebuild
from stemedb.statements import Parsed, statement_id
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Hlc, Kind
from stemedb.wal import Reader, Record, Writer

BATCH = 500
WAL_RECORDS = 100_000
LEDGER_STATEMENTS = 200_000
MEMORY_STATEMENTS = 1_000_000
NOW_MS = 1_700_000_000_000


def figures(context: Context) -> Iterator[Figure]:
    """Measure the log alone, then the ledger over it."""
    yield from _log(context.scratch / "wal")
    yield from _ledger(context.scratch / "replica")
    yield from _memory(context.scratch / "memory")


def make_parsed(number: int) -> Parsed:
    """Return an assertion as parsing gives it, without the cost of parsing."""
    canonical = (
        b'{"agent":"importer","confidence":0.9,"kind":"assertion","lifecycle":"approved",'
        b'"object":{"type":"text","value":"value %d"},"predicate":"license",'
        b'"source":{"tier":2,"uri":"https://example.org/packages/%d"},"subject":"pkg://pypi/package/%d"}'
        % (number, number, number)
    )
    return Parsed(Kind.ASSERTION, statement_id(canonical), canonical, b"", None)  # type: ignore[arg-type]


def _log(directory: Path) -> Iterator[Figure]:
    records = [
        Record(1, Hlc(n), "replica-a", Hlc(n), make_parsed(n).canonical, b"") for n in range(WAL_RECORDS)
    ]
    writer = Writer.open(directory)
    cpu, wall = [], []
    for start in range(0, WAL_RECORDS, BATCH):
        batch = records[start : start + BATCH]
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        writer.append(batch)
        wall.append(time.perf_counter() - wall_before)
        cpu.append(time.process_time() - cpu_before)
    one = [records[-1]]
    single = best_of(50, lambda: writer.append(one))
    writer.close()
    yield Figure("wal: append, batches of 500, processor", min(cpu) / BATCH * 1e6, "µs/record", 2.0)
    yield Figure(
        "wal: append, batches of 500, wall, median", sorted(wall)[len(wall) // 2] / BATCH * 1e6, "µs/record"
    )
    yield Figure("wal: longest append of 500", max(wall) * 1e3, "ms", 20.0)
    yield Figure("wal: append one record", single * 1e6, "µs", floor="sync")
    yield Figure(
        "wal: read", WAL_RECORDS / best_of(3, lambda: _read_all(directory)), "records/s", 500_000, "higher"
    )


def _read_all(directory: Path) -> None:
    reader, position = Reader(directory), None
    while (run := reader.read_run(position)).records:
        position = run.next
    reader.close()


def _ledger(path: Path) -> Iterator[Figure]:
    replica = ReplicaDirectory.create(path, "replica-a")
    ledger = Ledger.open(replica, NOW_MS)
    cpu, wall = [], []
    for start in range(0, LEDGER_STATEMENTS, BATCH):
        items = [(make_parsed(n), None) for n in range(start, start + BATCH)]
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        ledger.append(items, NOW_MS)
        wall.append(time.perf_counter() - wall_before)
        cpu.append(time.process_time() - cpu_before)
    best, median = min(cpu[-100:]), sorted(wall)[len(wall) // 2]
    yield Figure(
        "ledger: append, batches of 500, processor", best / BATCH * 1e6, "µs/statement", 6.0, floor="put"
    )
    yield Figure("ledger: append, batches of 500, wall, median", median / BATCH * 1e6, "µs/statement")
    yield Figure("ledger: longest append of 500", max(wall) * 1e3, "ms", 20.0)
    known = [(make_parsed(n), None) for n in range(BATCH)]
    again = best_of(20, lambda: ledger.append(known, NOW_MS))
    yield Figure("ledger: append, all known", again / BATCH * 1e6, "µs/statement")
    fresh = iter([[(make_parsed(LEDGER_STATEMENTS + n), None)] for n in range(50)])
    single = best_of(50, lambda: ledger.append(next(fresh), NOW_MS))
    yield Figure("ledger: append one statement", single * 1e6, "µs", floor="sync")
    ledger.close()
    yield Figure(
        "ledger: open at 200k after a clean stop",
        best_of(3, lambda: Ledger.open(replica, NOW_MS).close()),
        "s",
        1.0,
    )
    reader = LedgerReader(replica)
    seconds = best_of(3, lambda: reader.statements(0, 100_000))
    yield Figure("ledger: read statements, ids verified", seconds / 100_000 * 1e6, "µs/statement")
    ids = [make_parsed(n).id for n in range(0, LEDGER_STATEMENTS, 20)]
    seconds = best_of(3, lambda: [reader.find(key) for key in ids])
    yield Figure("ledger: find an id", seconds / len(ids) * 1e6, "µs")
    reader.close()
    seconds = best_of(2, lambda: rebuild(replica))
    yield Figure("ledger: rebuild log and ids", seconds / LEDGER_STATEMENTS * 1e6, "µs/statement", 8.0)


_FILL = """
import sys
from pathlib import Path
from bench.bench_ledger import BATCH, NOW_MS, make_parsed
from stemedb.ledger import Ledger
from stemedb.storage.replica import ReplicaDirectory
ledger = Ledger.open(ReplicaDirectory.create(Path(sys.argv[1]), "replica-a"), NOW_MS)
for start in range(0, int(sys.argv[2]), BATCH):
    ledger.append([(make_parsed(n), None) for n in range(start, start + BATCH)], NOW_MS)
for line in open("/proc/self/status"):
    if line.startswith(("VmHWM", "VmRSS", "RssAnon")):
        print(*line.split()[:2])
ledger.close()
"""


def _memory(path: Path) -> Iterator[Figure]:
    output = subprocess.run(
        [sys.executable, "-c", _FILL, str(path), str(MEMORY_STATEMENTS)],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    ).stdout
    resident = dict(line.split(":") for line in output.splitlines())
    mib = {name: int(kib) / 1024 for name, kib in resident.items()}
    yield Figure("ledger: peak memory at 1M statements", mib["VmHWM"], "MiB", 250.0)
    yield Figure("ledger: anonymous memory at 1M statements", mib["RssAnon"], "MiB")
