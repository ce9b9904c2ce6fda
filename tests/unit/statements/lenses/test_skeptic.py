"""Skeptic, and the disagreement that every lens reports."""

import pytest

from stemedb.statements.lenses import LENSES, Skeptic
from support.stamped_claims import claim, ident


def test_nothing_is_picked():
    resolution = Skeptic().resolve([claim("A", "x")])
    assert (resolution.winner, resolution.value, resolution.score) == (None, None, 0.0)
    assert [(r.claim.id, r.score, r.claims) for r in resolution.ranking] == [(ident("A"), 1.0, 1)]


@pytest.mark.parametrize("sides", [2, 3, 4, 7, 64])
def test_an_even_split_is_full_disagreement(sides):
    claims = [claim(n, str(n), agent=str(n), confidence=0.3, tier=2) for n in range(sides)]
    assert Skeptic().resolve(claims).disagreement == 1.0


def test_one_value_of_many_agents_is_no_disagreement():
    claims = [claim(n, 1 if n % 2 else 1.0, agent=str(n), confidence=n / 9, tier=n % 6) for n in range(9)]
    assert Skeptic().resolve(claims).disagreement == 0.0


def test_three_quarters_against_one_quarter():
    claims = [
        claim("A", "x", agent="a", confidence=0.5, tier=0),  # 0.5 × 1.0 = 0.5
        claim("B", "x", agent="b", confidence=0.5, tier=3),  # 0.5 × 0.5 = 0.25
        claim("C", "y", agent="c", confidence=0.5, tier=3),  # 0.5 × 0.5 = 0.25
    ]
    resolution = Skeptic().resolve(claims)
    assert [(r.claim.id, r.score, r.claims) for r in resolution.ranking] == [
        (ident("A"), 0.75, 2),
        (ident("C"), 0.25, 1),
    ]
    # -(3/4 log2 3/4 + 1/4 log2 1/4) / log2 2 = 0.75 × 0.415037499 + 0.25 × 2
    assert resolution.disagreement == 0.811278124


def test_a_half_and_two_quarters_among_three_values():
    claims = [
        claim("A", "x", agent="a", confidence=1, tier=3),
        claim("B", "y", agent="b", confidence=0.5, tier=3),
        claim("C", "z", agent="c", confidence=0.5, tier=3),
    ]
    # (1/2 × 1 + 1/4 × 2 + 1/4 × 2) / log2 3 = 1.5 / 1.584962501
    assert Skeptic().resolve(claims).disagreement == 0.946394630


def test_an_agent_that_repeats_itself_weighs_no_more():
    once = [claim("A", "x", agent="a"), claim("B", "y", agent="b")]
    again = [*once, *(claim(n, "x", agent="a", ms=0) for n in range(5))]
    assert Skeptic().resolve(again).disagreement == Skeptic().resolve(once).disagreement == 1.0


def test_a_value_without_weight_is_no_party_but_is_shown():
    claims = [claim("A", "x", agent="a"), claim("B", "y", agent="b", confidence=0)]
    resolution = Skeptic().resolve(claims)
    assert resolution.disagreement == 0.0
    assert [r.score for r in resolution.ranking] == [1.0, 0.0]


def test_claims_without_any_weight_do_not_disagree():
    claims = [claim("A", "x", agent="a", confidence=0), claim("B", "y", agent="b", confidence=0)]
    resolution = Skeptic().resolve(claims)
    assert resolution.disagreement == 0.0
    assert [(r.claim.id, r.score) for r in resolution.ranking] == [(ident("A"), 0.0), (ident("B"), 0.0)]


def test_a_share_too_small_for_a_double_is_no_party():
    heavy = [claim(n, "x", agent=str(n), tier=0) for n in range(4)]
    resolution = Skeptic().resolve([*heavy, claim("B", "y", agent="b", confidence=5e-324, tier=0)])
    assert resolution.disagreement == 0.0
    assert [r.claims for r in resolution.ranking] == [4, 1]


def test_the_weightier_value_stands_first_whatever_its_strongest_source():
    claims = [claim("A", "x", agent="a", tier=0, confidence=0.5)]
    claims += [claim(n, "y", agent=str(n), tier=3, confidence=1) for n in range(3)]
    # 0.5 × 1.0 against 3 × 0.5
    assert [(r.score, r.claims) for r in Skeptic().resolve(claims).ranking] == [(0.75, 3), (0.25, 1)]


@pytest.mark.parametrize("name", LENSES)
def test_every_lens_reports_the_same_disagreement(name):
    claims = [claim("A", "x", agent="a", tier=0), claim("B", "y", agent="b", tier=0)]
    assert LENSES[name].resolve(claims).disagreement == 1.0
