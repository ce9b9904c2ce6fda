"""What an answer says that it is: a browser runs no script in text, JSON or an image.

::

    res.setHeader("Content-Type", "text/plain")     w.Header().Set("Content-Type", "application/json")     res.type("txt")

Only constants count: where the type comes from elsewhere it may be HTML.
"""

import re
from typing import Final

from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.rules.names import last_part

DEPTH_MAX: Final = 3

_NAMED: Final = frozenset(
    {
        "setHeader",
        "set",
        "Set",
        "header",
        "Add",
        "addHeader",
        "append",
        "writeHead",
        "send_header",
        "set_header",
        "add_header",
        "putHeader",
    }
)
"""Last parts of calls that set a header by its name."""
_TYPED: Final = frozenset({"type", "contentType", "setContentType", "content_type"})
"""Last parts of calls that set the type alone."""
_HEADER: Final = "content-type"
_CLIENTS: Final = re.compile(r"(?:requests|httpx|urllib3?|aiohttp|niquests)\.")
_INERT: Final = re.compile(
    r"\s*(?:text/(?:plain|csv|css|calendar|javascript|event-stream|vtt)|application/(?!xhtml|xml|[\w.+\-]*\+xml)[\w.+\-]+|image/(?!svg)[\w.+\-]+|message/http|(?:audio|video|font)/"
    r"|(?:txt|text|json|css|js|png|jpg|jpeg|gif|pdf|csv|zip|bin)\s*$)",
    re.IGNORECASE,
)


def is_inert(call: Call) -> bool:
    """Return whether `call` says of an answer that it is of a type that runs no script."""
    last = last_part(call.name)
    values = [arg.value for arg in call.args]
    if last in _TYPED:
        return bool(values) and _says_inert(values[0])
    if last not in _NAMED:
        return False
    if len(values) == 2 and str(values[0].value).lower() == _HEADER:
        return _says_inert(values[1])
    return any(_in_headers(value, 0) for value in values)


def is_answered(expr: Expr | None) -> bool:
    """Return whether `expr` is what a client was answered, ``self.request(url)``: no request that came in."""
    return (
        expr is not None
        and expr.kind == "call"
        and isinstance(expr.value, Call)
        and bool(expr.value.args)
        and last_part(expr.value.name) == "request"
    )


def is_asked(name: str) -> bool:
    """Return whether a call of this full name is of what a client gave: what is called ``req`` then went out."""
    return _CLIENTS.match(name) is not None


def _in_headers(expr: Expr, depth: int) -> bool:
    if expr.kind != "dict" or not isinstance(expr.value, tuple) or depth > DEPTH_MAX:
        return False
    return any(
        _says_inert(value) if str(key.value).lower() == _HEADER else _in_headers(value, depth + 1)
        for key, value in expr.value
    )


def _says_inert(expr: Expr) -> bool:
    if expr.kind == "concat" and isinstance(expr.value, tuple) and expr.value:
        return _says_inert(expr.value[0])
    return expr.kind == "str" and _INERT.match(str(expr.value)) is not None
