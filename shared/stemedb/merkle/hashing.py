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


def private_hasher(hasher: Hasher) -> Hasher:
    """Return a function equal to `hasher`, quicker, and for one call on one thread only.

    Allocating a BLAKE3 state costs more than hashing 64 bytes, so the default hasher is replaced by one that keeps a
    single state and resets it. That state is why the result must not be shared. Any other hasher is returned as is.
    """
    if hasher is not node_hash:
        return hasher
    reset, update, digest = _reusable_state()

    def reusing(left: bytes, right: bytes) -> Digest:
        reset()
        update(left + right)
        return digest()

    return reusing


def hash_pairs(row: bytes, hasher: Hasher) -> bytes:
    """Return the row above `row`: one digest for each two digests, concatenated.

    Requires len(row) to be a multiple of 64.
    """
    if len(row) == 2 * DIGEST_BYTES:
        return hasher(row[:DIGEST_BYTES], row[DIGEST_BYTES:])
    above: list[Digest] = []
    add = above.append
    if hasher is node_hash:  # `private_hasher` written out: this loop is what an append costs
        reset, update, digest = _reusable_state()
        for (pair,) in _each_pair(row):
            reset()
            update(pair)
            add(digest())
    else:
        for (pair,) in _each_pair(row):
            add(hasher(pair[:DIGEST_BYTES], pair[DIGEST_BYTES:]))
    return b"".join(above)


def fold_right(digests: Sequence[Digest], hasher: Hasher) -> list[Digest]:
    """Return the folds of the last digest, the last two, …, all of them: d2, H(d1, d2), H(d0, H(d1, d2)).

    Requires at least one digest; makes one hash less than there are digests.
    """
    right_to_left = reversed(digests)
    folded = next(right_to_left)
    folds = [folded]
    add = folds.append
    if hasher is node_hash:  # `private_hasher` written out: this loop is what a root costs
        reset, update, digest = _reusable_state()
        for left in right_to_left:
            reset()
            update(left + folded)
            folded = digest()
            add(folded)
    else:
        for left in right_to_left:
            folded = hasher(left, folded)
            add(folded)
    return folds


def split_row(row: bytes) -> list[Digest]:
    """Return the digests that `row` concatenates. Requires len(row) to be a multiple of 32."""
    return [digest for (digest,) in _each_digest(row)]


def _reusable_state() -> tuple[Callable[[], None], Callable[[bytes], object], Callable[[], Digest]]:
    """Return the methods reset, update and digest of one new BLAKE3 state."""
    state = blake3()
    return state.reset, state.update, cast("Callable[[], Digest]", state.digest)
