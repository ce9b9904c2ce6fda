"""The load that all systems are measured under, on a clock of its own: what it counts, and what it refuses to believe."""

from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from rich.console import Console

from bench.replication import __main__ as report
from bench.replication import load
from bench.replication.load import Arrival, CatchUp, Lag, Measured


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self):
        self.now_s = 0.0

    def read(self):
        return self.now_s

    async def sleep(self, seconds):
        self.now_s += seconds


@pytest.fixture
def clock(monkeypatch):
    """Give the load a clock that costs nothing."""
    clock = Clock()
    monkeypatch.setattr(load, "time", SimpleNamespace(perf_counter=clock.read))
    monkeypatch.setattr(load, "asyncio", SimpleNamespace(sleep=clock.sleep))
    return clock


class Pair:
    """Followers that show each statement so many seconds after it was handed over; one hand-over may take long."""

    def __init__(self, clock, delays_s=(0.0,), *, held_up_at=None, held_up_s=0.0, leaks=False):
        self.clock = clock
        self.delays_s = delays_s
        self.held_up_at = held_up_at
        self.held_up_s = held_up_s
        self.leaks = leaks
        self.written = 0
        self.shown = 0
        self.is_cut = False
        self.seen = [[] for _ in delays_s]

    async def offer(self, numbers):
        if self.held_up_at in numbers:
            await self.clock.sleep(self.held_up_s)
        for seen, delay_s in zip(self.seen, self.delays_s, strict=True):
            seen.append(Arrival(self.clock.now_s + delay_s, numbers.stop))
        self.written = self.shown = numbers.stop

    async def write(self, numbers):
        self.written = numbers.stop
        await self.clock.sleep(len(numbers) / 1000)
        if not self.is_cut or self.leaks:
            self.shown = numbers.stop

    async def held(self):
        await self.clock.sleep(0.001)
        if not self.is_cut:
            self.shown = min(self.written, self.shown + 2000)
        return self.shown

    @asynccontextmanager
    async def watched(self):
        yield self.seen

    async def cut(self):
        self.is_cut = True

    async def check(self, count):
        assert count == self.written == self.shown

    async def heal(self):
        await self.clock.sleep(2.0)
        self.is_cut = False


async def test_lag_is_from_due_until_the_slowest_follower_shows_it(clock):
    lag = await load.measure_lag(Pair(clock, (0.010, 0.025)))
    assert lag == pytest.approx((25.0, 25.0))


async def test_a_system_that_holds_its_publisher_back_does_not_hide_it(clock):
    """Half a second of every statement that was due meanwhile counts, though each is shown as soon as it is handed over."""
    lag = await load.measure_lag(Pair(clock, held_up_at=load.LAG_COUNT // 2, held_up_s=0.5))
    assert lag.median_ms == pytest.approx(0.0, abs=1e-6)
    assert lag.p99_ms > 400


async def test_the_first_second_is_not_counted(clock):
    lag = await load.measure_lag(Pair(clock, held_up_at=0, held_up_s=0.5))
    assert lag.p99_ms == pytest.approx(0.0, abs=1e-6)


async def test_catch_up_is_counted_from_the_first_arrival_and_level_from_the_healing(clock):
    caught_up = await load.measure_catch_up(Pair(clock), 0)
    assert caught_up.per_s == pytest.approx(2_000_000)
    assert caught_up.level_s == pytest.approx(2.0 + load.CATCH_UP_COUNT / 2_000_000)


async def test_a_line_that_lets_statements_through_is_no_cut(clock):
    with pytest.raises(AssertionError, match="got through"):
        await load.measure_catch_up(Pair(clock, leaks=True), 0)


async def test_sustained_is_counted_until_the_far_side_has_all(clock):
    assert await load.measure_sustained(Pair(clock), 0) == pytest.approx(1000, rel=0.01)


async def test_a_slow_system_misses_what_it_writes_in_a_bounded_time(clock):
    """At a thousand a second a full catch-up would be minutes of writing."""
    measured = await load.measure(Pair(clock))
    assert measured.sustained_per_s == pytest.approx(1000, rel=0.01)
    assert measured.catch_up.missed == pytest.approx(1000 * load.CATCH_UP_S, rel=0.01)


def test_a_system_that_is_not_installed_has_a_row_of_its_own(monkeypatch):
    monkeypatch.setattr(report, "find_programs", lambda: None)
    systems = report._systems()
    ours = Measured(Lag(20.0, 30.0), 30_000.0, CatchUp(200_000, 40_000.0, 5.0))
    rows = [(system, None if system.run is None else ours) for system in systems]
    console = Console(width=80)
    with console.capture() as shown:
        console.print(report._table(rows))
    last = shown.get().splitlines()[-2]
    assert "PostgreSQL" in last
    assert "not there" in last
