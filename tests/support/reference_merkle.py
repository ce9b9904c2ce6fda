"""RFC 9162's definitions, written down as they stand: slow, recursive, and nothing to get wrong.

Every other implementation in the tests is compared with this one. `leaves` are digests already.
"""

from collections.abc import Callable, Sequence

Combine = Callable[[bytes, bytes], bytes]


def split_point(count: int) -> int:
    """Return the largest power of two smaller than `count`. Requires count > 1."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def root(leaves: Sequence[bytes], combine: Combine) -> bytes:
    """Return MTH(D_n), section 2.1.1. Requires at least one leaf."""
    if len(leaves) == 1:
        return leaves[0]
    k = split_point(len(leaves))
    return combine(root(leaves[:k], combine), root(leaves[k:], combine))


def inclusion(index: int, leaves: Sequence[bytes], combine: Combine) -> list[bytes]:
    """Return PATH(m, D_n), section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split_point(len(leaves))
    if index < k:
        return [*inclusion(index, leaves[:k], combine), root(leaves[k:], combine)]
    return [*inclusion(index - k, leaves[k:], combine), root(leaves[:k], combine)]


def consistency(old_size: int, leaves: Sequence[bytes], combine: Combine) -> list[bytes]:
    """Return PROOF(m, D_n), section 2.1.4.1."""
    return _subproof(old_size, leaves, combine, complete=True)


def _subproof(m: int, leaves: Sequence[bytes], combine: Combine, *, complete: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if complete else [root(leaves, combine)]
    k = split_point(n)
    if m <= k:
        return [*_subproof(m, leaves[:k], combine, complete=complete), root(leaves[k:], combine)]
    return [*_subproof(m - k, leaves[k:], combine, complete=False), root(leaves[:k], combine)]


def inclusion_sides(index: int, count: int) -> str:
    """Return on which side each sibling of `inclusion` stands: the shape of the proof, without its digests."""
    if count == 1:
        return ""
    k = split_point(count)
    if index < k:
        return inclusion_sides(index, k) + "R"
    return inclusion_sides(index - k, count - k) + "L"


def consistency_sides(old_size: int, new_size: int) -> str:
    """Return the shape of the proof of `consistency`: "=" for a node that is given, then the side of each sibling."""
    return "empty" if old_size == 0 else _subproof_sides(old_size, new_size, complete=True)


def _subproof_sides(m: int, n: int, *, complete: bool) -> str:
    if m == n:
        return "" if complete else "="
    k = split_point(n)
    if m <= k:
        return _subproof_sides(m, k, complete=complete) + "R"
    return _subproof_sides(m - k, n - k, complete=False) + "L"
