"""Lenses that look at the source: authority ranks by tier, layered shows the best of every tier.

Both score a claim by interpolating between the published weight of its tier and that of the next weaker one::

    score = weight(tier + 1) + (weight(tier) - weight(tier + 1)) × confidence        weight(6) = 0

Full confidence is worth the tier's weight, none at all that of the next tier: scores fall along the ranking, and no
confidence lifts a claim over a stronger tier.
"""

from dataclasses import dataclass
from typing import ClassVar

from stemedb.statements.claims import Claim
from stemedb.statements.lenses.lens import Lens, Question
from stemedb.statements.lenses.resolution import Ranked, Resolution, rounded
from stemedb.statements.lenses.values import by_authority, sides
from stemedb.statements.tiers import TIERS

_SCORE = "score = between the weights of the next weaker tier and of its own, by confidence"


def authority_score(claim: Claim) -> float:
    """Return the score of `claim` among all tiers: 0..1."""
    tier = claim.statement.source.tier
    weaker = TIERS[tier + 1].weight if tier + 1 < len(TIERS) else 0.0
    return rounded(weaker + (TIERS[tier].weight - weaker) * claim.statement.confidence)


@dataclass(frozen=True, slots=True)
class Authority(Lens):
    """The claim with the strongest source wins, however many weaker ones say otherwise.

    Order: tier, strongest first; then confidence, then stamp, both largest first; then id, smallest first.
    """

    name: ClassVar = "authority"
    formula: ClassVar = f"strongest tier first, then highest confidence, newest stamp, smallest id; {_SCORE}"

    def judge(self, question: Question) -> Resolution:
        """Return the claims by tier."""
        return self.conclude(
            question, (Ranked(claim, authority_score(claim), 1) for claim in by_authority(question.claims))
        )


@dataclass(frozen=True, slots=True)
class Layered(Lens):
    """What each tier says: one row per tier, strongest first, each the tier's own winner under ``authority``.

    The strongest layer wins; the rows below show whether the others agree. A row's `claims` counts its tier.
    """

    name: ClassVar = "layered"
    formula: ClassVar = f"per tier the claim with the highest confidence, newest stamp, smallest id; strongest tier first; {_SCORE}"

    def judge(self, question: Question) -> Resolution:
        """Return one row per tier."""
        layers: dict[int, list[Claim]] = {}
        for claim in by_authority(question.claims):
            layers.setdefault(claim.statement.source.tier, []).append(claim)
        tops = [layer[0] for layer in layers.values()]
        return self.conclude(
            question,
            (Ranked(layer[0], authority_score(layer[0]), len(layer)) for layer in layers.values()),
            (f"layers: {len(tops)}, values at their tops: {len(sides(tops))}",),
        )
