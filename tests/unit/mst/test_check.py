"""The check of a whole tree finds every way in which nodes with good digests can still be no canonical tree."""

import pytest

from stemedb.errors import Corruption
from stemedb.mst import check, forced_levels, memory_tree
from stemedb.mst.block import encode_entries
from stemedb.mst.node import ABSENT, UNKNOWN, Node
from support.mst_levels import LEVELS

REALM = bytes(32)


def level(key):
    return key[0] % 4


def leaf(at, *keys):
    return Node(at, encode_entries(at, keys, [b"v"] * len(keys)))


def above(at, keys, children):
    return Node(
        at,
        encode_entries(at, keys, [b"v"] * len(keys)),
        [child or 0 for child in children],
        [UNKNOWN if child else ABSENT for child in children],
    )


def tree_with(root, count):
    tree = memory_tree(REALM, levels=forced_levels(level))
    tree._root, tree._count = root, count
    return tree


def test_a_sound_tree_is_counted():
    tree = memory_tree(REALM, levels=forced_levels(LEVELS["geometric"]))
    tree.apply([(bytes([i]), b"v") for i in range(256)])
    report = check(tree)
    assert (report.root, report.keys, report.nodes) == (tree.root_digest, 256, sum(report.levels))
    assert report.levels == (128, 64, 32, 16, 8, 4, 2, 1, 1)
    assert report.node_bytes > 0


def test_the_empty_tree_is_sound():
    report = check(memory_tree(REALM))
    assert (report.keys, report.nodes, report.levels) == (0, 0, ())


@pytest.mark.parametrize(
    ("root", "count", "reason"),
    [
        (leaf(0, b"\x04", b"\x08"), 3, "got 2 keys, want 3"),
        (leaf(0, b"\x04", b"\x05"), 2, "key 1 stands at level 0, want 1"),
        (leaf(0, b"\x08", b"\x04"), 2, "key 1 is not above the one before it"),
        (leaf(0, b"\x08", b"\x08"), 2, "key 1 is not above the one before it"),
        (above(1, [b"\x05"], [leaf(0, b"\x08"), None]), 2, "keys outside the interval"),
        (above(1, [b"\x05"], [None, leaf(0, b"\x04")]), 2, "keys outside the interval"),
        (above(1, [b"\x05"], [None, above(1, [b"\x09"], [None, None])]), 2, "level: got 1, want below 1"),
        (above(1, [b"\x05"], [None, above(2, [b"\x0a"], [None, None])]), 2, "level: got 2, want below 1"),
        (above(2, [b"\x05"], [None, None]), 1, "key 0 stands at level 2, want 1"),
        (above(2, [], [leaf(0, b"\x04")]), 1, "a node without keys"),
        (leaf(0), 0, "a node without keys"),
        (leaf(0, b"\x04" + bytes(4096)), 1, "key length: got 4097"),
        (leaf(0, *(b"\x04" + i.to_bytes(2, "big") for i in range(1025))), 1025, "width: got 1025"),
    ],
)
def test_what_is_not_canonical_is_named(root, count, reason):
    with pytest.raises(Corruption, match=reason):
        check(tree_with(root, count))
