"""What a lens answers: a winner or none, everything it weighed, and how far the claims disagree.

A resolution explains itself. It carries the formula it was made by, the ranking with the score of every row, and
lines that say what was left out; whoever holds the same claims can work it out again and must come to the same.

Scores are rounded to ``SCORE_DIGITS`` decimals before they are compared. Sums are exactly rounded whatever their
order (``math.fsum``), and what is left, the last bits of a logarithm, may differ between two C libraries; nine digits
are the same everywhere and more than any confidence is good for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from stemedb.clocks.hlc import COUNTER_BITS
from stemedb.statements.claims import Claim
from stemedb.statements.model import Value
from stemedb.statements.tiers import TIERS
from stemedb.types import StatementId

SCORE_DIGITS: Final = 9
RANKING_ROWS_MAX: Final = 100
"""How many rows of a ranking ``as_dict`` gives unless asked otherwise: what a person reads."""

RANKING_BYTES_MAX: Final = 131_072
"""Of the JSON of these rows: a message of 1 MiB holds the answer however long the values are. The first row may be
longer than that alone, since the escapes of a text can take 192 KiB."""


def rounded(score: float) -> float:
    """Return `score` with ``SCORE_DIGITS`` decimals and without a negative zero."""
    return round(score, SCORE_DIGITS) + 0.0


class Ranked(NamedTuple):
    """One row of a ranking: a claim, its score, and how many claims it stands for (itself included)."""

    claim: Claim
    score: float
    claims: int

    def as_dict(self) -> dict[str, Any]:
        """Return the row as JSON takes it; `accepted_ms` is Unix milliseconds."""
        id_, statement, stamp = self.claim
        return {
            "id": id_.hex(),
            "value": value_as_dict(statement.object),
            "score": self.score,
            "claims": self.claims,
            "agent": statement.agent,
            "tier": TIERS[statement.source.tier].name,
            "confidence": statement.confidence,
            "accepted_ms": stamp.hlc >> COUNTER_BITS,
            "origin": stamp.origin,
        }


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer of a lens.

    `winner` and `value` are ``None`` and `score` is 0.0 when there is nothing to choose from or the lens does not
    choose. `ranking` is best first and, except under ``skeptic``, begins with the winner. `disagreement` is 0 when
    all weight is behind one value and 1 when it is evenly split (see ``values``).
    """

    lens: str
    formula: str
    winner: StatementId | None
    value: Value | None
    score: float
    ranking: tuple[Ranked, ...]
    disagreement: float
    explanation: tuple[str, ...]

    def as_dict(self, rows_max: int = RANKING_ROWS_MAX) -> dict[str, Any]:
        """Return the resolution as JSON takes it, with at most `rows_max` rows of the ranking.

        There are fewer where they would take more than ``RANKING_BYTES_MAX`` of JSON; `ranked` tells how many rows
        there are. Requires ``rows_max >= 0``; raises ``ValueError``.
        """
        if rows_max < 0:
            raise ValueError(f"rows_max: got {rows_max}, want at least 0")
        return {
            "lens": self.lens,
            "formula": self.formula,
            "winner": None if self.winner is None else self.winner.hex(),
            "value": None if self.value is None else value_as_dict(self.value),
            "score": self.score,
            "disagreement": self.disagreement,
            "ranked": len(self.ranking),
            "ranking": list(self._shown(rows_max)),
            "explanation": list(self.explanation),
        }

    def _shown(self, rows_max: int) -> Iterator[dict[str, Any]]:
        room = RANKING_BYTES_MAX
        for position, row in enumerate(self.ranking[:rows_max]):
            shown = row.as_dict()
            room -= len(msgspec.json.encode(shown))
            if room < 0 and position:
                return
            yield shown


def value_as_dict(value: Value) -> dict[str, Any]:
    """Return a claim's value as it stands in its JSON: `type` and `value`."""
    return {"type": value.__struct_config__.tag, "value": value.value}
