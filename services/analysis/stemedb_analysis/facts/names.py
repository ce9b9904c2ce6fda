"""What names mean: through imports, aliases, constructors, declared types and the attributes of local classes.

A *meaning* is written as the dotted name that rules know, and three special ways:

| meaning | of |
|---|---|
| ``requests.Session.get`` | what comes from elsewhere |
| ``.name`` | a function of this file; so it is no built-in of that name |
| `LOCAL` and 7 | an instance of (or) the class of this file whose scope is 7; never leaves the facts |
| ``?``, ``?.a.b`` | a value that nobody knows, and what is reached from it |

The type of a call's result is written as the call's own name: ``conn.cursor().execute`` with ``conn = sqlite3.connect(f)`` is
``sqlite3.connect.cursor.execute``. Where a scope binds a name several times, the binding nearest before the place counts, in other
scopes the first; ``None`` counts only if there is nothing else.

Termination: each binding is worked out once (a placeholder stands in for it meanwhile), chains are bounded by `CHAIN_MAX`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts.layout import SLASHES, flat
from stemedb_analysis.facts.model import MODULE
from stemedb_analysis.facts.scopes import Binding, Bound, Scopes

UNKNOWN: Final = "?"
LOCAL: Final = "\0"
"""Begins the meaning of a class of this file; no name that is written begins so."""
NOT_FOREIGN: Final = frozenset(("?", ".", LOCAL))
NOT_KNOWN: Final = frozenset(("?", LOCAL))
CHAIN_MAX: Final = 200
"""Links of one chain ``a.b().c``; what is longer is generated, and means nothing to a rule."""
NESTING_MAX: Final = 24
"""Steps from a name to the meaning of its value's name, and so on."""
FLAT_BYTES_MAX: Final = 400
"""Of a name or what is taken in by one expression, comments within it included."""

DOTTED: Final = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:\.(?:[^\W\d]|\$)[\w$]*)*")
"""A name and its members, as most languages write them."""


