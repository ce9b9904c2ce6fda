"""``stemedb watch``: how far every peer is, live, until Ctrl-C.

::

    on a terminal    one table, drawn again and again where it stands
    into a pipe      a line for a peer whenever something about it changed, so that the file tells the story
    with --json      the same as an object

A replica that does not answer is shown as such and asked again: watching is for bad days.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from stemedb.cli.output import Output, cell
from stemedb.cli.peers import COLUMNS, peer_facts, peer_rows, summary
from stemedb.cli.reading import short
from stemedb.cli.session import Session
from stemedb.errors import StemeError

if TYPE_CHECKING:
    from rich.console import Group

    from stemedb.bus.messages import ControlReply

INTERVAL_S: Final = 0.5
"""Between two looks: what a person can follow, and no load for a service that answers in a millisecond."""
RESTLESS: Final = frozenset({"last_seen_s", "lag_seconds"})
"""Fields that move by themselves: they alone are no reason for a line."""
WIDTHS: Final = (14, 10, 9, 6, 8, 8, 9, 6)
"""Of the `COLUMNS` in a pipe, where a line does not know the next ones."""


def watch(
    context: typer.Context,
    interval: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.05, max=3600, help="Between two looks.")
    ] = INTERVAL_S,
    looks: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="End after so many looks (default: Ctrl-C).")
    ] = None,
) -> None:
    """Watch how far the peers are: a live table on a terminal, a line for each change in a pipe.

    Ctrl-C ends it.
    """
    session = Session.of(context)
    with ExitStack() as stack:
        show = _on_terminal(session, stack) if session.output.terminal else Changes(session.output).show
        asyncio.run(_watch(session, show, interval, looks))


async def _watch(
    session: Session, show: "Callable[[ControlReply | StemeError], None]", interval: float, looks: int | None
) -> None:
    from stemedb.bus.messages import ControlRequest

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with await session.connect() as client:
        client.timeout_s = max(1.0, interval)
        while not ended.is_set() and looks != 0:
            began = time.monotonic()
            try:
                show(await client.control(ControlRequest(action="peers")))
            except StemeError as error:
                show(error)
            looks = None if looks is None else looks - 1
            if looks == 0:
                return
            try:
                async with asyncio.timeout(max(0.0, began + interval - time.monotonic())):
                    await ended.wait()
            except TimeoutError:
                continue


class Changes:
    """Lines for a pipe: one for each peer about which something changed since the last look."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._before: dict[str, dict[str, object]] = {}
        self._silent = ""
        self._began = False

    def show(self, reply: "ControlReply | StemeError") -> None:
        """Write what changed."""
        if isinstance(reply, StemeError):
            if reply.message != self._silent:
                self._output.warn(reply.message)
            self._silent = reply.message
            return
        self._silent = ""
        for facts, row in zip(peer_facts(reply), peer_rows(reply), strict=True):
            name = str(facts["replica"])
            steady = {field: value for field, value in facts.items() if field not in RESTLESS}
            if self._before.get(name) != steady:
                self._before[name] = steady
                self._line(facts, row)
        self._output.flush()

    def _line(self, facts: dict[str, object], row: dict[str, object]) -> None:
        now = datetime.now().astimezone()
        if self._output.as_json:
            self._output.record({"time": now.isoformat(timespec="milliseconds"), **facts})
            return
        if not self._began:
            self._output.text(_padded("time", COLUMNS))
            self._began = True
        self._output.text(_padded(f"{now:%H:%M:%S}", [cell(row[column]) for column in COLUMNS]))


def frame(reply: "ControlReply | StemeError", title: str) -> "Group":
    """Return what stands on the terminal at one moment."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    if isinstance(reply, StemeError):
        return Group(Text(title, style="bold"), Text(reply.message, style="yellow"))
    head = Text.assemble(
        (f"{title}  {reply.replica}", "bold"),
        (f"   log {reply.log_size:,}   map root {short(reply.map_root or '')}", "dim"),
    )
    table = Table(box=SIMPLE_HEAD)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in {"replica", "status", "equal"} else "right")
    for row in peer_rows(reply):
        table.add_row(*(Text(cell(row[column]), style=_style(column, row)) for column in COLUMNS))
    return Group(head, table, Text(summary(reply), style="dim"))


def _on_terminal(session: Session, stack: ExitStack) -> "Callable[[ControlReply | StemeError], None]":
    from rich.live import Live

    live = stack.enter_context(Live(console=session.output.console, auto_refresh=False))
    return lambda reply: live.update(frame(reply, "replica"), refresh=True)


def _style(column: str, row: dict[str, object]) -> str:
    match column:
        case "status":
            return {"following": "green", "down": "red", "set aside": "bold red"}.get(
                str(row[column]), "yellow"
            )
        case "equal":
            return "green" if row[column] else "yellow"
        case "behind" | "it lacks":
            return "yellow" if row[column] else "dim"
        case _:
            return ""


def _padded(first: str, cells: "list[str] | tuple[str, ...]") -> str:
    padded = (f"{text:<{width}}" for text, width in zip(cells, WIDTHS, strict=True))
    return f"{first:<8}  {'  '.join(padded)}".rstrip()
