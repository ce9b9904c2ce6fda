"""Telling a story in numbered steps: how ``stemedb demo`` looks.

::

     1  Start a replica                                            1.2 s
        nats-server on port 40123, ingest and index beside it
        data      /…/stemedb-demo

A step's title is printed when it begins, so that a person sees what is being waited for, and its time when it ends.
With ``--json`` nothing is told, and what was found out is one object at the end.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from stemedb.cli.output import Output, printable

LABEL_WIDTH: Final = 10
INDENT: Final = 4


class Narrator:
    """Tells what happens, step by step; owned by the one task that makes it happen."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._step = 0

    def title(self, text: str) -> None:
        """Say what the story is."""
        self._print(text, "bold")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Tell one step: its number and title when it begins, how long it took when it ends."""
        self._step += 1
        self._print()
        self._print(f"{self._step:>2}  {title}", "bold cyan")
        started = time.monotonic()
        yield
        self._print(f"{'':{INDENT}}{time.monotonic() - started:.1f} s", "dim")

    def say(self, text: str, style: str = "") -> None:
        """Tell a sentence within a step."""
        self._print(f"{'':{INDENT}}{text}", style)

    def fact(self, label: str, text: str, detail: str = "") -> None:
        """Show one figure with its label, and something about it that matters less."""
        self._print(f"{'':{INDENT}}{label:<{LABEL_WIDTH}}{text}", "", detail)

    def holds(self, text: str) -> None:
        """Say that something was checked and holds."""
        self._print(f"{'':{INDENT}}✓ {text}", "green")

    def happens(self, text: str) -> None:
        """Say that something broke, on purpose."""
        self._print(f"{'':{INDENT}}✗ {text}", "red")

    def _print(self, text: str = "", style: str = "", detail: str = "") -> None:
        output = self._output
        if output.as_json:
            return
        if output.terminal:
            from rich.text import Text

            line = Text.assemble(
                (printable(text), style), (f"  {printable(detail)}" if detail else "", "dim")
            )
            output.console.print(line, soft_wrap=True)
        else:
            output.text(f"{text}  {detail}".rstrip())
        output.flush()
