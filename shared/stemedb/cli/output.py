"""Where a command says things: data on standard output, everything else on standard error.

Three readers are served by one pair of calls, :meth:`Output.record` for one thing and :meth:`Output.records`
for many::

    who reads             one thing                    many things
    ────────────────────  ───────────────────────────  ──────────────────────────────
    a program (--json)    one JSON object              one JSON object a line
    a person (terminal)   aligned fields, coloured     a table, coloured
    a pipe                aligned fields, plain        an aligned table, plain

Invariants:

* Nothing but data is ever written to standard output: ``stemedb … --json | jq`` always works, and so does
  ``stemedb … | grep``.
* Text that came from a statement cannot steer the reader's terminal: control characters are shown as escapes.
* A progress bar is drawn only where somebody can see it, which is when standard error is a terminal.

Rich is imported by the first call that draws with it, so that a piped command does not pay for it.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_GAP: Final = "  "
"""What stands between two columns of a plain table."""

Advance = Callable[[int], None]
"""Reports that so many more units of a long work are done."""


class Meter:
    """How far a long work is, shown to whoever looks; what counts is up to the work."""

    def __init__(self, show: Callable[[int, int | None], None] = lambda _done, _total: None) -> None:
        self._show = show
        self._done = 0

    def advance(self, units: int) -> None:
        """Say that so many more units are done."""
        self._done += units
        self._show(self._done, None)

    def at(self, done: int, total: int) -> None:
        """Say that so many units of so many are done."""
        self._done = done
        self._show(done, total)


class Output:
    """The standard streams of one command. Owned by the session; not shared between threads."""

    def __init__(
        self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.as_json = as_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._consoles: dict[bool, Console] = {}

    @property
    def terminal(self) -> bool:
        """Whether a person reads standard output."""
        return not self.as_json and self._out.isatty()

    @property
    def console(self) -> "Console":
        """The Rich console of standard output; only of use when :attr:`terminal` holds."""
        return self._console(error=False)

    def record(self, fields: Mapping[str, object], *, title: str = "") -> None:
        """Show one thing: its fields in order, under an optional title that only a person sees."""
        if self.as_json:
            self._line(json.dumps(fields, ensure_ascii=False, default=str))
            return
        named = [(name.replace("_", " "), value) for name, value in fields.items()]
        width = max((len(name) for name, _ in named), default=0)
        if not self.terminal:
            for name, value in named:
                self._line(f"{name:<{width}}{PLAIN_GAP}{cell(value)}".rstrip())
            return
        from rich.text import Text

        if title:
            self.console.print(Text(title, style="bold"))
        for name, value in named:
            line = Text.assemble((f"  {name:<{width}}  ", "dim"), cell(value))
            self.console.print(line, soft_wrap=True)

    def records(
        self, rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, title: str = ""
    ) -> None:
        """Show many things of one kind; ``columns`` picks and orders what a person sees, JSON has all fields.

        JSON is written as the rows come; a table is drawn when all of them have come.
        """
        if self.as_json:
            for row in rows:
                self._line(json.dumps(row, ensure_ascii=False, default=str))
            return
        cells = [[cell(row.get(column)) for column in columns] for row in rows]
        if not self.terminal:
            self._plain_table(cells, columns)
            return
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
        for number, column in enumerate(columns):
            numeric = bool(cells) and all(_is_numeric(line[number]) for line in cells)
            table.add_column(
                column.replace("_", " "), justify="right" if numeric else "left", overflow="fold"
            )
        for line in cells:
            table.add_row(*(Text(text) for text in line))
        self.console.print(table)

    def text(self, line: str = "") -> None:
        """Write one line of data as it is, control characters escaped."""
        self._line(printable(line))

    def flush(self) -> None:
        """Hand on what was written so far: for a command that goes on running."""
        self._out.flush()

    def raw(self, data: bytes) -> None:
        """Write bytes to standard output untouched: a statement, a proof file."""
        self._out.flush()
        buffer = getattr(self._out, "buffer", None)
        if buffer is None:
            self._out.write(data.decode())
        else:
            buffer.write(data)
            buffer.flush()

    def note(self, message: str) -> None:
        """Say something to the person beside the data; on standard error, dim on a terminal."""
        self._say(printable(message), "dim")

    def warn(self, message: str) -> None:
        """Say that something is not as it should be, while the command goes on."""
        self._say(f"warning: {printable(message)}", "yellow")

    def fail(self, message: str, hint: str = "") -> None:
        """Say in one line why the command failed and in one more what to do about it."""
        self._say(f"error: {printable(message)}", "bold red")
        if hint:
            self._say(f"hint: {printable(hint)}", "yellow")

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Meter]:
        """Draw a progress bar on standard error while the block runs, if somebody can see it.

        ``total`` counts the same units as the meter is told; ``None`` means that the meter will be told as well.
        """
        if not self._err.isatty():
            yield Meter()
            return
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=self._console(error=True),
            transient=True,
        )
        with bar:
            task = bar.add_task(label, total=total)
            yield Meter(lambda done, now: bar.update(task, completed=done, total=now or total))

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")

    def _say(self, text: str, style: str) -> None:
        self._out.flush()  # what was said before stays before it where both streams end in one place
        if self._err.isatty():
            from rich.text import Text

            self._console(error=True).print(Text(text, style=style), soft_wrap=True)
        else:
            self._err.write(text + "\n")
            self._err.flush()

    def _plain_table(self, cells: Sequence[Sequence[str]], columns: Sequence[str]) -> None:
        widths = [max(len(column), *(len(line[n]) for line in cells), 0) for n, column in enumerate(columns)]
        for line in [columns, *cells]:
            padded = (f"{text:<{width}}" for text, width in zip(line, widths, strict=True))
            self._line(PLAIN_GAP.join(padded).rstrip())

    def _console(self, *, error: bool) -> "Console":
        if error not in self._consoles:
            from rich.console import Console

            file = self._err if error else self._out
            self._consoles[error] = Console(file=file, highlight=False, emoji=False, markup=False)
        return self._consoles[error]


def cell(value: object) -> str:
    """Return how one value looks to a person: numbers grouped by nothing, absent things as a dash."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case list() | tuple():
            return ", ".join(cell(item) for item in value) or "–"
        case dict():
            return ", ".join(f"{name}={cell(item)}" for name, item in value.items()) or "–"
        case _:
            return printable(str(value))


def printable(text: str) -> str:
    """Return ``text`` with every control character shown as an escape, so that it cannot steer a terminal.

    C0 and C1 controls, line and paragraph separators, and the marks that reverse the direction of writing.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def bytes_text(count: int) -> str:
    """Return a count of bytes for a person: ``1536`` is ``1.5 KiB``. Requires ``count >= 0``."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def _is_numeric(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).removeprefix("-").isdigit()
