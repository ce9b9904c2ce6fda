"""From syntax to `Expr` and `Call`: what is alike in all languages.

Each language has a table from node types to methods; `Lowering.lower` looks the method up and counts. What the table does not know
becomes ``other`` with the parts inside that could carry data. Names that stand for constants are replaced by them, unless an
expression is lowered for the flow pass (`flowing`), which wants to see the variables: there, only single values are.

Invariants:

* Nothing recurses deeper than `DEPTH_MAX` nodes, and no file costs more than a bounded number of nodes: beyond that, ``other`` without
  parts, and a fault of the file.
* A constant is a name that its scope binds to one value only; one that branches set to different values is none.
* The same call lowered twice is one object.
"""

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeAlias

from tree_sitter import Node

from stemedb_analysis.facts import arithmetic, constants
from stemedb_analysis.facts.assigned import possible
from stemedb_analysis.facts.model import MODULE, Arg, Call, Expr, Interest, Origin
from stemedb_analysis.facts.names import DOTTED, LOCAL, Names
from stemedb_analysis.facts.scopes import Binding, Bound

DEPTH_MAX: Final = 40
"""Of nested expressions; people write up to ten."""
ELEMENTS_MAX: Final = 512
"""Of one list, dict or argument list that is looked at."""
NODES_MIN: Final = 200_000
"""The nodes that any file may have lowered; a longer one has one for each byte."""
BASES_MAX: Final = 8
"""Classes of one file that inherit from one another, as far as members are looked for."""
SAME_MAX: Final = 8
"""Assignments to one name that are compared to find it constant."""

_ORIGIN_OF_NAMED: Final[dict[Origin, Origin]] = {"literal": "constant"}
_NON_DIGITS: Final = re.compile(r"[^\W\d]")

Lower: TypeAlias = Callable[[Any, Node, int, int], Expr]


