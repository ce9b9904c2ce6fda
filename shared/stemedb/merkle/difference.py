"""Where two logs part, found by comparing a few nodes.

Two equal nodes cover equal leaves, so the search walks down from the cover of what both logs hold, always into the
leftmost node that differs::

    ours      A B C D E F G            compare (2,0): equal
    theirs    A B C D E X G H          compare (1,2): differs, go down: (0,4) equal, so it is (0,5)

Termination: every question either moves right in the cover, of at most 63 nodes, or one level down; so at most
2 · log2(size) + 1 comparisons, and no hashing at all.

`search` is the walk without any input or output: it yields coordinates and is sent whether the digests there are
equal. `first_difference` drives it over two logs at hand; a caller with a remote log drives it with its own fetches.
"""

from collections.abc import Generator, Iterator
from typing import Protocol

from stemedb.merkle.shape import Node, cover
from stemedb.types import Digest, LogIndex, LogSize

LEAVES_PER_READ = 4096
"""Leaves fetched at a time: 128 KiB."""


class LogView(Protocol):
    """What a difference needs of a log; `MerkleLog` is one."""

    @property
    def size(self) -> LogSize:
        """The number of leaves."""

    def node(self, level: int, index: int) -> Digest:
        """Return the complete node (level, index)."""

    def leaves(self, start: int, end: int) -> list[Digest]:
        """Return the leaves [start, end)."""


def search(size: int) -> Generator[Node, bool, LogIndex | None]:
    """Find the first leaf below `size` that differs: yield nodes, be sent whether both logs agree there.

    Returns None when they agree in all. Requires both logs to hold at least `size` leaves.
    """
    for level, index in cover(0, size):
        if (yield level, index):
            continue
        while level:
            level, index = level - 1, index << 1  # noqa: PLW2901 - the walk goes on from the node that differs
            if (yield level, index):
                index += 1  # noqa: PLW2901 - as above: the left child is equal, so the right one differs
        return LogIndex(index)
    return None


def first_difference(a: LogView, b: LogView) -> LogIndex | None:
    """Return the index of the first leaf that `a` and `b` do not share, None if they are equal.

    When one is the beginning of the other that is the size of the shorter. At most 2 · log2(size) + 1 comparisons.
    """
    shared_size = min(a.size, b.size)
    walk = search(shared_size)
    try:
        node = next(walk)
        while True:
            node = walk.send(a.node(*node) == b.node(*node))
    except StopIteration as end:
        if end.value is not None:
            return LogIndex(end.value)
    return None if a.size == b.size else LogIndex(shared_size)


def missing_leaves(ours: LogView, theirs: LogView) -> Iterator[Digest]:
    """Yield the leaves of `theirs` that `ours` lacks, in their order.

    Requires the leaves within each log to be distinct, as statement ids in a ledger are: then the common beginning
    need not be looked at. Time and memory are linear in what our log holds after it.
    """
    start = first_difference(ours, theirs)
    if start is None:
        return
    known = {leaf for leaves in _read(ours, start) for leaf in leaves}
    for leaves in _read(theirs, start):
        for leaf in leaves:
            if leaf not in known:
                yield leaf


def _read(log: LogView, start: int) -> Iterator[list[Digest]]:
    end = log.size
    for position in range(start, end, LEAVES_PER_READ):
        yield log.leaves(position, min(position + LEAVES_PER_READ, end))
