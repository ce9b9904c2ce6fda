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
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from google.protobuf.message import DecodeError

from stemedb.bus import messages
from stemedb.errors import Fatal, InvalidInput, NotFound, Overloaded, ProofError, StemeError, Unavailable
from stemedb.merkle import Checkpoint, Frontier
from stemedb.statements import statement_id
from stemedb.types import Stamp
from stemedb.v1 import base_pb2, bulk_pb2, sync_pb2
from stemedb_sync.page import PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, Page, decode
from stemedb_sync.peers import POSTPONED_MAX, Peer
from stemedb_sync.store import Arrival, Handover, Sifted, handover_requests
from stemedb_sync.witness import Verdict, judge_entries

PAGES_IN_FLIGHT: Final = 4
"""Of half a MiB: what one peer may have in our memory before it is taken apart."""

APPENDS_IN_FLIGHT: Final = 4
"""Requests to ingest that wait for the disk, of at most 768 KiB."""

SETTLING_MAX: Final = 8
"""Checkpoints on their way to be durable; beyond that the pages of the next wait."""

PAUSE_S: Final = 0.05
PAUSE_MAX_S: Final = 10.0
"""After a failure, doubled each time, give or take half."""

POSTPONED_RETRY_S: Final = 5.0
"""Between attempts to store what was too far ahead of our clock."""

ORIGIN_GRACE_S: Final = 0.05
"""A statement that another live peer stamped comes from there in full; this long it is not fetched from somebody else."""

BAD_PAGES_MAX: Final = 5
"""Times in a row that pages do not lead to the signed root and no proof says why; then the peer is set aside."""


