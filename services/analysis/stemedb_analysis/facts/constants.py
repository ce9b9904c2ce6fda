"""Values that are known before the program runs: what is constant, what it is worth, what is true.

Nothing is looked up here: names are `facts.names`' business. These are the rules of arithmetic on `Expr`.
"""

from typing import Final

from stemedb_analysis.facts.model import Arg, Call, Expr, Origin

TEXT_CHARS_MAX: Final = 65_536
"""Of a text put together from pieces; what is longer is no setting and no secret."""

FILLED: Final = frozenset({"make", "[;]"})
"""The names of calls that make an array of a length: Go's own, and ours for Rust's ``[x; n]`` and ``vec![x; n]``."""

_SCALARS: Final = frozenset({"none", "bool", "int", "float", "str", "bytes"})
_RANK: Final[dict[Origin, int]] = {"literal": 0, "constant": 1, "fallback": 2, "default": 3, "unknown": 4}


def is_scalar(value: Expr) -> bool:
    """Return whether `value` is a literal that is no container."""
    return value.kind in _SCALARS


def is_constant(value: Expr) -> bool:
    """Return whether nothing in `value` depends on a run of the program, names of other modules' members aside."""
    if value.kind in _SCALARS:
        return True
    if value.kind == "list":
        return all(is_constant(item) for item in items(value))
    if value.kind == "dict":
        return all(is_constant(key) and is_constant(item) for key, item in pairs(value))
    if value.kind == "call":
        return is_filled(value)
    return value.kind == "name" and value.origin in {"literal", "constant"} and "." in str(value.value)


def is_filled(value: Expr) -> bool:
    """Return whether `value` is an array made of one value and a length that is known: ``make([]byte, 16)``, ``[0u8; 16]``."""
    call = value.value
    return (
        isinstance(call, Call)
        and call.name in FILLED
        and len(call.args) > 1
        and call.args[1].value.kind == "int"
    )


def items(value: Expr) -> tuple[Expr, ...]:
    """Return the elements of a list, the pieces of a concatenation or the parts of anything else; empty if it has none."""
    return value.value if value.kind in {"list", "concat", "index", "other"} else ()  # type: ignore[return-value]  # by kind


def pairs(value: Expr) -> tuple[tuple[Expr, Expr], ...]:
    """Return keys and values of a dict; empty if it is none."""
    return value.value if value.kind == "dict" else ()  # type: ignore[return-value]  # by kind


def plain(value: Expr) -> object:
    """Return the value without its places, for comparing two."""
    if value.kind == "list":
        return ("list", *(plain(item) for item in items(value)))
    if value.kind == "dict":
        return ("dict", *((plain(key), plain(item)) for key, item in pairs(value)))
    return (value.kind, value.value)


def truth(value: Expr) -> bool | None:
    """Return whether a condition holds; ``None`` if that depends."""
    if value.kind in _SCALARS and value.origin in {"literal", "constant"}:
        return bool(value.value)
    return None


def concat(pieces: list[Expr], start: int, end: int) -> Expr:
    """Return the pieces joined: one text if all are constants, a ``concat`` otherwise."""
    flat: list[Expr] = []
    for piece in pieces:
        flat += items(piece) if piece.kind == "concat" else (piece,)
    if flat and all(piece.kind in {"str", "int"} for piece in flat):
        text = "".join(str(piece.value) for piece in flat)
        if len(text) <= TEXT_CHARS_MAX:
            return Expr("str", text, start, end, weakest(flat))
    return Expr("concat", tuple(flat), start, end)


def weakest(values: list[Expr]) -> Origin:
    """Return the origin of what is made of `values`."""
    return max((value.origin for value in values), key=_RANK.__getitem__, default="literal")


def character(text: Expr, place: Expr, start: int, end: int) -> Expr | None:
    """Return the character at a place of a text, ``None`` if one of them is no constant or there is none."""
    if (
        text.kind != "str"
        or not isinstance(text.value, str)
        or not isinstance(place.value, int)
        or place.kind != "int"
    ):
        return None
    if not 0 <= place.value < len(text.value):
        return None
    return Expr("str", text.value[place.value], start, end, weakest([text, place]))


def item(container: Expr, key: Expr) -> Expr | None:
    """Return what a written table or list holds at a constant key, ``None`` if that is not known."""
    if container.kind == "list" and key.kind == "int" and isinstance(key.value, int):
        held = items(container)
        known = -len(held) <= key.value < len(held) and not any(one.kind == "other" for one in held)
        found = held[key.value] if known else None
    elif container.kind == "dict" and key.kind in {"str", "int"}:
        held_pairs = pairs(container)
        known = all(one.kind in {"str", "int"} and one.value not in {"*", "**"} for one, _ in held_pairs)
        found = (
            next((value for one, value in reversed(held_pairs) if one.value == key.value), None)
            if known
            else None
        )
    else:
        return None
    return (
        found._replace(origin=max(found.origin, container.origin, key=_RANK.__getitem__)) if found else None
    )


def splat(value: Expr) -> tuple[Arg, ...] | None:
    """Return the keywords of a ``**dict`` whose keys are known; ``None`` if they are not."""
    if value.kind != "dict" or not all(key.kind == "str" for key, _ in pairs(value)):
        return None
    return tuple(
        Arg(str(key.value), item._replace(origin=max(item.origin, value.origin, key=_RANK.__getitem__)))
        for key, item in pairs(value)
    )


def either(left: Expr, right: Expr, start: int, end: int, *, is_or: bool) -> Expr:
    """Return ``left or right`` (``and`` if not `is_or`): one of them where a constant decides, both otherwise."""
    holds = truth(left)
    if holds is None:
        if right.kind == "bool" and right.value is is_or:
            return right._replace(
                start=start, end=end
            )  # whatever the left one is, what comes out counts as this
        return Expr("other", (left, right), start, end)
    return left._replace(start=start, end=end) if holds is is_or else right._replace(start=start, end=end)


def inverted(value: Expr, start: int, end: int) -> Expr:
    """Return ``not value``."""
    holds = truth(value)
    if holds is None:
        return Expr("other", (value,), start, end)
    return Expr("bool", not holds, start, end, value.origin)


def chosen(test: Expr, then: Expr, otherwise: Expr, start: int, end: int) -> Expr:
    """Return what a conditional gives: one branch where the test is constant, both otherwise."""
    holds = truth(test)
    if holds is None:
        return Expr("other", (then, otherwise), start, end)
    return (then if holds else otherwise)._replace(start=start, end=end)
