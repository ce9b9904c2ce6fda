"""Go: the statements of a body, as steps."""

import re
from typing import ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts.bodies import Walk, Walker
from stemedb_analysis.facts.model import Expr

_TELLS: Final = re.compile(r"(?:_|ok|found|exists|(?:\w*[a-z])?[eE]rr(?:or)?)$")
"""The names of results that only tell how it went."""


class GoWalker(Walker):
    """Walks the statements of one Go body."""

    function_signs = ("func",)
    functions = frozenset({"function_declaration", "method_declaration", "func_literal"})
    leaves = frozenset(
        {
            "identifier",
            "field_identifier",
            "interpreted_string_literal",
            "raw_string_literal",
            "int_literal",
            "comment",
        }
    )

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        between = self.of.text[left.end_byte : right.start_byte].strip()
        self._pairs(
            left.named_children, right.named_children, "assign" if between in {"=", ":="} else "augment"
        )

    def _pairs(self, names: list[Node], values: list[Node], op: str) -> None:
        if len(names) == len(values):
            for name, value in zip(names, values, strict=True):
                self.put(name, value, op)
        elif values:
            result = self.lower(values[0])
            kept = [name for name in names if result.kind == "index" or not self._only_tells(name)]
            for name in kept:
                self.store(name, result, op)
            if not kept:
                self.emit("call", "", result)
            self.lambdas(values[0])

    def _only_tells(self, name: Node) -> bool:
        return _TELLS.fullmatch(self.of.text[name.start_byte : name.end_byte]) is not None

    def _spec(self, node: Node) -> None:
        held = node.child_by_field_name("value")
        if held is not None:
            self._pairs(node.children_by_field_name("name"), held.named_children, "assign")

    def _return(self, node: Node) -> None:
        if node.named_child_count:
            for child in node.named_children[0].named_children:
                if child.type in self.functions:
                    self.function(child)
                else:
                    self.give(child)

    def _expression(self, node: Node) -> None:
        for child in node.named_children:
            self.evaluate(child)

    def _if(self, node: Node) -> None:
        self.statement(node.child_by_field_name("initializer"))
        condition, then = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
        otherwise = node.child_by_field_name("alternative")
        if condition is not None and then is not None and otherwise is None and self._is_refusal(condition):
            # What is done here is done with what did not pass: the test says something of what follows alone.
            test = self.lower(condition)
            self.guarded(Expr("other", (test,), test.end, test.end), then)
            self.emit("call", "", test)
            return
        self.branch(condition, then, otherwise)

    def _is_refusal(self, condition: Node) -> bool:
        """Return whether a condition is that a call gives false."""
        operand = condition.child_by_field_name("operand")
        return (
            condition.type == "unary_expression"
            and operand is not None
            and operand.type == "call_expression"
            and self.of.text.startswith("!", condition.start_byte)
        )

    def _for(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "range_clause":
                left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                if left is not None and right is not None:
                    value = self.lower(right)
                    for name in left.named_children:
                        self.store(name, value)
            elif child.type == "for_clause":
                self.statement(child.child_by_field_name("initializer"))
        self.statement(node.child_by_field_name("body"))

    def _switch(self, node: Node) -> None:
        self.statement(node.child_by_field_name("initializer"))
        subject, alias = node.child_by_field_name("value"), node.child_by_field_name("alias")
        test = self.lower(subject) if subject is not None else None
        if test is not None and alias is not None:
            for name in alias.named_children:
                self.store(name, test)
        # Where no label fits nothing is known: that case comes before those that say what the subject is.
        for case in sorted(node.named_children, key=lambda one: one.type != "default_case"):
            if not case.type.endswith("_case"):
                continue
            guard = self._labelled(test, case) if test is not None else None
            for child in case.named_children:
                if child.type == "statement_list":
                    if guard is None:
                        self.statement(child)
                    else:
                        self.guarded(guard, child)

    def _labelled(self, test: Expr, case: Node) -> Expr:
        held = case.child_by_field_name("value")
        labels = tuple(self.lower(one) for one in held.named_children) if held is not None else ()
        if not labels or any(one.kind != "str" for one in labels):
            return test
        return Expr("other", (test, *labels), test.start, test.end)

    def _select(self, node: Node) -> None:
        for case in node.named_children:
            for child in case.named_children:
                if child.type in {"statement_list", "receive_statement"}:
                    self.statement(child)

    table: ClassVar[dict[str, Walk]] = {
        "short_var_declaration": _assignment,
        "assignment_statement": _assignment,
        "receive_statement": _assignment,
        "const_spec": _spec,
        "var_spec": _spec,
        "return_statement": _return,
        "expression_statement": _expression,
        "defer_statement": _expression,
        "go_statement": _expression,
        "send_statement": _expression,
        "if_statement": _if,
        "for_statement": _for,
        "expression_switch_statement": _switch,
        "type_switch_statement": _switch,
        "select_statement": _select,
        "block": Walker.inner,
        "statement_list": Walker.inner,
        "const_declaration": Walker.inner,
        "var_declaration": Walker.inner,
        "var_spec_list": Walker.inner,
        "labeled_statement": Walker.inner,
        "label_name": Walker.nothing,
        "identifier": Walker.nothing,
        "package_clause": Walker.nothing,
        "import_declaration": Walker.nothing,
        "type_declaration": Walker.nothing,
        "inc_statement": Walker.nothing,
        "dec_statement": Walker.nothing,
        "empty_statement": Walker.nothing,
        "break_statement": Walker.nothing,
        "continue_statement": Walker.nothing,
    }
