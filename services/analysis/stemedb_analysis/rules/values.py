"""From what stands in the code to a typed value.

::

    "no", "off", 0, False                                    bool       False
    TLSv1, SSLv3, tls.VersionTLS10, TLS1_2_method, 771       version    1.0, 0.3, 1.0, 1.2, 1.2
    30, "500ms", timedelta(minutes=1), 30 * time.Second      seconds    30.0, 0.5, 60.0, 30.0
    "64k", "1 GiB", 4096                                     bytes      65536, 1073741824, 4096
    0o777, "0777", "u=rwx,o=rwx"                             mode       511, 511, 455

A conversion gives ``None`` for what it does not understand; nobody guesses. Versions are numbers, SSLv3 counts as 0.3 and SSLv2 as 0.2, so
that *at least 1.2* means what it says. Durations are seconds, sizes bytes, permissions the number that ``chmod`` takes.
"""

import re
from collections.abc import Callable
from typing import Final

from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.model import Typed

FALSE_WORDS: Final = frozenset({"false", "no", "0", "off", "disabled", "disable", "none", "never", "n", "f"})
TRUE_WORDS: Final = frozenset({"true", "yes", "1", "on", "enabled", "enable", "always", "y", "t"})

TEXT_MAX: Final = 200
"""Of a value that is text."""


def constant(expr: Expr) -> bool | int | float | str | bytes | None:
    """Return the constant that `expr` is, ``None`` if it is none (or the language's own nothing)."""
    if expr.kind in {"bool", "int", "float", "str", "bytes"}:
        return expr.value  # type: ignore[return-value]  # the kind tells
    return None


def boolean(expr: Expr, _text: str) -> bool | None:
    """Return a switch: booleans, 0 and 1, and the words that configuration writes for them."""
    value = constant(expr)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in {0, 1} else None
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
    return None


def truth(expr: Expr, _text: str) -> bool | None:
    """Return whether the language itself would take the value for true: ``verify="ca.pem"`` is, ``None`` is not."""
    if expr.kind == "none":
        return False
    value = constant(expr)
    return None if value is None else bool(value)


def number(expr: Expr, text: str) -> float | int | None:
    """Return a number; products of literals are worked out, ``2 ** 14`` and ``1 << 14`` too."""
    value = constant(expr)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    return arithmetic(value if isinstance(value, str) else text)


def text_of(expr: Expr, _text: str) -> str | None:
    """Return text as written."""
    value = constant(expr)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value[:TEXT_MAX] if isinstance(value, str) else None


def lower(expr: Expr, text: str) -> str | None:
    """Return text in lower case without white space around."""
    value = text_of(expr, text)
    return None if value is None else value.strip().lower()


_VERSION: Final = re.compile(
    r"(?<![a-z])(?P<name>d?tls|ssl)[ _-]*(?:v|version)?[ _.-]*(?P<numbers>\d(?:[._]?\d)?)(?!\d)|^v?(?P<bare>[01]\.\d)$",
    re.IGNORECASE,
)
_WIRE: Final = {0x0002: 0.2, 0x0300: 0.3, 0x0301: 1.0, 0x0302: 1.1, 0x0303: 1.2, 0x0304: 1.3}


def version(expr: Expr, text: str) -> float | None:
    """Return the version of TLS; of several, the lowest. SSLv23 and plain ``TLS`` name none: they negotiate."""
    if expr.kind == "dict":
        return None
    if expr.kind == "list" and isinstance(expr.value, tuple):
        return min(
            (one for one in (version(item, "") for item in expr.value) if one is not None), default=None
        )
    value = constant(expr)
    if isinstance(value, int) and not isinstance(value, bool):
        return _WIRE.get(value, 1.0 if value == 1 else None)
    if isinstance(value, float):
        return value if 1.0 <= value <= 1.3 else None
    if expr.kind == "name":
        value = str(expr.value)
    elif expr.kind == "call" and isinstance(expr.value, Call):
        value = expr.value.name
    elif not isinstance(value, str):
        value = text
    if re.fullmatch(r"0x03\d\d", value):
        return _WIRE.get(int(value, 16))
    return lowest_version(value)


def lowest_version(text: str) -> float | None:
    """Return the lowest version that `text` names."""
    found = [
        one for one in map(_version, _VERSION.finditer(re.sub(r"(?i)version(?=tls|ssl)", " ", text))) if one
    ]
    return min(found, default=None)


def _version(match: re.Match[str]) -> float | None:
    if match["bare"]:
        return float(match["bare"]) or None
    digits = re.sub(r"[._]", "", match["numbers"])
    if match["name"].lower() == "ssl":
        return {"2": 0.2, "20": 0.2, "3": 0.3, "30": 0.3}.get(digits)
    return {"1": 1.0, "10": 1.0, "11": 1.1, "12": 1.2, "13": 1.3}.get(digits)


