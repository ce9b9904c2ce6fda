"""What the text of a file says where no expression does: of conditions, of comparisons and of how functions begin.

Each place is looked at once, however often the bodies of a file are walked.
"""

import re
from functools import lru_cache
from typing import Final

from stemedb_analysis.facts.model import Function
from stemedb_analysis.flow.model import Tongue
from stemedb_analysis.source import Source

GUARD_BYTES: Final = 400
"""Of a condition, what is looked at."""
HEAD_BYTES: Final = 600
"""Of a function, where its parameters stand."""

_COMPARISON: Final = re.compile(r"[^=!<>]==|!=|===|\bis\b|\bnot\b|\bin\b|[^-=<>]<[^<=]|[^->=]>[^>=]|^!")
_CHOICE: Final = re.compile(r"\bif\b|\?|\bor\b|\|\||\band\b|\bawait\b|\bfor\b|=>|\{")


class Texts:
    """What the text of a file says of conditions and parameters; shared by the bodies of the file, since they are walked more than once."""

    def __init__(self, tongue: Tongue, source: Source) -> None:
        self._tongue = tongue
        self._source = source
        self._guards: dict[tuple[int, int], tuple[tuple[str, frozenset[str]], ...]] = {}
        self._comparisons: dict[tuple[int, int], bool] = {}
        self._heads: dict[int, tuple[str, frozenset[str]]] = {}

    def slice(self, start: int, end: int) -> str:
        """Return the text of the bytes ``[start, end)``."""
        return self._source.slice(start, end)

    def ruled_out(self, start: int, end: int) -> tuple[tuple[str, frozenset[str]], ...]:
        """Return the names that the condition at ``[start, end)`` speaks of, and the harm that it rules out for each."""
        known = self._guards.get((start, end))
        if known is None:
            text = self._source.slice(start, min(end, start + GUARD_BYTES))
            known = self._guards[start, end] = tuple(
                (next((group for group in match.groups() if group), ""), kinds)
                for says, kinds in self._tongue.guards
                for match in says.finditer(text)
            )
        return known

    def is_comparison(self, start: int, end: int) -> bool:
        """Return whether what stands at ``[start, end)`` is true or false, and nothing else."""
        known = self._comparisons.get((start, end))
        if known is None:
            text = self._source.slice(start, end)
            known = _COMPARISON.search(text) is not None and _CHOICE.search(text) is None
            self._comparisons[start, end] = known
        return known

    def head(self, function: Function) -> tuple[str, frozenset[str]]:
        """Return how a function begins, and the parameters that can only be numbers or the like."""
        known = self._heads.get(function.start)
        if known is None:
            head = self._source.slice(function.start, function.start + HEAD_BYTES) if function.params else ""
            harmless = frozenset(
                group
                for match in _all_of(self._tongue.harmless_types.pattern).finditer(head)
                for group in match.groups()
                if group
            )
            known = self._heads[function.start] = (head, harmless)
        return known


@lru_cache(maxsize=16)
def _all_of(pattern: str) -> re.Pattern[str]:
    """Return the expression that finds, at each place, the name that `pattern` could be said of there."""
    return re.compile("(?=" + pattern.replace("NAME", r"([A-Za-z_$][\w$]*+)") + ")")
