"""What the verbs of a format make of what is put into it.

::

    Sprintf("%d", input)      a number: nothing is left of the input
    Sprintf("%q", input)      quoted: no line break is left
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.flow.taints import Taint
from stemedb_analysis.rules.names import last_part

_VERB: Final = re.compile(r"%[-+# 0]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(\[\d+\])?([a-zA-Z%])")
_QUOTED: Final = frozenset({"log", "header", "mail"})
_FORMATS: Final = frozenset(
    {"Sprintf", "Errorf", "Fprintf", "Printf", "Infof", "Warnf", "Warningf", "Debugf", "Fatalf", "Panicf", "Tracef", "Logf"}
)  # fmt: skip
"""Last parts of Go's calls that take a format."""


def formatted(call: Call, taint_of: Callable[[Expr], Taint | None]) -> list[Taint | None] | None:
    """Return what the arguments of a call with a format carry into the text; ``None`` if it has no format that is known."""
    form = next((arg.value for arg in call.args[:2] if arg.value.kind == "str"), None)
    if form is None or last_part(call.name) not in _FORMATS:
        return None
    found: list[Taint | None] = []
    for verb, value in _holes(call, form):
        carried = taint_of(value)
        kinds = _cleared_by(verb)
        if carried is not None and kinds:
            carried = None if "*" in kinds else carried._replace(cleared=carried.cleared | kinds)
        found.append(carried)
    return found


def cleared_in_format(call: Call, value: Expr) -> frozenset[str]:
    """Return what the verb of a format rules out for one of its arguments: everything (``*``) for a number."""
    form = next((arg.value for arg in call.args[:2] if arg.value.kind == "str"), None)
    if form is None or last_part(call.name) not in _FORMATS:
        return frozenset()
    return next((_cleared_by(verb) for verb, one in _holes(call, form) if one is value), frozenset())


def _holes(call: Call, form: Expr) -> Iterator[tuple[str, Expr]]:
    values = [arg.value for arg in call.args]
    values = values[values.index(form) + 1 :]
    number = 0
    for match in _VERB.finditer(str(form.value)):
        if match[2] == "%":
            continue
        number = int(match[1][1:-1]) - 1 if match[1] else number
        if 0 <= number < len(values):
            yield match[2], values[number]
        number += 1


def _cleared_by(verb: str) -> frozenset[str]:
    if verb in "dtfeEgGUcboxXTp":
        return frozenset({"*"})
    return _QUOTED if verb == "q" else frozenset()
