"""A verifiable log: index arithmetic, the log, proofs and their verification, signed checkpoints."""

from stemedb.merkle.checkpoint import Checkpoint, log_origin, map_origin
from stemedb.merkle.difference import LogView, first_difference, missing_leaves
from stemedb.merkle.frontier import Frontier
from stemedb.merkle.hashing import EMPTY_ROOT, Hasher, node_hash
from stemedb.merkle.log import MerkleLog
from stemedb.merkle.note import Note, NoteSignature, VerifierKey
from stemedb.merkle.proofs import assemble, verify_consistency, verify_inclusion
from stemedb.merkle.shape import LEAVES_MAX, PROOF_DIGESTS_MAX, Plan, plan_consistency, plan_inclusion
from stemedb.merkle.store import MemoryNodeStore, NodeStore

__all__ = [
    "EMPTY_ROOT",
    "LEAVES_MAX",
    "PROOF_DIGESTS_MAX",
    "Checkpoint",
    "Frontier",
    "Hasher",
    "LogView",
    "MemoryNodeStore",
    "MerkleLog",
    "NodeStore",
    "Note",
    "NoteSignature",
    "Plan",
    "VerifierKey",
    "assemble",
    "first_difference",
    "log_origin",
    "map_origin",
    "missing_leaves",
    "node_hash",
    "plan_consistency",
    "plan_inclusion",
    "verify_consistency",
    "verify_inclusion",
]
