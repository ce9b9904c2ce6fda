"""Python: syntax to expressions, and what its names begin with."""

import builtins
import re
from typing import ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts import arithmetic, constants
from stemedb_analysis.facts.collecting import Collecting
from stemedb_analysis.facts.escapes import unescape
from stemedb_analysis.facts.layout import HASH
from stemedb_analysis.facts.lowering import ELEMENTS_MAX, Lower
from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.facts.names import CHAIN_MAX, LOCAL, NOT_FOREIGN, UNKNOWN
from stemedb_analysis.facts.python_values import STANDING, changes, fallback, formatted, of_fallback, percent
from stemedb_analysis.facts.scopes import Binding, Bound

MEMBER: Final = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
"""A name and its members, white space between them allowed."""
_WRAPPED_TYPE: Final = re.compile(r"(?:typing\.)?(?:Optional|Annotated|Final|ClassVar|Type|type)\s*\[\s*")
_BUILTINS: Final = frozenset(dir(builtins))
_NO_TYPES: Final = frozenset({"Any", "object", "None", "Self", "Union", "Callable"}) | _BUILTINS
_REMADE: Final = ("__init__", "__new__", "find_class")
"""What a class defines that is no longer like its base where it is constructed: ``find_class`` restricts an unpickler."""
_PREFIX: Final = re.compile(r"[A-Za-z]*")


