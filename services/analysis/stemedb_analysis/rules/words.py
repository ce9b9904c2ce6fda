"""The words around a fact: what a value is for, as far as names tell.

::

    reset_token = "".join(random.choice(ALPHABET) for _ in range(32))
    └──────────────── before the call ──────────┘   and the function's name  ─▶  reset token join

Names are cut at ``_``, ``-``, digits and capitals; a plural counts as its singular. Word lists are data (``data/words.yaml``). A word in a
list of two or more parts (``api_key``) is looked for as a run.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.source import Source

BEFORE_LINES_MAX: Final = 3
"""How far back a statement is followed that began on an earlier line."""
BEFORE_BYTES_MAX: Final = 400

BEHIND_BYTES_MAX: Final = 800
"""How far on the names of a result are followed."""

_TARGET: Final = re.compile(rb"\s*(?:[\w<>\[\].]+\s+)*?([A-Za-z_]\w*)\s*:?=(?!=)")
_KEYED: Final = re.compile(rb"\s*(?:[\"'][^\"'\n]{1,60}[\"']\s*:|[A-Za-z_]\w*\s*:(?![:=]))")
"""A line that begins with a key: what stands above it belongs to other keys."""
_CLIENT: Final = re.compile(
    rb"\b_?session\.(?:\w+\.)?(?:get|post|put|patch|delete|head|request|fetch|urlopen)\((?![\"'])"
)
"""A client that keeps connections open is called a session, too; one that is asked for a text is a store."""
_BODY: Final = re.compile(rb"(?:\bfunction\b[^\n]*|=>|\))\s*\{\Z")
"""A line that opens the body of a function or a condition: what stands in it is another statement."""
_NAME: Final = re.compile(rb"[A-Za-z_]\w*")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OPEN_ENDS: Final = (
    b"(",
    b"[",
    b"{",
    b"=",
    b",",
    b"+",
    b"\\",
    b".",
    b"&&",
    b"||",
    b"->",
    b"=>",
    b"return",
    b":=",
)


class Words:
    """The word lists, each as one expression over names cut into words."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._lists = {
            name: re.compile(
                r"(?<= )(?:" + "|".join(re.escape(cut(word).strip()) for word in words) + r")(?= )"
            )
            for name, words in lists.items()
        }

    def found(self, name: str, text: str) -> bool:
        """Return whether a word of the list `name` is in `text` (any names and code)."""
        return self._lists[name].search(cut(text)) is not None


def cut(text: str) -> str:
    """Return the words of `text` in lower case, singular, each between blanks."""
    words = [match[0].lower() for match in _WORD.finditer(text)]
    return f" {' '.join(word[:-1] if len(word) > 3 and word[-1] == 's' and word[-2] != 's' else word for word in words)} "


def around(facts: Facts, source: Source, start: int, function: int) -> str:
    """Return what stands before `start` in its statement, and the name of the function it is in."""
    data = source.data
    floor = max(0, start - BEFORE_BYTES_MAX)
    begin = data.rfind(b"\n", floor, start) + 1 or floor
    for _ in range(0 if _KEYED.match(data, begin, start) else BEFORE_LINES_MAX):
        above = data[floor : max(begin - 1, floor)].rstrip()
        if begin <= floor or not above.endswith(_OPEN_ENDS) or _BODY.search(above):
            break
        begin = data.rfind(b"\n", floor, begin - 1) + 1 or floor
    name = facts.functions[function].name if 0 <= function < len(facts.functions) else ""
    before = _CLIENT.sub(b" ", data[begin:start])
    return f"{name.rpartition('.')[2]} {before.decode('utf-8', 'replace')}"


def behind(facts: Facts, source: Source, start: int, function: int) -> str:
    """Return the lines behind `start` in its function that speak of what the statement is assigned to, or of what is made of that."""
    data = source.data
    end = facts.functions[function].end if 0 <= function < len(facts.functions) else len(data)
    line = data.rfind(b"\n", 0, start) + 1
    # What is assigned to stands where the statement begins; the search costs the square of what it looks at.
    target = _TARGET.search(data[line : min(start, line + BEFORE_BYTES_MAX)])
    first = data.find(b"\n", start, end)
    if target is None or first < 0:
        return ""
    names = {target[1]}
    told = []
    for one in data[first : min(end, first + BEHIND_BYTES_MAX)].split(b"\n"):
        if names.isdisjoint(_NAME.findall(one)):
            continue
        told.append(one)
        made = _TARGET.match(one)
        if made is not None:
            names.add(made[1])
    return b" ".join(told).decode("utf-8", "replace")
