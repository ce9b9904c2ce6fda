"""One file, from captures to `Facts`: what is alike in all languages.

::

    parse ─▶ captures ─▶ scopes and bindings ─▶ calls, assignments, texts that are of interest ─▶ bodies of functions with sinks
              (C code)     (by text, no nodes)     (few nodes)

Touching a node costs a microsecond or so, slicing the text a tenth of it. So each capture is first judged by its text: a call by the last
part of its name, an assignment by its key, a string by its length. Only what passes is looked at.
"""

from abc import abstractmethod
from collections.abc import Callable
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, Final, Literal, NamedTuple, TypeAlias

from tree_sitter import Node, Tree

from stemedb_analysis.facts.bodies import Walker
from stemedb_analysis.facts.depth import first_below
from stemedb_analysis.facts.languages import TREE_DEPTH_MAX
from stemedb_analysis.facts.layout import flat
from stemedb_analysis.facts.lowering import Lowering
from stemedb_analysis.facts.model import (
    MODULE,
    Assign,
    Body,
    Call,
    Expr,
    Facts,
    Fault,
    Function,
    Import,
    Interest,
    Text,
)
from stemedb_analysis.facts.names import LOCAL, NOT_FOREIGN, UNKNOWN
from stemedb_analysis.facts.reach import Reach, within_reach
from stemedb_analysis.facts.scopes import Binding, Bound, Scopes, ScopeStart

FAULTS_MAX: Final = 20
"""Of one file; the first ones tell what is wrong with it."""
BODIES_MAX: Final = 2000
"""Of one file, those of called functions included."""
CALLERS_MAX: Final = 3
"""How far from a sink callers are looked for."""
MAKERS: Final = (".constructor", ".__init__")
"""What a call of a class runs."""
NAME_BYTES_MAX: Final = 100
"""Of a name that stands for another."""
TEXT_BYTES_MAX: Final = 16_384
"""Of a string literal; longer ones are data."""

_START: Final = attrgetter("start_byte")
_FIRST: Final = itemgetter(0)

Captures: TypeAlias = dict[str, list[Node]]
Role: TypeAlias = Literal["assigned", "argument", "key", "element", "compared", "returned", "other"]


LAST_BYTES: Final = 200
"""Of what is written over several lines, where the last part of its name is."""


class Standing(NamedTuple):
    """Where a string stands."""

    node: Node
    """The string, or all that it is a piece of."""
    parent: Node | None
    is_compared: bool = False


