"""The lens that does not choose: it shows the sides and says how far they disagree."""

from dataclasses import dataclass
from math import fsum
from typing import ClassVar

from stemedb.statements.lenses.lens import Lens, Question
from stemedb.statements.lenses.resolution import Ranked, Resolution, rounded
from stemedb.statements.lenses.values import by_authority, positions, sides


@dataclass(frozen=True, slots=True)
class Skeptic(Lens):
    """No winner; one row per value with its share of the weight, and the disagreement for the reader to act on.

    The weight of a value is the sum over the agents that stand by it of confidence × tier weight (see ``values``).
    Order: share, largest first; level values by their best claim under ``authority``, which also stands for the value.
    Score of a row: the share, 0..1; all are 0 when no claim has any weight.
    """

    name: ClassVar = "skeptic"
    formula: ClassVar = (
        "no winner; score = share of weight, weight = sum over agents of confidence × tier weight; "
        "disagreement = entropy of the shares / log2(number of values with weight)"
    )

    def judge(self, question: Question) -> Resolution:
        """Return one row per value and no winner."""
        parties = sides(by_authority(positions(question.claims)))
        total = fsum(side.weight for side in parties)
        rows = [
            Ranked(side.claims[0], rounded(side.weight / total) if total else 0.0, len(side.claims))
            for side in parties
        ]
        rows.sort(key=lambda row: row.score, reverse=True)
        return self.conclude(question, rows, (f"values: {len(rows)}",), chooses=False)
