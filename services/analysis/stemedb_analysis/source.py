r"""One file as read: bytes in, places and texts out.

::

    bytes ──▶ UTF-8 ──▶ parsers (byte offsets) ──▶ Source.span ──▶ lines and columns for people

Parsers count bytes, people count lines and characters. `Source` holds the bytes that all offsets refer to and turns the one into the other.

Invariants:

* `data` is valid UTF-8, always. Bytes that are not are read as UTF-16 if a mark says so, as Latin-1 otherwise (where every byte is a
  character), and written anew as UTF-8; offsets refer to the new bytes.
* Lines end at ``\n``; a ``\r`` before it belongs to the end, not to the line. Lines and columns count from 1, columns in characters.
* A byte order mark stays in `data` and counts as no column.

It does not read ahead, cache across files, or know what language the bytes are in.
"""

import codecs
from bisect import bisect_right
from pathlib import Path
from typing import Final

from blake3 import blake3

from stemedb_analysis.model import TEXT_MAX, Span
from stemedb_analysis.vocabulary import Vocabulary

_STATEMENT_LINES_MAX: Final = 50
"""Of a statement, for its hash: what is longer is told apart by its beginning."""


class Source:
    """The bytes of one file and where its lines are."""

    __slots__ = ("_starts", "_vocabulary", "data", "file")

    def __init__(self, data: bytes, file: str = "") -> None:
        self.data = _utf8(data)
        self.file = file
        self._starts: list[int] | None = None
        self._vocabulary: Vocabulary | None = None

    @classmethod
    def read(cls, path: Path, file: str = "") -> "Source":
        """Return the file at `path`, named `file` in reports. Raises `OSError`."""
        return cls(path.read_bytes(), file or path.as_posix())

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the file, which remember what was asked of them."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.data)
        return self._vocabulary

    @property
    def line_count(self) -> int:
        """How many lines there are, a last one without an end included; 0 only for an empty file."""
        starts = self._line_starts()
        return len(starts) - (starts[-1] == len(self.data))

    def slice(self, start: int, end: int) -> str:
        """Return the text of the bytes ``[start, end)``; characters cut in half at an end are left out."""
        return self.data[start:end].decode("utf-8", "ignore")

    def span(self, start: int, end: int) -> Span:
        """Return the lines and columns of the bytes ``[start, end)``. Offsets beyond the end mean the end. O(log lines + length of the line)."""
        starts = self._line_starts()
        size = len(self.data)
        start = min(max(start, 0), size)
        end = min(max(end, start), size)
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, end) - 1
        return Span(first + 1, self._column(starts[first], start), last + 1, self._column(starts[last], end))

    def line_text(self, number: int) -> str:
        """Return line `number` without its end, and the first without a byte order mark; empty where there is none."""
        starts = self._line_starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.data)
        text = self.slice(starts[number - 1], end).rstrip("\r\n")
        return text.removeprefix("\ufeff") if number == 1 else text

    def excerpt(self, start: int, end: int) -> str:
        """Return the first line of the text, at most `TEXT_MAX` characters."""
        text = self.slice(start, min(end, start + 4 * TEXT_MAX))
        return text.partition("\n")[0].rstrip("\r")[:TEXT_MAX]

    def statement(self, start: int, end: int) -> str:
        """Return 16 hex digits that tell the statement at ``[start, end)`` from others, wherever it moves to.

        The BLAKE3 of the lines that the bytes touch, without white space: indentation and the place in the file do not matter.
        """
        starts = self._line_starts()
        first = bisect_right(starts, start) - 1
        last = min(bisect_right(starts, max(start, end - 1)), first + _STATEMENT_LINES_MAX)
        stop = starts[last] if last < len(starts) else len(self.data)
        return blake3(b"".join(self.data[starts[first] : stop].split())).hexdigest(length=8)

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            at = self.data.find(b"\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.data.find(b"\n", at + 1)
            self._starts = starts
        return self._starts

    def _column(self, line_start: int, offset: int) -> int:
        line = self.data[line_start:offset]
        if line_start == 0 and line.startswith(codecs.BOM_UTF8):
            line = line[3:]
        return (len(line) if line.isascii() else len(line.decode("utf-8", "ignore"))) + 1


def _utf8(data: bytes) -> bytes:
    if data.isascii():
        return data
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").encode("utf-8", "replace")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1").encode("utf-8")
    return data
