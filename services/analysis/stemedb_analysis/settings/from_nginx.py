"""nginx: directives with the blocks they stand in.

::

    http {
        server {                                     ("http", "server", "[0]", "listen") = "443 ssl"
            listen 443 ssl;                          ("http", "server", "[0]", "add_header", "X-Frame-Options") = "DENY"
            add_header X-Frame-Options DENY always;
            location /api {                          ("http", "server", "[0]", "location", "[0]", "args") = "/api"
                proxy_pass https://api;              ("http", "server", "[0]", "location", "[0]", "proxy_pass") = "https://api"

Blocks are numbered among those of their name in the same block; ``args`` is what stands between a block's name and its brace. Headers and
variables are told apart by their first argument; a trailing ``always`` is left out. A file for ``conf.d`` begins inside of ``http``: its
paths then begin with ``server``. A brace or semicolon that is missing is a fault, and reading goes on.
"""

import re
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import DEPTH_MAX, Collector, Full
from stemedb_analysis.settings.scalars import DIGITS_MAX

_TOKEN: Final = re.compile(
    rb"""(?P<skip>[\s\xef\xbb\xbf]+|\#[^\n]*)|(?P<sign>[;{}])|(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    rb"""|(?P<word>(?:[^\s;{}"'\\$]|\\.|\$\{[^}\s]*\}|\$)(?:[^\s;{}\\$]|\\.|\$\{[^}\s]*\}|\$)*)|(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_KEYED: Final = frozenset(
    {"add_header", "more_set_headers", "proxy_set_header", "fastcgi_param", "set", "proxy_hide_header"}
)
_HSTS: Final = "strict-transport-security"
"""The parts of its value are settings too: ``("add_header", "Strict-Transport-Security", "max-age") = 31536000``."""

_LUA: Final = "_by_lua_block"


class _Block(NamedTuple):
    path: tuple[str, ...]
    counts: dict[str, int]
    start: int


def extract(data: bytes) -> Facts:
    """Return the directives of an nginx configuration."""
    out = Collector(data)
    try:
        _read(out)
    except Full:
        out.fault("too many settings, the rest is left out", 0)
    return out.facts("nginx")


def _read(out: Collector) -> None:  # noqa: C901, PLR0912 - one loop over tokens, a branch for each sign
    data = out.data
    blocks = [_Block((), {}, 0)]
    words: list[str] = []
    start = end = position = 0
    while match := _TOKEN.match(data, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "skip":
            continue
        if kind == "sign":
            sign = match[0]
            if sign == b";":
                _directive(out, blocks[-1].path, words, start, end)
            elif sign == b"{" and words and words[0].endswith(_LUA):
                position = _behind_braces(data, position)
            elif sign == b"{":
                if len(blocks) > DEPTH_MAX:
                    out.fault(f"nested deeper than {DEPTH_MAX}", match.start())
                    return
                blocks.append(_opened(out, blocks[-1], words, start if words else match.start(), match.end()))
            else:
                if words:
                    out.fault("a semicolon is missing", start)
                    _directive(out, blocks[-1].path, words, start, end)
                if len(blocks) == 1:
                    out.fault("a brace closes nothing", match.start())
                else:
                    blocks.pop()
            words = []
            continue
        if not words:
            start = match.start()
        end = match.end()
        words.append(_word(match[0], quoted=kind == "quoted"))
    if words:
        out.fault("a semicolon is missing", start)
    if len(blocks) > 1:
        out.fault("a brace is not closed", blocks[-1].start)


def _word(raw: bytes, *, quoted: bool) -> str:
    text = raw.decode("utf-8", "replace")
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if quoted else text


def _opened(out: Collector, parent: _Block, words: list[str], start: int, end: int) -> _Block:
    name = words[0] if words else "?"
    number = parent.counts.get(name, 0)
    parent.counts[name] = number + 1
    # The blocks of which a file has one are not numbered, so that rules can name them.
    path = (
        (*parent.path, name)
        if name in {"http", "events", "stream", "mail"}
        else (*parent.path, name, f"[{number}]")
    )
    out.begin(path, start)
    if len(words) > 1:
        out.add((*path, "args"), " ".join(words[1:]), start, end)
    return _Block(path, {}, start)


def _directive(out: Collector, block: tuple[str, ...], words: list[str], start: int, end: int) -> None:
    if not words:
        return
    name, arguments = words[0], words[1:]
    if name in _KEYED and arguments:
        if len(arguments) > 1 and arguments[-1] == "always":
            arguments = arguments[:-1]
        path, value = (*block, name, arguments[0]), " ".join(arguments[1:])
        out.add(path, value, start, end)
        for part in value.split(";") if path[-1].lower() == _HSTS else ():
            key, _, word = part.strip().partition("=")
            if key:
                typed = int(word) if word.isdigit() and len(word) < DIGITS_MAX else word or True
                out.add((*path, key), typed, start, end)
        return
    out.add((*block, name), " ".join(arguments), start, end)


def _behind_braces(data: bytes, position: int) -> int:
    """Return where the block of another language that was opened before `position` is closed."""
    depth = 1
    while depth and position < len(data):
        byte = data[position : position + 1]
        depth += (byte == b"{") - (byte == b"}")
        position += 1
    return position
