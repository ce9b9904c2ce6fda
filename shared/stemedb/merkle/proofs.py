r"""Proofs: putting fetched digests together, and checking what somebody else put together.

An inclusion proof is the siblings on the path from a leaf to the root, lowest first. A consistency proof is the same
path from the smallest subtree that ends the old tree::

    inclusion of leaf 2 among 7            consistency of 6 with 7

              root                                   root
             /    \                                 /    \
           .       [ ]  tail                     [ ]      .
          / \                                           /   \
       [ ]   .                                        (4,5)  [6]
            / \
           2  [3]                          starts at (4,5): both roots can be folded from there

Verification is strict: index and sizes fix the number of digests, so a longer or shorter proof is refused before any
hashing, and every digest and root must have 32 bytes. Whatever is wrong with a proof, its sizes or its roots is `ProofError`
with what was got and what was wanted: all of it may come from a peer.

What a proof does not do: it does not bind a root to a size. Where a path has the same shape in two sizes, as that of
leaf 0 has in 5 and in 6, the proof passes for both with the one root. A signed checkpoint is what binds them, so take
size and root from the same checkpoint, always.

Source: RFC 9162, sections 2.1.3 and 2.1.4.
"""

from collections.abc import Sequence

from stemedb.errors import ProofError
from stemedb.merkle.hashing import EMPTY_ROOT, Hasher, fold_path, fold_right, node_hash
from stemedb.merkle.shape import LEAVES_MAX, Plan, path_bits, smallest_node
from stemedb.types import DIGEST_BYTES, Digest


def assemble(plan: Plan, digests: Sequence[Digest], hasher: Hasher = node_hash) -> tuple[Digest, ...]:
    """Return the proof that `plan` describes, from the digests of `plan.nodes` in that order.

    Raises ValueError if their number is not that of the plan's nodes.
    """
    tail_count = (plan.tail_end - plan.tail_start).bit_count()
    head_count = len(plan.before)
    want = head_count + tail_count + len(plan.after)
    if len(digests) != want:
        raise ValueError(f"assemble: got {len(digests)} digests, want {want}")
    tail = digests[head_count : head_count + tail_count]
    proof = list(digests[:head_count])
    if tail:
        proof.append(fold_right(tail, hasher)[-1])
    proof += digests[head_count + tail_count :]
    return tuple(proof)


def verify_inclusion(  # noqa: PLR0917 - the six nouns of the claim, in the order in which it is said
    leaf: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    root: bytes,
    hasher: Hasher = node_hash,
) -> None:
    """Check that `leaf` stands at `index` in the tree of `size` leaves whose root is `root`.

    Returns only if it does. Raises ProofError if not, and for an index or size outside 0 <= index < size <= 2^63.
    O(log size) hashes.
    """
    if not 0 <= index < size <= LEAVES_MAX:
        raise ProofError(
            f"inclusion proof: got index {index} and size {size}, want 0 <= index < size <= 2^63"
        )
    if len(leaf) != DIGEST_BYTES:
        raise ProofError(f"inclusion proof: got a leaf of {len(leaf)} bytes, want {DIGEST_BYTES}")
    meeting, length = path_bits(index, size - 1)
    _require_proof("inclusion", proof, length)
    got = fold_path(leaf, index, proof[:meeting], proof[meeting:], hasher)
    if got != root:
        raise ProofError(_mismatch(f"inclusion proof of index {index} in size {size}: root", got, root))


def verify_consistency(  # noqa: PLR0917 - as above
    old_size: int,
    new_size: int,
    old_root: bytes,
    new_root: bytes,
    proof: Sequence[bytes],
    hasher: Hasher = node_hash,
) -> None:
    """Check that the tree of `old_size` leaves with `old_root` is the beginning of the one of `new_size`.

    Returns only if it is. Raises ProofError if not, and for sizes outside 0 <= old_size <= new_size <= 2^63. The
    empty log is the beginning of every log: its root is EMPTY_ROOT and its proof is empty. O(log size) hashes.
    """
    if not 0 <= old_size <= new_size <= LEAVES_MAX:
        raise ProofError(
            f"consistency proof: got sizes {old_size} and {new_size}, want 0 <= old <= new <= 2^63"
        )
    for name, root in (("an old", old_root), ("a new", new_root)):
        if len(root) != DIGEST_BYTES:
            raise ProofError(f"consistency proof: got {name} root of {len(root)} bytes, want {DIGEST_BYTES}")
    if old_size in {0, new_size}:
        _require_proof("consistency", proof, 0)
        if old_size == 0 and old_root != EMPTY_ROOT:
            raise ProofError(_mismatch("consistency proof: root at size 0", old_root, EMPTY_ROOT))
        if old_size == new_size and old_root != new_root:
            raise ProofError(_mismatch(f"consistency proof: root at size {old_size}", old_root, new_root))
        return
    level, index = smallest_node(old_size)
    meeting, length = path_bits(index, (new_size - 1) >> level)
    if index == 0:  # the old tree is one complete subtree, its root is where the path starts
        _require_proof("consistency", proof, length)
        start, path = old_root, proof
    else:
        _require_proof("consistency", proof, length + 1)
        start, path = proof[0], proof[1:]
    below, above = path[:meeting], path[meeting:]
    # The start and all that stands to its left are the cover of the old tree, here from right to left.
    old_cover = [start, *(sibling for k, sibling in enumerate(below) if index >> k & 1), *above]
    got: bytes = fold_right([Digest(digest) for digest in reversed(old_cover)], hasher)[-1]
    if got != old_root:
        raise ProofError(_mismatch(f"consistency proof: root at old size {old_size}", got, old_root))
    got = fold_path(start, index, below, above, hasher)
    if got != new_root:
        raise ProofError(_mismatch(f"consistency proof: root at new size {new_size}", got, new_root))


def _require_proof(name: str, proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise ProofError(f"{name} proof: got {len(proof)} digests, want {length}")
    odd = set(map(len, proof)) - {DIGEST_BYTES}
    if odd:
        raise ProofError(f"{name} proof: got a digest of {min(odd)} bytes, want {DIGEST_BYTES}")


def _mismatch(place: str, got: bytes, want: bytes) -> str:
    return f"{place}: got {got[:4].hex()}…, want {want[:4].hex()}…"
