"""What all lenses share: what is put before them, and the shape of their answer.

A lens turns all claims of *one* subject and predicate into one resolution::

    claims, ballots, epochs ──admit──▶ Question ──judge──▶ Resolution
                               │                  ▲
              left out by every lens alike        the lens's own formula

``admit`` leaves out, for every lens alike and before any of them looks:

1. repetitions: a claim given twice is one claim, and counts from its smaller stamp;
2. claims that another claim supersedes, and retractions (see ``stemedb.statements.supersession``);
3. claims whose lifecycle is deprecated or rejected, after they have superseded what they supersede.

Invariants, each held by a property test:

1. A resolution is a function of the *sets* of claims, ballots and epochs: order and repetition do not matter.
2. The winner is never superseded, retracting, deprecated or rejected.
3. Rows are in a total order; where a formula leaves two level, the newer wins, and at last the smaller id.

What it does not do: it does not fetch, and it does not notice claims of different subjects; a supersession by a claim
about another subject or predicate is not seen.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from msgspec import UNSET

from stemedb.statements import supersession
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.statements.lenses.resolution import Ranked, Resolution
from stemedb.statements.lenses.values import disagreement, positions, sides
from stemedb.statements.model import Lifecycle

LIFECYCLES_LEFT_OUT: Final[frozenset[Lifecycle]] = frozenset({"deprecated", "rejected"})
"""Their own authors no longer stand by such claims."""


class Question(NamedTuple):
    """What is put before a lens: the claims that stand, sorted by id and free of repetitions, and the rest as given.

    `notes` say how it came to these claims, one line each.
    """

    claims: tuple[Claim, ...]
    ballots: Sequence[Ballot]
    epochs: Sequence[EpochEntry]
    notes: tuple[str, ...]

    def narrowed(self, claims: Iterable[Claim], reason: str) -> "Question":
        """Return the question with only those of its claims, and a note on how many that left out and why."""
        kept = tuple(claims)
        gone = len(self.claims) - len(kept)
        return (
            self._replace(claims=kept, notes=(*self.notes, f"{_claims(gone)} left out: {reason}"))
            if gone
            else self
        )


class Lens(ABC):
    """A way to resolve contradictory claims: pure, deterministic, without state."""

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """The name under which ``catalogue.lens`` finds it, wrapped lenses in parentheses."""

    @property
    @abstractmethod
    def formula(self) -> str:
        """How it ranks, in one line for people."""

    @abstractmethod
    def judge(self, question: Question) -> Resolution:
        """Return the resolution of an admitted question."""

    def resolve(
        self, claims: Sequence[Claim], ballots: Sequence[Ballot] = (), epochs: Sequence[EpochEntry] = ()
    ) -> Resolution:
        """Return the resolution of `claims`, all of one subject and predicate, in the light of votes and epochs.

        Ballots on other claims and epochs that no claim is made in have no effect. Raises ``InvalidInput`` if the
        supersessions of claims or epochs form a cycle. O(n log n).
        """
        return self.judge(admit(claims, ballots, epochs))

    def conclude(
        self,
        question: Question,
        ranking: Iterable[Ranked],
        explanation: Iterable[str] = (),
        *,
        chooses: bool = True,
    ) -> Resolution:
        """Return the resolution that `ranking` amounts to; its first row wins if the lens `chooses`."""
        rows = tuple(ranking)
        winner = rows[0] if rows and chooses else None
        return Resolution(
            lens=self.name,
            formula=self.formula,
            winner=None if winner is None else winner.claim.id,
            value=None if winner is None else winner.claim.statement.object,
            score=0.0 if winner is None else winner.score,
            ranking=rows,
            disagreement=disagreement(sides(positions(question.claims))),
            explanation=(*question.notes, *explanation),
        )


def admit(claims: Sequence[Claim], ballots: Sequence[Ballot], epochs: Sequence[EpochEntry]) -> Question:
    """Return the question that `claims` pose once those that do not stand are left out.

    Raises ``InvalidInput`` if their supersessions form a cycle.
    """
    first: dict[bytes, Claim] = {}
    for claim in sorted(claims, key=lambda claim: (claim.id, claim.stamp)):
        first.setdefault(claim.id, claim)
    question = Question(tuple(first.values()), ballots, epochs, (f"{_claims(len(first))} found",))
    if any(claim.statement.supersedes is not UNSET for claim in question.claims):
        standing = frozenset(supersession.build(question.claims).standing())
        question = question.narrowed(
            (claim for claim in question.claims if claim.id in standing), "superseded or retracting"
        )
    return question.narrowed(
        (claim for claim in question.claims if claim.statement.lifecycle not in LIFECYCLES_LEFT_OUT),
        "deprecated or rejected",
    )


def _claims(count: int) -> str:
    return f"{count} claim" if count == 1 else f"{count} claims"
