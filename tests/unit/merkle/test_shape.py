"""Index arithmetic: covers and plans, from small pictures up to the largest tree."""

import pytest

from stemedb.merkle.shape import (
    LEAVES_MAX,
    PROOF_DIGESTS_MAX,
    Plan,
    cover,
    path_bits,
    plan_consistency,
    plan_inclusion,
    smallest_node,
)


def test_the_cover_of_seven_leaves_is_four_two_and_one():
    assert cover(0, 7) == [(2, 0), (1, 2), (0, 6)]


def test_the_cover_of_no_leaves_is_empty():
    assert cover(0, 0) == []


def test_the_cover_of_a_complete_tree_is_its_root():
    assert cover(0, 8) == [(3, 0)]


@pytest.mark.parametrize("size", range(1, 130))
def test_a_cover_has_every_leaf_once_in_order_and_the_smallest_node_last(size):
    nodes = cover(0, size)
    leaves = [leaf for level, index in nodes for leaf in range(index << level, (index + 1) << level)]
    assert leaves == list(range(size))
    assert len(nodes) == size.bit_count()
    assert nodes[-1] == smallest_node(size)


def test_the_path_of_the_picture_has_a_tail_of_three_leaves():
    assert plan_inclusion(2, 7) == Plan([(0, 3), (1, 0)], 4, 7, [])


def test_a_complete_sibling_on_the_right_edge_is_a_node_and_no_tail():
    assert plan_inclusion(4, 6) == Plan([(0, 5)], 0, 0, [(2, 0)])


def test_the_last_leaf_has_left_siblings_only():
    assert plan_inclusion(6, 7) == Plan([], 0, 0, [(1, 2), (2, 0)])


def test_the_only_leaf_needs_no_proof():
    assert plan_inclusion(0, 1).length == 0


def test_consistency_starts_at_the_smallest_subtree_of_the_old_tree():
    assert plan_consistency(6, 7) == Plan([(1, 2)], 6, 7, [(2, 0)])


def test_consistency_leaves_out_an_old_root_that_the_verifier_knows():
    assert plan_consistency(4, 7) == Plan([], 4, 7, [])


@pytest.mark.parametrize("sizes", [(0, 5), (5, 5), (0, 0)])
def test_consistency_of_nothing_new_or_nothing_old_is_empty(sizes):
    assert plan_consistency(*sizes).length == 0


@pytest.mark.parametrize("size", range(1, 70))
def test_plans_ask_only_for_complete_nodes_as_many_as_they_say(size):
    plans = [plan_inclusion(index, size) for index in range(size)]
    plans += [plan_consistency(old, size) for old in range(size + 1)]
    for plan in plans:
        assert all((index + 1) << level <= size for level, index in plan.nodes)
        assert (plan.tail_end == plan.tail_start) == (plan.length == len(plan.before) + len(plan.after))


def test_no_proof_of_the_largest_tree_is_longer_than_the_limit():
    longest = plan_consistency(LEAVES_MAX - 1, LEAVES_MAX)
    assert longest.length == PROOF_DIGESTS_MAX
    assert plan_inclusion(0, LEAVES_MAX).length == PROOF_DIGESTS_MAX - 1


def test_path_bits_count_the_siblings_that_a_plan_lists():
    for size in range(1, 70):
        for index in range(size):
            assert path_bits(index, size - 1)[1] == plan_inclusion(index, size).length


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, LEAVES_MAX + 1)])
def test_inclusion_outside_the_tree_is_misuse(index, size):
    with pytest.raises(ValueError, match="want 0 <= index < size"):
        plan_inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3), (0, LEAVES_MAX + 1)])
def test_consistency_backwards_is_misuse(old, new):
    with pytest.raises(ValueError, match="want 0 <= old <= new"):
        plan_consistency(old, new)
