"""Rust: syntax to expressions, and what its names begin with.

Paths are written with dots. What only unwraps or copies (``?``, ``.await``, ``&``, ``.unwrap()``, ``.clone()``, ``.to_string()``) is read
through. Macros have no syntax inside, only tokens: their arguments are what stands between the commas, as far as it is a literal or names.
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from tree_sitter import Node, Tree

from stemedb_analysis.facts import arithmetic, constants
from stemedb_analysis.facts.collecting import LAST_BYTES, Captures, Collecting
from stemedb_analysis.facts.escapes import unescape
from stemedb_analysis.facts.layout import flat
from stemedb_analysis.facts.lowering import ELEMENTS_MAX, Lower
from stemedb_analysis.facts.model import Arg, Call, Expr, Interest
from stemedb_analysis.facts.names import CHAIN_MAX, UNKNOWN
from stemedb_analysis.facts.rust_choices import RustChoices
from stemedb_analysis.facts.rust_macros import Fragments, pieces, printed
from stemedb_analysis.facts.scopes import Bound
from stemedb_analysis.facts.shapes import filled

PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\s*(?:::|\.)\s*[A-Za-z_]\w*)*")
"""A name and its members, as ``a::b`` or ``a.b``."""
COPIES: Final = frozenset(
    {"unwrap", "expect", "clone", "cloned", "to_string", "to_owned", "into", "as_str", "as_ref", "as_mut", "as_bytes", "borrow", "unwrap_or_default", "map_err", "context", "with_context", "ok_or", "ok_or_else", "ok"}
)  # fmt: skip
"""Methods that give what they are called on, as far as rules care."""

RESULTS: Final[Mapping[str, str]] = dict.fromkeys(
    (f"{kind}.{method}" for kind in ("std.process.Command", "tokio.process.Command") for method in (
        "arg", "args", "env", "envs", "env_clear", "env_remove", "current_dir", "stdin", "stdout", "stderr",
    )), ""
)  # fmt: skip
"""What gives back what it is called on."""
CONSTRUCTORS: Final = frozenset({"new", "default", "open", "create", "with_capacity", "from_env"})

_WRAPPERS: Final = re.compile(
    r"(?:&|'\w+\s|mut\s|dyn\s|impl\s|\s|(?:std::\w+::)?(?:Arc|Box|Rc|Option|Mutex|RwLock|RefCell|Cow|Pin|Result|io::Result|anyhow::Result)\s*<"
    r"|(?:axum::extract::|actix_web::|web::|rocket::)*(?:State|Data|Extension|MutexGuard|Query|Path|Form|Json)\s*<)*"
)
_PRELUDE: Final = frozenset(
    "Some None Ok Err Vec String Box Option Result Default Iterator From Into Self Clone Send Sync Drop Fn FnMut FnOnce".split()  # noqa: SIM905 - easier to read
)
_PRIMITIVES: Final = frozenset(
    "bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64".split()  # noqa: SIM905 - easier to read
)
_HOLE: Final = re.compile(r"(?<!\{)\{([a-z_]\w*)(?::[^{}]*)?\}")
_TRANSPARENT_CALLS: Final = frozenset(
    "String::from Some Ok Box::new Arc::new HeaderValue::from_static HeaderValue::from_str HeaderValue::try_from HeaderName::from_static NonZeroU32::new NonZeroUsize::new NonZeroU64::new Cow::from Cow::Borrowed Cow::Owned".split()  # noqa: SIM905 - easier to read
)
_NUMBER: Final = re.compile(
    r"(?:&|\s|(?:\w+::)*(?:Option|Vec|NonZero)\s*<)*(?:[iu](?:8|16|32|64|128|size)|f32|f64|bool|(?:std::num::)?NonZero\w+|(?:uuid::)?Uuid|(?:\w+::)*(?:DateTime|NaiveDate|NaiveDateTime|Duration)\b.*)\s*>*"
)
_HELD: Final = re.compile(r"<\s*(?:\w+::)*(\w+)\s*>+\s*$")
_SUFFIX: Final = re.compile(r"_?(?:[iu](?:8|16|32|64|128|size)|f32|f64)$")
_INNER: Final = {
    "field_expression": "value",
    "scoped_identifier": "path",
    "scoped_type_identifier": "path",
    "call_expression": "function",
    "generic_function": "function",
    "generic_type": "type",
    "reference_expression": "value",
    "type_cast_expression": "value",
    "struct_expression": "name",
    "macro_invocation": "macro",
}
_MEMBER: Final = {"field_expression": "field", "scoped_identifier": "name", "scoped_type_identifier": "name"}
_TRANSPARENT: Final = frozenset(
    {"parenthesized_expression", "try_expression", "await_expression", "unary_expression", "index_expression"}
)


class RustSyntax(RustChoices):
    """The expressions of one Rust file."""

    results = RESULTS
    types_of_literals: ClassVar[dict[str, str]] = {
        "string_literal": "str", "raw_string_literal": "str", "integer_literal": "int", "float_literal": "float", "boolean_literal": "bool",
        "array_expression": "array", "tuple_expression": "tuple",
    }  # fmt: skip
    stars: list[str]

    def __init__(self, data: bytes, interest: Interest, tree: Tree, captures: Captures) -> None:
        super().__init__(data, interest, tree, captures)
        self._fragments = Fragments(data)

    def last_part(self, text: str) -> str:
        """Return the last part of a written path."""
        if text.endswith(">"):
            text = text[: text.rfind("::<")]
        last = text[max(text.rfind("."), text.rfind(":")) + 1 :]
        if not last.isidentifier():
            text = flat(text[-LAST_BYTES:])
            last = text[max(text.rfind("."), text.rfind(":")) + 1 :].strip()
        return last

    def unwind(self, node: Node) -> tuple[Node, list[str]]:
        """Return the beginning of a chain and its members."""
        members: list[str] = []
        for _ in range(CHAIN_MAX):
            kind = node.type
            field = _INNER.get(kind)
            if field is not None:
                inner = node.child_by_field_name(field)
                if inner is not None and kind == "call_expression":
                    inner = self.copied(inner) or inner
                elif kind in _MEMBER:
                    last = node.child_by_field_name(_MEMBER[kind])
                    if last is not None:
                        members.append(self.text[last.start_byte : last.end_byte])
            elif kind in _TRANSPARENT and node.named_child_count:
                inner = node.named_children[0]
            else:
                break
            if inner is None:
                break
            node = inner
        members.reverse()
        return node, members

    def of_result(self, meaning: str) -> str:
        """Return the type for a constructor, the builder for its methods, and the type again for what they build."""
        if meaning[0] == ".":
            return self.of_own_result(meaning)
        owner, _, last = meaning.rpartition(".")
        if meaning in RESULTS or (last in CONSTRUCTORS and owner.rpartition(".")[2][:1].isupper()):
            return owner
        kind, is_built, _ = owner.partition(".builder")
        if not is_built:
            return meaning
        return kind if last in {"build", "finish", "send"} else f"{kind}.builder"

    def copied(self, callee: Node) -> Node | None:
        """Return what a method is called on if all it does is to copy or unwrap."""
        if callee.type != "field_expression":
            return None
        last = callee.child_by_field_name("field")
        if last is None or self.text[last.start_byte : last.end_byte] not in COPIES:
            return None
        return callee.child_by_field_name("value")

    def unbound(self, name: str, _scope: int) -> str:
        """Return a crate or a name of the prelude as it is, a type as a member of the one module whose names are all imported."""
        if len(self.stars) == 1 and name[0].isupper() and name not in _PRELUDE:
            return f"{self.stars[0]}.{name}"
        return name

    def written_type(self, text: str, scope: int) -> str:
        """Return the meaning of a written type, references and smart pointers aside."""
        match = PATH.match(text, _WRAPPERS.match(text).end())  # type: ignore[union-attr]  # it matches nothing too
        if match is None or match[0] in _PRIMITIVES or match[0] in _PRELUDE:
            return UNKNOWN
        path = re.sub(r"\s|::", ".", match[0])
        root = path.partition(".")[0]
        if root == path and self.scopes.find(scope, root) is None and len(self.stars) != 1:
            return UNKNOWN
        return self.dotted(path, scope, len(self.data))

    def base_types(self, _scope: int) -> list[str]:
        """Return nothing: structs have no bases."""
        return []

    def make_call(self, node: Node, scope: int, depth: int) -> Call:
        """Return the call, macro or struct literal at `node`."""
        start, end, function = node.start_byte, node.end_byte, self.scopes.function(scope)
        kind = node.type
        if kind == "macro_invocation":
            macro = node.child_by_field_name("macro")
            assert macro is not None  # the grammar has no macro without
            tokens = [child for child in node.named_children if child.type == "token_tree"]
            args = self.tokens(tokens[0], scope) if tokens else ()
            if not self.text.startswith(("format", "vec"), start):
                args = printed(args)
            return Call(self.callee(macro, scope), args, start, end, function, "macro")
        if kind == "struct_expression":
            name = node.child_by_field_name("name")
            assert name is not None  # the grammar has no literal without
            return Call(
                self.callee(name, scope), self._fields(node, scope, depth), start, end, function, "literal"
            )
        callee = node.child_by_field_name("function")
        assert callee is not None  # the grammar has no call without
        receiver = None
        method: Node | None = callee
        if callee.type == "generic_function":  # x.load::<T>()
            method = callee.child_by_field_name("function")
        if method is not None and method.type == "field_expression":
            of = method.child_by_field_name("value")
            receiver = self.receiver(of, scope, depth) if of is not None else None
        args = self.arguments(node.child_by_field_name("arguments"), scope, depth)
        return Call(self.callee(callee, scope), args, start, end, function, "call", receiver)

    def _fields(self, node: Node, scope: int, depth: int) -> tuple[Arg, ...]:
        found = []
        body = node.child_by_field_name("body")
        for child in body.named_children[:ELEMENTS_MAX] if body is not None else ():
            field, value = child.child_by_field_name("field"), child.child_by_field_name("value")
            if field is not None and value is not None:
                found.append(
                    Arg(self.text[field.start_byte : field.end_byte], self.lower(value, scope, depth + 1))
                )
            elif child.type == "shorthand_field_initializer":
                start, end = child.start_byte, child.end_byte
                found.append(
                    Arg(self.text[start:end], self.named(self.text[start:end], start, end, scope, depth + 1))
                )
            elif child.type == "base_field_initializer":
                found.append(Arg("**", self.inside(child, scope, depth)))
        return tuple(found)

    def result(self, node: Node) -> str:
        """Return what becomes of the result of the call at `node`."""
        parent = node.parent
        while parent is not None and parent.type in {
            "try_expression",
            "await_expression",
            "parenthesized_expression",
            "reference_expression",
        }:
            parent = parent.parent
        if parent is None:
            return ""
        if parent.type == "expression_statement":
            return "discarded"
        field = {
            "let_declaration": "pattern",
            "assignment_expression": "left",
            "const_item": "name",
            "static_item": "name",
        }.get(parent.type, "")
        left = parent.child_by_field_name(field) if field else None
        return self.written(left.start_byte, left.end_byte) if left is not None else ""

    def arguments(self, node: Node | None, scope: int, depth: int) -> tuple[Arg, ...]:
        """Return the arguments of a call."""
        inner = node.named_children if node is not None else []
        return tuple(Arg(None, value) for value in self.each(inner, scope, depth))

    def tokens(self, node: Node, scope: int) -> tuple[Arg, ...]:
        """Return the arguments of a macro or attribute: what stands between the commas, then the names in the holes of its text."""
        found: list[Arg] = []
        group: list[Node] = []
        for child in node.children[1:-1][: 4 * ELEMENTS_MAX]:
            if child.type in {",", ";"}:
                found += self._token_group(group, scope)
                group = []
            elif child.type not in self.ignored:
                group.append(child)
        found += self._token_group(group, scope)
        for arg in list(found):
            if arg.value.kind == "str":
                found += (Arg(None, one) for one in self._holes(arg.value, scope))
        return tuple(found)

    def _holes(self, text: Expr, scope: int) -> list[Expr]:
        """Return the names that a text of a macro holds in its holes."""
        return [
            self.named(match[1], text.start, text.end, scope, 0) for match in _HOLE.finditer(str(text.value))
        ]

    def _token_group(self, group: list[Node], scope: int) -> list[Arg]:
        if not group:
            return []
        key = None
        if len(group) > 2 and group[1].type == "=":
            key = self.text[group[0].start_byte : group[0].end_byte]
            group = group[2:]
        start, end = group[0].start_byte, group[-1].end_byte
        if group[0].type in {"%", "?"} and len(group) > 1:
            group, start = group[1:], group[1].start_byte
        if any(one.type == "token_tree" for one in group[1:]):
            node = self._fragments.expression(group[0], group[-1])
            if node is not None:
                return [Arg(key, self.lower(node, scope))]
        if len(group) == 1:
            return [
                Arg(
                    key,
                    self.lower(group[0], scope)
                    if group[0].type != "token_tree"
                    else self._names(group, scope),
                )
            ]
        text = self.flat(start, end).lstrip("& *")
        if PATH.fullmatch(text):
            return [Arg(key, self.named(re.sub(r"\s|::", ".", text), start, end, scope, 0))]
        return [Arg(key, self._names(group, scope))]

    def _names(self, group: list[Node], scope: int, depth: int = 0) -> Expr:
        found: list[Expr] = []
        for index, node in enumerate(group[:ELEMENTS_MAX]):
            kind = node.type
            if kind == "token_tree" and depth < 8:
                found.append(self._names(node.children, scope, depth + 1))
            elif kind in {"identifier", "self"}:
                if index and group[index - 1].type in {".", "::"}:
                    continue
                found.append(self.lower(node, scope))
            elif kind in self.types_of_literals:
                found.append(self.lower(node, scope))
        return Expr("other", tuple(found), group[0].start_byte, group[-1].end_byte)

    def string(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower a string."""
        start, end = node.start_byte, node.end_byte
        text = self.written(start, end)
        prefix = text[: text.find('"')]
        hashes = prefix.count("#")
        content = text[len(prefix) + 1 : len(text) - 1 - hashes]
        if "r" not in prefix:
            content = unescape(content)
        if "b" in prefix:
            return Expr("bytes", content.encode("latin-1", "replace"), start, end)
        return Expr("str", content, start, end)

    def _character(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        text = self.written(start, end)
        if text.startswith("b"):
            return Expr("other", (), start, end)
        return Expr("str", unescape(text[1:-1]), start, end)

    def _number(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        value = arithmetic.number(_SUFFIX.sub("", self.text[start:end]))
        return (
            Expr("other", (), start, end)
            if value is None
            else Expr(arithmetic.kind_of(value), value, start, end)
        )

    def _boolean(self, node: Node, scope: int, depth: int) -> Expr:
        return (
            self.true(node, scope, depth)
            if self.text[node.start_byte] == "t"
            else self.false(node, scope, depth)
        )

    def _path(self, node: Node, scope: int, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        text = self.flat(start, end)
        if PATH.fullmatch(text):
            return self.named(re.sub(r"\s*(?:::|\.)\s*", ".", text), start, end, scope, depth)
        return Expr("name", self.callee(node, scope), start, end)

    def _field(self, node: Node, scope: int, depth: int) -> Expr:
        return self.chain(node, scope, depth, "value", "field")

    def _index(self, node: Node, scope: int, depth: int) -> Expr:
        inner = self.each(node.named_children, scope, depth)
        if len(inner) == 2 and node.named_children[1].type == "range_expression":
            return inner[0]
        return Expr("index" if len(inner) == 2 else "other", inner, node.start_byte, node.end_byte)

    def _call(self, node: Node, scope: int, depth: int) -> Expr:
        callee = node.child_by_field_name("function")
        if callee is not None:
            inner = self.copied(callee)
            if inner is None and self.text[callee.start_byte : callee.end_byte] in _TRANSPARENT_CALLS:
                held = node.child_by_field_name("arguments")
                inner = held.named_children[0] if held is not None and held.named_child_count else None
            if inner is not None:
                return self.lower(inner, scope, depth + 1)
        return self.of_call(node, scope, depth)

    def _macro(self, node: Node, scope: int, depth: int) -> Expr:
        start, end, text = node.start_byte, node.end_byte, self.text
        if text.startswith("vec!", start):
            call = self.call(node, scope, depth)
            values = tuple(arg.value for arg in call.args)
            if len(values) == 2 and ";" in text[start:end]:
                return filled("[;]", values, start, end, call.function)
            return Expr("list", values, start, end)
        if text.startswith(("format!", "format_args!", "concat!"), start):
            return self._formatted(self.call(node, scope, depth), scope)
        return self.of_call(node, scope, depth)

    def _formatted(self, call: Call, scope: int) -> Expr:
        found = pieces(call.args, lambda name, at, to: self.named(name, at, to, scope, 0))
        if found is None:
            return Expr("call", call, call.start, call.end)
        return constants.concat(found, call.start, call.end)

    def _array(self, node: Node, scope: int, depth: int) -> Expr:
        length = node.child_by_field_name("length")
        if length is None:
            return self.elements(node, scope, depth)
        inner = self.each(node.named_children, scope, depth)
        return filled("[;]", inner, node.start_byte, node.end_byte, self.scopes.function(scope))

    def is_number(self, text: str, scope: int, place: int) -> bool:
        """Return whether a field is declared to be a number, a truth or an identifier made of digits."""
        written = self.field_of(text, scope, place) or self._extracted(text, scope)
        return _NUMBER.fullmatch(written) is not None

    def _extracted(self, text: str, scope: int) -> str:
        # ``note: web::Json<Note>``: the field is one of the struct that the extractor holds.
        root, _, member = text.partition(".")
        found = self.scopes.find(scope, root)
        match = _HELD.search(found[1][0].annotation) if found and "." not in member else None
        held = self.scopes.find(scope, match[1]) if match else None
        if held is None or held[1][0].bound is not Bound.CLASS:
            return ""
        bindings = self.scopes.table.get((int(held[1][0].value), member))
        return bindings[0].annotation if bindings else ""

    def _value(self, node: Node, scope: int, depth: int) -> Expr:
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        return self.lower(value, scope, depth + 1) if value is not None else self.parts(node, scope, depth)

    table: ClassVar[dict[str, Lower]] = {
        "match_expression": RustChoices.choice,
        "if_expression": RustChoices.choice,
        "identifier": Collecting.name,
        "self": Collecting.name,
        "scoped_identifier": _path,
        "field_expression": _field,
        "index_expression": _index,
        "call_expression": _call,
        "macro_invocation": _macro,
        "struct_expression": Collecting.of_call,
        "string_literal": string,
        "raw_string_literal": string,
        "integer_literal": _number,
        "float_literal": _number,
        "boolean_literal": _boolean,
        "array_expression": _array,
        "tuple_expression": Collecting.elements,
        "binary_expression": Collecting.logical,
        "unary_expression": Collecting.signed,
        "reference_expression": _value,
        "type_cast_expression": _value,
        "assignment_expression": _value,
        "try_expression": Collecting.inside,
        "await_expression": Collecting.inside,
        "parenthesized_expression": Collecting.inside,
        "closure_expression": RustChoices.closure,
        "async_block": Collecting.nothing,
        "unit_expression": Collecting.nothing,
        "char_literal": _character,
        "token_tree": Collecting.nothing,
        "type_arguments": Collecting.nothing,
        "ERROR": Collecting.nothing,
    }
