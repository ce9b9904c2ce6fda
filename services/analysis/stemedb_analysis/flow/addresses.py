"""Who is addressed: of what input becomes part, whether it can choose the host.

::

    "https://api.example/v1/" + id      BASE + "/users/" + id      "./callback?" + query      input is behind the host: it chooses none
    "https://" + req.hostname + path    ["./", ...rest].join("?")                             the own host, or none
    scheme + host                       "https://" + host          "/" + path                 input may be the host (``//elsewhere``)

    http.request({host: HOST, path: p})                                                       only what names the host counts

What is asked is where a request or a redirect goes, not what it says there.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.flow.expressions import dotted

Chooses: TypeAlias = Callable[[Expr], bool]
"""Whether an expression carries input that may name another host."""

ADDRESS_KINDS: Final = frozenset({"ssrf", "redirect"})
"""Kinds of harm that input does only where it chooses the host."""
TARGET_KEYS: Final = frozenset(
    {
        "url",
        "uri",
        "host",
        "hostname",
        "baseURL",
        "baseUrl",
        "href",
        "origin",
        "socketPath",
        "proxy",
        "prefixUrl",
    }
)
"""Keys of the options of a request that say where it goes."""

_FIXED: Final = re.compile(
    r"(?:redirect:|forward:)?(?:[a-z][a-z0-9+.\-]*://[^/?#%{]+[/?#]|\.{1,2}/|/[^/\\%{]|[?#])", re.IGNORECASE
)
"""How a text begins behind which nothing changes the host."""
_PORT_NEXT: Final = re.compile(r"[a-z][a-z0-9+.\-]*://[^/?#%{@]+:", re.IGNORECASE)
"""How a text ends behind which a port is put."""
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]*://", re.IGNORECASE)
_BEHIND: Final = re.compile(r"[/?#]")
_LEADING: Final = re.compile(
    r"(?i)\b(?:req|request|r|ctx|c\.request|ctx\.request)\.(?:original_?url|url|path|request_?uri)$"
)
"""What a request was sent for: it begins with a slash."""
_HOLES: Final = re.compile(r"%[+\-#0]*[\d.]*[a-zA-Z]|\{[^{}]*\}")
_PERCENT: Final = re.compile(r"%s|%\(\w+\)s")
_FORMATS: Final = frozenset(
    {"fmt.Sprintf", "str.format", "String.format", "java.lang.String.format", "util.format"}
)
DEPTH_MAX: Final = 6


def is_fixed(expr: Expr, chooses: Chooses) -> bool:
    """Return whether `expr` is text whose beginning settles the host before any input comes; `chooses` tells of its parts."""
    parts = _parts(expr, 0)
    if len(parts) < 2:
        return False
    first = parts[0]
    if first.kind == "str":
        text = str(first.value)
        if _PORT_NEXT.fullmatch(text) is not None:
            behind = parts[2] if len(parts) > 2 else None
            is_ended = behind is None or (
                behind.kind == "str" and _BEHIND.match(str(behind.value)) is not None
            )
            return is_ended and not chooses(parts[1])
        return _FIXED.match(text) is not None or (
            _SCHEME.fullmatch(text) is not None and not chooses(parts[1])
        )
    # A base that is no input, and a text that ends the host before input begins.
    second = parts[1]
    ends_host = _BEHIND.match(str(second.value)) if second.kind == "str" else _LEADING.search(dotted(second))
    return ends_host is not None and not chooses(first)


def targets(expr: Expr) -> tuple[Expr, ...] | None:
    """Return the parts of written options that say where a request goes; ``None`` if `expr` is no such thing."""
    if expr.kind != "dict" or not isinstance(expr.value, tuple):
        return None
    return tuple(
        value for key, value in expr.value if str(key.value) in TARGET_KEYS or key.kind not in {"str", "name"}
    )


def _parts(expr: Expr, depth: int) -> list[Expr]:
    """Return what text is put together from, in order, as far as its beginning is concerned."""
    if expr.kind == "concat" and isinstance(expr.value, tuple) and expr.value and depth < DEPTH_MAX:
        head = _parts(expr.value[0], depth + 1) or [expr.value[0]]
        return _filled([*head, *expr.value[1:]])
    if expr.kind == "call" and isinstance(expr.value, Call) and expr.value.name in _FORMATS:
        return _formatted(expr.value)
    if expr.kind == "call" and isinstance(expr.value, Call) and expr.value.name.endswith("join"):
        receiver = expr.value.receiver
        if receiver is not None and receiver.kind == "list" and isinstance(receiver.value, tuple):
            return list(receiver.value)
    return [expr]


def _filled(parts: list[Expr]) -> list[Expr]:
    """Return the parts of ``"%s?%s" % (base, query)`` in the order in which they are read."""
    pattern, *values = parts
    if pattern.kind != "str" or not _PERCENT.match(str(pattern.value)) or not values:
        return parts
    first, rest = values[0], values[1:]
    given = list(first.value) if first.kind == "list" and isinstance(first.value, tuple) else [first]
    behind = _PERCENT.sub("", str(pattern.value), count=1)
    return [*given[:1], pattern._replace(value=behind), *given[1:], *rest]


def _formatted(call: Call) -> list[Expr]:
    values = [arg.value for arg in call.args]
    pattern = call.receiver if call.name == "str.format" else values.pop(0) if values else None
    if pattern is None or pattern.kind != "str":
        return values
    text = str(pattern.value)
    hole = _HOLES.search(text)
    if hole is None:
        return [pattern]
    before = [pattern._replace(value=text[: hole.start()])] if hole.start() else []
    rest = _HOLES.split(text[hole.end() :])[0]
    return [*before, *values[:1], pattern._replace(value=rest), *values[1:]]
