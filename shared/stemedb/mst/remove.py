"""Taking a sorted batch of keys out of a tree in one pass.

At each node the keys of its own level are taken out of its entries, and the two children beside each of them are joined
into one; then the other keys are dealt out to the children. A node that is left without entries gives way to its
only child, so the shape stays canonical. Keys that are not there change nothing, and an unchanged subtree is returned as
it was.

Complexity: O(touched nodes + keys).
"""

from bisect import bisect_left
from collections.abc import Sequence

from stemedb.mst.block import encode_entries
from stemedb.mst.node import Node
from stemedb.mst.shape import assemble, concat, slot, slot_digest
from stemedb.mst.store import NodeStore, child_at, entries_of


class Removal:
    """One batch of keys to take out; `removed` counts those that were there."""

    __slots__ = ("_keys", "_store", "removed")

    def __init__(self, store: NodeStore, keys: Sequence[bytes]) -> None:
        self._store = store
        self._keys = keys
        self.removed = 0

    def out_of(self, node: Node | None, start: int, end: int) -> Node | None:
        """Return the subtree `node` without the keys [start, end). Requires their keys in its interval."""
        if node is None or start == end:
            return node
        if node.children is None or node.digests is None:
            return self._leaf(node, start, end)
        batch, store = self._keys, self._store
        keys, values = (column.copy() for column in entries_of(node))
        children, digests = node.children.copy(), node.digests.copy()
        changed = False
        own = [key for key in batch[start:end] if keys[bisect_left(keys, key) % len(keys)] == key]
        for key in own:
            i = bisect_left(keys, key)
            left, right = child_at(store, children, digests, i), child_at(store, children, digests, i + 1)
            joined = concat(store, left, right)
            del keys[i], values[i]
            children[i : i + 2] = [slot(joined)]
            digests[i : i + 2] = [slot_digest(joined)]
            changed = True
        self.removed += len(own)
        while start < end:
            i = bisect_left(keys, batch[start])
            stop = end if i == len(keys) else bisect_left(batch, keys[i], start, end)
            child = child_at(store, children, digests, i)
            new = self.out_of(child, start, stop)
            if new is not child:
                children[i] = slot(new)
                digests[i] = slot_digest(new)
                changed = True
            start = stop
        if not changed:
            return node
        return assemble(store, node.level, keys, values, children, digests)

    def _leaf(self, node: Node, start: int, end: int) -> Node | None:
        keys, values = entries_of(node)
        gone = set(self._keys[start:end]).intersection(keys)
        if not gone:
            return node
        self.removed += len(gone)
        kept = [(key, value) for key, value in zip(keys, values, strict=True) if key not in gone]
        if not kept:
            return None
        return Node(0, encode_entries(0, [key for key, _ in kept], [value for _, value in kept]))
