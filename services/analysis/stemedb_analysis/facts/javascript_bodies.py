"""JavaScript and TypeScript: the statements of a body, as steps."""

from typing import ClassVar

from tree_sitter import Node

from stemedb_analysis.facts.bodies import Walk, Walker
from stemedb_analysis.facts.javascript_syntax import FUNCTIONS
from stemedb_analysis.facts.model import Expr


class JavaScriptWalker(Walker):
    """Walks the statements of one JavaScript body."""

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
