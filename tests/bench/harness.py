"""What a measurement is, and the floors that all of them are compared with.

A figure without something beside it says little on a machine that others share, so every run first measures three
floors, and each figure names the floor it rests on:

* ``hash``: BLAKE3 of 64 bytes, one call from Python, in microseconds;
* ``sync``: 4 KiB written into a zero-filled file and synchronised with ``fdatasync``, in microseconds;
* ``put``: one LMDB put of a random 32-byte key inside a large transaction, in microseconds.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Literal

import lmdb
from blake3 import blake3

FLOOR_COUNT = 50_000

SCRATCH = os.environ.get("STEMEDB_BENCH_DIR", "/var/tmp")
"""Where scratch folders are made: on a disk, where ``/tmp`` may be memory and a sync costs nothing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and what it should be."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    better: Literal["lower", "higher"] = "lower"
    floor: Literal["hash", "sync", "put"] | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; ``None`` where there is none."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.better == "lower" else self.value >= self.aim


@dataclass(frozen=True, slots=True)
class Context:
    """What a measuring function may use: a scratch folder on a real disk and the floors in microseconds."""

    scratch: Path
    floors: dict[str, float] = field(default_factory=dict)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield an empty folder on a real disk that is gone when the block ends, also by Ctrl-C or SIGTERM."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with tempfile.TemporaryDirectory(prefix="stemedb-bench-", dir=SCRATCH) as path:
            yield Path(path)
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do for SIGTERM what is done for Ctrl-C, by an event loop for example, even where a shell had us ignore that."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        raise KeyboardInterrupt
    handler(number, frame)


def best_of(repeats: int, run: Callable[[], object]) -> float:
    """Return the shortest wall time of `repeats` runs, in seconds."""
    shortest = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        shortest = min(shortest, time.perf_counter() - started)
    return shortest


def measure_floors(scratch: Path) -> dict[str, float]:
    """Return the three floors in microseconds per operation."""
    return {"hash": _hash_floor(), "sync": _sync_floor(scratch), "put": _put_floor(scratch)}


def floor_figures(floors: dict[str, float]) -> Iterator[Figure]:
    """Return the floors as figures, so that they stand in the same table."""
    yield Figure("floor: BLAKE3 of 64 bytes", floors["hash"], "µs")
    yield Figure("floor: 4 KiB write and fdatasync", floors["sync"], "µs")
    yield Figure("floor: LMDB put of a random key", floors["put"], "µs")


def _hash_floor() -> float:
    block = os.urandom(64)
    blocks = [block] * FLOOR_COUNT
    return best_of(5, lambda: [blake3(b).digest() for b in blocks]) / FLOOR_COUNT * 1e6


def _sync_floor(scratch: Path) -> float:
    count = 200
    handle = os.open(scratch / "floor.bin", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(handle, bytes(4096 * count), 0)
        os.fsync(handle)
        page = os.urandom(4096)

        def run() -> None:
            for i in range(count):
                os.pwrite(handle, page, i * 4096)
                os.fdatasync(handle)

        return best_of(3, run) / count * 1e6
    finally:
        os.close(handle)


def _put_floor(scratch: Path) -> float:
    keys = [os.urandom(32) for _ in range(FLOOR_COUNT)]
    environment = lmdb.open(str(scratch / "floor.lmdb"), map_size=1 << 28, sync=False)
    try:

        def run() -> None:
            with environment.begin(write=True) as transaction:
                put = transaction.put
                for key in keys:
                    put(key, key)

        return best_of(3, run) / FLOOR_COUNT * 1e6
    finally:
        environment.close()
