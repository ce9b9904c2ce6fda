"""The log at sizes that nobody will ever append, and batches split in any way."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from stemedb.errors import ProofError
from stemedb.merkle import (
    LEAVES_MAX,
    Frontier,
    MemoryNodeStore,
    MerkleLog,
    assemble,
    first_difference,
    plan_consistency,
    plan_inclusion,
    verify_consistency,
    verify_inclusion,
)
from support.proof_neighbours import neighbours
from support.sparse_log import SparseStore, reference_root

MARK, OTHER = b"\x11" * 32, b"\x22" * 32

digests = st.binary(min_size=32, max_size=32)
near_powers = st.builds(
    lambda power, offset: min(max((1 << power) + offset, 1), LEAVES_MAX),
    st.integers(0, 63),
    st.integers(-3, 3),
)
sizes = near_powers | st.integers(1, LEAVES_MAX)


@st.composite
def positions(draw):
    """A size and an index in it, often at an edge of a subtree."""
    size = draw(sizes)
    edge = draw(near_powers | st.integers(0, size - 1))
    return size, min(draw(st.sampled_from([edge - 1, edge, size - edge, size - 1, 0])) % size, size - 1)


@given(positions())
@example((LEAVES_MAX, 0))
@example((LEAVES_MAX, LEAVES_MAX - 1))
@example((LEAVES_MAX - 1, LEAVES_MAX - 2))
def test_inclusion_is_proven_at_every_size_and_refused_for_its_neighbours(position):
    size, index = position
    store = SparseStore(size, {index: MARK})
    log = MerkleLog(store)
    root = reference_root(0, size, {index: MARK})
    assert log.root() == root
    proof = log.inclusion_proof(index)
    verify_inclusion(MARK, index, size, proof, root)
    plan = plan_inclusion(index, size)
    assert assemble(plan, [store.get(*node) for node in plan.nodes]) == proof
    for neighbour in list(neighbours(proof, OTHER))[::37]:
        with pytest.raises(ProofError):
            verify_inclusion(MARK, index, size, neighbour, root)
    with pytest.raises(ProofError):
        verify_inclusion(OTHER, index, size, proof, root)


@given(positions())
@example((LEAVES_MAX, LEAVES_MAX - 1))
def test_consistency_is_proven_at_every_size_and_refused_for_a_changed_leaf(position):
    new, old = position
    assume(old > 0)
    log = MerkleLog(SparseStore(new, {}))
    proof = log.consistency_proof(old)
    old_root, new_root = reference_root(0, old, {}), reference_root(0, new, {})
    verify_consistency(old, new, old_root, new_root, proof)
    plan = plan_consistency(old, new)
    assert assemble(plan, [log.node(*node) for node in plan.nodes]) == proof
    changed = {old - 1: MARK}
    forged = MerkleLog(SparseStore(new, changed))
    with pytest.raises(ProofError):
        verify_consistency(old, new, old_root, forged.root(), forged.consistency_proof(old))
    for neighbour in list(neighbours(proof, OTHER))[::37]:
        with pytest.raises(ProofError):
            verify_consistency(old, new, old_root, new_root, neighbour)


@given(positions(), near_powers)
def test_the_first_difference_is_found_in_few_comparisons_at_every_size(position, other_size):
    size, index = position
    ours, theirs = SparseStore(size, {}), SparseStore(other_size, {index: MARK})
    a, b = MerkleLog(ours), MerkleLog(theirs)
    ours.reads = theirs.reads = 0
    shared = min(size, other_size)
    want = index if index < shared else None if size == other_size else shared
    assert first_difference(a, b) == want
    assert ours.reads == theirs.reads <= 2 * shared.bit_length() + 1


@given(st.lists(digests, max_size=200), st.lists(st.integers(0, 200)))
def test_how_leaves_are_split_into_batches_leaves_no_trace(leaves, cuts):
    whole_store, split_store = MemoryNodeStore(), MemoryNodeStore()
    whole, split = MerkleLog(whole_store), MerkleLog(split_store)
    whole.append(leaves)
    frontier = Frontier()
    for batch in _split(leaves, cuts):
        split.append(batch)
        frontier = frontier.extend(batch)
        assert split.root() == frontier.root == whole.root(split.size)
    assert split.frontier() == whole.frontier() == frontier
    for level in range(9):
        count = len(leaves) >> level
        assert split_store.get_range(level, 0, count) == whole_store.get_range(level, 0, count)
        with pytest.raises(IndexError):
            split_store.get(level, count)


@given(st.lists(digests, min_size=1, max_size=100), st.data())
def test_a_proof_made_before_a_batch_still_holds_after_it(leaves, data):
    cut = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, cut - 1))
    log = MerkleLog(MemoryNodeStore())
    log.append(leaves[:cut])
    root, proof = log.root(), log.inclusion_proof(index)
    log.append(leaves[cut:])
    assert (log.root(cut), log.inclusion_proof(index, cut)) == (root, proof)
    verify_consistency(cut, len(leaves), root, log.root(), log.consistency_proof(cut))


def _split(leaves: list[bytes], cuts: list[int]) -> Iterator[list[bytes]]:
    bounds = sorted({0, len(leaves), *(cut for cut in cuts if cut <= len(leaves))})
    for start, end in pairwise(bounds):
        yield leaves[start:end]
