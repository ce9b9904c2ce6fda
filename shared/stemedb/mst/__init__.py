"""The Merkle Search Tree: an ordered map whose root digest is a function of its entries alone."""

from stemedb.mst.block import KEY_BYTES_MAX, VALUE_BYTES_MAX
from stemedb.mst.check import TreeReport, check
from stemedb.mst.diff import Change, diff
from stemedb.mst.level import Levels, forced_levels, keyed_levels
from stemedb.mst.merge import Join
from stemedb.mst.node import EMPTY_ROOT
from stemedb.mst.proof import MapProof, prove, verify_proof
from stemedb.mst.store import Commit, MemoryStore, NodeRef, NodeStore
from stemedb.mst.tree import Tree, memory_tree

__all__ = [
    "EMPTY_ROOT",
    "KEY_BYTES_MAX",
    "VALUE_BYTES_MAX",
    "Change",
    "Commit",
    "Join",
    "Levels",
    "MapProof",
    "MemoryStore",
    "NodeRef",
    "NodeStore",
    "Tree",
    "TreeReport",
    "check",
    "diff",
    "forced_levels",
    "keyed_levels",
    "memory_tree",
    "prove",
    "verify_proof",
]
