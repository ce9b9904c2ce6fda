"""What all lenses share: what is left out first, the empty question, the shape of an answer."""

import json

import pytest

from stemedb.errors import InvalidInput
from stemedb.statements.lenses import LENSES, Recency, Skeptic
from stemedb.statements.lenses.resolution import RANKING_BYTES_MAX
from support.stamped_claims import ballot, claim, ident

everyone = pytest.mark.parametrize("name", LENSES)
choosers = pytest.mark.parametrize("name", [name for name in LENSES if name != "skeptic"])


@everyone
def test_no_claims_have_no_winner(name):
    resolution = LENSES[name].resolve([], [ballot(1, "A")])
    assert (resolution.winner, resolution.value, resolution.score) == (None, None, 0.0)
    assert (resolution.ranking, resolution.disagreement) == ((), 0.0)
    assert resolution.explanation[0] == "0 claims found"


@choosers
def test_a_single_claim_wins(name):
    resolution = LENSES[name].resolve([claim("A", "x")])
    assert resolution.winner == ident("A")
    assert resolution.score == resolution.ranking[0].score


@everyone
def test_claims_that_do_not_stand_are_left_out_and_counted(name):
    claims = [
        claim("A"),
        claim("B", supersedes="A"),
        claim("C", lifecycle="deprecated"),
        claim("D", lifecycle="rejected"),
        claim("E"),
        claim("F", supersedes="E", relation="retracts"),
    ]
    resolution = LENSES[name].resolve(claims)
    assert [row.claim.id for row in resolution.ranking] == [ident("B")]
    assert resolution.explanation[:3] == (
        "6 claims found",
        "3 claims left out: superseded or retracting",
        "2 claims left out: deprecated or rejected",
    )


@everyone
def test_a_rejection_of_a_proposal_leaves_neither(name):
    claims = [
        claim("A", lifecycle="proposed"),
        claim("B", supersedes="A", relation="refines", lifecycle="rejected"),
    ]
    assert LENSES[name].resolve(claims).ranking == ()


@everyone
def test_claims_in_a_circle_are_refused(name):
    with pytest.raises(InvalidInput, match="circle"):
        LENSES[name].resolve([claim("A", supersedes="B"), claim("B", supersedes="A")])


def test_a_claim_given_twice_counts_from_its_smaller_stamp():
    resolution = Recency().resolve([claim("A", ms=9), claim("B", ms=5), claim("A", ms=1)])
    assert [row.claim.id for row in resolution.ranking] == [ident("B"), ident("A")]
    assert resolution.explanation[0] == "2 claims found"


@everyone
def test_the_dictionary_of_an_answer_is_json(name):
    claims = [claim("A", "x", agent="a"), claim("B", 2.5, agent="b"), claim("C", True, agent="c", tier=5)]
    found = LENSES[name].resolve(claims).as_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["lens"] in {name, f"{name}(authority)"}


def test_the_dictionary_of_an_answer_holds_its_provenance():
    found = Recency().resolve([claim("A", 2.5, ms=7, agent="a", confidence=0.5, tier=1)]).as_dict()
    assert found == {
        "lens": "recency",
        "formula": "newest stamp first, then smallest id; score = Unix ms of the stamp",
        "winner": "41" * 32,
        "value": {"type": "number", "value": 2.5},
        "score": 7.0,
        "disagreement": 0.0,
        "ranked": 1,
        "ranking": [
            {
                "id": "41" * 32,
                "value": {"type": "number", "value": 2.5},
                "score": 7.0,
                "claims": 1,
                "agent": "a",
                "tier": "standard",
                "confidence": 0.5,
                "accepted_ms": 7,
                "origin": "north",
            }
        ],
        "explanation": ["1 claim found"],
    }


def test_a_long_ranking_is_cut_in_the_dictionary_and_counted():
    resolution = Skeptic().resolve([claim(n, str(n), agent=str(n)) for n in range(150)])
    assert len(resolution.ranking) == 150
    found = resolution.as_dict()
    assert (found["ranked"], len(found["ranking"])) == (150, 100)
    assert len(resolution.as_dict(3)["ranking"]) == 3
    assert resolution.as_dict(0)["ranking"] == []


def test_a_ranking_of_long_values_is_cut_in_the_dictionary_too():
    """Every control character takes six bytes of JSON, and the first row is there however long it is."""
    claims = [claim(n, "\x01" * 32_767 + chr(n + 65), agent=str(n)) for n in range(5)]
    found = Skeptic().resolve(claims).as_dict()
    assert (found["ranked"], len(found["ranking"])) == (5, 1)
    claims = [claim(n, "x" * 32_000 + chr(n + 65), agent=str(n)) for n in range(20)]
    found = Skeptic().resolve(claims).as_dict()
    assert (found["ranked"], len(found["ranking"])) == (20, 4)
    assert len(json.dumps(found["ranking"])) < RANKING_BYTES_MAX


def test_a_negative_number_of_rows_is_misuse():
    resolution = Skeptic().resolve([])
    with pytest.raises(ValueError, match="rows_max: got -1"):
        resolution.as_dict(-1)
