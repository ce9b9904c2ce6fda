"""Group commit: while one commit is on the disk, the next one collects.

::

    intake ──messages──┐                                ┌──▶ acknowledgements
                       ├─▶ take ─▶ store.commit ─▶ tell ┼──▶ replies to ``ingest.append``
    append ──requests──┘   (all that is there)          ├──▶ event.committed
                ▲                                       └──▶ rejected, then acknowledged
                └── the next group collects meanwhile

One commit runs at a time. Under light load it holds one statement and is durable in the time of one fdatasync; under
heavy load it grows until ``GROUP_COUNT`` or ``GROUP_BYTES``, and thousands share the cost of the fdatasync.

Nothing is told before it is true: acknowledgement, reply and event come after the commit, and a refused statement's
message is acknowledged only once the refusal is stored in the ``rejected`` stream. What goes wrong in between (a crash,
the bus away) leads to redelivery, and redelivery of what is durable is a duplicate that changes nothing.

The class knows neither NATS nor files: it is given what it does to the world, which is how the tests run it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stemedb.bus.intake import Delivery
from stemedb.errors import Unavailable
from stemedb.types import Kind
from stemedb_ingest.metrics import IngestMetrics
from stemedb_ingest.store import Body, Bundle, Commit, Refusal

GROUP_COUNT = 4096
"""Messages in one commit: some tens of milliseconds of work, beyond which sharing the fdatasync gains nothing."""

GROUP_BYTES = 1024 * 1024
"""Bytes in one commit: some five thousand statements of usual size, as above. Their parsed forms need ten times that."""

RETRY_S = 1.0
"""When refusals cannot be stored, their messages come back after this."""

REPORTS_MAX = 8
"""Groups whose refusals are being stored at once; at this bound, committing waits for them."""


class Source(Protocol):
    """Where messages come from and are acknowledged; ``stemedb.bus.intake.Intake`` is one."""

    @property
    def pending(self) -> int:
        """Messages that wait to be taken."""

    def take(self, count_max: int, bytes_max: int) -> list[Delivery]:
        """Return what waits, in order."""

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Let the source forget them."""

    async def retry(self, deliveries: Sequence[Delivery], delay_s: float) -> None:
        """Have them delivered again."""


@dataclass(frozen=True, slots=True)
class World:
    """What the pipeline does to the world."""

    source: Source
    kinds: Mapping[str, Kind]
    """The kind of statement that each subject takes."""
    commit: Callable[[Sequence[Body | Bundle]], Awaitable[Commit]]
    announce: Callable[[Commit], Awaitable[None]]
    reject: Callable[[Sequence[tuple[Delivery, Refusal]]], Awaitable[None]]
    """Store refusals where people look for them; raises ``Unavailable`` when it cannot."""


class _Request(NamedTuple):
    work: Body | Bundle
    size: int
    answer: asyncio.Future[tuple[Commit, int]]


class Pipeline:
    """The one owner of what is between the bus and the store; lives on the event loop."""

    def __init__(self, world: World, metrics: IngestMetrics) -> None:
        self._world = world
        self._metrics = metrics
        self._requests: deque[_Request] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._reports: set[asyncio.Task[None]] = set()
        self._committing = 0

    @property
    def pending(self) -> int:
        """Messages and requests taken in and not yet durable."""
        return self._world.source.pending + len(self._requests) + self._committing

    def wake(self) -> None:
        """There is something to take."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the commit in progress and the requests that wait, then let ``run`` return."""
        self._stopping = True
        self._wake.set()

    async def append(self, work: Body | Bundle, size: int) -> tuple[Commit, int]:
        """Make the statements of `work` durable with the next group; `size` is its length in bytes.

        Returns the commit and the position of `work` in it.

        Raises ``Unavailable`` when the service is going down: then nothing of it may have been stored.
        """
        if self._stopping:
            raise Unavailable("ingest is stopping")
        answer: asyncio.Future[tuple[Commit, int]] = asyncio.get_running_loop().create_future()
        self._requests.append(_Request(work, size, answer))
        self._wake.set()
        return await answer

    async def run(self) -> None:
        """Commit group after group until stopped; raises what the store raises, which is fatal."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while await self._one_group():
                    pass
                if self._stopping and not self._requests:
                    break
            if self._reports:
                await asyncio.wait(self._reports)
        finally:
            for request in self._requests:
                if not request.answer.done():
                    request.answer.set_exception(Unavailable("ingest is stopping"))
            for report in self._reports:
                report.cancel()

    async def _one_group(self) -> bool:
        # Once stopping, messages are left to be delivered again; requests have somebody waiting.
        deliveries = [] if self._stopping else self._world.source.take(GROUP_COUNT, GROUP_BYTES)
        requests = self._take_requests()
        if not deliveries and not requests:
            return False
        kinds = self._world.kinds
        works: list[Body | Bundle] = [Body(d.data, kinds.get(d.subject)) for d in deliveries]
        works.extend(request.work for request in requests)
        self._committing = len(works)
        started = time.perf_counter()
        try:
            commit = await self._world.commit(works)
            # If we crash here, everything is durable and nobody knows: redelivery gives duplicates, clients ask again.
        except BaseException:
            for request in requests:
                if not request.answer.done():
                    request.answer.set_exception(Unavailable("ingest failed; nothing may have been stored"))
            raise
        finally:
            self._committing = 0
        self._count(commit, time.perf_counter() - started)
        for position, request in enumerate(requests, start=len(deliveries)):
            if not request.answer.done():
                request.answer.set_result((commit, position))
        await self._settle(deliveries, commit)
        if commit.size > commit.before:
            await self._world.announce(commit)
        return True

    def _take_requests(self) -> list[_Request]:
        taken: list[_Request] = []
        size = 0
        while self._requests and size < GROUP_BYTES:
            taken.append(self._requests.popleft())
            size += taken[-1].size
        return taken

    async def _settle(self, deliveries: list[Delivery], commit: Commit) -> None:
        if not commit.refusals:
            await self._world.source.ack(deliveries)
            return
        whole = [d for position, d in enumerate(deliveries) if position not in commit.refusals]
        await self._world.source.ack(whole)
        refused = [
            (deliveries[position], refusals)
            for position, refusals in commit.refusals.items()
            if position < len(deliveries)
        ]
        if not refused:
            return  # they were refused to requests, which have been told
        while len(self._reports) >= REPORTS_MAX:
            await asyncio.wait(self._reports, return_when=asyncio.FIRST_COMPLETED)
        report = asyncio.create_task(self._report(refused))
        self._reports.add(report)
        report.add_done_callback(self._reports.discard)

    async def _report(self, refused: Sequence[tuple[Delivery, Sequence[Refusal]]]) -> None:
        deliveries = [delivery for delivery, _ in refused]
        try:
            await self._world.reject([(d, refusal) for d, refusals in refused for refusal in refusals])
        except Unavailable:
            self._metrics.returned.inc(len(deliveries))
            await self._world.source.retry(deliveries, RETRY_S)
        else:
            await self._world.source.ack(deliveries)

    def _count(self, commit: Commit, seconds: float) -> None:
        metrics = self._metrics
        for (kind, outcome), count in commit.counts.items():
            metrics.statements.labels(kind, outcome).inc(count)
        for refusals in commit.refusals.values():
            for refusal in refusals:
                metrics.refusals.labels(refusal.code).inc()
        metrics.commit_seconds.observe(seconds)
        metrics.commit_statements.observe(sum(commit.counts.values()))
        metrics.log_size.set(commit.size)
