"""Version vectors: comparison, merge, advance."""

import pytest

from stemedb.clocks import Order, VersionVector


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ({}, {}, Order.EQUAL),
        ({"north": 7}, {"north": 7}, Order.EQUAL),
        ({"north": 7}, {"north": 7, "west": 0}, Order.EQUAL),
        ({}, {"north": 1}, Order.BEFORE),
        ({"north": 7, "south": 4}, {"north": 7, "south": 5, "west": 2}, Order.BEFORE),
        ({"north": 8}, {"north": 7}, Order.AFTER),
        ({"north": 9}, {"north": 7, "south": 4}, Order.CONCURRENT),
    ],
)
def test_comparison(left, right, order):
    assert VersionVector(left).compare(VersionVector(right)) is order


def test_merge_takes_the_larger_size_of_every_peer():
    merged = VersionVector({"north": 7, "south": 1}).merge(VersionVector({"south": 4, "west": 2}))
    assert dict(merged) == {"north": 7, "south": 4, "west": 2}


def test_dominates_means_equal_or_after():
    vector = VersionVector({"north": 2, "south": 2})
    assert vector.dominates(vector)
    assert vector.dominates(VersionVector({"north": 2}))
    assert not vector.dominates(VersionVector({"north": 3}))
    assert not vector.dominates(VersionVector({"west": 1}))


def test_advance_goes_forward_only():
    vector = VersionVector({"north": 5})
    assert vector.advance("north", 9).size_of("north") == 9
    assert vector.advance("north", 3) == vector
    assert vector.advance("south", 1) == VersionVector({"north": 5, "south": 1})


def test_operations_leave_the_vector_as_it_was():
    source = {"north": 5}
    vector = VersionVector(source)
    vector.advance("north", 9)
    vector.merge(VersionVector({"south": 1}))
    source["north"] = 1
    assert vector == VersionVector({"north": 5})


def test_a_peer_never_heard_of_stands_at_zero():
    vector = VersionVector({"north": 5, "south": 0})
    assert vector.size_of("south") == 0
    assert "south" not in vector
    assert len(vector) == 1


def test_equal_vectors_are_one_key_of_a_dict():
    assert len({VersionVector({"a": 1, "b": 2}), VersionVector({"b": 2, "a": 1, "c": 0})}) == 1
    assert VersionVector({"a": 1}) != {"a": 1}


def test_peers_are_listed_by_name():
    assert list(VersionVector({"south": 1, "north": 2})) == ["north", "south"]


@pytest.mark.parametrize(
    "misuse", [lambda: VersionVector({"a": -1}), lambda: VersionVector().advance("a", -1)]
)
def test_a_negative_size_is_a_value_error(misuse):
    with pytest.raises(ValueError, match="log size of a: got -1, want at least 0"):
        misuse()
