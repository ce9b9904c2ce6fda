"""The right edge of a log: all that is needed to go on appending, and nothing more.

A frontier is the cover of the tree, one digest per bit set in the size, largest subtree first::

    size 7 = 0b111      digests = ( (2,0), (1,2), (0,6) )        root = H(d0, H(d1, d2))

At most 63 digests stand for any number of leaves, so a frontier lets a reader follow a log without holding it: extend
it by the new leaves and compare the root. It is an immutable value; extending makes another one.

`grow` is the only place where leaves become nodes. It works level by level over the whole batch, so an append of m
leaves makes m hashes, give or take the height, and one concatenated row per level.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stemedb.merkle.hashing import EMPTY_ROOT, Hasher, fold_right, hash_pairs, node_hash
from stemedb.merkle.shape import LEAVES_MAX
from stemedb.types import DIGEST_BYTES, Digest, LogSize

_ONE_LENGTH = frozenset({DIGEST_BYTES})


@dataclass(frozen=True, slots=True)
class Frontier:
    """The cover of a log of `size` leaves, largest subtree first.

    Requires 0 <= size <= LEAVES_MAX and one 32-byte digest for each bit set in `size`.
    """

    size: LogSize = LogSize(0)  # noqa: RUF009 - a NewType call is the identity on an immutable int
    digests: tuple[Digest, ...] = ()
    hasher: Hasher = node_hash

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LEAVES_MAX:
            raise ValueError(f"frontier: got size {self.size}, want 0 <= size <= 2^63")
        if len(self.digests) != self.size.bit_count():
            want = self.size.bit_count()
            raise ValueError(f"frontier of size {self.size}: got {len(self.digests)} digests, want {want}")
        require_digests(self.digests)

    @property
    def root(self) -> Digest:
        """The root of the tree: at most 62 hashes."""
        return fold_right(self.digests, self.hasher)[-1] if self.digests else EMPTY_ROOT

    def extend(self, leaves: Sequence[bytes]) -> "Frontier":
        """Return the frontier after `leaves`, 32 bytes each. O(len(leaves) + log size)."""
        digests, _ = grow(self.digests, self.size, join_leaves(leaves), self.hasher)
        return Frontier(LogSize(self.size + len(leaves)), tuple(digests), self.hasher)


def grow(
    digests: Sequence[Digest], size: int, row: bytes, hasher: Hasher
) -> tuple[list[Digest], list[bytes]]:
    """Return the frontier after the leaves in `row`, and the new complete nodes, one concatenated row per level.

    `digests` is the frontier at `size`. Requires len(row) to be a multiple of 32.
    """
    edge = list(digests)
    if len(row) == DIGEST_BYTES:  # the loop below for one leaf, at half its cost
        digest = Digest(row)
        rows: list[bytes] = [digest]
        while size & 1:
            digest = hasher(edge.pop(), digest)
            rows.append(digest)
            size >>= 1
        edge.append(digest)
        return edge, rows
    rows = []
    remainders: list[Digest] = []
    while row:
        rows.append(row)
        if size & 1:  # the edge ends with a node of this level: it is the left sibling of the first new one
            row = edge.pop() + row
        if len(row) & DIGEST_BYTES:  # an odd count: the last node waits for its right sibling
            remainders.append(Digest(row[-DIGEST_BYTES:]))
            row = row[:-DIGEST_BYTES]
        if row:
            row = hash_pairs(row, hasher)
        size >>= 1
    remainders.reverse()
    edge += remainders
    return edge, rows


def join_leaves(leaves: Sequence[bytes]) -> bytes:
    """Return `leaves` concatenated. Raises ValueError unless each has 32 bytes."""
    row = b"".join(leaves)
    if len(leaves) != 1 or len(row) != DIGEST_BYTES:
        require_digests(leaves)
    return row


def require_digests(digests: Sequence[bytes]) -> None:
    """Raise ValueError unless each of `digests` has 32 bytes."""
    lengths = {*map(len, digests)}
    if lengths and lengths != _ONE_LENGTH:
        raise ValueError(f"digests: got one of {min(lengths - _ONE_LENGTH)} bytes, want {DIGEST_BYTES}")
