"""HAProxy: directives with the section they stand in.

::

    frontend web                                    ("frontend", "[0]", "args") = "web"
        bind *:80                                   ("frontend", "[0]", "bind") = "*:80"
        http-response set-header X-A b              ("frontend", "[0]", "http-response", "set-header", "X-A") = "b"
    backend app
        server a 10.0.0.1:80 check ssl verify none  ("backend", "[0]", "server") = "a 10.0.0.1:80 check ssl verify none"

``#`` begins a comment outside of quotes. Two-worded directives (``option``, ``timeout``, ``stats``) are told apart by their second word.
"""

import re
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import Collector, Full

_SECTIONS: Final = frozenset(
    "global defaults frontend backend listen userlist peers resolvers mailers cache ring program http-errors fcgi-app".split()  # noqa: SIM905 - easier to read
)
_WORD: Final = re.compile(r"""((?:"[^"]*"|'[^']*'|\\.|[^\s#"'\\])+)|(\#.*)""")
_PAIRED: Final = frozenset({"option", "timeout", "stats", "no"})
_HEADERS: Final = frozenset({"set-header", "add-header", "replace-header", "del-header"})


def extract(data: bytes) -> Facts:
    """Return the directives of a configuration of HAProxy."""
    out = Collector(data)
    counts: dict[str, int] = {}
    section: tuple[str, ...] = ()
    position = 0
    try:
        while position < len(data):
            found = data.find(b"\n", position)
            end = len(data) if found < 0 else found
            raw = out.text(position, end)
            words = [
                re.sub(r"\\(.)", r"\1", word).replace('"', "").replace("'", "")
                for word, _ in _WORD.findall(raw)
                if word
            ]
            start = position + len(raw.encode()) - len(raw.lstrip().encode())
            end -= data[end - 1 : end] == b"\r"
            position = (len(data) if found < 0 else found) + 1
            if not words:
                continue
            if words[0] in _SECTIONS:
                number = counts.get(words[0], 0)
                counts[words[0]] = number + 1
                section = (words[0],) if words[0] == "global" else (words[0], f"[{number}]")
                out.begin(section, start)
                out.add((*section, "args"), " ".join(words[1:]), start, end)
            else:
                out.add(*_directive(section, words), start, end)
    except Full:
        out.fault("too many settings, the rest is left out", position)
    return out.facts("haproxy")


def _directive(section: tuple[str, ...], words: list[str]) -> tuple[tuple[str, ...], str]:
    if words[0] in _PAIRED and len(words) > 1:
        return (*section, words[0], words[1]), " ".join(words[2:])
    if words[0] in {"http-response", "http-request", "rspadd"} and len(words) > 2 and words[1] in _HEADERS:
        return (*section, words[0], words[1], words[2]), " ".join(words[3:])
    return (*section, words[0]), " ".join(words[1:])
