"""Values of ``INSERT`` statements by the names of their columns.

::

    INSERT INTO users (name, password) VALUES ('ada', '…'), ('bob', '…')

A column's values are those at its position, in as many rows as follow one another.
"""

import re
from collections.abc import Iterator
from typing import Final

REACH: Final = 2000
"""Bytes behind a column in which its values begin."""
ROWS_MAX: Final = 100

_COLUMNS_BEFORE: Final = re.compile(rb"\binsert\s+(?:ignore\s+)?into\s+[^\s()]+\s*\(([^()]*)$", re.IGNORECASE)
_COLUMNS_BYTES: Final = 600
_VALUES: Final = re.compile(rb"[\"`\]]?\s*(?:,[^()]*)?\)\s*values\s*(?=\()", re.IGNORECASE)
_ROW: Final = re.compile(rb"\(((?:'(?:[^'\n]|'')*+'|[^'()\n]++|\([^()'\n]*\))*+)\)\s*,?\s*")
_CELL: Final = re.compile(rb"\s*(?:N?'((?:[^'\n]|'')*+)'|[^,']*)\s*(?:,|$)")


def values_of_column(data: bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the values of the column ``[begin, end)`` are, if it is one of an ``INSERT`` and they are literals."""
    head = _COLUMNS_BEFORE.search(data, max(0, begin - _COLUMNS_BYTES), begin)
    values = _VALUES.match(data, end, end + REACH) if head else None
    if head is None or values is None:
        return
    column = head[1].count(b",")
    at = values.end()
    for _ in range(ROWS_MAX):
        row = _ROW.match(data, at, at + REACH)
        if row is None:
            return
        cell = _cell(data, row.start(1), row.end(1), column)
        if cell is not None:
            yield cell
        at = row.end()


def _cell(data: bytes, start: int, end: int, column: int) -> tuple[int, int] | None:
    for index in range(column + 1):
        match = _CELL.match(data, start, end)
        if match is None:
            return None
        if index == column:
            return match.span(1) if match[1] else None
        start = match.end()
    return None
