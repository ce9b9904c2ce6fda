"""The tail path: following one peer's log.

::

    digest ─▶ checkpoint larger than verified?
                │
                ▼                 several in flight
              pages ─▶ sift ─▶ fetch what is missing ─▶ to ingest ─────┐ several in flight
                        │                                              │
                        ▼                                              ▼
              frontier at the checkpoint's size ═ its root?  ─▶ and all durable? ─▶ advance ─▶ peer's file

Statements are handed on as they come, before the root at the end is known: each certifies itself by its hash. Only progress waits
for the root and for the disk. While one checkpoint settles, the entries of the next are on their way.

Whatever fails, the tail begins again from the last verified size, after a pause that doubles; what was stored is skipped then. One
task per peer, every request with a timeout: a slow or lying peer costs itself.

Crash points
    * before ``advance``: pages are read again, their statements are known;
    * before the file is written: the same, for the last second or so.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from stemedb.errors import Fatal, StemeError
from stemedb.merkle import Checkpoint, Frontier
from stemedb_sync.fetching import Fetching
from stemedb_sync.handing import POSTPONED_RETRY_S, Failed, Handing
from stemedb_sync.page import Page
from stemedb_sync.pages import Pages
from stemedb_sync.peer import Peer
from stemedb_sync.store import Sifted, handover_requests
from stemedb_sync.witness import Verdict, judge_entries

SETTLING_MAX: Final = 8
"""Checkpoints on their way to be durable; beyond that the pages of the next wait."""

PAUSE_S: Final = 0.05
PAUSE_MAX_S: Final = 10.0
"""After a failure, doubled each time, give or take half."""


@dataclass(frozen=True, slots=True)
class World:
    """What a tail does beyond itself; functions, so that it can be tried without a bus."""

    ask: Callable[[str, bytes], Awaitable[bytes]]
    """(endpoint, request) to the peer; raises what the peer raised, or `Unavailable`."""
    append: Callable[[bytes], Awaitable[bytes]]
    """A protobuf ``ReplicateRequest`` to our ingest; durable when it returns."""
    sift: Callable[[Page, Frontier], Awaitable[Sifted]]
    still_missing: Callable[[Sequence[bytes]], Awaitable[set[bytes]]]
    save: Callable[[Peer], Awaitable[None]]
    contradicts: Callable[[Peer, Checkpoint, bytes, int], Awaitable[bool]]
    """The entries did not lead to this checkpoint, so often in a row: examine it, and return whether the peer was set aside."""
    pace: Callable[[int], Awaitable[None]]
    """Wait until so many more statements may be pulled."""
    restamp: Callable[[Peer, int], Awaitable[None]]
    """(peer, count): wait until it may move so many stamps."""
    advanced: Callable[[Peer, int], None]
    """(peer, entries): progress was made."""
    failed: Callable[[Peer, str, str], None]
    """(peer, reason, message): counted and logged."""
    live_origins: Callable[[], frozenset[str]]
    """Replicas that are followed and alive, beside this peer."""


class _Settling(NamedTuple):
    """A checkpoint whose entries are on their way to the disk."""

    reading: int
    frontier: Frontier
    checkpoint: Checkpoint
    note: bytes
    appends: list[asyncio.Task[None]]


class Tail:
    """Follows one peer until cancelled."""

    def __init__(self, peer: Peer, own: str, append_count_max: int, world: World) -> None:
        self._peer = peer
        self._count_max = append_count_max
        self._world = world
        self._pages = Pages(own, world.ask)
        self._fetching = Fetching(
            own, ask=world.ask, still_missing=world.still_missing, live_origins=world.live_origins
        )
        self._handing = Handing(peer, world.append, world.failed, self._handed_over)
        self._bad_pages = 0
        self.is_paused = False

    async def run(self) -> None:
        """Follow the peer for ever; failures are counted and tried again."""
        pause_s = PAUSE_S
        retry = asyncio.create_task(self._retry_postponed())
        try:
            while True:
                await self._peer.wake.wait()
                self._peer.wake.clear()
                if not self._has_work():
                    continue
                try:
                    await self._follow()
                except Fatal:
                    raise  # our own disk: whoever runs this ends the service
                except StemeError as error:
                    reason = error.reason if isinstance(error, Failed) else error.code
                    self._world.failed(self._peer, reason, error.message)
                    await self._pause(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
                    pause_s = min(pause_s * 2, PAUSE_MAX_S)
                    self._peer.rouse()
                else:
                    pause_s = PAUSE_S
                    if self._has_work():
                        self._peer.wake.set()  # it was readmitted, or woken between the last look and the end
        finally:
            retry.cancel()

    async def _pause(self, pause_s: float) -> None:
        """Return after `pause_s`, or as soon as somebody asks for the peer to be followed at once."""
        self._peer.hurry.clear()
        try:
            async with asyncio.timeout(pause_s):
                await self._peer.hurry.wait()
        except TimeoutError:
            return

    def _has_work(self) -> bool:
        peer = self._peer
        if self.is_paused or peer.is_set_aside or peer.is_leaping or peer.latest is None:
            return False
        return min(peer.goal, peer.latest.size) > peer.verified

    async def _follow(self) -> None:
        """Follow the newest checkpoint, and the ones that come meanwhile, until level."""
        peer = self._peer
        frontier, reading = peer.frontier, peer.reading
        settling: deque[asyncio.Task[None]] = deque()
        try:
            while True:
                while settling and settling[0].done():
                    await settling.popleft()
                target, note = peer.latest, peer.latest_note
                level = target is None or min(peer.goal, target.size) <= frontier.size
                is_over = self.is_paused or peer.is_set_aside or peer.is_leaping or peer.reading != reading
                if target is None or level or is_over:
                    if not settling:
                        return
                    await self._woken_or(settling[0])
                    continue
                if len(settling) >= SETTLING_MAX:
                    await settling.popleft()
                    continue
                appends: list[asyncio.Task[None]] = []
                async for page in self._pages.between(frontier.size, target.size):
                    frontier = await self._take(page, frontier, appends)
                    if peer.reading != reading:
                        return  # it is read from another place now
                if judge_entries(frontier, target) is Verdict.REWRITE:
                    await self._examine(target, note)
                self._bad_pages = 0
                before = settling[-1] if settling else None
                step = _Settling(reading, frontier, target, note, appends)
                settling.append(asyncio.create_task(self._settle(step, before)))
        finally:
            left = (*settling, *self._handing.open)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _woken_or(self, settled: asyncio.Task[None]) -> None:
        """Return when a new digest came or `settled` ended."""
        self._peer.wake.clear()
        woken = asyncio.create_task(self._peer.wake.wait())
        try:
            await asyncio.wait((woken, settled), return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _settle(self, step: _Settling, before: asyncio.Task[None] | None) -> None:
        """Advance the peer once the entries of this checkpoint, and of those before it, are durable."""
        if before is not None:
            await before
        await asyncio.gather(*step.appends)
        if self._peer.reading != step.reading:
            return  # the peer was readmitted meanwhile, and is read from its beginning
        taken = step.frontier.size - self._peer.verified
        self._peer.advance(step.frontier, step.checkpoint, step.note)
        self._world.advanced(self._peer, taken)
        await self._world.save(self._peer)

    async def _take(self, page: Page, frontier: Frontier, appends: list[asyncio.Task[None]]) -> Frontier:
        """Hand what is new in `page` to ingest and return the frontier after it."""
        count = page.end - page.start
        await self._world.pace(count)
        # On the scale of the clock that lag is told by, which does not jump when somebody sets ours right.
        ours_s = time.monotonic() - time.time()
        self._peer.lag.accepted(page.start, (page.accepted_first >> 16) / 1000 + ours_s)
        sifted = await self._world.sift(page, frontier)
        await self._world.restamp(self._peer, sifted.restamps)
        arrivals = sifted.arrivals
        if sifted.missing:
            arrivals += await self._fetching.of_page(page, sifted.missing)
        # Where most of what was not sent had to be fetched, it had better be sent.
        self._peer.echo_s = None if arrivals or sifted.whole else time.monotonic()
        not_sent = page.canonicals.count(b"")
        if not_sent:
            self._pages.send_all = len(sifted.missing) * 2 > not_sent
        handovers = handover_requests(arrivals, self._count_max) if sifted.whole is None else [sifted.whole]
        appends += await self._handing.start(handovers)
        return sifted.frontier

    def _handed_over(self, reached: int) -> None:
        self._pages.reached = max(self._pages.reached, reached)

    async def _examine(self, target: Checkpoint, note: bytes) -> None:
        """Find out why the entries did not lead to `target`; always raises."""
        self._bad_pages += 1
        if await self._world.contradicts(self._peer, target, note, self._bad_pages):
            self._bad_pages = 0
            raise Failed("rewrite", f"entries and checkpoint of size {target.size} contradict one another")
        raise Failed("bad_page", f"the pages sent are not the log that was signed at size {target.size}")

    async def _retry_postponed(self) -> None:
        while True:
            await asyncio.sleep(POSTPONED_RETRY_S)
            if self._peer.postponed and not self.is_paused and not self._peer.is_set_aside:
                await self._handing.retry_postponed(self._fetching, self._count_max, self._world.save)
