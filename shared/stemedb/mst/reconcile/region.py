"""Regions: the parts of the key space that are still being compared, and what is asked about each.

A region is the interval of one remote node. Its bounds are keys that the remote map holds, known exactly, since a separator that we
lack is fetched before anything beside it is looked at; what we hold in it is a carved subtree (`stemedb.mst.reconcile.carve`).
So the two sides of a comparison always cover the same interval, whatever shapes the trees have.

For every region there is at most one question at a time::

    we hold nothing        ──▶ Scan
    we hold a leaf         ──▶ Match at level 0
    we hold a higher node  ──▶ Compare ──▶ other entries, or another level ──▶ Match at the remote level
                                                                    too large for a reply ──▶ Fetch
"""

from typing import NamedTuple

from stemedb.mst.reconcile import request
from stemedb.mst.reconcile.carve import Held, load, rows_at
from stemedb.mst.reconcile.request import Item, Path
from stemedb.mst.reconcile.short import Shortener
from stemedb.mst.reconcile.wire import Entry
from stemedb.mst.store import NodeStore


class Region(NamedTuple):
    """The open interval between two keys (None is no bound) under one remote node, which stands below level `below`."""

    path: Path
    below: int
    low: bytes | None
    high: bytes | None
    held: Held

    def has(self, key: bytes) -> bool:
        """Return whether the key lies between the bounds."""
        return (self.low is None or key > self.low) and (self.high is None or key < self.high)

    def child(self, index: int, below: int, low: bytes | None, high: bytes | None, held: Held) -> "Region":
        """Return the region of a child of the remote node; an open bound is taken from this region."""
        return Region(
            (*self.path, index),
            below,
            self.low if low is None else low,
            self.high if high is None else high,
            held,
        )


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
    """Asks for entries in full; `found` has the others of the node, None in the places of those still to come."""

    region: Region
    level: int
    children: tuple[bytes, ...]
    found: list[Entry | None]

    @property
    def wanted(self) -> list[int]:
        """The indices still to come."""
        return [i for i, entry in enumerate(self.found) if entry is None]

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
