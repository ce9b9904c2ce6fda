"""Proofs of inclusion and exclusion, and that nothing beside an honest proof is believed."""

import random

import pytest

from stemedb.errors import ProofError
from stemedb.mst import EMPTY_ROOT, MapProof, forced_levels, memory_tree, prove, verify_proof
from support.mst_levels import LEVELS

REALM = bytes(32)


def small_tree(name="geometric"):
    rng = random.Random(name)
    tree = memory_tree(REALM, levels=forced_levels(LEVELS[name]))
    tree.merge([(bytes([first, 7]), rng.randbytes(first % 4)) for first in range(0, 256, 5)])
    return tree


def test_the_empty_map_proves_every_key_absent_with_no_nodes():
    tree = memory_tree(REALM)
    proof = prove(tree, b"k")
    assert proof == MapProof(())
    assert verify_proof(EMPTY_ROOT, b"k", proof) is None


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_every_key_is_proven_and_every_neighbour_proven_absent(name):
    tree = small_tree(name)
    for key, value in tree.items():
        assert verify_proof(tree.root_digest, key, prove(tree, key)) == value
        for other in (key[:1], key + b"\0", key[:-1] + b"\x08"):
            assert verify_proof(tree.root_digest, other, prove(tree, other)) is None


def test_a_proof_is_about_the_edits_made_before_it():
    tree = small_tree()
    old = tree.root_digest
    tree.insert(b"new", b"value")
    proof = prove(tree, b"new")
    assert verify_proof(tree.root_digest, b"new", proof) == b"value"
    with pytest.raises(ProofError, match="digest mismatch"):
        verify_proof(old, b"new", proof)


@pytest.mark.parametrize("key", [b"\x05\x07", b"\x80\x07", b"\x82\x07", b"\x03"])
def test_every_flipped_bit_of_a_proof_is_refused(key):
    tree = small_tree()
    proof = prove(tree, key)
    assert len(proof.nodes) > 1
    for i, node in enumerate(proof.nodes):
        for bit in range(8 * len(node)):
            changed = bytearray(node)
            changed[bit // 8] ^= 1 << bit % 8
            forged = MapProof((*proof.nodes[:i], bytes(changed), *proof.nodes[i + 1 :]))
            with pytest.raises(ProofError):
                verify_proof(tree.root_digest, key, forged)


@pytest.mark.parametrize("key", [b"\x80\x07", b"\x82\x07", b"\x00\x07"])
def test_nodes_left_out_repeated_exchanged_added_cut_or_lengthened_are_refused(key):
    tree = small_tree()
    nodes = prove(tree, key).nodes
    stranger = prove(tree, b"\xff\x07").nodes[-1]
    last = len(nodes)
    neighbours = [
        (),
        *((*nodes[:i], *nodes[i + 1 :]) for i in range(last)),
        *((*nodes[: i + 1], *nodes[i:]) for i in range(last)),
        *((*nodes[:i], nodes[i + 1], nodes[i], *nodes[i + 2 :]) for i in range(last - 1)),
        *((*nodes[:i], nodes[i][:-1], *nodes[i + 1 :]) for i in range(last)),
        *((*nodes[:i], nodes[i] + b"\0", *nodes[i + 1 :]) for i in range(last)),
        *((*nodes[:i], b"", *nodes[i + 1 :]) for i in range(last)),
        (*nodes, stranger),
        (*nodes, b""),
        nodes[::-1],
    ]
    for forged in neighbours:
        if forged != nodes:
            with pytest.raises(ProofError):
                verify_proof(tree.root_digest, key, MapProof(forged))


def test_a_proof_for_one_key_does_not_serve_a_key_on_another_path():
    tree = small_tree()
    entries = dict(tree.items())
    for key in entries:
        proof = prove(tree, key)
        for other, value in entries.items():
            try:
                got = verify_proof(tree.root_digest, other, proof)
            except ProofError:
                continue
            assert got == value  # the key stands on the path that was shown


def test_a_proof_of_too_many_nodes_is_refused_unread():
    with pytest.raises(ProofError, match="at most 65"):
        verify_proof(small_tree().root_digest, b"k", MapProof((b"",) * 66))
