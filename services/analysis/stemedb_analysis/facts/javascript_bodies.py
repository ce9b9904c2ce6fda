"""JavaScript and TypeScript: the statements of a body, as steps.

What a callback is given is a step before its own: an element of the list for ``list.forEach((one) => …)``, what a promise gives, and for an event
something by the name of it, ``socket.on.message`` for ``socket.on("message", (data) => …)``, that knows whether it is input.
"""

import re
from typing import TYPE_CHECKING, ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts.bodies import Walk, Walker
from stemedb_analysis.facts.constants import items
from stemedb_analysis.facts.javascript_syntax import FUNCTIONS
from stemedb_analysis.facts.model import Arg, Call, Expr, Step
from stemedb_analysis.facts.names import UNKNOWN
from stemedb_analysis.facts.scopes import Bound

if TYPE_CHECKING:
    from stemedb_analysis.facts.collecting import Collecting

GIVE_ELEMENTS: Final = frozenset(
    {
        "forEach",
        "map",
        "flatMap",
        "filter",
        "find",
        "some",
        "every",
        "then",
        "each",
        "eachSeries",
        "subscribe",
    }
)
"""Methods that call their first argument with an element of what they are called on."""
GIVE_SUMS: Final = frozenset({"reduce", "reduceRight"})
"""Methods whose callback gets the element second."""
GIVE_EVENTS: Final = frozenset({"on", "once", "addListener", "addEventListener"})
EMPTY: Final = ("{}", "[]", "Object.create(null)", "new Map", "new Array", "Array(")
"""How a container is made that holds nothing yet."""
PEER: Final = "peer"
"""What is called so in place of its own name: who has connected, as ``server.on("connection", (socket) => …)`` tells."""
MARKUP_BYTES_MAX: Final = 100
"""At the beginning of what is returned, how much is looked at."""
_MARKUP: Final = re.compile(r"""["'`]\s*<\s*[a-zA-Z!]""")
LISTS_OF: Final = frozenset({"_", "lodash", "async", "Array"})
"""What has functions that take the list as their first argument."""


