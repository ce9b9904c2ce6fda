"""Where nodes come from: the protocol between the tree and whatever keeps its nodes.

The tree holds a node directly while it is new, and by *place* (a positive integer that only the store understands)
and *digest* once it is written. A store turns the two back into a node::

    tree ── load(place, digest) ──▶ store ──▶ bytes ── BLAKE3 equal? ──▶ node, else Corruption

``nodes`` is the store's cache, a plain dict from digest to node, so that the tree can look into it without a call.
Nodes are cached by digest and not by place: a hit is right whatever a damaged place says.

`MemoryStore` keeps nothing: a tree that is never written holds all its nodes directly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn, Protocol

from stemedb.errors import Corruption
from stemedb.mst.block import decode_entries
from stemedb.mst.node import EMPTY_ROOT, Node, seal
from stemedb.types import Digest


@dataclass(frozen=True, slots=True)
class NodeRef:
    """A written root: its place (0 for the empty tree), its digest, and how many keys lie under it."""

    place: int
    digest: Digest
    count: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A root as it was committed: where (for `TreeFile.at`), its digest, its key count, the owner's bytes."""

    offset: int
    digest: Digest
    count: int
    meta: bytes


class NodeStore(Protocol):
    """What a tree needs of the place where its nodes are kept."""

    name: str
    nodes: dict[Digest, Node]
    hits: int

    def load(self, place: int, digest: Digest) -> Node:
        """Return the node; raise `Corruption` unless the bytes at `place` have this digest."""
        ...

    def read(self, place: int, digest: Digest) -> Node:
        """As `load`, but from the place and not from a cache, and without keeping the node."""
        ...

    def unpack(self, node: Node) -> list[bytes]:
        """Decode the entries of the node into its `keys` and `values`, and return the keys."""
        ...

    def forget(self, digests: Iterable[Digest]) -> None:
        """Take nodes out of the cache that the newest tree does not use any more."""
        ...

    def commit(self, root: Node | None, count: int, meta: bytes) -> Commit:
        """Keep the tree under `root`; durable when it returns if the store is a file."""
        ...


class MemoryStore:
    """The store of a temporary tree: counts commits and keeps nothing."""

    def __init__(self) -> None:
        self.name = "memory"
        self.nodes: dict[Digest, Node] = {}
        self.hits = 0
        self._commits = 0

    def load(self, place: int, digest: Digest) -> NoReturn:
        """Raise `Corruption`: a temporary tree never holds a node by its place."""
        raise Corruption(self.name, place, f"no node {digest.hex()[:8]} in a temporary tree")

    read = load

    def unpack(self, node: Node) -> list[bytes]:
        """Decode the entries of the node into its `keys` and `values`, and return the keys."""
        keys, node.values = decode_entries(node.body)
        node.keys = keys
        return keys

    def forget(self, digests: Iterable[Digest]) -> None:
        """Do nothing: there is no cache."""

    def commit(self, root: Node | None, count: int, meta: bytes) -> Commit:
        """Return the root as a commit; nothing is durable."""
        self._commits += 1
        return Commit(self._commits, EMPTY_ROOT if root is None else seal(root), count, meta)


def fetch(store: NodeStore, place: int, digest: Digest) -> Node:
    """Return a written node from the cache or from its place."""
    node = store.nodes.get(digest)
    if node is None:
        return store.load(place, digest)
    store.hits += 1
    return node


def child_at(store: NodeStore, children: list[Node | int], digests: list[Digest], index: int) -> Node | None:
    """Return child `index` of these two columns of a node, or None where there is none."""
    child = children[index]
    if type(child) is Node:
        return child
    assert type(child) is int
    return fetch(store, child, digests[index]) if child else None


def child_of(store: NodeStore, node: Node, index: int) -> Node | None:
    """Return child `index` of a node above level 0, or None where there is none."""
    assert node.children is not None
    assert node.digests is not None
    return child_at(store, node.children, node.digests, index)


def entries_of(node: Node) -> tuple[list[bytes], list[bytes]]:
    """Return keys and values of a node, decoding them without keeping the lists."""
    keys, values = node.keys, node.values
    if keys is None or values is None:
        return decode_entries(node.body)
    return keys, values
