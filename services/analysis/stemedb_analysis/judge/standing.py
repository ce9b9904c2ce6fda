"""Which authorities stand: supersession, lifecycle, epochs and votes, honoured as everywhere else in the store.

::

    claims, ballots, epochs ─▶ not superseded, not retracting
                            ─▶ neither deprecated nor rejected
                            ─▶ not made in an epoch that another one retired
                            ─▶ confidence moved by living votes           Standing

Votes move a claim's confidence as in the lens of that name: the mean of its own confidence and all living votes, and not below 0.

Pure: statements in, statements out. Claims of all subjects come together, since a correction may be about another path.
"""

from collections.abc import Iterable, Sequence
from math import fsum
from typing import NamedTuple

from msgspec import UNSET

from stemedb.errors import InvalidInput
from stemedb.statements import supersession
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.statements.lenses.agreement import living
from stemedb.statements.lenses.lens import LIFECYCLES_LEFT_OUT
from stemedb.types import StatementId


class Standing(NamedTuple):
    """A claim that stands, and the confidence that votes leave it."""

    claim: Claim
    confidence: float


def standing(
    claims: Iterable[Claim], ballots: Sequence[Ballot] = (), epochs: Sequence[EpochEntry] = ()
) -> list[Standing]:
    """Return the claims that stand, by id. O(n log n).

    Claims whose supersessions form a cycle all stand: nobody can say which of them is meant.
    """
    by_id = {claim.id: claim for claim in claims}
    kept = set(_unsuperseded(by_id))
    gone = _retired(epochs)
    votes: dict[str, list[float]] = {}
    for ballot in living(ballots):
        votes.setdefault(ballot.statement.assertion, []).append(ballot.statement.weight)
    return [
        Standing(claim, _confidence(claim.statement.confidence, votes.get(id_.hex(), [])))
        for id_, claim in sorted(by_id.items())
        if id_ in kept
        and claim.statement.lifecycle not in LIFECYCLES_LEFT_OUT
        and (claim.statement.epoch is UNSET or StatementId(bytes.fromhex(claim.statement.epoch)) not in gone)
    ]


def _unsuperseded(claims: dict[StatementId, Claim]) -> Iterable[StatementId]:
    try:
        return supersession.build(claims.values()).standing()
    except InvalidInput:
        return claims


def _retired(epochs: Sequence[EpochEntry]) -> frozenset[StatementId]:
    try:
        return supersession.retired(epochs)
    except InvalidInput:
        return frozenset()


def _confidence(own: float, votes: list[float]) -> float:
    return max(0.0, fsum([own, *votes]) / (1 + len(votes)))
