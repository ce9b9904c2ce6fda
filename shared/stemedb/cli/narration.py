"""Telling a story in numbered steps: how ``stemedb demo`` looks.

::

     1  Start a replica                                                                    0.0 s
        bus        nats://127.0.0.1:40123
        processes  nats-server 4711, ingest 4712, index 4713  ready after 0.8 s

     2  Import what the installed Python packages say about themselves                     0.9 s
        …

The figure on the right is the time since the story began. With ``--json`` nothing is told, and what was found out
is one object at the end.
"""

import textwrap
import time
from typing import Final

from stemedb.cli.output import Output, printable
from stemedb.errors import Fatal

LABEL_WIDTH: Final = 13
INDENT: Final = "    "
WIDTH_MAX: Final = 100
"""Of a line: wider ones are hard to read, however wide the terminal."""


class Narrator:
    """Tells what happens, step by step; owned by the one task that makes it happen."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._step = 0
        self._began = time.monotonic()
        self._width = min(WIDTH_MAX, output.console.width) if output.terminal else WIDTH_MAX

    @property
    def seconds(self) -> float:
        """How long the story has been going on."""
        return time.monotonic() - self._began

    def title(self, text: str) -> None:
        """Say what the story is, or how it ended."""
        if self._step:
            self._print()
        self._print(text, "bold")

    def step(self, title: str) -> None:
        """Begin the next step."""
        self._step += 1
        clock = f"{self.seconds:.1f} s"
        self._print()
        self._print(f"{self._step:>2}  {title:<{self._width - len(clock) - 5}}", "bold cyan", clock, gap=" ")

    def fact(self, label: str, text: str, detail: str = "") -> None:
        """Show one figure with its label, and something about it that matters less."""
        self._print(f"{INDENT}{label:<{LABEL_WIDTH}}{text}", "", detail)

    def aside(self, text: str) -> None:
        """Say something that matters less, over as many lines as it takes, under the text of a figure."""
        indent = " " * (len(INDENT) + LABEL_WIDTH)
        for line in textwrap.wrap(text, self._width - len(indent)):
            self._print(indent, "", line, gap="")

    def holds(self, text: str) -> None:
        """Say that something was checked and holds."""
        self._print(f"{INDENT}✓ {text}", "green")

    def happens(self, text: str) -> None:
        """Say that something broke, on purpose."""
        self._print(f"{INDENT}✗ {text}", "red")

    def _print(self, text: str = "", style: str = "", detail: str = "", *, gap: str = "  ") -> None:
        output = self._output
        if output.as_json:
            return
        if output.terminal:
            from rich.text import Text

            line = Text.assemble(
                (printable(text), style), (f"{gap}{printable(detail)}" if detail else "", "dim")
            )
            output.console.print(line, soft_wrap=True)
        else:
            output.text(f"{text}{gap}{detail}".rstrip())
        output.flush()


def require(condition: bool, otherwise: str) -> None:
    """Raise `Fatal` with what is wrong unless the ``condition`` holds: every claim of a story is checked as it is told."""
    if not condition:
        raise Fatal(f"demo: {otherwise}")
