"""The map operations of a tree, on temporary trees with real and with forced levels."""

import random

import pytest

from stemedb.mst import EMPTY_ROOT, KEY_BYTES_MAX, VALUE_BYTES_MAX, forced_levels, memory_tree
from support.reference_mst import keyed_level, reference_root

REALM = bytes(range(32))


def random_entries(count, seed=0):
    rng = random.Random(seed)
    return [(rng.randbytes(rng.randrange(1, 60)), rng.randbytes(rng.randrange(40))) for _ in range(count)]


def test_the_empty_tree_has_the_digest_of_no_bytes():
    tree = memory_tree(REALM)
    assert tree.root_digest == EMPTY_ROOT
    assert len(tree) == 0
    assert tree.get(b"a") is None
    assert list(tree.items()) == []
    assert list(tree.items(reverse=True)) == []


def test_a_large_random_map_has_the_reference_root():
    entries = random_entries(5000)
    tree = memory_tree(REALM)
    tree.merge(entries)
    assert tree.root_digest == reference_root(dict(entries), keyed_level(REALM))
    assert list(tree.items()) == sorted(dict(entries).items())


def test_another_realm_gives_another_shape():
    entries = random_entries(500)
    trees = [memory_tree(realm) for realm in (REALM, bytes(32))]
    for tree in trees:
        tree.merge(entries)
    assert trees[0].root_digest != trees[1].root_digest


def test_three_keys_in_any_order_have_one_root():
    level = {b"a": 0, b"b": 2, b"c": 1}.__getitem__
    roots = set()
    for order in ("abc", "acb", "bac", "bca", "cab", "cba"):
        tree = memory_tree(REALM, levels=forced_levels(level))
        for key in order:
            tree.insert(key.encode(), b"")
        roots.add(tree.root_digest)
    assert len(roots) == 1


def test_a_range_includes_its_start_and_excludes_its_end():
    tree = memory_tree(REALM)
    tree.apply([(bytes([i]), b"v") for i in range(256)])
    keys = [key for key, _ in tree.items(b"\x10", b"\x20")]
    assert keys == [bytes([i]) for i in range(0x10, 0x20)]
    assert [key for key, _ in tree.items(b"\x10", b"\x20", reverse=True)] == keys[::-1]
    assert list(tree.items(b"\x20", b"\x10")) == []
    assert list(tree.items(b"\x20", b"\x10", reverse=True)) == []


def test_a_walk_sees_the_tree_as_it_was_when_it_began():
    tree = memory_tree(REALM)
    tree.apply([(bytes([i]), b"old") for i in range(200)])
    walk = tree.items()
    first = next(walk)
    tree.apply([(bytes([i]), b"new") for i in range(200)])
    assert [first, *walk] == [(bytes([i]), b"old") for i in range(200)]


def test_the_join_sees_key_old_and_new_once_per_key_that_has_a_value():
    tree = memory_tree(REALM)
    tree.merge([(b"a", b"1"), (b"b", b"2")])
    seen = []

    def join(key, old, new):
        seen.append((key, old, new))
        return max(old, new)

    assert tree.merge([(b"c", b"9"), (b"a", b"0"), (b"b", b"3")], join) == 2
    assert seen == [(b"a", b"1", b"0"), (b"b", b"2", b"3")]
    assert dict(tree.items()) == {b"a": b"1", b"b": b"3", b"c": b"9"}


def test_a_key_repeated_in_a_batch_is_joined_in_the_order_given():
    tree = memory_tree(REALM)
    tree.merge([(b"k", b"a"), (b"k", b"b"), (b"k", b"c")], lambda _, old, new: old + new)
    assert tree.get(b"k") == b"abc"


def test_a_join_that_raises_leaves_the_tree_as_it_was():
    tree = memory_tree(REALM)
    tree.apply([(bytes([i]), b"v") for i in range(250)])
    before, count = tree.root_digest, len(tree)

    def join(key, old, new):
        if key == b"\xf0":
            raise RuntimeError
        return new

    with pytest.raises(RuntimeError):
        tree.merge([(bytes([i]), b"w") for i in range(256)], join)
    assert tree.root_digest == before
    assert len(tree) == count


def test_repeating_a_batch_changes_no_node():
    entries = random_entries(300)
    tree = memory_tree(REALM)
    tree.merge(entries)
    root = tree.root
    assert tree.merge(entries) == 0
    assert tree.apply([(b"not there", None)]) == 0
    assert tree.root is root


def test_remove_says_whether_the_key_was_there():
    tree = memory_tree(REALM)
    tree.insert(b"a", b"1")
    assert tree.remove(b"a") is True
    assert tree.remove(b"a") is False
    assert tree.root_digest == EMPTY_ROOT


def test_the_last_edit_of_a_key_wins():
    tree = memory_tree(REALM)
    tree.apply([(b"a", b"1"), (b"a", None), (b"b", None), (b"b", b"2")])
    assert dict(tree.items()) == {b"b": b"2"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (bytes(KEY_BYTES_MAX + 1), b""),
        (b"k", bytes(VALUE_BYTES_MAX + 1)),
        ("text", b""),
        (b"k", bytearray(1)),
    ],
)
def test_keys_and_values_out_of_bounds_are_refused(key, value):
    tree = memory_tree(REALM)
    with pytest.raises(ValueError, match=r"key|value"):
        tree.insert(key, value)
    assert len(tree) == 0


@pytest.mark.parametrize("made", [bytes(VALUE_BYTES_MAX + 1), None, "text"])
@pytest.mark.parametrize("others", [[], [(b"b", b"2"), (b"c", b"3")]])
def test_a_join_that_leaves_the_bounds_is_refused_and_the_tree_stays(made, others):
    tree = memory_tree(REALM)
    tree.merge([(b"a", b"1"), (b"b", b"1")])
    before = tree.root_digest
    with pytest.raises(ValueError, match="value out of a join"):
        tree.merge([(b"a", b"2"), *others], lambda _key, _old, _new: made)
    assert tree.root_digest == before


def test_keys_and_values_at_their_bounds_are_kept():
    tree = memory_tree(REALM)
    entries = {bytes(KEY_BYTES_MAX): bytes(VALUE_BYTES_MAX), b"\x01" * 255: b"x" * 256, b"\x01" * 256: b""}
    for key, value in entries.items():
        tree.insert(key, value)
    assert dict(tree.items()) == entries
    assert tree.root_digest == reference_root(entries, keyed_level(REALM))


def test_a_realm_secret_of_another_length_is_refused():
    with pytest.raises(ValueError, match="want 32"):
        memory_tree(b"short")


def test_the_batch_level_function_counts_leading_zero_digits():
    keys = [str(i).encode() for i in range(20_000)]
    levels = memory_tree(REALM).levels(keys)
    assert list(levels) == list(map(keyed_level(REALM), keys))
    assert max(levels) >= 3


def test_a_node_beyond_its_width_is_refused_and_the_tree_stays():
    tree = memory_tree(REALM, levels=forced_levels(lambda _: 0))
    tree.merge([(i.to_bytes(3, "big"), b"") for i in range(65_535)])
    root = tree.root_digest
    for edit in (lambda: tree.insert(b"one more", b""), lambda: tree.merge([(b"x", b""), (b"y", b"")])):
        with pytest.raises(ValueError, match="want at most 65535"):
            edit()
    assert tree.root_digest == root
    assert len(tree) == 65_535
