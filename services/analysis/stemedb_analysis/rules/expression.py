"""Regular expressions of rules, compiled when they are first tried: of more than a thousand, most never are."""

import re
from collections.abc import Callable
from functools import cached_property

from stemedb.errors import InvalidInput


class Expression:
    """One expression, and where it was written."""

    def __init__(self, pattern: str, place: str) -> None:
        self.pattern = pattern
        self._place = place

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        """Return where the expression finds something in a text. Raises `InvalidInput` if it is none."""
        try:
            return re.compile(self.pattern).search
        except re.error as wrong:
            raise InvalidInput(
                self._place, f"got {self.pattern!r:.60}, which is no regular expression: {wrong}"
            ) from wrong

    def check(self) -> None:
        """Raise `InvalidInput` if it is none."""
        self.search  # noqa: B018 - compiled now

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.pattern == self.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)

    def __repr__(self) -> str:
        return f"Expression({self.pattern!r})"
