"""How two digests become one.

The log commits to statement ids, so a leaf *is* the 32-byte id and is not hashed again. An interior node is::

    node = BLAKE3(left || right)            32 + 32 bytes in, 32 bytes out

Invariants

* Both arguments of a hasher are 32 bytes. Whoever takes digests from outside checks that first: with unequal
  lengths the concatenation would be ambiguous.
* A hasher is a pure function of its two arguments. Every function of this package that hashes takes it as an
  argument, so that the SHA-256 vectors of RFC 6962 run through the same code as our own trees.
* The empty log has a root too: the digest of no bytes, `EMPTY_ROOT`, whatever the hasher.

No domain prefix separates leaves from nodes. RFC 6962 needs one because there the verifier hashes the leaf's
content, which may be as long as a node's preimage. Here a verifier starts from the id, and index and tree size,
both taken from a signed checkpoint, fix the level of every digest in a proof: a node cannot stand where a leaf
is wanted.
"""

from collections.abc import Callable
from struct import Struct
from typing import Final

from blake3 import blake3

from stemedb.types import DIGEST_BYTES, Digest

Hasher = Callable[[bytes, bytes], bytes]
"""Makes the digest of a node from those of its left and right child."""

EMPTY_ROOT: Final = Digest(blake3(b"").digest())
"""The root of the log without leaves."""

_each_pair = Struct(f"{2 * DIGEST_BYTES}s").iter_unpack
_each_digest = Struct(f"{DIGEST_BYTES}s").iter_unpack


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the digest of the node above `left` and `right`, 32 bytes each."""
    return blake3(left + right).digest()


def private_hasher(hasher: Hasher) -> Hasher:
    """Return a function equal to `hasher`, quicker, and for one caller on one thread only.

    Allocating a BLAKE3 state costs as much as the hashing of 64 bytes itself, so the default hasher is replaced by
    one that keeps a single state and resets it. That state is why the result must not be shared. Any other hasher
    is returned unchanged.
    """
    if hasher is not node_hash:
        return hasher
    state = blake3()
    reset, update, digest = state.reset, state.update, state.digest

    def reusing(left: bytes, right: bytes) -> bytes:
        reset()
        update(left + right)
        return digest()

    return reusing


def hash_pairs(row: bytes, hasher: Hasher = node_hash) -> bytes:
    """Return the row above `row`: one digest for each two digests, concatenated.

    Requires len(row) to be a multiple of 64.
    """
    above: list[bytes] = []
    add = above.append
    if hasher is node_hash:
        # The one hot loop of an append: `private_hasher` written out, since a call per node would cost a third more.
        state = blake3()
        reset, update, digest = state.reset, state.update, state.digest
        for (pair,) in _each_pair(row):
            reset()
            update(pair)
            add(digest())
    else:
        for (pair,) in _each_pair(row):
            add(hasher(pair[:DIGEST_BYTES], pair[DIGEST_BYTES:]))
    return b"".join(above)


def split_row(row: bytes) -> list[Digest]:
    """Return the digests that `row` concatenates. Requires len(row) to be a multiple of 32."""
    return [digest for (digest,) in _each_digest(row)]
