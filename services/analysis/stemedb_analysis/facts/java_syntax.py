"""Java: syntax to expressions, and what its names begin with.

Methods and variables have names of their own here: a method is bound as ``name()``. A method called without an object is one of the class
around, of its base, or statically imported.
"""

import re
import textwrap
from typing import ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts import arithmetic, constants
from stemedb_analysis.facts.collecting import Collecting
from stemedb_analysis.facts.escapes import unescape
from stemedb_analysis.facts.java_constants import folded
from stemedb_analysis.facts.java_names import RESULTS, in_packages
from stemedb_analysis.facts.lowering import ELEMENTS_MAX, Lower
from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.facts.names import CHAIN_MAX, NOT_FOREIGN, NOT_KNOWN, UNKNOWN
from stemedb_analysis.facts.scopes import Bound

_TYPE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_PRIMITIVES: Final = frozenset(
    {"var", "int", "long", "short", "byte", "char", "boolean", "float", "double", "void", "Object"}
)
RETURNS_MAX: Final = 8
"""Values that a method of this file may give to be known for one of them."""
METHOD_BYTES_MAX: Final = 2000
"""Of such a method; longer ones work something out."""
METHOD_NODES_MAX: Final = 400
_WITH_DEFAULT: Final = frozenset(
    {
        "getProperty",
        "getOrDefault",
        "getString",
        "getInt",
        "getInteger",
        "getLong",
        "getEnv",
        "optString",
        "optInt",
        "requireNonNullElse",
    }
)
"""Last parts of calls that give their second argument where nothing else is known."""

_INNER: Final = {
    "method_invocation": "object",
    "object_creation_expression": "type",
    "field_access": "object",
    "array_access": "array",
    "cast_expression": "type",
    "assignment_expression": "right",
}


