"""Apache httpd: directives with the sections they stand in.

::

    ServerTokens Full                               ("ServerTokens",) = "Full"
    <VirtualHost *:443>                             ("VirtualHost", "[0]", "args") = "*:443"
        SSLProtocol all -SSLv3                      ("VirtualHost", "[0]", "SSLProtocol") = "all -SSLv3"
        Header always set X-Frame-Options DENY      ("VirtualHost", "[0]", "Header", "X-Frame-Options") = "DENY"
        <Directory "/srv/www">                      ("VirtualHost", "[0]", "Directory", "[0]", "args") = "/srv/www"
            Options +Indexes                        ("VirtualHost", "[0]", "Directory", "[0]", "Options") = "+Indexes"

``<IfModule>``, ``<IfDefine>`` and ``<IfVersion>`` are looked through: what stands in them is read as if they were not there. Headers that are set are told apart
by their name; what takes one away is no setting of it. A backslash at the end of a line continues it. A section that is never closed is a
fault, and reading goes on.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import DEPTH_MAX, Collector, Full

_OPENED: Final = re.compile(r"<\s*([A-Za-z]\w*)\s*([^>]*)>?")
_CLOSED: Final = re.compile(r"</\s*([A-Za-z]\w*)\s*>")
_DIRECTIVE: Final = re.compile(r"([A-Za-z]\w*)(?:\s+(.*))?", re.DOTALL)
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_TRANSPARENT: Final = frozenset({"ifmodule", "ifdefine", "ifversion", "ifdirective", "iffile"})
_SETTING: Final = frozenset({"set", "append", "add", "merge", "setifempty", "edit"})


def extract(data: bytes) -> Facts:
    """Return the directives of a configuration of Apache httpd."""
    out = Collector(data)
    try:
        _read(out)
    except Full:
        out.fault("too many settings, the rest is left out", 0)
    return out.facts("apache")


class _Line(NamedTuple):
    """One directive or mark of a section, its continuation lines joined, at bytes ``[start, end)``."""

    text: str
    start: int
    end: int


class _Section(NamedTuple):
    name: str
    path: tuple[str, ...]
    start: int


def _lines(out: Collector) -> Iterator[_Line]:
    position = 0
    while position < len(out.data):
        end = _line_end(out.data, position)
        while out.data[position:end].rstrip().endswith(b"\\") and end < len(out.data):
            end = _line_end(out.data, end + 1)
        raw = out.data[position:end]
        start = position + len(raw) - len(raw.lstrip(b"\xef\xbb\xbf \t\r\n"))
        text = re.sub(r"\\\r?\n\s*", " ", out.text(start, end)).strip()
        position = end + 1
        if text and not text.startswith("#"):
            yield _Line(text, min(start, end), end)


def _read(out: Collector) -> None:
    sections: list[_Section] = []
    counts: dict[tuple[str, ...], int] = {}
    for line in _lines(out):
        path = sections[-1].path if sections else ()
        if closed := _CLOSED.match(line.text):
            if not sections or sections[-1].name != closed[1].lower():
                out.fault("a section is closed that is not open", line.start)
            else:
                sections.pop()
        elif opened := _OPENED.match(line.text):
            if len(sections) >= DEPTH_MAX:
                out.fault(f"nested deeper than {DEPTH_MAX}", line.start)
                return
            sections.append(_opened(out, path, counts, opened, line))
        elif found := _DIRECTIVE.fullmatch(line.text):
            _directive(out, path, found, line)
        else:
            out.fault("is no directive", line.start)
    if sections:
        out.fault("a section is not closed", sections[-1].start)


def _opened(
    out: Collector,
    path: tuple[str, ...],
    counts: dict[tuple[str, ...], int],
    opened: re.Match[str],
    line: _Line,
) -> _Section:
    name = opened[1].lower()
    if name not in _TRANSPARENT:
        number = counts.get((*path, name), 0)
        counts[(*path, name)] = number + 1
        path = (*path, opened[1], f"[{number}]")
        out.begin(path, line.start)
        out.add((*path, "args"), opened[2].strip(" \"'"), line.start, line.end)
    return _Section(name, path, line.start)


def _directive(out: Collector, path: tuple[str, ...], found: re.Match[str], line: _Line) -> None:
    name = found[1]
    words = [quoted or plain for quoted, plain in _WORD.findall(found[2] or "")]
    if name.lower() in {"header", "requestheader"}:
        rest = [word for word in words if word.lower() not in {"always", "onsuccess"}]
        if len(rest) > 1 and rest[0].lower() in _SETTING:
            out.add((*path, name, rest[1]), " ".join(rest[2:3]), line.start, line.end)
            return
    if name.lower() == "setenv" and len(words) > 1:
        out.add((*path, name, words[0]), words[1], line.start, line.end)
        return
    out.add((*path, name), " ".join(words), line.start, line.end)


def _line_end(data: bytes, start: int) -> int:
    found = data.find(b"\n", start)
    return len(data) if found < 0 else found