class Failed(StemeError):
    """A round that ends early; `reason` is what is counted."""

    code = "sync_failed"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


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
    contradicts: Callable[[Peer, Checkpoint, bytes], Awaitable[bool]]
    """The entries did not lead to this checkpoint: examine it, and return whether the peer was set aside."""
    pace: Callable[[int], Awaitable[None]]
    """Wait until so many more statements may be pulled."""
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
        self._own = own
        self._count_max = append_count_max
        self._world = world
        self._page_entries = PAGE_ENTRIES_MAX
        self._inline_all = False
        self._appending = asyncio.Semaphore(APPENDS_IN_FLIGHT)
        self.bad_pages = 0
        self._open: set[asyncio.Task[None]] = set()
        self._reached = 0  # entries below were handed over once: after a failure their ids are enough
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
                    await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
                    pause_s = min(pause_s * 2, PAUSE_MAX_S)
                    self._peer.rouse()
                else:
                    pause_s = PAUSE_S
                    if self._has_work():
                        self._peer.wake.set()  # it was readmitted, or woken between the last look and the end
        finally:
            retry.cancel()

    def _has_work(self) -> bool:
        peer = self._peer
        if self.is_paused or peer.is_set_aside or peer.latest is None:
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
                if target is None or level or self.is_paused or peer.is_set_aside or peer.reading != reading:
                    if not settling:
                        return
                    await self._woken_or(settling[0])
                    continue
                if len(settling) >= SETTLING_MAX:
                    await settling.popleft()
                    continue
                appends: list[asyncio.Task[None]] = []
                async for page in self._pages(frontier.size, target.size):
                    frontier = await self._take(page, frontier, appends)
                if judge_entries(frontier, target) is Verdict.REWRITE:
                    await self._examine(target, note)
                self.bad_pages = 0
                before = settling[-1] if settling else None
                step = _Settling(reading, frontier, target, note, appends)
                settling.append(asyncio.create_task(self._settle(step, before)))
        finally:
            left = (*settling, *self._open)
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

    async def _pages(self, start: int, end: int) -> AsyncIterator[Page]:
        """Yield the pages of ``[start, end)`` in order, several asked for at once."""
        window: deque[tuple[int, int, asyncio.Task[Page]]] = deque()
        at = start
        try:
            while at < end or window:
                while at < end and len(window) < PAGES_IN_FLIGHT:
                    stop = min(end, at + self._page_entries)
                    window.append((at, stop, asyncio.create_task(self._page(at, stop))))
                    at = stop
                _, stop, task = window.popleft()
                page = await task
                got = page.end - page.start
                if page.end < stop:  # it was full: large statements, so ask for fewer from now on
                    self._page_entries = max(1, got * 7 // 8)
                    rest = asyncio.create_task(self._page(page.end, stop))
                    window.appendleft((page.end, stop, rest))
                else:
                    self._page_entries = min(PAGE_ENTRIES_MAX, self._page_entries + 1 + got // 64)
                yield page
        finally:
            for _, _, task in window:
                task.cancel()
            await asyncio.gather(*(task for _, _, task in window), return_exceptions=True)

    async def _page(self, start: int, end: int) -> Page:
        request = sync_pb2.RangeRequest(
            replica=self._own,
            start=start,
            end=end,
            inline_bytes_max=PAGE_BYTES_MAX,
            inline_all=self._inline_all,
            ids_only=end <= self._reached,
        )
        return decode(await self._world.ask("range", request.SerializeToString()), start, end)

    async def _take(self, page: Page, frontier: Frontier, appends: list[asyncio.Task[None]]) -> Frontier:
        """Hand what is new in `page` to ingest and return the frontier after it."""
        count = page.end - page.start
        await self._world.pace(count)
        self._peer.lag.accepted(page.start, (page.accepted_first >> 16) / 1000)
        sifted = await self._world.sift(page, frontier)
        arrivals = sifted.arrivals
        if sifted.missing:
            arrivals += await self._fetch(page, sifted.missing)
        # Where most of what was not sent had to be fetched, it had better be sent.
        self._peer.echo_s = None if arrivals or sifted.whole else time.monotonic()
        not_sent = page.canonicals.count(b"")
        if not_sent:
            self._inline_all = len(sifted.missing) * 2 > not_sent
        handovers = handover_requests(arrivals, self._count_max) if sifted.whole is None else [sifted.whole]
        for handover in handovers:
            await self._appending.acquire()
            task = asyncio.create_task(self._append(handover))
            self._open.add(task)
            task.add_done_callback(self._appending_ended)
            appends.append(task)
        return sifted.frontier

    def _appending_ended(self, task: asyncio.Task[None]) -> None:
        # Not in the task itself: one that is cancelled before its first step never runs, and its place would be gone.
        self._open.discard(task)
        self._appending.release()

    async def _fetch(self, page: Page, missing: list[int]) -> list[Arrival]:
        """Return the statements at these offsets, unless they come from elsewhere in the meantime."""
        elsewhere = self._world.live_origins()
        if any(page.origins[offset] in elsewhere for offset in missing):
            await asyncio.sleep(ORIGIN_GRACE_S)
            lacking = await self._world.still_missing([page.ids[offset] for offset in missing])
            missing = [offset for offset in missing if page.ids[offset] in lacking]
        fetched: list[Arrival] = []
        while missing:
            indices = [page.start + offset for offset in missing]
            found, done = await self._fetched(indices)
            for arrival in found:
                if statement_id(arrival.canonical) != page.ids[arrival.index - page.start]:
                    raise ProofError(
                        f"statement {arrival.index}: its bytes are not those of the id in the log"
                    )
            fetched += found
            missing = missing[done:]
        return fetched

    async def _fetched(self, indices: list[int]) -> tuple[list[Arrival], int]:
        """Ask once for the statements at `indices` of the peer's log; return them and how many indices that answers."""
        request = sync_pb2.FetchRequest(replica=self._own, indices=indices)
        data = await self._world.ask("fetch", request.SerializeToString())
        try:
            reply = sync_pb2.FetchReply.FromString(data)
        except DecodeError as error:
            raise ProofError(f"not a FetchReply: {error}") from None
        positions = list(reply.positions)
        if (
            len(positions) != len(reply.statements)
            or positions != list(range(len(positions)))
            or not positions
        ):
            raise ProofError(
                f"fetch: got {len(positions)} statements for {len(indices)} entries of its own log"
            )
        if len(positions) > len(indices) or (len(positions) < len(indices)) != reply.cut:
            raise ProofError(f"fetch: got {len(positions)} of {len(indices)} statements")
        arrivals = [
            Arrival(index, given.canonical, given.signature, _stamp(given.stamp))
            for index, given in zip(indices, reply.statements, strict=False)
        ]
        return arrivals, len(positions)

    async def _append(self, handover: Handover) -> None:
        """Make statements durable at our ingest; what it refuses is counted, what it cannot take yet is postponed."""
        reply = await self._appended(handover.request)
        self._reached = max(self._reached, handover.indices[-1] + 1)
        postponed = self._peer.postponed
        if postponed:
            postponed.difference_update(handover.indices)
        for position, error in zip(reply.positions, reply.errors, strict=True):
            index = handover.indices[position]
            self._world.failed(self._peer, error.code, f"entry {index}: {error.message}")
            if error.code == "clock_drift":
                if len(postponed) >= POSTPONED_MAX:
                    raise Failed("clock_drift", f"more than {POSTPONED_MAX} entries are ahead of our clock")
                postponed.add(index)

    async def _appended(self, request: bytes) -> bulk_pb2.ReplicateReply:
        for attempt in range(20):
            try:
                reply = await self._world.append(request)
            except Overloaded:
                await asyncio.sleep(0.01 * (attempt + 1))
            except (InvalidInput, NotFound) as error:
                raise Failed("ingest", error.message) from error
            else:
                made: bulk_pb2.ReplicateReply = bulk_pb2.ReplicateReply.FromString(reply)
                return made
        raise Unavailable("ingest is overloaded")

    async def _examine(self, target: Checkpoint, note: bytes) -> None:
        """Find out why the entries did not lead to `target`; always raises."""
        if await self._world.contradicts(self._peer, target, note):
            raise Failed("rewrite", f"entries and checkpoint of size {target.size} contradict one another")
        self.bad_pages += 1
        raise Failed("bad_page", f"the pages sent are not the log that was signed at size {target.size}")

    async def _retry_postponed(self) -> None:
        while True:
            await asyncio.sleep(POSTPONED_RETRY_S)
            peer = self._peer
            if not peer.postponed or self.is_paused or peer.is_set_aside:
                continue
            indices = sorted(peer.postponed)[: self._count_max]
            try:
                arrivals, _ = await self._fetched(indices)
                for handover in handover_requests(arrivals, self._count_max):
                    async with self._appending:
                        await self._append(handover)
                await self._world.save(peer)
            except Fatal:
                raise
            except StemeError as error:
                self._world.failed(peer, error.code, error.message)


def _stamp(given: base_pb2.Stamp) -> Stamp:
    """Return a stamp from a peer; raises `ProofError` for one that nobody can have given."""
    try:
        return messages.Stamp(ms=given.ms, counter=given.counter, origin=given.origin).core
    except ValueError as error:
        raise ProofError(f"fetch: not a stamp: {error}") from None
