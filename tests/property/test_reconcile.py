"""Whatever two maps hold and whatever shapes their trees have, reconciliation finds exactly where they differ."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb.mst.reconcile import FULL_BYTES, SHORT_BYTES, ServerLimits
from stemedb.mst.reconcile.client import ClientLimits
from support.effort import examples
from support.mst_levels import LEVELS
from support.reconciling import assert_exact, pull, reconcile, tree_of

KEYS = st.builds(lambda first, rest: bytes([first]) + rest, st.integers(0, 255), st.binary(max_size=2))
MAPS = st.dictionaries(KEYS, st.binary(max_size=3), max_size=40)
WIDTHS = st.sampled_from([1, 2, SHORT_BYTES, FULL_BYTES])
TIGHT = ServerLimits(reply_bytes=48 << 10, nodes=2)
"""Every reply ends after an item or two, and no child is summarised that is not asked for."""


@st.composite
def pairs(draw):
    """Two maps with a common part, from nearly equal to disjoint."""
    shared, only_left, only_right = draw(MAPS), draw(MAPS), draw(MAPS)
    return {**shared, **only_left}, {**shared, **only_right}


@settings(max_examples=examples(80), deadline=None)
@given(pairs(), st.sampled_from(sorted(LEVELS)), WIDTHS)
def test_the_outcome_is_the_difference_of_the_two_dictionaries(maps, level, width):
    local, remote = (tree_of(entries, LEVELS[level]) for entries in maps)
    assert_exact(reconcile(local, remote, width=width), local, remote)


@settings(max_examples=examples(40), deadline=None)
@given(pairs(), st.sampled_from(sorted(LEVELS)), WIDTHS)
def test_small_messages_and_cut_replies_change_nothing(maps, level, width):
    local, remote = (tree_of(entries, LEVELS[level]) for entries in maps)
    limits = ClientLimits(request_bytes=1, requests_per_round=3)
    assert_exact(reconcile(local, remote, width=width, limits=limits), local, remote)
    assert_exact(reconcile(local, remote, width=width, server_limits=TIGHT), local, remote)


@settings(max_examples=examples(40), deadline=None)
@given(pairs(), st.sampled_from(sorted(LEVELS)))
def test_two_pulls_make_the_roots_equal_and_a_third_moves_nothing(maps, level):
    def join(_key, old, new):
        return max(old, new, key=lambda value: (len(value), value))

    left, right = (tree_of(entries, LEVELS[level]) for entries in maps)
    from_right, from_left = reconcile(left, right), reconcile(right, left)
    pull(left, from_right, join)
    pull(right, from_left, join)
    assert left.root_digest == right.root_digest
    expected = dict(maps[0])
    for key, value in maps[1].items():
        expected[key] = join(key, expected[key], value) if key in expected else value
    assert dict(left.items()) == expected
    again = reconcile(left, right)
    assert again.traffic.requests == 0
    assert not list(again.changes())


@pytest.mark.parametrize("seed", range(12))
def test_thousands_of_keys_with_every_kind_of_divergence(seed):
    rng = random.Random(seed)
    level = LEVELS[rng.choice(sorted(LEVELS))] if seed % 3 else None
    common = {rng.randbytes(rng.randrange(1, 5)): rng.randbytes(3) for _ in range(rng.choice([0, 40, 600]))}
    maps = []
    for _ in range(2):
        entries = {key: value for key, value in common.items() if rng.random() > rng.choice([0, 0.01, 0.5])}
        for key in rng.sample(sorted(entries), min(len(entries), rng.choice([0, 1, 30]))):
            entries[key] = b"changed"
        start = rng.randbytes(1)  # new keys lie together, so that whole subtrees are on one side only
        entries |= {start + rng.randbytes(3): b"new" for _ in range(rng.choice([0, 1, 10, 200]))}
        maps.append(entries)
    local, remote = (tree_of(entries, level) for entries in maps)
    assert_exact(reconcile(local, remote, width=rng.choice([1, SHORT_BYTES])), local, remote)
    assert_exact(reconcile(remote, local, server_limits=TIGHT), remote, local)
