"""Lenses that look at each claim on its own: recency and confidence."""

from dataclasses import dataclass
from typing import ClassVar

from stemedb.clocks.hlc import COUNTER_BITS
from stemedb.statements.lenses.lens import Lens, Question
from stemedb.statements.lenses.resolution import Ranked, Resolution, rounded
from stemedb.statements.lenses.values import by_confidence, by_newest


@dataclass(frozen=True, slots=True)
class Recency(Lens):
    """The newest claim wins.

    Order: stamp, largest first; then id, smallest first. Score: the stamp's clock in Unix milliseconds. It is the
    stamp of first acceptance that counts, not what an agent says of its own time in ``asserted_at``.
    """

    name: ClassVar = "recency"
    formula: ClassVar = "newest stamp first, then smallest id; score = Unix ms of the stamp"

    def judge(self, question: Question) -> Resolution:
        """Return the claims by stamp."""
        return self.conclude(
            question,
            (
                Ranked(claim, float(claim.stamp.hlc >> COUNTER_BITS), 1)
                for claim in by_newest(question.claims)
            ),
        )


@dataclass(frozen=True, slots=True)
class Confidence(Lens):
    """The most confident claim wins, whoever made it.

    Order: confidence, largest first; then stamp, largest first; then id, smallest first. Score: the confidence, 0..1.
    """

    name: ClassVar = "confidence"
    formula: ClassVar = "highest confidence first, then newest stamp, then smallest id; score = confidence"

    def judge(self, question: Question) -> Resolution:
        """Return the claims by confidence."""
        return self.conclude(
            question,
            (
                Ranked(claim, rounded(claim.statement.confidence), 1)
                for claim in by_confidence(question.claims)
            ),
        )
