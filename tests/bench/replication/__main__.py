"""`make bench-replication`: StemeDB and what one would pick instead, under one load in one run, side by side.

Each system runs alone, in a folder of its own on one disk, both of its sides on this computer. A system that is not installed is named and
left out. Nothing is judged by the exit code, but a copy that does not hold what was written is an error.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.harness import scratch_folder
from bench.replication.jetstream import running_jetstream
from bench.replication.load import (
    CATCH_UP_COUNT,
    CATCH_UP_S,
    LAG_PER_S,
    SUSTAINED_COUNT,
    Measured,
    Pair,
    measure,
)
from bench.replication.ours import ours_over_leaf_nodes
from bench.replication.postgres import find_programs, running_postgres
from bench.replication.servers import ALWAYS

INTERRUPTED = 130


class System(NamedTuple):
    """One row of the table."""

    name: str
    durable: str
    """What is on disk when a write is acknowledged, and when the far side shows it."""
    run: Callable[[Path], AbstractAsyncContextManager[Pair]] | None
    """Runs it in a folder; None where it is not installed."""


def main() -> int:
    """Measure every system and print the table."""
    console = Console()
    rows: list[tuple[System, Measured | None]] = []
    with scratch_folder() as scratch:
        for number, system in enumerate(_systems()):
            measured = None
            if system.run is not None:
                console.print(f"[dim]measuring {system.name} …[/dim]")
                measured = asyncio.run(_measured(system.run, scratch / str(number)))
            rows.append((system, measured))
    console.print(_table(rows))
    console.print(_legend(rows), highlight=False)
    if any(one is None for _, one in rows):
        console.print("[dim]not there: the programs of its server are not installed[/dim]")
    return 0


def _systems() -> list[System]:
    programs = find_programs()
    return [
        System(
            "StemeDB",
            "acknowledged: on the near disk. Shown by the far side: on its disk and in its map, every statement verified by its hash and"
            " every batch by the signed log.",
            ours_over_leaf_nodes,
        ),
        System(
            "JetStream",
            "a stream and its mirror, as they come. Acknowledged, and shown by the mirror: in memory of the operating system, synced every two minutes.",
            lambda folder: running_jetstream(folder, {}),
        ),
        System(
            "JetStream synced",
            "``sync_interval: always`` on both servers. Acknowledged: on the near disk. Shown by the mirror: on its disk.",
            lambda folder: running_jetstream(folder, ALWAYS),
        ),
        System(
            "PostgreSQL",
            "logical replication, fsync on. Acknowledged: on the near disk. Shown by the subscriber: on its disk (synchronous_commit = on).",
            None if programs is None else lambda folder: running_postgres(programs, folder),
        ),
    ]


async def _measured(run: Callable[[Path], AbstractAsyncContextManager[Pair]], folder: Path) -> Measured:
    folder.mkdir()
    async with run(folder) as pair:
        return await measure(pair)


def _table(rows: list[tuple[System, Measured | None]]) -> Table:
    table = Table(title="replication, both sides on this computer")
    table.add_column("", no_wrap=True)
    for column in ("lag median", "lag p99", "sustained", "catch-up", "level"):
        table.add_column(column, justify="right", no_wrap=True)
    ours = rows[0][1]
    assert ours is not None, "the first row is ours"
    for system, one in rows:
        if one is None:
            table.add_row(system.name, "[dim]not there[/dim]")
            continue
        table.add_row(
            system.name,
            _cell(one.lag.median_ms, ours.lag.median_ms, "ms"),
            _cell(one.lag.p99_ms, ours.lag.p99_ms, "ms"),
            _cell(one.sustained_per_s / 1000, ours.sustained_per_s / 1000, "k/s"),
            _cell(one.catch_up.per_s / 1000, ours.catch_up.per_s / 1000, "k/s"),
            _cell(one.catch_up.level_s, ours.catch_up.level_s, "s"),
        )
    return table


def _cell(value: float, ours: float, unit: str) -> str:
    shown = f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return f"{shown} {unit}\n[dim]{value / ours:,.2g} ×[/dim]"


def _legend(rows: list[tuple[System, Measured | None]]) -> str:
    """Return what the columns say, and what is durable when."""
    lines = [
        f"[bold]lag[/bold]: from when a statement was due, {LAG_PER_S:,} a second, until a reader at the other side sees it",
        f"[bold]sustained[/bold]: {SUSTAINED_COUNT:,} as fast as they are taken, until the other side has all",
        f"[bold]catch-up[/bold]: {CATCH_UP_COUNT:,} written while the line was cut, counted from the first that arrives",
        "[bold]level[/bold]: from the healing of the line until the other side has all",
        "[bold]×[/bold]: times the figure of StemeDB",
        *(f"[bold]{system.name}[/bold]: {system.durable}{_fewer(one)}" for system, one in rows),
    ]
    return "\n".join(lines)


def _fewer(one: Measured | None) -> str:
    if one is None or one.catch_up.missed == CATCH_UP_COUNT:
        return ""
    return f" It was let miss only {one.catch_up.missed:,}, which took it {CATCH_UP_S} s to write."


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
