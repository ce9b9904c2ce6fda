"""Nodes out of a file: every one checked against its digest, a bounded number of them kept.

::

    tree ── digest ──▶ young ──▶ old ──▶ file: pread, BLAKE3, decode
                        ▲         │
                        └─────────┘ a hit in old moves to young; when young is full it becomes old, and old is dropped

Two generations come close to least-recently-used at the price of one dictionary: a node that was needed since the last turn
survives, and the nodes near the root always were. The bound is on the estimated bytes of both together.

Invariants

1. A node handed out has the digest that was asked for. A byte changed in the file is `Corruption` with the place.
2. Nodes are cached by digest, so a damaged place can miss but never hit the wrong node.
3. An instance reads one file that never changes under it except by growing: after compaction there is a new
   instance, and this one, kept alive by the snapshots that use it, goes on reading the file it opened.

Threads may share an instance: what they race for is a cache entry or a counter, never a result.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import finalize

from blake3 import blake3

from stemedb.errors import Corruption
from stemedb.mst import Commit
from stemedb.mst.block import HEAD, LINKS_FLAG, decode_entries, decode_links, links_bytes
from stemedb.mst.node import ABSENT, Node
from stemedb.mst.pack import LENGTH_BITS, LENGTH_MASK, places
from stemedb.types import Digest

NODE_COST: Final = 320
"""Bytes a cached node takes besides its block: the object, its digest and its share of two dictionaries."""

CHILD_COST: Final = 120
"""Bytes a child takes in its parent: a digest, a place and their slots in two lists."""

ENTRY_COST: Final = 82
"""Bytes a decoded entry takes besides its content: two byte strings and their slots in two lists."""

CommitTree = Callable[[Node | None, int, bytes], Commit]


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache did since it was opened, and what it holds, in nodes and estimated bytes.

    `misses` are reads of the file. `hits` leaves out the nodes that `Tree.get` found: it looks into the cache without a call.
    """

    hits: int
    misses: int
    nodes: int
    bytes: int


class FileNodeStore:
    """The nodes of one open tree file."""

    def __init__(self, fd: int, path: Path, cache_bytes: int, commit: CommitTree | None = None) -> None:
        """Adopt the descriptor; it is closed when nobody holds this store any more. Requires ``cache_bytes > 0``."""
        self.fd = fd
        self.name = str(path)
        self.nodes: dict[Digest, Node] = {}
        self.hits = 0
        self.misses = 0
        self._old: dict[Digest, Node] = {}
        self._generation_bytes_max = cache_bytes // 2
        self._young_bytes = 0
        self._old_bytes = 0
        self._commit = commit
        finalize(self, os.close, fd)

    @property
    def stats(self) -> CacheStats:
        """Counters of the cache."""
        return CacheStats(
            self.hits, self.misses, len(self.nodes) + len(self._old), self._young_bytes + self._old_bytes
        )

    def load(self, place: int, digest: Digest) -> Node:
        """Return the node at `place`; raise `Corruption` unless its bytes have this digest."""
        node = self._old.pop(digest, None)
        if node is None:
            self.misses += 1
            node = self.read(place, digest)
            cost = _cost(node)
        else:
            self.hits += 1
            cost = _cost(node)
            self._old_bytes -= cost
        self.nodes[digest] = node
        self._young_bytes += cost
        if self._young_bytes > self._generation_bytes_max:
            self._turn()
        return node

    def read(self, place: int, digest: Digest) -> Node:
        """As `load`, past the cache and without keeping the node."""
        record = self._record(place)
        if record[0] < LINKS_FLAG:
            self._check(record, place, digest)
            node = Node(0, record)
        else:
            node = self._read_links(record, place, digest)
        node.digest = digest
        node.ref = place
        return node

    def unpack(self, node: Node) -> list[bytes]:
        """Decode the entries of the node into its `keys` and `values`, and return the keys."""
        keys, node.values = decode_entries(node.body)
        node.keys = keys
        self._young_bytes += len(node.body) + ENTRY_COST * len(keys)
        return keys

    def keep(self, nodes: Iterable[Node]) -> None:
        """Put clean nodes into the cache. Requires that they have their digests."""
        kept = self.nodes
        for node in nodes:
            assert node.digest is not None
            kept[node.digest] = node
            self._young_bytes += _cost(node)
            if self._young_bytes > self._generation_bytes_max:
                self._turn()

    def forget(self, digests: Iterable[Digest]) -> None:
        """Take nodes out of the cache that the newest tree does not use any more; a snapshot may read them again."""
        for digest in digests:
            node = self.nodes.pop(digest, None)
            if node is not None:
                self._young_bytes -= _cost(node)
                continue
            node = self._old.pop(digest, None)
            if node is not None:
                self._old_bytes -= _cost(node)

    def commit(self, root: Node | None, count: int, meta: bytes) -> Commit:
        """Hand the tree to the file's writer."""
        if self._commit is None:
            raise ValueError(f"{self.name}: not open for writing, or not any more")
        return self._commit(root, count, meta)

    def detach(self) -> None:
        """Let nobody commit through this store any more: its places are not those of the file that has its name now."""
        self._commit = None

    def _turn(self) -> None:
        """Make the young generation the old one; what was old and not asked for since is dropped."""
        self._old = self.nodes.copy()
        self._old_bytes = self._young_bytes
        self.nodes.clear()  # the same dictionary: trees look straight into it
        self._young_bytes = 0

    def _read_links(self, record: bytes, place: int, digest: Digest) -> Node:
        head, _, count = HEAD.unpack_from(record)
        size = links_bytes(count)
        row = places(count + 2)
        if len(record) != size + row.size:
            raise Corruption(
                self.name,
                place >> LENGTH_BITS,
                f"node record: got {len(record)} bytes, want {size + row.size}",
            )
        links = record[:size]
        self._check(links, place, digest)
        entries_digest, digests = decode_links(links, count)
        entries_place, *children = row.unpack_from(record, size)
        if [not child for child in children] != [child == ABSENT for child in digests]:
            raise Corruption(
                self.name, place >> LENGTH_BITS, "node record: places and digests of children disagree"
            )
        body = self._record(entries_place)
        self._check(body, entries_place, entries_digest)
        node = Node(head & ~LINKS_FLAG, body, children, digests)
        node.entries_digest = entries_digest
        node.entries_ref = entries_place
        return node

    def _record(self, place: int) -> bytes:
        length, offset = place & LENGTH_MASK, place >> LENGTH_BITS
        record = os.pread(self.fd, length, offset)
        if len(record) < length or length < HEAD.size:
            raise Corruption(
                self.name, offset, f"node record: got {len(record)} bytes, want {max(length, HEAD.size)}"
            )
        return record

    def _check(self, block: bytes, place: int, want: Digest) -> None:
        got = blake3(block).digest()
        if got != want:
            raise Corruption(
                self.name,
                place >> LENGTH_BITS,
                f"node digest mismatch: got {got.hex()[:8]}, want {want.hex()[:8]}",
            )


def _cost(node: Node) -> int:
    cost = NODE_COST + len(node.body)
    children, keys = node.children, node.keys
    if children is not None:
        cost += CHILD_COST * len(children)
    if keys is not None:
        cost += len(node.body) + ENTRY_COST * len(keys)
    return cost
