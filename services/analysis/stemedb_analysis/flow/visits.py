"""Calls of functions of the same file, followed with what their arguments carry.

::

    handler: q = request.args["q"]        find(q) ──▶ def find(value): db.execute("… " + value)     the sink tells of the way from the handler
             s = strip(q)                           ──▶ def strip(value): return value.strip()        the result carries what the argument did

A function is walked once for each set of parameters that carry something, so recursion ends and the work is bounded: `DEPTH_MAX` calls deep,
`VISITS_MAX` walks a file. Functions whose name stands for several are not followed.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from stemedb_analysis.facts.model import Body, Call, Facts
from stemedb_analysis.flow.taints import Taint, merged

DEPTH_MAX: Final = 4
VISITS_MAX: Final = 400

Walk: TypeAlias = Callable[[Body, dict[str, Taint]], Taint | None]
"""Walks a body whose parameters carry this, and returns what its result carries."""


class Visits:
    """The functions of one file, as callers reach them."""

    def __init__(self, facts: Facts, walk: Walk) -> None:
        self._functions = facts.functions
        self._names_self = facts.language == "rust"
        self._walk = walk
        self._bodies: dict[str, Body | None] = {}
        for body in facts.bodies:
            if body.function >= 0:
                name = facts.functions[body.function].name
                self._bodies[name] = None if name in self._bodies else body
        self._known: dict[object, Taint | None] = {}
        self._depth = 0

    def __call__(
        self, call: Call, carried: list[Taint | None], own: Taint | None
    ) -> tuple[bool, Taint | None]:
        """Return whether `call` could be followed, and what its result carries, given what its arguments and what it is called on carry."""
        body = self._bodies.get(call.name[1:])
        if body is None or self._depth >= DEPTH_MAX or len(self._known) >= VISITS_MAX:
            return False, None
        params = list(self._functions[body.function].params)
        if params and params[0] in {"self", "cls"}:
            del params[0]
        # Where the object has a name in its methods, it carries into them what it carries; elsewhere the result may hold it.
        given: dict[str, Taint] = {"self": own} if own is not None and self._names_self else {}
        for place, (arg, taint) in enumerate(zip(call.args, carried, strict=True)):
            name = (
                arg.key if arg.key is not None else params[place].lstrip("*") if place < len(params) else ""
            )
            if taint is not None and name:
                given[name] = taint
        key = (body.function, *((name, given[name].cleared, given[name].factor) for name in sorted(given)))
        if key not in self._known:
            self._known[key] = None
            self._depth += 1
            self._known[key] = self._walk(body, given)
            self._depth -= 1
        found = self._known[key]
        return True, found if self._names_self else merged([found, own])
