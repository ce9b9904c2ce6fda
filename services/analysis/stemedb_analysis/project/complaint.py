"""Findings about what people wrote to set findings aside: a comment or an acknowledgement that is wrong, over or of no use.

They are findings like others (FLAG), so that they are seen, counted and known by a baseline; nobody's authority is behind them.
"""

from typing import Final, NamedTuple

from blake3 import blake3

from stemedb_analysis.model import TEXT_MAX, Finding, Observation, Span

PREFIX: Final = "stemedb/"
"""Of the paths of these findings: what they are about is no claim of the code."""
PREDICATE: Final = "state"
SCORE: Final = 0.3
"""To be looked at, and no more."""
STATEMENT_BYTES: Final = 8


class Written(NamedTuple):
    """What somebody wrote, and where."""

    file: str
    span: Span
    text: str


def complaint(path: str, rule: str, why: str, written: Written) -> Finding:
    """Return the finding that what is `written` there is not as it should be. Requires that `path` begins with `PREFIX`."""
    file, span, text = written
    statement = blake3("".join(text.split()).encode()).hexdigest(STATEMENT_BYTES)
    observation = Observation(
        path, PREDICATE, why, file, span, text[:TEXT_MAX], 1.0, rule, "comment", statement
    )
    return Finding(observation, "FLAG", SCORE, ())
