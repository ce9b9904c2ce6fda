"""Verification: what is true passes, and nothing one step away from it does."""

from collections import Counter

import pytest

from stemedb.errors import ProofError
from stemedb.merkle import (
    EMPTY_ROOT,
    LEAVES_MAX,
    MemoryNodeStore,
    MerkleLog,
    verify_consistency,
    verify_inclusion,
)
from support import reference_merkle as reference
from support.proof_neighbours import neighbours

SIZE_MAX = 130
NEIGHBOUR_SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 21, 32, 33]
LEAVES = [bytes([i]) * 32 for i in range(SIZE_MAX)]
OTHER = b"\xee" * 32


@pytest.fixture(scope="module")
def log():
    log = MerkleLog(MemoryNodeStore())
    log.append(LEAVES)
    return log


@pytest.fixture(scope="module")
def roots(log):
    return [log.root(size) for size in range(SIZE_MAX + 1)]


def holds(verify, *claim):
    try:
        verify(*claim)
    except ProofError:
        return False
    return True


@pytest.mark.parametrize("size", range(1, SIZE_MAX + 1))
def test_every_leaf_of_every_size_is_proven(log, roots, size):
    for index in range(size):
        verify_inclusion(LEAVES[index], index, size, log.inclusion_proof(index, size), roots[size])


@pytest.mark.parametrize("new", range(SIZE_MAX + 1))
def test_every_earlier_size_is_proven(log, roots, new):
    for old in range(new + 1):
        verify_consistency(old, new, roots[old], roots[new], log.consistency_proof(old, new))


@pytest.mark.parametrize("size", NEIGHBOUR_SIZES)
def test_no_neighbour_of_an_inclusion_proof_holds(log, roots, size):
    for index in range(size):
        proof = log.inclusion_proof(index, size)
        for neighbour in neighbours(proof, OTHER):
            assert not holds(verify_inclusion, LEAVES[index], index, size, neighbour, roots[size])
        for root in (OTHER, roots[size - 1], roots[size + 1], roots[size][:-1], b""):
            assert not holds(verify_inclusion, LEAVES[index], index, size, proof, root)
        for leaf in (OTHER, LEAVES[index + 1], LEAVES[index][:-1], b""):
            assert not holds(verify_inclusion, leaf, index, size, proof, roots[size])


@pytest.mark.parametrize("size", range(1, 41))
def test_an_inclusion_proof_holds_at_its_index_only(log, roots, size):
    for index in range(size):
        proof = log.inclusion_proof(index, size)
        for wrong in {*range(-1, size + 2), LEAVES_MAX} - {index}:
            assert not holds(verify_inclusion, LEAVES[index], wrong, size, proof, roots[size])


@pytest.mark.parametrize("size", range(1, 41))
def test_an_inclusion_proof_holds_only_in_sizes_where_its_path_has_the_same_shape(log, roots, size):
    """Which is why size and root must come from one checkpoint."""
    for index in range(size):
        proof = log.inclusion_proof(index, size)
        shape = reference.inclusion_sides(index, size)
        for wrong in range(-1, 2 * size + 2):
            same = wrong > index and reference.inclusion_sides(index, wrong) == shape
            assert holds(verify_inclusion, LEAVES[index], index, wrong, proof, roots[size]) == same


@pytest.mark.parametrize("new", NEIGHBOUR_SIZES)
def test_no_neighbour_of_a_consistency_proof_holds(log, roots, new):
    for old in range(new + 1):
        proof = log.consistency_proof(old, new)
        for neighbour in neighbours(proof, OTHER):
            assert not holds(verify_consistency, old, new, roots[old], roots[new], neighbour)
        wrong_old = {OTHER, *roots[: new + 2], roots[old][:-1], b""} - {roots[old]}
        for root in wrong_old:
            assert not holds(verify_consistency, old, new, root, roots[new], proof)
        if old:  # the empty log is the beginning of any log, so no new root is wrong then
            for root in {OTHER, *roots[: new + 2], roots[new][:-1], b""} - {roots[new]}:
                assert not holds(verify_consistency, old, new, roots[old], root, proof)


