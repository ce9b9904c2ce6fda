"""Cutting a tree along keys: every part is the canonical tree of its interval."""

import random

import pytest

from stemedb.mst.node import EMPTY_ROOT
from stemedb.mst.reconcile.carve import (
    NOTHING,
    ROW_NODES_MAX,
    ROWS_MAX,
    carve,
    digest_of,
    held,
    load,
    rows_at,
)
from support.mst_levels import LEVELS
from support.reconciling import tree_of
from support.reference_mst import reference_root


def keys_of(rng, count):
    return sorted({bytes([rng.randrange(256), rng.randrange(256)]) for _ in range(count)})


@pytest.mark.parametrize("level", sorted(LEVELS))
@pytest.mark.parametrize("seed", range(8))
def test_parts_have_the_reference_roots_of_their_intervals(level, seed):
    rng = random.Random(seed)
    entries = {key: rng.randbytes(2) for key in keys_of(rng, rng.choice([1, 10, 200]))}
    tree = tree_of(entries, LEVELS[level])
    ours = sorted(entries)
    cuts = sorted({*keys_of(rng, rng.choice([1, 5, 40])), *rng.sample(ours, min(len(ours), 5))})
    parts, values = carve(tree.store, held(tree.root), cuts)
    assert values == [entries.get(cut) for cut in cuts]
    assert len(parts) == len(cuts) + 1
    for part, low, high in zip(parts, [None, *cuts], [*cuts, None], strict=True):
        inside = {k: v for k, v in entries.items() if (low is None or k > low) and (high is None or k < high)}
        digest = EMPTY_ROOT if part == NOTHING else digest_of(part)
        assert digest == reference_root(inside, LEVELS[level])
    assert tree.root_digest == reference_root(entries, LEVELS[level])


def test_carving_nothing_gives_nothing_and_no_cut_gives_the_whole():
    tree = tree_of({b"a": b"1"})
    assert carve(tree.store, NOTHING, [b"a", b"b"]) == ([NOTHING] * 3, [None, None])
    assert carve(tree.store, held(tree.root), []) == ([held(tree.root)], [])
    assert load(tree.store, NOTHING) is None


def test_rows_are_the_entries_of_one_level_in_key_order():
    level = LEVELS["quarters"]
    entries = {bytes([i]): b"v" for i in range(200)}
    tree = tree_of(entries, level)
    for want in range(7):
        keys, values = rows_at(tree.store, tree.root, want)
        assert keys == [key for key in sorted(entries) if level(key) == want]
        assert values == [b"v"] * len(keys)
    assert rows_at(tree.store, None, 0) == ([], [])


def test_rows_that_are_too_many_are_not_looked_for():
    entries = {i.to_bytes(2, "big"): b"" for i in range(ROWS_MAX + 1)}
    wide = tree_of(entries, LEVELS["flat"])
    assert rows_at(wide.store, wide.root, 0) == ([], [])
    wide.remove(min(entries))
    assert rows_at(wide.store, wide.root, 0) == (sorted(entries)[1:], [b""] * ROWS_MAX)


def test_rows_that_lie_under_too_many_nodes_are_not_looked_for():
    high = {b"\x01" + i.to_bytes(2, "big"): b"" for i in range(ROW_NODES_MAX)}
    tree = tree_of({**high, b"\x00": b"low"}, LEVELS["two storeys"])
    assert rows_at(tree.store, tree.root, 0) == ([], [])
    assert rows_at(tree.store, tree.root, 64)[0] == sorted(high)
    tree.apply([(key, None) for key in sorted(high)[:2]])
    assert rows_at(tree.store, tree.root, 0) == ([b"\x00"], [b"low"])