UNITS_S: Final = {
    "ns": 1e-9, "nanosecond": 1e-9, "nano": 1e-9, "us": 1e-6, "µs": 1e-6, "microsecond": 1e-6, "micro": 1e-6,
    "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3, "milli": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0,
    "min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0,
    "w": 604800.0, "week": 604800.0, "mon": 2592000.0, "month": 2592000.0, "y": 31536000.0, "year": 31536000.0,
}  # fmt: skip
_DURATION: Final = re.compile(r"\s*([\d.]+)\s*([a-zµ]+)\s*", re.IGNORECASE)
_ISO_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")
_DURATION_CALLS: Final = re.compile(
    r"(?:^|[.:_])(?:from_|of)?(nano|micro|milli|sec|min|hour|day|week)[a-z]*$", re.IGNORECASE
)
_FACTORS: Final = {"nano": 1e-9, "micro": 1e-6, "milli": 1e-3, "sec": 1.0, "min": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}  # fmt: skip


def seconds(expr: Expr, text: str) -> float | None:
    """Return a duration; a bare number is seconds already."""
    value = constant(expr)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        return duration(value)
    if expr.kind == "call" and isinstance(expr.value, Call):
        return _duration_call(expr.value)
    return arithmetic(text)


def milliseconds(expr: Expr, text: str) -> float | None:
    """Return a duration whose bare number is milliseconds."""
    value = seconds(expr, text)
    named = expr.kind == "call" or (isinstance(expr.value, str) and not expr.value.strip().isdigit())
    return value if value is None or named else value / 1000


def minutes(expr: Expr, text: str) -> float | None:
    """Return a duration whose bare number is minutes."""
    value = seconds(expr, text)
    named = expr.kind == "call" or (isinstance(expr.value, str) and not expr.value.strip().isdigit())
    return value if value is None or named else value * 60


