"""Epoch and constraints: what they leave out before another lens looks."""

import pytest

from stemedb.errors import InvalidInput
from stemedb.statements.lenses import (
    Authority,
    Bounds,
    Constraints,
    EpochAware,
    Recency,
    Skeptic,
    Votes,
    lens,
)
from stemedb.statements.model import Boolean, Number, Reference
from support.stamped_claims import ballot, claim, epoch, ident


def test_claims_of_a_superseded_epoch_are_left_out():
    claims = [
        claim("A", "rsa", tier=0, epoch="P"),
        claim("B", "ml-kem", tier=3, epoch="Q"),
        claim("C", "x25519", tier=4),
    ]
    assert Authority().resolve(claims, (), [epoch("P"), epoch("Q", supersedes="P")]).winner == ident("A")
    resolution = EpochAware(Authority()).resolve(claims, (), [epoch("P"), epoch("Q", supersedes="P")])
    assert [row.claim.id for row in resolution.ranking] == [ident("B"), ident("C")]
    assert "1 claim left out: of a superseded epoch" in resolution.explanation
    assert resolution.lens == "epoch(authority)"


def test_an_epoch_two_generations_back_is_retired_too():
    epochs = [epoch("R", supersedes="Q"), epoch("Q", supersedes="P"), epoch("P")]
    claims = [claim(x, epoch=y) for x, y in zip("ABC", "PQR", strict=True)]
    assert [row.claim.id for row in EpochAware(Recency()).resolve(claims, (), epochs).ranking] == [ident("C")]


def test_claims_of_unknown_or_living_epochs_stay():
    claims = [claim("A", epoch="P"), claim("B", epoch="Z"), claim("C")]
    assert len(EpochAware(Authority()).resolve(claims, (), [epoch("P")]).ranking) == 3


def test_a_claim_of_a_retired_epoch_has_still_superseded_what_it_superseded():
    claims = [claim("A"), claim("B", supersedes="A", epoch="P")]
    resolution = EpochAware(Authority()).resolve(claims, (), [epoch("Q", supersedes="P")])
    assert resolution.ranking == ()


def test_epochs_in_a_circle_are_refused():
    with pytest.raises(InvalidInput, match="circle"):
        EpochAware(Authority()).resolve(
            [claim("A")], (), [epoch("P", supersedes="Q"), epoch("Q", supersedes="P")]
        )


CLAIMS = [
    claim("A", "text", tier=0, confidence=0.2, lifecycle="proposed", agent="alice", ms=10),
    claim("B", 5, tier=2, confidence=0.4, lifecycle="under_review", agent="bob", ms=20),
    claim("C", Boolean(value=True), tier=3, confidence=0.6, lifecycle="approved", agent="carol", ms=30),
    claim("D", Reference("a/b"), tier=5, confidence=0.8, lifecycle="approved", agent="dave", ms=40),
]


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({}, "ABCD"),
        ({"tier_max": 2}, "AB"),
        ({"tier_max": 0}, "A"),
        ({"confidence_min": 0.6}, "CD"),
        ({"confidence_min": 1}, ""),
        ({"lifecycle": ["approved"]}, "CD"),
        ({"lifecycle": ["approved", "proposed"]}, "ACD"),
        ({"agents": ["bob", "dave", "nobody"]}, "BD"),
        ({"not_before_ms": 20}, "BCD"),
        ({"not_after_ms": 20}, "AB"),
        ({"not_before_ms": 20, "not_after_ms": 20}, "B"),
        ({"object_type": "text"}, "A"),
        ({"object_type": "number"}, "B"),
        ({"object_type": "boolean"}, "C"),
        ({"object_type": "reference"}, "D"),
        ({"tier_max": 3, "confidence_min": 0.4, "lifecycle": ["approved"]}, "C"),
    ],
)
def test_only_claims_within_every_bound_are_resolved(params, kept):
    ranking = lens("constraints(authority)", **params).resolve(CLAIMS).ranking
    assert {row.claim.id for row in ranking} == {ident(x) for x in kept}


def test_the_inner_lens_sees_nothing_of_what_was_left_out():
    claims = [
        claim("A", "x", agent="a", tier=2),
        claim("B", "y", agent="b", tier=5),
        claim("C", "x", agent="c", tier=2),
    ]
    assert Skeptic().resolve(claims).disagreement > 0
    resolution = Constraints(Skeptic(), Bounds(tier_max=2)).resolve(claims)
    assert (resolution.winner, resolution.disagreement) == (None, 0.0)


def test_the_inner_lens_gets_votes_and_epochs():
    claims = [claim("A", confidence=0.9, epoch="P"), claim("B", confidence=0.1), claim("C", confidence=0.2)]
    built = lens("constraints(epoch(votes))", confidence_min=0.1)
    resolution = built.resolve(claims, [ballot(1, "B")], [epoch("Q", supersedes="P")])
    # (0.1 + 1) / 2 against 0.2 / 2; A is of a retired epoch.
    assert [(r.claim.id, r.score) for r in resolution.ranking] == [(ident("B"), 0.55), (ident("C"), 0.1)]
    assert resolution.lens == "constraints(epoch(votes))"


def test_bounds_never_let_through_what_no_lens_shows():
    claims = [claim("A", supersedes="B"), claim("B"), claim("C", lifecycle="rejected")]
    assert [r.claim.id for r in Constraints(Votes(), Bounds()).resolve(claims).ranking] == [ident("A")]


def test_the_formula_names_bounds_and_inner_formula():
    built = Constraints(Recency(), Bounds(tier_max=2, agents=frozenset({"b", "a"}), object_type="number"))
    assert (
        built.formula
        == f"only claims with tier <= 2 and agent in a, b and object is a number: {Recency().formula}"
    )
    assert Constraints(Recency(), Bounds()).formula == f"only claims with no bounds: {Recency().formula}"


def test_a_formula_lists_a_few_names_and_counts_the_rest():
    built = Constraints(Recency(), Bounds(agents=frozenset("fedcbag")))
    assert built.formula.startswith("only claims with agent in a, b, c, d, e, 2 more: ")


def test_the_explanation_says_how_many_each_bound_left_out():
    resolution = lens("constraints", tier_max=3, confidence_min=0.4).resolve(CLAIMS)
    assert resolution.explanation == (
        "4 claims found",
        "1 claim left out: by the bound tier <= 3",
        "1 claim left out: by the bound confidence >= 0.4",
    )


def test_whole_numbers_are_bounds_like_any_other():
    assert lens("constraints", confidence_min=1).resolve([claim("A", Number(1))]).winner == ident("A")
