"""Writing what is known of the peers: soon, but not with every digest.

A peer moves many times a second while it writes, and each write of its file costs two fsyncs. So a file is written at once and
then at most once in `SAVE_GAP_S`; the last state is always written in the end. What a crash forgets is read again.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.worker import Worker
from stemedb.errors import Fatal
from stemedb_sync.peer import Peer
from stemedb_sync.store import Store

SAVE_GAP_S: Final = 1.0
"""Between two writes of one peer's file."""


class Keeping:
    """Writes the peers' files. Owned by the event loop; the disk is the pulling thread's."""

    def __init__(
        self, store: Store, worker: Worker, lifetime: Lifetime, own_size: Callable[[], int | None]
    ) -> None:
        """`own_size` is the size of our own log when it was last looked at."""
        self._store = store
        self._worker = worker
        self._lifetime = lifetime
        self._own_size = own_size
        self._unsaved: dict[str, Peer] = {}
        self._saved_s: dict[str, float] = {}
        self._later: set[asyncio.Task[None]] = set()

    async def save(self, peer: Peer) -> None:
        """Write the peer's file now, or in a moment if it was written a moment ago."""
        if peer.name in self._unsaved:
            return
        self._unsaved[peer.name] = peer
        gap_s = self._saved_s.get(peer.name, 0.0) + SAVE_GAP_S - time.monotonic()
        if gap_s <= 0:
            await self.save_now(peer)
            return
        task = asyncio.create_task(self._save_later(peer, gap_s))
        self._later.add(task)
        task.add_done_callback(self._ended)

    async def save_now(self, peer: Peer) -> None:
        """Write the peer's file; durable when it returns. A disk that fails ends the service."""
        self._unsaved.pop(peer.name, None)
        self._saved_s[peer.name] = time.monotonic()
        own_size = self._own_size()
        peer.own_size = peer.own_size if own_size is None else own_size
        try:
            await self._worker.run(self._store.write_peer, peer.name, peer.encode())
        except Fatal as error:
            self._lifetime.fail(error)
            raise

    async def close(self) -> None:
        """Write what is not written yet."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        for peer in list(self._unsaved.values()):
            await self.save_now(peer)

    async def _save_later(self, peer: Peer, gap_s: float) -> None:
        await asyncio.sleep(gap_s)
        await self.save_now(peer)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if not task.cancelled():
            task.exception()  # a failed disk has ended the service already
