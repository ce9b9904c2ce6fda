"""JavaScript and TypeScript: what objects hold, and what the calls give that every program makes of constants.

::

    const BASE = Object.freeze({ algorithms: ['RS256'], key })      an object with parts that nobody knows is known for the others
    const LAX = { ...BASE, ignoreExpiration: true }                 the last of two equal keys holds
    verify(token, key, LAX)     fetch(URLS.main)                    stands for what it was given, a member too
    ['HIGH', 'DES'].join(':')   process.env.MODE || 'plain'         'HIGH:DES', and 'plain' as a default

Whatever is set on an object later makes it open: what it lacks may be there, and its members are no constants.
"""

import re
from typing import Final

from tree_sitter import Node

from stemedb_analysis.facts import constants
from stemedb_analysis.facts.collecting import Collecting
from stemedb_analysis.facts.lowering import ELEMENTS_MAX
from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.facts.names import UNKNOWN
from stemedb_analysis.facts.scopes import Bound

SAME: Final = frozenset({"Object.freeze", "Object.seal", "Object.preventExtensions", "structuredClone"})
"""Calls that give what they are given."""
BYTES: Final = frozenset({"Buffer.from", "Buffer.alloc", "buffer.Buffer.from", "buffer.Buffer.alloc"})
"""Calls that give the same bytes each time."""
MERGES: Final = frozenset({"Object.assign", "_.merge", "_.assign", "_.extend", "lodash.merge"})
"""Calls that put what their later arguments hold into the first."""
_CHAINED: Final = re.compile(r"\breturn this;?\s*\}$")
_FIRST_WORD: Final = re.compile(r"[\w$.]{1,40}")


class JavaScriptValues(Collecting):
    """Constants that are no literals."""

    set: list[tuple[Node, Node]]
    """Targets and values of all assignments that declare nothing."""
    _changed: frozenset[str] | None = None
    _chained: frozenset[str] | None = None

    @property
    def changed(self) -> frozenset[str]:
        """The names of objects that get a member somewhere after they were made."""
        if self._changed is None:
            found = set()
            for left, _ in self.set:
                owner = re.split(r"\.[\w$]+$|\[", self.text[left.start_byte : left.end_byte], maxsplit=1)
                if len(owner) > 1:
                    found.add(owner[0].rpartition(".")[2])
            self._changed = frozenset(found)
        return self._changed

    def stands(self, value: Expr) -> bool:
        """Return whether a name may stand for `value`: an object may for those of its parts that are known."""
        if super().stands(value):
            return True
        if self.flowing:
            return False
        return value.kind == "dict" or _is_bytes(value)

    def constant(self, text: str, scope: int, place: int, depth: int) -> Expr | None:
        """Return the value that a name always has, or the member of an object that is never changed."""
        root, _, member = text.partition(".")
        value = super().constant(text, scope, place, depth)
        if value is not None:
            last = text.rpartition(".")[2]
            if value.kind == "call" and (last in self.changed or self._is_filled(last)):
                return None
            return _opened(value) if value.kind == "dict" and last in self.changed else value
        if not member or root in self.changed or not self._is_object(root, scope):
            return None
        flowing, self.flowing = self.flowing, False
        found = super().constant(root, scope, place, depth)
        self.flowing = flowing
        for key in member.split("."):
            found = _member(found, key) if found is not None and key not in self.changed else None
        if found is None or not (
            constants.is_scalar(found) or (constants.is_constant(found) and not flowing)
        ):
            return None
        return found._replace(origin="constant" if found.origin == "literal" else found.origin)

    def _is_filled(self, name: str) -> bool:
        """Return whether bytes are written into the buffer of this name somewhere."""
        filled = rf"\b{re.escape(name)}(?:\.(?:write|fill|set|swap|copy)|\s*\[)|(?:Fill(?:Sync)?|getRandomValues)\(\s*{re.escape(name)}\b"
        return re.search(filled, self.text) is not None

    def _is_object(self, name: str, scope: int) -> bool:
        """Return whether a name was given a value once, so that it is worth a look."""
        found = self.scopes.find(scope, name)
        return found is not None and len(found[1]) == 1 and found[1][0].bound is Bound.VALUE

    def well_known(self, node: Node, scope: int, depth: int) -> Expr | None:
        """Return what the call at `node` gives, if that is known: the same object, two as one, a text of several."""
        callee, held = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is None or held is None:
            return None
        name = self.text[callee.start_byte : callee.end_byte]
        if name in SAME:
            return self.inside(held, scope, depth) if held.named_child_count == 1 else None
        if name in MERGES and not self.flowing:
            return self._merge(node, held, scope, depth)
        if name.endswith(".join") and held.named_child_count < 2:
            return self._join(node, callee, held, scope, depth)
        return None

    def _merge(self, node: Node, held: Node, scope: int, depth: int) -> Expr | None:
        first, *_ = held.named_children or (None,)
        if first is None or first.type != "object":
            return None
        found: list[tuple[Expr, Expr]] = []
        for one in self.each(held.named_children, scope, depth):
            found += spread(one)
        return Expr("dict", last_of_each(found), node.start_byte, node.end_byte)

    def _join(self, node: Node, callee: Node, held: Node, scope: int, depth: int) -> Expr | None:
        of = callee.child_by_field_name("object")
        if of is None or of.type not in {"array", "identifier", "member_expression"}:
            return None
        parts = self.lower(of, scope, depth + 1)
        sign = self.inside(held, scope, depth) if held.named_child_count else None
        items = constants.items(parts) if parts.kind == "list" else ()
        if not items or len(items) > ELEMENTS_MAX or any(item.kind != "str" for item in items):
            return None
        if sign is not None and sign.kind != "str":
            return None
        between = str(sign.value) if sign is not None else ","
        text = between.join(str(item.value) for item in items)
        return Expr("str", text, node.start_byte, node.end_byte, constants.weakest([parts, *items]))

    def fallback(self, left: Node, value: Expr, node: Node) -> Expr | None:
        """Return the constant that stands in for a variable of the environment that is not set."""
        name = self.text[left.start_byte : left.end_byte]
        if self.flowing or not name.startswith("process.env") or not constants.is_scalar(value):
            return None
        return value._replace(start=node.start_byte, end=node.end_byte, origin="default")

    def promised(self, node: Node) -> Node | None:
        """Return the function that ``promisify(f)`` and ``f.bind(x)`` are another form of."""
        callee = node.child_by_field_name("function")
        held = node.child_by_field_name("arguments")
        if callee is None or held is None:
            return None
        name = self.text[max(callee.start_byte, callee.end_byte - 12) : callee.end_byte]
        if name.endswith("promisify") and held.named_child_count:
            return held.named_children[0]
        if name.endswith(".bind"):
            return callee.child_by_field_name("object")
        return None

    def gives_itself(self, name: str) -> bool:
        """Return whether a method ends with ``return this``."""
        if self._chained is None:
            self._chained = frozenset(
                full
                for full, scope in zip(self.scopes.names, self.scopes.found, strict=True)
                if _CHAINED.search(self.text, max(scope.start, scope.end - 40), scope.end)
            )
        return name in self._chained

    def other_name(self, start: int, end: int) -> str:
        """Return the last part of the function that the value at ``[start, end)`` is another form of, or gives an instance of; empty if it is none."""
        text = self.text[start : min(end, start + 200)]
        head, paren, rest = text.partition("(")
        head = head.removeprefix("await ").strip()
        if not paren:
            return ""
        if head.endswith("promisify"):
            match = _FIRST_WORD.search(rest)
            if match and match[0] == "require":
                return rest.partition(")")[2].partition(")")[0].rpartition(".")[2]
            return match[0].rpartition(".")[2] if match else ""
        if head.endswith(".bind"):
            return head.removesuffix(".bind").rpartition(".")[2]
        made = head.rpartition(".")[2]
        for name, gives in self.results.items():
            if name.rpartition(".")[2] == made:
                return gives.rpartition(".")[2]
        return ""


