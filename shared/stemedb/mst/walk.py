"""Walking a tree in key order, over all of it or a range.

A walk keeps a stack of the nodes between the root and where it stands, O(height) of memory, and reads a node when it
comes to it. Leaves are given out whole, so the cost per entry is that of a loop over two lists.

A walk sees the tree as it was when the walk began, whatever is edited meanwhile: nodes are never changed.
"""

from bisect import bisect_left
from collections.abc import Iterator

from stemedb.mst.node import Node
from stemedb.mst.store import NodeStore, child_of, entries_of

Entry = tuple[bytes, bytes]


def ascending(store: NodeStore, root: Node | None, start: bytes | None, end: bytes | None) -> Iterator[Entry]:
    """Yield the entries with ``start <= key < end`` in ascending order; None is no bound."""
    stack: list[tuple[Node, list[bytes], list[bytes], int]] = []
    node = root
    while node is not None:
        keys, values = entries_of(node)
        at = 0 if start is None else bisect_left(keys, start)
        stack.append((node, keys, values, at))
        node = None if node.children is None else child_of(store, node, at)
    while stack:
        node, keys, values, at = stack.pop()
        if node.children is None:
            stop = len(keys) if end is None else bisect_left(keys, end, at)
            yield from zip(keys[at:stop], values[at:stop], strict=True)
            if stop < len(keys):
                return
            continue
        if at == len(keys):
            continue
        if end is not None and keys[at] >= end:
            return
        yield keys[at], values[at]
        stack.append((node, keys, values, at + 1))
        below = child_of(store, node, at + 1)
        while below is not None:
            keys, values = entries_of(below)
            stack.append((below, keys, values, 0))
            below = None if below.children is None else child_of(store, below, 0)


def descending(
    store: NodeStore, root: Node | None, start: bytes | None, end: bytes | None
) -> Iterator[Entry]:
    """Yield the entries with ``start <= key < end`` in descending order; None is no bound."""
    stack: list[tuple[Node, list[bytes], list[bytes], int]] = []
    node = root
    while node is not None:
        keys, values = entries_of(node)
        at = len(keys) if end is None else bisect_left(keys, end)
        stack.append((node, keys, values, at))
        node = None if node.children is None else child_of(store, node, at)
    while stack:
        node, keys, values, at = stack.pop()
        if node.children is None:
            stop = 0 if start is None else bisect_left(keys, start, 0, at)
            yield from zip(reversed(keys[stop:at]), reversed(values[stop:at]), strict=True)
            if stop:
                return
            continue
        if not at:
            continue
        at -= 1
        if start is not None and keys[at] < start:
            return
        yield keys[at], values[at]
        stack.append((node, keys, values, at))
        below = child_of(store, node, at)
        while below is not None:
            keys, values = entries_of(below)
            stack.append((below, keys, values, len(keys)))
            below = None if below.children is None else child_of(store, below, len(keys))