class PythonSyntax(Collecting):
    """The expressions of one Python file."""

    between = HASH
    stars: set[str]
    """The modules that all names are imported from."""
    _standing: dict[tuple[int, str], Expr | None]
    """By scope and name, what a name stands for."""
    choices = frozenset({"boolean_operator", "conditional_expression"})
    types_of_literals: ClassVar[dict[str, str]] = {
        "string": "str", "concatenated_string": "str", "list": "list", "list_comprehension": "list", "dictionary": "dict",
        "dictionary_comprehension": "dict", "set": "set", "set_comprehension": "set", "tuple": "tuple", "integer": "int", "float": "float",
        "none": "none", "true": "bool", "false": "bool",
    }  # fmt: skip

    def unwind(self, node: Node) -> tuple[Node, list[str]]:
        """Return the beginning of a chain and its members."""
        members: list[str] = []
        for _ in range(CHAIN_MAX):
            kind = node.type
            if kind == "attribute":
                last = node.child_by_field_name("attribute")
                if last is not None:
                    members.append(self.text[last.start_byte : last.end_byte])
                inner = node.child_by_field_name("object")
            elif kind == "call":
                inner = node.child_by_field_name("function")
            elif kind == "subscript":
                inner = node.child_by_field_name("value")
            elif kind in {"parenthesized_expression", "await"} and node.named_child_count:
                inner = node.named_children[0]
            elif kind == "assignment":
                inner = node.child_by_field_name("right")
            elif kind == "named_expression":
                inner = node.child_by_field_name("value")
            else:
                break
            if inner is None:
                break
            node = inner
        members.reverse()
        return node, members

    def unbound(self, name: str, _scope: int) -> str:
        """Return a built-in as it is, another name as a member of the one module that gives all of its names."""
        if len(self.stars) == 1 and name not in _BUILTINS:
            return f"{next(iter(self.stars))}.{name}"
        return name

    def written_type(self, text: str, scope: int) -> str:
        """Return the meaning of an annotation."""
        text = text.strip("\"' \n")
        match = _WRAPPED_TYPE.match(text)
        if match:
            text = text[match.end() :]
        for part in text.split("|"):
            name = MEMBER.match(part.strip("\"' \n"))
            if name and name[0] not in _NO_TYPES:
                written = "".join(name[0].split())
                if not self.stars and self.scopes.find(scope, written.partition(".")[0]) is None:
                    continue
                meaning = self.dotted(written, scope, len(self.data))
                return UNKNOWN if meaning[0] == "." else meaning
        return UNKNOWN

    def base_types(self, scope: int) -> list[str]:
        """Return the bases of a class."""
        node = self.scopes.found[scope].node.child_by_field_name("superclasses")
        if node is None:
            return []
        return [
            self.text[child.start_byte : child.end_byte]
            for child in node.named_children
            if child.type in {"identifier", "attribute"}
        ]

    def make_call(self, node: Node, scope: int, depth: int) -> Call:
        """Return the call at `node`."""
        callee = node.child_by_field_name("function")
        assert callee is not None  # the grammar has no call without
        receiver = None
        if callee.type == "attribute":
            of = callee.child_by_field_name("object")
            receiver = self.receiver(of, scope, depth) if of is not None else None
        return Call(
            self.callee(callee, scope),
            self.arguments(node.child_by_field_name("arguments"), scope, depth),
            node.start_byte,
            node.end_byte,
            self.scopes.function(scope),
            "call",
            receiver,
            "",
            self.derived(callee, scope),
        )

    def derived(self, callee: Node, scope: int) -> str:
        """Return the class from elsewhere that the class of this file at `callee` derives from, if it is constructed as that one is."""
        meaning = self.meaning(callee, scope)
        if meaning[0] != LOCAL or any((int(meaning[1:]), name) in self.scopes.table for name in _REMADE):
            return ""
        base = self.base(int(meaning[1:]))
        return base if base[:1] not in NOT_FOREIGN else ""

    def stands_for(self, text: str, scope: int, place: int, depth: int) -> Expr | None:
        """Return the call, container or text put together that a name got once and for all."""
        root, _, member = text.partition(".")
        found = self.scopes.find(scope, root)
        if found is None or "." in member:
            return None
        owner, bindings = found
        if member:
            binding = bindings[self.scopes.nearest(bindings, place) if owner == scope else 0]
            if binding.bound not in {Bound.SELF, Bound.CLASS}:
                return None
            owner = self.owner_of(int(binding.value), member)
            bindings = self.scopes.table.get((owner, member), [])
        if len(bindings) != 1 or bindings[0].bound is not Bound.VALUE or bindings[0].value is None:
            return None
        key = (owner, text)
        if key not in self._standing:
            # A name within its own value is none: the placeholder ends the circle.
            self._standing[key] = None
            self._standing[key] = self._of_standing(bindings[0], text, owner, depth)
        return self._standing[key]

    def _of_standing(self, binding: Binding, text: str, owner: int, depth: int) -> Expr | None:
        node = binding.value
        while node.type in {"parenthesized_expression", "await"} and node.named_child_count == 1:
            node = node.named_children[0]
        if node.type not in STANDING:
            return None
        value = self.lower(node, self.scopes.at(node.start_byte), depth + 1)
        if value.kind not in {"list", "dict"}:
            return value if value.kind in {"call", "concat", "index", "other"} and value.value else None
        start, end = 0, len(self.text)
        if owner >= 0:
            start, end = self.scopes.found[owner].start, self.scopes.found[owner].end
        if changes(text).search(self.text, start, end) is None:
            return value if value.value else None
        if value.kind == "list":
            return None
        more = Expr("str", "**", value.end, value.end)
        return value._replace(
            value=(*constants.pairs(value), (more, Expr("other", (), value.end, value.end)))
        )

    def result(self, node: Node) -> str:
        """Return what becomes of the result of the call at `node`."""
        parent = node.parent
        while parent is not None and parent.type in {"await", "parenthesized_expression"}:
            parent = parent.parent
        if parent is None:
            return ""
        kind = parent.type
        if kind == "expression_statement":
            return "discarded"
        left = (
            parent.child_by_field_name("left" if kind == "assignment" else "name")
            if kind in {"assignment", "named_expression"}
            else None
        )
        return self.written(left.start_byte, left.end_byte) if left is not None else ""

    def arguments(self, node: Node | None, scope: int, depth: int) -> tuple[Arg, ...]:
        """Return the arguments; those of ``**known`` one by one."""
        if node is None:
            return ()
        if node.type != "argument_list":
            return (Arg(None, self.lower(node, scope, depth + 1)),)
        found: list[Arg] = []
        for child in node.named_children[:ELEMENTS_MAX]:
            kind = child.type
            if kind == "comment":
                continue
            if kind == "keyword_argument":
                name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
                if name is not None and value is not None:
                    found.append(
                        Arg(self.text[name.start_byte : name.end_byte], self.lower(value, scope, depth + 1))
                    )
            elif kind in {"list_splat", "dictionary_splat"}:
                inner = self.lower(child.named_children[0], scope, depth + 1)
                known = constants.splat(inner) if kind == "dictionary_splat" else None
                found += known if known is not None else (Arg("*" if kind == "list_splat" else "**", inner),)
            else:
                found.append(Arg(None, self.lower(child, scope, depth + 1)))
        return tuple(found)

    def plain(self, start: int, end: int) -> str | None:
        """Return the text of the literal at ``[start, end)``, as nearly all of them are written; ``None`` if there is more to it than quotes."""
        text = self.text[start + 1 : end - 1]
        quote = self.text[start]
        if quote not in "\"'" or text[:1] == quote or "\\" in text or not (self.ascii or text.isascii()):
            return None
        return text

    def string(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower a string without holes."""
        start, end = node.start_byte, node.end_byte
        plain = self.plain(start, end)
        if plain is not None:
            return Expr("str", plain, start, end)
        text = self.written(start, end)
        prefix = _PREFIX.match(text)
        letters = prefix[0].lower() if prefix else ""
        if "f" in letters or "t" in letters:
            return self._pieces(node, _scope, _depth)
        quotes = 3 if text[len(letters) : len(letters) + 3] in {'"""', "'''"} else 1
        value: str | bytes = text[len(letters) + quotes : len(text) - quotes]
        if "\\" in text and "r" not in letters:
            value = unescape(str(value), keeps_unknown=True)
        if "b" in letters:
            return Expr(
                "bytes",
                value if isinstance(value, bytes) else str(value).encode("latin-1", "replace"),
                start,
                end,
            )
        return Expr("str", value, start, end)

    def _pieces(self, node: Node, scope: int, depth: int) -> Expr:
        pieces: list[Expr] = []
        for child in node.named_children[:ELEMENTS_MAX]:
            kind = child.type
            if kind == "string_content":
                text = self.written(child.start_byte, child.end_byte)
                pieces.append(
                    Expr("str", text.replace("{{", "{").replace("}}", "}"), child.start_byte, child.end_byte)
                )
            elif kind == "interpolation":
                inner = child.child_by_field_name("expression")
                if inner is not None:
                    piece = self.lower(inner, scope, depth + 1)
                    pieces.append(
                        formatted(piece, self.text[inner.end_byte : child.end_byte - 1])
                        if self.flowing
                        else piece
                    )
        if not pieces:
            return Expr("str", "", node.start_byte, node.end_byte)
        return constants.concat(pieces, node.start_byte, node.end_byte)

    def _strings(self, node: Node, scope: int, depth: int) -> Expr:
        pieces = list(self.each(node.named_children, scope, depth))
        if pieces and all(piece.kind == "bytes" for piece in pieces):
            return Expr("bytes", b"".join(piece.value for piece in pieces), node.start_byte, node.end_byte)  # type: ignore[misc]  # by kind
        return constants.concat(pieces, node.start_byte, node.end_byte)

    def _number(self, node: Node, _scope: int, _depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        value = arithmetic.number(self.text[start:end])
        return (
            Expr("other", (), start, end)
            if value is None
            else Expr(arithmetic.kind_of(value), value, start, end)
        )

    def _attribute(self, node: Node, scope: int, depth: int) -> Expr:
        return self.chain(node, scope, depth, "object", "attribute")

    def _subscript(self, node: Node, scope: int, depth: int) -> Expr:
        return self.subscript(node, scope, depth, "value", "subscript")

    def _dictionary(self, node: Node, scope: int, depth: int) -> Expr:
        pairs: list[tuple[Expr, Expr]] = []
        for child in node.named_children[:ELEMENTS_MAX]:
            if child.type == "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    pairs.append((self.lower(key, scope, depth + 1), self.lower(value, scope, depth + 1)))
            elif child.type == "dictionary_splat":
                inner = self.lower(child.named_children[0], scope, depth + 1)
                splat = Expr("str", "**", child.start_byte, child.start_byte)
                pairs += constants.pairs(inner) if inner.kind == "dict" else ((splat, inner),)
        return Expr("dict", tuple(pairs), node.start_byte, node.end_byte)

    def _operator(self, node: Node, scope: int, depth: int) -> Expr:
        sign = node.child_by_field_name("operator")
        op = sign.type if sign is not None else ""
        if op == "%":
            left = node.child_by_field_name("left")
            if left is not None:
                template = self.lower(left, scope, depth + 1)
                right = node.child_by_field_name("right")
                if template.kind in {"str", "concat", "bytes"} and right is not None:
                    values = self.lower(right, scope, depth + 1)
                    each = constants.items(values) if values.kind == "list" else (values,)
                    return self.filled(template, percent(template, each) if self.flowing else each, node)
        return self.operation(node, scope, depth, op)

    def filled(self, template: Expr, values: tuple[Expr, ...], node: Node) -> Expr:
        """Return a template with what fills it: a concatenation whose order says nothing."""
        return Expr("concat", (template, *values), node.start_byte, node.end_byte)

    def _call(self, node: Node, scope: int, depth: int) -> Expr:
        callee = node.child_by_field_name("function")
        if (
            callee is not None
            and callee.type == "attribute"
            and self.text.endswith(".format", callee.start_byte, callee.end_byte)
        ):
            of = callee.child_by_field_name("object")
            template = self.lower(of, scope, depth + 1) if of is not None else None
            if template is not None and template.kind in {"str", "concat"}:
                args = self.arguments(node.child_by_field_name("arguments"), scope, depth)
                return self.filled(template, tuple(arg.value for arg in args), node)
        if callee is not None and self.text[callee.start_byte : callee.end_byte] == "dict":
            args = self.arguments(node.child_by_field_name("arguments"), scope, depth)
            if args and all(arg.key not in {None, "*"} for arg in args):
                at = node.start_byte
                pairs = tuple((Expr("str", arg.key, at, at), arg.value) for arg in args)
                return Expr("dict", pairs, at, node.end_byte)
        found = self.of_call(node, scope, depth)
        if self.flowing or not isinstance(found.value, Call):
            return found
        return fallback(found.value) or of_fallback(found.value) or found

    def _comparison(self, node: Node, scope: int, depth: int) -> Expr:
        operands = [child for child in node.named_children if child.type != "comment"]
        if len(operands) == 2:
            a, b = (self.lower(operand, scope, depth + 1) for operand in operands)
            op = " ".join(self.text[operands[0].end_byte : operands[1].start_byte].split())
            found = arithmetic.binary(op, a, b, node.start_byte, node.end_byte)
            return found or Expr("other", (a, b), node.start_byte, node.end_byte)
        return self.parts(node, scope, depth)

    def _boolean(self, node: Node, scope: int, depth: int) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return self.parts(node, scope, depth)
        sign = node.child_by_field_name("operator")
        a, b = self.lower(left, scope, depth + 1), self.lower(right, scope, depth + 1)
        is_or = sign is not None and sign.type == "or"
        return constants.either(a, b, node.start_byte, node.end_byte, is_or=is_or)

    def _not(self, node: Node, scope: int, depth: int) -> Expr:
        inner = self.inside(node, scope, depth)
        return constants.inverted(inner, node.start_byte, node.end_byte)

    def _unary(self, node: Node, scope: int, depth: int) -> Expr:
        inner = self.inside(node, scope, depth)
        if self.text[node.start_byte] == "-":
            return arithmetic.negated(inner, node.start_byte, node.end_byte) or inner
        return inner

    def _conditional(self, node: Node, scope: int, depth: int) -> Expr:
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) != 3:
            return self.parts(node, scope, depth)
        then, test, otherwise = (self.lower(child, scope, depth + 1) for child in inner)
        return constants.chosen(test, then, otherwise, node.start_byte, node.end_byte)

    def _right(self, node: Node, scope: int, depth: int) -> Expr:
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        return self.lower(value, scope, depth + 1) if value is not None else self.parts(node, scope, depth)

    table: ClassVar[dict[str, Lower]] = {
        "identifier": Collecting.name,
        "attribute": _attribute,
        "subscript": _subscript,
        "call": _call,
        "string": string,
        "concatenated_string": _strings,
        "integer": _number,
        "float": _number,
        "none": Collecting.null,
        "true": Collecting.true,
        "false": Collecting.false,
        "list": Collecting.elements,
        "tuple": Collecting.elements,
        "set": Collecting.elements,
        "expression_list": Collecting.elements,
        "dictionary": _dictionary,
        "binary_operator": _operator,
        "comparison_operator": _comparison,
        "boolean_operator": _boolean,
        "not_operator": _not,
        "unary_operator": _unary,
        "conditional_expression": _conditional,
        "parenthesized_expression": Collecting.inside,
        "await": Collecting.inside,
        "assignment": _right,
        "named_expression": _right,
        "lambda": Collecting.nothing,
        "ERROR": Collecting.nothing,
    }
