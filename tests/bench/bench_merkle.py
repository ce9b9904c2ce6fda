"""The Merkle log in memory: what appending and proving cost without a disk."""

import os
import random
from collections.abc import Iterator

from bench.harness import Context, Figure, best_of
from stemedb.merkle import MemoryNodeStore, MerkleLog, verify_inclusion

LEAVES = 100_000
PROOFS = 20_000
BATCH = 500
REPEATS = 5


def figures(_context: Context) -> Iterator[Figure]:
    """Yield the cost of appending, of a root after each append, and of making and verifying inclusion proofs."""
    leaves = [os.urandom(32) for _ in range(LEAVES)]

    def append_batches() -> None:
        log = MerkleLog(MemoryNodeStore())
        for start in range(0, LEAVES, BATCH):
            log.append(leaves[start : start + BATCH])

    def append_each_with_root() -> None:
        log = MerkleLog(MemoryNodeStore())
        append, root = log.append, log.root
        for leaf in leaves:
            append([leaf])
            root()

    log = MerkleLog(MemoryNodeStore())
    log.append(leaves)
    root = log.root()
    indexes = [random.randrange(LEAVES) for _ in range(PROOFS)]
    proofs = [log.inclusion_proof(index) for index in indexes]

    def prove() -> None:
        make = log.inclusion_proof
        for index in indexes:
            make(index)

    def verify() -> None:
        for index, proof in zip(indexes, proofs, strict=True):
            verify_inclusion(leaves[index], index, LEAVES, proof, root)

    yield Figure(
        f"Merkle append, batches of {BATCH}", _micros(append_batches, LEAVES), "µs", aim=1.0, floor="hash"
    )
    yield Figure(
        "Merkle append one and root", _micros(append_each_with_root, LEAVES), "µs", aim=4.0, floor="hash"
    )
    yield Figure("Merkle inclusion proof, make", _micros(prove, PROOFS), "µs", aim=7.0, floor="hash")
    yield Figure("Merkle inclusion proof, verify", _micros(verify, PROOFS), "µs", aim=8.0, floor="hash")


def _micros(run, count: int) -> float:
    return best_of(REPEATS, run) / count * 1e6
