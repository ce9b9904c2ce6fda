"""The words by which a file, and then a function, is told that can read input.

A name that is input is made of words, the last of which is written where it is read, unless something else in the file gives it another name
(`facts.reach` sees to those). Parameters are input by a decorator, or by how they are written. Where the names go on behind what is known
(``starlette.requests.Request.*``), no last word tells, and any function may read some.
"""

from typing import NamedTuple

from stemedb_analysis.flow.model import Params, Tongue
from stemedb_analysis.rules.names import last_part
from stemedb_analysis.rules.screen import Needs, needs_of
from stemedb_analysis.vocabulary import Vocabulary


class Reading(NamedTuple):
    """How input may be read in a file, as `Interest` has it."""

    words: frozenset[str] | None
    """Words one of which a function must write; ``None``: any may read some."""
    given: frozenset[str]
    """Last parts of decorators that hand some in."""


class InputWords:
    """The words of input in one language."""

    def __init__(self, tongue: Tongue, unwritten: frozenset[str]) -> None:
        self._hint = tongue.hint
        self._names = [(last_part(name), needs_of(name, unwritten)) for name in tongue.names]
        self._params = [_Written(row, unwritten) for row in tongue.params]

    def in_file(self, vocabulary: Vocabulary) -> Reading | None:
        """Return how input may be read in a file of these words, ``None`` if it cannot."""
        found = {last for last, needs in self._names if needs.met_by(vocabulary)}
        given: set[str] = set()
        for row in self._params:
            if row.may_stand_in(vocabulary):
                found |= row.words
                given |= row.given
        if not (found or given) or self._hint.search(vocabulary.data) is None:
            return None
        return Reading(None if "*" in found else frozenset(found), frozenset(given))


class _Written:
    """Parameters that are input by how they are written."""

    def __init__(self, row: Params, unwritten: frozenset[str]) -> None:
        self._decorators: list[Needs] = [needs_of(name, unwritten) for name in row.decorators]
        self._holds = {word.encode() for word in row.holds}
        self.given = {last_part(name) for name in row.decorators}
        self.words = set() if row.decorators else set(row.holds) or {"*"}

    def may_stand_in(self, vocabulary: Vocabulary) -> bool:
        """Return whether a file of these words may have such parameters."""
        if self._holds and self._holds.isdisjoint(vocabulary.words):
            return False
        return not self._decorators or any(one.met_by(vocabulary) for one in self._decorators)