class Lowering(Names):
    """The expressions of one file."""

    table: ClassVar[dict[str, Lower]] = {}
    shares_fields: ClassVar[bool] = False
    """Whether what one method puts into a field is followed to the methods that read it."""
    ignored: ClassVar[frozenset[str]] = frozenset({"comment", "line_comment", "block_comment"})
    """Node types that say nothing wherever they stand."""

    def __init__(self, data: bytes, interest: Interest) -> None:
        super().__init__()
        self.data = data
        # One character for each byte, so that offsets fit; what may hold other than ASCII is decoded when it leaves.
        self.text = data.decode("latin-1")
        self.ascii = data.isascii()
        self.interest = interest
        self.flowing = False
        self.left = max(NODES_MIN, len(data))
        self.passed_over: dict[str, int] = {}
        """Where something was first passed over, by the reason."""
        self._calls: dict[tuple[int, bool], Call] = {}
        self.local_calls: set[str] = set()
        """Functions of this file that were called in the bodies so far."""
        self._named: dict[tuple[int, str, bool], Expr] = {}
        self._choosing: set[tuple[int, str]] = set()
        """Names whose choices are being worked out."""
        self._constants: dict[tuple[int, str, bool], Expr | None] = {}

    @abstractmethod
    def make_call(self, node: Node, scope: int, depth: int) -> Call:
        """Return the call (construction, literal, macro) at `node`."""

    @abstractmethod
    def arguments(self, node: Node | None, scope: int, depth: int) -> tuple[Arg, ...]:
        """Return the arguments at a node that holds them."""

    def written(self, start: int, end: int) -> str:
        """Return the text of the bytes ``[start, end)``."""
        return self.text[start:end] if self.ascii else self.data[start:end].decode("utf-8", "replace")

    def pass_over(self, reason: str, place: int) -> None:
        """Note that what stands at `place` is not looked at."""
        self.passed_over[reason] = min(place, self.passed_over.get(reason, place))

    def lower(self, node: Node, scope: int, depth: int = 0) -> Expr:
        """Return the expression at `node`, as seen from `scope`."""
        self.left -= 1
        if depth > DEPTH_MAX or self.left < 0:
            if depth > DEPTH_MAX:
                self.pass_over(f"expressions nested deeper than {DEPTH_MAX}", node.start_byte)
            return Expr("other", (), node.start_byte, node.end_byte)
        method = self.table.get(node.type, Lowering.parts)
        return method(self, node, scope, depth)

    def call(self, node: Node, scope: int, depth: int = 0) -> Call:
        """Return the call at `node`."""
        key = (node.id, self.flowing)
        known = self._calls.get(key)
        if known is None:
            known = self._calls[key] = self.make_call(node, scope, depth)
            if self.flowing and known.name[:1] == ".":
                self.local_calls.add(known.name)
        return known

    def of_call(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower a call."""
        call = self.call(node, scope, depth)
        return Expr("call", call, call.start, call.end)

    def parts(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower what has no meaning of its own to the expressions inside."""
        inner = self.each(node.named_children, scope, depth)
        return Expr("other", inner, node.start_byte, node.end_byte)

    def each(self, nodes: list[Node], scope: int, depth: int) -> tuple[Expr, ...]:
        """Lower siblings, comments left out."""
        return tuple(
            self.lower(node, scope, depth + 1)
            for node in nodes[:ELEMENTS_MAX]
            if node.type not in self.ignored
        )

    def inside(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower what stands in parentheses or behind a prefix that changes nothing."""
        inner = [child for child in node.named_children if child.type not in self.ignored]
        if len(inner) == 1:
            return self.lower(inner[0], scope, depth + 1)
        return self.parts(node, scope, depth)

    def nothing(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower what is looked at elsewhere, such as the body of a lambda."""
        return Expr("other", (), node.start_byte, node.end_byte)

    def null(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower ``None``, ``null``, ``nil``."""
        return Expr("none", None, node.start_byte, node.end_byte)

    def true(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower ``true``."""
        return Expr("bool", value=True, start=node.start_byte, end=node.end_byte)

    def false(self, node: Node, _scope: int, _depth: int) -> Expr:
        """Lower ``false``."""
        return Expr("bool", value=False, start=node.start_byte, end=node.end_byte)

    def elements(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower a list, tuple, set or array."""
        return Expr("list", self.each(node.named_children, scope, depth), node.start_byte, node.end_byte)

    def operation(self, node: Node, scope: int, depth: int, op: str, *, whole: bool = False) -> Expr:
        """Lower ``left op right``; long sums without recursion."""
        start, end = node.start_byte, node.end_byte
        if op == "+":
            return self._sum(node, scope, depth)
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return self.parts(node, scope, depth)
        a = self.lower(left, scope, depth + 1)
        b = self.lower(right, scope, depth + 1)
        return arithmetic.binary(op, a, b, start, end, whole=whole) or Expr("other", (a, b), start, end)

    def logical(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower ``left op right`` where ``||`` and ``&&`` give one of the two."""
        sign = node.child_by_field_name("operator")
        op = sign.type if sign is not None else ""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if op in {"||", "&&"} and left is not None and right is not None:
            a, b = self.lower(left, scope, depth + 1), self.lower(right, scope, depth + 1)
            return constants.either(a, b, node.start_byte, node.end_byte, is_or=op == "||")
        return self.operation(node, scope, depth, op, whole=True)

    def signed(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower ``-value`` and ``!value``; other signs leave what they stand before."""
        start, end = node.start_byte, node.end_byte
        inner = self.inside(node, scope, depth)
        sign = self.text[start]
        if sign == "-":
            return arithmetic.negated(inner, start, end) or inner
        return constants.inverted(inner, start, end) if sign == "!" else inner

    def _sum(self, node: Node, scope: int, depth: int) -> Expr:
        start, end, kind = node.start_byte, node.end_byte, node.type
        pieces: list[Expr] = []
        while True:
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is None or right is None:
                pieces.append(self.parts(node, scope, depth))
                break
            pieces.append(self.lower(right, scope, depth + 1))
            operator = left.child_by_field_name("operator") if left.type == kind else None
            if operator is None or operator.type != "+" or len(pieces) > ELEMENTS_MAX:
                pieces.append(self.lower(left, scope, depth + 1))
                break
            node = left
        pieces.reverse()
        if all(piece.kind in {"int", "float"} for piece in pieces):
            total = pieces[0]
            for piece in pieces[1:]:
                total = arithmetic.binary("+", total, piece, start, end) or Expr("other", (), start, end)
            return total
        return constants.concat(pieces, start, end)

    def name(self, node: Node, scope: int, depth: int) -> Expr:
        """Lower a plain name."""
        start, end = node.start_byte, node.end_byte
        return self.named(self.text[start:end], start, end, scope, depth)

    def named(self, text: str, start: int, end: int, scope: int, depth: int) -> Expr:
        """Lower a plain or dotted name: a constant if it stands for one, the name otherwise."""
        key = (scope, text, self.flowing)
        known = self._named.get(key)
        if known is None:
            value = self.constant(text, scope, start, depth)
            if value is None and not self.flowing:
                value = self.stands_for(text, scope, start, depth) or self.choice_of(
                    text, scope, start, depth
                )
            if value is None and self.flowing and "." in text and self.is_number(text, scope, start):
                value = Expr("other", (), start, end)
            if value is None:
                name = self.reference(text, scope, start)
                if not self.ascii and not name.isascii():
                    name = name.encode("latin-1", "replace").decode("utf-8", "replace")
                value = Expr("name", name, start, end)
            known = value
            found = self.scopes.find(scope, text.partition(".")[0])
            if found is None or len(found[1]) == 1:  # else it depends on the place
                self._named[key] = known
        return Expr(known.kind, known.value, start, end, known.origin)

    def is_number(self, _text: str, _scope: int, _place: int) -> bool:
        """Return whether a member is of a type that can hold no text, as far as the file says."""
        return False

    def field_of(self, text: str, scope: int, place: int) -> str:
        """Return the written type of a member of a class of this file, empty if that is unknown. Requires a dot in `text`."""
        owner, _, member = text.rpartition(".")
        meaning = self.of_result(self.dotted(owner, scope, place))
        if meaning[0] != LOCAL:
            return ""
        bindings = self.scopes.table.get((int(meaning[1:]), member))
        return bindings[0].annotation if bindings else ""

    def chain(self, node: Node, scope: int, depth: int, owner: str, member: str) -> Expr:
        """Lower ``owner.member``, by its text if it is nothing but names."""
        start, end = node.start_byte, node.end_byte
        text = self.flat(start, end)
        if end - start < 200 and DOTTED.fullmatch(text):
            return self.named(text, start, end, scope, depth)
        base, last = node.child_by_field_name(owner), node.child_by_field_name(member)
        if base is None or last is None:
            return self.parts(node, scope, depth)
        key = Expr("str", self.written(last.start_byte, last.end_byte), last.start_byte, last.end_byte)
        container = self.lower(base, scope, depth + 1)
        if container.kind == "name":
            return Expr("name", f"{container.value}.{key.value}", start, end)
        return Expr("index", (container, key), start, end)

    def subscript(self, node: Node, scope: int, depth: int, owner: str, index: str) -> Expr:
        """Lower ``owner[index]``."""
        base, key = node.child_by_field_name(owner), node.child_by_field_name(index)
        if base is None or key is None:
            return self.parts(node, scope, depth)
        container, at = self.lower(base, scope, depth + 1), self.lower(key, scope, depth + 1)
        held = None if self.flowing else constants.item(container, at)
        if held is not None:
            return held._replace(start=node.start_byte, end=node.end_byte)
        return constants.character(container, at, node.start_byte, node.end_byte) or Expr(
            "index", (container, at), node.start_byte, node.end_byte
        )

    def constant(self, text: str, scope: int, place: int, depth: int) -> Expr | None:
        """Return the value that a name always has, ``None`` if there is no such."""
        root, _, member = text.partition(".")
        found = self.scopes.find(scope, root)
        if found is None:
            return None
        owner, bindings = found
        if member:
            binding = bindings[self.scopes.nearest(bindings, place) if owner == scope else 0]
            if binding.bound not in {Bound.SELF, Bound.CLASS} or "." in member:
                return None
            owner, root = self.owner_of(int(binding.value), member), member
            bindings = self.scopes.table.get((owner, root), [])
        key = (owner, root, self.flowing)
        if key not in self._constants:
            # A name within its own value is none: the placeholder ends the circle.
            self._constants[key] = None
            self._constants[key] = self._constant(bindings, owner, depth)
        return self._constants[key]

    def owner_of(self, scope: int, member: str) -> int:
        """Return the class scope that binds `member`: `scope` itself, or the nearest of its bases in this file that does."""
        found = scope
        for _ in range(BASES_MAX):
            if (found, member) in self.scopes.table:
                return found
            base = self.base(found)
            if base[0] != LOCAL:
                break
            found = int(base[1:])
        return scope

    def choice_of(self, name: str, scope: int, place: int, depth: int) -> Expr | None:
        """Return the choice of the constant texts and numbers that branches set a variable of this function to; ``None`` if it is set to others."""
        found = self.scopes.find(scope, name)
        if found is None or found[0] == MODULE or self.scopes.found[found[0]].is_class or found[0] != scope:
            return None
        if any(binding.bound is not Bound.VALUE for binding in found[1]):
            return None
        key = (scope, name)
        if key in self._choosing:
            return None  # a name within its own value: ``let body = read(body)``
        self._choosing.add(key)
        try:
            return self._of_branches(found[1], scope, place, depth)
        finally:
            self._choosing.discard(key)

    def _of_branches(self, bindings: list[Binding], scope: int, place: int, depth: int) -> Expr | None:
        nodes = possible(bindings, place) if len(bindings) > 1 else [bindings[0].value]
        parts: dict[object, Expr] = {}
        for node in nodes:
            value = self.lower(node, scope, depth + 1) if node is not None else None
            inner = value.value if value is not None and value.kind == "other" else (value,)
            for one in inner if isinstance(inner, tuple) else ():
                if one is None or one.kind not in {"str", "int"}:
                    return None
                parts[one.value] = one._replace(origin=_ORIGIN_OF_NAMED.get(one.origin, one.origin))
        held = tuple(parts.values())
        return Expr("other", held, place, place) if len(held) > 1 else held[0] if held else None

    def stands_for(self, _text: str, _scope: int, _place: int, _depth: int) -> Expr | None:
        """Return the expression that a name got once and for all, constant or not; ``None`` if there is no such."""
        return None

    def _constant(self, bindings: list[Binding], owner: int, depth: int) -> Expr | None:
        if not 0 < len(bindings) <= SAME_MAX or self.left < 0:
            return None
        first = bindings[0]
        if first.bound is Bound.PARAM:
            return self._default(first, owner, depth) if len(bindings) == 1 else None
        value: Expr | None = None
        for binding in bindings:
            if binding.bound is not Bound.VALUE or binding.value is None:
                return None
            found = self.lower(binding.value, self.scopes.at(binding.value.start_byte), depth + 1)
            if not self.stands(found):
                return None
            if value is not None and constants.plain(found) != constants.plain(value):
                return None
            value = found
        if value is None or (value.kind in {"list", "dict"} and not value.value):
            return None  # an empty container is there to be filled
        return value._replace(origin=_ORIGIN_OF_NAMED.get(value.origin, value.origin))

    def stands(self, value: Expr) -> bool:
        """Return whether a name may stand for `value`."""
        return constants.is_scalar(value) if self.flowing else constants.is_constant(value)

    def _default(self, binding: Binding, owner: int, depth: int) -> Expr | None:
        if self.flowing:
            return None
        if binding.value is None:
            return self.of_declared(binding)
        value = self.lower(binding.value, self.scopes.parent(owner), depth + 1)
        return value._replace(origin="default") if constants.is_constant(value) else None

    def of_declared(self, _binding: Binding) -> Expr | None:
        """Return the value of a variable that is declared without one, ``None`` if it is none that is known."""
        return None

    def receiver(self, node: Node, scope: int, depth: int) -> Expr | None:
        """Return what a method is called on; ``None`` if that is a module, a type, or a name that the file does not know."""
        start, end = node.start_byte, node.end_byte
        text = self.flat(start, end)
        if end - start < 200 and DOTTED.fullmatch(text):
            root = text.partition(".")[0]
            found = self.scopes.find(scope, root)
            if found is None or found[1][0].bound in {Bound.IMPORT, Bound.CLASS, Bound.DEF}:
                return None
        return self.lower(node, scope, depth + 1)
