"""One fault, one finding: of two claims that one place makes, the wider is not reported where the narrower is.

The MD5 of a password is a broken hash and a fast password hash. Both are observed, since both are so, and both are judged; but who stores
passwords as they should has no hash left to mend. So the wider finding passes, and is counted among those that did.

Invariants

1. Never the last word: a finding passes only beside one of the same place and value whose verdict is as hard or harder.
2. Order and number of the findings stay.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from stemedb_analysis.model import Finding, Observation, Typed, Verdict

IMPLIED_BY: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("crypto/hash", "algorithm"): ("password/hash", "algorithm"),
}
"""Path and predicate of the wider claim → those of the narrower one."""

Place: TypeAlias = tuple[str, int, int, Typed]
"""File, line and column, and the value that is claimed there."""

_CLAIMS: Final = frozenset(IMPLIED_BY) | frozenset(IMPLIED_BY.values())
_HARDNESS: Final[Mapping[Verdict, int]] = {"PASS": 0, "FLAG": 1, "BLOCK": 2}


def place_of(seen: Observation) -> Place | None:
    """Return the place that an observation shares with those it may imply or be implied by; ``None`` if there can be none."""
    if (seen.path, seen.predicate) not in _CLAIMS:
        return None
    return (seen.file, seen.span.line, seen.span.column, seen.value)


def without_implied(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, those that pass for what a narrower one says at their place. O(findings)."""
    narrow = set(IMPLIED_BY.values())
    hardest: dict[tuple[tuple[str, str], Place | None], int] = {}
    for one in findings:
        seen = one.observation
        if (seen.path, seen.predicate) in narrow:
            key = ((seen.path, seen.predicate), place_of(seen))
            hardest[key] = max(hardest.get(key, 0), _HARDNESS[one.verdict])
    if not hardest:
        return list(findings)
    return [
        one._replace(verdict="PASS")
        if 0 < _HARDNESS[one.verdict] <= hardest.get(_narrower(one.observation), 0)
        else one
        for one in findings
    ]


def _narrower(seen: Observation) -> tuple[tuple[str, str], Place | None]:
    return (IMPLIED_BY.get((seen.path, seen.predicate), ("", "")), place_of(seen))
