"""Keeping the world up to the log, and telling everybody what that changes.

::

    event.indexed ──┐
                    ├─▶ wake ─▶ index.log from where we stand ─▶ the world's thread ─▶ event.finding, metrics, waiting requests
    every poll_ms ──┘

Every page begins with the last entry that was read: if another one stands there now, the log is another log (it was lost and
began anew) and the world is made anew. Events only make it quick; a lost one costs one poll.

Until the world is level for the first time it is being remembered, not changed, and no finding is told.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

import nats.errors
from nats.aio.msg import Msg
from structlog.typing import FilteringBoundLogger

from stemedb.bus.client import Client
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import LogEntry, LogRequest
from stemedb.bus.messages.index import PAGE_MAX
from stemedb.bus.worker import Worker
from stemedb.errors import StemeError, Unavailable
from stemedb_analysis.observed import Change
from stemedb_analysis.service.metrics import OTHERS, PROJECTS_MAX, REFUSALS, VERDICTS, AnalysisMetrics
from stemedb_analysis.service.reading import Reading, Summary
from stemedb_analysis.service.wire import finding_event

T = TypeVar("T")

EVENTS_MAX: Final = 10_000
"""Of one page: whoever wants more asks for the findings."""


class Follower:
    """Owns the world's thread and knows how far it is; belongs to the event loop."""

    def __init__(
        self,
        client: Client,
        worker: Worker,
        make: Callable[[], Reading],
        *,
        poll_s: float,
        metrics: AnalysisMetrics,
        lifetime: Lifetime,
        log: FilteringBoundLogger,
    ) -> None:
        self._client = client
        self._worker = worker
        self._make = make
        self._poll_s = poll_s
        self._metrics = metrics
        self._lifetime = lifetime
        self._log = log
        self._reading = make()
        self._last: LogEntry | None = None
        self._wake = asyncio.Event()
        self._moved = asyncio.Condition()
        self._is_level = False
        self._trouble = "index: not asked yet"
        self._labels: set[str] = set()
        self._is_stale = True  # whether the gauges are of an earlier summary
        self.on_touched: Callable[[Sequence[tuple[str, str]]], None] = lambda touched: None  # noqa: ARG005 - nobody listens yet

    @property
    def applied(self) -> int:
        """How much of the log the world has taken in."""
        return 0 if self._last is None else self._last.index + 1

    @property
    def is_level(self) -> bool:
        """Whether the world has been level with the log since the start."""
        return self._is_level

    def readiness(self) -> str | None:
        """Return None once the world has been level with the log and while index answers, else why not."""
        return self._trouble or (None if self._is_level else f"{self.applied} entries of the log taken in")

    async def ask(self, question: Callable[[Reading], T]) -> T:
        """Return what `question` makes of the world, on its thread."""
        reading = self._reading
        return await self._worker.run(lambda: question(reading))

    async def reach(self, size: int, timeout_s: float) -> None:
        """Return once the world has taken in `size` entries; raise Unavailable after `timeout_s`."""
        self._wake.set()
        try:
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: self.applied >= size)
        except TimeoutError:
            raise Unavailable(
                f"analysis has taken in {self.applied} entries and not {size} within {timeout_s:g} s"
            ) from None

    async def run(self) -> None:
        """Keep the world up to the log until the service ends."""
        await self._client.nats.subscribe(self._client.subjects.indexed, cb=self._on_indexed)
        ending = asyncio.create_task(self._wake_at_the_end())
        try:
            while not self._lifetime.ending:
                self._wake.clear()
                if not await self._step():
                    await self._pause()
        finally:
            ending.cancel()

    async def _step(self) -> bool:
        """Take in one page; return whether there may be more."""
        try:
            page = await self._client.log(LogRequest(start=max(0, self.applied - 1), limit=PAGE_MAX))
        except StemeError as error:
            if error.message != self._trouble:
                self._log.info("waiting", reason=error.message)
            self._trouble = error.message
            return False
        self._trouble = ""
        entries = page.entries
        if self._last is not None:
            if not entries or (entries[0].index, entries[0].id) != (self._last.index, self._last.id):
                self._log.warning("another log", entries=self.applied)
                self._reading, self._last, self._is_level = self._make(), None, False
                return True
            entries = entries[1:]
        began = time.perf_counter()
        today = datetime.now(UTC).date()
        told = await self.ask(lambda reading: reading.tell(entries, today))
        if entries:
            self._last = entries[-1]
        if self._is_level:
            await self._tell(told.changes)
            self._metrics.rejudged.inc(len(told.changes))
            self.on_touched(told.touched)
        if told.changes or not self._is_level:
            self._metrics.rejudge_seconds.observe(time.perf_counter() - began)
        is_level = self.applied >= page.applied
        self._is_stale |= told.is_other
        if is_level and (self._is_stale or not self._is_level):
            self._is_stale = False
            self._show(await self.ask(Reading.summary))
        if is_level and not self._is_level:
            self._is_level = True
            self._log.info("level with the log", applied=self.applied)
        self._metrics.applied.set(self.applied)
        async with self._moved:
            self._moved.notify_all()
        return not is_level

    async def _tell(self, changes: Sequence[Change]) -> None:
        subjects = self._client.subjects
        try:
            for change in changes[:EVENTS_MAX]:
                event = finding_event(subjects.replica, change, self.applied)
                await self._client.nats.publish(subjects.found, event.encode())
        except nats.errors.Error as error:
            # Events only make others quick: the findings can be asked for.
            self._log.warning("event not sent", error=str(error))

    def _show(self, summary: Summary) -> None:
        """Set the gauges; projects beyond the bound share one label."""
        rows = dict(sorted(summary.counts.items())[:PROJECTS_MAX])
        for project, counts in summary.counts.items():
            if project not in rows:
                others = rows.setdefault(OTHERS, dict.fromkeys(counts, 0))
                for verdict, count in counts.items():
                    others[verdict] += count
        for project in self._labels - rows.keys():
            for verdict in VERDICTS:
                self._metrics.findings.remove(project, verdict)
            self._metrics.observations.remove(project)
        self._labels = set(rows)
        for project, counts in rows.items():
            for verdict, count in counts.items():
                self._metrics.findings.labels(project, verdict).set(count)
            self._metrics.observations.labels(project).set(sum(counts.values()))
        for tier in range(4):
            self._metrics.authorities.labels(str(tier), "replica").set(summary.authorities[tier])
            self._metrics.authorities.labels(str(tier), "shipped").set(summary.shipped[tier])
        for reason in REFUSALS:
            self._metrics.refused.labels(reason).set(summary.refused[reason])

    async def _on_indexed(self, _: Msg) -> None:
        self._wake.set()

    async def _wake_at_the_end(self) -> None:
        await self._lifetime.wait()
        self._wake.set()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._poll_s):
                await self._wake.wait()
        except TimeoutError:
            return
