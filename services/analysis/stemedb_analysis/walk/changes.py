"""Which lines a change touches: the hunks of ``git diff -U0``.

::

    +++ b/shop/cart.py
    @@ -10,2 +10,3 @@        lines 10, 11, 12 after the change
    @@ -40,3 +41,0 @@        only taken away: nothing there to look at
"""

import os
import re
from typing import Final

from stemedb_analysis.walk.inputs import LineRanges

_HUNK: Final = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_ESCAPE: Final = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_ESCAPED: Final = {
    b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r", b'"': b'"', b"\\": b"\\",
}  # fmt: skip


def changed_lines(diff: bytes) -> dict[str, LineRanges]:
    """Return for each file of a diff without context the ranges of lines that are new in it."""
    found: dict[str, list[tuple[int, int]]] = {}
    current: list[tuple[int, int]] = []
    body = 0
    for line in diff.split(b"\n"):
        if body and line[:1] in {b"+", b"-"}:
            body -= 1  # a line of the file, which may look like anything
        elif line.startswith(b"+++ "):
            current = found.setdefault(_path(line[4:]), [])
        elif hunk := _HUNK.match(line):
            start, count = int(hunk[1]), int(hunk[2] if hunk[2] is not None else 1)
            body = count + _removed(line)
            if count:
                current.append((start, start + count))
    return {path: tuple(ranges) for path, ranges in found.items()}


def touches(ranges: LineRanges | None, first: int, last: int) -> bool:
    """Whether the lines from `first` to `last`, both included, meet one of the ranges; no ranges at all mean every line."""
    return ranges is None or any(start <= last and first < end for start, end in ranges)


def _removed(hunk: bytes) -> int:
    old = hunk.split(b" ", 2)[1]
    _, comma, count = old.partition(b",")
    return int(count) if comma else 1


def _path(quoted: bytes) -> str:
    name = quoted.rstrip(b"\t")
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1]) or bytes((int(found[1], 8),)), name[1:-1])
    return os.fsdecode(name.removeprefix(b"b/"))
