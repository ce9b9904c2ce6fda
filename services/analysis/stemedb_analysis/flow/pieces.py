"""What is made of several pieces: maps, texts, choices, and lists of which each element is made by a function.

::

    {"name": {"$eq": q}}         compares with the input, and takes no operators from it
    "--name=" + q                input is no option here: it does not begin the text
    test ? a : b                 what is tested is not what is given
    q.map((one) => f(one))       carries what `f` makes of an element

The pass itself (`flow.taint`) knows what names and calls carry.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from stemedb_analysis.facts.constants import items
from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.flow.containers import Box
from stemedb_analysis.flow.expressions import DEPTH_MAX, mapped
from stemedb_analysis.flow.taints import Result, Taint, merged
from stemedb_analysis.flow.texts import Texts
from stemedb_analysis.rules.names import last_part

OPTION: Final = frozenset({"option"})
"""The kind of harm that only the beginning of a text can do."""
DOCUMENT: Final = frozenset({"nosql"})
"""Harm that a text does not do before it is read as a document."""
COMPARED_WITH: Final = frozenset({"$eq"})
"""Keys of query documents whose value is compared with and cannot bring operators."""
_PARAMETER: Final = re.compile(r"(?:async\s*)?(?:function\s*\w*\s*)?\(?\s*\{?\[?\s*([\w$]+)?")
"""The first parameter of a function that is written inside of an expression."""


EDITS: Final = frozenset(
    {"replace", "replaceAll", "match", "sub", "ReplaceAllString", "replace_all", "filter"}
)
"""Last parts of calls that change what a pattern fits, or keep only that; whether it makes harmless is told by the pattern."""
PATHS: Final = frozenset({"join", "resolve"})
"""Last parts of calls that put a path together."""
MAPS: Final = frozenset({"map", "flatMap"})
"""Last parts of calls that make a list of what a function returns for each element."""

FORMATTING: Final = frozenset({"Sprintf", "format", "formatted"})
"""Last parts of calls that put text together."""
OWN: Final = "this."
"""How the fields of an instance begin in its methods."""


class Pieces(ABC):
    """What expressions of several parts carry, by what their parts do."""

    texts: Texts
    carried: dict[str, Taint]
    boxes: dict[str, Box]
    built: set[str]
    tells_documents: bool
    """Whether it is known what makes a document of a text."""
    seen: dict[int, Taint | None]
    """What calls gave in this step, by the call: a chain asks its links more than once, and would cost the power of its length."""

    @abstractmethod
    def taint(self, expr: Expr, depth: int = 0) -> Taint | None:
        """Return what `expr` carries."""

    @abstractmethod
    def of_call(self, call: Call, expr: Expr, depth: int) -> Taint | None:
        """Return what a call gives."""

    @abstractmethod
    def behind_host(self, expr: Expr, found: Taint, depth: int) -> Taint:
        """Return what text carries that is put together: behind a host that stands already, input chooses none."""

    def of_dict(self, pairs: tuple[tuple[Expr, Expr], ...], depth: int) -> Taint | None:
        """Return what a map carries; what it only compares with brings no operators."""
        found: list[Taint | None] = []
        for key, value in pairs:
            carried = self.taint(value, depth + 1)
            if carried is not None and key.kind == "str" and key.value in COMPARED_WITH:
                carried = carried._replace(cleared=carried.cleared | {"nosql"})
            found += (self.taint(key, depth + 1), carried)
        return merged(found)

    def of_concat(self, expr: Expr, depth: int) -> Taint | None:
        """Return what a text carries that was put together: where in it input stands matters to some kinds of harm."""
        found: list[Taint | None] = []
        for place, part in enumerate(items(expr)):
            one = self.taint(part, depth + 1)
            found.append(one._replace(cleared=one.cleared | OPTION) if one is not None and place else one)
        carried = merged(found)
        if carried is None:
            return None
        carried = self.behind_host(expr, carried, depth)
        return carried._replace(cleared=carried.cleared | DOCUMENT) if self.tells_documents else carried

    def chosen(self, parts: tuple[Expr, ...]) -> tuple[Expr, ...]:
        """Return the parts of an expression that it may give: not the condition of ``test ? a : b``."""
        if len(parts) != 3:
            return parts
        between = self.texts.slice(parts[0].end, min(parts[1].start, parts[0].end + 20))
        return parts[1:] if "?" in between else parts

    def once(self, call: Call, expr: Expr, depth: int) -> Taint | None:
        """Return what a call gives, worked out once in a step."""
        place = id(call)
        if place not in self.seen:
            self.seen[place] = self.of_call(call, expr, depth)
        return self.seen[place]

    def of_closure(self, call: Call, last: str, depth: int) -> tuple[bool, Taint | None]:
        """Return what a call carries whose elements a function makes that is written among its arguments; whether it is one."""
        if call.receiver is None or not call.args:
            return False, None
        closure = mapped(call)
        if closure is not None:
            return True, self._through(*closure, self.taint(call.receiver, depth + 1), depth)
        if last not in MAPS:
            return False, None
        one = call.args[0].value
        if one.kind == "name":
            made = Call(str(one.value), (Arg(None, call.receiver),), call.start, call.end)
            return True, self.of_call(made, one, depth + 1)
        param = _PARAMETER.match(self.texts.slice(one.start, min(one.end, one.start + 80)))
        if one.kind != "other" or not one.value or param is None:
            return False, None
        names = (param[1],) if param[1] else ()
        return True, self._through(names, one, self.taint(call.receiver, depth + 1), depth)

    def _through(self, names: tuple[str, ...], value: Expr, given: Taint | None, depth: int) -> Taint | None:
        """Return what a closure makes of what it is given."""
        before = {name: self.carried.get(name) for name in names}
        for name, taint in dict.fromkeys(names, given).items():
            self.set_carried(name, taint)
        parts = items(value) if value.kind == "other" else (value,)
        found = merged([self.taint(part, depth + 1) for part in parts])
        for name, taint in before.items():
            self.set_carried(name, taint)
        return found

    def set_carried(self, name: str, taint: Taint | None) -> None:
        """Let a name carry this, or nothing."""
        self.seen.clear()
        if taint is None:
            self.carried.pop(name, None)
        else:
            self.carried[name] = taint

    def result(self, expr: Expr) -> Result:
        """Return what a function gives back with `expr`, each element of a tuple by itself."""
        if expr.kind == "list" and isinstance(expr.value, tuple) and len(expr.value) > 1:
            return [self.taint(item) for item in expr.value]
        return [self.taint(expr)]

    def members(self) -> dict[str, Taint]:
        """Return what the members of the object carry now, by ``self.name``."""
        found = {name: taint for name, taint in self.carried.items() if name.startswith("self.")}
        for name, box in self.boxes.items():
            whole = box.whole() if name.startswith("self.") else None
            if whole is not None:
                found[name] = whole
        return found

    def carry(self, fields: Mapping[str, Taint]) -> None:
        """Let the fields of an instance carry what other methods put there."""
        self.carried.update(fields)

    def fields(self) -> dict[str, Taint]:
        """Return what the fields of the instance carry now, as far as it is input."""
        held = {name: box.whole() for name, box in self.boxes.items()} | dict(self.carried)
        return {
            name: taint
            for name, taint in held.items()
            if taint is not None and taint.is_input and name.startswith(OWN)
        }

    def is_built(self, expr: Expr, kind: str, depth: int = 0) -> bool:
        """Return whether `expr` is text put together from parts one of which nobody knows to be free of `kind`."""
        if depth > DEPTH_MAX:
            return False
        if expr.kind == "concat" and isinstance(expr.value, tuple):
            return any(self._is_unknown(part, kind, depth + 1) for part in expr.value)
        if expr.kind == "name":
            return str(expr.value) in self.built and self._is_unknown(expr, kind, depth + 1)
        if expr.kind == "call" and isinstance(expr.value, Call) and last_part(expr.value.name) in FORMATTING:
            return any(self._is_unknown(arg.value, kind, depth + 1) for arg in expr.value.args)
        return False

    def _is_unknown(self, expr: Expr, kind: str, depth: int) -> bool:
        carried = self.taint(expr, depth)
        return carried is not None and carried.harms(kind)
