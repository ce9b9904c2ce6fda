r"""The shape of a log: which nodes exist, and which of them a root or a proof is made of.

Only index arithmetic lives here, not one digest. The tree over n leaves is that of RFC 9162: the largest power of
two smaller than n goes to the left, the rest to the right, and so on down. A node has coordinates: node (k, i) of
level k covers the leaves [i << k, (i + 1) << k). With seven leaves::

    level 3                  root                 not complete: (3,0) would cover [0, 8)
                           /      \
    level 2           (2,0)        .              not complete: (2,1) would cover [4, 8)
                     /     \      / \
    level 1     (1,0)   (1,1) (1,2)  \
                /  \    /  \  /  \    \
    level 0    0    1  2    3 4   5    6

Invariants

* Only complete nodes are ever stored: (k, i) with (i + 1) << k <= size. Later leaves never change them.
* A tree of any size is a row of complete nodes, one for each bit set in its size, largest first: its *cover*. For
  seven leaves (2,0) (1,2) (0,6). The root is the fold of the cover from the right.
* In a path from a node to the root at most one sibling is not complete: the one that holds the last leaf. It is the
  *tail*. Its parent is not complete either, so its cover is the end of the cover of the whole tree.

So everything is a *plan*: coordinates for the caller to fetch, from memory, a file or another replica, and to fold
with `stemedb.merkle.proofs.assemble`.

Source: RFC 9162, sections 2.1.1, 2.1.3 and 2.1.4.
"""

from typing import Final, NamedTuple

Node = tuple[int, int]
"""Level and index: node (k, i) covers the leaves [i << k, (i + 1) << k)."""

LEAVES_MAX: Final = 1 << 63
"""The largest tree: every index fits a signed 64-bit integer, and every size an unsigned one."""

PROOF_DIGESTS_MAX: Final = 64
"""The longest proof at `LEAVES_MAX`: 63 siblings, and for consistency the node that the path starts from."""


class Plan(NamedTuple):
    """Which nodes a proof is made of: one digest for each of `before`, one for the tail, one for each of `after`.

    The tail is the half-open leaf range [tail_start, tail_end), empty when the proof has none; its digest is the
    fold of its cover.
    """

    before: list[Node]
    tail_start: int
    tail_end: int
    after: list[Node]

    @property
    def nodes(self) -> list[Node]:
        """All nodes to fetch, in the order in which `assemble` wants their digests."""
        return [*self.before, *cover(self.tail_start, self.tail_end), *self.after]

    @property
    def length(self) -> int:
        """How many digests the proof has."""
        return len(self.before) + (self.tail_end > self.tail_start) + len(self.after)


def cover(start: int, end: int) -> list[Node]:
    """Return the complete nodes that together cover the leaves [start, end), from left to right, largest first.

    Requires 0 <= start <= end, and `start` to be a multiple of every power of two up to end - start: true of 0 and
    of every left edge of a subtree. At most 63 nodes.
    """
    nodes: list[Node] = []
    remaining = end - start
    while remaining:
        level = remaining.bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
        remaining -= 1 << level
    return nodes


def plan_inclusion(index: int, size: int) -> Plan:
    """Return the plan of the proof that leaf `index` is in the tree of `size` leaves.

    Requires 0 <= index < size <= LEAVES_MAX. O(log size).
    """
    if not 0 <= index < size <= LEAVES_MAX:
        raise ValueError(f"inclusion: got index {index} and size {size}, want 0 <= index < size <= 2^63")
    return _plan_path(0, index, size)


def plan_consistency(old_size: int, new_size: int) -> Plan:
    """Return the plan of the proof that the first `old_size` of `new_size` leaves are the old tree.

    The path starts at the smallest node of the old tree's cover: all that both trees have in common to its left are
    siblings on that path. When it is the only one, it is the old root, which the verifier knows, and is left out.
    Requires 0 <= old_size <= new_size <= LEAVES_MAX; empty for equal sizes and for an empty old tree. O(log size).
    """
    if not 0 <= old_size <= new_size <= LEAVES_MAX:
        raise ValueError(f"consistency: got sizes {old_size} and {new_size}, want 0 <= old <= new <= 2^63")
    if old_size in {0, new_size}:
        return Plan([], 0, 0, [])
    level, index = smallest_node(old_size)
    plan = _plan_path(level, index, new_size)
    return plan if index == 0 else plan._replace(before=[(level, index), *plan.before])


def smallest_node(size: int) -> Node:
    """Return the last and smallest node of the cover of [0, size). Requires size > 0."""
    level = (size & -size).bit_length() - 1
    return level, (size >> level) - 1


def path_bits(index: int, last: int) -> tuple[int, int]:
    """Return how many levels a path climbs before it meets the right edge, and how many siblings it has in all.

    `index` is the node the path starts from, `last` the rightmost node of the same level, complete or not. Below the
    meeting point every level gives a sibling; from there on only levels where the path is a right child, since
    on the right edge a left child stands alone and is passed up unchanged. Requires 0 <= index <= last.
    """
    meeting = (index ^ last).bit_length()
    return meeting, meeting + (index >> meeting).bit_count()


def _plan_path(level: int, index: int, size: int) -> Plan:
    """Return the siblings on the path from the complete node (level, index) to the root of `size` leaves."""
    meeting, _ = path_bits(index, (size - 1) >> level)
    before = [(level + k, (index >> k) ^ 1) for k in range(meeting - 1)]
    after: list[Node] = []
    rest, k = index >> meeting, level + meeting
    while rest:
        if rest & 1:
            after.append((k, rest - 1))
        rest >>= 1
        k += 1
    if not meeting:
        return Plan(before, 0, 0, after)
    # Where the path meets the right edge it comes from the left, and its sibling holds the last leaf.
    top, sibling = level + meeting - 1, (index >> (meeting - 1)) + 1
    start = sibling << top
    if size - start == 1 << top:
        return Plan([*before, (top, sibling)], 0, 0, after)
    return Plan(before, start, size, after)