def _is_bytes(value: Expr) -> bool:
    call = value.value if value.kind == "call" else None
    return (
        isinstance(call, Call)
        and call.name in BYTES
        and all(constants.is_constant(arg.value) for arg in call.args)
    )


def spread(value: Expr) -> tuple[tuple[Expr, Expr], ...]:
    """Return the keys and values that ``...value`` brings; one of an unknown key if nobody knows them."""
    if value.kind == "dict":
        return constants.pairs(value)
    return ((_any_key(value.start), value),)


def answered(value: Expr) -> Expr:
    """Return an object; one that answers a request, ``{ statusCode: 200, headers, body }``, as what ``answer.statusCode`` is called with."""
    keys = {key.value for key, _ in constants.pairs(value) if key.kind == "str"}
    if "statusCode" not in keys or keys.isdisjoint({"body", "headers"}):
        return value
    call = Call("answer.statusCode", (Arg(None, value),), value.start, value.end)
    return Expr("call", call, value.start, value.end)


def last_of_each(pairs: list[tuple[Expr, Expr]]) -> tuple[tuple[Expr, Expr], ...]:
    """Return the pairs that are left when a later one takes the place of those before it with its key."""
    last = {key.value: place for place, (key, _) in enumerate(pairs) if key.kind == "str"}
    return tuple(
        pair for place, pair in enumerate(pairs) if pair[0].kind != "str" or last[pair[0].value] == place
    )


def _opened(value: Expr) -> Expr:
    """Return an object that may hold more than is known."""
    more = (_any_key(value.start), Expr("name", UNKNOWN, value.start, value.start))
    return value._replace(value=(*constants.pairs(value), more))


def _any_key(place: int) -> Expr:
    """Return the key of what an object takes from one that nobody knows."""
    return Expr("other", (), place, place)


def _member(value: Expr, key: str) -> Expr | None:
    found = [item for name, item in constants.pairs(value) if name.kind == "str" and name.value == key]
    hidden = any(name.kind != "str" for name, _ in constants.pairs(value))
    return found[-1] if found and not hidden else None


def is_member(node: Node) -> bool:
    """Return whether a function is a member of an object, ``{ fetch(url) {} }``: its name alone means another one."""
    around = node.parent
    return node.type == "method_definition" or (around is not None and around.type == "pair")
