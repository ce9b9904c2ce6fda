"""The exact diff: against the difference of two dictionaries, and counting the nodes it reads."""

import random

import pytest

from stemedb.mst import Change, diff, forced_levels, memory_tree
from stemedb.mst.node import Node
from stemedb.storage.tree_file import TreeFile
from support.faults import FaultyOperations
from support.mst_levels import LEVELS

REALM = bytes(32)


def tree_of(entries, level=None):
    tree = memory_tree(REALM, levels=level and forced_levels(level))
    tree.merge(list(entries.items()))
    return tree


def difference(old, new):
    return [
        Change(key, old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_any_two_maps_differ_as_their_dictionaries_do(name):
    rng = random.Random(name)
    for _ in range(150):
        keys = [
            bytes([rng.randrange(256)]) + rng.randbytes(rng.choice([0, 1]))
            for _ in range(rng.choice([2, 40]))
        ]
        old = {key: rng.randbytes(1) for key in rng.sample(keys, rng.randrange(len(keys) + 1))}
        new = dict(old)
        for _ in range(rng.choice([0, 1, 2, 40])):
            key = rng.choice(keys)
            if rng.random() < 0.5:
                new.pop(key, None)
            else:
                new[key] = rng.randbytes(1)
        trees = tree_of(old, LEVELS[name]), tree_of(new, LEVELS[name])
        assert list(diff(*trees)) == difference(old, new)
        assert list(diff(*trees[::-1])) == difference(new, old)


def test_trees_with_different_level_functions_still_differ_exactly():
    old = {bytes([i]): b"v" for i in range(100)}
    new = {**old, b"\x05": b"w", b"\xf0": b"x"}
    changes = diff(tree_of(old, LEVELS["gaps"]), tree_of(new, LEVELS["stairs"]))
    assert list(changes) == difference(old, new)


def nodes_of(tree):
    """All nodes under a tree in memory, by digest."""
    assert tree.root_digest
    found, rest = {}, [tree.root]
    while rest:
        node = rest.pop()
        if isinstance(node, Node):
            found[node.digest] = node
            rest += node.children or []
    return found


class Counted:
    """A tree file whose reads are counted: the cache is as good as none."""

    def __init__(self, path, entries, level):
        self.file = TreeFile.open(
            path,
            REALM,
            writable=True,
            create=True,
            levels=forced_levels(level),
            cache_bytes=1,
            operations=FaultyOperations(),
        )
        self.file.tree.merge(list(entries.items()))
        self.file.commit()
        self.read = []
        store = self.file.tree.store
        plain = store.read

        def counting(place, digest):
            self.read.append(digest)
            return plain(place, digest)

        store.read = counting


@pytest.mark.parametrize("name", ["geometric", "gaps", "quarters"])
@pytest.mark.parametrize("kind", ["update", "add", "remove"])
def test_only_nodes_that_differ_are_read(tmp_path, name, kind):
    """With one key changed, an equal subtree is read at most along the edge beside that key."""
    level, rng = LEVELS[name], random.Random(name)
    entries = {bytes([i, j]): b"v" for i in range(256) for j in range(3)}
    for turn in range(12):
        key = rng.choice(sorted(entries))
        changed = dict(entries)
        if kind == "update":
            changed[key] = b"w"
        elif kind == "remove":
            del changed[key]
        else:
            changed[key + b"+"] = b"new"
        old = Counted(tmp_path / f"{turn}.old", entries, level)
        new = Counted(tmp_path / f"{turn}.new", changed, level)
        assert list(diff(old.file.tree, new.file.tree)) == difference(entries, changed)
        common = nodes_of(tree_of(entries, level)).keys() & nodes_of(tree_of(changed, level)).keys()
        equal_reads = [digest for digest in old.read + new.read if digest in common]
        assert len(common) > 80
        assert len(equal_reads) <= (0 if kind == "update" else 2 * len(set(map(level, entries))))
        old.file.close()
        new.file.close()


def test_equal_trees_are_compared_without_reading(tmp_path):
    entries = {bytes([i]): b"v" for i in range(256)}
    one, other = (Counted(tmp_path / name, entries, LEVELS["geometric"]) for name in "ab")
    assert list(diff(one.file.tree, other.file.tree)) == []
    assert one.read == other.read == []
    one.file.close()
    other.file.close()


def test_a_diff_reads_as_it_goes(tmp_path):
    old = Counted(tmp_path / "old", {}, LEVELS["geometric"])
    new = Counted(
        tmp_path / "new", {bytes([i, j]): b"v" for i in range(256) for j in range(4)}, LEVELS["geometric"]
    )
    changes = diff(old.file.tree, new.file.tree)
    assert new.read == []
    assert [next(changes).key for _ in range(6)][-1] == b"\1\1"
    assert 0 < len(new.read) < 12
    old.file.close()
    new.file.close()
