"""NATS server: keys with `:`, `=` or a blank before their value, maps in braces, lists in brackets.

::

    listen: 0.0.0.0:4222                    ("listen",) = "0.0.0.0:4222"
    http_port = 8222                        ("http_port",) = 8222
    tls { cert_file: "a.pem", verify: on }  ("tls", "cert_file") = "a.pem"   ("tls", "verify") = True
    authorization {
      users = [ {user: a, password: $PW} ]  ("authorization", "users", "[0]", "password") = "$PW"
    }
    include "limits.conf"                   ("include",) = "limits.conf"

Values end at the line, a comma or a semicolon. ``$NAME`` stays as it is written: what it stands for is in the file or in the environment. ``(`` begins a
text that ends with a ``)`` on a line of its own. Sizes (``8MB``) and durations (``2m``) stay text; words such as ``on`` are typed as the
server types them. A brace that is missing is a fault, and reading goes on.
"""

import re
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import (
    DEPTH_MAX,
    EMPTY_LIST,
    EMPTY_MAPPING,
    Collector,
    Full,
)
from stemedb_analysis.settings.scalars import number, unescape

_SKIP: Final = re.compile(rb"(?:[\s,;]+|(?:\#|//)[^\n]*|\xef\xbb\xbf)+")
_KEY: Final = re.compile(rb"\"((?:[^\"\\\n]|\\.)*)\"|'([^'\n]*)'|([^\s:={}\[\],;\"'\#]+)")
_BETWEEN: Final = re.compile(rb"[ \t]*[:=]?\s*")
_QUOTED: Final = re.compile(rb"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'")
_BLOCK: Final = re.compile(rb"\(\s*\n(.*?)\n\s*\)\s*(?=\n|\Z)", re.DOTALL)
_PLAIN: Final = re.compile(rb"(?:(?!\s(?:\#|//))[^\n,;}\]])*")
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def extract(data: bytes) -> Facts:
    """Return the settings of a configuration of the NATS server."""
    out = Collector(data)
    try:
        end = _map(out, (), 0, 0)
        while end < len(data):  # a brace that closes nothing
            out.fault("a brace closes nothing", end)
            end = _map(out, (), end + 1, 0)
    except Full:
        out.fault("too many settings, the rest is left out", 0)
    return out.facts("nats")


def _map(out: Collector, path: tuple[str, ...], at: int, depth: int) -> int:
    """Read keys and values from `at` on, and return where the brace stands that ends them, or the end of the file."""
    data = out.data
    while True:
        at = _behind(data, at)
        if at >= len(data) or data[at : at + 1] == b"}":
            return at
        key = _KEY.match(data, at)
        if key is None:
            out.fault("no key", at)
            at += 1
            continue
        name = _text(key)
        between = _BETWEEN.match(data, key.end())
        at = _value(out, (*path, name), between.end() if between else key.end(), key.start(), depth)


def _list(out: Collector, path: tuple[str, ...], at: int, depth: int) -> int:
    """Read elements from `at` on, and return where the bracket stands that ends them, or the end of the file."""
    data, count = out.data, 0
    while True:
        at = _behind(data, at)
        if at >= len(data) or data[at : at + 1] == b"]":
            if not count:
                out.add(path, EMPTY_LIST, at, at)
            return at
        if data[at : at + 1] == b"}":
            out.fault("a brace closes nothing", at)
            at += 1
            continue
        at = _value(out, (*path, f"[{count}]"), at, at, depth)
        count += 1


def _value(out: Collector, path: tuple[str, ...], at: int, start: int, depth: int) -> int:
    """Read one value of `path` and return where what follows it begins; `start` is where its key stands."""
    data = out.data
    sign = data[at : at + 1]
    if sign in {b"{", b"["}:
        if depth >= DEPTH_MAX:
            out.fault(f"nested deeper than {DEPTH_MAX}", at)
            return len(data)
        before = at
        at = (_map if sign == b"{" else _list)(out, path, at + 1, depth + 1)
        if sign == b"{" and not data[before + 1 : at].strip():
            out.add(path, EMPTY_MAPPING, start, at)
        if at >= len(data):
            out.fault("a brace is not closed", before)
        return at + 1
    quoted = _QUOTED.match(data, at)
    if quoted:
        out.add(path, _text(quoted), start, quoted.end())
        return quoted.end()
    block = _BLOCK.match(data, at) if sign == b"(" else None
    if block:
        out.add(path, out.text(*block.span(1)), start, block.end())
        return block.end()
    plain = _PLAIN.match(data, at)
    end = plain.end() if plain else at
    text = out.text(at, end).strip()
    out.add(path, _typed(text), start, at + len(data[at:end].rstrip()))
    return max(end, at + 1) if not text else end


def _typed(text: str) -> bool | float | str | None:
    return _WORDS.get(text.lower(), number(text, text)) if text else None


def _text(match: re.Match[bytes]) -> str:
    """Return what a quoted or bare text says; escapes count between double quotes."""
    double, *others = match.groups()
    if double is not None:
        return unescape(double.decode("utf-8", "replace"))
    return next((one for one in others if one is not None), b"").decode("utf-8", "replace")


def _behind(data: bytes, at: int) -> int:
    match = _SKIP.match(data, at)
    return match.end() if match else at
