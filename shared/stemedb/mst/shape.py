"""Making, cutting and joining subtrees so that the canonical shape is kept.

Three moves are all that editing needs besides changing one node's entries::

    assemble   entries and children ──▶ a node;   no entries: the only child itself
    cut        a subtree at a key k it does not hold ──▶ what is below k, what is above k
    concat     two subtrees of neighbouring intervals ──▶ one subtree

`cut` goes down one path, the one on which k would be; `concat` goes down the right edge of one subtree and the left
edge of the other, and stops where one of them ends. Whatever hangs beside those paths is taken over by reference,
unread.

Invariants: arguments and results are canonical subtrees, ``None`` is the subtree without keys, and no argument is changed.
"""

from bisect import bisect_left

from stemedb.mst.block import encode_entries
from stemedb.mst.node import ABSENT, UNKNOWN, Node
from stemedb.mst.store import NodeStore, child_of, entries_of, fetch
from stemedb.types import Digest


def slot(node: Node | None) -> Node | int:
    """Return what a parent holds for this child: its place if it is written, else the node."""
    if node is None:
        return 0
    return node.ref or node


def slot_digest(node: Node | None) -> Digest:
    """Return what a parent holds for the digest of this child."""
    if node is None:
        return ABSENT
    return node.digest or UNKNOWN


def with_children(node: Node, children: list[Node | int], digests: list[Digest]) -> Node:
    """Return a node with the entries of `node` and other children; the entries block is shared."""
    new = Node(node.level, node.body, children, digests)
    new.keys, new.values = node.keys, node.values
    new.entries_digest, new.entries_ref = node.entries_digest, node.entries_ref
    return new


def assemble(  # noqa: PLR0917 - the columns of a node
    store: NodeStore,
    level: int,
    keys: list[bytes],
    values: list[bytes],
    children: list[Node | int],
    digests: list[Digest],
) -> Node | None:
    """Return the node of these entries and children, or the only child if there are no entries."""
    if keys:
        return Node(level, encode_entries(level, keys, values), children, digests)
    only = children[0]
    if type(only) is Node:
        return only
    assert type(only) is int
    if not only:
        return None
    return fetch(store, only, digests[0])


def cut(store: NodeStore, node: Node | None, key: bytes) -> tuple[Node | None, Node | None]:
    """Return the subtrees of the keys below and above `key`. Requires that `key` is not under `node`. O(height)."""
    if node is None:
        return None, None
    keys, values = entries_of(node)
    at = bisect_left(keys, key)
    if node.children is None or node.digests is None:
        if at == len(keys):
            return node, None
        if at == 0:
            return None, node
        return (
            Node(0, encode_entries(0, keys[:at], values[:at])),
            Node(0, encode_entries(0, keys[at:], values[at:])),
        )
    left, right = cut(store, child_of(store, node, at), key)
    if at == len(keys) and right is None:
        return node, None
    if at == 0 and left is None:
        return None, node
    children, digests = node.children, node.digests
    return (
        assemble(
            store,
            node.level,
            keys[:at],
            values[:at],
            [*children[:at], slot(left)],
            [*digests[:at], slot_digest(left)],
        ),
        assemble(
            store,
            node.level,
            keys[at:],
            values[at:],
            [slot(right), *children[at + 1 :]],
            [slot_digest(right), *digests[at + 1 :]],
        ),
    )


def concat(store: NodeStore, left: Node | None, right: Node | None) -> Node | None:
    """Return the subtree of all keys of both. Requires every key of `left` below every key of `right`. O(height)."""
    if left is None:
        return right
    if right is None:
        return left
    if left.level > right.level:
        last = concat(store, child_of(store, left, -1), right)
        assert left.children is not None
        assert left.digests is not None
        return with_children(left, [*left.children[:-1], slot(last)], [*left.digests[:-1], slot_digest(last)])
    if left.level < right.level:
        first = concat(store, left, child_of(store, right, 0))
        assert right.children is not None
        assert right.digests is not None
        return with_children(
            right, [slot(first), *right.children[1:]], [slot_digest(first), *right.digests[1:]]
        )
    left_keys, left_values = entries_of(left)
    right_keys, right_values = entries_of(right)
    body = encode_entries(left.level, left_keys + right_keys, left_values + right_values)
    if left.children is None or right.children is None or left.digests is None or right.digests is None:
        return Node(0, body)
    middle = concat(store, child_of(store, left, -1), child_of(store, right, 0))
    return Node(
        left.level,
        body,
        [*left.children[:-1], slot(middle), *right.children[1:]],
        [*left.digests[:-1], slot_digest(middle), *right.digests[1:]],
    )
