"""A leap over a stretch of a peer's log: what is in it is taken over from the peer's map, or is here already.

::

    roots equal ──────────────────────────────────────────────────────────────────────────┐
    or: maps compared within `TRAFFIC_PER_ENTRY` bytes, what is missing here stored ──────┤ everything the log holds is here
                                                                                          ▼
    frontier at the signed size, consistency proof from the size verified before ─▶ root ═ the signed one? ─▶ advance

A witness does not need the entries: the frontier of the peer's log and a proof that it continues what was verified before, some 2 KB, do as well
as 35 bytes for each entry in between. What the entries would have brought, the statements, the map brings, and it names only those that are
missing here. From there the log is followed as ever.

When it is tried (`is_worth_it`)
    * the gap has `LEAP_ENTRIES_MIN` entries or more, and the peer's map has taken in all of the log it signed;
    * and the roots are equal, or nothing of the peer's log is known (it is new here, was readmitted, or its file was lost) while our map has nearly as
      many keys as its. How much the maps really differ is found by comparing them, which ends early when it costs more than a tenth of what reading
      the ids would; then the tail reads the log. Where a part of the log is known the gap is most likely news, and the tail has no detour.

What is believed
    That the peer's map holds what its log holds. One that says so and keeps something back could as well have kept it out of its log. Replaced votes are
    in logs and in no map: after a leap, as after any repair, they are not in ours. No lens looks at them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from google.protobuf.message import DecodeError

from stemedb.errors import ProofError, StemeError
from stemedb.merkle import Checkpoint, Frontier, verify_consistency
from stemedb.types import LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync.accusing import digests
from stemedb_sync.healing import Standing
from stemedb_sync.peer import Peer
from stemedb_sync.repair import RepairReport

LEAP_ENTRIES_MIN: Final = 10_000
"""Below that the tail needs a fraction of a second and few hundred KB."""

TRAFFIC_PER_ENTRY: Final = 4
"""Bytes that comparing may cost for each entry of the gap: a tenth of its id and stamp on the tail path."""

KEYS_APART: Final = 16
"""The peer may have one key in so many entries of the gap more than we: others are missing here for certain."""


def is_worth_it(own: Standing, peer: Peer) -> bool:
    """Return whether to leap to the peer's newest checkpoint rather than to read its log."""
    digest, latest = peer.digest, peer.latest
    if digest is None or latest is None or peer.is_set_aside or peer.leap_failed == peer.reading:
        return False
    gap = latest.size - peer.verified
    if gap < LEAP_ENTRIES_MIN or not digest.map_root or digest.applied < latest.size:
        return False
    if own.applied < own.log_size:
        return False  # what is on its way into our map would look like a difference
    if digest.map_root == own.map_root:
        return True
    return not peer.verified and digest.map_keys - own.keys <= gap // KEYS_APART


class Leap:
    """Leaps when digests call for it. Owned by the event loop."""

    def __init__(
        self,
        own: str,
        *,
        ask: Callable[[str, str, bytes], Awaitable[bytes]],
        compare: Callable[[str, int], Awaitable[RepairReport]],
        failed: Callable[[Peer, str, str], None],
        done: Callable[[Peer, int], Awaitable[None]],
    ) -> None:
        """`ask` is (peer, endpoint, request); `compare` (peer, bytes) stores what the peer's map has and ours lacks.

        `failed` is (peer, reason, message), `done` (peer, the size from which it leapt).
        """
        self._own = own
        self._ask = ask
        self._compare = compare
        self._failed = failed
        self._done = done
        self._tasks: set[asyncio.Task[None]] = set()

    def consider(self, own: Standing, peer: Peer) -> bool:
        """Return whether the peer's log is leapt over, from now on or since a moment ago, and is not to be read meanwhile."""
        if not peer.is_leaping and is_worth_it(own, peer):
            peer.is_leaping = True
            task = asyncio.create_task(self._leap(own, peer))
            self._tasks.add(task)
            task.add_done_callback(partial(self._ended, peer))
        return peer.is_leaping

    async def close(self) -> None:
        """Give up what is in progress."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _leap(self, own: Standing, peer: Peer) -> None:
        before, reading = peer.verified, peer.reading
        try:
            if await self.over(peer, own):
                await self._done(peer, before)
                return
        except StemeError as error:
            self._failed(peer, error.code, error.message)
        peer.leap_failed = reading

    def _ended(self, peer: Peer, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        peer.is_leaping = False
        peer.rouse()

    async def over(self, peer: Peer, own: Standing) -> bool:
        """Advance `peer` to its newest checkpoint and return whether that was possible.

        Requires `is_worth_it`. Raises `ProofError` and what asking raises; the peer is then as it was.
        """
        target, note, reading = peer.latest, peer.latest_note, peer.reading
        assert target is not None, "it was worth it"
        assert peer.digest is not None, "the same"
        if peer.digest.map_root != own.map_root:
            report = await self._compare(peer.name, (target.size - peer.verified) * TRAFFIC_PER_ENTRY)
            if not report.proven or report.refused or report.applied < target.size:
                return False
        frontier = await self._frontier(peer, target)
        if peer.reading != reading or peer.verified >= target.size:
            return False
        peer.reading += 1  # what the tail has on its way leads to nowhere now
        peer.advance(frontier, target, note)
        return True

    async def _frontier(self, peer: Peer, target: Checkpoint) -> Frontier:
        """Return the frontier of the peer's log at `target`, proven to continue what was verified."""
        request = sync_pb2.ConsistencyRequest(replica=self._own, old_size=peer.verified, new_size=target.size)
        known = peer.frontier
        answer = await self._ask(peer.name, "consistency", request.SerializeToString())
        try:
            reply = sync_pb2.ConsistencyReply.FromString(answer)
            frontier = Frontier(LogSize(target.size), digests(reply.frontier))
        except (DecodeError, ValueError) as error:
            raise ProofError(f"consistency: not a frontier of size {target.size}: {error}") from None
        if frontier.root != target.root:
            raise ProofError(f"consistency: the frontier of size {target.size} does not give the signed root")
        verify_consistency(known.size, target.size, known.root, target.root, digests(reply.proof))
        return frontier
