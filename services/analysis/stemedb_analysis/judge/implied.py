"""One fault, one finding: of two claims that one place makes, the wider is not reported where the narrower is.

The MD5 of a password is a broken hash and a fast password hash. Both are observed, since both are so, and both are judged; but who stores
passwords as they should has no hash left to mend. So the wider finding passes, and is counted among those that did.

Invariants

1. Never the last word: a finding passes only beside one of the same place and value whose verdict is as hard or harder.
2. Order and number of the findings stay.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from stemedb_analysis.model import Finding, Observation, Typed, Verdict

IMPLIED_BY: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("crypto/hash", "algorithm"): ("password/hash", "algorithm"),
}
"""Path and predicate of the wider claim → those of the narrower one."""

_HARDNESS: Final[Mapping[Verdict, int]] = {"PASS": 0, "FLAG": 1, "BLOCK": 2}


def without_implied(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, those that pass for what a narrower one says at their place. O(findings)."""
    narrow = set(IMPLIED_BY.values())
    hardest: dict[tuple[str, str, str, int, int, Typed], int] = {}
    for one in findings:
        seen = one.observation
        if (seen.path, seen.predicate) in narrow:
            key = _place(seen, (seen.path, seen.predicate))
            hardest[key] = max(hardest.get(key, 0), _HARDNESS[one.verdict])
    if not hardest:
        return list(findings)
    return [
        one._replace(verdict="PASS")
        if 0 < _HARDNESS[one.verdict] <= hardest.get(_narrower(one.observation), 0)
        else one
        for one in findings
    ]


def _narrower(seen: Observation) -> tuple[str, str, str, int, int, Typed]:
    return _place(seen, IMPLIED_BY.get((seen.path, seen.predicate), ("", "")))


def _place(seen: Observation, claim: tuple[str, str]) -> tuple[str, str, str, int, int, Typed]:
    return (*claim, seen.file, seen.span.line, seen.span.column, seen.value)
