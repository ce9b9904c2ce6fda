"""Handing statements of one peer to our ingest: a few requests at once, and later again what our clock does not let in yet.

A stamp too far ahead of our clock is refused by ingest. Such an entry is remembered by its index in the peer's log and offered again
every `POSTPONED_RETRY_S`; all others go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from stemedb.errors import Fatal, InvalidInput, NotFound, Overloaded, StemeError, Unavailable
from stemedb.v1 import bulk_pb2
from stemedb_sync.fetching import Fetching
from stemedb_sync.peer import POSTPONED_MAX, Peer
from stemedb_sync.store import Handover, handover_requests

APPENDS_IN_FLIGHT: Final = 4
"""Requests to ingest that wait for the disk, of at most 768 KiB."""

POSTPONED_RETRY_S: Final = 5.0
"""Between attempts to store what was too far ahead of our clock."""


class Failed(StemeError):
    """A round that ends early; `reason` is what is counted."""

    code = "sync_failed"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Handing:
    """Hands over what comes from one peer."""

    def __init__(
        self,
        peer: Peer,
        append: Callable[[bytes], Awaitable[bytes]],
        failed: Callable[[Peer, str, str], None],
        reached: Callable[[int], None],
    ) -> None:
        """`append` gives a protobuf ``ReplicateRequest`` to our ingest, durable when it returns; `failed` is (peer, reason, message).

        `reached` is told up to where entries were handed over.
        """
        self._peer = peer
        self._append = append
        self._failed = failed
        self._reached = reached
        self._free = asyncio.Semaphore(APPENDS_IN_FLIGHT)
        self.open: set[asyncio.Task[None]] = set()

    async def start(self, handovers: Sequence[Handover]) -> list[asyncio.Task[None]]:
        """Return a task for each, running; waits while `APPENDS_IN_FLIGHT` are."""
        tasks = []
        for handover in handovers:
            await self._free.acquire()
            task = asyncio.create_task(self._hand_over(handover))
            self.open.add(task)
            task.add_done_callback(self._ended)
            tasks.append(task)
        return tasks

    async def retry_postponed(
        self, fetching: Fetching, count_max: int, save: Callable[[Peer], Awaitable[None]]
    ) -> None:
        """Offer what waits for our clock again, once."""
        peer = self._peer
        indices = sorted(peer.postponed)[:count_max]
        try:
            arrivals, _ = await fetching.at(indices)
            for handover in handover_requests(arrivals, count_max):
                async with self._free:
                    await self._hand_over(handover)
            await save(peer)
        except Fatal:
            raise
        except StemeError as error:
            self._failed(peer, error.code, error.message)

    def _ended(self, task: asyncio.Task[None]) -> None:
        # Not in the task itself: one that is cancelled before its first step never runs, and its place would be gone.
        self.open.discard(task)
        self._free.release()

    async def _hand_over(self, handover: Handover) -> None:
        """Make statements durable at our ingest; what it refuses is counted, what it cannot take yet is postponed."""
        reply = await self._appended(handover.request)
        self._reached(handover.indices[-1] + 1)
        postponed = self._peer.postponed
        if postponed:
            postponed.difference_update(handover.indices)
        for position, error in zip(reply.positions, reply.errors, strict=True):
            index = handover.indices[position]
            self._failed(self._peer, error.code, f"entry {index}: {error.message}")
            if error.code == "clock_drift":
                if len(postponed) >= POSTPONED_MAX:
                    raise Failed("clock_drift", f"more than {POSTPONED_MAX} entries are ahead of our clock")
                postponed.add(index)

    async def _appended(self, request: bytes) -> bulk_pb2.ReplicateReply:
        for attempt in range(20):
            try:
                reply = await self._append(request)
            except Overloaded:
                await asyncio.sleep(0.01 * (attempt + 1))
            except (InvalidInput, NotFound) as error:
                raise Failed("ingest", error.message) from error
            else:
                made: bulk_pb2.ReplicateReply = bulk_pb2.ReplicateReply.FromString(reply)
                return made
        raise Unavailable("ingest is overloaded")
