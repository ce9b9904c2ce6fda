"""Rust: expressions that choose, ``match`` and ``if``, and closures, which give what they make of something.

::

    match q.order { Some("driver") => "driver", _ => "id" }      "driver" or "id": nothing of what is matched
    match q.order { Some(x) => x, None => "id" }                 x is a part of q.order
    names.map(|n| encode(n))                                     what encode makes of names
"""

import re
from typing import Final

from tree_sitter import Node

from stemedb_analysis.facts.lowering import ELEMENTS_MAX
from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.facts.shapes import Shapes

_TEXT: Final = re.compile(r'"[^"{]*"')
"""A string that no names stand in."""
_LOCAL: Final = re.compile(r"(?<![\w:.])[a-z_]\w*\b(?!\s*(?:::|\(|!))")


class RustChoices(Shapes):
    """The lowering of choices and closures."""

    def choice(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower ``match`` and ``if`` to what they may give; what they look at is a part of it where a pattern takes something out of that."""
        found: list[Expr] = []
        if node.type == "match_expression":
            subject, body = node.child_by_field_name("value"), node.child_by_field_name("body")
            arms = body.named_children[:ELEMENTS_MAX] if body is not None else []
            branches = [
                (arm.child_by_field_name("pattern"), arm.child_by_field_name("value")) for arm in arms
            ]
        else:
            test = node.child_by_field_name("condition")
            is_let = test is not None and test.type == "let_condition"
            subject = test.child_by_field_name("value") if test is not None and is_let else None
            pattern = test.child_by_field_name("pattern") if test is not None and is_let else None
            branches = [
                (pattern, node.child_by_field_name("consequence")),
                (None, node.child_by_field_name("alternative")),
            ]
        for pattern, value in branches:
            if value is None:
                continue
            given = self._result_of(value)
            if given is None:
                continue
            found.append(self.lower(given, scope, depth + 1))
            if pattern is not None and subject is not None and self._takes(pattern, given):
                found.append(self.lower(subject, scope, depth + 1))
        return Expr("other", tuple(found), node.start_byte, node.end_byte)

    def _result_of(self, node: Node) -> Node | None:
        while node.type in {"block", "else_clause", "unsafe_block"}:
            inner = [child for child in node.named_children if child.type not in self.ignored]
            if not inner or inner[-1].type in {"expression_statement", "let_declaration"}:
                is_choice = bool(inner) and inner[-1].type == "expression_statement"
                held = inner[-1].named_children[:1] if is_choice else []
                return held[0] if held and held[0].type in {"match_expression", "if_expression"} else None
            node = inner[-1]
        return None if node.type in {"return_expression", "continue_expression", "break_expression"} else node

    def _takes(self, pattern: Node, value: Node) -> bool:
        names = set(self._locals(pattern))
        return not names.isdisjoint(self._locals(value))

    def _locals(self, node: Node) -> list[str]:
        return _LOCAL.findall(_TEXT.sub("", self.text[node.start_byte : node.end_byte]))

    def closure(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower a closure that is one expression, for the flow pass: a call of ``|`` with its parameters and, last, its value."""
        start, end = node.start_byte, node.end_byte
        body, held = node.child_by_field_name("body"), node.child_by_field_name("parameters")
        if not self.flowing or body is None or held is None or body.type == "block":
            return Expr("other", (), start, end)
        inner = self.scopes.at(body.start_byte)
        names = _LOCAL.findall(self.text[held.start_byte : held.end_byte])
        args = [Arg(None, Expr("name", name, start, end)) for name in names]
        args.append(Arg(None, self.lower(body, inner, depth + 1)))
        call = Call("|", tuple(args), start, end, self.scopes.function(scope), "literal")
        return Expr("call", call, start, end)
