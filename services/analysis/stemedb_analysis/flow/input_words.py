"""How a file, and then a function, is worded that can read input.

A name that is input is made of words. The last of them is written where it is read, and the others there too, unless something else in the file
gives it another name (`facts.reach` sees to those). Parameters are input by a decorator, or by how they are written.
"""

import re
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Wording
from stemedb_analysis.flow.model import Params, Tongue
from stemedb_analysis.rules.names import last_part
from stemedb_analysis.rules.screen import Needs, alternatives, needs_of
from stemedb_analysis.vocabulary import Vocabulary


class Reading(NamedTuple):
    """How input may be read in a file, as `Interest` has it."""

    wordings: tuple[Wording, ...]
    """How a function is worded that reads some."""
    given: frozenset[str]
    """Last parts of decorators that hand some in."""


NO_READING: Final = Reading((), frozenset())


class InputWords:
    """The wordings of input in one language."""

    def __init__(self, tongue: Tongue, unwritten: frozenset[str]) -> None:
        self._hints = [re.compile(one.encode()) for one in alternatives(tongue.hint.pattern.decode())]
        self._names = [
            (_beside(name, unwritten), last_part(name).strip("*"), needs)
            for name in tongue.names
            for needs in (needs_of(name, unwritten),)
        ]
        # The words of most names are the very hint.
        self._telling = {needs for _, _, needs in self._names if tongue.hint.search(_as_written(needs))}
        self._params = [_Written(row, unwritten) for row in tongue.params]

    def in_file(self, vocabulary: Vocabulary) -> Reading | None:
        """Return how input may be read in a file of these words, ``None`` if it cannot."""
        words: dict[frozenset[str], set[str]] = {}
        has_hint = False
        for beside, last, needs in self._names:
            if needs.met_by(vocabulary):
                words.setdefault(beside, set()).add(last)
                has_hint = has_hint or needs in self._telling
        wordings = [
            Wording(frozenset() if "" in lasts else frozenset(lasts), beside)
            for beside, lasts in words.items()
        ]
        given: set[str] = set()
        for row in self._params:
            if row.may_stand_in(vocabulary):
                wordings += row.wordings
                given |= row.given
        if not (wordings or given) or not (
            has_hint or any(hint.search(vocabulary.data) for hint in self._hints)
        ):
            return None
        return Reading(tuple(wordings), frozenset(given))


def _as_written(needs: Needs) -> bytes:
    """Return the least that a file holds which meets `needs`: words by themselves, parts within others."""
    return b" ".join([*needs.words, *(b"x%bx" % part for part in needs.parts)])


def _beside(name: str, unwritten: frozenset[str]) -> frozenset[str]:
    head = name.rpartition(".")[0]
    return frozenset(word for word in re.findall(r"[A-Za-z0-9_]+", head) if word not in unwritten)


class _Written:
    """Parameters that are input by how they are written."""

    def __init__(self, row: Params, unwritten: frozenset[str]) -> None:
        self._decorators: list[Needs] = [needs_of(name, unwritten) for name in row.decorators]
        self._holds = {word.encode() for word in row.holds}
        self.given = {last_part(name) for name in row.decorators}
        self.wordings = [] if row.decorators else [Wording(frozenset(row.holds))]

    def may_stand_in(self, vocabulary: Vocabulary) -> bool:
        """Return whether a file of these words may have such parameters."""
        if self._holds and self._holds.isdisjoint(vocabulary.words):
            return False
        return not self._decorators or any(one.met_by(vocabulary) for one in self._decorators)
