"""Which functions input may reach, told before any of them is looked into.

::

    handler: q = request.args["q"]  ──calls──▶ find(q) ──calls──▶ run(sql): db.execute(sql)      input comes down with arguments
    page(): show(load())            ──calls──▶ load(): return request.form                      and up with results

Input is read where a function is worded so, or where a decorator hands it some. From there it goes up to callers with results, and
down from all of these with arguments. A sink in any other function is out of its reach, and the function need not be looked into.

It errs towards too many functions: words are enough, wherever they stand. What imports,
the module and its classes call by another name is looked for under that name too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tree_sitter import Node

from stemedb_analysis.called import is_called
from stemedb_analysis.facts.model import MODULE, Wording
from stemedb_analysis.facts.scopes import Bound, ScopeStart

if TYPE_CHECKING:
    from stemedb_analysis.facts.collecting import Collecting

OTHER_NAMES_MAX: Final = 3
"""Steps from a name to another name for it, and so on."""
NESTING_MAX: Final = 3
"""Of arguments in arguments, that are left out."""
_ARGUMENTS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_KEPT: Final = re.compile(r"\bthis\.([A-Za-z_]\w*)\s*=(?!=)")
_WORKED_OUT: Final = re.compile(r"\bthis\.([A-Za-z_]\w*)\s*=\s*[^=;{}]*\(")
_NAMELESS: Final = frozenset({"*", "_", "."})
"""Aliases of imports that name nothing."""


class Reach(NamedTuple):
    """How far input gets in a file."""

    scopes: set[int]
    """Those that it may reach."""
    reading: set[int]
    """The outermost of those that it may reach without being handed some."""


def within_reach(of: "Collecting", wordings: Sequence[Wording]) -> Reach:
    """Return where input may be in a file, which is read where one of `wordings` fits. O(functions × words + calls)."""
    scopes = of.scopes
    reads = _Reads(of, wordings)
    outermost = [scopes.outermost(scope) for scope in range(len(scopes.found))]
    named: dict[str, set[int]] = {}
    for scope, outer in enumerate(outermost):
        named.setdefault(of.own_name(scope), set()).add(outer)
    calls: dict[int, set[int]] = {}
    for start, name in of.local_callees:
        calls.setdefault(scopes.outermost(scopes.at(start)), set()).update(named.get(name, ()))
    functions = set(outermost) - {MODULE}
    # What a function is given to, or is set as, stands on the line where it begins.
    reading = {
        scope
        for scope in functions
        if reads.fit(of.text.rfind("\n", 0, scopes.found[scope].start) + 1, scopes.found[scope].end)
    }
    if any(reads.fit(start, end) for start, end in _between(of, functions)):
        reading.add(MODULE)
    for one in of.functions:
        if any(of.last_part(name) in of.interest.given for name in one.decorators):
            reading.add(scopes.outermost(scopes.at(one.start)))
    if of.shares_fields:
        kept = {name for scope in reading - {MODULE} for name in _kept(of.text, scopes.found[scope])}
        reading |= {
            scope
            for scope in functions - reading
            if kept and _writes(of.text, kept, *_range(scopes.found[scope]))
        }
    reading = _closure(reading, _callers(calls))
    reach = _closure(reading, calls)
    scopes_within = {scope for scope, outer in enumerate(outermost) if outer in reach}
    return Reach(scopes_within | ({MODULE} & reach), reading)


def keepers(of: "Collecting", sinks: set[int]) -> set[int]:
    """Return the scopes of functions that keep in a field what they work out, of those fields that functions in `sinks` speak of. O(bytes)."""
    found = of.scopes.found
    functions = {of.scopes.outermost(scope) for scope in range(len(found))} - {MODULE}
    setting = {scope: set(_WORKED_OUT.findall(of.text, *_range(found[scope]))) for scope in functions - sinks}
    kept = set().union(*setting.values())
    spoken = {
        name
        for name in kept
        if any(_writes(of.text, (name,), *_range(found[scope])) for scope in sinks if scope >= 0)
    }
    return {scope for scope, names in setting.items() if not names.isdisjoint(spoken)}


def _kept(text: str, found: ScopeStart) -> list[str]:
    """Return the fields that a function sets: what it reads may be found there by others."""
    return _KEPT.findall(text, *_range(found))


def _range(found: ScopeStart) -> tuple[int, int]:
    return found.start, found.end


def _callers(calls: Mapping[int, set[int]]) -> dict[int, set[int]]:
    callers: dict[int, set[int]] = {}
    for caller, called in calls.items():
        for one in called:
            callers.setdefault(one, set()).add(caller)
    return callers


def _closure(start: Iterable[int], edges: Mapping[int, set[int]]) -> set[int]:
    found = set(start)
    left = list(found)
    while left:
        new = edges.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


class _Looked(NamedTuple):
    """A wording with all the names that what it speaks of goes by here."""

    beside: list[list[str]]
    parts: list[list[str]]
    words: list[str]
    called: frozenset[str]
    """Those that must be called."""


class _Reads:
    """The wordings of one file, with the other names that are in use there for what they speak of."""

    def __init__(self, of: "Collecting", wordings: Sequence[Wording]) -> None:
        self._text, self._data = of.text, of.data
        self._shared = list(_shared(of))
        self._stars = [one.name for one in of.imports if one.alias in _NAMELESS]
        classes = (scope for scope, found in enumerate(of.scopes.found) if found.is_class)
        self._bases = [base for scope in classes for base in of.base_types(scope)]
        known = {part: self._beside(part) for one in wordings for part in one.beside | one.parts}
        self._wordings = [
            _Looked(
                [names for part in one.beside if (names := known[part]) is not None],
                [names for part in one.parts if (names := known[part]) is not None],
                [*(() if one.is_called else one.words), *self._others(one.words)],
                one.words if one.is_called else frozenset(),
            )
            for one in wordings
        ]

    def fit(self, start: int, end: int) -> bool:
        """Return whether one of the wordings fits the text at ``[start, end)``."""
        text = self._text
        return any(
            all(any(text.find(name, start, end) >= 0 for name in names) for names in one.parts)
            and all(_writes(text, names, start, end) for names in one.beside)
            and (not (one.words or one.called) or self._is_written(one, start, end))
            for one in self._wordings
        )

    def _is_written(self, one: "_Looked", start: int, end: int) -> bool:
        return _writes(self._text, one.words, start, end) or any(
            is_called(self._data, word.encode(), start, end) for word in one.called
        )

    def _beside(self, part: str) -> list[str] | None:
        """Return under which names `part` is known, ``None`` if it need not be named: all of a module is imported, or a class inherits it."""
        names = [part, *self._others({part})]
        inherited = any(name in base for name in names for base in self._bases)
        return None if inherited or any(part in name for name in self._stars) else names

    def _others(self, words: Iterable[str]) -> set[str]:
        """Return the names by which what is told with one of `words` goes as well."""
        words = list(words)
        found: set[str] = set()
        for _ in range(OTHER_NAMES_MAX):
            known = [*words, *found]
            more = {
                name
                for name, text in self._shared
                if name not in found and any(word in text for word in known)
            }
            if not more:
                break
            found |= more
        return found


def _shared(of: "Collecting") -> Iterator[tuple[str, str]]:
    """Yield the names that functions share: those that imports, the module and its classes bind, each with what is written of it."""
    for one in of.imports:
        if one.alias not in _NAMELESS and one.alias != one.name:
            yield one.alias, one.name
    for (owner, name), bindings in of.scopes.table.items():
        if owner == MODULE or of.scopes.found[owner].is_class:
            for binding in bindings:
                value = binding.value
                if binding.bound is Bound.MEMBER:
                    value, member = binding.value
                    yield name, member
                if binding.annotation:
                    yield name, binding.annotation
                if isinstance(value, Node) and value.type not in of.types_of_literals:
                    yield name, _without_arguments(of.text[value.start_byte : value.end_byte])


def _without_arguments(text: str) -> str:
    """Return how a value is reached: what it is called with says nothing of what it is, but for ``require("fs")``."""
    if "require(" in text or "import(" in text:
        return text
    for _ in range(NESTING_MAX):
        if "(" not in text:
            break
        text = _ARGUMENTS.sub("", text)
    return text


def _between(of: "Collecting", functions: set[int]) -> Iterator[tuple[int, int]]:
    """Yield what of a file is in none of `functions` and in no import."""
    found = of.scopes.found
    taken = [(found[scope].start, found[scope].end) for scope in functions if scope >= 0]
    taken += [(one.start, one.end) for one in of.imports]
    at = 0
    for start, end in sorted(taken):
        if at < start:
            yield at, start
        at = max(at, end)
    yield at, len(of.text)


def _writes(text: str, words: Iterable[str], start: int, end: int) -> bool:
    """Return whether one of `words` stands in ``text[start:end]``, and not as a part of a longer one."""
    for word in words:
        at = text.find(word, start, end)
        while at >= 0:
            after = at + len(word)
            if not (_is_inside(text, at - 1) or _is_inside(text, after)):
                return True
            at = text.find(word, after, end)
    return False


def _is_inside(text: str, place: int) -> bool:
    return 0 <= place < len(text) and (text[place].isalnum() or text[place] == "_")
