"""Laws of all lenses on random claims, and naive references for consensus, votes and disagreement."""

from collections import Counter, defaultdict
from fractions import Fraction
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb.errors import InvalidRequest
from stemedb.statements.lenses import LENSES, Authority, Consensus, Layered, Skeptic, Votes, lens
from stemedb.statements.model import Boolean, Number, Reference, Text
from stemedb.statements.tiers import TIERS
from support.effort import examples
from support.stamped_claims import at, ballot, claim, epoch, ident

NAMES = [*LENSES, "epoch(constraints(votes))", "constraints(skeptic)"]
VALUES = [
    Text("1"),
    Text(""),
    Number(1),
    Number(1.0),
    Boolean(value=True),
    Reference("1"),
    Reference("custom://1"),
    Reference("2"),
]
CONFIDENCES = [0, 0.25, 0.5, 1, 1.0, 0.1, 0.7, 1e-300]
labels = st.integers(1, 12)
stamps = st.builds(at, st.integers(0, 2), st.sampled_from(["a", "b"]))


@st.composite
def claim_sets(draw, most=10):
    """Claims with distinct ids that supersede only smaller ones, or some that are nowhere."""
    found = []
    for label in draw(st.lists(labels, unique=True, max_size=most)):
        olds = draw(st.sets(st.integers(0, label - 1), max_size=2)) if draw(st.booleans()) else ()
        found.append(
            claim(
                label,
                draw(st.sampled_from(VALUES)),
                agent=draw(st.sampled_from("abcd")),
                confidence=draw(st.sampled_from(CONFIDENCES)),
                tier=draw(st.integers(0, 5)),
                lifecycle=draw(
                    st.sampled_from(["approved", "approved", "proposed", "deprecated", "rejected"])
                ),
                supersedes=sorted(olds),
                relation=draw(st.sampled_from(["corrects", "refines", "replaces", "retracts"])),
                epoch=draw(st.sampled_from([None, "P", "Q"])),
                stamp=draw(stamps),
            )
        )
    return found


ballot_sets = st.lists(
    st.builds(
        lambda label, on, agent, weight, ms: ballot(label, on, agent=agent, weight=weight, ms=ms),
        st.integers(100, 130),
        labels,
        st.sampled_from("abc"),
        st.sampled_from([-1, -0.5, 0, 0.1, 0.25, 1]),
        st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda b: b.id,
)
epoch_sets = st.sampled_from(
    [[], [epoch("P")], [epoch("P"), epoch("Q", supersedes="P")], [epoch("R", supersedes="Q")]]
)


def standing(claims):
    """Return the claims that count, by the words of the design."""
    gone = {bytes.fromhex(old) for c in claims for old in (c.statement.supersedes or ())}
    return [
        c
        for c in claims
        if c.id not in gone
        and c.statement.relation != "retracts"
        and c.statement.lifecycle not in {"deprecated", "rejected"}
    ]


def same(value):
    """Return a text that is the same for the same values: the naive canonical form."""
    match value:
        case Number(number):
            return f"number {Fraction(number)}"
        case Reference(name):
            return f"reference {name if '://' in name else 'custom://' + name}"
        case _:
            return f"{type(value).__name__} {value.value!r}"


WORDS = [*"(),| =", "<=", ">=", "\ud800", "5", "0.5", "-1", "null", "approved", "text"]
WORDS += [*LENSES, "tier", "confidence", "lifecycle", "agent", "stamp", "type"]


@given(words=st.lists(st.sampled_from(WORDS), max_size=12), text=st.text(max_size=8))
@settings(max_examples=examples(300), deadline=None)
def test_any_text_is_a_lens_or_refused_in_few_words(words, text):
    try:
        built = lens("".join(words) + text)
    except InvalidRequest as error:
        length = len(error.message)
    else:
        length = 0
        assert lens(built.name).name == built.name
        assert built.resolve([]).winner is None
    assert length < 400


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=examples(60), deadline=None)
def test_order_and_repetition_do_not_matter(name, data):
    claims, ballots, epochs = data.draw(claim_sets()), data.draw(ballot_sets), data.draw(epoch_sets)
    resolution = lens(name).resolve(claims, ballots, epochs)
    shaken = lens(name).resolve(
        data.draw(st.permutations(claims * 2)),
        data.draw(st.permutations(ballots * 2)),
        data.draw(st.permutations(epochs * 2)),
    )
    assert shaken == resolution


@pytest.mark.parametrize("name", NAMES)
@given(claims=claim_sets(), ballots=ballot_sets, epochs=epoch_sets)
@settings(max_examples=examples(60), deadline=None)
def test_the_winner_stands_and_the_ranking_is_ordered(name, claims, ballots, epochs):
    resolution = lens(name).resolve(claims, ballots, epochs)
    allowed = {c.id: c for c in standing(claims)}
    assert {row.claim.id for row in resolution.ranking} <= allowed.keys()
    assert 0 <= resolution.disagreement <= 1
    scores = [row.score for row in resolution.ranking]
    assert scores == sorted(scores, reverse=True)
    if "skeptic" in name or not resolution.ranking:
        assert resolution.winner is None
    else:
        assert resolution.winner == resolution.ranking[0].claim.id
        assert resolution.value == allowed[resolution.winner].statement.object
        assert resolution.score == scores[0]
    if not name.startswith("epoch"):
        assert bool(resolution.ranking) == bool(allowed)