class JavaSyntax(Collecting):
    """The expressions of one Java file."""

    results = RESULTS
    shares_fields = True
    implied = frozenset({"lambda", "java", "lang"})
    choices = frozenset({"ternary_expression"})
    types_of_literals: ClassVar[dict[str, str]] = {
        "string_literal": "java.lang.String", "null_literal": "none", "true": "boolean", "false": "boolean", "decimal_integer_literal": "int",
        "array_initializer": "array", "array_creation_expression": "array", "class_literal": "java.lang.Class",
    }  # fmt: skip
    stars: list[str]
    static_stars: list[str]
    methods: dict[str, tuple[int, Node] | None]
    """The methods of this file by full name, with the scope they are written in; ``None`` for a name that several have."""
    given: dict[str, tuple[Expr, ...] | None]
    """What methods of this file give, if that is nothing but constants."""

    def of_result(self, meaning: str) -> str:
        """Return the meaning of what a function returns: for those of this file, its declared type."""
        if meaning[:1] != "." or meaning[1:] not in self.methods:
            return super().of_result(meaning)
        found = self.methods[meaning[1:]]
        kind = found[1].child_by_field_name("type") if found is not None else None
        if found is None or kind is None:
            return meaning
        declared = self.written_type(self.text[kind.start_byte : kind.end_byte], found[0])
        return meaning if declared[0] in NOT_KNOWN else declared

    def unwind(self, node: Node) -> tuple[Node, list[str]]:
        """Return the beginning of a chain and its members."""
        members: list[str] = []
        for _ in range(CHAIN_MAX):
            kind = node.type
            field = _INNER.get(kind)
            if field is not None:
                inner = node.child_by_field_name(field)
                last = node.child_by_field_name("name" if kind == "method_invocation" else "field")
                if inner is None:
                    break
                if last is not None:
                    members.append(self.text[last.start_byte : last.end_byte])
            elif kind in {"parenthesized_expression", "generic_type"} and node.named_child_count:
                inner = node.named_children[0]
            else:
                break
            node = inner
        members.reverse()
        return node, [member for member in members if member != "this"]

    def opening(self, node: Node, scope: int) -> str | None:
        """Return the meaning of a method called without an object."""
        if node.type != "method_invocation":
            return None
        name_node = node.child_by_field_name("name")
        if name_node is None:
            return None
        name = self.text[name_node.start_byte : name_node.end_byte]
        found = self.scopes.find(scope, f"{name}()")
        if found is not None:
            return f".{found[1][0].value}"
        imported = self.scopes.table.get((-1, name))
        if imported is not None and imported[0].bound is Bound.IMPORT:
            return str(imported[0].value)
        around = self.scopes.class_around(scope)
        base = self.base(around) if around >= 0 else UNKNOWN
        if base[0] not in NOT_FOREIGN:
            return f"{base}.{name}"
        return f"{self.static_stars[0]}.{name}" if len(self.static_stars) == 1 else name

    def unbound(self, name: str, _scope: int) -> str:
        """Return the full name of a well-known type, any other name as it is."""
        return in_packages(name, self.stars) or name

    def written_type(self, text: str, scope: int) -> str:
        """Return the meaning of a written type, type arguments and dimensions aside."""
        match = _TYPE.search(re.sub(r"@\w+(?:\([^)]*\))?\s*|\bfinal\s+", "", text))
        if match is None or match[0] in _PRIMITIVES:
            return UNKNOWN
        return self.dotted(match[0], scope, len(self.data))

    def base_types(self, scope: int) -> list[str]:
        """Return what a class extends, then what it implements."""
        node = self.scopes.found[scope].node
        found: list[str] = []
        for field in ("superclass", "interfaces"):
            child = node.child_by_field_name(field)
            if child is not None:
                text = self.text[child.start_byte : child.end_byte]
                found += [
                    match
                    for match in _TYPE.findall(re.sub(r"<.*>", "", text))
                    if match not in {"extends", "implements"}
                ]
        return found

    def make_call(self, node: Node, scope: int, depth: int) -> Call:
        """Return the call or construction at `node`."""
        start, end = node.start_byte, node.end_byte
        args = self.arguments(node.child_by_field_name("arguments"), scope, depth)
        function = self.scopes.function(scope)
        if node.type == "object_creation_expression":
            return Call(self.callee(node, scope), args, start, end, function, "new")
        of = node.child_by_field_name("object")
        receiver = self.receiver(of, scope, depth) if of is not None else None
        return Call(self.callee(node, scope), args, start, end, function, "call", receiver)

    def result(self, node: Node) -> str:
        """Return what becomes of the result of the call at `node`."""
        parent = node.parent
        while parent is not None and parent.type in {"parenthesized_expression", "cast_expression"}:
            parent = parent.parent
        if parent is None:
            return ""
        if parent.type == "expression_statement":
            return "discarded"
        field = {"variable_declarator": "name", "assignment_expression": "left", "resource": "name"}.get(
            parent.type, ""
        )
        left = parent.child_by_field_name(field) if field else None
        return self.written(left.start_byte, left.end_byte) if left is not None else ""

    def arguments(self, node: Node | None, scope: int, depth: int) -> tuple[Arg, ...]:
        """Return the arguments of a call or annotation."""
        found: list[Arg] = []
        for child in node.named_children[:ELEMENTS_MAX] if node is not None else ():
            if child.type == "element_value_pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    found.append(
                        Arg(self.text[key.start_byte : key.end_byte], self.lower(value, scope, depth + 1))
                    )
            elif child.type not in self.ignored:
                found.append(Arg(None, self.lower(child, scope, depth + 1)))
        return tuple(found)

    def string(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower a string or text block."""
        start, end = node.start_byte, node.end_byte
        if self.text.startswith('"""', start, end) and end - start >= 6:
            block = self.written(start + 3, end - 3)
            return Expr("str", unescape(textwrap.dedent(block.partition("\n")[2])), start, end)
        return Expr("str", unescape(self.written(start + 1, end - 1)), start, end)

    def _number(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        value = arithmetic.number(self.text[start:end], "lfd")
        return (
            Expr("other", (), start, end)
            if value is None
            else Expr(arithmetic.kind_of(value), value, start, end)
        )

    def _character(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        return Expr("str", unescape(self.written(start + 1, end - 1)), start, end)

    def _field(self, node: Node, scope: int, depth: int) -> Expr:
        return self.chain(node, scope, depth, "object", "field")

    def _item(self, node: Node, scope: int, depth: int) -> Expr:
        found = self.subscript(node, scope, depth, "array", "index")
        if not self.flowing and found.kind == "index":
            container, key = constants.items(found)
            held = constants.items(container) if container.kind == "list" else ()
            if isinstance(key.value, int) and 0 <= key.value < len(held):
                return held[key.value]._replace(start=found.start, end=found.end)
        return found

    def _ternary(self, node: Node, scope: int, depth: int) -> Expr:
        fields = [node.child_by_field_name(name) for name in ("condition", "consequence", "alternative")]
        lowered = [self.lower(field, scope, depth + 1) for field in fields if field is not None]
        if len(lowered) != 3:
            return self.parts(node, scope, depth)
        return constants.chosen(lowered[0], lowered[1], lowered[2], node.start_byte, node.end_byte)

    def _value(self, node: Node, scope: int, depth: int) -> Expr:
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        return self.lower(value, scope, depth + 1) if value is not None else self.nothing(node, scope, depth)

    def _choice(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower a ``switch`` that gives a value: what its cases give, not what it asks."""
        body = node.child_by_field_name("body")
        cases = body.named_children[:ELEMENTS_MAX] if body is not None else []
        bodies = [
            case.named_children[-1]
            for case in cases
            if case.type == "switch_rule" and case.named_child_count > 1
        ]
        given = [
            one.named_children[0] if one.type == "expression_statement" and one.named_child_count else one
            for one in bodies
        ]
        found = self.each(given, scope, depth)
        # For the flow a list: what is written between the cases is no comparison.
        return Expr("list" if self.flowing else "other", found, node.start_byte, node.end_byte)

    def _invocation(self, node: Node, scope: int, depth: int) -> Expr:
        found = self.of_call(node, scope, depth)
        call: Call = found.value  # type: ignore[assignment]  # by kind
        known = folded(call, found.start, found.end)
        if known is not None:
            return known
        if call.name[:1] == "." and not self.flowing:
            return self._returned(call.name[1:], found, depth) or found
        if call.receiver is not None and len(call.args) == 1 and call.name.endswith(".charAt"):
            return constants.character(call.receiver, call.args[0].value, found.start, found.end) or found
        return self._left_open(call, found) if not self.flowing and call.args else found

    def _left_open(self, call: Call, found: Expr) -> Expr:
        """Return what a look-up gives: of a known map what it holds, of settings the default, which counts where they leave it open."""
        last = call.name.rpartition(".")[2]
        if call.receiver is not None and call.receiver.kind == "dict" and last in {"get", "getOrDefault"}:
            for key, value in constants.pairs(call.receiver):
                if key.kind == "str" and key.value == call.args[0].value.value:
                    return value._replace(start=found.start, end=found.end)
        default = call.args[-1].value
        is_look_up = (len(call.args) == 2 and last in _WITH_DEFAULT) or (
            len(call.args) == 1 and last == "orElse"
        )
        if is_look_up and default.kind in {"str", "int"}:
            return default._replace(start=found.start, end=found.end, origin="default")
        return found

    def _returned(self, name: str, found: Expr, depth: int) -> Expr | None:
        """Return the constant that a method of this file gives, or the choice of those that it may give; ``None`` if it gives anything else."""
        method = self.methods.get(name)
        if method is None or method[1].end_byte - method[1].start_byte > METHOD_BYTES_MAX:
            return None
        if name not in self.given:
            self.given[name] = None  # what calls itself gives no constant
            self.given[name] = self._constants_of(method[1], depth)
        values = self.given[name]
        if not values:
            return None
        start, end = found.start, found.end
        if len(values) == 1:
            return values[0]._replace(start=start, end=end, origin="constant")
        return Expr("other", tuple(one._replace(start=start, end=end) for one in values), start, end)

    def _constants_of(self, method: Node, depth: int) -> tuple[Expr, ...] | None:
        body = method.child_by_field_name("body")
        left, seen, found = [body] if body is not None else [], 0, {}
        while left and seen < METHOD_NODES_MAX:
            node = left.pop()
            seen += 1
            if node.type in {"lambda_expression", "class_body"}:
                return None
            if node.type != "return_statement":
                left += node.named_children
                continue
            value = node.named_children[0] if node.named_child_count else None
            one = self.lower(value, self.scopes.at(node.start_byte), depth + 1) if value is not None else None
            parts = one.value if one is not None and one.kind == "other" else (one,)
            for part in parts if isinstance(parts, tuple) else ():
                if part is None or not constants.is_scalar(part) or part.kind == "none":
                    return None
                found[constants.plain(part)] = part
        return tuple(found.values())[:RETURNS_MAX] if not left and found else None

    def _created(self, node: Node, scope: int, depth: int) -> Expr:
        found = self.of_call(node, scope, depth)
        call: Call = found.value  # type: ignore[assignment]  # by kind
        return folded(call, found.start, found.end) or found

    def _array(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower ``new byte[] {…}``. An array without elements is there to be filled; one of bytes tells how many: ``byte[]`` called with it."""
        value = node.child_by_field_name("value")
        if value is not None:
            return self.lower(value, scope, depth + 1)
        start, end = node.start_byte, node.end_byte
        kind, size = node.child_by_field_name("type"), node.child_by_field_name("dimensions")
        if kind is None or size is None or self.text[kind.start_byte : kind.end_byte] != "byte":
            return Expr("list", (), start, end)
        args = tuple(Arg(None, self.lower(one, scope, depth + 1)) for one in size.named_children)
        return Expr("call", Call("byte[]", args, start, end, self.scopes.function(scope), "new"), start, end)

    def _class(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        return Expr("name", self.written(start, end), start, end)

    table: ClassVar[dict[str, Lower]] = {
        "identifier": Collecting.name,
        "this": Collecting.name,
        "field_access": _field,
        "array_access": _item,
        "method_invocation": _invocation,
        "object_creation_expression": _created,
        "string_literal": string,
        "character_literal": _character,
        "decimal_integer_literal": _number,
        "hex_integer_literal": _number,
        "octal_integer_literal": _number,
        "binary_integer_literal": _number,
        "decimal_floating_point_literal": _number,
        "true": Collecting.true,
        "false": Collecting.false,
        "null_literal": Collecting.null,
        "array_initializer": Collecting.elements,
        "element_value_array_initializer": Collecting.elements,
        "array_creation_expression": _array,
        "binary_expression": Collecting.logical,
        "unary_expression": Collecting.signed,
        "ternary_expression": _ternary,
        "switch_expression": _choice,
        "cast_expression": _value,
        "assignment_expression": _value,
        "parenthesized_expression": Collecting.inside,
        "class_literal": _class,
        "lambda_expression": Collecting.nothing,
        "method_reference": Collecting.nothing,
        "class_body": Collecting.nothing,
        "ERROR": Collecting.nothing,
    }
