"""Keeping the map up to the log, and telling everybody who waits for that.

::

    event.committed ──┐
                      ├─▶ wake ─▶ one batch on the writing thread ─▶ event.indexed, waiting requests, metrics ─┐
    every poll_ms   ──┘    ▲                                                                                   │
                           └──────────── at once while behind, else after the commit gap ──────────────────────┘

Events only make it quick. A lost event, a restart or an ingest that died before it published costs one poll, since
the log itself says what there is. A map that is found damaged, by either thread, is put aside and made anew (`mending`). Any other failure
ends the service: the map on disk is a whole commit, and the next start reads on.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from structlog.typing import FilteringBoundLogger

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import Indexed, Stamp
from stemedb.bus.messages.base import COUNTER_BITS
from stemedb.bus.subjects import Subjects
from stemedb.bus.worker import Worker
from stemedb.errors import Corruption, Unavailable
from stemedb.projection import Applied, View
from stemedb.types import Stamp as CoreStamp
from stemedb_index.mending import Patience
from stemedb_index.metrics import MAP, IndexMetrics
from stemedb_index.settings import IndexSettings
from stemedb_index.store import Mended, Position, Reading, Writing

T = TypeVar("T")


class Follower:
    """Owns the two threads' stores and knows how far the map is; belongs to the event loop."""

    def __init__(
        self,
        writing: Writing,
        reading: Reading,
        workers: tuple[Worker, Worker],
        *,
        client: Client,
        settings: IndexSettings,
        metrics: IndexMetrics,
        lifetime: Lifetime,
        log: FilteringBoundLogger,
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._writer, self._reader = workers
        self._client = client
        self._subjects = Subjects(settings.replica)
        self._gap_s = settings.index_commit_gap_ms / 1000
        self._poll_s = settings.index_poll_ms / 1000
        self._metrics = metrics
        self._lifetime = lifetime
        self._log = log
        self._position = writing.position()
        self._wake = asyncio.Event()
        self._moved = asyncio.Condition()
        self._level = False
        self._trouble = ""
        self._patience = Patience()
        self._damage: Corruption | None = None
        self._mends = 0
        if writing.mended is not None:
            self._tell_mended(writing.mended)

    def readiness(self) -> str | None:
        """Return None once the map has been level with the log and while the ledger can be read, else why not."""
        if self._trouble:
            return self._trouble
        if self._level:
            return None
        return f"the map has taken in {self._position.applied} of {self._position.log_size} entries"

    async def answer(self, ask: Callable[[View], T]) -> T:
        """Return what `ask` makes of the last commit, on the reading thread; raises Unavailable if the map turns out damaged."""
        mends = self._mends
        try:
            return await self._reader.run(self._reading.answer, ask)
        except Corruption as error:
            if not self._writing.is_about_the_map(error):
                raise
            if mends == self._mends:  # else it read the file that is put aside already
                self._damage = error
                self._wake.set()
            raise Unavailable(f"the map is damaged, and is made anew from the log: {error.reason}") from error

    async def reach(self, size: int, timeout_s: float) -> None:
        """Return once the map has taken in `size` entries; raise Unavailable after `timeout_s`."""
        if self._has(size):
            return
        self._wake.set()  # who waits for an entry knows of it, even if its event was lost
        try:
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: self._has(size))
        except TimeoutError:
            raise Unavailable(
                f"the map has taken in {self._position.applied} entries and not {size} within {timeout_s:g} s"
            ) from None

    def _has(self, size: int) -> bool:
        return self._position.applied >= size and self._damage is None

    async def run(self) -> None:
        """Keep the map up to the log until the service ends. Raises what the store raises."""
        await self._client.subscribe(self._subjects.committed, cb=self._on_committed)
        ending = asyncio.create_task(self._wake_at_the_end())
        await self._moved_on(None)  # a lag that is there is seen before the first batch is done
        try:
            while not self._lifetime.ending:
                began = time.monotonic()
                self._wake.clear()
                applied = await self._step()
                await self._moved_on(applied)
                if applied is None:
                    await self._pause(began)
                    continue
                await self._compact_if_due()
                if not self._position.lag:
                    await self._pause(began + self._gap_s)
        finally:
            ending.cancel()

    async def _step(self) -> Applied | None:
        if self._damage is not None:
            await self._mend(self._damage)
        try:
            applied = await self._writer.run(self._writing.step, lambda: self._lifetime.ending)
        except Corruption as error:
            if not self._writing.is_about_the_map(error):
                raise
            await self._mend(error)
            return await self._step()
        except Unavailable as error:
            # Somebody makes the derived files of the ledger anew; the poll comes back to it.
            if error.message != self._trouble:
                self._log.warning("ledger not readable", reason=error.message)
            self._trouble = error.message
            return None
        if self._trouble:
            self._log.info("ledger readable again")
            self._trouble = ""
        return applied

    async def _mend(self, error: Corruption) -> None:
        """Put the damaged map aside and begin it anew; raises `error` when that happens too often."""
        self._patience.spend(error, time.monotonic())
        self._tell_mended(await self._writer.run(self._writing.mend, error))
        self._damage = None
        self._position = self._writing.position()

    def _tell_mended(self, mended: Mended) -> None:
        self._mends += 1
        self._level = False
        self._metrics.integrity_failures.labels(MAP).inc()
        self._log.error(
            "map damaged, made anew from the log", error=mended.error.message, kept=str(mended.aside)
        )

    async def _on_committed(self, _: Msg) -> None:
        self._wake.set()

    async def _wake_at_the_end(self) -> None:
        await self._lifetime.wait()
        self._wake.set()

    async def _pause(self, not_before: float) -> None:
        """Return when the log has grown or the poll is due, and never before the time `not_before`."""
        gap_s = not_before - time.monotonic()
        if gap_s > 0:
            try:
                async with asyncio.timeout(gap_s):
                    await self._lifetime.wait()
            except TimeoutError:
                pass
        try:
            async with asyncio.timeout(self._poll_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _moved_on(self, applied: Applied | None) -> None:
        """Tell everybody how far the map is now."""
        self._position = position = self._writing.position()
        metrics = self._metrics
        metrics.lag.set(position.lag)
        metrics.keys.set(position.keys)
        metrics.applied.set(position.applied)
        if applied is not None:
            metrics.statements.inc(applied.end - applied.start)
            metrics.batch_statements.observe(applied.end - applied.start)
            metrics.apply_seconds.observe(applied.apply_s)
            metrics.commit_seconds.observe(applied.commit_s)
            metrics.visible_seconds.observe(max(0.0, time.time() - (applied.oldest >> COUNTER_BITS) / 1000))
            async with self._moved:
                self._moved.notify_all()
            await self._publish(position, applied)
        if not self._level and not position.lag:
            self._level = True
            self._log.info("level with the log", applied=position.applied, keys=position.keys)

    async def _publish(self, position: Position, applied: Applied) -> None:
        event = Indexed(
            replica=self._subjects.replica,
            applied=position.applied,
            root=applied.root.hex(),
            keys=position.keys,
            changed=applied.changed,
            clock=Stamp.of(CoreStamp(applied.newest, self._subjects.replica)),
        )
        try:
            await self._client.publish(self._subjects.indexed, event.encode())
        except nats.errors.Error as error:
            # Events only make others quick: the map and its root can be asked for.
            self._log.warning("event not sent", error=str(error))

    async def _compact_if_due(self) -> None:
        try:
            compacted = await self._writer.run(self._writing.compact_if_due)
        except Corruption as error:
            if not self._writing.is_about_the_map(error):
                raise
            self._damage = error
            self._wake.set()
            return
        if compacted is not None:
            self._metrics.compact_seconds.observe(compacted.seconds)
            self._log.info(
                "compacted",
                before_bytes=compacted.before_bytes,
                after_bytes=compacted.after_bytes,
                seconds=compacted.seconds,
            )
