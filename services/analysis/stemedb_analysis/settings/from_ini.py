"""Files of lines: ``.env``, INI and its kin, Java properties, directives as ``sshd_config`` and ``redis.conf`` write them.

::

    .env          export KEY="value" # comment          ("KEY",)                 quoted values may span lines
    ini           [section]  key = value                ("section", "key")       indented lines continue a value
                  PermitRootLogin no                    ("PermitRootLogin",)     a directive: a word and its arguments
                  host all all 0.0.0.0/0 trust          ("pg_hba", "host")       the method, of ``pg_hba.conf``
    properties    server.ssl.enabled: false             ("server", "ssl", "enabled")

All values are text. Quotes around a whole value are taken off. ``#`` and ``;`` begin comments where a line begins; behind a value only
after white space, and in properties not at all.
"""

import re
from collections.abc import Iterator
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import Collector, Full
from stemedb_analysis.settings.scalars import unescape

_ENV: Final = re.compile(rb"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.\-]*)[ \t]*=[ \t]*")
_SECTION: Final = re.compile(rb"[ \t]*\[{1,2}[ \t]*([^\[\]\r\n]+?)[ \t]*\]{1,2}[ \t]*(?:[#;].*)?\r?")
_ASSIGNMENT: Final = re.compile(rb"[ \t]*([^\s=:#;\[\]][^=:#;\r\n]{0,127}?)[ \t]*[=:][ \t]*([^\r\n]*)\r?")
_REGISTRY: Final = re.compile(rb"[ \t]*(//[^\s=]+|@[\w.\-]+:[\w\-]+)[ \t]*=[ \t]*([^\r\n]*)\r?")
"""``//npm.example/:_authToken=…``, ``@scope:registry=…``: keys with colons, in ``.npmrc``."""

_DIRECTIVE: Final = re.compile(rb"[ \t]*([A-Za-z][\w.\-]*)[ \t]+(\S[^\r\n]*?)[ \t]*\r?")
_WORD: Final = re.compile(rb"[ \t]*([A-Za-z][\w.\-]*)[ \t]*(?:[#;].*)?\r?")
"""A switch without a value: ``skip-grant-tables``."""

_HBA: Final = re.compile(
    rb"(local|host(?:no)?(?:ssl|gssenc)?|host)[ \t]+\S+[ \t]+\S+(?:[ \t]+\S+){0,2}?[ \t]+"
    rb"(trust|reject|md5|password|scram-sha-256|gss|sspi|ident|peer|ldap|radius|cert|pam|bsd|oauth)(?:[ \t].*)?\r?"
)
_PROPERTY: Final = re.compile(rb"[ \t\f]*((?:[^\s=:\\]|\\.)+)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+|(?=\r?$))")
_SIGN: Final = re.compile(rb"[=:]")
"""What a line must hold for indented ones to continue it: those below ``Host a`` of ``ssh_config`` are settings of their own."""

_BEHIND: Final = re.compile(r"\s[#;].*$")
_QUOTED_LINES_MAX: Final = 200
"""Of one quoted value of ``.env``: a private key has some 50."""


def extract_env(data: bytes) -> Facts:
    """Return the variables of a ``.env`` file."""
    out = Collector(data)
    position = 0
    try:
        while position < len(data):
            end = _line_end(data, position)
            match = _ENV.match(data, position, end)
            if match is None:
                line = data[position:end].strip()
                if line and not line.startswith((b"#", b"\xef\xbb\xbf#")) and b"=" in line:
                    out.fault("is no assignment", position)
            else:
                start = match.end()
                quote = data[start : start + 1]
                closed = _closing(data, start + 1, quote) if quote in {b'"', b"'", b"`"} else -1
                if closed >= 0:
                    text = out.text(start + 1, closed)
                    out.add(
                        (_text(match[1]),),
                        unescape(text) if quote == b'"' else text,
                        match.start(1),
                        closed + 1,
                    )
                    end = max(end, _line_end(data, closed))
                else:
                    value = _BEHIND.sub("", " " + out.text(start, end)).strip()
                    out.add((_text(match[1]),), value, match.start(1), max(start, end))
            position = end + 1
    except Full:
        out.fault("too many settings, the rest is left out", position)
    return out.facts("env")


def extract_ini(data: bytes) -> Facts:
    """Return the settings of an INI file, a unit of systemd, or a file of directives."""
    out = Collector(data)
    section: tuple[str, ...] = ()
    try:
        for start, end, text_start in _logical_lines(data):
            first = data[text_start : text_start + 1]
            if first in {b"", b"\n", b"#", b";", b"!"}:
                continue
            found = _SECTION.fullmatch(data, start, end)
            if found:
                section = (_text(found[1]).strip('"'),)
                out.begin(section, text_start)
                continue
            hba = _HBA.fullmatch(data, text_start, end)
            if hba:
                out.add(("pg_hba", _text(hba[1])), _text(hba[2]), text_start, hba.end(2))
                continue
            _line(out, section, start, end)
    except Full:
        out.fault("too many settings, the rest is left out", 0)
    return out.facts("ini")


