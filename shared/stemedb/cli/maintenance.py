"""``stemedb fsck``, ``rebuild`` and ``compact``: looking after a data directory, with no service and no server.

::

    wal/    the truth     fsck: every record's checksum, number and time
    log/    derived       fsck: every node against the records      ┐
    ids/    derived       fsck: every id against the records        ├ rebuild: made anew from wal/
    tree    derived       fsck: every node, and the map made again  ┘ compact: only what is alive

``fsck`` changes nothing and may run beside a running replica. The other two take the writers' locks, so they refuse
while ingest or index runs.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from stemedb.cli import exits
from stemedb.cli.output import Meter, Output, bytes_text
from stemedb.cli.reading import counted, short
from stemedb.cli.session import Session
from stemedb.errors import NotFound, StemeError

if TYPE_CHECKING:
    from stemedb.storage.replica import ReplicaDirectory

FSCK_COLUMNS: Final = ("store", "checked", "what", "ok", "root")
WHAT: Final = {"wal": "records", "log": "leaves", "ids": "ids", "tree": "entries"}


def fsck(context: typer.Context) -> None:
    """Check the write-ahead log, the Merkle log, the ids and the map against one another.

    Exit code 1 if something is wrong. What is wrong in log, ids and tree is mended by `stemedb rebuild`.
    """
    session = Session.of(context)
    with session.output.progress("checking") as meter:
        rows = list(check(session.directory(), meter))
    show_check(session.output, rows)
    if behind := rows[0]["checked"] - rows[-1]["applied"]:
        session.output.note(
            f"the map is {counted(behind, 'statement')} behind the log: index takes them in when it runs"
        )
    if not all(row["ok"] for row in rows):
        if any(not row["ok"] for row in rows if row["store"] == "wal"):
            session.output.note("the write-ahead log is the truth: restore it from a copy or from a peer")
        else:
            session.output.note("all of this is derived: stop the replica and run `stemedb rebuild`")
        raise typer.Exit(exits.WRONG)


def rebuild(context: typer.Context) -> None:
    """Make log, ids and tree anew from the write-ahead log; refuses while a service runs."""
    from stemedb import ledger, projection

    session = Session.of(context)
    replica = session.directory()
    with session.output.progress("log and ids") as meter:
        size = ledger.rebuild(replica, meter.at)
    with session.output.progress("tree") as meter:
        root = projection.rebuild(replica, meter.at)
    session.output.record({"statements": size, "map_root": root.hex()})


def compact(context: typer.Context) -> None:
    """Rewrite the map's file without what no longer belongs to it; refuses while index runs.

    Older roots can no longer be read after it.
    """
    from stemedb import projection

    session = Session.of(context)
    before, after = projection.compact(session.directory())
    if session.output.as_json:
        session.output.record({"bytes_before": before, "bytes_after": after})
    else:
        session.output.record({"before": bytes_text(before), "after": bytes_text(after)})


def check(replica: "ReplicaDirectory", meter: Meter) -> Iterator[dict[str, Any]]:
    """Yield one row for each store: what was checked, how many of it, and what is wrong, one line each."""
    from stemedb import ledger

    report = ledger.check(replica, meter.at)
    stores = {"log": replica.log, "ids": replica.ids}
    left = list(report.problems)
    found: dict[str, list[str]] = {}
    for store, directory in stores.items():
        found[store] = [problem for problem in left if _is_about(problem, directory)]
        left = [problem for problem in left if problem not in found[store]]
    yield _row("wal", report.statements, left)
    yield _row("log", report.statements, found["log"], report.root.hex())
    yield _row("ids", report.statements - report.restamps, found["ids"])
    yield _check_tree(replica, report.statements, meter)


def show_check(output: Output, rows: Sequence[dict[str, Any]]) -> None:
    """Show the rows of a check as a table, and under it what is wrong."""
    if output.as_json:
        output.records(rows, ())
    else:
        output.records(({**row, "root": row["root"] and short(row["root"])} for row in rows), FSCK_COLUMNS)
        for row in rows:
            for problem in row["problems"]:
                output.text(f"{row['store']}: {problem}")


def _check_tree(replica: "ReplicaDirectory", statements: int, meter: Meter) -> dict[str, Any]:
    from stemedb import projection

    try:
        report = projection.check(replica, meter.at)
    except NotFound:
        problems = (
            []
            if statements == 0
            else ["there is no map yet: index makes it when it starts, or `stemedb rebuild`"]
        )
        return {**_row("tree", 0, problems), "applied": 0}
    except StemeError as error:
        return {**_row("tree", 0, [error.message]), "applied": statements}
    return {**_row("tree", report.keys, report.problems, report.root.hex()), "applied": report.applied}


def _row(store: str, checked: int, problems: Sequence[str], root: str | None = None) -> dict[str, Any]:
    return {
        "store": store,
        "checked": checked,
        "what": WHAT[store],
        "ok": not problems,
        "root": root,
        "problems": list(problems),
    }


def _is_about(problem: str, directory: Path) -> bool:
    """Return whether a problem, which begins with the path of its file, is about a file in ``directory``."""
    place = problem.partition(": ")[0]
    return place == str(directory) or place.startswith(f"{directory}/")
