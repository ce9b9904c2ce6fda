"""Values and who stands behind them: when two are the same, and how far claims disagree.

Two values are the same if their types and their canonical forms are: the numbers 1 and 1.0 are one value, the text
"1" and the boolean true are others, and a reference to ``coffee`` is one to ``custom://coffee``. Text is compared code
point by code point; nobody's spelling is improved.

*One agent, one position*: an agent that made several claims and superseded none of them stands by the newest. So an
agent cannot gain weight by repeating itself. The positions of all agents, grouped by value, are the *sides*::

    alice  10:00  MIT          ┐                        side MIT: alice 10:30, carol
    alice  10:30  MIT          ├── newest per agent ──▶
    bob    10:10  Apache-2.0   │                        side Apache-2.0: bob
    carol  10:20  MIT          ┘

*Disagreement*. The weight of a side is the sum over its claims of confidence × weight of the source's tier. With p the
shares of the n sides that have any weight::

    disagreement = - Σ p log2 p / log2 n        0 if n < 2

It is 0 when all weight is behind one value, 1 when it is evenly split over however many values, and in between
otherwise; sides without weight are no party to a dispute.

Source: the normalised entropy is Pielou's evenness (Journal of Theoretical Biology 13, 1966).
"""

from collections.abc import Iterable, Sequence
from math import fsum, log2
from typing import NamedTuple

from stemedb.statements.claims import Claim
from stemedb.statements.lenses.resolution import rounded
from stemedb.statements.model import Reference, Value
from stemedb.statements.paths import subject_key
from stemedb.statements.tiers import TIERS

ValueKey = tuple[type[Value], str | int | float | bool]


class Side(NamedTuple):
    """The claims of the agents that stand by one value, in the order they were given; never empty."""

    claims: tuple[Claim, ...]
    weight: float


def value_key(value: Value) -> ValueKey:
    """Return what two values have in common exactly if they are the same value."""
    if isinstance(value, Reference):
        return Reference, subject_key(value.value)
    return type(value), value.value


def by_newest(claims: Iterable[Claim]) -> list[Claim]:
    """Return `claims` with the largest stamp first, equal stamps by smallest id."""
    # Sorting is stable, also in reverse, so the order of the ids survives among equal stamps; so it goes on below.
    return sorted(sorted(claims, key=_id), key=_stamp, reverse=True)


def by_confidence(claims: Iterable[Claim]) -> list[Claim]:
    """Return `claims` with the most confident first, then the newest, then by smallest id."""
    return sorted(by_newest(claims), key=_confidence, reverse=True)


def by_authority(claims: Iterable[Claim]) -> list[Claim]:
    """Return `claims` with the strongest tier first, then the most confident, the newest, and by smallest id."""
    return sorted(by_confidence(claims), key=_tier)


def positions(claims: Iterable[Claim]) -> list[Claim]:
    """Return the newest claim of every agent."""
    newest: dict[str, Claim] = {}
    for claim in by_newest(claims):
        newest.setdefault(claim.statement.agent, claim)
    return list(newest.values())


def sides(claims: Sequence[Claim]) -> list[Side]:
    """Return `claims` grouped by value; the order of the groups is that of their first claims."""
    groups: dict[ValueKey, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(value_key(claim.statement.object), []).append(claim)
    return [Side(tuple(group), fsum(map(weight, group))) for group in groups.values()]


def weight(claim: Claim) -> float:
    """Return the claim's confidence times the weight of its source's tier: 0..1."""
    return claim.statement.confidence * TIERS[claim.statement.source.tier].weight


def disagreement(parties: Iterable[Side]) -> float:
    """Return how far the `parties` disagree: the normalised entropy of their weights, 0..1."""
    weights = [side.weight for side in parties]
    total = fsum(weights)
    # A share is tested, not a weight: beside the others a tiny weight may come to no share at all.
    shares = [share for share in (w / total for w in weights if w) if share]
    if len(shares) < 2:
        return 0.0
    entropy = -fsum(share * log2(share) for share in shares)
    return rounded(min(1.0, entropy / log2(len(shares))))


def _id(claim: Claim) -> bytes:
    return claim.id


def _stamp(claim: Claim) -> tuple[int, str]:
    return claim.stamp


def _confidence(claim: Claim) -> float:
    return claim.statement.confidence


def _tier(claim: Claim) -> int:
    return claim.statement.source.tier
