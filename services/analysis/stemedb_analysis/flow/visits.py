"""Calls of functions of the same file, followed with what their arguments carry.

::

    handler: q = request.args["q"]        find(q) ──▶ def find(value): db.execute("… " + value)     the sink tells of the way from the handler
             s = strip(q)                           ──▶ def strip(value): return value.strip()        the result carries what the argument did
             r = Report(conn, q); r.rows()          ──▶ def __init__(self, conn, q): self.q = q       the member carries it into `rows`

A function is walked once for each set of parameters that carry something, so recursion ends and the work is bounded: `DEPTH_MAX` calls deep,
`VISITS_MAX` walks a file. Functions whose name stands for several are not followed.

What a method of JavaScript puts into a field is known to the methods of the class that are walked later.

Members are known by class, not by object: what one instance was given all of them have from then on. A class without a constructor of its own (a
data class) is taken as a whole: any of its members carries what the object does.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from stemedb_analysis.facts.model import Body, Call, Facts
from stemedb_analysis.flow.expressions import calls_of
from stemedb_analysis.flow.taints import Taint, merged
from stemedb_analysis.rules.names import last_part

DEPTH_MAX: Final = 4
VISITS_MAX: Final = 400
OBJECTS: Final = frozenset({"self", "cls"})
"""What methods call the object that they are called on (Python)."""
MAKERS: Final = ("__init__", "constructor")
"""Names of the methods that a call of their class runs."""

_ESCAPING: Final = re.compile(r"(?i)escape|encode|saniti[sz]e|clean|strip|quote|filter|alnum|digits|letters")
_BY_CHARACTER: Final = frozenset({"toCharArray", "charAt", "chars", "codePoints", "codePointAt"})
"""Last parts of calls by which a function goes through a text character by character: if it is called so, to escape them."""

Walk: TypeAlias = Callable[[Body, dict[str, Taint], dict[str, Taint]], Taint | None]
"""Walks a body whose parameters carry this, fills in what the members of its object carry afterwards, and returns what its result carries."""


class Visits:
    """The functions of one file, as callers reach them."""

    def __init__(self, facts: Facts, walk: Walk) -> None:
        self._functions = facts.functions
        self._names_self = facts.language == "rust"
        self._writes_bare = facts.language == "java"
        """Whether a field goes by its bare name, too."""
        self._is_exact = facts.language not in {"javascript", "typescript"}
        """Whether a function is given as many arguments as it takes; what is more belongs to the last parameter."""
        self._walk = walk
        self._bodies: dict[str, Body | None] = {}
        for body in facts.bodies:
            if body.function >= 0:
                name = facts.functions[body.function].name
                self._bodies[name] = None if name in self._bodies else body
        self._knows_members = facts.language == "python"
        self._members: dict[str, dict[str, Taint]] = {}
        """By class, what its members carry, as ``self.name``."""
        self.fields: dict[str, dict[str, Taint]] = {}
        """By class, what input is in the fields of its instances, as ``this.name``."""
        self._known: dict[object, Taint | None] = {}
        self._depth = 0

    @property
    def holds_members(self) -> bool:
        """Whether an object of some class was given something that its methods know."""
        return any(self._members.values())

    def keep(self, owner: str, fields: dict[str, Taint]) -> None:
        """Remember what the fields of the instances of a class carry."""
        if fields:
            self.fields.setdefault(owner, {}).update(fields)

    def held(self, owner: str, params: tuple[str, ...]) -> dict[str, Taint]:
        """Return what input the fields of the instances of a class hold, by the names that a method with these `params` knows them under."""
        fields = self.fields.get(owner, {})
        if not self._writes_bare or not fields:
            return fields
        bare = {name.removeprefix("this."): taint for name, taint in fields.items()}
        return fields | {name: taint for name, taint in bare.items() if name not in params}

    def __call__(
        self, call: Call, carried: list[Taint | None], own: Taint | None
    ) -> tuple[bool, Taint | None]:
        """Return whether `call` could be followed, and what its result carries, given what its arguments and what it is called on carry."""
        name = call.name[1:]
        body = self._bodies.get(name)
        if body is None:
            self._construct(name, call, carried)
            return False, None
        return self._follow(name, body, call, carried, own)

    def _construct(self, name: str, call: Call, carried: list[Taint | None]) -> None:
        for maker in MAKERS:
            body = self._bodies.get(f"{name}.{maker}")
            if body is not None and any(carried):
                self._follow(f"{name}.{maker}", body, call, carried, None)

    def _follow(
        self, name: str, body: Body, call: Call, carried: list[Taint | None], own: Taint | None
    ) -> tuple[bool, Taint | None]:
        if self._depth >= DEPTH_MAX or len(self._known) >= VISITS_MAX:
            return False, None
        params = list(self._functions[body.function].params)
        owner = name.rpartition(".")[0]
        # Where the object has a name in its methods, it carries into them what it carries; elsewhere the result may hold it.
        given: dict[str, Taint] = {"self": own} if own is not None and self._names_self else {}
        if params and params[0] in OBJECTS:
            first = params.pop(0)
            given |= self._members.get(owner, {})
            if own is not None and f"{owner}.__init__" not in self._bodies and self._knows_members:
                given[first] = own
        for place, (arg, taint) in enumerate(zip(call.args, carried, strict=True)):
            at = min(place, len(params) - 1) if self._is_exact else place
            param = (
                arg.key if arg.key is not None else params[at].lstrip("*") if 0 <= at < len(params) else ""
            )
            if taint is not None and param:
                given[param] = taint if param not in given else merged([given[param], taint]) or taint
        if _ESCAPING.search(last_part(call.name)) and _goes_by_character(body):
            return True, None
        fields = self.fields.get(owner, {})
        may_tell = body.reads or given or fields or self.holds_members
        found = self._walked(name, body, given, fields) if may_tell else None
        if self._writes_bare and _gives_itself(body):
            # A builder: what it was given is in the object that it returns.
            found = merged([found, *carried])
        return True, found if self._names_self or self._knows_members else merged([found, own])

    def _walked(
        self, name: str, body: Body, given: dict[str, Taint], fields: dict[str, Taint]
    ) -> Taint | None:
        """Return what the result of a function carries that is given this."""
        key = (
            body.function,
            *((one, given[one].cleared, given[one].factor) for one in sorted(given)),
            *((one, fields[one].cleared) for one in sorted(fields)),
        )
        if key not in self._known:
            self._known[key] = None
            self._depth += 1
            members: dict[str, Taint] = {}
            self._known[key] = self._walk(body, given, members)
            self._depth -= 1
            if name.endswith(".__init__") and self._knows_members:
                self._members.setdefault(name.rpartition(".")[0], {}).update(members)
        return self._known[key]


def _gives_itself(body: Body) -> bool:
    return any(
        step.op == "return" and step.value.kind == "name" and step.value.value == "this"
        for step in body.steps
    )


def _goes_by_character(body: Body) -> bool:
    return any(last_part(one.name) in _BY_CHARACTER for step in body.steps for one in calls_of(step.value))
