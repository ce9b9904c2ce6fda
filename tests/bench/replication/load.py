"""One load for every system that replicates: the same statements, the same pace, the same waiting.

::

    near ◀── statements          written to
     │
     └──▶ far, far …             followed: what counts is when a reader there can see the statement

* **Lag**: statements are offered at a fixed pace whether or not the system keeps up, a tick of ten milliseconds at a time. The clock of a
  tick starts when it was *due*, so that a system which holds its publisher back does not hide it.
* **Sustained**: as fast as the near side takes them, until the far side has all.
* **Catch-up**: the far side is cut off, statements are written, the line is healed. The rate is counted from the first statement
  that arrives; how long the line itself takes to come back is in the time until level.

Statements are numbered; a system that has seen `count` of them has seen those numbered [0, count).
"""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from support.waiting import eventually

LAG_PER_S = 5000
LAG_S = 8
WARM_UP_S = 1
"""Of those, in which lines open and caches fill: not counted, for anybody."""
LAG_STEP = 50
LAG_COUNT = LAG_PER_S * LAG_S
SUSTAINED_COUNT = 60_000
CATCH_UP_COUNT = 200_000
CATCH_UP_S = 20
"""A system that would write longer than that on what it is to miss, by its sustained pace, misses less."""
DEADLINE_S = 300.0


class Arrival(NamedTuple):
    """When a reader could see that so many statements were there."""

    at_s: float
    count: int


class Pair(Protocol):
    """A system under load: one near side, one or more that follow it."""

    async def offer(self, numbers: range) -> None:
        """Hand statements to the near side without waiting until it has acknowledged them."""

    async def write(self, numbers: range) -> None:
        """Write as fast as the near side takes them; returns when all are acknowledged."""

    async def held(self) -> int:
        """Return how many statements a reader can see at the far side that has the fewest."""

    def watched(self) -> AbstractAsyncContextManager[list[list[Arrival]]]:
        """Yield lists, one for each far side, that grow while the block runs."""

    async def cut(self) -> None:
        """Let nothing pass between the sides."""

    async def heal(self) -> None:
        """Let everything pass again."""

    async def check(self, count: int) -> None:
        """Raise `AssertionError` unless both sides hold just the same `count` statements."""


class Lag(NamedTuple):
    """Milliseconds from when a statement was due until the last far side could show it."""

    median_ms: float
    p99_ms: float


class CatchUp(NamedTuple):
    """How a side that was cut off came level."""

    missed: int
    per_s: float
    level_s: float
    """From the healing of the line until level."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one system did."""

    lag: Lag
    sustained_per_s: float
    catch_up: CatchUp


async def measure(pair: Pair) -> Measured:
    """Do all of it, beginning with an empty system, and check what it holds in the end."""
    lag = await measure_lag(pair)
    sustained_per_s = await measure_sustained(pair, LAG_COUNT)
    missed = min(CATCH_UP_COUNT, int(sustained_per_s * CATCH_UP_S))
    catch_up = await measure_catch_up(pair, LAG_COUNT + SUSTAINED_COUNT, missed)
    await pair.check(LAG_COUNT + SUSTAINED_COUNT + missed)
    return Measured(lag, sustained_per_s, catch_up)


async def measure_lag(pair: Pair) -> Lag:
    """Offer `LAG_COUNT` statements to an empty system at `LAG_PER_S`."""
    due: list[Arrival] = []
    async with pair.watched() as followers:
        started = time.perf_counter()
        for first in range(0, LAG_COUNT, LAG_STEP):
            due_s = started + first / LAG_PER_S
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            due.append(Arrival(due_s, first + LAG_STEP))
            await pair.offer(range(first, first + LAG_STEP))
        await eventually(
            lambda: all(seen and seen[-1].count >= LAG_COUNT for seen in followers), deadline_s=DEADLINE_S
        )
    counted = due[WARM_UP_S * LAG_PER_S // LAG_STEP :]
    latest = sorted(map(max, zip(*(_lags_ms(counted, seen) for seen in followers), strict=True)))
    return Lag(latest[len(latest) // 2], latest[len(latest) * 99 // 100])


async def measure_sustained(pair: Pair, first: int) -> float:
    """Write `SUSTAINED_COUNT` statements, numbered from `first`, and return how many a second went through."""
    started = time.perf_counter()
    await pair.write(range(first, first + SUSTAINED_COUNT))
    await eventually(lambda: _has(pair, first + SUSTAINED_COUNT), deadline_s=DEADLINE_S)
    return SUSTAINED_COUNT / (time.perf_counter() - started)


async def measure_catch_up(pair: Pair, first: int, missed: int = CATCH_UP_COUNT) -> CatchUp:
    """Cut the far side off, write `missed` statements, numbered from `first`, and let it catch up."""
    end = first + missed
    await pair.cut()
    await pair.write(range(first, end))
    assert await pair.held() == first, "statements got through a line that was cut"
    healed_s = time.perf_counter()
    await pair.heal()
    begun = await eventually(lambda: _moved(pair, first), deadline_s=DEADLINE_S)
    await eventually(lambda: _has(pair, end), deadline_s=DEADLINE_S)
    level_s = time.perf_counter()
    if begun.count == end:  # all at once: there was no moment between
        return CatchUp(missed, missed / (level_s - healed_s), level_s - healed_s)
    return CatchUp(missed, (end - begun.count) / (level_s - begun.at_s), level_s - healed_s)


def _lags_ms(due: list[Arrival], seen: list[Arrival]) -> list[float]:
    """Return for each tick how long after it was due its last statement was seen."""
    lags = []
    arrivals = iter(seen)
    arrival = next(arrivals)
    for tick in due:
        while arrival.count < tick.count:
            arrival = next(arrivals)
        lags.append((arrival.at_s - tick.at_s) * 1000)
    return lags


async def _has(pair: Pair, count: int) -> bool:
    return await pair.held() >= count


async def _moved(pair: Pair, count: int) -> Arrival | None:
    held = await pair.held()
    return Arrival(time.perf_counter(), held) if held > count else None
