"""How far we are behind one peer, in statements and in seconds.

In statements: the size of its log by its newest checkpoint, less what has been verified and taken in, plus what waits because of its stamp.

In seconds: the age of the oldest entry that we lack. A page says when the peer accepted its first entry; until a page
came, the entry is as old as the first checkpoint that covered it. 0 when level. It grows while the peer is silent, as
nobody knows better::

    checkpoints learned   (size 120, 10.0 s) (size 150, 10.4 s) (size 151, 11.0 s)
    taken in 130          entry 130 is covered since 10.4 s; accepted at 10.37 s, says the page

The peer's clock may be wrong by hours. Digests carry it, so its readings are moved by the difference to ours that the
last digest showed. All times are arguments: seconds of one clock of ours.
"""

from collections import deque
from typing import Final

LEARNED_MAX: Final = 1024
"""Checkpoints remembered: beyond it every second one is forgotten, which makes lag look older, never younger."""


class Lag:
    """What is needed to say how far behind one peer we are."""

    def __init__(self) -> None:
        self._learned: deque[tuple[int, float]] = deque()
        self._accepted: tuple[int, float] = (-1, 0.0)
        self._taken = 0
        self._newest = 0
        self.offset_s = 0.0
        """Our clock minus the peer's, transit included."""

    def learn(self, size: int, now_s: float) -> None:
        """Note that the peer's log has `size` entries, as learned at `now_s`."""
        if size <= self._newest:
            return
        self._newest = size
        if size > self._taken:
            self._learned.append((size, now_s))
            if len(self._learned) > LEARNED_MAX:
                # The later of two neighbours takes the time of the earlier one.
                pairs = list(self._learned)
                self._learned = deque(
                    (pairs[min(at + 1, len(pairs) - 1)][0], pairs[at][1]) for at in range(0, len(pairs), 2)
                )

    def accepted(self, index: int, peer_s: float) -> None:
        """Note that the peer accepted entry `index` at `peer_s`, which is wrong by `offset_s`; kept while it is the oldest that we lack."""
        if self._accepted[0] != self._taken:
            self._accepted = (index, peer_s)

    def reach(self, taken: int) -> None:
        """Note that the first `taken` entries are durable here."""
        self._taken = taken
        while self._learned and self._learned[0][0] <= taken:
            self._learned.popleft()

    def restart(self, size: int, now_s: float) -> None:
        """Begin anew with nothing taken in and a log of `size` entries: the peer is followed from its beginning."""
        self._learned.clear()
        self._accepted = (-1, 0.0)
        self._taken = self._newest = 0
        self.learn(size, now_s)

    def statements(self, waiting: int = 0) -> int:
        """Return how many entries we lack; `waiting` of those taken in could not be stored yet."""
        return max(0, self._newest - self._taken) + waiting

    def seconds(self, now_s: float) -> float:
        """Return the age of the oldest entry that we lack, 0 when we lack none."""
        if not self._learned:
            return 0.0
        since = self._learned[0][1]
        index, peer_s = self._accepted
        if index == self._taken:
            since = min(since, peer_s + self.offset_s)
        return max(0.0, now_s - since)
