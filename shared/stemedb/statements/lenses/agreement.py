"""Lenses that ask the others: consensus counts agents, votes weighs ballots."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum
from typing import ClassVar

from stemedb.statements.claims import Ballot
from stemedb.statements.lenses.lens import Lens, Question
from stemedb.statements.lenses.resolution import Ranked, Resolution, rounded
from stemedb.statements.lenses.values import by_confidence, positions, sides


@dataclass(frozen=True, slots=True)
class Consensus(Lens):
    """The value that most agents stand by wins; each agent counts once, with its newest claim.

    Order: distinct agents behind the value, most first; level values by their best claim (confidence, then stamp,
    then smallest id), which is also the claim that stands for the value. Score: the share of all agents, 0..1.
    """

    name: ClassVar = "consensus"
    formula: ClassVar = (
        "value with most agents first, each agent counted once with its newest claim, "
        "then the value with the most confident, newest, smallest-id claim; score = share of agents"
    )

    def judge(self, question: Question) -> Resolution:
        """Return one row per value."""
        stands = by_confidence(positions(question.claims))
        # The sides come in the order of their best claims, and sorting keeps it among those of equal size.
        parties = sorted(sides(stands), key=lambda side: len(side.claims), reverse=True)
        return self.conclude(
            question,
            (
                Ranked(side.claims[0], rounded(len(side.claims) / len(stands)), len(side.claims))
                for side in parties
            ),
            (f"agents: {len(stands)}, values: {len(parties)}",),
        )


@dataclass(frozen=True, slots=True)
class Votes(Lens):
    """The claim wins whose confidence and living votes sum to most.

    With N the largest number of living votes on any one of the claims::

        score = (confidence + Σ weights of the claim's living votes) / (1 + N)

    so scores lie in -1..1, and dividing all by the same number leaves their order that of the sums: an unopposed
    vote is worth as much as full confidence. Scores compare within one resolution only. Of several votes of one agent
    on one claim the one with the largest stamp lives, then the one with the largest id, as in the replicated map.
    Order: score, largest first; then confidence, then stamp, then smallest id.
    """

    name: ClassVar = "votes"
    formula: ClassVar = (
        "highest score first, then confidence, newest stamp, smallest id; "
        "score = (confidence + sum of living votes) / (1 + most living votes on one claim)"
    )

    def judge(self, question: Question) -> Resolution:
        """Return the claims by the sum of their confidence and votes."""
        weights: dict[str, list[float]] = {claim.id.hex(): [] for claim in question.claims}
        for ballot in living(question.ballots):
            if ballot.statement.assertion in weights:
                weights[ballot.statement.assertion].append(ballot.statement.weight)
        most = max(map(len, weights.values()), default=0)
        rows = [
            Ranked(
                claim, rounded(fsum([claim.statement.confidence, *weights[claim.id.hex()]]) / (1 + most)), 1
            )
            for claim in by_confidence(question.claims)
        ]
        rows.sort(key=lambda row: row.score, reverse=True)
        return self.conclude(question, rows, (f"living votes: {sum(map(len, weights.values()))}",))


def living(ballots: Iterable[Ballot]) -> list[Ballot]:
    """Return the last vote of every agent on every assertion."""
    last: dict[tuple[str, str], Ballot] = {}
    for ballot in ballots:
        key = ballot.statement.assertion, ballot.statement.agent
        known = last.get(key)
        if known is None or (ballot.stamp, ballot.id) > (known.stamp, known.id):
            last[key] = ballot
    return list(last.values())
