"""Python: what a value is where the program decides late, as far as the file tells.

::

    DEBUG = os.environ.get("DEBUG", "1") == "1"        what holds unless the environment says otherwise: ``1``
    opts = {"verify_exp": False}; decode(t, k, opts)   what a name got once and for all
    claims = {"sub": s}; claims["exp"] = e             a dict that is added to: what it lacks nobody knows

Pure functions over text and expressions; `python_syntax` asks them.
"""

import re
from functools import lru_cache
from typing import Final

from stemedb_analysis.facts.constants import is_scalar
from stemedb_analysis.facts.model import Arg, Call, Expr

_ENVIRONMENT: Final = frozenset(
    {"os.environ.get", "os.getenv", "environ.get", "os.environ.setdefault", "decouple.config", "environs.Env.str", "environs.Env.bool", "environs.Env.int"}
)  # fmt: skip
"""Calls that take a name and what holds without it."""
_KEYWORDS: Final = frozenset({"default", None})
_CASTS: Final = {"int": int, "float": float, "str": str, "bool": bool}
_SAME: Final = frozenset({"lower", "upper", "strip", "encode", "decode"})
"""Methods of a text that leave its meaning."""

STANDING: Final = frozenset(
    {"call", "dictionary", "list", "tuple", "set", "binary_operator", "string", "concatenated_string", "subscript", "conditional_expression"}
)  # fmt: skip
"""Node types of values that a name may stand for."""


def fallback(call: Call) -> Expr | None:
    """Return what a look-up in the environment gives where nothing is set there, ``None`` if `call` is none or that is no constant."""
    if call.name not in _ENVIRONMENT or len(call.args) < 2:
        return None
    second = next((arg for arg in call.args[1:] if arg.key in _KEYWORDS), None)
    if second is None or not is_scalar(second.value) or second.value.value in {None, ""}:
        return None  # an empty text stands for nothing, too
    return second.value._replace(start=call.start, end=call.end, origin="fallback")


def of_fallback(call: Call) -> Expr | None:
    """Return ``int("30")`` and ``"ON".lower()`` for what comes from `fallback`, ``None`` for all else."""
    receiver = call.receiver
    if receiver is not None and receiver.kind == "str" and receiver.origin == "fallback":
        last = call.name.rpartition(".")[2]
        if last not in _SAME:
            return None
        text = str(receiver.value)
        text = {"lower": text.lower, "upper": text.upper, "strip": text.strip}.get(last, text.strip)()
        return receiver._replace(value=text, start=call.start, end=call.end)
    if len(call.args) != 1 or call.name not in _CASTS or call.args[0].value.origin != "fallback":
        return None
    inner = call.args[0].value
    if not is_scalar(inner):
        return None
    try:
        value: object = _CASTS[call.name](inner.value)
    except (ValueError, TypeError, OverflowError):
        return None
    return Expr(call.name, value, call.start, call.end, "fallback")  # type: ignore[arg-type]  # names of types are kinds


@lru_cache(maxsize=512)
def changes(name: str) -> re.Pattern[str]:
    """Return the expression for statements that change the container called `name`."""
    bare = re.escape(name)
    return re.compile(
        rf"(?<![\w.]){bare}\s*(?:\[[^\]\n]*\]\s*(?:[|+]?=)(?!=)|\.(?:update|setdefault|append|extend|insert|add|pop|clear|remove)\(|[|+]=)"
        rf"|\bdel\s+{bare}\["
    )


_NUMBER_SPEC: Final = re.compile(r":[^{}]*[bcdeEfFgGnoxX%]$")
_CONVERSION: Final = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d.*]*([a-zA-Z%])")
_NUMBERS: Final = frozenset("diouxXeEfFgGc")


def formatted(piece: Expr, behind: str) -> Expr:
    """Return what a hole of an f-string puts in, given what stands `behind` the expression: of ``:d`` a number, of ``!r`` the writing of it."""
    spec = behind.strip()
    if _NUMBER_SPEC.search(spec):
        return Expr("other", (), piece.start, piece.end)
    return _written(piece) if spec.startswith(("!r", "!a")) else piece


def percent(template: Expr, values: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return what ``template % values`` puts in, by the letters of the template; all of it as it is where they do not pair."""
    if template.kind != "str":
        return values
    letters = [one for one in _CONVERSION.findall(str(template.value)) if one != "%"]
    if len(letters) != len(values):
        return values
    return tuple(
        Expr("other", (), value.start, value.end)
        if letter in _NUMBERS
        else _written(value)
        if letter in "ra"
        else value
        for letter, value in zip(letters, values, strict=True)
    )


def _written(value: Expr) -> Expr:
    return Expr("call", Call("repr", (Arg(None, value),), value.start, value.end), value.start, value.end)
