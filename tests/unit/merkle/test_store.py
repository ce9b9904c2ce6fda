"""The store in memory: rows of digests, and nothing outside them."""

import pytest

from stemedb.merkle import MemoryNodeStore

A, B, C = (bytes([i]) * 32 for i in range(3))


@pytest.fixture
def store():
    store = MemoryNodeStore()
    store.append(2, C)
    store.append(0, A + B)
    store.append(0, C)
    return store


def test_rows_hold_what_was_appended_in_order(store):
    assert [store.get(0, i) for i in range(3)] == [A, B, C]
    assert store.get(2, 0) == C
    assert store.get_range(0, 1, 3) == B + C
    assert store.get_range(0, 3, 3) == b""


def test_the_size_is_the_number_of_leaves(store):
    assert store.size() == 3
    assert MemoryNodeStore().size() == 0


@pytest.mark.parametrize(("level", "index"), [(0, 3), (0, -1), (1, 0), (3, 0)])
def test_a_node_that_is_not_there_is_an_index_error(store, level, index):
    with pytest.raises(IndexError):
        store.get(level, index)


@pytest.mark.parametrize(
    ("level", "start", "end"), [(0, 0, 4), (0, -1, 2), (0, 2, 1), (1, 0, 1), (9, 0, 1), (-1, 0, 1)]
)
def test_a_range_that_is_not_there_is_an_index_error(store, level, start, end):
    with pytest.raises(IndexError):
        store.get_range(level, start, end)
