"""How fast statements may be pulled from peers, and how often a peer may move the stamps of those that are here.

Local writes come first: two brakes, both off when nothing is in their way. A token bucket holds pulling to the rate of a setting. And while our
own ingest has a queue, pulling waits for it, though never longer than `YIELD_MAX_S` at a time: a replica under constant load must
still hear from the others.

A restamp is an entry in our log that says nothing new, and whoever invents ever smaller stamps for one statement could have us write them
for ever. An honest peer moves the stamp of a statement once or twice in its life. So each has an allowance of as many as our map has keys, and of
`RESTAMPS_MIN`; what is spent comes back at `RESTAMPS_PER_S`. Beyond it the tail of that peer goes no faster than that, and a repair by its map ends: nothing is
refused for good, so replicas still converge, and nobody else waits. A restart forgets what was spent.
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


RESTAMPS_MIN: Final = 10_000
"""So many in any case: a small replica may be the one with the wrong stamps."""

RESTAMPS_PER_S: Final = 20.0
"""Beyond the allowance: some 200 MB of log a day."""


class Allowance:
    """How many stamps each peer has moved of late. Owned by the event loop."""

    def __init__(self, held: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        """`held` is the number of keys in our map; `clock` is in seconds."""
        self._held = held
        self._clock = clock
        self._spent: dict[str, tuple[float, float]] = {}

    def fits(self, peer: str, count: int) -> bool:
        """Return whether `peer` may move `count` more stamps now; they are spent if so."""
        spent = self._of(peer) + count
        if spent > max(RESTAMPS_MIN, self._held()):
            return False
        self._spent[peer] = (spent, self._clock())
        return True

    async def wait(self, peer: str, count: int) -> None:
        """Spend what does not fit, and return once it would."""
        spent = self._of(peer) + count
        self._spent[peer] = (spent, self._clock())
        await asyncio.sleep((spent - max(RESTAMPS_MIN, self._held())) / RESTAMPS_PER_S)

    def _of(self, peer: str) -> float:
        spent, since = self._spent.get(peer, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - since) * RESTAMPS_PER_S)


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
