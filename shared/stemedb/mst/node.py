"""A node of the tree and the bytes that its digest covers.

A node at level L holds entries whose keys all stand at level L, in key order, and around them the subtrees that hold
every lower key::

        node, level 1        ┌──────┬──────┐
          entries            │  c   │  k   │            n  keys with values, n >= 1
          children         ● └──●───┴──●───┘            n + 1 of them, each a lower node or absent
                          ╱     │       ╲
                       a b     d e     m n              children may skip levels

A node is two blocks. The *entries block* is the map content; the *links block*, which only nodes above level 0 have,
names the entries block and the children by digest. They are apart because nearly every change above level 0 is a
child that changed: then the entries block, the larger one, stays as it is in memory, in the file and on the wire.

Invariants:

1. ``n >= 1``: never a keyless node. An interval without keys has no node, and the child of an interval is the node at the
   highest level that is present in it. The tree is therefore a function of the map alone.
2. Keys of a node are strictly ascending and all of its level; keys of child *i* lie between key *i - 1* and key *i*.
3. A node is never changed, only replaced. What is filled in later is what follows from its content: digests, the
   place in the file once written, decoded lists.

What this does not do: say what the blocks look like in bytes (`stemedb.mst.block`), judge bytes from outside
(`stemedb.mst.strict`), or know where nodes are kept (`stemedb.mst.store`).
"""

from typing import Final

from blake3 import blake3

from stemedb.mst.block import encode_links
from stemedb.types import DIGEST_BYTES, Digest

ABSENT: Final = Digest(bytes(DIGEST_BYTES))
"""Stands for "no child"; no block has this digest unless BLAKE3 is broken."""

UNKNOWN: Final = Digest(b"")
"""In memory only: the digest of a child that changed and is not hashed yet."""

EMPTY_ROOT: Final = Digest(blake3(b"").digest())
"""The root digest of the empty map."""


class Node:
    """One node in memory. Only `body` is always there; the rest is decoded or computed when first needed."""

    __slots__ = (
        "body",
        "children",
        "digest",
        "digests",
        "entries_digest",
        "entries_ref",
        "keys",
        "level",
        "ref",
        "values",
    )

    def __init__(
        self,
        level: int,
        body: bytes,
        children: "list[Node | int] | None" = None,
        digests: list[Digest] | None = None,
    ) -> None:
        self.level = level
        self.body = body  # the entries block
        self.children = children  # above level 0: a node, the place of a written one, or 0 for none
        self.digests = digests  # above level 0: ABSENT, UNKNOWN or the child's digest
        self.keys: list[bytes] | None = None
        self.values: list[bytes] | None = None
        self.digest: Digest | None = None
        self.ref = 0  # the place in the file, 0 while not written
        self.entries_digest: Digest | None = None
        self.entries_ref = 0


def seal(node: Node) -> Digest:
    """Return the digest of the node, hashing what changed below it. Each node is hashed once in its life."""
    digest = node.digest
    if digest is not None:
        return digest
    digests = node.digests
    if digests is None:
        digest = Digest(blake3(node.body).digest())
    else:
        children = node.children
        assert children is not None
        while UNKNOWN in digests:
            i = digests.index(UNKNOWN)
            child = children[i]
            assert isinstance(child, Node)
            digests[i] = seal(child)
        entries_digest = node.entries_digest
        if entries_digest is None:
            node.entries_digest = entries_digest = Digest(blake3(node.body).digest())
        digest = Digest(blake3(encode_links(node.level, entries_digest, digests)).digest())
    node.digest = digest
    return digest