class Names(ABC):
    """The meanings of names in one file. What is special to a language is in the abstract methods."""

    text: str
    """The file, one character for each byte."""
    scopes: Scopes
    choices: ClassVar[frozenset[str]] = frozenset()
    """Node types of which any child may be the value: ``a or b``."""
    types_of_literals: ClassVar[dict[str, str]] = {}
    results: ClassVar[Mapping[str, str]] = {}
    """What well-known functions return, where their own name would not do: ``database/sql.Open`` gives a ``database/sql.DB``."""
    implied: ClassVar[frozenset[str]] = frozenset({"lambda"})
    """Other words that names have though no file writes them."""
    between: ClassVar[re.Pattern[str]] = SLASHES
    """What lies between tokens."""
    told_by: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """What a file writes, one or the other, in place of some parts of names: where ``peer`` is input, ``connection`` stands."""

    def __init__(self) -> None:
        self._meanings: dict[tuple[int, str, int], str] = {}
        self._bases: dict[int, str] = {}
        self.returned: dict[str, str] = {}
        """By the meaning of a function of this file, the type that it is written to return, where the language says so."""

    def flat(self, start: int, end: int) -> str:
        """Return the bytes ``[start, end)`` on one line (see `layout`); those of a long piece, which is no name, as they are."""
        text = self.text[start:end]
        return flat(text, self.between) if end - start < FLAT_BYTES_MAX else text

    @abstractmethod
    def unwind(self, node: Node) -> tuple[Node, list[str]]:
        """Return what a chain of members and calls begins with, and the names of its members in order."""

    def of_result(self, meaning: str) -> str:
        """Return the meaning of what a function returns, given that of the function."""
        if meaning[0] == "." and self.returned:
            return self.of_own_result(meaning)
        return self.results.get(meaning, meaning)

    def of_own_result(self, meaning: str) -> str:
        """Return the type that a function of this file says that it returns; the function itself if that says nothing."""
        written = self.returned.get(meaning)
        found = self.written_type(written, MODULE) if written else UNKNOWN
        return meaning if found == UNKNOWN else found

    def opening(self, _node: Node, _scope: int) -> str | None:
        """Return the meaning of the beginning of a chain that only this language has, such as ``require("fs")``."""
        return None

    @abstractmethod
    def unbound(self, name: str, scope: int) -> str:
        """Return the meaning of a name that the file binds nowhere: a built-in, or what a star import gives."""

    @abstractmethod
    def written_type(self, text: str, scope: int) -> str:
        """Return the meaning of a written type; `UNKNOWN` if it says nothing (``Any``, ``str``, ``interface{}``)."""

    @abstractmethod
    def base_types(self, scope: int) -> list[str]:
        """Return the written base types of a class scope."""

    def callee(self, node: Node, scope: int) -> str:
        """Return the name under which rules know the function (or type, or decorator) written at `node`."""
        return self.shown(self.meaning(node, scope))

    def shown(self, meaning: str) -> str:
        """Return a meaning as it may leave."""
        if meaning[:1] != LOCAL:
            return meaning
        return f".{self.scopes.names[int(meaning[1:])]}"

    def meaning(self, node: Node, scope: int, depth: int = 0) -> str:
        """Return what the expression at `node` means."""
        start, end = node.start_byte, node.end_byte
        text = self.flat(start, end)
        if end - start < 200 and DOTTED.fullmatch(text) and node.type not in self.types_of_literals:
            return self.dotted(text, scope, start, depth)
        if depth > NESTING_MAX:
            return UNKNOWN
        root, members = self.unwind(node)
        kind = root.type
        literal = self.types_of_literals.get(kind) or self.opening(root, scope)
        if literal is not None:
            first = literal
        elif kind in self.choices:
            first = UNKNOWN
            for child in root.named_children[-3:]:
                found = self.meaning(child, scope, depth + 4)
                if found != "none" and found[0] != UNKNOWN:
                    first = found
                    break
        else:
            text = self.text[root.start_byte : root.end_byte]
            if not DOTTED.fullmatch(text):
                return self.member(UNKNOWN, members, depth)
            return self.dotted(text, scope, root.start_byte, depth, members)
        return self.member(first, members, depth)

    def dotted(self, text: str, scope: int, place: int, depth: int = 0, more: list[str] | None = None) -> str:
        """Return the meaning of ``a.b.c`` written at `place`, and of the members `more` of that."""
        root, *members = text.split(".")
        if more:
            members += more
        return self.member(self.root(root, scope, place, depth), members, depth)

    def root(self, name: str, scope: int, place: int, depth: int = 0) -> str:
        """Return the meaning of a plain name at `place`."""
        found = self.scopes.find(scope, name)
        if found is None:
            return self.unbound(name, scope)
        owner, bindings = found
        return self.bound(owner, name, self.scopes.nearest(bindings, place) if owner == scope else 0, depth)

    def bound(self, owner: int, name: str, index: int, depth: int) -> str:
        """Return the meaning that a name gets by one of its bindings."""
        key = (owner, name, index)
        known = self._meanings.get(key)
        if known is None:
            self._meanings[key] = UNKNOWN
            bindings = self.scopes.table[owner, name]
            known = self._bound(bindings[index], owner, depth)
            if known in {"none", UNKNOWN} and len(bindings) > 1:
                known = self._another(bindings, index, owner, depth)
            self._meanings[key] = known
        return known

    def _another(self, bindings: list[Binding], index: int, owner: int, depth: int) -> str:
        # ``conn = None`` before ``conn = connect()``, or a branch that sets it to nothing.
        first = bindings[index]
        if first.bound is not Bound.VALUE or self._bound(first, owner, depth + 1) != "none":
            return UNKNOWN
        for other in (*bindings[:index][::-1], *bindings[index + 1 :])[:8]:
            found = self._bound(other, owner, depth + 1)
            if found not in {"none", UNKNOWN}:
                return found
        return UNKNOWN

    def _bound(self, binding: Binding, owner: int, depth: int) -> str:
        if depth > NESTING_MAX:
            return UNKNOWN
        match binding.bound:
            case Bound.IMPORT:
                return str(binding.value)
            case Bound.DEF:
                return f".{binding.value}"
            case Bound.CLASS | Bound.SELF:
                return f"{LOCAL}{binding.value}"
            case Bound.VALUE:
                return self._of_value(binding, owner, depth)
            case Bound.MEMBER:
                node, member = binding.value
                return self.member(
                    self.meaning(node, self.scopes.at(node.start_byte), depth + 1), [member], depth
                )
            case Bound.PARAM if binding.annotation:
                return self.written_type(binding.annotation, owner)
        return UNKNOWN

    def _of_value(self, binding: Binding, owner: int, depth: int) -> str:
        if binding.annotation:
            declared = self.written_type(binding.annotation, owner)
            if declared[0] not in NOT_KNOWN or binding.value is None:
                return declared
        # Where it is written, not where it is bound: what a method gives to ``self.x`` is seen from the method.
        return self.of_result(
            self.meaning(binding.value, self.scopes.at(binding.value.start_byte), depth + 1)
        )

    def member(self, meaning: str, members: list[str], depth: int = 0) -> str:
        """Return the meaning of a chain of members reached from something."""
        members = members[:CHAIN_MAX]
        if members and meaning == "none":
            meaning = UNKNOWN
        while members and meaning[0] == LOCAL:
            inner = self.of_class(int(meaning[1:]), members[0], depth)
            if inner == UNKNOWN:
                base = self.base(int(meaning[1:]), depth)
                if base[0] == LOCAL:
                    meaning = base
                    depth += 1
                    continue
                meaning = UNKNOWN if base[0] in "?." else base
                break
            if inner[0] == "." and len(members) > 1 and self.gives_itself(inner[1:]):
                members = members[1:]
                continue
            meaning, members = inner, members[1:]
        if self.results:
            for place, member in enumerate(members):
                owner = self.of_result(meaning)
                if owner[0] == LOCAL and depth < NESTING_MAX:
                    return self.member(owner, members[place:], depth + 1)
                meaning = f"{self.shown(owner)}.{member}"
            return meaning
        return ".".join((meaning, *members))

    def gives_itself(self, _name: str) -> bool:
        """Return whether a method of this file, by its name in it, returns the instance that it is called on."""
        return False

    def of_class(self, scope: int, name: str, depth: int = 0) -> str:
        """Return the meaning of an attribute that the class of this file defines or its methods set; `UNKNOWN` if neither."""
        bindings = self.scopes.table.get((scope, name))
        if bindings is None or depth > NESTING_MAX:
            return UNKNOWN
        return self.bound(scope, name, 0, depth + 1)

    def base(self, scope: int, depth: int = 0) -> str:
        """Return the meaning of the first base of a class that comes from elsewhere, else of the first in this file."""
        known = self._bases.get(scope)
        if known is None:
            self._bases[scope] = UNKNOWN
            known = UNKNOWN
            around = self.scopes.parent(scope)
            for text in self.base_types(scope) if depth < NESTING_MAX else ():
                found = self.written_type(text, around)
                if found[0] not in NOT_FOREIGN:
                    known = found
                    break
                if found[0] == LOCAL and known == UNKNOWN:
                    known = found
            self._bases[scope] = known
        return known

    def reference(self, text: str, scope: int, place: int) -> str:
        """Return the name of a value: as rules know it if it comes from elsewhere, as it is written if it is a local or a parameter.

        A value keeps its local name so that what flows into ``form`` is found again in ``form.name``.
        """
        root, _, rest = text.partition(".")
        found = self.scopes.find(scope, root)
        if found is None:
            meaning = self.unbound(root, scope)
            return f"{meaning}.{rest}" if rest else meaning
        owner, bindings = found
        binding = bindings[self.scopes.nearest(bindings, place) if owner == scope else 0]
        meaning = self.root(root, scope, place)
        match binding.bound:
            case Bound.IMPORT | Bound.DEF | Bound.CLASS:
                pass
            case Bound.PARAM if rest and meaning[0] not in NOT_FOREIGN:
                pass
            case Bound.MEMBER if meaning[0] not in NOT_FOREIGN and self._is_written(binding.value[0]):
                pass
            case Bound.VALUE if (
                len(bindings) == 1 and meaning[0] not in NOT_KNOWN and self._is_alias(binding)
            ):
                pass
            case _:
                return text
        return self.shown(self.member(meaning, rest.split(".")) if rest else meaning)

    def _is_written(self, node: Any) -> bool:
        """Return whether `node` is nothing but a name: what a call returns is a value of its own."""
        return DOTTED.fullmatch(self.text, node.start_byte, node.end_byte) is not None

    def _is_alias(self, binding: Binding) -> bool:
        node: Any = binding.value
        if node is None or node.type in self.types_of_literals:
            return False
        text = self.text[node.start_byte : node.end_byte]
        if DOTTED.fullmatch(text) is None:
            return False
        root, dot, _ = text.partition(".")
        found = self.scopes.find(self.scopes.at(node.start_byte), root)
        return bool(dot) if found is None else found[1][0].bound is Bound.IMPORT
