"""Rust: the statements of a body, as steps."""

from typing import ClassVar

from tree_sitter import Node

from stemedb_analysis.facts.bodies import Walk, Walker
from stemedb_analysis.facts.model import Expr

_STATEMENTS = frozenset({"expression_statement", "let_declaration", "empty_statement", "macro_definition"})
_CHOICES = frozenset({"match_expression", "if_expression"})


class RustWalker(Walker):
    """Walks the statements of one Rust body."""

    function_signs = ("|",)
    functions = frozenset({"function_item", "closure_expression"})
    patterns = frozenset(
        {"tuple_pattern", "tuple_struct_pattern", "struct_pattern", "field_pattern", "slice_pattern", "ref_pattern", "mut_pattern",
         "match_pattern", "reference_pattern", "or_pattern", "captured_pattern"}
    )  # fmt: skip
    leaves = frozenset(
        {
            "identifier",
            "field_identifier",
            "string_literal",
            "integer_literal",
            "token_tree",
            "line_comment",
            "type_identifier",
        }
    )

    def function_body(self, node: Node) -> None:
        """Take the statements of a function; the last expression is what it returns."""
        body = node.child_by_field_name("body")
        if body is None:
            return
        if body.type != "block":
            self.give(body)
            return
        children = [child for child in body.named_children if child.type not in self.skipped]
        for index, child in enumerate(children):
            if index == len(children) - 1 and child.type not in _STATEMENTS and child.type not in self.table:
                self.give(child)
            else:
                self.statement(child)
                chosen = child.named_children[0] if child.type == "expression_statement" else child
                if index == len(children) - 1 and chosen.type in _CHOICES and child.named_child_count:
                    self.emit("return", "", self.lower(chosen))

    def targets(self, node: Node) -> list[str]:
        """Return the names at a target; types and constructors in patterns are none."""
        return [
            name for name in super().targets(node) if name[:1].islower() or name[:1] == "_" or "." in name
        ]

    def _let(self, node: Node) -> None:
        pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
        if (
            pattern is not None
            and value is not None
            and self.of.text[pattern.start_byte : pattern.end_byte] == "_"
        ):
            self.evaluate(value)
        else:
            self.put(pattern, value)
        self.statement(node.child_by_field_name("alternative"))

    def _expression(self, node: Node) -> None:
        for child in node.named_children:
            self.statement(child)

    def _assignment(self, node: Node) -> None:
        self.put(node.child_by_field_name("left"), node.child_by_field_name("right"))

    def _augment(self, node: Node) -> None:
        self.put(node.child_by_field_name("left"), node.child_by_field_name("right"), "augment")

    def _return(self, node: Node) -> None:
        self.give(node.named_children[0] if node.named_child_count else None)

    def _is_failure(self, pattern: Node) -> bool:
        """Return whether a pattern takes an error out of a result: that tells how it went, not what came."""
        return self.of.text.startswith("Err(", pattern.start_byte)

    def _condition(self, node: Node | None) -> None:
        if node is None:
            return
        if node.type == "let_condition":
            pattern = node.child_by_field_name("pattern")
            if pattern is not None and not self._is_failure(pattern):
                self.put(pattern, node.child_by_field_name("value"))
            else:
                self.emit("call", "", self.lower(node.named_children[-1]))
        elif node.type == "let_chain":
            for child in node.named_children:
                self._condition(child)

    def _if(self, node: Node) -> None:
        condition = node.child_by_field_name("condition")
        self._condition(condition)
        self.branch(
            condition, node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        )

    def _while(self, node: Node) -> None:
        self._condition(node.child_by_field_name("condition"))
        self.loop(node)

    def _for(self, node: Node) -> None:
        self.put(node.child_by_field_name("pattern"), node.child_by_field_name("value"))
        self.statement(node.child_by_field_name("body"))

    def _match(self, node: Node) -> None:
        subject, body = node.child_by_field_name("value"), node.child_by_field_name("body")
        if subject is None or body is None:
            return
        test: Expr = self.lower(subject)
        if self.calls_something(test):
            self.emit("call", "", test)
        for arm in body.named_children:
            pattern, value = arm.child_by_field_name("pattern"), arm.child_by_field_name("value")
            if pattern is not None and not self._is_failure(pattern):
                self.store(pattern, test)
            self.guarded(test, value)

    table: ClassVar[dict[str, Walk]] = {
        "let_declaration": _let,
        "expression_statement": _expression,
        "assignment_expression": _assignment,
        "compound_assignment_expr": _augment,
        "return_expression": _return,
        "if_expression": _if,
        "while_expression": _while,
        "for_expression": _for,
        "match_expression": _match,
        "loop_expression": Walker.inner,
        "unsafe_block": Walker.inner,
        "async_block": Walker.inner,
        "block": Walker.inner,
        "else_clause": Walker.inner,
        "label": Walker.nothing,
        "identifier": Walker.nothing,
        "use_declaration": Walker.nothing,
        "struct_item": Walker.nothing,
        "enum_item": Walker.nothing,
        "impl_item": Walker.nothing,
        "trait_item": Walker.nothing,
        "mod_item": Walker.nothing,
        "type_item": Walker.nothing,
        "attribute_item": Walker.nothing,
        "inner_attribute_item": Walker.nothing,
        "const_item": Walker.nothing,
        "static_item": Walker.nothing,
        "macro_definition": Walker.nothing,
        "empty_statement": Walker.nothing,
        "break_expression": Walker.nothing,
        "continue_expression": Walker.nothing,
    }
