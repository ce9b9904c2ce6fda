"""Asking a peer for the pages of its log: in order, several at once, as large as they come.

::

    [start, end) ─▶ ▓▓▓▓ ▓▓▓▓ ▓▓▓▓ ▓▓▓▓ ── in flight ──▶ one after the other
                                    └─ a page that was full comes back shorter: the rest is asked for first, and less from then on

A peer sends what began there whole and of the rest the id. Where most of what it did not send had to be fetched, `send_all` makes it send everything.
Entries below `reached` were handed over once, so their ids are enough.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from stemedb.v1 import sync_pb2
from stemedb_sync.page import PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, Page, decode

PAGES_IN_FLIGHT: Final = 4
"""Of half a MiB: what one peer may have in our memory before it is taken apart."""


class Pages:
    """The pages of one peer's log, as its tail asks for them."""

    def __init__(self, own: str, ask: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        """`own` is our name; `ask` is (endpoint, request) to the peer, and raises what the peer raised, or `Unavailable`."""
        self._own = own
        self._ask = ask
        self._entries = PAGE_ENTRIES_MAX
        self.send_all = False
        self.reached = 0

    async def between(self, start: int, end: int) -> AsyncIterator[Page]:
        """Yield the pages of ``[start, end)`` in order; raises `ProofError` for what is none."""
        window: deque[tuple[int, asyncio.Task[Page]]] = deque()
        at = start
        try:
            while at < end or window:
                while at < end and len(window) < PAGES_IN_FLIGHT:
                    stop = min(end, at + self._entries)
                    window.append((stop, asyncio.create_task(self._page(at, stop))))
                    at = stop
                stop, task = window.popleft()
                page = await task
                got = page.end - page.start
                if page.end < stop:  # it was full: large statements, so ask for fewer from now on
                    self._entries = max(1, got * 7 // 8)
                    window.appendleft((stop, asyncio.create_task(self._page(page.end, stop))))
                else:
                    self._entries = min(PAGE_ENTRIES_MAX, self._entries + 1 + got // 64)
                yield page
        finally:
            for _, task in window:
                task.cancel()
            await asyncio.gather(*(task for _, task in window), return_exceptions=True)

    async def _page(self, start: int, end: int) -> Page:
        request = sync_pb2.RangeRequest(
            replica=self._own,
            start=start,
            end=end,
            inline_bytes_max=PAGE_BYTES_MAX,
            inline_all=self.send_all,
            ids_only=end <= self.reached,
        )
        return decode(await self._ask("range", request.SerializeToString()), start, end)
