"""The Merkle Search Tree: an ordered map whose root digest is a function of its entries alone."""

from stemedb.mst.block import KEY_BYTES_MAX, VALUE_BYTES_MAX
from stemedb.mst.level import Levels, forced_levels, keyed_levels
from stemedb.mst.merge import Join
from stemedb.mst.node import EMPTY_ROOT
from stemedb.mst.store import Commit, MemoryStore, NodeRef, NodeStore
from stemedb.mst.tree import Tree, memory_tree

__all__ = [
    "EMPTY_ROOT",
    "KEY_BYTES_MAX",
    "VALUE_BYTES_MAX",
    "Commit",
    "Join",
    "Levels",
    "MemoryStore",
    "NodeRef",
    "NodeStore",
    "Tree",
    "forced_levels",
    "keyed_levels",
    "memory_tree",
]
