"""The log: roots at every size, what it writes in which order, what it reads, what it refuses."""

from functools import cache

import pytest

from stemedb.merkle import (
    EMPTY_ROOT,
    LEAVES_MAX,
    MemoryNodeStore,
    MerkleLog,
    assemble,
    node_hash,
    plan_consistency,
    plan_inclusion,
)
from support import reference_merkle as reference
from support.sparse_log import PLAIN, SparseStore

combine = cache(node_hash)
SIZE_MAX = 130
LEAVES = [bytes([i]) * 32 for i in range(SIZE_MAX)]


class RecordingStore(MemoryNodeStore):
    """Remembers the calls that reach it."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def append(self, level, digests):
        self.calls.append(("append", level, len(digests) // 32))
        super().append(level, digests)

    def get(self, level, index):
        self.calls.append(("get", level, index))
        return super().get(level, index)


@pytest.fixture(scope="module")
def log():
    log = MerkleLog(MemoryNodeStore())
    log.append(LEAVES)
    return log


@pytest.mark.parametrize("size", range(1, SIZE_MAX + 1))
def test_the_root_at_every_size_is_the_one_of_the_definition(log, size):
    assert log.root(size) == reference.root(LEAVES[:size], combine)


def test_the_empty_log_has_the_empty_root(log):
    assert log.root(0) == EMPTY_ROOT == MerkleLog(MemoryNodeStore()).root()


@pytest.mark.parametrize("size", range(1, SIZE_MAX + 1))
def test_proofs_at_every_size_are_those_of_the_definition(log, size):
    leaves = LEAVES[:size]
    for index in range(size):
        assert list(log.inclusion_proof(index, size)) == reference.inclusion(index, leaves, combine)
    for old in range(1, size + 1):
        assert list(log.consistency_proof(old, size)) == reference.consistency(old, leaves, combine)
    assert log.consistency_proof(0, size) == ()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 63, 64, 65, 127, 128, 130])
def test_a_plan_fetched_node_by_node_assembles_to_the_same_proof(log, size):
    for index in range(size):
        plan = plan_inclusion(index, size)
        assert assemble(plan, [log.node(*node) for node in plan.nodes]) == log.inclusion_proof(index, size)
    for old in range(size + 1):
        plan = plan_consistency(old, size)
        assert assemble(plan, [log.node(*node) for node in plan.nodes]) == log.consistency_proof(old, size)


def test_assembling_from_another_number_of_digests_is_misuse():
    with pytest.raises(ValueError, match="got 1 digests, want 4"):
        assemble(plan_inclusion(2, 7), [PLAIN])


def test_a_growing_log_has_the_root_of_each_size_in_turn(log):
    growing = MerkleLog(MemoryNodeStore())
    for size, leaf in enumerate(LEAVES, 1):
        assert growing.append([leaf]) == size == growing.size
        assert growing.root() == log.root(size)


def test_a_batch_is_written_from_the_top_with_the_leaves_last():
    store = RecordingStore()
    log = MerkleLog(store)
    log.append(LEAVES[:3])
    log.append(LEAVES[3:8])
    assert store.calls == [
        ("append", 1, 1),
        ("append", 0, 3),
        ("append", 3, 1),
        ("append", 2, 2),
        ("append", 1, 3),
        ("append", 0, 5),
    ]


def test_appending_and_the_current_root_read_nothing():
    store = RecordingStore()
    log = MerkleLog(store)
    for start in range(0, SIZE_MAX, 7):
        log.append(LEAVES[start : start + 7])
        log.root()
    assert all(name == "append" for name, _, _ in store.calls)


def test_an_empty_batch_writes_nothing():
    store = RecordingStore()
    assert MerkleLog(store).append([]) == 0
    assert store.calls == []


def test_a_log_opened_on_a_filled_store_goes_on_where_it_ended(log):
    store = MemoryNodeStore()
    MerkleLog(store).append(LEAVES[:77])
    reopened = MerkleLog(store)
    assert reopened.size == 77
    assert reopened.root() == log.root(77)
    reopened.append(LEAVES[77:])
    assert reopened.root() == log.root()


def test_a_reader_sees_new_leaves_when_it_refreshes(log):
    store = MemoryNodeStore()
    writer, reader = MerkleLog(store), MerkleLog(store)
    writer.append(LEAVES[:9])
    assert (reader.size, reader.root()) == (0, EMPTY_ROOT)
    assert reader.refresh() == 9
    assert reader.root() == log.root(9)


def test_leaves_come_back_as_they_went_in(log):
    assert log.leaves(5, 9) == LEAVES[5:9]
    assert log.leaves(9, 9) == []


@pytest.mark.parametrize("bad", [b"", b"x" * 31, b"x" * 33])
@pytest.mark.parametrize("others", [[], LEAVES[:2]])
def test_a_leaf_of_another_length_is_refused_and_changes_nothing(bad, others):
    store = MemoryNodeStore()
    log = MerkleLog(store)
    with pytest.raises(ValueError, match=f"got one of {len(bad)} bytes, want 32"):
        log.append([*others, bad])
    assert (log.size, log.root(), store.size()) == (0, EMPTY_ROOT, 0)


def test_two_odd_leaves_that_add_up_are_refused():
    with pytest.raises(ValueError, match="want 32"):
        MerkleLog(MemoryNodeStore()).append([b"x" * 31, b"y" * 33])


def test_the_log_does_not_grow_beyond_its_limit():
    with pytest.raises(ValueError, match="want at most 2"):
        MerkleLog(SparseStore(LEAVES_MAX, {})).append([PLAIN])


@pytest.mark.parametrize(
    "ask",
    [
        lambda log: log.root(131),
        lambda log: log.root(-1),
        lambda log: log.node(0, 130),
        lambda log: log.node(7, 1),
        lambda log: log.node(-1, 0),
        lambda log: log.node(0, -1),
        lambda log: log.leaves(0, 131),
        lambda log: log.leaves(-1, 3),
        lambda log: log.leaves(4, 3),
        lambda log: log.inclusion_proof(130),
        lambda log: log.inclusion_proof(5, 5),
        lambda log: log.inclusion_proof(5, 131),
        lambda log: log.consistency_proof(6, 5),
        lambda log: log.consistency_proof(0, 131),
        lambda log: log.frontier(131),
    ],
)
def test_what_is_not_in_the_log_is_misuse(log, ask):
    with pytest.raises(ValueError, match=r"got|not complete"):
        ask(log)
