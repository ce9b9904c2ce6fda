"""Which claims stand as authorities."""

import pytest

from stemedb_analysis.judge import standing
from support.stamped_claims import ballot, claim, epoch, ident


def stand(*claims, **rest):
    return [(one.claim.id, one.confidence) for one in standing(claims, **rest)]


def labels(*wanted):
    return [(ident(label), 1.0) for label in wanted]


def test_claims_stand_in_the_order_of_their_ids():
    assert stand(claim("B"), claim("A")) == labels("A", "B")


def test_a_superseded_claim_has_no_standing():
    assert stand(claim("A"), claim("B", supersedes=["A"])) == labels("B")


def test_a_retraction_ends_both():
    assert stand(claim("A"), claim("B", supersedes=["A"], relation="retracts")) == []


@pytest.mark.parametrize("lifecycle", ["deprecated", "rejected"])
def test_what_its_authors_gave_up_has_no_standing(lifecycle):
    assert stand(claim("A", lifecycle=lifecycle)) == []


def test_claims_of_a_retired_epoch_have_no_standing():
    epochs = [epoch("E"), epoch("F", supersedes="E")]
    assert stand(claim("A", epoch="E"), claim("B", epoch="F"), claim("C"), epochs=epochs) == labels("B", "C")


def test_votes_move_the_confidence_and_not_below_nothing():
    against = [ballot("V", "A", agent="x", weight=-1.0), ballot("W", "A", agent="y", weight=-1.0)]
    assert stand(claim("A", confidence=0.8), ballots=against) == [(ident("A"), 0.0)]
    assert stand(claim("A", confidence=0.5), ballots=[ballot("V", "A", weight=1.0)]) == [(ident("A"), 0.75)]


def test_only_the_last_vote_of_an_agent_counts():
    votes = [ballot("V", "A", weight=-1.0, ms=1), ballot("W", "A", weight=1.0, ms=2)]
    assert stand(claim("A", confidence=0.5), ballots=votes) == [(ident("A"), 0.75)]


def test_a_circle_of_supersessions_silences_nobody():
    assert stand(claim("A", supersedes=["B"]), claim("B", supersedes=["A"])) == labels("A", "B")
