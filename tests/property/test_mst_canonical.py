"""Whatever the history, a tree has the root of the reference built from its sorted map."""

import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stemedb.mst import check, forced_levels, memory_tree
from stemedb.storage.tree_file import TreeFile
from support.effort import examples
from support.faults import FaultyOperations
from support.mst_levels import LEVELS
from support.reference_mst import build, reference_root, shapes

REALM = bytes(32)
KEYS = st.builds(lambda first, rest: bytes([first]) + rest, st.integers(0, 255), st.binary(max_size=2))
VALUES = st.binary(max_size=3)
EDITS = st.lists(st.tuples(KEYS, st.none() | VALUES), max_size=30)


def file_options(level, cache_bytes):
    """Levels forced, cache small, and no sync: these tests are about shapes, not about the disk."""
    return {
        "levels": forced_levels(level),
        "cache_bytes": cache_bytes,
        "runway_bytes": 4096,
        "operations": FaultyOperations(),
    }


def longest(_key, old, new):
    """Join by length, then by bytes: old or new wins as in the real joins."""
    return max(old, new, key=lambda value: (len(value), value))


class EditedTree(RuleBasedStateMachine):
    """A tree in a file, edited and committed and reopened, beside the dictionary that it must equal."""

    @initialize(level=st.sampled_from(sorted(LEVELS)), cache_bytes=st.sampled_from([1, 4000, 1 << 20]))
    def begin(self, level, cache_bytes):
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "map.mst"
        self.level = LEVELS[level]
        self.options = file_options(self.level, cache_bytes)
        self.file = TreeFile.open(self.path, REALM, writable=True, create=True, **self.options)
        self.map = {}
        self.committed = {}
        self.touched = []

    def teardown(self):
        if hasattr(self, "file"):
            assert self.file.tree.root_digest == reference_root(self.map, self.level)
            self.file.close()
            self.folder.cleanup()

    @rule(key=KEYS, value=VALUES)
    def insert(self, key, value):
        self.file.tree.insert(key, value)
        self.map[key] = value
        self.touched.append(key)

    @rule(choice=st.integers(0, 1 << 30))
    def remove(self, choice):
        key = self.touched[choice % len(self.touched)] if self.touched else b"none"
        assert self.file.tree.remove(key) == (self.map.pop(key, None) is not None)

    @rule(edits=EDITS)
    def apply(self, edits):
        self.file.tree.apply(edits)
        for key, value in dict(edits).items():
            if value is None:
                self.map.pop(key, None)
            else:
                self.map[key] = value
            self.touched.append(key)

    @rule(edits=EDITS)
    def merge(self, edits):
        entries = [(key, value) for key, value in edits if value is not None]
        before = dict(self.map)
        for key, value in entries:
            self.map[key] = longest(key, self.map[key], value) if key in self.map else value
        changed = sum(before.get(key) != value for key, value in self.map.items())
        assert self.file.tree.merge(entries, longest) == changed

    @rule()
    def remove_all_but_the_highest(self):
        gone = sorted(self.map, key=self.level)[: len(self.map) * 3 // 4]
        self.file.tree.apply([(key, None) for key in gone])
        for key in gone:
            del self.map[key]

    @rule()
    def hash(self):
        assert self.file.tree.root_digest == reference_root(self.map, self.level)

    @rule(meta=st.sampled_from([b"", b"mark"]))
    def commit(self, meta):
        commit = self.file.commit(meta)
        assert commit.digest == reference_root(self.map, self.level)
        assert (commit.count, commit.meta) == (len(self.map), meta)
        self.committed = dict(self.map)

    @rule()
    def reopen(self):
        self.file.close()
        self.file = TreeFile.open(self.path, REALM, writable=True, **self.options)
        assert self.file.recovered_bytes == 0
        self.map = dict(self.committed)

    @rule()
    def compact(self):
        if self.map == self.committed:
            self.file.compact()

    @rule(start=KEYS, end=KEYS)
    def walk_a_range(self, start, end):
        want = [(key, value) for key, value in sorted(self.map.items()) if start <= key < end]
        assert list(self.file.tree.items(start, end)) == want
        assert list(self.file.tree.items(start, end, reverse=True)) == want[::-1]

    @invariant()
    def holds_the_map(self):
        if hasattr(self, "file"):
            assert len(self.file.tree) == len(self.map)
            assert dict(self.file.tree.items()) == self.map
            assert dict(self.file.snapshot().items()) == self.committed


TestEditedTree = EditedTree.TestCase
TestEditedTree.settings = settings(max_examples=examples(15), stateful_step_count=25, deadline=None)


def edit_at_random(rng, tree, entries, keys):
    values = [None, b"", rng.randbytes(3), bytes(300)]
    edits = [(rng.choice(keys), rng.choice(values)) for _ in range(rng.choice([1, 1, 2, 5, len(keys)]))]
    if rng.random() < 0.5:
        for key, value in edits:
            if value is None:
                assert tree.remove(key) == (key in entries)
                entries.pop(key, None)
            else:
                tree.insert(key, value)
                entries[key] = value
    else:
        tree.apply(edits)
        for key, value in edits:
            if value is None:
                entries.pop(key, None)
            else:
                entries[key] = value


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_seeded_histories_end_at_the_reference_root_and_meet_the_rare_shapes(name, tmp_path):
    level, rng = LEVELS[name], random.Random(name)
    seen = Counter()
    for history in range(12):
        path = tmp_path / f"{history}.mst"
        count = rng.choice([3, 12, 60])
        keys = [bytes([rng.randrange(256)]) + rng.randbytes(rng.choice([0, 1, 300])) for _ in range(count)]
        entries = {}
        options = file_options(level, rng.choice([1, 5000]))
        file = TreeFile.open(path, REALM, writable=True, create=True, **options)
        for _ in range(25):
            edit_at_random(rng, file.tree, entries, keys)
            if rng.random() < 0.6:
                assert file.tree.root_digest == reference_root(entries, level)
            if rng.random() < 0.3:
                file.commit()
            if rng.random() < 0.1:
                file.commit()
                file.close()
                file = TreeFile.open(path, REALM, writable=True, **options)
            seen += shapes(build(sorted(entries.items()), level))
        file.commit()
        assert file.last.digest == reference_root(entries, level)
        assert check(file.tree).keys == len(entries)
        file.close()
    assert seen["wide"] > 50
    if name in {"gaps", "two storeys", "quarters", "geometric", "stairs"}:
        assert seen["absent child above level 0"] > 50
    if name in {"gaps", "two storeys", "stairs", "geometric"}:
        assert seen["gap 2"] + seen["gap 3"] > 50
        assert seen["gap 3"] > 10


@pytest.mark.parametrize("name", ["geometric", "gaps", "stairs"])
def test_any_order_of_insertion_and_any_detour_gives_one_root(name):
    """Keys are inserted in random orders, one by one or in batches, with others that are removed again."""
    level, rng = LEVELS[name], random.Random(name)
    entries = {bytes([i, j]): bytes([j]) for i in range(0, 256, 3) for j in range(2)}
    want = reference_root(entries, level)
    detour = [bytes([i, 9]) for i in range(0, 256, 2)]
    for _ in range(8):
        tree = memory_tree(REALM, levels=forced_levels(level))
        order = [*entries.items(), *((key, b"gone") for key in detour)]
        rng.shuffle(order)
        while order:
            cut = rng.choice([1, 2, 40])
            batch, order = order[:cut], order[cut:]
            tree.merge(batch)
        rng.shuffle(detour)
        for key in detour[::2]:
            assert tree.remove(key)
        tree.apply([(key, None) for key in detour])
        assert tree.root_digest == want
