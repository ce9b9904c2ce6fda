"""Recency and confidence."""

from stemedb.statements.lenses import Confidence, Recency
from stemedb.statements.model import Text
from support.stamped_claims import at, claim, ident


def ranked(resolution):
    return [(row.claim.id, row.score) for row in resolution.ranking]


def test_the_newest_claim_wins_under_recency():
    claims = [
        claim("A", "old", ms=1000, confidence=1),
        claim("B", "new", ms=3000, confidence=0.1),
        claim("C", ms=2000),
    ]
    resolution = Recency().resolve(claims)
    assert resolution.winner == ident("B")
    assert resolution.value == Text("new")
    assert resolution.score == 3000.0
    assert ranked(resolution) == [(ident("B"), 3000.0), (ident("C"), 2000.0), (ident("A"), 1000.0)]


def test_recency_settles_one_millisecond_by_counter_then_origin_then_smaller_id():
    claims = [
        claim("D", stamp=at(5, "north", 1)),
        claim("C", stamp=at(5, "north", 0)),
        claim("B", stamp=at(5, "south", 0)),
        claim("E", stamp=at(5, "north", 0)),
    ]
    assert [i for i, _ in ranked(Recency().resolve(claims))] == [ident(x) for x in "DBCE"]


def test_the_most_confident_claim_wins_under_confidence():
    claims = [
        claim("A", confidence=0.5, ms=9),
        claim("B", confidence=0.75, ms=1),
        claim("C", confidence=0.25, ms=8),
    ]
    assert ranked(Confidence().resolve(claims)) == [(ident("B"), 0.75), (ident("A"), 0.5), (ident("C"), 0.25)]


def test_equal_confidence_is_settled_by_the_newer_stamp_then_the_smaller_id():
    claims = [claim("C", ms=2), claim("A", ms=1), claim("B", ms=2)]
    assert [i for i, _ in ranked(Confidence().resolve(claims))] == [ident(x) for x in "BCA"]