@pytest.mark.parametrize("new", range(1, 41))
def test_a_consistency_proof_holds_only_for_sizes_of_the_same_shape(log, roots, new):
    for old in range(1, new):
        proof = log.consistency_proof(old, new)
        shape = reference.consistency_sides(old, new)
        for wrong_old, wrong_new in ((old - 1, new), (old + 1, new), (old, new - 1), (old, new + 1)):
            same = 0 < wrong_old < wrong_new and reference.consistency_sides(wrong_old, wrong_new) == shape
            got = holds(verify_consistency, wrong_old, wrong_new, roots[old], roots[new], proof)
            assert got == same, (old, new, wrong_old, wrong_new)


def test_a_log_with_one_leaf_changed_is_not_consistent(log, roots):
    forged = MerkleLog(MemoryNodeStore())
    forged.append([*LEAVES[:20], OTHER, *LEAVES[21:40]])
    outcomes = Counter(
        holds(verify_consistency, old, 40, roots[old], forged.root(), forged.consistency_proof(old))
        for old in range(21, 41)
    )
    assert outcomes == {False: 20}
    for old in range(21):
        verify_consistency(old, 40, roots[old], forged.root(), forged.consistency_proof(old))


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ((LEAVES[0], 3, 3, (), OTHER), "got index 3 and size 3, want 0 <= index < size <= 2^63"),
        ((LEAVES[0], -1, 3, (), OTHER), "got index -1 and size 3"),
        ((LEAVES[0], 0, LEAVES_MAX + 1, (), OTHER), "want 0 <= index < size"),
        ((b"short", 0, 1, (), OTHER), "got a leaf of 5 bytes, want 32"),
        ((LEAVES[0], 0, 3, (OTHER,), OTHER), "inclusion proof: got 1 digests, want 2"),
        ((LEAVES[0], 0, 2, (b"short",), OTHER), "inclusion proof: got a digest of 5 bytes, want 32"),
        ((LEAVES[0], 0, 1, (), OTHER), "index 0 in size 1: root: got 00000000…, want eeeeeeee…"),
    ],
)
def test_a_refused_inclusion_says_what_was_got_and_wanted(claim, message):
    with pytest.raises(ProofError) as refusal:
        verify_inclusion(*claim)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ((4, 3, OTHER, OTHER, ()), "got sizes 4 and 3, want 0 <= old <= new <= 2^63"),
        ((-1, 3, OTHER, OTHER, ()), "got sizes -1 and 3"),
        ((3, LEAVES_MAX + 1, OTHER, OTHER, ()), "want 0 <= old <= new <= 2^63"),
        ((3, 3, OTHER, LEAVES[0], ()), "root at size 3: got eeeeeeee…, want 00000000…"),
        ((0, 3, OTHER, LEAVES[0], ()), f"root at size 0: got eeeeeeee…, want {EMPTY_ROOT[:4].hex()}…"),
        ((0, 0, EMPTY_ROOT, OTHER, ()), f"root at size 0: got {EMPTY_ROOT[:4].hex()}…, want eeeeeeee…"),
        ((0, 0, OTHER, OTHER, ()), f"root at size 0: got eeeeeeee…, want {EMPTY_ROOT[:4].hex()}…"),
        ((0, 3, EMPTY_ROOT, OTHER, (OTHER,)), "got 1 digests, want 0"),
        ((3, 3, OTHER, OTHER, (OTHER,)), "got 1 digests, want 0"),
        ((2, 3, b"short", OTHER, (OTHER,)), "got an old root of 5 bytes, want 32"),
        ((3, 3, b"short", b"short", ()), "got an old root of 5 bytes, want 32"),
        ((0, 3, EMPTY_ROOT, b"short", ()), "got a new root of 5 bytes, want 32"),
        ((3, 5, OTHER, OTHER, (OTHER,)), "consistency proof: got 1 digests, want 4"),
        ((1, 2, OTHER, OTHER, (OTHER,)), "root at new size 2: got"),
        ((3, 4, OTHER, OTHER, (OTHER, OTHER, OTHER)), "root at old size 3: got"),
    ],
)
def test_a_refused_consistency_says_what_was_got_and_wanted(claim, message):
    with pytest.raises(ProofError) as refusal:
        verify_consistency(*claim)
    assert message in str(refusal.value)
