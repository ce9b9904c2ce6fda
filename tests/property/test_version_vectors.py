"""Version vectors against plain dictionaries, and the laws of their merge."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb.clocks import Order, VersionVector
from support.effort import examples

PEERS = ["north", "south", "west"]
sizes = st.dictionaries(st.sampled_from(PEERS), st.integers(0, 3))
vectors = sizes.map(VersionVector)


@given(left=sizes, right=sizes)
@settings(max_examples=examples(200), deadline=None)
def test_comparison_is_the_naive_one(left, right):
    pairs = [(left.get(peer, 0), right.get(peer, 0)) for peer in PEERS]
    less, more = any(a < b for a, b in pairs), any(a > b for a, b in pairs)
    naive = {
        (False, False): Order.EQUAL,
        (True, False): Order.BEFORE,
        (False, True): Order.AFTER,
        (True, True): Order.CONCURRENT,
    }[less, more]
    assert VersionVector(left).compare(VersionVector(right)) is naive


@given(a=vectors, b=vectors, c=vectors)
@settings(max_examples=examples(200), deadline=None)
def test_merge_is_the_least_vector_that_dominates_both(a, b, c):
    merged = a.merge(b)
    assert merged == b.merge(a)
    assert merged.merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a
    assert merged.dominates(a)
    assert merged.dominates(b)
    if c.dominates(a) and c.dominates(b):
        assert c.dominates(merged)
