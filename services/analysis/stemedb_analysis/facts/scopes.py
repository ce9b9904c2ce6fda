"""Where names live: the functions and classes of a file, and what is bound in each.

::

    module (-1) ─┬─ function 0 ── lambda 1
                 └─ class 2 ─┬─ method 3
                             └─ method 4

Scopes are numbered in source order, so a parent comes before its children and the innermost scope of a place is found by bisection.
Class scopes hold class attributes and what methods set on ``self``; in most languages the names in them are not seen from the methods.

It records bindings in the order in which they are told and draws no conclusions: that is `facts.names`.
"""

from bisect import bisect_left, bisect_right
from enum import IntEnum
from typing import Any, Final, NamedTuple

from stemedb_analysis.facts.model import MODULE


class Bound(IntEnum):
    """How a name came to stand for something; what `Binding.value` then holds."""

    IMPORT = 0
    """The dotted name."""
    DEF = 1
    """The name within the file, of a function or constant definition that is not looked into."""
    CLASS = 2
    """The number of the class scope."""
    VALUE = 3
    """The node of the value."""
    PARAM = 4
    """The node of the default, or ``None``."""
    SELF = 5
    """The number of the class scope that the instance belongs to."""
    MEMBER = 6
    """A node and the name of its member: ``const {get} = axios``."""
    OTHER = 7
    """Nothing: a loop variable, a part of a tuple, something added to."""


class Binding(NamedTuple):
    """One place where a name gets a meaning; it holds from the byte `at` on."""

    at: int
    bound: Bound
    value: Any = None
    annotation: str = ""
    """The written type, if there is one."""


class ScopeStart(NamedTuple):
    """A scope as the query finds it, before it has a number."""

    start: int
    end: int
    name: str
    is_class: bool
    node: Any


NOWHERE: Final = -1
FEW: Final = 16
"""Bindings of one name that are gone through one by one; generated code has thousands."""


class Scopes:
    """The scopes of one file and their bindings."""

    def __init__(self, found: list[ScopeStart], *, classes_are_seen: bool) -> None:
        """Number the scopes; `classes_are_seen` if a method sees the names of its class. O(n log n)."""
        found.sort(key=lambda scope: (scope.start, -scope.end))
        self.found = found
        self.starts = [scope.start for scope in found]
        self.parents: list[int] = []
        self.functions: list[int] = []
        """The index of the function that each scope belongs to."""
        self.names: list[str] = []
        self.function_count = 0
        self.table: dict[tuple[int, str], list[Binding]] = {}
        self._placed: dict[int, tuple[list[Binding], list[int], list[int]]] = {}
        """Of long lists of bindings, by identity: the list as it was, the places in order, and the index of the binding at each."""
        self._seen = classes_are_seen
        for scope in found:
            parent = self._enclosing(len(self.parents) - 1, scope.start)
            self.parents.append(parent)
            if scope.is_class:
                self.functions.append(self.functions[parent] if parent >= 0 else MODULE)
            else:
                self.functions.append(self.function_count)
                self.function_count += 1
            prefix = self.names[parent] if parent >= 0 else ""
            self.names.append(f"{prefix}.{scope.name}" if prefix else scope.name)

    def _enclosing(self, scope: int, place: int) -> int:
        found = self.found
        while scope >= 0 and found[scope].end <= place:
            scope = self.parents[scope]
        return scope

    def at(self, place: int) -> int:
        """Return the innermost scope of a place; `MODULE` outside of all. O(log n + depth)."""
        scope = bisect_right(self.starts, place) - 1
        return self._enclosing(scope, place) if scope >= 0 else MODULE

    def function(self, scope: int) -> int:
        """Return the index of the function that a scope belongs to."""
        return self.functions[scope] if scope >= 0 else MODULE

    def parent(self, scope: int) -> int:
        """Return the scope around a scope; `NOWHERE` around the module."""
        return self.parents[scope] if scope >= 0 else NOWHERE

    def class_around(self, scope: int) -> int:
        """Return the nearest class scope that encloses a scope, or `NOWHERE`."""
        while scope >= 0 and not self.found[scope].is_class:
            scope = self.parents[scope]
        return scope

    def outermost(self, scope: int) -> int:
        """Return the outermost function around a scope that is in no other function; `MODULE` if there is none."""
        result = MODULE
        while scope >= 0:
            if not self.found[scope].is_class:
                result = scope
            scope = self.parents[scope]
        return result

    def bind(self, scope: int, name: str, binding: Binding) -> None:
        """Record that `name` means something in `scope`."""
        bindings = self.table.get((scope, name))
        if bindings is None:
            self.table[scope, name] = [binding]
        else:
            bindings.append(binding)

    def find(self, scope: int, name: str) -> tuple[int, list[Binding]] | None:
        """Return the nearest scope, from `scope` outwards, that binds `name`, and its bindings."""
        table = self.table
        first = scope
        while True:
            bindings = table.get((scope, name))
            if bindings is not None and (
                scope == first or scope < 0 or self._seen or not self.found[scope].is_class
            ):
                return scope, bindings
            if scope < 0:
                return None
            scope = self.parents[scope]

    def nearest(self, bindings: list[Binding], place: int) -> int:
        """Return the index of the last binding that holds at `place`, the first of several at one place; 0 if none does. O(log n), once O(n log n)."""
        if len(bindings) == 1:
            return 0
        if len(bindings) <= FEW:
            best = latest = -1
            for index, binding in enumerate(bindings):
                if latest < binding.at <= place:
                    best, latest = index, binding.at
            return max(best, 0)
        known = self._placed.get(id(bindings))
        if known is None or known[0] is not bindings or len(known[1]) != len(bindings):
            order = sorted(range(len(bindings)), key=lambda index: bindings[index].at)
            known = self._placed[id(bindings)] = (bindings, [bindings[index].at for index in order], order)
        _, places, order = known
        found = bisect_right(places, place) - 1
        return order[bisect_left(places, places[found])] if found >= 0 else 0
