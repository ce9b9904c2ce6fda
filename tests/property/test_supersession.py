"""Supersession against naive definitions on random graphs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb.errors import InvalidInput
from stemedb.statements.supersession import build
from support.effort import examples
from support.stamped_claims import claim, ident

SIZE = 7


@st.composite
def acyclic(draw):
    """Claims that supersede claims with smaller numbers, or number 99, which is nowhere."""
    claims = []
    for n in range(1, draw(st.integers(1, SIZE)) + 1):
        olds = st.sets(st.sampled_from([*range(1, n), 99]), max_size=3)
        relation = draw(st.sampled_from(["corrects", "retracts"]))
        claims.append(claim(n, ms=draw(st.integers(0, 2)), supersedes=sorted(draw(olds)), relation=relation))
    return claims


def edges(claims):
    """Return the pairs (newer, older) by id."""
    return {(c.id, bytes.fromhex(old)) for c in claims for old in (c.statement.supersedes or ())}


def descends(pairs, old):
    """Return everything that supersedes `old`, directly or not: the naive closure."""
    reached = set()
    while True:
        further = {new for new, target in pairs if target == old or target in reached} - reached
        if not further:
            return reached
        reached |= further


@given(claims=acyclic(), data=st.data())
@settings(max_examples=examples(150), deadline=None)
def test_answers_do_not_depend_on_order_or_repetition(claims, data):
    shuffled = data.draw(st.permutations(claims + data.draw(st.lists(st.sampled_from(claims), max_size=3))))
    one, other = build(claims), build(shuffled)
    assert one.order() == other.order()
    assert one.heads() == other.heads()
    assert one.forks() == other.forks()
    assert one.dangling() == other.dangling()
    assert all(one.history(c.id) == other.history(c.id) for c in claims)
    assert all(one.superseded_by(c.id) == other.superseded_by(c.id) for c in claims)


@given(claims=acyclic())
@settings(max_examples=examples(150), deadline=None)
def test_heads_histories_and_dangling_names_are_the_naive_ones(claims):
    graph, pairs, known = build(claims), edges(claims), {c.id for c in claims}
    assert set(graph.heads()) == {i for i in known if not any(old == i for _, old in pairs)}
    assert set(graph.dangling()) == {old for _, old in pairs} - known
    for c in claims:
        history = graph.history(c.id)
        assert set(history) == {i for i in known if i == c.id or c.id in descends(pairs, i)}
        assert history[-1] == c.id
        place = {i: n for n, i in enumerate(history)}
        assert all(place[old] < place[new] for new, old in pairs if new in place and old in place)


@given(claims=acyclic())
@settings(max_examples=examples(150), deadline=None)
def test_a_fork_is_a_claim_whose_ways_share_no_claim_that_all_pass(claims):
    """A claim is no fork exactly if every way from it to a head passes one and the same first meeting point."""
    graph, pairs = build(claims), edges(claims)
    heads = set(graph.heads())

    def ways(id_):
        if id_ in heads:
            return [[id_]]
        return [[id_, *way] for new, old in pairs if old == id_ for way in ways(new)]

    forks = {fork.claim: fork.ends for fork in graph.forks()}
    for c in claims:
        shared = set.intersection(*(set(way[1:]) for way in ways(c.id)))
        assert (c.id in forks) == (not shared and c.id not in heads)
        for end in forks.get(c.id, ()):
            assert end in heads or end in forks
            assert end in descends(pairs, c.id)


@given(pairs=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8))
@settings(max_examples=examples(200), deadline=None)
def test_exactly_the_graphs_with_a_cycle_are_refused(pairs):
    claims = [claim(n, supersedes=[old for new, old in sorted(pairs) if new == n]) for n in range(6)]
    named = {(ident(new), ident(old)) for new, old in pairs}
    cyclic = any(ident(n) in descends(named, ident(n)) for n in range(6))
    try:
        build(claims)
    except InvalidInput:
        assert cyclic
    else:
        assert not cyclic
