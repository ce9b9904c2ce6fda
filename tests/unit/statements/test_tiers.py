"""The table of tiers."""

import pytest

from stemedb.statements import TIERS, limits, tier_weight, tiers


def test_the_table_is_the_published_one():
    assert [tuple(tier) for tier in TIERS] == [
        (0, "regulatory", 1.0),
        (1, "standard", 0.9),
        (2, "vendor", 0.7),
        (3, "team_policy", 0.5),
        (4, "observation", 0.3),
        (5, "anecdote", 0.1),
    ]
    assert TIERS[-1].number == limits.TIER_MAX


def test_the_docstring_shows_the_table():
    for tier in TIERS:
        assert f"{tier.number}     {tier.name:<11}  {tier.weight}  " in tiers.__doc__


def test_a_stronger_tier_weighs_more():
    weights = [tier_weight(tier.number) for tier in TIERS]
    assert weights == sorted(set(weights), reverse=True)


@pytest.mark.parametrize("tier", [-1, 6])
def test_there_are_no_other_tiers(tier):
    with pytest.raises(ValueError, match="want 0 to 5"):
        tier_weight(tier)
