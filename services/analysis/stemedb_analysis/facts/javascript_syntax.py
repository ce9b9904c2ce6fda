"""JavaScript and TypeScript: syntax to expressions, and what its names begin with.

What TypeScript adds to an expression (``as``, ``!``, ``satisfies``, type arguments) changes no value and is read through.
"""

import re
from types import MappingProxyType
from typing import ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts import arithmetic, constants
from stemedb_analysis.facts.collecting import Collecting
from stemedb_analysis.facts.escapes import unescape
from stemedb_analysis.facts.javascript_values import JavaScriptValues, answered, last_of_each, spread
from stemedb_analysis.facts.lowering import ELEMENTS_MAX, Lower
from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.facts.names import CHAIN_MAX, DOTTED, UNKNOWN

FUNCTIONS: Final = frozenset(
    {"function_declaration", "function_expression", "generator_function", "generator_function_declaration", "arrow_function", "method_definition"}
)  # fmt: skip
REQUIRE: Final = re.compile(
    r"""(?:await\s+import|import|require)\s*\(\s*(["'`])([^"'`]+)\1\s*\)((?:\s*\.\s*[A-Za-z_$][\w$]*)*)"""
)
"""The whole of an expression that takes in a module or a member of one."""
ITEM: Final = re.compile(r"""([A-Za-z_$][\w$.]*)\[\s*(["'`])([^"'`\\]+)\2\s*\]""")
"""An item of something, its key a literal."""
RAW_HTML: Final = frozenset({"__html", "innerHTML", "srcDoc"})
"""Keys of what a page is given unescaped; to the flow pass they are called, as ``dom.__html``."""
MAKERS: Final = (".map", ".flatMap")
"""Methods whose result is made of what their callback returns."""
ARITHMETIC: Final = frozenset({"-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>"})
"""Operators that make numbers of whatever they are given."""
RETURNS_MAX: Final = 20
"""Of a callback, how many statements are looked at for what it gives."""
_MADE: Final = frozenset({"call_expression", "new_expression"})
"""What makes a function that is called at once, ``compile(text)(values)``: what it is called with is not what made it."""
_INNER: Final = {
    "member_expression": "object",
    "call_expression": "function",
    "new_expression": "constructor",
    "subscript_expression": "object",
    "assignment_expression": "right",
}
_TRANSPARENT: Final = frozenset(
    {
        "parenthesized_expression",
        "await_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
    }
)


def module_name(name: str) -> str:
    """Return the name of a module without the scheme of the platform's own."""
    return name.removeprefix("node:")


EQUAL: Final = "==="
"""The last part of the name of any comparison for equality."""
SHORTER: Final = "<"
ENDLESS: Final = "while(true)"
COMPARED: Final = re.compile(
    r"(?i)sign|hmac|mac\b|digest|secret|token|api_?key|pass(?:word|wd|phrase)|csrf|otp|hash"
)
"""What is written in a comparison that a rule may want to see."""
COMPARED_BYTES_MAX: Final = 200


