"""The map itself: a handle on one root, through which it is read and edited.

::

    tree = memory_tree(realm)                 TreeFile.open(…).tree             TreeFile(…).snapshot()
           temporary, nothing kept                   editing                           read-only
                    └───────────────────────────────────┴───────────────────────────────────┘
                          get  in  len  items  root_digest            insert  remove  apply  merge  commit

Edits replace nodes along the paths they touch and leave hashing for later: `root_digest` hashes what changed since it
was last asked for, `commit` hashes and hands the new nodes to the store, both bottom-up and each node once. Single
edits and batches are the same pass over the tree, so a batch of one thousand costs far less than a thousand batches.

Invariants: the root digest is a function of the entries alone; a handle on an older root stays valid while the tree is
edited; an edit that raises has changed nothing.

One owner per editing handle. A read-only handle may be used by several threads, also while the owner edits.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress

from stemedb.mst.block import KEY_BYTES_MAX, VALUE_BYTES_MAX
from stemedb.mst.level import Levels, keyed_levels
from stemedb.mst.merge import Join, Merge, replace
from stemedb.mst.node import EMPTY_ROOT, Node, seal
from stemedb.mst.remove import Removal
from stemedb.mst.store import Commit, MemoryStore, NodeRef, NodeStore, fetch
from stemedb.mst.walk import Entry, ascending, descending
from stemedb.types import Digest


class Tree:
    """A Merkle Search Tree over a node store; without a `root` it is empty."""

    __slots__ = ("_count", "_levels", "_read_only", "_replaced", "_root", "_store")

    def __init__(
        self,
        store: NodeStore,
        realm: bytes,
        root: NodeRef | None = None,
        *,
        levels: Levels | None = None,
        read_only: bool = False,
    ) -> None:
        self._store = store
        self._levels = keyed_levels(realm) if levels is None else levels
        self._read_only = read_only
        self._root: Node | None = None
        self._count = 0
        self._replaced: list[Digest] = []  # what the cache need not keep once this is committed
        if root is not None and root.place:
            self._root = fetch(store, root.place, root.digest)
            self._count = root.count

    @property
    def store(self) -> NodeStore:
        """Where the nodes are kept."""
        return self._store

    @property
    def levels(self) -> Levels:
        """The level function: which level each key of a batch stands at."""
        return self._levels

    @property
    def root(self) -> Node | None:
        """The root node, or None for the empty map."""
        return self._root

    @property
    def root_digest(self) -> Digest:
        """The digest of the whole map. O(1) if nothing changed since it was last computed."""
        return EMPTY_ROOT if self._root is None else seal(self._root)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: bytes) -> bool:
        return self.get(key) is not None

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None. Raises `Corruption` if a node read on the way is damaged. O(height)."""
        # The hottest loop of a reader, so `child_at` is written out here.
        store = self._store
        nodes = store.nodes
        node = self._root
        while node is not None:
            keys = node.keys
            if keys is None:
                keys = store.unpack(node)
            at = bisect_right(keys, key)
            if keys[at - 1] == key:  # if at is 0 this is the last key, which is then above `key`
                assert node.values is not None
                return node.values[at - 1]
            children, digests = node.children, node.digests
            if children is None or digests is None:
                return None
            child = children[at]
            if isinstance(child, Node):
                node = child
            elif child:
                digest = digests[at]
                try:
                    node = nodes[digest]
                except KeyError:
                    node = store.load(child, digest)
            else:
                return None
        return None

    def items(
        self, start: bytes | None = None, end: bytes | None = None, *, reverse: bool = False
    ) -> Iterator[Entry]:
        """Yield the entries with ``start <= key < end`` in key order, or from the last to the first."""
        walk = descending if reverse else ascending
        return walk(self._store, self._root, start, end)

    def insert(self, key: bytes, value: bytes) -> None:
        """Set the value of one key. Requires the bounds of `KEY_BYTES_MAX` and `VALUE_BYTES_MAX`."""
        self._put(self._root, 0, {key: value}, replace)

    def remove(self, key: bytes) -> bool:
        """Take one key out; return whether it was there."""
        return self.apply([(key, None)]) == 1

    def apply(self, edits: Iterable[tuple[bytes, bytes | None]]) -> int:
        """Set or (with None) remove many keys, in any order, the last edit of a key winning; return how many changed."""
        last = dict(edits)
        kept = {key: value for key, value in last.items() if value is not None}
        gone = [key for key, value in last.items() if value is None]
        _check_column(gone, KEY_BYTES_MAX, "key")
        removal = Removal(self._store, sorted(gone))
        root = removal.out_of(self._root, 0, len(gone))
        return self._put(root, removal.removed, kept, replace)

    def merge(self, entries: Sequence[tuple[bytes, bytes]], join: Join = replace) -> int:
        """Put many entries in, ``join(key, old, new)`` deciding where a key has a value; return how many changed.

        Entries may come in any order and repeat a key (then joined among themselves first, in the order given); sorted
        batches are quickest. Raises ValueError for a value out of bounds, also one that `join` made. Not durable until `commit`.
        """
        latest = dict(entries)
        if len(latest) != len(entries):
            latest = _fold(entries, join)
        return self._put(self._root, 0, latest, join)

    def commit(self, meta: bytes = b"") -> Commit:
        """Keep the tree as it is now, with the owner's bytes; durable when it returns if the store is a file.

        Raises `DurabilityLost` if a write fails. The store says how long `meta` may be.
        """
        if self._read_only:
            raise ValueError("this tree is a read-only snapshot")
        commit = self._store.commit(self._root, self._count, meta)
        self._store.forget(self._replaced)
        self._replaced.clear()
        return commit

    def _put(self, root: Node | None, removed: int, entries: dict[bytes, bytes], join: Join) -> int:
        """Make `root` with these entries the tree, `removed` keys having gone before; return how many changed in all."""
        if self._read_only:
            raise ValueError("this tree is a read-only snapshot")
        _check_column(entries, KEY_BYTES_MAX, "key")
        _check_column(entries.values(), VALUE_BYTES_MAX, "value")
        keys = sorted(entries)
        values = list(map(entries.__getitem__, keys))
        merge = Merge(self._store, keys, values, self._levels_of(entries, keys), join)
        before, self._root = self._root, merge.into(root, 0, len(keys))
        if before is not None and before.ref and before is not self._root:
            self._replaced.append(seal(before))
        self._count += merge.inserted - removed
        self._replaced += merge.replaced
        return merge.inserted + merge.updated + removed

    def _levels_of(self, entries: dict[bytes, bytes], keys: list[bytes]) -> bytes:
        """Return the levels of the sorted `keys`, computed in the order of `entries`.

        That is most often the order in which the keys lie in memory, which is what hashing so short a key costs: in sorted
        order it takes twice as long. Only the few keys above level 0 are then looked for.
        """
        unsorted = self._levels(list(entries))
        if len(keys) == 1:
            return unsorted
        levels = bytearray(len(keys))
        for key, level in zip(compress(entries, unsorted), filter(None, unsorted), strict=True):
            levels[bisect_left(keys, key)] = level
        return bytes(levels)


def memory_tree(realm: bytes, *, levels: Levels | None = None) -> Tree:
    """Return an empty temporary tree. Requires ``len(realm) == 32``; `levels` replaces the keyed level function."""
    return Tree(MemoryStore(), realm, levels=levels)


def _fold(entries: Sequence[tuple[bytes, bytes]], join: Join) -> dict[bytes, bytes]:
    folded: dict[bytes, bytes] = {}
    for key, value in entries:
        old = folded.get(key)
        folded[key] = value if old is None else join(key, old, value)
    return folded


def _check_column(column: Collection[bytes], bytes_max: int, what: str) -> None:
    if not column:
        return
    if set(map(type, column)) != {bytes}:
        raise ValueError(f"{what}: want bytes only")
    if max(map(len, column)) > bytes_max:
        raise ValueError(f"{what}: got {max(map(len, column))} bytes, want at most {bytes_max}")
