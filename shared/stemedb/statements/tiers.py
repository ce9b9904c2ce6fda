"""Tiers of sources: the one table of the project; a lower tier is stronger.

====  ===========  ======  =====================================================
tier  name         weight  such as
====  ===========  ======  =====================================================
0     regulatory   1.0     a law, a regulator's rule, a court
1     standard     0.9     an RFC, an ISO norm, a language specification
2     vendor       0.7     the maker's documentation or package metadata
3     team_policy  0.5     what a team has agreed on for itself
4     observation  0.3     what a scanner or a person saw in the code
5     anecdote     0.1     hearsay
====  ===========  ======  =====================================================

The weight scales a claim's confidence wherever claims of several tiers meet in one sum.
"""

from typing import Final, NamedTuple


class Tier(NamedTuple):
    """One row of the table."""

    number: int
    name: str
    weight: float


TIERS: Final = (
    Tier(0, "regulatory", 1.0),
    Tier(1, "standard", 0.9),
    Tier(2, "vendor", 0.7),
    Tier(3, "team_policy", 0.5),
    Tier(4, "observation", 0.3),
    Tier(5, "anecdote", 0.1),
)
"""The table; ``TIERS[n].number == n``."""


def tier_weight(tier: int) -> float:
    """Return the weight of a tier. Requires ``0 <= tier <= 5``."""
    if not 0 <= tier < len(TIERS):
        raise ValueError(f"got tier {tier}, want 0 to {len(TIERS) - 1}")
    return TIERS[tier].weight
