"""Orders, sides and rounding: what the lenses are made of."""

from stemedb.statements.lenses.resolution import rounded
from stemedb.statements.lenses.values import by_authority, by_confidence, by_newest, positions, sides, weight
from stemedb.statements.model import Boolean, Number, Reference, Text
from support.stamped_claims import at, claim


def labels(claims):
    return "".join(c.id[:1].decode() for c in claims)


CLAIMS = [
    claim("D", tier=2, confidence=0.5, stamp=at(1)),
    claim("C", tier=1, confidence=0.5, stamp=at(1)),
    claim("B", tier=2, confidence=0.9, stamp=at(1)),
    claim("A", tier=2, confidence=0.5, stamp=at(2)),
]


def test_orders_do_not_depend_on_how_claims_are_given():
    for given in (CLAIMS, CLAIMS[::-1]):
        assert labels(by_newest(given)) == "ABCD"
        assert labels(by_confidence(given)) == "BACD"
        assert labels(by_authority(given)) == "CBAD"


def test_the_position_of_an_agent_is_its_newest_claim_and_then_the_smaller_id():
    claims = [claim("B", agent="a", ms=2), claim("A", agent="a", ms=2), claim("C", agent="a", ms=1)]
    assert labels(positions(claims)) == labels(positions(claims[::-1])) == "A"


def test_sides_keep_the_order_in_which_their_values_first_appear():
    claims = [claim("A", "x", tier=0), claim("B", "y", tier=3), claim("C", "x", tier=5, confidence=0.5)]
    assert [(labels(side.claims), side.weight) for side in sides(claims)] == [("AC", 1.05), ("B", 0.5)]


SAME = [
    [Text("1"), Text("1")],
    [Text("")],
    [Text("custom://1")],
    [Number(1), Number(1.0)],
    [Number(0), Number(-0.0)],
    [Boolean(value=True)],
    [Boolean(value=False)],
    [Reference("1"), Reference("custom://1")],
    [Reference("2")],
    [Reference("x://1")],
]


def test_two_values_are_the_same_exactly_if_type_and_canonical_form_are():
    claims = [claim(n, value) for n, value in enumerate(value for group in SAME for value in group)]
    grouped = [[c.statement.object for c in side.claims] for side in sides(claims)]
    assert grouped == SAME


def test_the_weight_of_a_claim_is_confidence_times_tier():
    assert weight(claim("A", tier=3, confidence=0.5)) == 0.25


def test_scores_have_nine_digits_and_no_negative_zero():
    assert rounded(2 / 3) == 0.666666667
    assert str(rounded(-1e-12)) == "0.0"
    assert isinstance(rounded(1), float)
