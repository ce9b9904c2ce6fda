"""The frontier: as many digests as the size has bits set, extended without the log."""

import pytest

from stemedb.merkle import EMPTY_ROOT, LEAVES_MAX, Frontier, MemoryNodeStore, MerkleLog
from support.sparse_log import PLAIN

LEAVES = [bytes([i]) * 32 for i in range(70)]


@pytest.fixture(scope="module")
def log():
    log = MerkleLog(MemoryNodeStore())
    log.append(LEAVES)
    return log


def test_the_frontier_of_no_leaves_has_the_empty_root():
    assert Frontier().root == EMPTY_ROOT
    assert Frontier().extend([]) == Frontier()


@pytest.mark.parametrize("size", range(71))
def test_a_frontier_extended_from_any_size_is_that_of_the_log(log, size):
    frontier = log.frontier(size)
    assert frontier.root == log.root(size)
    assert len(frontier.digests) == size.bit_count()
    for end in (size, size + 1, 70):
        if end <= 70:
            assert frontier.extend(LEAVES[size:end]) == log.frontier(end)


def test_extending_makes_another_frontier():
    frontier = Frontier()
    frontier.extend(LEAVES)
    assert frontier == Frontier()


@pytest.mark.parametrize(
    ("size", "digests"),
    [(0, (PLAIN,)), (1, ()), (3, (PLAIN,)), (-1, ()), (LEAVES_MAX + 1, (PLAIN, PLAIN)), (1, (b"short",))],
)
def test_a_frontier_that_cannot_be_is_refused(size, digests):
    with pytest.raises(ValueError, match="got"):
        Frontier(size, digests)


def test_the_largest_frontier_is_one_digest_and_takes_no_leaf_more():
    largest = Frontier(LEAVES_MAX, (PLAIN,))
    assert largest.root == PLAIN
    with pytest.raises(ValueError, match="want 0 <= size <= 2\\^63"):
        largest.extend([PLAIN])


def test_a_leaf_of_another_length_is_refused():
    with pytest.raises(ValueError, match="got one of 5 bytes, want 32"):
        Frontier().extend([PLAIN, b"short"])
