"""How two digests become one.

The log commits to statement ids, so a leaf *is* the 32-byte id and is not hashed again. An interior node is::

    node = BLAKE3(left || right)            32 + 32 bytes in, 32 bytes out

Invariants

* Both arguments of a hasher are 32 bytes. Whoever takes digests from outside checks that first: with unequal
  lengths the concatenation would be ambiguous.
* A hasher is a pure function of its two arguments. Every function of this package that hashes takes it as an
  argument, so that the SHA-256 vectors of RFC 6962 run through the same code as our own trees.
* The empty log has a root too: the digest of no bytes, `EMPTY_ROOT`, whatever the hasher.

No domain prefix separates leaves from nodes, for three reasons:

* A verifier starts from an id, not from content, and index and tree size, which a signed checkpoint fixes, give the
  level of every digest in a proof: a node cannot stand where a leaf is wanted, nor a leaf where a node is.
* The content behind an id is a canonical statement. An assertion or a vote is longer than the 64 bytes of a node's
  preimage, the shortest too.
* An epoch may have exactly 64 bytes. To be a node's preimage as well, its first 32 bytes would have to be a digest
  that begins with the 24 fixed bytes ``{"kind":"epoch","name":"``: a partial preimage of 192 bits.
"""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Final, cast

from blake3 import blake3

from stemedb.types import DIGEST_BYTES, Digest

Hasher = Callable[[bytes, bytes], Digest]
"""Makes the digest of a node from those of its left and right child."""

EMPTY_ROOT: Final = Digest(blake3(b"").digest())
"""The root of the log without leaves."""

_each_pair = Struct(f"{2 * DIGEST_BYTES}s").iter_unpack
_each_digest = Struct(f"{DIGEST_BYTES}s").iter_unpack


def node_hash(left: bytes, right: bytes) -> Digest:
    """Return the digest of the node above `left` and `right`, 32 bytes each."""
    return blake3(left + right).digest()  # type: ignore[return-value]  # a NewType call costs a tenth of the hash


def hash_pairs(row: bytes, hasher: Hasher) -> bytes:
    """Return the row above `row`: one digest for each two digests, concatenated.

    Requires len(row) to be a multiple of 64.
    """
    reset, update, digest = _scratch(hasher)
    above: list[Digest] = []
    add = above.append
    for (pair,) in _each_pair(row):
        reset()
        update(pair)
        add(digest())
    return b"".join(above)


def fold_right(digests: Sequence[Digest], hasher: Hasher) -> list[Digest]:
    """Return the folds of the last digest, the last two, …, all of them: d2, H(d1, d2), H(d0, H(d1, d2)).

    Requires at least one digest; makes one hash less than there are digests.
    """
    reset, update, digest = _scratch(hasher)
    right_to_left = reversed(digests)
    folded = next(right_to_left)
    folds = [folded]
    add = folds.append
    for left in right_to_left:
        reset()
        update(left + folded)
        folded = digest()
        add(folded)
    return folds


def fold_path(
    start: bytes, index: int, siblings: Sequence[bytes], left_siblings: Sequence[bytes], hasher: Hasher
) -> bytes:
    """Return the root above `start`, first past `siblings`, then past `left_siblings`, lowest first.

    Bit k of `index` tells whether sibling k stands to the left.
    """
    reset, update, digest = _scratch(hasher)
    folded = start
    for sibling in siblings:
        reset()
        update(sibling + folded if index & 1 else folded + sibling)
        folded = digest()
        index >>= 1
    for sibling in left_siblings:
        reset()
        update(sibling + folded)
        folded = digest()
    return folded


def split_row(row: bytes) -> list[Digest]:
    """Return the digests that `row` concatenates. Requires len(row) to be a multiple of 32."""
    return [digest for (digest,) in _each_digest(row)]


class _PairState:
    """Any hasher behind the three methods of a hash state."""

    __slots__ = ("_hasher", "_pair")

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._pair = b""

    def reset(self) -> None:
        """Forget the pair; the next `update` replaces it anyway."""

    def update(self, pair: bytes) -> None:
        self._pair = pair

    def digest(self) -> Digest:
        return self._hasher(self._pair[:DIGEST_BYTES], self._pair[DIGEST_BYTES:])


def _scratch(hasher: Hasher) -> tuple[Callable[[], None], Callable[[bytes], object], Callable[[], Digest]]:
    """Return reset, update and digest of a new state: after `reset` and `update(left + right)`, `digest` is the node.

    Allocating a BLAKE3 state costs as much as hashing 64 bytes, so the loops above, which are what appending, roots
    and proofs cost, make one and reset it. It never leaves the call that made it, so no two threads can share it.
    """
    if hasher is not node_hash:
        other = _PairState(hasher)
        return other.reset, other.update, other.digest
    state = blake3()
    return state.reset, state.update, cast("Callable[[], Digest]", state.digest)
