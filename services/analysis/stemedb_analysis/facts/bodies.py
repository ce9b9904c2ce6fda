"""What a function does, step by step: the input of the flow pass.

Statements become steps in source order. Branches that constants rule out are left out, the others follow one another; the functions that are
written inside of a function follow where they are written, for that is where what they use is known. Conditions are the `guards` of the
steps they enclose.

Each language has a table from statement types to methods. What the table does not know is taken for an expression.

Termination: nesting is bounded by `DEPTH_MAX`, the steps of one body by `STEPS_MAX`; what is passed over for it is a fault of the file.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from tree_sitter import Node

from stemedb_analysis.facts.constants import is_scalar, items, truth
from stemedb_analysis.facts.model import Expr, Step

if TYPE_CHECKING:
    from stemedb_analysis.facts.collecting import Collecting

DEPTH_MAX: Final = 80
"""Of nested statements."""
STEPS_MAX: Final = 4000
"""Of one body; longer functions are generated."""
GUARDS_MAX: Final = 4
"""Of one step: the nearest ones."""

Walk: TypeAlias = Callable[[Any, Node], None]


class Walker:
    """Walks the statements of one body."""

    table: ClassVar[dict[str, Walk]] = {}
    functions: ClassVar[frozenset[str]] = frozenset()
    """Node types of functions."""
    function_signs: ClassVar[tuple[str, ...]] = ()
    """One of these stands in every function that is written inside of an expression."""
    skipped: ClassVar[frozenset[str]] = frozenset({"comment", "line_comment", "block_comment"})

    def __init__(self, of: "Collecting") -> None:
        self.of = of
        self.steps: list[Step] = []
        self.scope = -1
        self.guards: tuple[Expr, ...] = ()
        self.depth = 0

    def walk(self, node: Node, scope: int) -> tuple[Step, ...]:
        """Return the steps of the function (or module) at `node`."""
        self.scope = scope
        if scope < 0:
            self.inner(node)
        else:
            self.function_body(node)
        return tuple(self.steps)

    def statement(self, node: Node | None) -> None:
        """Take the steps of one statement."""
        if node is None:
            return
        if self.depth > DEPTH_MAX or len(self.steps) >= STEPS_MAX:
            self._pass_over(node)
            return
        kind = node.type
        if kind in self.skipped:
            return
        self.depth += 1
        method = self.table.get(kind)
        if method is not None:
            method(self, node)
        elif kind in self.functions:
            self.function(node)
        else:
            self.evaluate(node)
        self.depth -= 1

    def inner(self, node: Node) -> None:
        """Take the statements inside of a block."""
        for child in node.named_children:
            self.statement(child)

    def nothing(self, node: Node) -> None:
        """Take a statement that does nothing."""

    def function(self, node: Node) -> None:
        """Take a function inside of the function; at the top of a file it has a body of its own."""
        if self.scope < 0:
            return
        outer = self.scope
        self.scope = self.of.scopes.at(node.start_byte)
        self.function_body(node)
        self.scope = outer

    def function_body(self, node: Node) -> None:
        """Take the statements of a function, or the result of one that is an expression."""
        body = node.child_by_field_name("body")
        if body is not None:
            self.statement(body)

    def lower(self, node: Node) -> Expr:
        """Return the expression at `node`."""
        return self.of.lower(node, self.scope)

    def emit(self, op: Any, target: str, value: Expr) -> None:
        """Add a step."""
        if len(self.steps) < STEPS_MAX:
            self.steps.append(Step(op, target, value, self.guards))

    def _pass_over(self, node: Node) -> None:
        """Note that what stands at `node` is not looked at, for one reason or the other."""
        is_deep = self.depth > DEPTH_MAX
        reason = f"statements nested deeper than {DEPTH_MAX}" if is_deep else f"more than {STEPS_MAX} steps"
        self.of.pass_over(reason, node.start_byte)

    def evaluate(self, node: Node) -> None:
        """Take an expression whose value is dropped."""
        value = self.lower(node)
        if value.kind != "other" or value.value:
            self.emit("call", "", value)
        self.lambdas(node)

    def give(self, node: Node | None) -> None:
        """Take a ``return``."""
        if node is not None:
            self.emit("return", "", self.lower(node))
            self.lambdas(node)

    def put(self, target: Node | None, value: Node | None, op: str = "assign") -> None:
        """Take an assignment."""
        if target is None or value is None:
            return
        if value.type in self.functions:
            self.function(value)
            return
        self.store(target, self.lower(value), op)
        self.lambdas(value)

    def store(self, target: Node, value: Expr, op: str = "assign") -> None:
        """Let a target have a value; each name of a pattern gets it. An item with a constant key is written as a member."""
        if target.type in self.items:
            place = self.lower_target(target)
            if place.kind == "index":
                container, key = items(place)
                if container.kind == "name" and key.kind in {"str", "int"}:
                    self.emit(op, f"{container.value}.{key.value}", value)
                    return
                op = "augment"
        if target.type in self.ordered_patterns and op == "assign" and self._unpack(target, value):
            return
        for name in self.targets(target):
            self.emit(op, name, value)

    def _unpack(self, target: Node, value: Expr) -> bool:
        """Take ``a, b = x, y`` and ``a, b = f()`` element by element; return whether that could be told."""
        place = self.lower_target(target)
        names = items(place) if place.kind == "list" else ()
        if not names or len(names) != target.named_child_count or any(one.kind != "name" for one in names):
            return False
        if value.kind == "list" and len(items(value)) == len(names):
            found = items(value)
        elif value.kind == "call":
            found = tuple(
                Expr("index", (value, Expr("int", number, value.end, value.end)), value.start, value.end)
                for number in range(len(names))
            )
        else:
            return False
        for name, one in zip(names, found, strict=True):
            self.emit("assign", str(name.value), one)
        return True

    items: ClassVar[frozenset[str]] = frozenset(
        {"subscript", "subscript_expression", "array_access", "index_expression"}
    )
    """Node types of items of containers."""

    def targets(self, node: Node) -> list[str]:
        """Return the names at a target: a name or member as written, the container of an item, each name of a pattern."""
        value = self.lower_target(node)
        while value.kind == "index":
            value = items(value)[0]
        if value.kind == "name":
            return [str(value.value)]
        if value.kind in {"list", "other"}:
            return [str(item.value) for item in items(value) if item.kind == "name"]
        return []

    def lower_target(self, node: Node) -> Expr:
        """Return a target as an expression, its names as written."""
        start, end = node.start_byte, node.end_byte
        text = self.of.text[start:end]
        if text.replace(".", "").replace("_", "").isalnum():
            return Expr("name", self.of.written(start, end), start, end)
        if node.named_child_count and node.type in self.patterns:
            found: list[Expr] = []
            for child in node.named_children[:50]:
                one = self.lower_target(child)
                found += items(one) if one.kind == "list" else (one,)
            return Expr("list", tuple(found), start, end)
        return self.lower(node)

    patterns: ClassVar[frozenset[str]] = frozenset()
    """Node types of targets with several names."""
    ordered_patterns: ClassVar[frozenset[str]] = frozenset()
    """Those of them that take a value apart by place."""

    def lambdas(self, node: Node) -> None:
        """Take the functions written inside of an expression: callbacks."""
        if self.scope < 0:
            return
        # Most expressions hold no function, which their text tells at a tenth of the cost of their nodes.
        find, start, end = self.of.text.find, node.start_byte, node.end_byte
        if all(find(sign, start, end) < 0 for sign in self.function_signs):
            return
        if self.depth > DEPTH_MAX:
            self._pass_over(node)
            return
        self.depth += 1
        for child in node.named_children:
            kind = child.type
            if kind in self.functions:
                self.function(child)
            elif kind not in self.leaves:
                self.lambdas(child)
        self.depth -= 1

    leaves: ClassVar[frozenset[str]] = frozenset({"identifier", "string", "integer", "number", "comment"})
    """Node types that hold no function."""

    def branch(self, condition: Node | None, then: Node | None, otherwise: Node | None) -> None:
        """Take ``if``: both branches, or the one that constants leave."""
        if condition is None:
            self.statement(then)
            self.statement(otherwise)
            return
        test = self.lower(condition)
        holds = self.certain(test)
        if holds is None and self.calls_something(test):
            self.emit("call", "", test)
        told = len(self.steps)
        if holds is not False:
            self.guarded(test, then)
        if holds is not True:
            self.guarded(opposite(test) if holds is None else test, otherwise)
        if holds is None and len(self.steps) == told and not self.calls_something(test):
            # Whoever leaves here does nothing else: that the test did not hold is all that is known of what follows.
            self.emit("call", "", test)

    def certain(self, test: Expr) -> bool | None:
        """Return whether a condition always or never holds."""
        return truth(test)

    def calls_something(self, value: Expr) -> bool:
        """Return whether evaluating a condition could do something."""
        if value.kind == "call":
            return True
        return value.kind in {"other", "concat", "list"} and any(
            self.calls_something(item) for item in items(value)
        )

    def guarded(self, test: Expr, node: Node | None) -> None:
        """Take a statement under a condition."""
        if node is None:
            return
        outer = self.guards
        if self.certain(test) is None:
            self.guards = (*outer, test)[-GUARDS_MAX:]
        self.statement(node)
        self.guards = outer

    def cases(self, subject: Expr, found: list[tuple[list[Expr] | None, list[Node]]]) -> None:
        """Take the cases of a ``switch``: labels (``None``: any value) and statements. Where the subject is a constant, only the case that fits it.

        A case without statements has fallen through to the next: its labels are those of that one.
        """
        if is_scalar(subject) and all(is_scalar(label) for labels, _ in found for label in labels or ()):
            wanted = [
                nodes
                for labels, nodes in found
                if any(label.value == subject.value for label in labels or ())
            ]
            wanted = wanted or [nodes for labels, nodes in found if labels is None]
            for node in wanted[0] if wanted else ():
                self.statement(node)
            return
        for number, (_, nodes) in enumerate(found):
            # Each case is a condition of its own: what one assigns does not replace what another did.
            test = Expr(
                "other", (subject, Expr("int", number, subject.end, subject.end)), subject.start, subject.end
            )
            for node in nodes:
                self.guarded(test, node)

    def loop(self, node: Node) -> None:
        """Take ``while``."""
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("body")
        if condition is None:
            self.statement(body)
            return
        test = self.lower(condition)
        if self.certain(test) is False:
            return
        if self.calls_something(test):
            self.emit("call", "", test)
        self.guarded(test, body)


def opposite(test: Expr) -> Expr:
    """Return the condition of the other branch: told apart from `test`, and of the same place."""
    return Expr("other", (test,), test.start, test.end)
