"""The exact difference of two trees: what was added, changed and removed, in key order.

Both trees are walked together. Where two subtrees of the same interval have the same digest they hold the same entries
and are passed without being read; since the shape follows from the entries alone, what did not change looks the same in both::

    old   ┌─ a ─ [ S ] ─ k ─ [ T ] ─ p ─┐          S = S' by digest: passed
    new   ┌─ a ─ [ S'] ───── [ U ] ─ p ─┐          k is gone, so T and U cover different intervals: opened

Two ways of going down. As long as nodes stand at the same level with the same keys, their children pair off, and comparing
two lists of digests finds those that differ. Where a key above level 0 came or went, the trees are read as two rows
of subtrees and keys; the higher of the two subtrees in front is opened, until subtrees or keys match again.

Every subtree that is opened differs, with one exception: beside a key that came or went, an equal subtree is recognised by its
digest only if it stands directly beside the key; else its edge is read, O(height) nodes. The work is O(changes × height).

What this does not do: resolve anything. Whoever syncs replicas joins the values.
"""

from collections.abc import Iterator
from typing import NamedTuple

from stemedb.mst.node import ABSENT, Node
from stemedb.mst.store import NodeStore, child_of, entries_of
from stemedb.mst.tree import Tree
from stemedb.mst.walk import ascending
from stemedb.types import Digest


class Change(NamedTuple):
    """One key whose value differs: `old` is None if it was added, `new` is None if it was removed."""

    key: bytes
    old: bytes | None
    new: bytes | None


def diff(old: Tree, new: Tree) -> Iterator[Change]:
    """Yield every difference from `old` to `new`, in key order, reading as it goes.

    The trees may be kept in different stores, but must have the same level function: else the result is still exact, but
    nothing is passed unread. Edits made to either tree after the call are not seen.
    """
    old.root_digest, new.root_digest  # noqa: B018 - hashes what is not hashed yet
    return _Diff(old.store, new.store).pair(old.root, new.root)


class _Diff:
    """The walk through both trees; every node it meets is hashed."""

    __slots__ = ("_new", "_old")

    def __init__(self, old: NodeStore, new: NodeStore) -> None:
        self._old = old
        self._new = new

    def pair(self, old: Node | None, new: Node | None) -> Iterator[Change]:
        """Yield the differences of two subtrees of the same interval."""
        if old is None or new is None:
            for key, value in ascending(self._old, old, None, None):
                yield Change(key, value, None)
            for key, value in ascending(self._new, new, None, None):
                yield Change(key, None, value)
        elif old.digest == new.digest:
            return
        elif old.digests is None and new.digests is None:
            yield from _leaf_changes(old, new)
        elif old.digests is not None and new.digests is not None and old.entries_digest == new.entries_digest:
            for i, (left, right) in enumerate(zip(old.digests, new.digests, strict=True)):
                if left != right:
                    yield from self.pair(child_of(self._old, old, i), child_of(self._new, new, i))
        else:
            yield from self._align(_Row(self._old, old), _Row(self._new, new))

    def _align(self, old: "_Row", new: "_Row") -> Iterator[Change]:
        """Yield the differences of two rows that begin and end at the same bounds."""
        while old.tokens and new.tokens:
            left, right = old.tokens[-1], new.tokens[-1]
            if isinstance(left, _Entry) and isinstance(right, _Entry):
                yield from self._entries(old, new, left, right)
            elif isinstance(left, _Entry):
                yield from _entry_first(old, new)
            elif isinstance(right, _Entry):
                yield from (Change(key, None, value) for key, value, _ in _entry_first(new, old))
            else:
                yield from self._subtrees(old, new, left, right)
        for key, value in old.rest():
            yield Change(key, value, None)
        for key, value in new.rest():
            yield Change(key, None, value)

    @staticmethod
    def _entries(old: "_Row", new: "_Row", left: "_Entry", right: "_Entry") -> Iterator[Change]:
        if left.key <= right.key:
            old.tokens.pop()
        if left.key >= right.key:
            new.tokens.pop()
        if left.key < right.key:
            yield Change(left.key, left.value, None)
        elif left.key > right.key:
            yield Change(right.key, None, right.value)
        elif left.value != right.value:
            yield Change(left.key, left.value, right.value)

    def _subtrees(self, old: "_Row", new: "_Row", left: "_Subtree", right: "_Subtree") -> Iterator[Change]:
        if left.digest == right.digest or old.bound() == new.bound():
            old.tokens.pop()
            new.tokens.pop()
            if left.digest != right.digest:
                yield from self.pair(left.node(), right.node())
            return
        left_node, right_node = left.node(), right.node()
        if left_node.level >= right_node.level:
            old.open(left_node)
        if left_node.level <= right_node.level:
            new.open(right_node)


class _Entry(NamedTuple):
    key: bytes
    value: bytes


class _Subtree(NamedTuple):
    """A subtree that is not opened: known by its digest, and read only when its node is asked for."""

    store: NodeStore
    parent: Node
    position: int
    digest: Digest

    def node(self) -> Node:
        node = child_of(self.store, self.parent, self.position)
        assert node is not None
        return node


class _Row:
    """What is left of one tree, as entries and unopened subtrees in key order; the next one stands last."""

    __slots__ = ("_store", "tokens")

    def __init__(self, store: NodeStore, node: Node) -> None:
        self._store = store
        self.tokens: list[_Entry | _Subtree] = []
        self._push(node)

    def open(self, node: Node) -> None:
        """Replace the next token, the subtree under `node`, by its entries and children."""
        self.tokens.pop()
        self._push(node)

    def _push(self, node: Node) -> None:
        tokens = self.tokens
        keys, values = entries_of(node)
        digests = node.digests
        for i in range(len(keys), -1, -1):
            if i < len(keys):
                tokens.append(_Entry(keys[i], values[i]))
            if digests is not None and digests[i] != ABSENT:
                tokens.append(_Subtree(self._store, node, i, digests[i]))

    def after_entry(self) -> Digest | None:
        """Return the digest of the subtree that follows the next token, if one does."""
        following = self.tokens[-2] if len(self.tokens) > 1 else None
        return following.digest if isinstance(following, _Subtree) else None

    def bound(self) -> bytes | None:
        """Return the key behind the next token, a subtree; None if it ends with the row."""
        following = self.tokens[-2] if len(self.tokens) > 1 else None
        return following.key if isinstance(following, _Entry) else None

    def rest(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield all entries that are left."""
        while self.tokens:
            token = self.tokens.pop()
            if isinstance(token, _Entry):
                yield token.key, token.value
            else:
                yield from ascending(self._store, token.node(), None, None)


def _entry_first(row: _Row, other: _Row) -> Iterator[Change]:
    """Yield the entry that `row` begins with as removed, if `other`, which begins with a subtree, shows that it lacks it.

    It does if that subtree is the one behind the entry. Else the subtree is opened, which may bring the entry to light.
    """
    entry, subtree = row.tokens[-1], other.tokens[-1]
    assert isinstance(entry, _Entry)
    assert isinstance(subtree, _Subtree)
    if subtree.digest == row.after_entry():
        row.tokens.pop()
        yield Change(entry.key, entry.value, None)
    else:
        other.open(subtree.node())


def _leaf_changes(old: Node, new: Node) -> Iterator[Change]:
    was, now = (dict(zip(*entries_of(node), strict=True)) for node in (old, new))
    for key in sorted({key for key, _ in was.items() ^ now.items()}):
        yield Change(key, was.get(key), now.get(key))
