"""Laying out new nodes as records, ready to be written.

A record is what a store keeps for one block. Records follow one another without gaps, children before parents, so one
pass gives each node its digest and its place::

    entries block of a leaf                                           record of a leaf
    entries block of a higher node                                    written only if the entries changed
    links block ‖ place of its entries block ‖ places of children     record of a higher node

Places are little-endian integers of 64 bits: ``offset << 24 | length``, both in bytes; 0 is "no child". They stand behind the
links block and outside the digest, so that a node has the same digest wherever it lies.

Invariant: a packed node has a place and a digest, and holds written children by place only.
"""

from functools import lru_cache
from struct import Struct
from typing import Final

from blake3 import blake3

from stemedb.mst.block import encode_links
from stemedb.mst.node import Node
from stemedb.types import Digest

LENGTH_BITS: Final = 24
"""A record is shorter than 16 MiB: 1,024 entries of the longest keys and values are 8 MiB."""

LENGTH_MASK: Final = (1 << LENGTH_BITS) - 1
OFFSET_MAX: Final = (1 << (64 - LENGTH_BITS)) - 1
"""A file is shorter than 1 TiB."""


class Packing:
    """The records that a commit adds, in order, beginning at `offset`."""

    __slots__ = ("nodes", "offset", "records")

    def __init__(self, offset: int) -> None:
        self.offset = offset  # where the next record will lie
        self.records: list[bytes] = []
        self.nodes: list[Node] = []

    def add(self, node: Node) -> int:
        """Lay out the subtree `node` as far as it is new, and return its place. O(new nodes)."""
        children, digests = node.children, node.digests
        if node.ref:
            return node.ref
        if children is None or digests is None:
            if node.digest is None:
                node.digest = Digest(blake3(node.body).digest())
            node.ref = self._place(node.body)
            self.nodes.append(node)
            return node.ref
        for i, child in enumerate(children):
            if type(child) is Node:
                children[i] = self.add(child)
                assert child.digest is not None
                digests[i] = child.digest
        if node.entries_digest is None:
            node.entries_digest = Digest(blake3(node.body).digest())
        if not node.entries_ref:
            node.entries_ref = self._place(node.body)
        links = encode_links(node.level, node.entries_digest, digests)
        if node.digest is None:
            node.digest = Digest(blake3(links).digest())
        node.ref = self._place(links + places(len(children) + 1).pack(node.entries_ref, *children))
        self.nodes.append(node)
        return node.ref

    def _place(self, record: bytes) -> int:
        offset, length = self.offset, len(record)
        if length > LENGTH_MASK or offset > OFFSET_MAX:
            raise ValueError(f"record of {length} bytes at offset {offset}: beyond the bounds of a place")
        self.records.append(record)
        self.offset = offset + length
        return offset << LENGTH_BITS | length


@lru_cache(maxsize=1024)
def places(count: int) -> Struct:
    """Return the codec of `count` places."""
    return Struct(f"<{count}Q")
