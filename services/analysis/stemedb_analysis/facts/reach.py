"""Which functions input may reach, told before any of them is looked into.

::

    handler: q = request.args["q"]  ──calls──▶ find(q) ──calls──▶ run(sql): db.execute(sql)      input comes down with arguments
    page(): show(load())            ──calls──▶ load(): return request.form                      and up with results

Input is read where a function writes a word of it, or where a decorator hands it some. From there it goes up to callers with results, and
down from all of these with arguments. A sink in any other function is out of its reach, and the function need not be looked into.

It errs towards too many functions: a word is enough, whatever it is a part of, and calls are told by the last part of a name. What imports,
the module and its classes call by another name is looked for under that name too.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from tree_sitter import Node

from stemedb_analysis.facts.model import MODULE
from stemedb_analysis.facts.scopes import Binding, Bound

if TYPE_CHECKING:
    from stemedb_analysis.facts.collecting import Collecting

OTHER_NAMES_MAX: Final = 3
"""Steps from a name to another name for it, and so on."""


def within_reach(of: "Collecting", words: frozenset[str]) -> set[int]:
    """Return the scopes of a file that input may reach, which is read where one of `words` stands. O(functions × words + calls)."""
    scopes, text = of.scopes, of.text
    words = _with_other_names(of, words)
    outermost = [scopes.outermost(scope) for scope in range(len(scopes.found))]
    named: dict[str, set[int]] = {}
    for scope, found in enumerate(scopes.found):
        named.setdefault(of.last_part(found.name), set()).add(outermost[scope])
    calls: dict[int, set[int]] = {}
    for start, last in of.local_callees:
        calls.setdefault(scopes.outermost(scopes.at(start)), set()).update(named.get(last, ()))
    reading = {
        scope
        for scope in set(outermost) - {MODULE}
        if _writes(text, words, scopes.found[scope].start, scopes.found[scope].end)
    }
    if any(_writes(text, words, start, end) for start, end in _between(of, set(outermost))):
        reading.add(MODULE)
    for one in of.functions:
        if any(of.last_part(name) in of.interest.given for name in one.decorators):
            reading.add(scopes.outermost(scopes.at(one.start)))
    reach = _reached(reading, calls)
    return {scope for scope, outer in enumerate(outermost) if outer in reach} | ({MODULE} & reach)


def _reached(reading: set[int], calls: Mapping[int, set[int]]) -> set[int]:
    callers: dict[int, set[int]] = {}
    for caller, called in calls.items():
        for one in called:
            callers.setdefault(one, set()).add(caller)
    return _closure(_closure(reading, callers), calls)


def _closure(start: Iterable[int], edges: Mapping[int, set[int]]) -> set[int]:
    found = set(start)
    left = list(found)
    while left:
        new = edges.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def _with_other_names(of: "Collecting", words: frozenset[str]) -> frozenset[str]:
    """Return `words` with the names that imports, the module and its classes give to what is told of with one of them."""
    found = set(words)
    found.update(one.alias for one in of.imports if of.last_part(one.name) in words)
    shared = [
        (name, bindings)
        for (owner, name), bindings in of.scopes.table.items()
        if owner == MODULE or of.scopes.found[owner].is_class
    ]
    for _ in range(OTHER_NAMES_MAX):
        more = {
            name
            for name, bindings in shared
            if name not in found and any(_tells_of(binding, found, of.text) for binding in bindings)
        }
        if not more:
            break
        found |= more
    return frozenset(found)


def _tells_of(binding: Binding, words: set[str], text: str) -> bool:
    value = binding.value
    if binding.bound is Bound.MEMBER:
        value, member = binding.value
        if member in words:
            return True
    if binding.annotation and _writes(binding.annotation, words, 0, len(binding.annotation)):
        return True
    return isinstance(value, Node) and _writes(text, words, value.start_byte, value.end_byte)


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
