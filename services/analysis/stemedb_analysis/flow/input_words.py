"""How a file, and then a function, is worded that can read input.

A name that is input is made of words. The last of them is written where it is read, and the others there too, unless something else in the file
gives it another name (`facts.reach` sees to those). Parameters are input by a decorator, or by how they are written.
"""

import re
from typing import Final, NamedTuple

from stemedb_analysis.facts.extract import spellings
from stemedb_analysis.facts.model import Wording
from stemedb_analysis.flow.model import Params, Tongue
from stemedb_analysis.rules.names import last_part
from stemedb_analysis.rules.required import NOTHING, required
from stemedb_analysis.rules.screen import NameNeeds, alternatives, needs_of
from stemedb_analysis.vocabulary import Vocabulary


class Reading(NamedTuple):
    """How input may be read in a file, as `Interest` has it."""

    wordings: tuple[Wording, ...]
    """How a function is worded that reads some."""
    given: frozenset[str]
    """Last parts of decorators that hand some in."""


NO_READING: Final = Reading((), frozenset())


class _Name(NamedTuple):
    """A name whose reading is input."""

    wording: Wording
    """As it stands in a function, but for `last`, which others may have beside them as well."""
    last: str
    needs: NameNeeds


class InputWords:
    """The wordings of input in one language."""

    def __init__(self, tongue: Tongue, unwritten: frozenset[str], language: str) -> None:
        self._hints = [re.compile(one.encode()) for one in alternatives(tongue.hint.pattern.decode())]
        self._names = [
            _named(one, unwritten, language) for name in tongue.names for one in spellings(name, language)
        ]
        # The words of most names are the very hint.
        self._telling = {one.needs for one in self._names if tongue.hint.search(_as_written(one.needs))}
        self._params = [_Written(row, unwritten) for row in tongue.params]
        self._by_word: dict[bytes, list[_Name]] = {}
        for one in self._names:
            # The longest is the rarest, mostly; without any it is looked at in every file.
            self._by_word.setdefault(max(one.needs.words, key=len, default=b""), []).append(one)
        self._words = frozenset(self._by_word)

    def in_file(self, vocabulary: Vocabulary) -> Reading | None:
        """Return how input may be read in a file of these words, ``None`` if it cannot."""
        words: dict[Wording, set[str]] = {}
        has_hint = False
        there = self._words & vocabulary.words
        for wording, last, needs in (
            one for word in sorted({*there, b""}) for one in self._by_word.get(word, ())
        ):
            if needs.met_by(vocabulary) and (
                not wording.is_called or vocabulary.calls_by_name(last.encode())
            ):
                words.setdefault(wording, set()).add(last)
                has_hint = has_hint or needs in self._telling
        wordings = [
            wording._replace(words=frozenset() if "" in lasts else frozenset(lasts))
            for wording, lasts in words.items()
        ]
        given: set[str] = set()
        for row in self._params:
            if row.may_stand_in(vocabulary):
                wordings += row.wordings
                given |= row.given_in(vocabulary)
        if not (wordings or given) or not (
            has_hint or any(hint.search(vocabulary.data) for hint in self._hints)
        ):
            return None
        return Reading(tuple(wordings), frozenset(given))


def _named(name: str, unwritten: frozenset[str], language: str) -> _Name:
    # A name without an owner is a built-in function.
    is_called = language == "python" and name.isidentifier()
    head = name.rpartition(".")[0]
    beside = [word for word in re.findall(r"\*?[A-Za-z0-9_]+\*?", head) if word.strip("*") not in unwritten]
    wording = Wording(
        frozenset(),
        frozenset(word for word in beside if "*" not in word),
        frozenset(word.strip("*") for word in beside if "*" in word),
        is_called,
    )
    return _Name(wording, last_part(name).strip("*"), needs_of(name, unwritten))


def _as_written(needs: NameNeeds) -> bytes:
    """Return the least that a file holds which meets `needs`: words by themselves, parts within others."""
    return b" ".join([*needs.words, *(b"x%bx" % part for part in needs.parts)])


class _Written:
    """Parameters that are input by how they are written."""

    def __init__(self, row: Params, unwritten: frozenset[str]) -> None:
        self._decorators = [
            (last_part(name), needs_of(name, unwritten, decorates=True)) for name in row.decorators
        ]
        self._holds = {word.encode() for word in row.holds}
        self._head = row.head
        heads = required(row.head.pattern) if row.head is not None else NOTHING
        self._told = [[literal.encode() for literal in one] for one in heads]
        # What every head holds stands where such parameters do.
        shared = frozenset.intersection(*heads)
        parts = frozenset(word for literal in shared for word in re.findall(r"\w{3,}", literal)) - {"def"}
        self.wordings = [] if row.decorators else [Wording(frozenset(row.holds), parts=parts)]

    def may_stand_in(self, vocabulary: Vocabulary) -> bool:
        """Return whether a file of these words may have such parameters."""
        if self._holds and self._holds.isdisjoint(vocabulary.words):
            return False
        if self._head is not None and not (
            any(all(map(vocabulary.holds_in_any_case, one)) for one in self._told)
            and vocabulary.finds(self._head)
        ):
            return False
        return not self._decorators or bool(self.given_in(vocabulary))

    def given_in(self, vocabulary: Vocabulary) -> set[str]:
        """Return the last parts of decorators that hand some in, if they may stand in a file of these words."""
        return {last for last, needs in self._decorators if needs.met_by(vocabulary)}
