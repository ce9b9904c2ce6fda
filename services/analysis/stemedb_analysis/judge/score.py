"""The score and the verdict: the one place where a contradiction is weighed.

::

    score = tier weight × authority confidence × lifecycle weight × observation confidence

    BLOCK   score ≥ 0.80     a standard's flat statement against a literal in the code
    FLAG    score ≥ 0.30     somebody should look
    PASS    below, or nobody contradicts

The weights of the tiers are those of `stemedb.statements.tiers`, where every lens takes them from. What the thresholds let through::

    authority              literal .95   constant .9   default .4   literal in a test .475
    0 regulatory  1.0      BLOCK .95     BLOCK .90     FLAG .40     FLAG .48
    1 standard    0.9      BLOCK .86     BLOCK .81     FLAG .36     FLAG .43
    2 vendor      0.7      FLAG  .67     FLAG  .63     PASS .28     FLAG .33
    3 team policy 0.5      FLAG  .48     FLAG  .45     PASS .20     PASS .24

Two caps hold whatever the score: an injection whose way from source to sink was not found is at most FLAG, and so is what a rule
says that is not precise enough, was not tried often enough or not at all (`judge/measure.py`). A project that wants its own policy to block lowers the threshold.
"""

from typing import Final, NamedTuple

from stemedb.statements.tiers import TIERS, tier_weight
from stemedb_analysis.judge.measure import CASES_MIN, LABELLED_MIN, PRECISION_MIN
from stemedb_analysis.model import Verdict

LIFECYCLE_WEIGHTS: Final = {"approved": 1.0, "under_review": 0.75, "proposed": 0.5}
"""How far those who made a claim stand by it; deprecated and rejected claims have no standing at all."""


class Thresholds(NamedTuple):
    """Scores from which on a contradiction blocks or is flagged. Requires ``0 < flag <= block <= 1``."""

    block: float = 0.80
    flag: float = 0.30


DEFAULT_THRESHOLDS: Final = Thresholds()


def score(tier: int, authority_confidence: float, lifecycle: str, observation_confidence: float) -> float:
    """Return how much a contradiction weighs: 0..1. Requires ``0 <= tier <= 5``."""
    weight = tier_weight(tier) * authority_confidence * LIFECYCLE_WEIGHTS.get(lifecycle, 0.0)
    return round(weight * observation_confidence, 4)


def factors(tier: int, authority_confidence: float, lifecycle: str, observation_confidence: float) -> str:
    """Return what `score` multiplies, for people: ``0.5 team_policy × confidence 1 × 0.5 proposed × 0.95 as observed``."""
    return (
        f"{tier_weight(tier):g} {TIERS[tier].name} × confidence {authority_confidence:g}"
        f" × {LIFECYCLE_WEIGHTS.get(lifecycle, 0.0):g} {lifecycle} × {observation_confidence:g} as observed"
    )


def verdict(weight: float, thresholds: Thresholds, *, may_block: bool) -> Verdict:
    """Return what follows from the weight of the strongest contradiction."""
    if weight >= thresholds.block and may_block:
        return "BLOCK"
    return "FLAG" if weight >= thresholds.flag else "PASS"


def explanation(thresholds: Thresholds = DEFAULT_THRESHOLDS) -> str:
    """Return the formula, the weights and the thresholds, for people."""
    tiers = ", ".join(f"{tier.number} {tier.name} {tier.weight}" for tier in TIERS)
    cycle = ", ".join(f"{name} {weight}" for name, weight in LIFECYCLE_WEIGHTS.items())
    return "\n".join(
        [
            "score = tier weight × authority confidence × lifecycle weight × observation confidence",
            f"tier weights: {tiers}",
            f"lifecycle weights: {cycle}; deprecated and rejected claims have no standing",
            f"BLOCK from {thresholds.block:.2f}, FLAG from {thresholds.flag:.2f}, else PASS; the strongest contradiction decides",
            f"at most FLAG: injections without a path from source to sink, rules of precision below {PRECISION_MIN},",
            f"tried on fewer than {CASES_MIN} cases, {LABELLED_MIN} of them of labelled samples, or not measured",
        ]
    )
