"""Putting a sorted batch of entries into a tree in one pass.

The batch goes down from the root. At each node the entries of that interval are one slice of the batch, and the highest
level in the slice says what happens::

    higher than the node     the new keys become a node above it; the subtree is cut at each of them
    equal                    the keys go into this node's entries; the child that each falls into is cut
    lower                    the slice is dealt out to the children

Nodes on the way are replaced, never changed: whoever holds the old root keeps an intact tree, and if `join` raises,
nothing has happened. A subtree in which no value changed is returned as it was, so repeating a batch writes nothing.

Complexity: O(touched nodes + entries); every node of the tree is read and made at most once per batch.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from stemedb.mst.block import VALUE_BYTES_MAX, encode_entries, find, put, value_at
from stemedb.mst.build import build
from stemedb.mst.node import UNKNOWN, Node
from stemedb.mst.shape import cut, slot, slot_digest, with_children
from stemedb.mst.store import NodeStore, child_at, entries_of
from stemedb.types import Digest

Join = Callable[[bytes, bytes, bytes], bytes]
"""Gives the value of a key from the one it has and the one that arrives: ``join(key, old, new)``."""


def replace(key: bytes, old: bytes, new: bytes) -> bytes:  # noqa: ARG001 - the join of a plain map
    """Join in which the value that arrives wins."""
    return new


class Merge:
    """One batch on its way through a tree; `inserted` and `updated` count what it did.

    `replaced` has the digests of written nodes that the new tree does not use any more: not all of them, but most.
    """

    __slots__ = ("_join", "_keys", "_levels", "_store", "_values", "inserted", "replaced", "updated")

    def __init__(
        self,
        store: NodeStore,
        keys: Sequence[bytes],
        values: Sequence[bytes],
        levels: bytes,
        join: Join,
    ) -> None:
        self._store = store
        self._keys = keys
        self._values = values
        self._levels = levels
        self._join = join
        self.inserted = 0
        self.updated = 0
        self.replaced: list[Digest] = []

    def into(self, node: Node | None, start: int, end: int) -> Node | None:
        """Return the subtree `node` with the entries [start, end) in it. Requires their keys in its interval."""
        if start == end:
            return node
        if node is None:
            self.inserted += end - start
            return build(self._keys, self._values, self._levels, start, end)
        level = node.level
        top = self._levels[start] if end - start == 1 else max(self._levels[start:end])
        if top > level:
            return self._above(node, start, end, top)
        if not level:
            return self._leaf(node, start, end)
        if top == level:
            node = self._own(node, start, end)
        return self._below(node, start, end)

    def _above(self, node: Node, start: int, end: int, top: int) -> Node:
        keys, values, levels, store = self._keys, self._values, self._levels, self._store
        own: list[int] = []
        parts: list[Node | None] = []
        rest: Node | None = node
        at = levels.find(top, start, end)
        while at >= 0:
            left, rest = cut(store, rest, keys[at])
            parts.append(self.into(left, start, at))
            own.append(at)
            start = at + 1
            at = levels.find(top, start, end)
        parts.append(self.into(rest, start, end))
        self.inserted += len(own)
        return Node(
            top,
            encode_entries(top, [keys[i] for i in own], [values[i] for i in own]),
            [slot(part) for part in parts],
            [slot_digest(part) for part in parts],
        )

    def _own(self, node: Node, start: int, end: int) -> Node:
        """Return the node with the entries of its own level; those of lower levels are left for `_below`."""
        level, levels = node.level, self._levels
        assert node.children is not None
        assert node.digests is not None
        before = self.inserted + self.updated
        keys, values = (column.copy() for column in entries_of(node))
        children, digests = node.children.copy(), node.digests.copy()
        at = levels.find(level, start, end)
        while at >= 0:
            key, value = self._keys[at], self._values[at]
            i = bisect_left(keys, key)
            if i < len(keys) and keys[i] == key:
                self._overwrite(key, values, i, value)
            else:
                self.inserted += 1
                left, right = cut(self._store, child_at(self._store, children, digests, i), key)
                keys.insert(i, key)
                values.insert(i, value)
                children[i : i + 1] = [slot(left), slot(right)]
                digests[i : i + 1] = [slot_digest(left), slot_digest(right)]
            at = levels.find(level, at + 1, end)
        if self.inserted + self.updated == before:
            return node
        return Node(level, encode_entries(level, keys, values), children, digests)

    def _below(self, node: Node, start: int, end: int) -> Node:
        """Deal the entries below the node's level out to its children."""
        batch, store = self._keys, self._store
        keys = node.keys
        if keys is None:
            if end - start == 1 and node.level == 1:
                return self._below_one(node, start)
            keys = store.unpack(node)
        width = len(keys)
        children, digests = node.children, node.digests
        assert children is not None
        assert digests is not None
        new: Node | None = None
        while start < end:
            key = batch[start]
            i = bisect_left(keys, key)
            stop = end
            if i < width:
                bound = keys[i]
                if bound == key:  # of this node's own level: `_own` has put it in
                    start += 1
                    continue
                stop = start + 1
                if stop < end and batch[stop] < bound:
                    stop = bisect_left(batch, bound, stop, end)
            child = child_at(store, children, digests, i)
            changed = self.into(child, start, stop)
            if changed is not child:
                assert changed is not None
                if new is None:
                    children, digests = children.copy(), digests.copy()
                    new = with_children(node, children, digests)
                if child is not None and child.ref:
                    self.replaced.append(digests[i])
                children[i] = changed
                digests[i] = UNKNOWN
            start = stop
        return node if new is None else new

    def _below_one(self, node: Node, at: int) -> Node:
        """As `_below` for a single entry in one of the many nodes just above the leaves, without decoding it.

        Its decoded keys would take as much memory as the node, and more time than one search in the block.
        """
        i, own = find(node.body, self._keys[at])
        if own:
            return node
        assert node.children is not None
        assert node.digests is not None
        child = child_at(self._store, node.children, node.digests, i)
        changed = self.into(child, at, at + 1)
        if changed is child:
            return node
        assert changed is not None
        if child is not None and child.ref:
            self.replaced.append(node.digests[i])
        children, digests = node.children.copy(), node.digests.copy()
        children[i] = changed
        digests[i] = UNKNOWN
        return with_children(node, children, digests)

    def _leaf(self, node: Node, start: int, end: int) -> Node:
        if end - start == 1:
            return self._leaf_one(node, self._keys[start], self._values[start])
        before = self.inserted + self.updated
        keys, values = (column.copy() for column in entries_of(node))
        at = 0
        for row in range(start, end):
            key, value = self._keys[row], self._values[row]
            at = bisect_left(keys, key, at)
            if at < len(keys) and keys[at] == key:
                self._overwrite(key, values, at, value)
            else:
                keys.insert(at, key)
                values.insert(at, value)
                self.inserted += 1
            at += 1
        if self.inserted + self.updated == before:
            return node
        return Node(0, encode_entries(0, keys, values))

    def _leaf_one(self, node: Node, key: bytes, value: bytes) -> Node:
        """As `_leaf` for a single entry, which is the rule when a small batch meets a large tree."""
        body = node.body
        at, found = find(body, key)
        if found:
            old = value_at(body, at)
            value = self._join(key, old, value)
            if value == old:
                return node
            _require_bounds(value)
            self.updated += 1
        else:
            self.inserted += 1
        return Node(0, put(body, at, key, value, replacing=found))

    def _overwrite(self, key: bytes, values: list[bytes], index: int, value: bytes) -> None:
        old = values[index]
        new = self._join(key, old, value)
        if new != old:
            _require_bounds(new)
            values[index] = new
            self.updated += 1


def _require_bounds(value: bytes) -> None:
    """Raise ValueError for a value that `join` should not have made: no reader would take a node with it."""
    if type(value) is not bytes or len(value) > VALUE_BYTES_MAX:
        raise ValueError(f"value out of a join: want at most {VALUE_BYTES_MAX} bytes")