class JavaScriptSyntax(JavaScriptValues):
    """The expressions of one JavaScript or TypeScript file."""

    implied = frozenset({"lambda", "operator", "object", "dom", "peer", "on", "markup", "answer"})
    told_by = MappingProxyType({"peer": ("connection",), "on.message": ("on.message", "onmessage")})
    choices = frozenset({"binary_expression", "ternary_expression"})
    types_of_literals: ClassVar[dict[str, str]] = {
        "string": "str", "template_string": "str", "number": "int", "array": "list", "object": "dict", "null": "none", "undefined": "none",
        "true": "bool", "false": "bool", "regex": "RegExp", "enum_body": "dict",
    }  # fmt: skip
    results: ClassVar[dict[str, str]] = {
        "axios.create": "axios.AxiosInstance", "axios.Axios": "axios.AxiosInstance", "got.extend": "got.Got", "ky.create": "ky.KyInstance",
        "ky.extend": "ky.KyInstance", "request.defaults": "request.RequestAPI", "request.jar": "request.jar",
    }  # fmt: skip

    def unwind(self, node: Node) -> tuple[Node, list[str]]:
        """Return the beginning of a chain and its members."""
        members: list[str] = []
        inner: Node | None
        for _ in range(CHAIN_MAX):
            kind = node.type
            field = _INNER.get(kind)
            other = self.promised(node) if kind == "call_expression" else None
            if other is not None:
                inner = other
            elif field is not None:
                inner = node.child_by_field_name(field)
                member = self._member_name(node, kind)
                if member:
                    members.append(member)
                elif (
                    inner is not None
                    and inner.end_byte - inner.start_byte in {6, 7}
                    and self._module(node) is not None
                ):
                    break
            elif kind in _TRANSPARENT and node.named_child_count:
                inner = node.named_children[0]
            elif kind == "type_assertion" and node.named_child_count:
                inner = node.named_children[-1]
            else:
                break
            if inner is None:
                break
            node = inner
        members.reverse()
        return node, [member for member in members if member != "default"]

    def _member_name(self, node: Node, kind: str) -> str:
        if kind == "member_expression":
            last = node.child_by_field_name("property")
            return self.text[last.start_byte : last.end_byte] if last is not None else ""
        if kind == "subscript_expression":
            index = node.child_by_field_name("index")
            if index is not None and index.type == "string":
                return self.text[index.start_byte + 1 : index.end_byte - 1]
        return ""

    def _module(self, node: Node) -> str | None:
        start, end = node.start_byte, node.end_byte
        match = REQUIRE.fullmatch(self.flat(start, end)) if end - start < 300 else None
        return module_name(match[2]) + re.sub(r"\s", "", match[3]) if match else None

    def opening(self, node: Node, _scope: int) -> str | None:
        """Return the module that ``require(…)`` or ``import(…)`` takes in."""
        return self._module(node) if node.type == "call_expression" else None

    def unbound(self, name: str, _scope: int) -> str:
        """Return a global as it is."""
        return name

    def written_type(self, text: str, scope: int) -> str:
        """Return the meaning of a type annotation."""
        for part in text.lstrip(": ").split("|"):
            match = DOTTED.match(part.strip())
            if match and self.scopes.find(scope, match[0].partition(".")[0]) is not None:
                meaning = self.dotted(match[0], scope, len(self.data))
                return UNKNOWN if meaning[0] == "." else meaning
        return UNKNOWN

    def base_types(self, scope: int) -> list[str]:
        """Return what a class extends."""
        for child in self.scopes.found[scope].node.named_children:
            if child.type == "class_heritage":
                text = self.text[child.start_byte : child.end_byte].partition("implements")[0]
                match = DOTTED.search(text.removeprefix("extends"))
                return [match[0]] if match else []
        return []

    def make_call(self, node: Node, scope: int, depth: int) -> Call:
        """Return the call or construction at `node`."""
        is_new = node.type == "new_expression"
        callee = node.child_by_field_name("constructor" if is_new else "function")
        assert callee is not None  # the grammar has no call without
        receiver = None
        if callee.type == "member_expression" and not is_new:
            of = callee.child_by_field_name("object")
            receiver = self.receiver(of, scope, depth) if of is not None else None
        elif self.flowing and callee.type in _MADE:
            receiver = self.lower(callee, scope, depth + 1)
        held = self.arguments(node.child_by_field_name("arguments"), scope, depth)
        is_item = self.flowing and callee.type == "subscript_expression"
        chosen = self._chosen(callee, scope, depth) if is_item else None
        is_given = callee.type in _MADE and self.promised(callee) is None and self._module(callee) is None
        name = UNKNOWN if is_given else self.callee(callee, scope)
        return Call(
            "object.[]()" if chosen else name,
            (*chosen, *held) if chosen else held,
            node.start_byte,
            node.end_byte,
            self.scopes.function(scope),
            "new" if is_new else "call",
            receiver,
        )

    def _chosen(self, callee: Node, scope: int, depth: int) -> tuple[Arg, Arg] | None:
        """Return container and key of a function that is chosen by a key that is no constant: ``handlers[name]()``."""
        place = self.lower(callee, scope, depth + 1)
        if place.kind != "index":
            return None
        container, key = constants.items(place)
        return None if key.kind in {"str", "int"} else (Arg(None, container), Arg(None, key))

    def result(self, node: Node) -> str:
        """Return what becomes of the result of the call at `node`."""
        parent = node.parent
        while parent is not None and parent.type in _TRANSPARENT:
            parent = parent.parent
        if parent is None:
            return ""
        kind = parent.type
        if kind == "expression_statement":
            return "discarded"
        field = {"variable_declarator": "name", "assignment_expression": "left"}.get(kind, "")
        left = parent.child_by_field_name(field) if field else None
        return self.written(left.start_byte, left.end_byte) if left is not None else ""

    def arguments(self, node: Node | None, scope: int, depth: int) -> tuple[Arg, ...]:
        """Return the arguments; a tag gets the texts of its template as a list, and what stands between them one by one."""
        if node is None:
            return ()
        if node.type == "template_string":
            pieces = constants.items(self._template(node, scope, depth, joined=False))
            texts = Expr(
                "list", tuple(one for one in pieces if one.kind == "str"), node.start_byte, node.end_byte
            )
            return (Arg(None, texts), *(Arg(None, one) for one in pieces if one.kind != "str"))
        found = []
        for child in node.named_children[:ELEMENTS_MAX]:
            kind = child.type
            if kind == "spread_element":
                found.append(Arg("*", self.inside(child, scope, depth)))
            elif kind != "comment":
                found.append(Arg(None, self.lower(child, scope, depth + 1)))
        return tuple(found)

    def _lambda(self, node: Node, _scope: int, depth: int) -> Expr:
        """Lower a function: nothing, or for the flow pass what ``list.map`` makes of each element."""
        start, end = node.start_byte, node.end_byte
        held = node.parent if self.flowing else None
        call = held.parent if held is not None and held.type == "arguments" else None
        callee = call.named_children[0] if call is not None else node
        if call is None or not self.text.endswith(MAKERS, callee.start_byte, callee.end_byte):
            return Expr("other", (), start, end)
        inner = self.scopes.at(start)
        body = node.child_by_field_name("body")
        given = [] if body is None else [body] if body.type != "statement_block" else _returned(body)
        return Expr("other", tuple(self.lower(one, inner, depth + 1) for one in given), start, end)

    def string(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower a string."""
        start, end = node.start_byte, node.end_byte
        return Expr("str", unescape(self.written(start + 1, end - 1)), start, end)

    def _template(self, node: Node, scope: int, depth: int, *, joined: bool = True) -> Expr:
        start, end = node.start_byte, node.end_byte
        pieces: list[Expr] = []
        at = start + 1
        for child in node.named_children[:ELEMENTS_MAX]:
            if child.type == "template_substitution":
                if child.start_byte > at:
                    pieces.append(
                        Expr("str", unescape(self.written(at, child.start_byte)), at, child.start_byte)
                    )
                pieces.append(self.inside(child, scope, depth))
                at = child.end_byte
        if at < end - 1 or not pieces:
            pieces.append(Expr("str", unescape(self.written(at, end - 1)), at, end - 1))
        return constants.concat(pieces, start, end) if joined else Expr("list", tuple(pieces), start, end)

    def _number(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        value = arithmetic.number(self.text[start:end], "n")
        return (
            Expr("other", (), start, end)
            if value is None
            else Expr(arithmetic.kind_of(value), value, start, end)
        )

    def _member(self, node: Node, scope: int, depth: int) -> Expr:
        return self.chain(node, scope, depth, "object", "property")

    def _subscript(self, node: Node, scope: int, depth: int) -> Expr:
        return self.subscript(node, scope, depth, "object", "index")

    def _object(self, node: Node, scope: int, depth: int) -> Expr:
        pairs: list[tuple[Expr, Expr]] = []
        for child in node.named_children[:ELEMENTS_MAX]:
            kind = child.type
            if kind == "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    name, held = self._key(key, scope, depth), self.lower(value, scope, depth + 1)
                    if self.flowing and name.kind == "str" and name.value in RAW_HTML:
                        call = Call(f"dom.{name.value}", (Arg(None, held),), key.start_byte, value.end_byte)
                        held = Expr("call", call, held.start, held.end)
                    pairs.append((name, held))
            elif kind == "shorthand_property_identifier":
                start, end = child.start_byte, child.end_byte
                name = Expr("str", self.written(start, end), start, end)
                pairs.append((name, self.named(self.text[start:end], start, end, scope, depth + 1)))
            elif kind == "spread_element":
                pairs += spread(self.inside(child, scope, depth))
        made = Expr("dict", last_of_each(pairs), node.start_byte, node.end_byte)
        return answered(made) if self.flowing else made

    def _enum(self, node: Node, scope: int, depth: int) -> Expr:
        pairs = []
        for child in node.named_children[:ELEMENTS_MAX]:
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if name is not None and value is not None:
                pairs.append((self._key(name, scope, depth), self.lower(value, scope, depth + 1)))
        return Expr("dict", tuple(pairs), node.start_byte, node.end_byte)

    def _call(self, node: Node, scope: int, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        module = (
            self._module(node) if self.text.startswith("require(", start, end) and not self.flowing else None
        )
        if module is not None:
            return Expr("name", module, start, end)
        return self.well_known(node, scope, depth) or self.of_call(node, scope, depth)

    def _key(self, node: Node, scope: int, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        kind = node.type
        if kind == "string":
            return self.string(node, scope, depth)
        if kind == "computed_property_name":
            return self.inside(node, scope, depth)
        return Expr("str", self.written(start, end), start, end)

    def _binary(self, node: Node, scope: int, depth: int) -> Expr:
        sign = node.child_by_field_name("operator")
        op = sign.type if sign is not None else ""
        if op in {"||", "&&", "??"}:
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None:
                a, b = self.lower(left, scope, depth + 1), self.lower(right, scope, depth + 1)
                stands_in = self.fallback(left, b, node) if op != "&&" else None
                if stands_in is not None:
                    return stands_in
                if op == "??":
                    return Expr("other", (a, b), node.start_byte, node.end_byte)
                return constants.either(a, b, node.start_byte, node.end_byte, is_or=op == "||")
        value = self.operation(node, scope, depth, op)
        return self._numeric(value) if op in ARITHMETIC else value

    def _numeric(self, value: Expr) -> Expr:
        """Return what only a number comes out of; in the eyes of the flow pass it was made one."""
        if not self.flowing or value.kind != "other":
            return value
        args = tuple(Arg(None, one) for one in constants.items(value))
        return value._replace(kind="call", value=Call("Number", args, value.start, value.end))

    def _unary(self, node: Node, scope: int, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        inner = self.inside(node, scope, depth)
        sign = self.text[start]
        if sign == "!":
            return constants.inverted(inner, start, end)
        if sign in "+-":
            value = arithmetic.negated(inner, start, end) if sign == "-" else inner
            is_number = value is not None and value.kind in {"int", "float"}
            return value if value and is_number else self._numeric(Expr("other", (inner,), start, end))
        return Expr("other", (inner,), start, end)

    def _ternary(self, node: Node, scope: int, depth: int) -> Expr:
        fields = [node.child_by_field_name(name) for name in ("condition", "consequence", "alternative")]
        lowered = [self.lower(field, scope, depth + 1) for field in fields if field is not None]
        if len(lowered) != 3:
            return self.parts(node, scope, depth)
        return constants.chosen(lowered[0], lowered[1], lowered[2], node.start_byte, node.end_byte)

    def _first(self, node: Node, scope: int, depth: int) -> Expr:
        return (
            self.lower(node.named_children[0], scope, depth + 1)
            if node.named_child_count
            else self.parts(node, scope, depth)
        )

    def _last(self, node: Node, scope: int, depth: int) -> Expr:
        return (
            self.lower(node.named_children[-1], scope, depth + 1)
            if node.named_child_count
            else self.parts(node, scope, depth)
        )

    def _assigned(self, node: Node, scope: int, depth: int) -> Expr:
        value = node.child_by_field_name("right")
        return self.lower(value, scope, depth + 1) if value is not None else self.parts(node, scope, depth)

    def find_operators(self) -> None:
        """Record comparisons of what rules may ask about, and loops that only their body ends."""
        text = self.text
        for capture, name in (("compare", EQUAL), ("shorter", SHORTER)):
            for node in self.ordered(capture) if self.wanted is None or name in self.wanted else ():
                start, end = node.start_byte, node.end_byte
                if end - start < COMPARED_BYTES_MAX and COMPARED.search(text, start, end):
                    self._find_operator(node, name)
        for node in self.ordered("forever") if self.wanted is None or ENDLESS in self.wanted else ():
            self._find_operator(node, ENDLESS)

    def _find_operator(self, node: Node, name: str) -> None:
        scope = self.scopes.at(node.start_byte)
        sides = [node.child_by_field_name(field) for field in ("left", "right")]
        args = tuple(Arg(None, self.lower(side, scope)) for side in sides if side is not None)
        function = self.scopes.function(scope)
        self.calls.append(Call(f"operator.{name}", args, node.start_byte, node.end_byte, function))

    table: ClassVar[dict[str, Lower]] = {
        "identifier": Collecting.name,
        "this": Collecting.name,
        "member_expression": _member,
        "subscript_expression": _subscript,
        "call_expression": _call,
        "enum_body": _enum,
        "new_expression": Collecting.of_call,
        "string": string,
        "template_string": _template,
        "number": _number,
        "true": Collecting.true,
        "false": Collecting.false,
        "null": Collecting.null,
        "undefined": Collecting.null,
        "array": Collecting.elements,
        "object": _object,
        "binary_expression": _binary,
        "unary_expression": _unary,
        "ternary_expression": _ternary,
        "parenthesized_expression": Collecting.inside,
        "await_expression": Collecting.inside,
        "spread_element": Collecting.inside,
        "as_expression": _first,
        "satisfies_expression": _first,
        "non_null_expression": _first,
        "type_assertion": _last,
        "sequence_expression": _last,
        "assignment_expression": _assigned,
        "regex": Collecting.nothing,
        "ERROR": Collecting.nothing,
        **dict.fromkeys(FUNCTIONS, Collecting.nothing),
        "arrow_function": _lambda,
        "function_expression": _lambda,
    }


def _returned(block: Node) -> list[Node]:
    """Return what the statements of a block return, those of conditions too."""
    found: list[Node] = []
    left = list(block.named_children[:RETURNS_MAX])
    while left and len(found) < RETURNS_MAX:
        node = left.pop()
        if node.type == "return_statement":
            found += node.named_children[:1]
        elif node.type in {"if_statement", "else_clause", "statement_block"}:
            left += node.named_children[:RETURNS_MAX]
    return found
