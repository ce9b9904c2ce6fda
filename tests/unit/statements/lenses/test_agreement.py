"""Consensus and votes."""

import pytest

from stemedb.statements.lenses import Consensus, Votes, living
from stemedb.statements.model import Boolean, Number, Reference, Text
from support.stamped_claims import ballot, claim, ident


def rows(resolution):
    return [(row.claim.id, row.score, row.claims) for row in resolution.ranking]


def test_the_value_with_most_agents_wins():
    claims = [
        claim("A", "MIT", agent="alice", confidence=0.2),
        claim("B", "Apache-2.0", agent="bob", confidence=1),
        claim("C", "MIT", agent="carol", confidence=0.4),
        claim("D", "BSD", agent="dave", confidence=0.9),
    ]
    resolution = Consensus().resolve(claims)
    # MIT 2 of 4; Apache-2.0 and BSD 1 of 4 each, the former by the more confident claim.
    assert rows(resolution) == [(ident("C"), 0.5, 2), (ident("B"), 0.25, 1), (ident("D"), 0.25, 1)]
    assert resolution.value == Text("MIT")


def test_an_agent_counts_once_with_its_newest_claim():
    claims = [
        claim("A", "MIT", agent="alice", ms=1),
        claim("B", "MIT", agent="alice", ms=2),
        claim("C", "BSD", agent="alice", ms=3),
        claim("D", "MIT", agent="bob", ms=1, confidence=0.5),
        claim("E", "MIT", agent="bob", ms=0),
        claim("F", "BSD", agent="carol", ms=1),
    ]
    # alice stands by BSD, bob by MIT with his second claim, carol by BSD: 2 of 3 against 1 of 3.
    assert rows(Consensus().resolve(claims)) == [(ident("C"), 0.666666667, 2), (ident("D"), 0.333333333, 1)]


def test_numbers_agree_whatever_their_spelling_and_never_with_text_or_truth():
    claims = [
        claim("A", Number(1), agent="a"),
        claim("B", Number(1.0), agent="b"),
        claim("C", Text("1"), agent="c"),
        claim("D", Boolean(value=True), agent="d"),
        claim("E", Reference("1"), agent="e"),
        claim("F", Number(-0.0), agent="f"),
        claim("G", Number(0), agent="g"),
        claim("H", Boolean(value=False), agent="h"),
    ]
    assert sorted(row.claims for row in Consensus().resolve(claims).ranking) == [1, 1, 1, 1, 2, 2]


def test_a_bare_reference_means_the_path_it_is_short_for():
    claims = [claim("A", Reference("coffee"), agent="a"), claim("B", Reference("custom://coffee"), agent="b")]
    assert rows(Consensus().resolve(claims)) == [(ident("A"), 1.0, 2)]


def test_votes_add_to_confidence():
    claims = [claim("A", confidence=0.9), claim("B", confidence=0.5), claim("C", confidence=0.4)]
    ballots = [
        ballot(1, "B", agent="x", weight=1),
        ballot(2, "B", agent="y", weight=-0.25),
        ballot(3, "C", agent="x", weight=-1),
    ]
    # Sums 0.9, 0.5 + 1 - 0.25 = 1.25 and 0.4 - 1 = -0.6; most votes on one claim 2, so all are divided by 3.
    resolution = Votes().resolve(claims, ballots)
    assert [(r.claim.id, r.score) for r in resolution.ranking] == [
        (ident("B"), 0.416666667),
        (ident("A"), 0.3),
        (ident("C"), -0.2),
    ]
    assert "living votes: 3" in resolution.explanation


def test_without_votes_the_score_is_the_confidence():
    assert Votes().resolve([claim("A", confidence=0.7)]).score == 0.7


def test_only_the_last_vote_of_an_agent_on_a_claim_lives():
    ballots = [
        ballot(1, "A", agent="x", weight=1, ms=1),
        ballot(2, "A", agent="x", weight=-1, ms=3),
        ballot(3, "A", agent="x", weight=0.5, ms=2),
        ballot(4, "B", agent="x", weight=0.5, ms=1),
    ]
    assert {b.id for b in living(ballots)} == {ident(2), ident(4)}
    # 1 - 1 = 0 and 0.5 + 0.5 = 1, divided by 1 + 1.
    resolution = Votes().resolve([claim("A", confidence=1), claim("B", confidence=0.5)], ballots)
    assert [(r.claim.id, r.score) for r in resolution.ranking] == [(ident("B"), 0.5), (ident("A"), 0.0)]


def test_votes_of_one_agent_with_one_stamp_are_settled_by_the_larger_id_as_in_the_map():
    ballots = [ballot(7, "A", weight=1), ballot(8, "A", weight=-1)]
    assert living(ballots) == living(ballots[::-1]) == [ballots[1]]


def test_votes_on_claims_that_do_not_stand_count_for_nothing():
    claims = [claim("A", confidence=0.5), claim("B", confidence=0.4, supersedes="A")]
    resolution = Votes().resolve(claims, [ballot(n, "A", agent=str(n)) for n in range(5)])
    assert (resolution.winner, resolution.score) == (ident("B"), 0.4)


@pytest.mark.parametrize("lens", [Consensus(), Votes()])
def test_level_claims_are_settled_by_confidence_then_stamp_then_smaller_id(lens):
    claims = [
        claim("D", "d", agent="d", confidence=0.5, ms=1),
        claim("C", "c", agent="c", confidence=0.5, ms=2),
        claim("B", "b", agent="b", confidence=0.5, ms=2),
        claim("A", "a", agent="a", confidence=0.25, ms=9),
    ]
    # The vote lifts A to 0.25 + 0.25: level with the others under votes, and last for its confidence.
    ballots = [ballot(1, "A", agent="x", weight=0.25)]
    resolution = lens.resolve(claims, ballots)
    assert len({row.score for row in resolution.ranking}) == 1
    assert [row.claim.id for row in resolution.ranking] == [ident(x) for x in "BCDA"]
