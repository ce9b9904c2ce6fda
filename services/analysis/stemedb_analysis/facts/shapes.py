"""What is no call and says as much as one: comparisons, loops without an end, names that are returned, branches that never run.

They are told as calls of names that nobody can write, so that rows speak of them as of any call:

| written | call | arguments |
|---|---|---|
| ``given == token``, ``given != token`` | ``==`` | both sides, unless one is a literal |
| ``len(password) < 6``, ``password.len() < 6`` | ``<`` | the call on the left, the number on the right; ``<= 5`` is ``< 6`` |
| ``"https://" + r.Host`` | ``+`` | both sides, where the right one ends with ``Host``; not for ``http.Redirect`` |
| ``for { … }``, ``loop { … }`` | ``∞`` | none; its place is that of the whole loop |
| ``return jwt.UnsafeAllowNoneSignatureType, nil`` | the name | none, with the role ``literal`` |

Comparisons are many and few matter, so only those are looked at whose text has a word of `_TELLING`. Calls and assignments in a branch whose
condition is a constant that does not hold are none.
"""

import re
from abc import abstractmethod
from typing import Final

from tree_sitter import Node

from stemedb_analysis.facts.collecting import Collecting
from stemedb_analysis.facts.constants import is_scalar, truth
from stemedb_analysis.facts.model import Arg, Call, Expr

COMPARED: Final = "=="
SHORTER: Final = "<"
ENDLESS: Final = "∞"
JOINED: Final = "+"

_TELLING: Final = re.compile(
    r"(?i)token|secret|mac\b|hmac|sig\b|signature|digest|passw|pwd|phrase|api_?key|expected|computed|csrf|\bsum\b|hash|\btag\b|otp\b"
)
_LENGTH: Final = re.compile(r"(?i)passw|pwd|phrase")
_TEXT_MAX: Final = 200


class Shapes(Collecting):
    """The facts of a file in a language whose query captures these shapes."""

    def find_shapes(self) -> None:
        """Record comparisons, loops and returned names that rules ask for."""
        wanted = self.wanted
        if wanted is None or COMPARED in wanted:
            self._find_compared("compare", COMPARED, _TELLING)
        if wanted is None or SHORTER in wanted:
            self._find_compared("less", SHORTER, _LENGTH)
        if wanted is None or ENDLESS in wanted:
            for node in self.ordered("endless"):
                self._add(ENDLESS, (), node)
        if wanted is None or JOINED in wanted:
            self._find_joined()
        for node in self.ordered("given"):
            text = self.text[node.start_byte : node.end_byte]
            if wanted is None or self.last_part(text) in wanted:
                scope = self.scopes.at(node.start_byte)
                self._add(self.callee(node, scope), (), node, "literal")

    def drop_dead(self) -> None:
        """Forget what stands in branches that never run."""
        dead = []
        for test, body in self.pairs("dead.test", "dead.body"):
            if truth(self.lower(test, self.scopes.at(test.start_byte))) is False:
                dead.append((body.start_byte, body.end_byte))
        if dead:
            self.calls = [one for one in self.calls if not _within(one.start, dead)]
            self.assigns = [one for one in self.assigns if not _within(one.start, dead)]

    @abstractmethod
    def is_private(self, number: int) -> bool:
        """Return whether the function of this number is not for everybody to call."""

    def settled(self, functions: set[int]) -> tuple[tuple[int, frozenset[str]], ...]:
        """Return the parameters of `functions` that every call gives a constant. O(calls of functions of these names)."""
        private = {
            self.functions[number].name.rpartition(".")[2]: number
            for number in sorted(functions)
            if number >= 0 and self.functions[number].params and self.is_private(number)
        }
        varied: dict[int, set[str]] = {}
        called: set[int] = set()
        for callee in self.nodes("callee") if private else ():
            number = private.get(self.last_part(self.text[callee.start_byte : callee.end_byte]), -1)
            if number < 0 or callee.parent is None:
                continue
            called.add(number)
            held = callee.parent.child_by_field_name("arguments")
            values = held.named_children if held is not None else []
            for place, name in enumerate(self.functions[number].params):
                if place >= len(values) or not self._is_settled(values[place]):
                    varied.setdefault(number, set()).add(name)
        return tuple(
            (number, frozenset(self.functions[number].params) - varied.get(number, set()))
            for number in sorted(called)
        )

    def _is_settled(self, node: Node) -> bool:
        return node.type in self.types_of_literals or is_scalar(
            self.lower(node, self.scopes.at(node.start_byte))
        )

    def _add(self, name: str, args: tuple[Arg, ...], node: Node, role: str = "call") -> None:
        place = node.start_byte
        function = self.scopes.function(self.scopes.at(place))
        self.calls.append(Call(name, args, place, node.end_byte, function, role))  # type: ignore[arg-type]  # one of two

    def _find_joined(self) -> None:
        for node in self.ordered("joined"):
            right, left = node.child_by_field_name("right"), node.child_by_field_name("left")
            if left is None or right is None or not self.text.endswith("Host", 0, right.end_byte):
                continue
            line = self.text.rfind("\n", 0, node.start_byte)
            if "Redirect(" in self.text[line : node.start_byte]:
                continue
            scope = self.scopes.at(node.start_byte)
            self._add(JOINED, (Arg(None, self.lower(left, scope)), Arg(None, self.lower(right, scope))), node)

    def _find_compared(self, capture: str, name: str, telling: re.Pattern[str]) -> None:
        for node in self.ordered(capture):
            start, end = node.start_byte, node.end_byte
            if end - start > _TEXT_MAX or telling.search(self.text, start, end) is None:
                continue
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is None or right is None:
                continue
            scope = self.scopes.at(start)
            sides = (self.lower(left, scope), self.lower(right, scope))
            if name == COMPARED:
                if any(is_scalar(side) and side.origin == "literal" for side in sides):
                    continue
            elif sides[1].kind != "int":
                continue
            elif self.text[left.end_byte : right.start_byte].strip() == "<=":
                more = sides[1]
                sides = (sides[0], more._replace(value=int(str(more.value)) + 1))
            self._add(name, tuple(Arg(None, side) for side in sides), node)


def _within(place: int, ranges: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in ranges)


def filled(name: str, args: tuple[Expr, ...], start: int, end: int, function: int) -> Expr:
    """Return an array that is filled with one value and told by it and its length: ``[0u8; 16]``, ``make([]byte, 16)``."""
    call = Call(name, tuple(Arg(None, one) for one in args), start, end, function)
    return Expr("call", call, start, end)
