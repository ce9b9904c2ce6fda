"""The levels of YAML that its parser can keep count of: the scanner of the pinned grammar ends the process at some 250.

A block begins where a line does, or behind the indicators and properties with which it begins (``- - ? &name key:``), and each within another
begins at a column of its own. So a file whose lines use few columns has few levels, whatever stands in its strings, comments and brackets. What
begins beyond the first `LEVELS_MAX` columns is blanked out, and the rest of the file is read.
"""

import re
from typing import Final, NamedTuple

LEVELS_MAX: Final = 200
"""People indent up to 20."""

_STEEP: Final = re.compile(rb"\n(?:[ \t]{60}|[ \t]*(?:(?:[-?:]|[&!]\S*)[ \t]+){30})")
"""A line that begins so far right, or with so many indicators, that there may be more than `LEVELS_MAX` levels."""
_FIRST: Final = re.compile(rb"(?m)^([ \t]*)((?:(?:[-?:]|[&!]\S*)[ \t]+)*)(?=\S)([^\n]*)")
_NEXT: Final = re.compile(rb"\S+[ \t]+")
_BLANK: Final = bytes(code if code in b"\r\n" else ord(" ") for code in range(256))


class Bounded(NamedTuple):
    """YAML whose levels the parser can keep count of."""

    data: bytes
    """As long as the file, lines that begin too far right blank."""
    cut: int
    """Where the first of those stands; -1 if there is none."""


def within_levels(data: bytes) -> Bounded:
    """Return YAML without what is indented deeper than `LEVELS_MAX` levels. O(n); nearly all files pass at the speed of a search."""
    lines = data.replace(b"\r", b"\n") if b"\r" in data else data  # alone it ends a line as well
    if _STEEP.search(b"\n" + lines) is None:
        return Bounded(data, -1)
    begins = [(match.start(2), match.end(), _columns(match)) for match in _FIRST.finditer(lines)]
    used = sorted({column for _, _, columns in begins for column in columns})
    if len(used) <= LEVELS_MAX:
        return Bounded(data, -1)
    bound, cut, kept = used[LEVELS_MAX], -1, bytearray(data)
    for start, end, columns in begins:
        if columns[-1] >= bound:
            kept[start:end] = data[start:end].translate(_BLANK)
            cut = start if cut < 0 else cut
    return Bounded(bytes(kept), cut)


def _columns(match: re.Match[bytes]) -> list[int]:
    """Return the columns at which a line may begin a block, ascending."""
    column = len(match[1])
    return [column, *(column + indicator.end() for indicator in _NEXT.finditer(match[2]))]
