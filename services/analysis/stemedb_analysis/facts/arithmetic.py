"""Operators on constants, as far as settings and dead branches need them: ``60 * 60``, ``1 << 20``, ``7 * 18 + n > 200``.

Numbers are bounded; what would leave the bounds, divide by zero or mix types is left unfolded.
"""

import operator
from collections.abc import Callable
from typing import Any, Final

from stemedb_analysis.facts.constants import is_scalar, weakest
from stemedb_analysis.facts.model import Expr, Kind

NUMBER_MAX: Final = 1 << 128
"""Above the largest integer type of any of the languages; no setting is larger."""

_NUMBERS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod, "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "===": operator.eq, "is": operator.eq, "!=": operator.ne, "!==": operator.ne, "is not": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_SHIFT_MAX: Final = 128
_POWER_MAX: Final = 128


def binary(op: str, left: Expr, right: Expr, start: int, end: int, *, whole: bool = False) -> Expr | None:
    """Return what an operator makes of two constants, ``None`` if it cannot be told.

    `whole` if ``/`` between integers gives an integer (Go, Java, Rust).
    """
    if not (is_scalar(left) and is_scalar(right)):
        return None
    a: Any = left.value
    b: Any = right.value
    value: Any = None
    if op in _COMPARISONS:
        if _alike(a, b) or op in {"==", "!=", "is", "is not", "===", "!=="}:
            value = _COMPARISONS[op](a, b)
    elif op == "in" and isinstance(a, str) and isinstance(b, str):
        value = a in b
    elif isinstance(a, int | float) and isinstance(b, int | float):
        value = _number(op, a, b, whole=whole)
    if value is None:
        return None
    return Expr(kind_of(value), value, start, end, weakest([left, right]))


def _alike(a: object, b: object) -> bool:
    return (isinstance(a, int | float) and isinstance(b, int | float)) or (
        isinstance(a, str) and isinstance(b, str)
    )


def _number(op: str, a: float, b: float, *, whole: bool) -> object:
    if abs(a) > NUMBER_MAX or abs(b) > NUMBER_MAX:
        return None
    integers = isinstance(a, int) and isinstance(b, int)
    if op in {"/", "//", "%"} and b == 0:
        return None
    if op == "/":
        return int(a / b) if whole and integers else a / b
    if op == "//":
        return a // b
    if op == "**":
        return (
            a**b
            if abs(a) <= NUMBER_MAX
            and 0 <= b <= _POWER_MAX
            and a >= 0
            and (integers or a <= NUMBER_MAX**0.01)
            else None
        )
    if op in {"<<", ">>"}:
        if not integers or not 0 <= b <= _SHIFT_MAX:
            return None
        return int(a) << int(b) if op == "<<" else int(a) >> int(b)
    function = _NUMBERS.get(op)
    if function is None or (op in "&|^" and not integers):
        return None
    return function(a, b)


def negated(value: Expr, start: int, end: int) -> Expr | None:
    """Return the number with its sign turned, ``None`` if it is none."""
    number: Any = value.value
    if value.kind not in {"int", "float"}:
        return None
    return Expr(value.kind, -number, start, end, value.origin)


def kind_of(value: object) -> Kind:
    """Return the kind of a Python value that is a scalar."""
    if value is None:
        return "none"
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case bytes():
            return "bytes"
    return "str"


def number(text: str, suffixes: str = "") -> int | float | None:
    """Return the number that a literal writes, with ``_`` and base prefixes, without the letters of `suffixes`; ``None`` if it is none."""
    text = text.replace("_", "").lower()
    if len(text) > 100:
        return None
    base = {"0x": 16, "0o": 8, "0b": 2}.get(text[:2])
    try:
        if base is not None:
            return int(text.rstrip("".join(c for c in suffixes if not (base == 16 and c in "df"))), base)
        text = text.rstrip(suffixes)
        if text.isdigit():
            return (
                int(text, 8)
                if len(text) > 1 and text[0] == "0" and set(text) <= set("01234567")
                else int(text)
            )
        return float(text)
    except (ValueError, OverflowError):
        return None