class Collecting(Lowering):
    """All facts of one file."""

    language: ClassVar[str]
    classes_are_seen: ClassVar[bool] = False
    callees_are_whole: ClassVar[bool] = True
    """Whether the capture of what is called is all of it, and not a method's name alone."""
    walker: ClassVar[type[Walker]]
    transparent: ClassVar[frozenset[str]] = frozenset()
    """Kinds of nodes around a string that change nothing about its role: parentheses, conversions, the pieces of a text."""
    joining: ClassVar[frozenset[str]] = frozenset({"+"})
    """Operators that put texts together, or choose between them; any other compares."""

    def __init__(self, data: bytes, interest: Interest, tree: Tree, captures: Captures) -> None:
        super().__init__(data, interest)
        self.calls: list[Call] = []
        self.assigns: list[Assign] = []
        self.imports: list[Import] = []
        self.texts: list[Text] = []
        self.functions: list[Function] = []
        self.defaults: list[tuple[str, Node, int, int]] = []
        """Parameters with a default: the name, the node of the default, where it begins, the scope of the function."""
        self.with_sinks: set[int] = set()
        """Scopes in which a sink is called."""
        self.with_sure_sinks: set[int] = set()
        """Those in which one is that counts without input."""
        self.local_callees: list[tuple[int, str]] = []
        """Places of calls that may be calls of functions of this file, with the name of the function."""
        self._standing_in: dict[int, Standing] = {}
        """By the node around a string, where it stands."""
        self.tree = tree
        self.captures = captures
        self.wanted = interest.calls
        self.keys = interest.keys
        self.sinks = interest.sinks
        self.sure_sinks = interest.sure_sinks

    def nodes(self, name: str) -> list[Node]:
        """Return what a capture has caught, in no order."""
        return self.captures.get(name, [])

    def ordered(self, name: str) -> list[Node]:
        """Return what a capture has caught, in source order. O(n log n)."""
        return sorted(self.captures.get(name, ()), key=_START)

    def pairs(self, first: str, second: str) -> list[tuple[Node, Node]]:
        """Return what two captures of the same patterns have caught, in source order; nothing if they do not pair. O(n log n)."""
        left, right = self.ordered(first), self.ordered(second)
        if len(left) != len(right):
            return []
        return [(a, b) for a, b in zip(left, right, strict=True) if a.start_byte <= b.start_byte]

    def standing(self, node: Node) -> Standing:
        """Return where a string stands, seen from outside of what changes nothing. O(nodes around it), once for all pieces of a text."""
        parent = node.parent
        passed: list[int] = []
        known: Standing | None = None
        while parent is not None and parent.type in self.transparent:
            known = self._standing_in.get(parent.id)
            if known is not None:
                break
            passed.append(parent.id)
            if parent.type == "binary_expression":
                sign = parent.child_by_field_name("operator")
                if sign is not None and sign.type not in self.joining:
                    known = Standing(node, parent, is_compared=True)
                    break
            node, parent = parent, parent.parent
        found = known or Standing(node, parent)
        for one in passed:
            self._standing_in[one] = found
        return found

    @abstractmethod
    def find_scopes(self) -> list[ScopeStart]:
        """Return the functions and classes of the file."""

    @abstractmethod
    def find_bindings(self) -> None:
        """Record imports, parameters and assignments; fill `imports` and `functions`."""

    @abstractmethod
    def find_facts(self) -> None:
        """Fill `calls`, `assigns` and `texts`."""

    def collect(self) -> Facts:
        """Return the facts."""
        self.scopes = Scopes(self.find_scopes(), classes_are_seen=self.classes_are_seen)
        self.find_bindings()
        self._widen()
        self.find_facts()
        self._add_decorated()
        self.calls.sort(key=lambda call: (call.start, call.end))
        self.assigns.sort(key=lambda assign: (assign.start, assign.end))
        self.texts.sort(key=lambda text: text.start)
        bodies = self._bodies()
        return Facts(
            self.language,
            tuple(self.calls),
            tuple(self.assigns),
            tuple(self.imports),
            tuple(self.texts),
            tuple(self.functions),
            bodies,
            (),
            self._faults(),
            settled=self.settled({body.function for body in bodies}),
        )

    def settled(self, _functions: set[int]) -> tuple[tuple[int, frozenset[str]], ...]:
        """Return the parameters of `functions` that every call gives a constant, as `Facts.settled` has it; where nobody else can call them."""
        return ()

    def _widen(self) -> None:
        # What is imported under another name is asked for by that name too.
        for imported in self.imports:
            last = imported.name.rpartition(".")[2]
            if imported.alias == last:
                continue
            self.alias(imported.alias, last)

    def alias(self, alias: str, name: str) -> None:
        """Let a name that is just another name for `name` be asked for like that one."""
        last = name.rpartition(".")[2]
        if self.wanted is not None and last in self.wanted:
            self.wanted |= {alias}
        if self.sinks is not None and last in self.sinks:
            self.sinks |= {alias}
        if last in self.sure_sinks:
            self.sure_sinks |= {alias}

    def is_key(self, key: str) -> bool:
        """Return whether an assignment to `key` is of interest."""
        return self.keys is None or key.lower() in self.keys

    def note_sink(self, name: str, place: int) -> None:
        """Note that something called `name` stands at `place`, in case it is a sink."""
        if self.sinks is None or name in self.sinks:
            scope = self.scopes.at(place)
            self.with_sinks.add(scope)
            if name in self.sure_sinks:
                self.with_sure_sinks.add(scope)

    @abstractmethod
    def result(self, node: Node) -> str:
        """Return what becomes of the result of the call at `node`, as `Call.result` has it."""

    def find_call(self, node: Node, scope: int) -> None:
        """Record the call at `node`."""
        self.calls.append(self.call(node, scope)._replace(result=self.result(node)))

    def last_part(self, text: str) -> str:
        """Return the last part of a written name; behind the dot may be the end of a line, and comments."""
        last = text.rpartition(".")[2]
        return last if last.isidentifier() else flat(text[-LAST_BYTES:], self.between).rpartition(".")[2]

    def find_callees(self) -> None:
        """Record the calls of interest, given that what is called is captured and stands right inside of the call."""
        text, wanted, sinks, last_part = self.text, self.wanted, self.sinks, self.last_part
        found: list[tuple[int, Node]] = []
        own = self._own_names() if sinks is None or (sinks and self.interest.follow) else {}
        asked = None if wanted is None or sinks is None else wanted | sinks | own.keys()
        for callee in self.nodes("callee") if asked is None or asked else ():
            start = callee.start_byte
            last = last_part(text[start : callee.end_byte])
            if asked is not None and last not in asked:
                continue
            if last in own:
                self._note_local(callee, start, last, own[last])
            if (sinks is None or last in sinks) and self._is_named_so(callee, start, self.interest.is_sink):
                self.note_sink(last, start)
            if wanted is None or last in wanted:
                found.append((start, callee))
        # In source order: what is worked out first is remembered, and must not depend on the order of captures.
        found.sort(key=_FIRST)
        for start, callee in found:
            node = callee.parent
            if node is not None and self._is_named_so(callee, start, self.interest.is_called):
                self.find_call(node, self.scopes.at(start))

    def _is_named_so(self, callee: Node, start: int, asked: Callable[[str], bool] | None) -> bool:
        """Return whether a name of the call is `asked` for, as far as it is known: the last part alone says little of ``x.get``."""
        if asked is None or not self.callees_are_whole:
            return True
        name = self.callee(callee, self.scopes.at(start))
        # As `rules.select.call_names` has it: what is called on somebody unknown goes by its written receiver too.
        if name[:1] == ".":
            return asked(name) or asked(self.derived(callee, self.scopes.at(start)))
        return asked(name) or (
            name[:2] == "?." and asked(f"~{''.join(self.flat(start, callee.end_byte).split())}")
        )

    def derived(self, _callee: Node, _scope: int) -> str:
        """Return the class from elsewhere that a class of this file which is constructed here derives from, as `Call.base` has it."""
        return ""

    def _note_local(self, callee: Node, start: int, last: str, others: set[str]) -> None:
        """Note what may be a call of a function of the file; of its name in the file, if that is known, else of its last part."""
        if not self.callees_are_whole:
            self.local_callees += [(start, one) for one in (last, *others)]
            return
        name = self.callee(callee, self.scopes.at(start))
        if name[:1] == ".":
            self.local_callees.append((start, name[1:]))

    def own_name(self, scope: int) -> str:
        """Return the name by which `local_callees` has the function of a scope."""
        return (
            self.scopes.names[scope] if self.callees_are_whole else self.last_part(self.scopes.names[scope])
        )

    def _own_names(self) -> dict[str, set[str]]:
        """Return the last parts of the names of the functions of the file, and what else they go by: ``run = self.execute``. O(bindings)."""
        own: dict[str, set[str]] = {one.name.rpartition(".")[2]: set() for one in self.functions}
        others: dict[str, set[str]] = {}
        for (_, name), bindings in self.scopes.table.items():
            for binding in bindings:
                if binding.bound is Bound.VALUE and binding.value is not None:
                    start, end = binding.value.start_byte, binding.value.end_byte
                    last = self.text[start:end].rpartition(".")[2] if end - start < NAME_BYTES_MAX else ""
                    if last in own and last != name:
                        others.setdefault(name, set()).add(last)
        for name, stands_for in others.items():
            own[name] = own.get(name, set()) | stands_for
        return own

    def find_defaults(self) -> None:
        """Record the defaults of parameters, once all names are bound."""
        for name, node, start, scope in self.defaults:
            if self.is_key(name):
                value = self.lower(node, self.scopes.parent(scope))._replace(origin="default")
                self.assign(f"{self.scopes.names[scope]}.{name}", name, value, start, scope)

    def rebind(self, name: str, scope: int, binding: Binding) -> None:
        """Record an assignment that declares nothing: it belongs to the scope that binds the name."""
        found = self.scopes.find(scope, name)
        self.scopes.bind(found[0] if found else MODULE, name, binding)

    def bring_in(self, name: str, alias: str, node: Node, scope: int) -> None:
        """Record an import."""
        if not name or LOCAL in name:  # a damaged file may hold the sign of local classes
            return
        start, end = node.start_byte, node.end_byte
        self.imports.append(Import(name, alias, start, end))
        if alias not in {"*", "_"}:
            self.scopes.bind(scope, alias, Binding(start, Bound.IMPORT, name))

    def assign(self, target: str, key: str, value: Expr, start: int, scope: int) -> None:
        """Record an assignment that begins at `start` and ends with its value."""
        self.assigns.append(Assign(target, key, value, start, value.end, self.scopes.function(scope)))

    def target(self, text: str, scope: int, place: int) -> str:
        """Return the name of what is assigned to: a variable as written, a member under the name of what it is a member of."""
        owner, dot, key = text.rpartition(".")
        if not dot:
            return text
        meaning = self.dotted(owner, scope, place)
        if meaning[0] == LOCAL:
            base = self.base(int(meaning[1:]))
            meaning = base if base[0] not in NOT_FOREIGN else UNKNOWN
        return f"{meaning}.{key}"

    def add_text(self, node: Node, value: str, role: Role, name: str) -> None:
        """Record a string literal."""
        start = node.start_byte
        self.texts.append(
            Text(value, role, name, start, node.end_byte, self.scopes.function(self.scopes.at(start)))
        )

    def _bodies(self) -> tuple[Body, ...]:
        wordings = self.interest.input
        reading: set[int] | None = None
        """Scopes that may read input; ``None`` if nobody has looked."""
        if self.with_sinks and wordings is not None:
            reach = within_reach(self, wordings) if self.interest.follow else Reach(set(), set())
            self.with_sinks &= reach.scopes
            reading = reach.reading
        if self.interest.follow:
            self._add_callers()
        self.with_sinks |= self.with_sure_sinks
        if not self.with_sinks:
            return ()
        self.flowing = True
        by_name = (
            {name: scope for scope, name in enumerate(self.scopes.names)} if self.interest.follow else {}
        )
        bodies: dict[int, Body] = {}
        left = sorted({self.scopes.outermost(scope) for scope in self.with_sinks})
        # With each body the functions of this file that it calls, for what they return.
        while left and len(bodies) < BODIES_MAX:
            self.local_calls.clear()
            for scope in left:
                node: Any = self.scopes.found[scope].node if scope >= 0 else self.tree.root_node
                steps = self.walker(self).walk(node, scope)
                function = self.scopes.function(scope) if scope >= 0 else MODULE
                bodies[scope] = Body(function, steps, reading is None or scope in reading)
            names = {name[1:] + more for name in self.local_calls for more in ("", *MAKERS)}
            called = {by_name[name] for name in names if name in by_name}
            left = sorted(
                scope
                for scope in called - bodies.keys()
                if not self.scopes.found[scope].is_class and self.scopes.outermost(scope) == scope
            )
        if left:
            self.pass_over(f"more than {BODIES_MAX} functions to follow", self.scopes.found[left[0]].start)
        return tuple(bodies[scope] for scope in sorted(bodies) if bodies[scope].steps)

    def _add_decorated(self) -> None:
        """Let a function whose decorator is asked for as a sink have a body: what it returns is of interest."""
        returning = self.interest.returning
        for one in self.functions:
            lasts = {name.rpartition(".")[2] for name in one.decorators}
            if lasts and (returning is None or not lasts.isdisjoint(returning)):
                scope = self.scopes.at(one.start)
                self.with_sinks.add(scope)
                if not lasts.isdisjoint(self.sure_sinks):
                    self.with_sure_sinks.add(scope)

    def _add_callers(self) -> None:
        """Let functions that call a function with a sink be looked at as well, for what they hand to it. O(calls of functions of the file)."""
        scopes = self.scopes
        for _ in range(CALLERS_MAX):
            names = {self.own_name(scope) for scope in self.with_sinks if scope >= 0}
            found = {scopes.at(start) for start, name in self.local_callees if name in names}
            if found <= self.with_sinks:
                break
            self.with_sinks |= found

    def _faults(self) -> tuple[Fault, ...]:
        faults = [Fault("not understood", node.start_byte) for node in self.ordered("error")[:FAULTS_MAX]]
        faults += [
            Fault(f"missing {node.type}", node.start_byte) for node in self.ordered("missing")[:FAULTS_MAX]
        ]
        if self.left < 0:
            faults.append(Fault("too much to look at: the rest is left out", len(self.data)))
        deep = first_below(self.tree.root_node, TREE_DEPTH_MAX)
        if deep is not None:
            self.pass_over(f"nested deeper than {TREE_DEPTH_MAX}", deep.start_byte)
        faults += [Fault(reason, start) for reason, start in self.passed_over.items()]
        return tuple(sorted(faults, key=lambda fault: fault.start)[:FAULTS_MAX])
