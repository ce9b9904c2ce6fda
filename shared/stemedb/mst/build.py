"""Building a tree from sorted entries in one pass.

Level by level: the keys that stand above level 0 cut the batch into runs, each run becomes a leaf; then the keys
above level 1 cut the row of leaves and level-1 keys into runs, and so on, until one node is left::

    keys     a b c d e f g h i          levels  0 0 1 0 0 2 0 0 1
    row 0    [a b] c [d e] f [g h] i            leaves between the higher keys
    row 1    [  c  ]       f [  i  ]            each level-1 run takes its neighbours as children
    row 2           [ f ]

A row is 16 times shorter than the one below it, so the work is linear: 16/15 of the entries. A run without keys
of its level hands its only child up unchanged, which is how children come to skip levels.
"""

from collections.abc import Sequence

from stemedb.mst.block import encode_entries
from stemedb.mst.node import Node
from stemedb.mst.shape import slot, slot_digest


def build(keys: Sequence[bytes], values: Sequence[bytes], levels: bytes, start: int, end: int) -> Node | None:
    """Return the subtree of the entries [start, end). Requires keys strictly ascending. O(end - start)."""
    marks = [i for i, level in enumerate(levels[start:end], start) if level]
    row: list[Node | None] = []
    at = start
    for mark in (*marks, end):
        row.append(Node(0, encode_entries(0, keys[at:mark], values[at:mark])) if at < mark else None)
        at = mark + 1
    while marks:
        marks, row = _next_row(keys, values, levels, marks, row)
    return row[0]


def _next_row(
    keys: Sequence[bytes], values: Sequence[bytes], levels: bytes, marks: list[int], row: list[Node | None]
) -> tuple[list[int], list[Node | None]]:
    """Put the keys of the lowest level left into nodes; `row` holds the subtree before each mark and one after."""
    level = min([levels[mark] for mark in marks])
    higher: list[int] = []
    above: list[Node | None] = []
    run: list[int] = []
    around: list[Node | None] = [row[0]]
    for mark, right in zip(marks, row[1:], strict=True):
        if levels[mark] == level:
            run.append(mark)
            around.append(right)
        else:
            above.append(_close(keys, values, level, run, around))
            higher.append(mark)
            run, around = [], [right]
    above.append(_close(keys, values, level, run, around))
    return higher, above


def _close(
    keys: Sequence[bytes], values: Sequence[bytes], level: int, run: list[int], around: list[Node | None]
) -> Node | None:
    if not run:
        return around[0]
    return Node(
        level,
        encode_entries(level, [keys[i] for i in run], [values[i] for i in run]),
        [slot(child) for child in around],
        [slot_digest(child) for child in around],
    )
