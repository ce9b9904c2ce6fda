"""When the maps are compared: the tree path is for what the tail cannot see.

| what a digest shows | what is done |
|---|---|
| roots equal | nothing |
| each has taken in all of the other's log, both maps are level with their logs, roots differ for longer than the grace period | compare |
| the peer has taken in more of our log than we have: ours was lost and began anew; the rest as above | compare, to get back what was in it |
| the peer is set aside, roots differ for longer than the grace period, our map is about level with our log | compare: its statements certify themselves, its log does not matter |
| the peer's log is far beyond what we know of it, and our map holds all or nearly all of it | a leap (`leap`): compare, then go on from there in its log |
| anything else | the tail is at work |

A comparison that changed nothing is not repeated at once: the pause doubles up to `PAUSE_MAX_S`, until roots are equal again. One
comparison at a time: each holds what differs in memory. So that a slow or lying peer cannot have all the turns, one that failed costs its peer
`FAILED_FACTOR` times as long as it took.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from stemedb.errors import Overloaded, StemeError
from stemedb_sync.peer import Peer

PAUSE_MAX_S: Final = 60.0

BEHIND_MAX: Final = 10_000
"""Entries of our own log that our map may lack when it is compared with that of a peer set aside. Under a stream of writes it is never quite
level; one that is made anew would ask for what our log holds."""

TURN_WAIT_S: Final = 5.0
"""How long a leap waits for its turn: the log is not read meanwhile, and a slow or lying peer may hold the turn for minutes."""

FAILED_FACTOR: Final = 10
"""A peer whose comparisons fail holds up the others a tenth of the time at most."""

Repair = Callable[..., Awaitable[Any]]
"""(peer): compare our map with that of the named peer and take over what is missing here; (peer, bytes): for at most so many."""


class Standing(NamedTuple):
    """Our own log and map, to hold a peer's digest against."""

    name: str
    log_size: int
    map_root: bytes
    applied: int
    keys: int = 0


def differs_for_no_reason(own: Standing, peer: Peer) -> bool:
    """Return whether the maps differ although no log entry is on its way that could explain it."""
    digest = peer.digest
    if digest is None or not digest.map_root or digest.map_root == own.map_root:
        return False
    if peer.is_set_aside:
        return own.log_size - own.applied <= BEHIND_MAX
    return (
        peer.lag.statements(len(peer.postponed)) == 0
        and digest.vector.get(own.name, 0) >= own.log_size == own.applied
        and digest.applied == peer.log_size
    )


@dataclass(slots=True)
class _State:
    """One peer's difference."""

    since_s: float
    pause_s: float


class Healing:
    """Starts comparisons when digests call for them. Owned by the event loop."""

    def __init__(
        self,
        repair: Repair,
        grace_s: float,
        failed: Callable[[Peer, str, str], None],
        done: Callable[[Peer], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`grace_s` is how long maps may differ unexplained; `failed` is (peer, reason, message); `clock` is that of ``now_s``."""
        self._repair = repair
        self._grace_s = grace_s
        self._failed = failed
        self._done = done
        self._states: dict[str, _State] = {}
        self._one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[str] = set()
        self._clock = clock
        self._not_before_s: dict[str, float] = {}

    def consider(self, own: Standing, peer: Peer, now_s: float) -> None:
        """Look at what the newest digest of `peer` shows, and compare maps if it is time to."""
        if not differs_for_no_reason(own, peer):
            self._states.pop(peer.name, None)
            return
        state = self._states.setdefault(peer.name, _State(now_s, self._grace_s))
        if now_s - state.since_s < state.pause_s or peer.name in self._busy:
            return
        if now_s < self._not_before_s.get(peer.name, now_s):
            return
        state.since_s, state.pause_s = now_s, min(max(state.pause_s, 0.1) * 2, PAUSE_MAX_S)
        task = asyncio.create_task(self._heal(peer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def heal(self, peer: Peer) -> None:
        """Compare maps with `peer` now; raises what the comparison raises."""
        self._busy.add(peer.name)
        try:
            async with self._one:
                started_s = self._clock()
                try:
                    await self._repair(peer.name)
                except StemeError:
                    ended_s = self._clock()
                    self._not_before_s[peer.name] = ended_s + FAILED_FACTOR * (ended_s - started_s)
                    raise
            self._done(peer)
        finally:
            self._busy.discard(peer.name)

    async def compare(self, name: str, traffic_bytes: int) -> Any:
        """Compare maps with peer `name` for at most so many bytes and return the report; raises what the comparison raises.

        Waits `TURN_WAIT_S` for another one to end, and raises `Overloaded` then.
        """
        try:
            async with asyncio.timeout(TURN_WAIT_S):
                await self._one.acquire()
        except TimeoutError:
            raise Overloaded(f"{name}: another comparison takes longer than {TURN_WAIT_S:g} s") from None
        try:
            return await self._repair(name, traffic_bytes)
        finally:
            self._one.release()

    async def close(self) -> None:
        """Give up what is in progress."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _heal(self, peer: Peer) -> None:
        try:
            await self.heal(peer)
        except StemeError as error:
            self._failed(peer, error.code, error.message)
