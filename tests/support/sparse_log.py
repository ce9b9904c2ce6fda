"""A log of up to 2^63 leaves that needs no room: all leaves are alike but a few that are marked.

It makes every size testable, also those where a shift by one bit too many would show only after years of appending.
"""

from collections.abc import Mapping
from functools import cache

from stemedb.merkle import node_hash
from stemedb.types import Digest, LogSize
from support.reference_merkle import split_point

PLAIN = Digest(b"\xaa" * 32)


class SparseStore:
    """A read-only node store with the leaf `marked[i]` at index i and `PLAIN` everywhere else."""

    def __init__(self, size: int, marked: Mapping[int, bytes]) -> None:
        self._size = size
        self._marked = dict(marked)
        self.reads = 0

    def append(self, level: int, digests: bytes) -> None:
        raise NotImplementedError

    def size(self) -> LogSize:
        return LogSize(self._size)

    def get(self, level: int, index: int) -> Digest:
        if level < 0 or not 0 <= index < self._size >> level:
            raise IndexError(f"node ({level}, {index}) of {self._size} leaves")
        self.reads += 1
        return reference_root(index << level, 1 << level, self._marked)

    def get_range(self, level: int, start: int, end: int) -> bytes:
        return b"".join(self.get(level, index) for index in range(start, end))


def reference_root(start: int, count: int, marked: Mapping[int, bytes]) -> Digest:
    """Return MTH of RFC 9162 over the leaves [start, start + count), recursing only where a leaf is marked."""
    here = [index for index in marked if start <= index < start + count]
    if not here:
        return _plain_root(count)
    if count == 1:
        return Digest(marked[start])
    k = split_point(count)
    return node_hash(
        reference_root(start, k, marked),
        reference_root(start + k, count - k, marked),
    )


@cache
def _plain_root(count: int) -> Digest:
    if count == 1:
        return PLAIN
    k = split_point(count)
    return node_hash(_plain_root(k), _plain_root(count - k))
