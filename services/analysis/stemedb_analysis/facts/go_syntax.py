"""Go: syntax to expressions, and what its names begin with.

A composite literal of a named type is a call with the role ``literal``, its keyed elements the keyword arguments; one of a slice or map is a
list or dict. ``&x``, ``*x`` and conversions to ``[]byte`` change no value.
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts import arithmetic
from stemedb_analysis.facts.collecting import Collecting
from stemedb_analysis.facts.escapes import unescape
from stemedb_analysis.facts.lowering import ELEMENTS_MAX, Lower
from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.facts.names import CHAIN_MAX, UNKNOWN
from stemedb_analysis.facts.scopes import Binding
from stemedb_analysis.facts.shapes import Shapes, filled

RESULTS: Final[Mapping[str, str]] = {
    "database/sql.Open": "database/sql.DB",
    "database/sql.OpenDB": "database/sql.DB",
    "database/sql.DB.Begin": "database/sql.Tx",
    "database/sql.DB.BeginTx": "database/sql.Tx",
    "database/sql.DB.Conn": "database/sql.Conn",
    "database/sql.DB.Prepare": "database/sql.Stmt",
    "net/http.NewRequest": "net/http.ClientRequest",
    "net/http.NewRequestWithContext": "net/http.ClientRequest",
    "net/http.NewServeMux": "net/http.ServeMux",
    "net/http.Request.WithContext": "net/http.Request",
    "os/exec.Command": "os/exec.Cmd",
    "os/exec.CommandContext": "os/exec.Cmd",
    "os.Open": "os.File",
    "os.Create": "os.File",
    "os.OpenFile": "os.File",
    "html/template.New": "html/template.Template",
    "html/template.Must": "html/template.Template",
    "html/template.ParseFiles": "html/template.Template",
    "text/template.New": "text/template.Template",
    "text/template.Must": "text/template.Template",
    "text/template.ParseFiles": "text/template.Template",
    "archive/zip.OpenReader": "archive/zip.ReadCloser",
    "archive/tar.NewReader": "archive/tar.Reader",
    "encoding/xml.NewDecoder": "encoding/xml.Decoder",
    "github.com/gin-gonic/gin.Default": "github.com/gin-gonic/gin.Engine",
    "github.com/gin-gonic/gin.New": "github.com/gin-gonic/gin.Engine",
    "github.com/gorilla/sessions.NewCookieStore": "github.com/gorilla/sessions.CookieStore",
    "github.com/jmoiron/sqlx.Open": "github.com/jmoiron/sqlx.DB",
    "github.com/jmoiron/sqlx.Connect": "github.com/jmoiron/sqlx.DB",
    "github.com/jmoiron/sqlx.MustConnect": "github.com/jmoiron/sqlx.DB",
    "gorm.io/gorm.Open": "gorm.io/gorm.DB",
}
"""What well-known functions return: the first of their results."""

_NUMBER: Final = re.compile(
    r"\*?(?:\[\])?(?:u?int(?:8|16|32|64|ptr)?|float(?:32|64)|complex(?:64|128)|bool|byte|rune|time\.(?:Time|Duration)|uuid\.UUID)"
)
_ARRAY: Final = re.compile(r"\[(\d+)\]byte")
_TYPE: Final = re.compile(r"[\s*&\[\].]*(?:\[[^\]]*\])?\s*\*?\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)")
_INNER: Final = {
    "selector_expression": "operand",
    "call_expression": "function",
    "index_expression": "operand",
    "slice_expression": "operand",
    "unary_expression": "operand",
    "composite_literal": "type",
    "type_assertion_expression": "type",
    "generic_type": "type",
}


class GoSyntax(Shapes):
    """The expressions of one Go file."""

    results = RESULTS
    types_of_literals: ClassVar[dict[str, str]] = {
        "interpreted_string_literal": "string", "raw_string_literal": "string", "int_literal": "int", "float_literal": "float64",
        "nil": "none", "true": "bool", "false": "bool", "slice_type": "slice", "map_type": "map", "array_type": "slice",
    }  # fmt: skip
    stars: list[str]

    def unwind(self, node: Node) -> tuple[Node, list[str]]:
        """Return the beginning of a chain and its members."""
        members: list[str] = []
        for _ in range(CHAIN_MAX):
            kind = node.type
            field = _INNER.get(kind)
            if field is not None:
                inner = node.child_by_field_name(field)
                if kind == "selector_expression":
                    last = node.child_by_field_name("field")
                    if last is not None:
                        members.append(self.text[last.start_byte : last.end_byte])
                elif kind == "call_expression" and inner is not None and self._is_new(inner):
                    inner = self._first_argument(node)
            elif (
                kind in {"parenthesized_expression", "pointer_type", "expression_list"}
                and node.named_child_count
            ):
                inner = node.named_children[0]
            else:
                break
            if inner is None:
                break
            node = inner
        members.reverse()
        return node, members

    def _is_new(self, callee: Node) -> bool:
        return (
            callee.end_byte - callee.start_byte == 3
            and self.text[callee.start_byte : callee.end_byte] == "new"
        )

    def _first_argument(self, node: Node) -> Node | None:
        held = node.child_by_field_name("arguments")
        return held.named_children[0] if held is not None and held.named_child_count else None

    def unbound(self, name: str, _scope: int) -> str:
        """Return a name of the package, or of the one package whose names are all imported if it is exported."""
        if len(self.stars) == 1 and name[0].isupper():
            return f"{self.stars[0]}.{name}"
        return name

    def written_type(self, text: str, scope: int) -> str:
        """Return the meaning of a written type: that of its elements for pointers and slices."""
        match = _TYPE.match(text)
        if scope >= 0 and self.scopes.found[scope].is_class:
            scope = self.scopes.parent(scope)  # the methods of a struct are no names that its fields see
        if match is None or self.scopes.find(scope, match[1].partition(".")[0]) is None:
            return UNKNOWN
        meaning = self.dotted(match[1], scope, len(self.data))
        return UNKNOWN if meaning[0] == "." else meaning

    def is_number(self, text: str, scope: int, place: int) -> bool:
        """Return whether a field is declared to be a number, a truth or a time."""
        return _NUMBER.fullmatch(self.field_of(text, scope, place)) is not None

    def of_declared(self, binding: Binding) -> Expr | None:
        """Return the zeros of ``var nonce [12]byte``; parameters have no value that is known."""
        match = _ARRAY.fullmatch(binding.annotation) if binding.at in self.unset else None
        if match is None:
            return None
        at = binding.at
        parts = (Expr("other", (), at, at), Expr("int", int(match[1]), at, at))
        made = filled("[;]", parts, at, at, self.scopes.function(self.scopes.at(at)))
        return made._replace(origin="constant")

    unset: set[int]
    """Where variables are declared that get no value."""

    def base_types(self, scope: int) -> list[str]:
        """Return the types that a struct embeds."""
        return self.embedded.get(scope, [])

    embedded: dict[int, list[str]]

    def make_call(self, node: Node, scope: int, depth: int) -> Call:
        """Return the call or composite literal at `node`."""
        if node.type == "composite_literal":
            kind = node.child_by_field_name("type")
            assert kind is not None  # the grammar has no literal without
            name = self.callee(kind, scope)
            args = self.arguments(node.child_by_field_name("body"), scope, depth)
            return Call(name, args, node.start_byte, node.end_byte, self.scopes.function(scope), "literal")
        callee = node.child_by_field_name("function")
        assert callee is not None  # the grammar has no call without
        receiver = None
        if callee.type == "selector_expression":
            of = callee.child_by_field_name("operand")
            receiver = self.receiver(of, scope, depth) if of is not None else None
        args = self.arguments(node.child_by_field_name("arguments"), scope, depth)
        return Call(
            self.callee(callee, scope),
            args,
            node.start_byte,
            node.end_byte,
            self.scopes.function(scope),
            "call",
            receiver,
        )

    def result(self, node: Node) -> str:
        """Return what becomes of the result of the call at `node`."""
        parent = node.parent
        while parent is not None and parent.type in {
            "expression_list",
            "unary_expression",
            "parenthesized_expression",
        }:
            parent = parent.parent
        if parent is None:
            return ""
        if parent.type in {"expression_statement", "defer_statement", "go_statement"}:
            return "discarded"
        field = {"short_var_declaration": "left", "assignment_statement": "left", "var_spec": "name"}.get(
            parent.type, ""
        )
        left = parent.child_by_field_name(field) if field else None
        return self.written(left.start_byte, left.end_byte) if left is not None else ""

    def arguments(self, node: Node | None, scope: int, depth: int) -> tuple[Arg, ...]:
        """Return the arguments of a call, or the elements of a literal."""
        found: list[Arg] = []
        for child in node.named_children[:ELEMENTS_MAX] if node is not None else ():
            kind = child.type
            if kind == "keyed_element":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    name = self.written(key.start_byte, key.end_byte).strip('"`')
                    found.append(Arg(name, self.lower(value, scope, depth + 1)))
            elif kind == "variadic_argument":
                found.append(Arg("*", self.inside(child, scope, depth)))
            elif kind != "comment":
                found.append(Arg(None, self.lower(child, scope, depth + 1)))
        return tuple(found)

    def _call(self, node: Node, scope: int, depth: int) -> Expr:
        callee = node.child_by_field_name("function")
        if callee is not None and self.text[callee.start_byte : callee.end_byte] == "string":
            inner = self._first_argument(node)
            if inner is not None:
                return self.lower(inner, scope, depth + 1)
        return self.of_call(node, scope, depth)

    def _literal(self, node: Node, scope: int, depth: int) -> Expr:
        kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
        if kind is None or body is None:
            return self.parts(node, scope, depth)
        if kind.type in {"qualified_type", "type_identifier", "generic_type"}:
            return self.of_call(node, scope, depth)
        return self._value(body, scope, depth)

    def _value(self, node: Node, scope: int, depth: int) -> Expr:
        inner = [child for child in node.named_children[:ELEMENTS_MAX] if child.type != "comment"]
        if not inner or inner[0].type != "keyed_element":
            return Expr("list", self.each(inner, scope, depth), node.start_byte, node.end_byte)
        pairs = []
        for child in inner:
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                pairs.append((self._key(key, scope, depth), self.lower(value, scope, depth + 1)))
        return Expr("dict", tuple(pairs), node.start_byte, node.end_byte)

    def _key(self, node: Node, scope: int, depth: int) -> Expr:
        key = self.lower(node, scope, depth + 1)
        # A plain name is a field far more often than a variable.
        return (
            Expr("str", key.value, key.start, key.end)
            if key.kind == "name" and "." not in str(key.value)
            else key
        )

    def string(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower a string."""
        start, end = node.start_byte, node.end_byte
        text = self.written(start + 1, end - 1)
        return Expr("str", text if self.text[start] == "`" else unescape(text), start, end)

    def _number(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        value = arithmetic.number(self.text[start:end])
        return (
            Expr("other", (), start, end)
            if value is None
            else Expr(arithmetic.kind_of(value), value, start, end)
        )

    def _selector(self, node: Node, scope: int, depth: int) -> Expr:
        return self.chain(node, scope, depth, "operand", "field")

    def _index(self, node: Node, scope: int, depth: int) -> Expr:
        return self.subscript(node, scope, depth, "operand", "index")

    def _operand(self, node: Node, scope: int, depth: int) -> Expr:
        operand = node.child_by_field_name("operand")
        return (
            self.lower(operand, scope, depth + 1) if operand is not None else self.parts(node, scope, depth)
        )

    table: ClassVar[dict[str, Lower]] = {
        "identifier": Collecting.name,
        "selector_expression": _selector,
        "index_expression": _index,
        "call_expression": _call,
        "composite_literal": _literal,
        "literal_value": _value,
        "literal_element": Collecting.inside,
        "interpreted_string_literal": string,
        "raw_string_literal": string,
        "int_literal": _number,
        "float_literal": _number,
        "true": Collecting.true,
        "false": Collecting.false,
        "nil": Collecting.null,
        "binary_expression": Collecting.logical,
        "unary_expression": Collecting.signed,
        "parenthesized_expression": Collecting.inside,
        "expression_list": Collecting.inside,
        "type_conversion_expression": _operand,
        "type_assertion_expression": _operand,
        "slice_expression": _operand,
        "func_literal": Collecting.nothing,
        "type_identifier": Collecting.nothing,
        "slice_type": Collecting.nothing,
        "map_type": Collecting.nothing,
        "rune_literal": Collecting.nothing,
        "ERROR": Collecting.nothing,
    }
