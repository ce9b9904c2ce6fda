"""Boxes: what is put under one key is not read under another."""

from stemedb_analysis.flow.containers import Box
from stemedb_analysis.flow.taints import MAYBE, Taint, merged

INPUT = Taint(((1, 2),), frozenset())


def test_a_key_gives_what_was_put_under_it() -> None:
    box = Box()
    box.put("a", None, surely=True)
    box.put("b", INPUT, surely=True)
    assert box.get("a") is None
    assert box.get("b") == INPUT
    assert box.whole() == INPUT


def test_a_key_that_nobody_knows_gives_everything() -> None:
    box = Box()
    box.put("a", INPUT, surely=True)
    assert box.get(None) == INPUT


def test_what_is_put_under_an_unknown_key_may_lie_under_any() -> None:
    box = Box()
    box.put("a", None, surely=True)
    box.put(None, INPUT, surely=False)
    assert box.get("a") == INPUT


def test_a_condition_leaves_what_lay_there() -> None:
    box = Box()
    box.put("a", INPUT, surely=True)
    box.put("a", None, surely=False)
    assert box.get("a") == INPUT


def test_places_move_when_the_first_is_removed() -> None:
    box = Box()
    for one in (None, INPUT, None):
        box.add(one)
    assert box.get("1") == INPUT
    box.remove(0)
    assert box.get("0") == INPUT
    assert box.get("1") is None


def test_after_an_unknown_removal_every_place_may_hold_input() -> None:
    box = Box()
    box.add(INPUT)
    box.add(None)
    box.remove(None)
    assert box.get("1") == INPUT


def test_what_may_be_input_never_hides_what_is() -> None:
    maybe = Taint(((0, 0),), frozenset(), MAYBE)
    cleared = INPUT._replace(cleared=frozenset({"sql"}))
    assert merged([maybe, cleared]) == cleared