class JavaScriptWalker(Walker):
    """Walks the statements of one JavaScript body."""

    def __init__(self, of: "Collecting") -> None:
        super().__init__(of)
        self.peers: set[str] = set()

    function_signs = ("=>", "function", "{")
    functions = FUNCTIONS
    patterns = frozenset(
        {
            "object_pattern",
            "array_pattern",
            "rest_pattern",
            "pair_pattern",
            "object_assignment_pattern",
            "assignment_pattern",
        }
    )
    leaves = frozenset(
        {
            "identifier",
            "property_identifier",
            "string",
            "number",
            "comment",
            "this",
            "regex",
            "true",
            "false",
            "null",
        }
    )

    def function_body(self, node: Node) -> None:
        """Take the statements of a function, or the result of one that is an expression."""
        body = node.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            self.give(body)
        else:
            self.statement(body)

    def walk(self, node: Node, scope: int) -> tuple[Step, ...]:
        """Return the steps of the function (or module) at `node`."""
        self.scope = scope
        if scope >= 0:
            self._hand_over(node)
        return super().walk(node, scope)

    def function(self, node: Node) -> None:
        """Take a function inside of the function, and what it is called with."""
        if self.scope >= 0:
            self._hand_over(node)
        super().function(node)

    def give(self, node: Node | None) -> None:
        """Take a ``return``; of text that begins as a page does, a call of ``markup.html`` besides."""
        if node is not None and node.type in {"template_string", "binary_expression"}:
            start, end = node.start_byte, node.end_byte
            if _MARKUP.match(self.of.text, start, min(end, start + MARKUP_BYTES_MAX)):
                args = (Arg(None, self.lower(node)),)
                call = Call("markup.html", args, start, end, self.of.scopes.function(self.scope))
                self.emit("call", "", Expr("call", call, start, end))
        super().give(node)

    def _hand_over(self, node: Node) -> None:
        held = node.parent
        if held is not None and held.type == "assignment_expression":
            self._listener(held, _parameters(node))
        call = held.parent if held is not None and held.type == "arguments" else None
        callee = call.child_by_field_name("function") if call is not None else None
        if held is None or callee is None or callee.type != "member_expression":
            return
        of, last = callee.child_by_field_name("object"), callee.child_by_field_name("property")
        method = self.of.text[last.start_byte : last.end_byte] if last is not None else ""
        if of is None or method not in GIVE_ELEMENTS | GIVE_SUMS | GIVE_EVENTS:
            return
        params = _parameters(node)
        if method in GIVE_EVENTS:
            self._event(of, held, params)
            return
        takes_list = self.of.text[of.start_byte : of.end_byte] in LISTS_OF
        if held.named_children[int(takes_list) : int(takes_list) + 1] != [node]:
            return  # what comes behind is called with an error, or when all is done
        if takes_list:
            of = held.named_children[0]
        place = int(method in GIVE_SUMS)
        if len(params) > place:
            self.store(params[place], self.lower(of))

    def _listener(self, held: Node, params: list[Node]) -> None:
        """Take ``port.onmessage = (event) => …`` as ``port.on("message", …)``."""
        left = held.child_by_field_name("left")
        name = self.of.written(left.start_byte, left.end_byte) if left is not None else ""
        owner, _, last = name.rpartition(".")
        if last == "onmessage" and params:
            known = f"{owner.rpartition('.')[2] or 'window'}.on.message"
            self.store(params[0], Expr("name", known, held.start_byte, held.end_byte))

    def _event(self, of: Node, held: Node, params: list[Node]) -> None:
        event = held.named_children[0]
        if event.type != "string":
            return
        name = self.of.written(event.start_byte + 1, event.end_byte - 1)
        owner = self.of.written(of.start_byte, of.end_byte).rpartition(".")[2]
        if name == "connection" and params:
            self.peers.add(self.of.written(params[0].start_byte, params[0].end_byte))
            return
        if owner in self.peers:
            owner = PEER
        for param in params:
            given = Expr("name", f"{owner}.on.{name}", event.start_byte, event.end_byte)
            self.store(param, given)

    def store(self, target: Node, value: Expr, op: str = "assign") -> None:
        """Let a target have a value; a name of ``{a, b: c = 1}`` has the member that it names."""
        if target.type == "subscript_expression":
            self._chosen_key(target)
        if target.type != "object_pattern":
            super().store(target, value, op)
            return
        for child in target.named_children[:50]:
            kind = child.type
            key = child.child_by_field_name("key" if kind == "pair_pattern" else "left") or child
            if kind == "rest_pattern" or key.type == "computed_property_name":
                super().store(child, value, op)
                continue
            start, end = key.start_byte, key.end_byte
            name = self.of.written(start, end).strip("\"'")
            member = (
                Expr("name", f"{value.value}.{name}", value.start, value.end)
                if value.kind == "name"
                else Expr("index", (value, Expr("str", name, start, end)), value.start, value.end)
            )
            inner = child.child_by_field_name("value") if kind == "pair_pattern" else None
            place = (
                (inner or key)
                if inner is None or inner.type != "assignment_pattern"
                else inner.named_children[0]
            )
            self.store(place, member, op)

    def _chosen_key(self, target: Node) -> None:
        """Take ``container[key] = value`` for a call of ``object.[](container, key)`` where the key is no constant."""
        place = self.lower(target)
        if place.kind == "index":
            container, key = items(place)
            if key.kind not in {"str", "int", "float"} and not self._is_new(container):
                args = (Arg(None, container), Arg(None, key))
                call = Call("object.[]", args, target.start_byte, target.end_byte)
                self.emit("call", "", Expr("call", call, target.start_byte, target.end_byte))

    def _is_new(self, container: Expr) -> bool:
        """Return whether a container was made here, empty: what its members are is nobody's prototype."""
        found = self.of.scopes.find(self.scope, str(container.value)) if container.kind == "name" else None
        if found is None:
            return False
        nodes = [one.value for one in found[1] if one.bound is Bound.VALUE]
        texts = [self.of.text[node.start_byte : node.end_byte] for node in nodes if node is not None]
        return bool(texts) and all(one.startswith(EMPTY) for one in texts)

    def targets(self, node: Node) -> list[str]:
        """Return the names at a target; of a member of what a call gives, ``?`` and its name."""
        found = super().targets(node)
        last = (
            node.child_by_field_name("property") if node.type == "member_expression" and not found else None
        )
        return found if last is None else [f"{UNKNOWN}.{self.of.written(last.start_byte, last.end_byte)}"]

    def lower_target(self, node: Node) -> Expr:
        """Return a target as an expression; of ``{key: name = default}`` only the name is one."""
        kind = node.type
        field = "value" if kind == "pair_pattern" else "left" if kind.endswith("assignment_pattern") else ""
        inner = node.child_by_field_name(field) if field else None
        return super().lower_target(node if inner is None else inner)

    def _declaration(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "variable_declarator":
                self.put(child.child_by_field_name("name"), child.child_by_field_name("value"))

    def _expression(self, node: Node) -> None:
        for child in node.named_children:
            self._one(child)

    def _one(self, node: Node) -> None:
        kind = node.type
        if kind == "assignment_expression":
            right = node.child_by_field_name("right")
            if right is not None and right.type == "assignment_expression":
                self._one(right)
            self.put(node.child_by_field_name("left"), right)
        elif kind == "augmented_assignment_expression":
            self.put(node.child_by_field_name("left"), node.child_by_field_name("right"), "augment")
        elif kind == "sequence_expression":
            self._expression(node)
        elif kind not in {"string", "comment", "update_expression"}:
            self.evaluate(node)

    def _return(self, node: Node) -> None:
        self.give(node.named_children[0] if node.named_child_count else None)

    def _if(self, node: Node) -> None:
        self.branch(*(node.child_by_field_name(name) for name in ("condition", "consequence", "alternative")))

    def _for(self, node: Node) -> None:
        self.statement(node.child_by_field_name("initializer"))
        self.statement(node.child_by_field_name("body"))

    def _for_in(self, node: Node) -> None:
        self.put(node.child_by_field_name("left"), node.child_by_field_name("right"))
        self.statement(node.child_by_field_name("body"))

    def _switch(self, node: Node) -> None:
        subject, body = node.child_by_field_name("value"), node.child_by_field_name("body")
        if subject is None or body is None:
            return
        found: list[tuple[list[Expr] | None, list[Node]]] = []
        labels: list[Expr] | None = []
        for case in body.named_children:
            value = case.child_by_field_name("value")
            labels = None if labels is None or value is None else [*labels, self.lower(value)]
            nodes = list(case.children_by_field_name("body"))
            if nodes:
                found.append((labels, nodes))
                labels = []
        self.cases(self.lower(subject), found)

    def _class(self, node: Node) -> None:
        if self.scope >= 0:
            self.statement(node.child_by_field_name("body"))

    table: ClassVar[dict[str, Walk]] = {
        "lexical_declaration": _declaration,
        "variable_declaration": _declaration,
        "expression_statement": _expression,
        "return_statement": _return,
        "if_statement": _if,
        "while_statement": Walker.loop,
        "do_statement": Walker.loop,
        "for_statement": _for,
        "for_in_statement": _for_in,
        "switch_statement": _switch,
        "class_declaration": _class,
        "class_body": Walker.inner,
        "statement_block": Walker.inner,
        "else_clause": Walker.inner,
        "try_statement": Walker.inner,
        "catch_clause": Walker.inner,
        "finally_clause": Walker.inner,
        "labeled_statement": Walker.inner,
        "export_statement": Walker.inner,
        "throw_statement": Walker.inner,
        "import_statement": Walker.nothing,
        "identifier": Walker.nothing,
        "statement_identifier": Walker.nothing,
        "object_pattern": Walker.nothing,
        "empty_statement": Walker.nothing,
        "break_statement": Walker.nothing,
        "continue_statement": Walker.nothing,
        "interface_declaration": Walker.nothing,
        "type_alias_declaration": Walker.nothing,
        "public_field_definition": Walker.nothing,
        "field_definition": Walker.nothing,
    }


def _parameters(function: Node) -> list[Node]:
    """Return the targets of what a function is called with."""
    one = function.child_by_field_name("parameter")
    held = function.child_by_field_name("parameters")
    nodes = [one] if one is not None else held.named_children if held is not None else []
    found = []
    for node in nodes:
        inner = node.child_by_field_name("pattern") or node.child_by_field_name("left")
        if node.type != "comment":
            found.append(node if inner is None else inner)
    return found
