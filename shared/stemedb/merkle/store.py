"""Where the complete nodes of a log are kept: one append-only row of digests per level.

::

    level 2   d(2,0)                                    size >> 2 digests
    level 1   d(1,0) d(1,1) d(1,2)                      size >> 1
    level 0   d(0,0) d(0,1) d(0,2) d(0,3) … d(0,6)      size: the leaves

Invariants

* Level k holds exactly size >> k digests, node (k, i) at position i; nothing written ever changes.
* `MerkleLog` writes the rows of a batch from the highest level down, the leaves last. A writer that dies in between
  leaves rows that are too long, never one that is too short: whatever a store's leaf count claims is there. Such
  a store cuts every level k back to size >> k when it is opened for writing again.

This module knows no files; `stemedb.ledger` keeps one file per level.
"""

from typing import Protocol

from stemedb.merkle.hashing import split_row
from stemedb.types import DIGEST_BYTES, Digest, LogSize


class NodeStore(Protocol):
    """The rows of complete nodes of one log."""

    def append(self, level: int, digests: bytes) -> None:
        """Add the concatenated `digests` to the end of row `level`."""

    def get(self, level: int, index: int) -> Digest:
        """Return node (level, index). Requires 0 <= index < size >> level."""

    def get_range(self, level: int, start: int, end: int) -> bytes:
        """Return nodes [start, end) of `level`, concatenated. Requires 0 <= start <= end <= size >> level."""

    def size(self) -> LogSize:
        """Return the number of leaves."""


class MemoryNodeStore:
    """A store in memory, for tests, short-lived logs and copies of what a peer sent."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: list[list[Digest]] = [[]]

    def append(self, level: int, digests: bytes) -> None:
        """Add the concatenated `digests` to the end of row `level`."""
        rows = self._rows
        if level >= len(rows):
            rows += [[] for _ in range(level + 1 - len(rows))]
        if len(digests) == DIGEST_BYTES:
            rows[level].append(Digest(digests))
        else:
            rows[level] += split_row(digests)

    def get(self, level: int, index: int) -> Digest:
        """Return node (level, index). Raises IndexError for a node that is not there."""
        if index < 0:
            raise IndexError(f"node ({level}, {index}): want a non-negative index")
        return self._rows[level][index]

    def get_range(self, level: int, start: int, end: int) -> bytes:
        """Return nodes [start, end) of `level`, concatenated. Raises IndexError if some are not there."""
        row = self._rows[level] if 0 <= level < len(self._rows) else []
        if not 0 <= start <= end <= len(row):
            raise IndexError(f"nodes [{start}, {end}) of level {level}: got a row of {len(row)}")
        return b"".join(row[start:end])

    def size(self) -> LogSize:
        """Return the number of leaves."""
        return LogSize(len(self._rows[0]))
