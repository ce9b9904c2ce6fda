"""Checking a whole tree: that it is the one and only tree of its entries.

For every node, read anew from where it is kept and not from a cache:

1. its bytes are well formed, with at least one key, and have the digest that its parent names;
2. its keys are strictly ascending, lie between the keys of its parent around it, and stand at the node's level;
3. its level is below its parent's;

and for the tree, that it holds as many keys as it says. A tree that passes is canonical: every key stands in a node of its
level, and no order of edits can give its entries another root.
"""

from dataclasses import dataclass
from typing import Final

from stemedb.errors import Corruption, ProofError
from stemedb.mst.level import LEVEL_MAX
from stemedb.mst.node import ABSENT, Node
from stemedb.mst.pack import LENGTH_BITS
from stemedb.mst.proof import encode_node
from stemedb.mst.strict import parse_node
from stemedb.mst.tree import Tree
from stemedb.types import Digest

_TOP: Final = LEVEL_MAX + 1


@dataclass(frozen=True, slots=True)
class TreeReport:
    """What a sound tree consists of; `levels[i]` is the number of nodes of level i."""

    root: Digest
    keys: int
    nodes: int
    node_bytes: int
    levels: tuple[int, ...]


def check(tree: Tree) -> TreeReport:
    """Return what the tree consists of; raise `Corruption`, with the place, at the first node that is wrong. O(keys)."""
    digest = tree.root_digest
    checking = _Checking(tree)
    if tree.root is not None:
        checking.node(tree.root.ref or tree.root, digest, None, None, _TOP)
    if checking.keys != len(tree):
        raise Corruption(tree.store.name, 0, f"tree: got {checking.keys} keys, want {len(tree)}")
    return TreeReport(
        digest, checking.keys, sum(checking.levels), checking.node_bytes, tuple(checking.levels)
    )


class _Checking:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.keys = 0
        self.node_bytes = 0
        self.levels: list[int] = []

    def node(
        self, child: Node | int, digest: Digest, low: bytes | None, high: bytes | None, below: int
    ) -> None:
        """Check the subtree with this digest, whose keys must lie between `low` and `high` and its level under `below`."""
        node = child if isinstance(child, Node) else self._tree.store.read(child, digest)
        data = encode_node(node)
        try:
            level, keys, _, digests, got = parse_node(data)
        except ProofError as error:
            raise self._wrong(node, str(error)) from None
        if got != digest:
            raise self._wrong(node, f"digest mismatch: got {got.hex()[:8]}, want {digest.hex()[:8]}")
        if level >= below:
            raise self._wrong(node, f"level: got {level}, want below {below}")
        if (low is not None and keys[0] <= low) or (high is not None and keys[-1] >= high):
            raise self._wrong(node, "keys outside the interval of the node")
        stand = self._tree.levels(keys)
        if stand != bytes([level]) * len(keys):
            wrong = next(i for i, other in enumerate(stand) if other != level)
            raise self._wrong(node, f"key {wrong} stands at level {level}, want {stand[wrong]}")
        self.keys += len(keys)
        self.node_bytes += len(data)
        self.levels += [0] * (level + 1 - len(self.levels))
        self.levels[level] += 1
        if digests is not None and node.children is not None:
            bounds = [low, *keys, high]
            for i, (below_it, child_digest) in enumerate(zip(node.children, digests, strict=True)):
                if child_digest != ABSENT:
                    self.node(below_it, child_digest, bounds[i], bounds[i + 1], level)

    def _wrong(self, node: Node, reason: str) -> Corruption:
        return Corruption(self._tree.store.name, node.ref >> LENGTH_BITS, f"node: {reason}")
