"""Differences: the same answer as looking at every leaf, with few comparisons."""

import pytest

from stemedb.merkle import MemoryNodeStore, MerkleLog, first_difference, missing_leaves
from stemedb.merkle.difference import LEAVES_PER_READ

SIZE_MAX = 40
LEAVES = [i.to_bytes(32) for i in range(SIZE_MAX)]
OTHERS = [(1000 + i).to_bytes(32) for i in range(SIZE_MAX)]


class CountingLog(MerkleLog):
    """Counts the nodes it is asked for."""

    def __init__(self, leaves):
        super().__init__(MemoryNodeStore())
        self.append(leaves)
        self.nodes = 0

    def node(self, level, index):
        self.nodes += 1
        return super().node(level, index)


def naive_first_difference(a, b):
    for index, (left, right) in enumerate(zip(a, b, strict=False)):
        if left != right:
            return index
    return None if len(a) == len(b) else min(len(a), len(b))


@pytest.mark.parametrize("shared", range(SIZE_MAX + 1))
def test_the_first_difference_is_the_end_of_the_shared_beginning(shared):
    for ours_size in {shared, shared + 1, shared + 3, SIZE_MAX}:
        for theirs_size in {shared, shared + 1, shared + 5, SIZE_MAX}:
            ours = LEAVES[:ours_size]
            theirs = LEAVES[:shared] + OTHERS[shared:theirs_size]
            a, b = CountingLog(ours), CountingLog(theirs)
            assert first_difference(a, b) == naive_first_difference(ours, theirs)
            assert a.nodes == b.nodes <= 2 * min(len(ours), len(theirs)).bit_length() + 1


def test_one_changed_leaf_is_found_whatever_follows():
    for changed in range(SIZE_MAX):
        theirs = [*LEAVES[:changed], OTHERS[changed], *LEAVES[changed + 1 :]]
        assert first_difference(CountingLog(LEAVES), CountingLog(theirs)) == changed


def test_equal_logs_have_no_difference():
    assert first_difference(CountingLog(LEAVES), CountingLog(LEAVES)) is None
    assert first_difference(CountingLog([]), CountingLog([])) is None


def test_the_missing_leaves_of_a_shorter_copy_are_the_rest():
    assert list(missing_leaves(CountingLog(LEAVES[:13]), CountingLog(LEAVES))) == LEAVES[13:]
    assert list(missing_leaves(CountingLog(LEAVES), CountingLog(LEAVES[:13]))) == []
    assert list(missing_leaves(CountingLog([]), CountingLog(LEAVES))) == LEAVES


def test_the_missing_leaves_of_equal_logs_are_none():
    assert list(missing_leaves(CountingLog(LEAVES), CountingLog(LEAVES))) == []


def test_leaves_in_another_order_are_not_missing():
    theirs = [*LEAVES[:5], OTHERS[0], *reversed(LEAVES[5:]), OTHERS[1]]
    assert list(missing_leaves(CountingLog(LEAVES), CountingLog(theirs))) == [OTHERS[0], OTHERS[1]]
    assert list(missing_leaves(CountingLog(theirs), CountingLog(LEAVES))) == []


def test_missing_leaves_are_read_in_pieces():
    leaves = [i.to_bytes(32) for i in range(2 * LEAVES_PER_READ + 7)]
    assert list(missing_leaves(CountingLog(leaves[:3]), CountingLog(leaves))) == leaves[3:]
