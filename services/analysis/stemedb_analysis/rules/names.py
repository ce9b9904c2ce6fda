"""The pattern language of names.

::

    requests.{get,post}      braces: one of these
    *.execute                a star: any run of characters, dots too
    ?.execute                a question mark stands for itself: a receiver that nobody knows
    crypto/tls.Config        the package path of Go is a part of the name

A pattern without a star is looked up, one with a star is tried on those names whose last part it ends with. So the cost of a name does not
grow with the number of rules. Therefore the last part (behind the last dot) is always written out, braces aside.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Generic, TypeVar

from stemedb.errors import InvalidInput

EXPANSIONS_MAX: Final = 2000
"""Of one pattern; more is a mistake with braces."""

_BRACES: Final = re.compile(r"\{([^{}]*)\}")

T = TypeVar("T")


def expand(pattern: str) -> list[str]:
    """Return the patterns that the braces of one stand for; raises `InvalidInput` if they do not pair or are too many."""
    done: list[str] = []
    left = [pattern]
    while left:
        one = left.pop()
        match = _BRACES.search(one)
        if match is None:
            if "{" in one or "}" in one:
                raise InvalidInput(pattern, "a brace without its partner")
            done.append(one)
        else:
            left += [one[: match.start()] + part.strip() + one[match.end() :] for part in match[1].split(",")]
        if len(done) + len(left) > EXPANSIONS_MAX:
            raise InvalidInput(pattern, f"stands for more than {EXPANSIONS_MAX} names")
    return done[::-1]


def last_part(name: str) -> str:
    """Return what stands behind the last dot."""
    return name.rpartition(".")[2]


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the expression for a pattern without braces. ``*.x`` wants something before the dot: ``.x`` is a function of the file itself."""
    text = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.compile(f".+{text[2:]}" if pattern.startswith("*.") else text, re.DOTALL)


def fits(pattern: str, name: str) -> bool:
    """Return whether a pattern without braces stands for `name`."""
    return pattern == name if "*" not in pattern else compiled(pattern).fullmatch(name) is not None


class NameIndex(Generic[T]):
    """What patterns lead to, by name. Built once, then only asked."""

    def __init__(self) -> None:
        self._exact: dict[str, list[T]] = {}
        self._by_last: dict[str, list[tuple[str, T]]] = {}
        self._compiled: dict[str, list[tuple[re.Pattern[str], T]]] = {}
        """The same, of last parts that a name had: most never come up."""

    def add(self, patterns: Iterable[str], item: T) -> None:
        """Let `patterns` (without braces) lead to `item`."""
        for pattern in patterns:
            if "*" in pattern:
                self._by_last.setdefault(last_part(pattern), []).append((pattern, item))
            else:
                self._exact.setdefault(pattern, []).append(item)

    def find(self, name: str) -> list[T]:
        """Return the items of all patterns that fit, each once for each pattern, exact ones first. O(patterns with the same last part)."""
        found = list(self._exact.get(name, ()))
        found += [item for pattern, item in self._ending(name) if pattern.fullmatch(name)]
        return found

    def has(self, name: str) -> bool:
        """Return whether a pattern fits. O(patterns with the same last part)."""
        return name in self._exact or any(pattern.fullmatch(name) for pattern, _ in self._ending(name))

    def _ending(self, name: str) -> list[tuple[re.Pattern[str], T]]:
        """Return the patterns with a star that end as `name` does."""
        last = last_part(name)
        known = self._compiled.get(last)
        if known is None:
            if last not in self._by_last:
                return []
            known = self._compiled[last] = [(compiled(one), item) for one, item in self._by_last[last]]
        return known

    def last_parts(self) -> set[str]:
        """Return the last parts of all patterns: a name that ends otherwise fits none."""
        return {last_part(name) for name in self._exact} | set(self._by_last)