def duration(text: str) -> float | None:
    """Return the seconds of ``30``, ``30s``, ``1h30m``, ``2 days``, ``PT30S``."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    iso = _ISO_DURATION.fullmatch(text)
    if iso and any(iso.groups()):
        return sum(
            float(part) * unit for part, unit in zip(iso.groups(), (86400, 3600, 60, 1), strict=True) if part
        )
    total, place = 0.0, 0
    while place < len(text):
        match = _DURATION.match(text, place)
        if match is None:
            return None
        name = match[2].lower()
        unit = UNITS_S.get(name) or UNITS_S.get(name.removesuffix("s"))
        if unit is None or match[1].count(".") > 1 or match[1] == ".":
            return None
        total += float(match[1]) * unit
        place = match.end()
    return total if text else None


def _duration_call(call: Call) -> float | None:
    """``timedelta(minutes=5)``, ``Duration::from_millis(500)``, ``Duration.ofSeconds(3)``, ``time.Duration(30)``."""
    total = 0.0
    known = False
    unit = _DURATION_CALLS.search(call.name)
    for position, arg in enumerate(call.args):
        value = constant(arg.value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        factor = _unit_of(arg, position, unit, call.name)
        if factor is None:
            return None
        total, known = total + value * factor, True
    return total if known else None


def _unit_of(arg: Arg, position: int, unit: re.Match[str] | None, name: str) -> float | None:
    if arg.key:
        return UNITS_S.get(arg.key.lower().removesuffix("s"))
    if unit:
        return _FACTORS[unit[1].lower()] if position == 0 else None
    if name.endswith("timedelta"):
        return (86400.0, 1.0, 1e-6, 1e-3, 60.0, 3600.0, 604800.0)[position] if position < 7 else None
    return None


_SIZE: Final = re.compile(r"([\d.]+)\s*([kmgt]?)(i?b?|bytes?)", re.IGNORECASE)


def size(expr: Expr, text: str) -> float | int | None:
    """Return bytes; ``64k`` and ``64KiB`` are both 65536."""
    value = constant(expr)
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if match and match[1].count(".") <= 1:
            whole = float(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " ")
            return int(whole)
    return number(expr, text)


def mode(expr: Expr, text: str) -> int | None:
    """Return permissions as a number. ``0777`` as text is octal, a literal is what its language says; symbolic modes add up."""
    value = constant(expr)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    word = value.strip() if isinstance(value, str) else text.strip()
    if re.fullmatch(r"0?[oO]?[0-7]{3,4}", word):
        return int(re.sub(r"^0?[oO]?", "", word), 8)
    return _symbolic_mode(word) if isinstance(value, str) else _named_mode(word)


_NAMED_MODE: Final = re.compile(r"(?:\w+\.)*S_I(?:RWX([UGO])|([RWX])(USR|GRP|OTH))")


def _named_mode(text: str) -> int | None:
    """``stat.S_IRWXU | stat.S_IROTH``; ``None`` if anything else is in it."""
    total = 0
    for part in text.strip("()").split("|"):
        match = _NAMED_MODE.fullmatch(part.strip())
        if match is None:
            return None
        if match[1]:
            total |= {"U": 0o700, "G": 0o070, "O": 0o007}[match[1]]
        else:
            total |= {"R": 4, "W": 2, "X": 1}[match[2]] << {"USR": 6, "GRP": 3, "OTH": 0}[match[3]]
    return total


def others_read(expr: Expr, text: str) -> bool | None:
    """Return whether permissions let everybody read."""
    value = mode(expr, text)
    return None if value is None else bool(value & 0o004)


def others_write(expr: Expr, text: str) -> bool | None:
    """Return whether permissions let everybody write; in a directory with the sticky bit, what others made stays theirs."""
    value = mode(expr, text)
    return None if value is None else bool(value & 0o002) and not value & 0o1000


def _symbolic_mode(word: str) -> int | None:
    total = 0
    for clause in word.split(","):
        match = re.fullmatch(r"([ugoa]*)[+=]([rwxXst]+)", clause.strip())
        if match is None:
            return None
        bits = sum({"r": 4, "w": 2, "x": 1, "X": 1}.get(letter, 0) for letter in set(match[2]))
        for who in set(match[1] or "a"):
            total |= {"u": bits << 6, "g": bits << 3, "o": bits, "a": bits * 0o111}[who]
    return total


def length(expr: Expr, _text: str) -> int | None:
    """Return how many characters, bytes or elements."""
    if expr.kind == "list" and isinstance(expr.value, tuple):
        return len(expr.value)
    value = constant(expr)
    return len(value) if isinstance(value, str | bytes) else None


_UNITS: Final = re.compile(
    r"(?:(?:std::)?time(?:\.|::)|TimeUnit\.|Duration\.)?(nano|micro|milli|sec|min|hour|day)[a-z]*",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d+)?(?:[eE]\d+)?[uUlLfFdD]?(?:\d\d)?"
)


def arithmetic(text: str) -> float | int | None:
    """Return the value of ``60 * 60``, ``2 ** 14``, ``1 << 14`` and ``30 * time.Second``; ``None`` for all else."""
    text = text.strip()
    if len(text) > 80:
        return None
    for sign in ("<<", "**"):
        left, found, right = text.partition(sign)
        if found:
            base, power = _factor(left), _factor(right)
            if base is None or power is None or not 0 <= power <= 64:
                return None
            return base * 2**power if sign == "<<" else base**power
    total: float | int = 1
    for part in text.split("*"):
        factor = _factor(part)
        if factor is None:
            return None
        total *= factor
    return total


def _factor(text: str) -> float | int | None:
    text = text.strip().strip("()").strip()
    unit = _UNITS.fullmatch(text)
    if unit:
        return _FACTORS[unit[1].lower()]
    if not _NUMBER.fullmatch(text):
        return None
    digits = re.sub(r"[uUlL]\d*$", "", text.replace("_", ""))
    try:
        return (
            int(digits, 0) if not re.search(r"[.eE]", digits) or digits[:2].lower() == "0x" else float(digits)
        )
    except ValueError:  # 0755 or 1f: written so in some language, a number in none of those that count here
        return None


_MAX_AGE: Final = re.compile(r"max-age\s*=\s*\"?(\d+)", re.IGNORECASE)


def max_age(expr: Expr, text: str) -> int | None:
    """Return the seconds of a header that says ``max-age=600; includeSubDomains``; what a header put together begins with counts, too."""
    value = constant(expr)
    match = _MAX_AGE.search(value if isinstance(value, str) else text)
    return int(match[1]) if match else None


CONVERSIONS: Final[dict[str, Callable[[Expr, str], Typed | None]]] = {
    "bool": boolean,
    "truth": truth,
    "number": number,
    "text": text_of,
    "lower": lower,
    "version": version,
    "seconds": seconds,
    "milliseconds": milliseconds,
    "minutes": minutes,
    "bytes": size,
    "mode": mode,
    "others_read": others_read,
    "others_write": others_write,
    "length": length,
    "max_age": max_age,
}
"""By the name that a rule writes behind ``as``; each takes the expression and its source text."""
CONVERTED_TO: Final[dict[str, str]] = {
    "bool": "boolean",
    "truth": "boolean",
    "others_read": "boolean",
    "others_write": "boolean",
    "text": "text",
    "lower": "text",
}
"""The registry's type of what a conversion gives; of all others it is a number."""
