"""Java: calls that give a constant when they are made on constants.

::

    "salt".getBytes(UTF_8)     "k".toCharArray()     new String("x")     String.format("%s/%s", "AES", "ECB")
    List.of("a", "b")          Map.of("a", 1)        Integer.valueOf(5)  Objects.requireNonNull(X)
    Base64.getDecoder().decode("…")                  Arrays.copyOf(IV, 12)

What is made on anything else stays a call. Nothing is looked up here, and no text grows beyond `constants.TEXT_CHARS_MAX`.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from stemedb_analysis.facts import constants
from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.facts.names import UNKNOWN

_LISTS: Final = re.compile(
    r"(?:java\.util\.)?(?:(?:List|Set|EnumSet|Stream|Arrays)\.(?:of|asList|copyOf)|Collections\.(?:singleton|singletonList|unmodifiable(?:List|Set|Collection)))"
    r"|java\.util\.stream\.Stream\.of|(?:com\.google\.common\.collect\.)?(?:ImmutableList|ImmutableSet|Lists|Sets)\.(?:of|copyOf|newArrayList|newHashSet)"
)
_MAPS: Final = re.compile(r"(?:java\.util\.)?Map\.of|(?:com\.google\.common\.collect\.)?ImmutableMap\.of")
_SINGLETON_MAP: Final = re.compile(r"(?:java\.util\.)?Collections\.singletonMap")
_COPIES: Final = re.compile(
    r"(?:java\.util\.)?Arrays\.copyOf(?:Range)?|(?:java\.util\.)?Objects\.requireNonNull"
)
_STRING: Final = "java.lang.String"
_PLACE: Final = re.compile(r"%(?:\d+\$)?[sdSx]")

_ON_TEXT: Final[dict[str, Callable[[str], str]]] = {
    "toUpperCase": str.upper,
    "toLowerCase": str.lower,
    "trim": str.strip,
    "strip": str.strip,
    "intern": str,
    "toString": str,
    "stripIndent": str,
}


def folded(call: Call, start: int, end: int) -> Expr | None:
    """Return the constant that `call` gives, ``None`` if it is none."""
    args = [arg.value for arg in call.args]
    if call.receiver is not None:
        on = call.receiver
        if on.kind == "str":
            return _on_text(call, on, args, start, end)
        if on.kind in {"call", "name"}:
            return _decoded(call, args, start, end)
        return _unboxed(call, on, start, end)
    name = call.name
    if call.role == "new":
        is_copy = name == _STRING and args and args[0].kind in {"str", "bytes"}
        return _placed(args[0], start, end) if is_copy else None
    return _static(name, args, start, end)


def _static(name: str, args: list[Expr], start: int, end: int) -> Expr | None:
    if _COPIES.fullmatch(name):
        return _placed(args[0], start, end) if args and _is_full(args[0]) else None
    if _LISTS.fullmatch(name):
        whole = args[0] if len(args) == 1 and args[0].kind == "list" else None
        return _placed(whole, start, end) if whole is not None else Expr("list", tuple(args), start, end)
    if _MAPS.fullmatch(name) and args and len(args) % 2 == 0:
        return Expr("dict", tuple(zip(args[::2], args[1::2], strict=True)), start, end)
    if _SINGLETON_MAP.fullmatch(name) and len(args) == 2:
        return Expr("dict", ((args[0], args[1]),), start, end)
    last = name.rpartition(".")[2]
    owner = name.rpartition(".")[0].removeprefix("java.lang.")
    if len(args) == 1 and constants.is_scalar(args[0]) and args[0].kind != "none":
        return _converted(owner, last, args[0], start, end)
    if owner == "String" and last in {"format", "join"}:
        return _formatted(last, args, start, end)
    return None


def _converted(owner: str, last: str, value: Expr, start: int, end: int) -> Expr | None:
    if owner == "String" and last in {"valueOf", "copyValueOf", "format"}:
        text = str(value.value).lower() if value.kind == "bool" else str(value.value)
        return Expr("str", text, start, end, value.origin) if value.kind != "bytes" else None
    if owner in {"Integer", "Long", "Short", "Byte"} and last in {"valueOf", "parseInt", "parseLong"}:
        try:
            return Expr("int", int(str(value.value)), start, end, value.origin)
        except ValueError:  # no number: it throws when it runs
            return None
    if owner == "Boolean" and last in {"valueOf", "parseBoolean"}:
        return Expr("bool", str(value.value).lower() == "true", start, end, value.origin)
    return None


def _formatted(last: str, args: list[Expr], start: int, end: int) -> Expr | None:
    if not args or not all(arg.kind in {"str", "int"} for arg in args):
        return None
    first, rest = str(args[0].value), [str(arg.value) for arg in args[1:]]
    if last == "join":
        text = first.join(rest)
    elif len(_PLACE.findall(first)) != first.count("%") or first.count("%") != len(rest) or "$" in first:
        return None
    else:
        values = iter(rest)
        text = _PLACE.sub(lambda _: next(values), first)
    if len(text) > constants.TEXT_CHARS_MAX:
        return None
    return Expr("str", text, start, end, constants.weakest(args))


def _on_text(call: Call, on: Expr, args: list[Expr], start: int, end: int) -> Expr | None:
    last, text = call.name.rpartition(".")[2], str(on.value)
    if last == "getBytes":
        return Expr("bytes", text.encode("utf-8", "replace"), start, end, on.origin)
    if last == "toCharArray":
        return _placed(on, start, end)
    if last in _ON_TEXT and not (args and last not in {"toLowerCase", "toUpperCase"}):
        return Expr("str", _ON_TEXT[last](text), start, end, on.origin)
    if not all(arg.kind in {"str", "int"} for arg in args):
        return None
    if last == "concat" and len(args) == 1:
        return constants.concat([on, args[0]], start, end)
    if last == "formatted":
        return _formatted("format", [on, *args], start, end)
    if last in {"replace", "repeat"} and args:
        return _repeated(last, on, args, start, end)
    return None


def _repeated(last: str, on: Expr, args: list[Expr], start: int, end: int) -> Expr | None:
    text = str(on.value)
    if last == "repeat":
        times = args[0].value
        if not isinstance(times, int) or not 0 <= times * len(text) <= constants.TEXT_CHARS_MAX:
            return None
        return Expr("str", text * times, start, end, on.origin)
    if len(args) != 2 or len(text) > 1000:
        return None
    return Expr("str", text.replace(str(args[0].value), str(args[1].value)), start, end, on.origin)


def _unboxed(call: Call, on: Expr, start: int, end: int) -> Expr | None:
    last = call.name.rpartition(".")[2]
    if on.kind in {"int", "bool", "bytes"} and last in {"intValue", "longValue", "booleanValue", "clone"}:
        return _placed(on, start, end)
    if on.kind == "list" and on.value and last in {"clone", "stream", "toArray", "toList", "iterator"}:
        return _placed(on, start, end)
    return None


def _decoded(call: Call, args: list[Expr], start: int, end: int) -> Expr | None:
    """Return what a decoder makes of a constant."""
    last = call.name.rpartition(".")[2]
    if len(args) != 1 or args[0].kind != "str" or call.name.startswith(UNKNOWN):
        return None
    text = str(args[0].value)
    try:
        if last == "decode" and "Base64" in call.name:
            data = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
        elif last == "parseHex" and "HexFormat" in call.name:
            data = bytes.fromhex(text)
        else:
            return None
    except (binascii.Error, ValueError):  # no such encoding: it throws when it runs
        return None
    return Expr("bytes", data, start, end, args[0].origin)


def _is_full(value: Expr) -> bool:
    return value.kind in {"str", "bytes"} or (value.kind == "list" and bool(value.value))


def _placed(value: Expr, start: int, end: int) -> Expr:
    return value._replace(start=start, end=end)
