"""The text of files that have findings, read again when a report quotes it.

A scan keeps no text. Secrets that it found are shown by their first characters only, in whatever finding's lines they stand. What is quoted is read from where the scan read it, and checked against what was observed: a file that changed in
the meantime is quoted from the observation instead.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from stemedb_analysis.model import WHOLE, Observation, Span
from stemedb_analysis.secrets.redact import MARK, redacted

CONTEXT_LINES: Final = 2
COMPARED: Final = 40
"""Characters by which a line is told to be the one that was observed."""
SECRETS: Final = "secrets/"
"""Paths of observations whose place is a secret."""
LINE_MAX: Final = 200
"""Characters of a line that a report quotes; of a longer one it quotes those around the finding."""
LINE_BEFORE: Final = 40
"""Of these, how many stand before it."""
ELLIPSIS: Final = "…"
SPAN_LINES_MAX: Final = 12
"""Lines of a finding that a report quotes; the rest of a long literal says nothing new."""

Read = Callable[[str], bytes]
"""Returns the bytes of a file of the scan by its name; raises `OSError` if it is gone."""


class Line(NamedTuple):
    """One quoted line; what a finding is about is marked between two columns, counted from 0."""

    number: int
    text: str
    start: int = 0
    end: int = 0

    @property
    def is_marked(self) -> bool:
        """Whether the finding is on this line."""
        return self.end > self.start


class Sources:
    """Reads files for one report. Keeps the last one, since findings come file by file."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._hidden: dict[tuple[str, int], list[Span]] = {}
        self._file: str | None = None
        self._data = b""
        self._lines: list[str] = []

    def hide(self, observations: Iterable[Observation]) -> None:
        """Show no more of these places than `redacted` does, whoever quotes the lines that they are on."""
        for one in observations:
            if one.path.startswith(SECRETS):
                for number in range(one.span.line, one.span.end_line + 1):
                    self._hidden.setdefault((one.file, number), []).append(one.span)

    def data(self, file: str) -> bytes:
        """Return the bytes of a file; empty if it is gone."""
        self._open(file)
        return self._data

    def excerpt(self, file: str, span: Span, text: str, context: int = CONTEXT_LINES) -> list[Line]:
        """Return the lines of a finding and those around it, none if it is about the whole. `text` is what was observed there."""
        if span == WHOLE:
            return []
        self._open(file)
        lines = self._lines
        first = text.split("\n", 1)[0].strip()
        if span.line > len(lines) or first[:COMPARED] not in self._shown(file, span.line)[0]:
            return [Line(span.line, first[:LINE_MAX], 0, len(first[:LINE_MAX]))] if first else []
        last = min(span.end_line, span.line + SPAN_LINES_MAX - 1)
        quoted = range(max(1, span.line - context), min(len(lines), last + context) + 1)
        return [_line(number, *self._shown(file, number), span) for number in quoted]

    def _shown(self, file: str, number: int) -> tuple[str, list[int]]:
        """Return a line as it may be shown, and for each of its columns where that is now."""
        text = self._lines[number - 1]
        places = list(range(len(text) + 1))
        for span in sorted(self._hidden.get((file, number), ()), reverse=True):
            start = span.column - 1 if number == span.line else 0
            end = min(span.end_column - 1 if number == span.end_line else len(text), len(text))
            if start >= end:
                continue
            kept = redacted(text[start:end]) if number == span.line else MARK
            text = text[:start] + kept + text[end:]
            shift = len(kept) - (end - start)
            places = [place if at < end else place + shift for at, place in enumerate(places)]
            places[start + 1 : end] = [min(place, start + len(kept)) for place in places[start + 1 : end]]
        return text, places

    def _open(self, file: str) -> None:
        if file == self._file:
            return
        self._file = file
        try:
            self._data = self._read(file)
        except OSError:
            self._data = b""
        text = self._data.decode("utf-8", "replace").removeprefix("\ufeff")
        self._lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _line(number: int, text: str, places: list[int], span: Span) -> Line:
    if not span.line <= number <= span.end_line:
        return _cut(number, text, 0, 0)
    last = len(places) - 1
    start = places[min(span.column - 1, last)] if number == span.line else len(text) - len(text.lstrip())
    end = places[min(span.end_column - 1, last)] if number == span.end_line else len(text)
    return _cut(number, text, min(start, len(text)), min(max(end, start + 1), len(text)))


def _cut(number: int, text: str, start: int, end: int) -> Line:
    """Return a line, of one that is very long the part where it is marked."""
    if len(text) <= LINE_MAX:
        return Line(number, text, start, end)
    begin = max(0, min(start - LINE_BEFORE, len(text) - LINE_MAX))
    before = ELLIPSIS if begin else ""
    behind = ELLIPSIS if begin + LINE_MAX < len(text) else ""
    shift = len(before) - begin
    stop = len(before) + LINE_MAX
    shown = f"{before}{text[begin : begin + LINE_MAX]}{behind}"
    return Line(
        number, shown, start + shift if end > start else 0, min(end + shift, stop) if end > start else 0
    )
