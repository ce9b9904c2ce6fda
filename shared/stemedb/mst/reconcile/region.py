"""Regions: the parts of the key space that are still being compared, and what is asked about each.

A region is the interval of one remote node. Its bounds are keys that the remote map holds, known exactly, since a separator that we
lack is fetched before anything beside it is looked at; what we hold in it is a carved subtree (`stemedb.mst.reconcile.carve`).
So the two sides of a comparison always cover the same interval, whatever shapes the trees have.

For every region there is one question at a time::

    we hold nothing        ──▶ Scan
    we hold a leaf         ──▶ Match at level 0
    we hold a higher node  ──▶ Compare
    theirs has entries that we do not, or stands at another level
                           ──▶ Fetch if we know which, else Match at that level
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from stemedb.errors import ProofError
from stemedb.mst.reconcile import request
from stemedb.mst.reconcile.carve import Held, load, rows_at
from stemedb.mst.reconcile.request import Item, Path
from stemedb.mst.reconcile.short import Shortener
from stemedb.mst.reconcile.wire import Entry
from stemedb.mst.store import NodeStore


class Contradiction(ProofError):
    """An answer that no honest server could give, unless short digests collided."""


class Region(NamedTuple):
    """The open interval between two keys (None is no bound) under one remote node, which stands below level `below`."""

    path: Path
    below: int
    low: bytes | None
    high: bytes | None
    held: Held

    def check(self, entries: Sequence[Entry]) -> None:
        """Raise `Contradiction` unless there are entries, strictly ascending and between the bounds."""
        if not entries:
            raise self.contradiction("a node without entries")
        for (left, _), (right, _) in pairwise(entries):
            if left >= right:
                raise self.contradiction(f"key {right.hex()[:16]} is not above the one before it")
        for key in (entries[0][0], entries[-1][0]):
            if (self.low is not None and key <= self.low) or (self.high is not None and key >= self.high):
                raise self.contradiction(f"key {key.hex()[:16]} is outside the interval asked about")

    def contradiction(self, reason: str) -> Contradiction:
        """Return the error for an answer about this region."""
        return Contradiction(f"subtree {'.'.join(map(str, self.path)) or 'root'}: {reason}")

    def part(self, low: bytes | None, high: bytes | None, held: Held) -> "Region":
        """Return the region between two entries of the remote node; an open bound is taken from this region."""
        return self._replace(
            low=self.low if low is None else low, high=self.high if high is None else high, held=held
        )

    def child(self, index: int, below: int, low: bytes | None, high: bytes | None, held: Held) -> "Region":
        """Return the region of a child of the remote node, as for `part`."""
        return self.part(low, high, held)._replace(path=(*self.path, index), below=below)


class CompareAsk(NamedTuple):
    """Asks how the children differ from those of what we hold, a node above level 0."""

    region: Region

    def item(self, store: NodeStore, shorten: Shortener) -> Item:
        """Return the item of the request."""
        node = load(store, self.region.held)
        assert node is not None
        assert node.digests is not None
        assert node.entries_digest is not None
        entries, *children = shorten.digests([node.entries_digest, *node.digests])
        return request.Compare(self.region.path, node.level, entries, children)


class MatchAsk(NamedTuple):
    """Asks which entries we lack; `children` are the short digests below, None as long as it may be a leaf."""

    region: Region
    level: int
    children: tuple[bytes, ...] | None

    def rows(self, store: NodeStore) -> tuple[list[bytes], list[bytes]]:
        """Return keys and values of what we hold at the level asked about."""
        return rows_at(store, load(store, self.region.held), self.level)

    def item(self, store: NodeStore, shorten: Shortener) -> Item:
        """Return the item of the request."""
        return request.Match(self.region.path, self.level, shorten.entries(*self.rows(store)))


class FetchAsk(NamedTuple):
    """Asks for entries in full: those of the node from index `first` on that are None in `found`.

    The region may be less than that of the node: what lies between two entries that are known.
    """

    region: Region
    level: int
    first: int
    found: list[Entry | None]
    children: tuple[bytes, ...]

    @property
    def wanted(self) -> list[int]:
        """The indices still to come."""
        return [i for i, entry in enumerate(self.found, self.first) if entry is None]

    def item(self, store: NodeStore, shorten: Shortener) -> Item:  # noqa: ARG002 - one signature for all
        """Return the item of the request."""
        return request.Fetch(self.region.path, self.wanted)


class ScanAsk(NamedTuple):
    """Asks for all there is, behind `after`; we have nothing."""

    region: Region
    after: bytes | None

    def item(self, store: NodeStore, shorten: Shortener) -> Item:  # noqa: ARG002 - one signature for all
        """Return the item of the request."""
        return request.Scan(self.region.path, self.after)


Ask = CompareAsk | MatchAsk | FetchAsk | ScanAsk
