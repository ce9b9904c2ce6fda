"""How deep code is nested: told without a walk of the tree, and bounded where a grammar's own scanner is not.

*Trees.* A node knows how many nodes are below it. So one node of every few hundred, in the order of the text, tells whether there is any way down
that is long enough, and only then it is looked for.

*Indentation.* The scanner of Python keeps its levels in 1024 bytes, two for each beside one for each open string, and ends the process when
they are full. A level needs a column of its own, so what uses few columns opens few levels, whatever stands in its strings and brackets. Lines
that begin at a column beyond the first `LEVELS_MAX` are set aside, and the rest of the file is read.
"""

import re
from typing import Final, NamedTuple

from tree_sitter import Node

LEVELS_MAX: Final = 250
"""Of indentation, in a file of Python, which itself takes no more than 100."""
_USUAL: Final = 100
"""Levels of a tree; what people write stays below."""
_ODD_MAX: Final = 100
"""Tabs and backslashes: so few of them open no more levels beside those of `LEVELS_MAX` columns than the scanner has room for."""
_TAB_COLUMNS: Final = 8
"""Of a tab, as the scanner counts."""
_SPACES: Final = b" " * LEVELS_MAX
_STEP: Final = b" " * 64
"""Of those; it is looked for at a higher speed."""
_STEEP: Final = re.compile(
    rb"(?m)^(?:(?:[ \f\r]*\t){%d}|(?:[\t\f\r]* ){%d})" % (LEVELS_MAX // _TAB_COLUMNS // 2, LEVELS_MAX // 2)
)
"""A line that begins with so many tabs, or so many blanks among them, that it may begin beyond `LEVELS_MAX` columns."""
_CONTINUED: Final = re.compile(rb"(?m)^[ \t\f\r]*\\\r?$")
"""A line with nothing in it but that it goes on in the next, where the scanner counts on."""
_BLANK: Final = bytes(code if code in b"\r\n" else ord(" ") for code in range(256))
_QUOTES: Final = b"'''"
_BEGINNING: Final = re.compile(rb"(?m)^((?:[ \t\f\r]|\\\r?\n)*)(?![ \t\f\r\n])(.*)")


class Bounded(NamedTuple):
    """Code whose indentation the scanner can keep count of."""

    data: bytes
    """As long as the file, without a word of the lines that begin too far right."""
    cut: int
    """Where the first of those stands; -1 if there is none."""


def within_levels(data: bytes) -> Bounded:
    """Return a file of Python without what is indented deeper than `LEVELS_MAX` levels. O(n); nearly all files pass at the speed of a search."""
    if not _is_steep(data):
        return Bounded(data, -1)
    lines = [(match.start(2), match.end(2), _column(match[1])) for match in _BEGINNING.finditer(data)]
    columns = sorted({column for _, _, column in lines})
    if len(columns) <= LEVELS_MAX:
        return Bounded(data, -1)
    bound = columns[LEVELS_MAX]
    code, cut, at = bytearray(data), -1, 0
    while at < len(lines):
        first = at
        while at < len(lines) and lines[at][2] >= bound:
            at += 1
        if at > first:
            start, end = lines[first][0], lines[at - 1][1]
            code[start:end] = _set_aside(data[start:end])
            cut = start if cut < 0 else cut
        else:
            at += 1
    return Bounded(bytes(code), cut)


def _set_aside(data: bytes) -> bytes:
    """Return lines as a string of blanks: the body that a block needs, and passed over at once where blank lines are looked at for each level that ends."""
    blank, first = data.translate(_BLANK), len(data.partition(b"\n")[0])
    if first < len(_QUOTES) or len(data) < 2 * len(_QUOTES):
        return blank
    return _QUOTES + blank[len(_QUOTES) : -len(_QUOTES)] + _QUOTES


def _is_steep(data: bytes) -> bool:
    """Return whether there may be more levels than `LEVELS_MAX`, and some: lines that begin so far right, or are told by tabs and continued lines."""
    if _STEP in data and _SPACES in data:
        return True
    if data.count(b"\t") + data.count(b"\\") < _ODD_MAX:
        return False
    return _STEEP.search(data) is not None or _CONTINUED.search(data) is not None


def _column(blank: bytes) -> int:
    """Return the column behind what a line begins with, as the scanner counts: form feeds and carriage returns begin anew."""
    last = re.split(rb"[\f\r]", blank.replace(b"\\\r\n", b""))[-1]
    return last.count(b" ") + _TAB_COLUMNS * last.count(b"\t")


def first_below(root: Node, depth_max: int) -> Node | None:
    """Return the first node that lies deeper than `depth_max` levels below `root`, ``None`` if there is none. Requires ``depth_max > _USUAL``.

    Where nothing is nested deeper than `_USUAL`, some 15 nodes of a thousand lines are looked at; O(nodes) otherwise.
    """
    return _search(root, depth_max) if _may_be_deep(root, depth_max) else None


def _may_be_deep(root: Node, depth_max: int) -> bool:
    # A way down beyond `depth_max` passes a node at the depth of `_USUAL`, below which there are as many nodes as levels are left. They stand in a
    # row, so that every so many nodes one is met.
    size, step = root.descendant_count, depth_max - _USUAL
    if size <= depth_max:
        return False
    cursor = root.walk()
    for number in range(step, size, step):
        cursor.goto_descendant(number)
        if cursor.depth > _USUAL:
            return True
    return False


def _search(root: Node, depth_max: int) -> Node | None:
    left = [(root, depth_max)]
    while left:
        node, room = left.pop()
        if room < 0:
            return node
        # What has fewer nodes below it than there are levels left ends above the bound.
        left += [
            (child, room - 1) for child in reversed(node.named_children) if child.descendant_count > room
        ]
    return None