def _line(out: Collector, section: tuple[str, ...], start: int, end: int) -> None:
    """Add the assignment or directive of the logical line ``[start, end)``, which may hold line ends."""
    first_end = min(_line_end(out.data, start), end)
    assignment = _REGISTRY.match(out.data, start, first_end) or _ASSIGNMENT.match(out.data, start, first_end)
    directive = _DIRECTIVE.match(out.data, start, first_end)
    match = assignment
    if assignment and directive and _is_directive(out.data, assignment):
        match = directive
    match = match or directive
    word = None if match else _WORD.fullmatch(out.data, start, first_end)
    if word:
        out.add((*section, _text(word[1])), "", word.start(1), word.end(1))
        return
    if match is None:
        out.fault("is neither a section nor a setting", start)
        return
    value = out.text(match.start(2), end)
    if "\n" in value:
        value = "\n".join(
            line.strip() for line in value.splitlines() if not line.lstrip().startswith(("#", ";"))
        )
    value = _BEHIND.sub("", " " + value.strip()).strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    out.add((*section, _text(match[1])), value, match.start(1), max(match.end(1), end))


def _is_directive(data: bytes, assignment: re.Match[bytes]) -> bool:
    """Return whether the sign in ``Ciphers a=b`` or ``bind 0.0.0.0 ::`` is a part of an argument, unlike that of ``my key = 1``."""
    if not re.search(rb"[ \t]", assignment[1]):
        return False
    sign = assignment.end(1)
    while data[sign : sign + 1] in {b" ", b"\t"}:
        sign += 1
    is_spaced = data[sign + 1 : sign + 2] in {b" ", b"\t", b"\r", b"\n", b""}
    if data[sign : sign + 1] == b"=":
        return not (is_spaced or sign > assignment.end(1))
    return not is_spaced or sign > assignment.end(1)


def extract_properties(data: bytes) -> Facts:
    """Return the settings of a Java properties file, keys split at their dots."""
    out = Collector(data)
    position = 0
    try:
        while position < len(data):
            end = _line_end(data, position)
            if data[position:end].lstrip()[:1] in {b"", b"#", b"!"}:
                position = end + 1
                continue
            while _continues(data, end):
                end = _line_end(data, end + 1)
            match = _PROPERTY.match(data, position, end)
            if match:
                value = re.sub(r"\\\r?\n[ \t\f]*", "", out.text(match.end(), end)).rstrip("\r")
                key = unescape(_text(match[1]))
                path = tuple(part for part in key.split(".") if part) or (key,)
                out.add(path, unescape(value).strip(), match.start(1), max(match.end(1), end))
            else:
                out.fault("is no property", position)
            position = end + 1
    except Full:
        out.fault("too many settings, the rest is left out", position)
    return out.facts("properties")


def _logical_lines(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and start of the text of each line with the indented ones that continue it."""
    position = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    size = len(data)
    while position < size:
        end = _line_end(data, position)
        text_start = end - len(data[position:end].lstrip())
        is_assignment = _SIGN.search(data, position, end) is not None
        if (
            is_assignment
            and data[text_start : text_start + 1] not in {b"", b"#", b";", b"["}
            and text_start == position
        ):
            while end < size:
                following = _line_end(data, end + 1)
                line = data[end + 1 : following]
                if (
                    not line.strip()
                    or line[:1] not in b" \t"
                    or (b"=" in line.split(b" #")[0] and b"://" not in line)
                ):
                    break
                end = following
        elif data[text_start : text_start + 1] in {b"#", b";"} or text_start == end:
            pass
        yield text_start if text_start < end else position, _trimmed(data, position, end), text_start
        position = end + 1


def _trimmed(data: bytes, start: int, end: int) -> int:
    while end > start and data[end - 1] in b" \t\r":
        end -= 1
    return end


def _line_end(data: bytes, start: int) -> int:
    found = data.find(b"\n", start)
    return len(data) if found < 0 else found


def _continues(data: bytes, end: int) -> bool:
    """Return whether the line that ends at `end` goes on: an odd number of backslashes, and something behind it."""
    line = data[max(0, end - 64) : end].rstrip(b"\r")
    return end < len(data) and (len(line) - len(line.rstrip(b"\\"))) % 2 == 1


def _closing(data: bytes, start: int, quote: bytes) -> int:
    """Return where the quote is that closes the one before `start`, -1 if none is near."""
    position = start
    limit = position
    for _ in range(_QUOTED_LINES_MAX):
        limit = _line_end(data, limit) + 1
        if limit > len(data):
            break
    limit = min(limit, len(data))
    while True:
        position = data.find(quote, position, limit)
        if position < 0:
            return -1
        if quote == b'"' and data[position - 1 : position] == b"\\":
            position += 1
            continue
        behind = data[position + 1 : _line_end(data, position)].strip()
        if not behind or behind.startswith(b"#"):
            return position
        return -1 if b"\n" not in data[start:position] else position


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
