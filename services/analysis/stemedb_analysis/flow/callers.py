"""Parameters that are given constants only: no caller can be anybody else.

::

    func (t *tracker) archive(table string) { db.Exec("DELETE FROM " + table) }       t.archive("consignments")   t.archive("handovers")

Of functions that are not for everybody, and that the file calls: what every call gives as a constant is none of the values that nobody
knows. Only Go and Rust say who can call a function.
"""

import re
from typing import Final

from stemedb_analysis.facts.model import Call, Expr, Facts
from stemedb_analysis.flow.expressions import calls_of
from stemedb_analysis.source import Source

_PUBLIC: Final = re.compile(r"pub\b(?!\((?:self|super)\))")


def constant_params(facts: Facts, source: Source) -> dict[int, frozenset[str]]:
    """Return, by the index of a function, those of its parameters that every call gives a constant. O(steps of bodies)."""
    if facts.language not in {"go", "rust"} or not facts.bodies:
        return {}
    private = {
        one.name: number
        for number, one in enumerate(facts.functions)
        if one.params and _is_private(facts.language, one.name, source.slice(one.start, one.start + 12))
    }
    varied: dict[int, set[str]] = {}
    called: set[int] = set()
    for call in _own_calls(facts):
        number = private.get(call.name[1:])
        if number is None:
            continue
        called.add(number)
        params = facts.functions[number].params
        values = [arg.value for arg in call.args]
        for place, name in enumerate(params):
            if place >= len(values) or not _is_constant(values[place]):
                varied.setdefault(number, set()).add(name)
    return {
        number: frozenset(facts.functions[number].params) - varied.get(number, set()) for number in called
    }


def _own_calls(facts: Facts) -> list[Call]:
    return [
        call
        for body in facts.bodies
        for step in body.steps
        for call in calls_of(step.value)
        if call.name[:1] == "."
    ]


def _is_constant(value: Expr) -> bool:
    return value.kind in {"str", "int", "float", "bool", "bytes"}


def _is_private(language: str, name: str, head: str) -> bool:
    if language == "go":
        return name.rpartition(".")[2][:1].islower() and not name.endswith("lambda")
    return not _PUBLIC.match(head) and not name.endswith("lambda")
