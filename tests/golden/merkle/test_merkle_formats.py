"""Roots, proofs, checkpoints and keys as they were frozen: what is published once must verify for ever.

``log.json`` was written by the naive reference over the leaves BLAKE3(i as 8 bytes, big-endian), the notes with the
seeds 00 01 … 1f (log and map) and 20 21 … 3f (witness).
"""

import json
from pathlib import Path

import pytest
from blake3 import blake3

from stemedb.merkle import (
    Checkpoint,
    MemoryNodeStore,
    MerkleLog,
    VerifierKey,
    log_origin,
    map_origin,
    note,
    verify_consistency,
    verify_inclusion,
)

HERE = Path(__file__).parent
FROZEN = json.loads((HERE / "log.json").read_text())
ROOTS = {int(size): bytes.fromhex(root) for size, root in FROZEN["roots"].items()}
LEAVES = [blake3(i.to_bytes(8, "big")).digest() for i in range(1000)]
SEED, WITNESS_SEED = bytes(range(32)), bytes(range(32, 64))
LOG_KEY, MAP_KEY, WITNESS_KEY = (VerifierKey.parse(line) for line in (HERE / "keys.txt").read_text().split())


@pytest.fixture(scope="module")
def log():
    log = MerkleLog(MemoryNodeStore())
    log.append(LEAVES)
    return log


@pytest.mark.parametrize("size", ROOTS)
def test_roots_are_as_frozen(log, size):
    assert log.root(size) == ROOTS[size]


@pytest.mark.parametrize("frozen", FROZEN["inclusion"])
def test_inclusion_proofs_are_as_frozen(log, frozen):
    index, size, proof = frozen["index"], frozen["size"], tuple(map(bytes.fromhex, frozen["proof"]))
    assert log.inclusion_proof(index, size) == proof
    verify_inclusion(LEAVES[index], index, size, proof, log.root(size))


@pytest.mark.parametrize("frozen", FROZEN["consistency"])
def test_consistency_proofs_are_as_frozen(log, frozen):
    old, new, proof = frozen["old"], frozen["new"], tuple(map(bytes.fromhex, frozen["proof"]))
    assert log.consistency_proof(old, new) == proof
    verify_consistency(old, new, log.root(old), log.root(new), proof)


@pytest.mark.parametrize(
    ("name", "key", "checkpoint"),
    [
        ("log.checkpoint", LOG_KEY, Checkpoint(log_origin("alpha"), 1000, ROOTS[1000])),
        ("map.checkpoint", MAP_KEY, Checkpoint(map_origin("alpha"), 1000, ROOTS[7])),
    ],
)
def test_checkpoints_are_as_frozen(name, key, checkpoint):
    raw = (HERE / name).read_bytes()
    assert checkpoint.sign(SEED) == raw
    assert Checkpoint.open(raw, checkpoint.origin, key.public_key) == checkpoint


def test_a_witness_signs_as_frozen():
    raw = (HERE / "witnessed.checkpoint").read_bytes()
    signed = note.parse((HERE / "log.checkpoint").read_bytes())
    assert note.cosign(signed, WITNESS_KEY.name, WITNESS_SEED).encode() == raw
    assert note.verify_any(note.parse(raw), [WITNESS_KEY, LOG_KEY]) == (LOG_KEY, WITNESS_KEY)


def test_keys_are_as_frozen():
    assert VerifierKey(log_origin("alpha"), note.public_key(SEED)) == LOG_KEY
    assert VerifierKey(map_origin("alpha"), note.public_key(SEED)) == MAP_KEY
    assert VerifierKey("witness.example/w", note.public_key(WITNESS_SEED)) == WITNESS_KEY
