"""The Merkle log: leaves in order, a root at every size, and proofs between any two sizes.

::

       append(leaves)                                          root, proofs
            │                                                       ▲
            ▼                                                       │ fold
       right edge (memory) ──── new complete nodes ───▶ NodeStore ──┘ fetch

Invariants

* The store holds complete nodes only, so nothing written ever changes and every earlier size can still be proven.
* The right edge is in memory: `append` and `root` at the current size read nothing from the store.
* The leaves of a batch reach the store last (see `stemedb.merkle.store`).
* However the leaves are split into batches, the rows, the roots and the proofs are the same bytes.

Rebuilding a log is appending all its leaves to an empty store. One thread at a time may append; the edge is replaced
in one assignment, so a reader on another thread sees the log before or after a batch and never between.
"""

from collections.abc import Sequence

from stemedb.merkle.frontier import Frontier, grow, join_leaves
from stemedb.merkle.hashing import EMPTY_ROOT, Hasher, fold_right, node_hash, split_row
from stemedb.merkle.shape import LEAVES_MAX, Plan, cover, plan_consistency, plan_inclusion
from stemedb.merkle.store import NodeStore
from stemedb.types import Digest, LogSize


class MerkleLog:
    """An append-only log of 32-byte leaves over a `NodeStore`, which it alone writes."""

    __slots__ = ("_edge", "_folds", "_hasher", "_store")

    def __init__(self, store: NodeStore, hasher: Hasher = node_hash) -> None:
        self._store = store
        self._hasher = hasher
        # Size and cover at that size; then a size and the suffix folds of its cover, for the size asked for last.
        self._edge: tuple[LogSize, list[Digest]] = (LogSize(0), [])
        self._folds: tuple[int, list[Digest]] = (0, [EMPTY_ROOT])
        self.refresh()

    @property
    def size(self) -> LogSize:
        """The number of leaves."""
        return self._edge[0]

    def refresh(self) -> LogSize:
        """Read size and right edge from the store again: for a reader whose store another process extends."""
        size = self._store.size()
        if size != self._edge[0]:
            self._edge = size, self._fetch_cover(size)
        return size

    def append(self, leaves: Sequence[bytes]) -> LogSize:
        """Add `leaves`, 32 bytes each, and return the new size. Amortised one hash per leaf.

        As durable as the store's own `append`; when that raises, the store is in an unknown state and so is the log.
        Raises ValueError, and changes nothing, for a leaf of another length or beyond LEAVES_MAX.
        """
        size, edge = self._edge
        new_size = LogSize(size + len(leaves))
        if new_size > LEAVES_MAX:
            raise ValueError(f"log: got {new_size} leaves, want at most 2^63")
        new_edge, rows = grow(edge, size, join_leaves(leaves), self._hasher)
        write = self._store.append
        while rows:
            row = rows.pop()
            write(len(rows), row)
            # If we crash here, before level 0 is written, higher rows are too long; the store cuts them on opening.
        self._edge = new_size, new_edge
        return new_size

    def root(self, size: int | None = None) -> Digest:
        """Return the root of the first `size` leaves, by default of all. O(log size), O(1) when asked again.

        Requires 0 <= size <= self.size.
        """
        return self._suffix_folds(self._edge[0] if size is None else self._require_size(size))[-1]

    def node(self, level: int, index: int) -> Digest:
        """Return the complete node (level, index). Requires level >= 0 and 0 <= index < self.size >> level."""
        if level < 0 or not 0 <= index < self.size >> level:
            raise ValueError(f"node ({level}, {index}): not complete in a log of {self.size} leaves")
        return self._store.get(level, index)

    def leaves(self, start: int, end: int) -> list[Digest]:
        """Return the leaves [start, end). Requires 0 <= start <= end <= self.size."""
        if not 0 <= start <= end <= self.size:
            raise ValueError(f"leaves: got [{start}, {end}), want a range within [0, {self.size})")
        return split_row(self._store.get_range(0, start, end))

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[Digest, ...]:
        """Return the proof that leaf `index` is in the tree of the first `size` leaves, by default of all.

        Requires 0 <= index < size <= self.size. O(log size).
        """
        size = self._require_size(size)
        return self._proof(plan_inclusion(index, size), size)

    def consistency_proof(self, old_size: int, new_size: int | None = None) -> tuple[Digest, ...]:
        """Return the proof that the first `old_size` leaves did not change up to `new_size`, by default all.

        Requires 0 <= old_size <= new_size <= self.size; empty for equal sizes and an empty old log. O(log size).
        """
        new_size = self._require_size(new_size)
        return self._proof(plan_consistency(old_size, new_size), new_size)

    def frontier(self, size: int | None = None) -> Frontier:
        """Return the right edge at `size` leaves, by default all. Requires 0 <= size <= self.size."""
        size = self._require_size(size)
        return Frontier(LogSize(size), tuple(self._cover(size)), self._hasher)

    def _require_size(self, size: int | None) -> int:
        current = self._edge[0]
        if size is None:
            return current
        if not 0 <= size <= current:
            raise ValueError(f"log: got size {size}, want 0 <= size <= {current}")
        return size

    def _proof(self, plan: Plan, size: int) -> tuple[Digest, ...]:
        get = self._store.get
        proof = [get(level, index) for level, index in plan.before]
        if plan.tail_end > plan.tail_start:
            # The cover of the tail is the end of the cover of the whole, so its fold is one of those of the root.
            proof.append(self._suffix_folds(size)[(plan.tail_end - plan.tail_start).bit_count() - 1])
        proof += [get(level, index) for level, index in plan.after]
        return tuple(proof)

    def _suffix_folds(self, size: int) -> list[Digest]:
        folded_size, folds = self._folds
        if folded_size != size:
            current, edge = self._edge
            digests = edge if size == current else self._fetch_cover(size)
            folds = fold_right(digests, self._hasher) if digests else [EMPTY_ROOT]
            self._folds = size, folds
        return folds

    def _cover(self, size: int) -> list[Digest]:
        current, edge = self._edge
        return edge if size == current else self._fetch_cover(size)

    def _fetch_cover(self, size: int) -> list[Digest]:
        get = self._store.get
        return [get(level, index) for level, index in cover(0, size)]
