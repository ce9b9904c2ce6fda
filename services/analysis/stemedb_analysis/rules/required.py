r"""What every text holds that an expression finds, told from the expression alone.

::

    ^(?:mysql|mariadb)(?:\+\w+)?://.*[?&]ssl=false|^mongodb://
        needs  "mysql", "://" and "ssl=false",  or  "mariadb", "://" and "ssl=false",  or  "mongodb://"

Looking for a literal costs a thousandth of what the expression does, and most files lack it. The way is that of code search by index: an
expression that stands for few texts is these texts, two of them in a row are all their pairs, and where something unknown stands between,
both are needed (Russ Cox, "Regular Expression Matching with a Trigram Index", 2012). Literals are in lower case, whatever the expression asks: to
ask for less is never wrong here, only slower.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from re import _parser as syntax  # type: ignore[attr-defined]  # what the engine itself reads an expression as
from typing import Any, Final, NamedTuple, TypeAlias

EXACT_MAX: Final = 32
"""Texts that a part of an expression may stand for, to be looked at one by one."""
NEEDS_MAX: Final = 256
"""Alternatives of which one is needed; of more, what was known before the last part is kept."""

Needs: TypeAlias = frozenset[frozenset[str]]
"""Alternatives, of one of which all literals are there. The empty alternative asks for nothing."""
NOTHING: Final[Needs] = frozenset({frozenset()})


class _Part(NamedTuple):
    """What is known of a part of an expression: the only texts it finds, if they are few, or else what they need."""

    exact: frozenset[str] | None
    needs: Needs = NOTHING

    def needed(self) -> Needs:
        if self.exact is None:
            return self.needs
        return _least({frozenset({text} - {""}) for text in self.exact})


_EMPTY: Final = _Part(frozenset({""}))
_ANYTHING: Final = _Part(None)


@lru_cache(maxsize=4096)
def required(pattern: str) -> Needs:
    """Return what each text holds in which `pattern` finds something. O(size of the expression × `NEEDS_MAX`)."""
    return _sequence(syntax.parse(pattern)).needed()


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Part:
    """Return what is known of parts that follow one another."""
    before, tail = NOTHING, _EMPTY
    is_exact = True
    for code, value in items:
        part = _item(str(code), value)
        joined = _joined(tail, part)
        if joined is not None:
            tail = joined
            continue
        before, is_exact = _both(before, tail.needed()), False
        if part.exact is None:
            before, tail = _both(before, part.needs), _EMPTY
        else:
            tail = part
    return tail if is_exact else _Part(None, _both(before, tail.needed()))


def _joined(first: _Part, second: _Part) -> _Part | None:
    """Return the texts of one followed by the other, if they are few."""
    if first.exact is None or second.exact is None or len(first.exact) * len(second.exact) > EXACT_MAX:
        return None
    return _Part(frozenset(one + other for one in first.exact for other in second.exact))


def _item(code: str, value: Any) -> _Part:
    if code == "LITERAL":
        letter = chr(value).lower()
        return _Part(frozenset({letter})) if letter.isascii() else _ANYTHING
    if code == "IN":
        return _one_of(value)
    if code == "SUBPATTERN":
        return _sequence(value[3])
    if code == "ATOMIC_GROUP":
        return _sequence(value)
    if code == "BRANCH":
        return _either([_sequence(one) for one in value[1]])
    if code in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        return _repeated(*value)
    if code in {"AT", "ASSERT", "ASSERT_NOT"}:
        return _EMPTY  # looks at a place, and takes nothing
    return _ANYTHING


def _one_of(members: Sequence[tuple[Any, Any]]) -> _Part:
    letters = {chr(value).lower() for code, value in members if str(code) == "LITERAL"}
    is_plain = len(letters) <= 4 and all(str(code) == "LITERAL" for code, _ in members)
    return _Part(frozenset(letters)) if is_plain and all(map(str.isascii, letters)) else _ANYTHING


def _repeated(least: int, most: int, items: Any) -> _Part:
    part = _sequence(items)
    if least == 0:
        return _either([_EMPTY, part]) if most == 1 else _ANYTHING
    return part if (least, most) == (1, 1) else _Part(None, part.needed())


def _either(parts: list[_Part]) -> _Part:
    exact: set[str] = set()
    for part in parts:
        if part.exact is None or len(exact | part.exact) > EXACT_MAX:
            return _Part(None, _bounded(_least(set().union(*(one.needed() for one in parts)))))
        exact |= part.exact
    return _Part(frozenset(exact))


def _both(first: Needs, second: Needs) -> Needs:
    if len(first) * len(second) > NEEDS_MAX:
        return max((first, second), key=_strength)
    return _least({one | other for one in first for other in second})


def _strength(needs: Needs) -> int:
    return min(sum(map(len, one)) for one in needs)


def _bounded(needs: Needs) -> Needs:
    return needs if len(needs) <= NEEDS_MAX else NOTHING


def _least(needs: set[frozenset[str]]) -> Needs:
    """Return alternatives without those that ask for more than another one does."""
    return frozenset(one for one in needs if not any(other < one for other in needs))
