"""Lenses by name."""

import pytest

from stemedb.errors import InvalidRequest
from stemedb.statements.lenses import (
    LENS_DEPTH_MAX,
    LENSES,
    Authority,
    Bounds,
    Constraints,
    EpochAware,
    Recency,
    Votes,
    lens,
)

NAMES = "recency, confidence, consensus, votes, authority, layered, epoch, constraints, skeptic"


def test_all_lenses_of_the_design_are_there():
    assert ", ".join(LENSES) == NAMES


@pytest.mark.parametrize("name", LENSES)
def test_a_plain_name_gives_the_lens_of_the_catalogue(name):
    assert lens(name) == LENSES[name]
    assert lens(lens(name).name) == lens(name)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("epoch(authority)", EpochAware(Authority())),
        ("epoch", EpochAware(Authority())),
        ("epoch(recency)", EpochAware(Recency())),
        ("constraints(votes)", Constraints(Votes(), Bounds())),
        ("epoch(constraints)", EpochAware(Constraints(Authority(), Bounds()))),
        ("epoch(constraints(recency))", EpochAware(Constraints(Recency(), Bounds()))),
        ("constraints(epoch(votes))", Constraints(EpochAware(Votes()), Bounds())),
        (" epoch ( votes )", EpochAware(Votes())),
    ],
)
def test_wrappers_nest(name, wanted):
    assert lens(name) == wanted


@pytest.mark.parametrize(
    "name", ["constraints(votes)", "epoch(constraints(votes))", "constraints(epoch(votes))"]
)
def test_parameters_bound_the_constraints_of_the_name(name):
    assert "tier <= 2" in lens(name, tier_max=2).formula


def test_parameters_bound_only_the_outermost_constraints():
    built = lens("constraints(constraints(votes))", tier_max=2)
    assert built == Constraints(Constraints(Votes(), Bounds()), Bounds(tier_max=2))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("autority", f"got 'autority', want one of {NAMES}; did you mean authority?"),
        ("Recency", "did you mean recency?"),
        ("epoch(vots)", "got 'vots', want one of"),
        ("", f"got '', want one of {NAMES}"),
        ("xyzzy", f"got 'xyzzy', want one of {NAMES}"),
        ("epoch()", "got ''"),
        ("epoch(votes", "unbalanced parentheses in 'epoch(votes'"),
        ("epoch(votes))", "unbalanced parentheses"),
        ("votes)", "unbalanced parentheses"),
        ("(votes)", "got ''"),
        ("epoch(votes)x", "got 'x' behind the parentheses of epoch"),
        ("epoch)votes(", "got 'epoch)votes'"),
        ("epoch(tier<=2)", "got 'tier<=2', want one of"),
        ("constraints()", "got ''"),
        ("constraints(,votes)", "got ',votes'"),
        ("constraints(votes, tier<=2)", "got 'votes, tier<=2', want one of"),
        ("constraints(tier=2)", "got bound 'tier=', want one of tier<=, confidence>=, lifecycle=, agent="),
        ("constraints(tier>=2, votes)", "got bound 'tier>='"),
        ("constraints(agent=a(b))", "got 'agent=a', want one of"),
        ("votes(epoch)", "votes wraps no other lens; epoch and constraints do"),
        (
            "epoch(" * LENS_DEPTH_MAX + "votes" + ")" * LENS_DEPTH_MAX,
            "got 5 lenses in one another, want at most 4",
        ),
        ("epoch(" * 5000, "got a name of 30000 characters, want at most 1024"),
        ("x" * 1_024, f"got '{'x' * 64}', want one of"),
    ],
)
def test_a_name_that_means_no_lens_is_refused(name, reason):
    with pytest.raises(InvalidRequest) as caught:
        lens(name)
    assert caught.value.field == "lens"
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("tier_max", 6, "Expected `int` <= 5"),
        ("tier_max", -1, "Expected `int` >= 0"),
        ("tier_max", "2", "Expected `int | null`, got `str`"),
        ("tier_max", True, "got `bool`"),
        ("confidence_min", 1.5, "Expected `float` <= 1.0"),
        ("confidence_min", float("nan"), "Expected `float`"),
        ("lifecycle", ["rejected"], "Invalid enum value 'rejected'"),
        ("lifecycle", [], "length >= 1"),
        ("lifecycle", "approved", "got `str`"),
        ("agents", ["a", 5], "Expected `str`, got `int`"),
        ("agents", [], "length >= 1"),
        ("agents", [str(n) for n in range(1001)], "length <= 1000"),
        ("not_before_ms", 2**48, "<= 281474976710655"),
        ("not_after_ms", 0.5, "got `float`"),
        ("object_type", "date", "Invalid enum value 'date'"),
        ("tier", 2, "no such parameter, want tier_max, confidence_min, lifecycle, agents"),
    ],
)
def test_a_bad_parameter_is_refused_with_its_field(field, value, reason):
    with pytest.raises(InvalidRequest) as caught:
        lens("constraints", **{field: value})
    assert caught.value.field == f"lens.{field}"
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("constraints(tier<=2)", Constraints(Authority(), Bounds(tier_max=2))),
        ("constraints(tier<=2, votes)", Constraints(Votes(), Bounds(tier_max=2))),
        (
            "constraints( tier <= 0 ,confidence>=0.8,votes )",
            Constraints(Votes(), Bounds(tier_max=0, confidence_min=0.8)),
        ),
        ("constraints(confidence>=1)", Constraints(Authority(), Bounds(confidence_min=1))),
        (
            "constraints(lifecycle=approved|proposed, agent=alice | mary ann)",
            Constraints(
                Authority(),
                Bounds(
                    lifecycle=frozenset({"approved", "proposed"}), agents=frozenset({"alice", "mary ann"})
                ),
            ),
        ),
        (
            "constraints(stamp>=10, stamp<=281474976710655, type=number, epoch(recency))",
            Constraints(
                EpochAware(Recency()),
                Bounds(not_before_ms=10, not_after_ms=2**48 - 1, object_type="number"),
            ),
        ),
        (
            "epoch(constraints(tier<=3, constraints(type=text, votes)))",
            EpochAware(Constraints(Constraints(Votes(), Bounds(object_type="text")), Bounds(tier_max=3))),
        ),
    ],
)
def test_bounds_may_stand_in_the_name(name, wanted):
    assert lens(name) == wanted


