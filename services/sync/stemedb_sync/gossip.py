"""Telling everybody where we stand: on change, and on a heartbeat.

::

    event.committed ─▶ debounce ────────────┐
    event.indexed, vector ─▶ a lazy moment ─┼─▶ digest ─▶ stemedb.v1.digest
    nothing ─▶ heartbeat, give or take ─────┘

A grown log is told within milliseconds, since others wait for it. A new map root or a moved vector is only for
whoever looks on, so it waits for company: were it told at once, two replicas would answer each other's every move.

Digests are small and may be lost: the next one says it all again.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import nats.errors
from nats.aio.client import Client
from structlog.typing import FilteringBoundLogger

from stemedb.bus.subjects import GOSSIP
from stemedb.errors import NotFound, Unavailable
from stemedb.merkle.note import public_key
from stemedb.storage.replica import ReplicaDirectory
from stemedb.v1 import sync_pb2
from stemedb_sync.digest import seal
from stemedb_sync.metrics import EVERYBODY, SyncMetrics
from stemedb_sync.serving import LogState, MapState

LAZY_S: Final = 0.1
"""How long news that nobody waits for may wait."""

JITTER: Final = 0.2
"""Of the heartbeat, either way: replicas started together must not speak together for ever."""

SEQUENCE_BITS: Final = 20
"""Digests per millisecond since the start before the sequence could meet that of a later start."""


class Gossip:
    """Our own digest: what is in it, and when it is sent."""

    def __init__(
        self,
        replica: ReplicaDirectory,
        version: str,
        realm: bytes,
        *,
        client: Client,
        heartbeat_s: float,
        debounce_s: float,
        log_state: Callable[[], Awaitable[LogState]],
        map_state: Callable[[], Awaitable[MapState | None]],
        vector: Callable[[], Mapping[str, int]],
        metrics: SyncMetrics,
        log: FilteringBoundLogger,
    ) -> None:
        self._name = replica.name
        self._version = version
        self._realm = realm
        self._seed = replica.seed
        self._key = public_key(replica.seed)
        self._client = client
        self._heartbeat_s = heartbeat_s
        self._debounce_s = debounce_s
        self._log_state = log_state
        self._map_state = map_state
        self._vector = vector
        self._metrics = metrics
        self._log = log
        self._urgent = asyncio.Event()
        self._moved = asyncio.Event()
        self._lazy_at: float | None = None
        self._sequence = (time.time_ns() // 1_000_000) << SEQUENCE_BITS
        self.log_state: LogState | None = None
        """Our log when it was last looked at."""
        self.map_state: MapState | None = None
        """Our map when it was last looked at, or as the last event told."""
        self.clock = 0
        """The newest reading of our ledger's clock that an event told."""
        self.is_paused = False

    def grown(self) -> None:
        """Note that our log grew."""
        self._urgent.set()
        self._moved.set()

    def touch(self) -> None:
        """Note that something else in our digest changed."""
        if self._lazy_at is None:
            self._lazy_at = time.monotonic() + LAZY_S
            self._moved.set()

    async def look(self) -> None:
        """Look at our own log and map, if they are there: what peers say is held against them from their first word on."""
        try:
            self.log_state = await self._log_state()
        except (NotFound, Unavailable):
            return
        self.map_state = await self._map_state()

    async def digest(self, nonce: bytes = b"") -> bytes:
        """Return our signed digest as of now, with the `nonce` of whoever asked for it.

        Raises `NotFound` or `Unavailable` while there is no ledger to speak of.
        """
        self.log_state = await self._log_state()
        if self.map_state is None:
            self.map_state = await self._map_state()
        self._sequence += 1
        now_ms = time.time_ns() // 1_000_000
        digest = sync_pb2.Digest(
            replica=self._name,
            version=self._version,
            realm=self._realm,
            key=self._key,
            checkpoint=self.log_state.checkpoint,
            clock=self.clock,
            sent_ms=now_ms,
            vector=self._vector(),
            sequence=self._sequence,
            paused=self.is_paused,
            nonce=nonce,
        )
        if self.map_state is not None:
            digest.map_root = self.map_state.root
            digest.map_keys = self.map_state.keys
            digest.applied = self.map_state.applied
        return seal(digest, self._seed)

    async def run(self) -> None:
        """Speak until cancelled."""
        await self._speak()
        while True:
            await self._pause()
            await self._speak()

    async def _pause(self) -> None:
        """Return when the next digest is due."""
        heartbeat_at = time.monotonic() + self._heartbeat_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter
        while not self._urgent.is_set():
            due = heartbeat_at if self._lazy_at is None else min(self._lazy_at, heartbeat_at)
            left = due - time.monotonic()
            if left <= 0:
                if due == heartbeat_at:
                    self.map_state = await self._map_state()  # in case an event was lost
                break
            self._moved.clear()
            try:
                async with asyncio.timeout(left):
                    await self._moved.wait()
            except TimeoutError:
                continue
        else:
            await asyncio.sleep(self._debounce_s)
        self._urgent.clear()
        self._lazy_at = None

    async def _speak(self) -> None:
        try:
            data = await self.digest()
            await self._client.publish(GOSSIP, data)
        except (NotFound, Unavailable, nats.errors.Error) as error:
            self._log.debug("digest not sent", error=str(error))
            return
        self._metrics.bytes.labels(EVERYBODY, "gossip", "out").inc(len(data))
