"""Local writes first: how fast statements may be pulled from peers.

Two brakes, both off when nothing is in their way. A token bucket holds pulling to the rate of a setting. And while our
own ingest has a queue, pulling waits for it, though never longer than `YIELD_MAX_S` at a time: a replica under constant load must
still hear from the others.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

LOOK_EVERY: Final = 2000
"""Statements between two looks at the queue of ingest: one small request per page."""

PENDING_MAX: Final = 4000
"""Statements in the queue of ingest above which pulling waits: more than what peers' own pages put there."""

YIELD_S: Final = 0.02
YIELD_MAX_S: Final = 0.5

BURST_S: Final = 0.25
"""What the bucket holds: a quarter of a second's worth."""


class Pace:
    """The pace of all pulling together. Owned by the event loop."""

    def __init__(self, per_s: int, pending: Callable[[], Awaitable[int]]) -> None:
        """`per_s` is the statements per second, 0 for no bound; `pending` asks how much waits at our ingest."""
        self._per_s = per_s
        self._pending = pending
        self._tokens = per_s * BURST_S
        self._filled_s = time.monotonic()
        self._since_look = 0

    async def take(self, count: int) -> None:
        """Return when `count` more statements may be pulled."""
        if self._per_s:
            await self._draw(count)
        self._since_look += count
        if self._since_look >= LOOK_EVERY:
            self._since_look = 0
            await self._yield()

    async def _draw(self, count: int) -> None:
        now = time.monotonic()
        self._tokens = min(self._per_s * BURST_S, self._tokens + (now - self._filled_s) * self._per_s)
        self._filled_s = now
        self._tokens -= count
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / self._per_s)

    async def _yield(self) -> None:
        waited = 0.0
        while waited < YIELD_MAX_S and await self._pending() > PENDING_MAX:
            await asyncio.sleep(YIELD_S)
            waited += YIELD_S