@given(claims=claim_sets(), weaker=claim_sets(most=5))
@settings(max_examples=examples(150), deadline=None)
def test_claims_of_a_weaker_tier_never_change_the_winner_under_authority(claims, weaker):
    before = Authority().resolve(claims)
    if before.winner is None:
        return
    tier = before.ranking[0].claim.statement.source.tier
    others = [
        claim(1000 + n, c.statement.object, agent="z", confidence=1, tier=t, stamp=at(10**6))
        for n, c in enumerate(weaker)
        for t in range(tier + 1, 6)
    ]
    for judge in (Authority(), Layered()):
        assert judge.resolve([*claims, *others]).winner == before.winner


@given(claims=claim_sets())
@settings(max_examples=examples(150), deadline=None)
def test_layered_gives_what_authority_gives_for_each_tier_alone(claims):
    alone = [
        Authority().resolve([c for c in standing(claims) if c.statement.source.tier == tier]).ranking
        for tier in range(6)
    ]
    rows = Layered().resolve(claims).ranking
    assert [(row.claim, row.score, row.claims) for row in rows] == [
        (ranking[0].claim, ranking[0].score, len(ranking)) for ranking in alone if ranking
    ]


@given(claims=claim_sets())
@settings(max_examples=examples(150), deadline=None)
def test_consensus_is_the_naive_count(claims):
    newest = {}
    for c in standing(claims):
        held = newest.get(c.statement.agent)
        if held is None or c.stamp > held.stamp or (c.stamp == held.stamp and c.id < held.id):
            newest[c.statement.agent] = c
    counts = Counter(same(c.statement.object) for c in newest.values())
    resolution = Consensus().resolve(claims)
    assert {same(r.claim.statement.object): r.claims for r in resolution.ranking} == counts
    for row in resolution.ranking:
        assert row.score == pytest.approx(row.claims / len(newest), abs=1e-9)
        assert row.claim in newest.values()


@given(claims=claim_sets(), ballots=ballot_sets)
@settings(max_examples=examples(150), deadline=None)
def test_votes_are_the_naive_sum(claims, ballots):
    stands = standing(claims)
    sums = {c.id: Fraction(c.statement.confidence) for c in stands}
    counts = Counter()
    for on in stands:
        for agent in "abc":
            cast = [b for b in ballots if b.statement.assertion == on.id.hex() and b.statement.agent == agent]
            if cast:
                counts[on.id] += 1
                sums[on.id] += Fraction(max(cast, key=lambda b: (b.stamp, b.id)).statement.weight)
    most = max(counts.values(), default=0)
    resolution = Votes().resolve(claims, ballots)
    assert {r.claim.id for r in resolution.ranking} == sums.keys()
    for row in resolution.ranking:
        assert row.score == pytest.approx(float(sums[row.claim.id] / (1 + most)), abs=2e-9)
        assert -1 <= row.score <= 1
    if resolution.winner is not None:
        assert sums[resolution.winner] >= max(sums.values()) - Fraction(1, 10**8)


@given(claims=claim_sets())
@settings(max_examples=examples(150), deadline=None)
def test_disagreement_is_the_naive_entropy(claims):
    newest = {}
    for c in sorted(standing(claims), key=lambda c: c.id, reverse=True):
        held = newest.get(c.statement.agent)
        if held is None or c.stamp >= held.stamp:
            newest[c.statement.agent] = c
    weights = defaultdict(Fraction)
    for c in newest.values():
        weights[same(c.statement.object)] += Fraction(c.statement.confidence) * Fraction(
            TIERS[c.statement.source.tier].weight
        )
    resolution = Skeptic().resolve(claims)
    parties = [float(w / sum(weights.values())) for w in weights.values() if w]
    naive = 0.0 if len(parties) < 2 else -sum(p * log2(p) for p in parties) / log2(len(parties))
    assert resolution.disagreement == pytest.approx(naive, abs=1e-8)
    assert {same(r.claim.statement.object) for r in resolution.ranking} == weights.keys()
    assert sum(r.score for r in resolution.ranking) == pytest.approx(1 if parties else 0, abs=1e-7)


@given(claims=claim_sets(), late=labels)
@settings(max_examples=examples(100), deadline=None)
def test_retracting_the_winner_puts_the_next_claim_in_its_place(claims, late):
    before = Authority().resolve(claims)
    if before.winner is None:
        return
    retraction = claim(
        500 + late, "gone", tier=0, supersedes=[int.from_bytes(before.winner, "big")], relation="retracts"
    )
    after = Authority().resolve([*claims, retraction])
    assert [row.claim for row in after.ranking] == [row.claim for row in before.ranking[1:]]
    assert ident(500 + late) not in {row.claim.id for row in after.ranking}
