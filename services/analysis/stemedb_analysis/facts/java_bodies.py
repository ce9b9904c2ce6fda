"""Java: the statements of a body, as steps."""

import re
from typing import ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts.bodies import Walk, Walker
from stemedb_analysis.facts.model import Expr

LAMBDA_BYTES_MAX: Final = 8000
"""Of a call with a lambda whose parameters are followed."""

_PARAMETER: Final = re.compile(r"([A-Za-z_$][\w$]*)\s*(?=[,)]|$)")


class JavaWalker(Walker):
    """Walks the statements of one Java body."""

    function_signs = ("->", "{")
    functions = frozenset(
        {
            "method_declaration",
            "constructor_declaration",
            "lambda_expression",
            "compact_constructor_declaration",
        }
    )
    leaves = frozenset(
        {
            "identifier",
            "string_literal",
            "decimal_integer_literal",
            "line_comment",
            "block_comment",
            "type_identifier",
        }
    )

    def function_body(self, node: Node) -> None:
        """Take the statements of a function, or the result of one that is an expression."""
        body = node.child_by_field_name("body")
        if body is not None and body.type not in {"block", "constructor_body"}:
            self.evaluate(
                body
            )  # what a lambda gives goes to whoever calls it, not to who called the function around it
        else:
            self.statement(body)

    def lambdas(self, node: Node) -> None:
        """Take the functions written inside of an expression; what one is called with is made of what the method around it is called on."""
        holder = node.child_by_field_name("arguments") if node.type == "method_invocation" else None
        of = node.child_by_field_name("object")
        if holder is not None and of is not None and node.end_byte - node.start_byte < LAMBDA_BYTES_MAX:
            for child in holder.named_children:
                if child.type == "lambda_expression":
                    self._handed(child, of)
        super().lambdas(node)

    def _handed(self, function: Node, of: Node) -> None:
        params = function.child_by_field_name("parameters")
        if params is None or self.scope < 0:
            return
        value = self.lower(of)
        written = self.of.text[params.start_byte : params.end_byte]
        for name in _PARAMETER.findall(written):
            self.emit("assign", name, value)

    def _declaration(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "variable_declarator":
                self.put(child.child_by_field_name("name"), child.child_by_field_name("value"))

    def _expression(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "assignment_expression":
                self._assignment(child)
            elif child.type != "update_expression":
                self.evaluate(child)

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        if right.type == "assignment_expression":
            self._assignment(right)
        plain = self.of.text[left.end_byte : right.start_byte].strip() == "="
        self.put(left, right, "assign" if plain else "augment")

    def _return(self, node: Node) -> None:
        self.give(node.named_children[0] if node.named_child_count else None)

    def _if(self, node: Node) -> None:
        self.branch(*(node.child_by_field_name(name) for name in ("condition", "consequence", "alternative")))

    def _for(self, node: Node) -> None:
        self.statement(node.child_by_field_name("init"))
        self.statement(node.child_by_field_name("body"))

    def _for_each(self, node: Node) -> None:
        self.put(node.child_by_field_name("name"), node.child_by_field_name("value"))
        self.statement(node.child_by_field_name("body"))

    def _try(self, node: Node) -> None:
        resources = node.child_by_field_name("resources")
        for child in resources.named_children if resources is not None else ():
            self.put(child.child_by_field_name("name"), child.child_by_field_name("value"))
        for child in node.named_children:
            if child.type != "resource_specification":
                self.statement(child)

    def _catch(self, node: Node) -> None:
        self.statement(node.child_by_field_name("body"))

    def _switch(self, node: Node) -> None:
        subject, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
        if subject is None or body is None:
            return
        found: list[tuple[list[Expr] | None, list[Node]]] = []
        labels: list[Expr] | None = []
        for case in body.named_children:
            nodes = []
            for child in case.named_children:
                if child.type != "switch_label":
                    nodes.append(child)
                elif labels is None or not child.named_child_count:
                    labels = None
                else:
                    labels = [*labels, *(self.lower(one) for one in child.named_children)]
            if nodes:
                found.append((labels, nodes))
                labels = []
        self.cases(self.lower(subject), found)

    def _class(self, node: Node) -> None:
        self.statement(node.child_by_field_name("body"))

    table: ClassVar[dict[str, Walk]] = {
        "local_variable_declaration": _declaration,
        "field_declaration": _declaration,
        "expression_statement": _expression,
        "return_statement": _return,
        "yield_statement": _return,
        "if_statement": _if,
        "while_statement": Walker.loop,
        "do_statement": Walker.loop,
        "for_statement": _for,
        "enhanced_for_statement": _for_each,
        "try_statement": Walker.inner,
        "try_with_resources_statement": _try,
        "catch_clause": _catch,
        "finally_clause": Walker.inner,
        "switch_expression": _switch,
        "synchronized_statement": Walker.inner,
        "throw_statement": Walker.inner,
        "labeled_statement": Walker.inner,
        "assert_statement": Walker.nothing,
        "block": Walker.inner,
        "constructor_body": Walker.inner,
        "explicit_constructor_invocation": Walker.nothing,
        "static_initializer": Walker.inner,
        "class_declaration": _class,
        "class_body": Walker.inner,
        "enum_declaration": Walker.nothing,
        "interface_declaration": Walker.nothing,
        "record_declaration": Walker.nothing,
        "package_declaration": Walker.nothing,
        "import_declaration": Walker.nothing,
        "identifier": Walker.nothing,
        "break_statement": Walker.nothing,
        "continue_statement": Walker.nothing,
    }
