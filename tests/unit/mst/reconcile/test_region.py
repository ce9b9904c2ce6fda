"""The interval of a remote node: both bounds are outside of it, and its keys rise strictly."""

import pytest

from stemedb.mst.reconcile.carve import NOTHING
from stemedb.mst.reconcile.region import Contradiction, Region

OPEN_INTERVAL = Region((4, 1), 3, b"b", b"f", NOTHING)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([], "subtree 4.1: a node without entries"),
        ([b"b"], "key 62 is outside the interval"),
        ([b"c", b"f"], "key 66 is outside the interval"),
        ([b"a", b"c"], "key 61 is outside the interval"),
        ([b"c", b"c"], "key 63 is not above"),
        ([b"d", b"c"], "key 63 is not above"),
    ],
)
def test_keys_out_of_order_or_out_of_bounds_contradict_the_region(keys, reason):
    with pytest.raises(Contradiction, match=reason):
        OPEN_INTERVAL.check([(key, b"") for key in keys])


def test_keys_strictly_between_the_bounds_are_in_order():
    OPEN_INTERVAL.check([(key, b"") for key in (b"b\x00", b"c", b"e\xff")])
    Region((), 65, None, None, NOTHING).check([(b"", b""), (b"\xff" * 9, b"")])


def test_a_child_or_part_takes_open_bounds_from_its_region():
    child = OPEN_INTERVAL.child(7, 2, None, b"d", NOTHING)
    assert (child.path, child.below, child.low, child.high) == ((4, 1, 7), 2, b"b", b"d")
    part = OPEN_INTERVAL.part(b"c", None, NOTHING)
    assert (part.path, part.below, part.low, part.high) == ((4, 1), 3, b"c", b"f")
