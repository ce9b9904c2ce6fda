"""Python: the statements of a body, as steps."""

from typing import ClassVar

from tree_sitter import Node

from stemedb_analysis.facts.bodies import GUARDS_MAX, Walk, Walker, opposite
from stemedb_analysis.facts.model import Expr

_NEVER = frozenset({"TYPE_CHECKING", "typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})


class PythonWalker(Walker):
    """Walks the statements of one Python body."""

    function_signs = ("lambda",)
    functions = frozenset({"function_definition", "lambda"})
    patterns = frozenset(
        {
            "pattern_list",
            "tuple_pattern",
            "list_pattern",
            "tuple",
            "list",
            "as_pattern_target",
            "list_splat_pattern",
        }
    )

    ordered_patterns = frozenset({"pattern_list", "tuple_pattern", "list_pattern"})

    def certain(self, test: Expr) -> bool | None:
        """Return whether a condition always or never holds; what is for type checkers never does."""
        if test.kind == "name" and test.value in _NEVER:
            return False
        return super().certain(test)

    def _expression(self, node: Node) -> None:
        for child in node.named_children:
            kind = child.type
            if kind == "assignment":
                self._assignment(child)
            elif kind == "augmented_assignment":
                self.put(child.child_by_field_name("left"), child.child_by_field_name("right"), "augment")
            elif kind not in {"string", "concatenated_string", "comment"}:
                self.evaluate(child)

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if right is not None and right.type == "assignment":
            self._assignment(right)
        self.put(left, right)

    def _return(self, node: Node) -> None:
        self.give(node.named_children[0] if node.named_child_count else None)

    def _if(self, node: Node) -> None:
        outer = self.guards
        for one in (node, *node.children_by_field_name("alternative")):
            condition = one.child_by_field_name("condition")
            if condition is None:
                self.statement(one.child_by_field_name("body"))
                break
            test = self.lower(condition)
            holds = self.certain(test)
            if holds is None and self.calls_something(test):
                self.emit("call", "", test)
            self.walruses(condition)
            told = len(self.steps)
            if holds is not False:
                self.guarded(test, one.child_by_field_name("consequence"))
            if holds is None and len(self.steps) == told and not self.calls_something(test):
                self.emit("call", "", test)
            if holds is True:
                break
            if holds is None:
                self.guards = (*self.guards, opposite(test))[-GUARDS_MAX:]
        self.guards = outer

    def walruses(self, node: Node, depth: int = 0) -> None:
        """Take ``name := value`` inside of a condition."""
        if depth > 8 or self.of.text.find(":=", node.start_byte, node.end_byte) < 0:
            return
        if node.type == "named_expression":
            self.put(node.child_by_field_name("name"), node.child_by_field_name("value"))
        for child in node.named_children[:20]:
            self.walruses(child, depth + 1)

    def _for(self, node: Node) -> None:
        self.put(node.child_by_field_name("left"), node.child_by_field_name("right"))
        self.statement(node.child_by_field_name("body"))
        self.statement(node.child_by_field_name("alternative"))

    def _with(self, node: Node) -> None:
        for clause in node.named_children:
            if clause.type != "with_clause":
                continue
            for item in clause.named_children:
                value = item.child_by_field_name("value") if item.type == "with_item" else None
                if value is None:
                    continue
                alias = value.child_by_field_name("alias") if value.type == "as_pattern" else None
                if alias is not None:
                    self.put(alias, value.named_children[0])
                else:
                    self.evaluate(value)
        self.statement(node.child_by_field_name("body"))

    def _match(self, node: Node) -> None:
        subject = node.child_by_field_name("subject")
        body = node.child_by_field_name("body")
        if subject is None or body is None:
            return
        found: list[tuple[list[Expr] | None, list[Node]]] = []
        for case in body.named_children:
            consequence = case.child_by_field_name("consequence")
            patterns = [child for child in case.named_children if child.type == "case_pattern"]
            if consequence is not None:
                found.append((self._labels(patterns), [consequence]))
        test = self.lower(subject)
        if test.kind == "call":
            self.emit("call", "", test)
        self.cases(test, found)

    def _labels(self, patterns: list[Node]) -> list[Expr] | None:
        labels: list[Expr] = []
        for pattern in patterns:
            text = self.of.text[pattern.start_byte : pattern.end_byte].strip()
            if text == "_" or (text.isidentifier() and text not in {"True", "False", "None"}):
                return None
            inner = pattern.named_children[0] if pattern.named_child_count else pattern
            labels += [
                self.lower(one)
                for one in (inner.named_children if inner.type == "union_pattern" else (inner,))
            ]
        return labels

    def _raise(self, node: Node) -> None:
        for child in node.named_children:
            self.evaluate(child)

    def _decorated(self, node: Node) -> None:
        self.statement(node.child_by_field_name("definition"))

    def _class(self, node: Node) -> None:
        if self.scope >= 0:
            self.statement(node.child_by_field_name("body"))

    def _delete(self, node: Node) -> None:
        """Take what makes a name or a file's claims go away: nothing."""

    table: ClassVar[dict[str, Walk]] = {
        "expression_statement": _expression,
        "return_statement": _return,
        "if_statement": _if,
        "while_statement": Walker.loop,
        "for_statement": _for,
        "with_statement": _with,
        "match_statement": _match,
        "raise_statement": _raise,
        "decorated_definition": _decorated,
        "class_definition": _class,
        "block": Walker.inner,
        "try_statement": Walker.inner,
        "except_clause": Walker.inner,
        "except_group_clause": Walker.inner,
        "finally_clause": Walker.inner,
        "else_clause": Walker.inner,
        "import_statement": Walker.nothing,
        "import_from_statement": Walker.nothing,
        "global_statement": Walker.nothing,
        "nonlocal_statement": Walker.nothing,
        "delete_statement": Walker.nothing,
        "pass_statement": Walker.nothing,
        "break_statement": Walker.nothing,
        "continue_statement": Walker.nothing,
        "identifier": Walker.nothing,
    }