def test_bounds_in_the_name_and_parameters_add_up():
    built = lens("constraints(tier<=2, constraints(tier<=3))", confidence_min=0.5)
    inner = Constraints(Authority(), Bounds(tier_max=3))
    assert built == Constraints(inner, Bounds(tier_max=2, confidence_min=0.5))


@pytest.mark.parametrize(
    ("bounds", "field", "reason"),
    [
        ("tier<=6", "tier_max", "Expected `int` <= 5"),
        ("tier<=-1", "tier_max", "got `str`"),
        ("tier<=", "tier_max", "got `str`"),
        ("tier<=٢", "tier_max", "got `str`"),
        ("tier<=1_0", "tier_max", "got `str`"),
        ("tier<=null", "tier_max", "got `str`"),
        ("tier<=2.5", "tier_max", "got `float`"),
        ("confidence>=1.5", "confidence_min", "Expected `float` <= 1.0"),
        ("confidence>=nan", "confidence_min", "got `str`"),
        ("stamp<=" + "9" * 900, "not_after_ms", "got `str`"),
        ("lifecycle=rejected", "lifecycle", "Invalid enum value 'rejected'"),
        ("lifecycle=", "lifecycle", "Invalid enum value ''"),
        ("type=date", "object_type", "Invalid enum value 'date'"),
        ("type=5", "object_type", "got `int`"),
        ("tier<=1, tier<=2", "tier_max", "is there twice"),
        ("stamp>=5, stamp<=4", "not_before_ms", "got 5, want at most not_after_ms, which is 4"),
    ],
)
def test_a_bad_bound_is_refused_with_its_field(bounds, field, reason):
    with pytest.raises(InvalidRequest) as caught:
        lens(f"constraints({bounds}, votes)")
    assert caught.value.field == f"lens.{field}"
    assert reason in caught.value.reason


def test_a_bound_in_the_name_and_as_a_parameter_is_refused():
    with pytest.raises(InvalidRequest, match=r"lens\.tier_max: is there twice"):
        lens("constraints(tier<=2)", tier_max=2)


def test_bounds_that_leave_no_time_are_refused():
    with pytest.raises(InvalidRequest, match="got 5, want at most not_after_ms, which is 4"):
        lens("constraints", not_before_ms=5, not_after_ms=4)


def test_parameters_without_constraints_are_refused():
    with pytest.raises(InvalidRequest, match=r"got agents, tier_max for epoch\(votes\), want constraints"):
        lens("epoch(votes)", tier_max=2, agents=["a"])
