"""``stemedb backup`` and ``stemedb restore``: a replica in one file, made while it runs, and back.

::

    stemedb backup east.tar                         stemedb restore east.tar --data DIR
    DIR ── what cannot be computed ──▶ archive ──▶ DIR/.restoring ── log, ids, map anew ── fsck ──▶ DIR

A replica that is restored under its own name knows less than it has signed for, if it went on after the backup. Its
peers see a log that rolled back and set it aside until an operator says that it is honest (`stemedb sync readmit`). A copy
under a new name, with a new key, has promised nothing to anybody and is a peer like any other.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from stemedb.cli import exits
from stemedb.cli.maintenance import check, show_check
from stemedb.cli.output import Output, bytes_text
from stemedb.cli.reading import counted, time_text
from stemedb.cli.session import DEFAULT_REPLICA, Session
from stemedb.errors import InvalidRequest, Refused, WrongReplica

if TYPE_CHECKING:
    from stemedb.ledger import Manifest

STANDARD: Final = "-"
"""Standard output or input, for a pipe into or out of a container."""


def backup(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The archive to make; - for standard output.")],
) -> None:
    """Copy a replica into one file while it runs: what cannot be computed again.

    The archive holds the replica's private key and the realm's secret, so only its owner may read it. It is made
    beside FILE and gets its name when it is whole.
    """
    from stemedb import ledger

    session = Session.of(context)
    replica = session.directory()
    with session.output.progress("copying") as meter, _written(file) as archive:
        manifest = ledger.back_up(replica, archive, meter.at)
    if file == STANDARD:
        session.output.note(_told(manifest))
    else:
        session.output.record(_facts(manifest, session.output))


def restore(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="An archive of backup; - for standard input.")],
    name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Make another replica of it, with a key of its own."),
    ] = None,
) -> None:
    """Make a replica from a backup in an empty directory (--data DIR), check every byte, and say how large it is.

    Under its own name its peers set it aside, if they know more of its log than the backup holds, until
    `stemedb sync readmit` at each of them. --as NAME makes a new replica with the same statements instead.
    """
    from stemedb import ledger, projection

    session = Session.of(context)
    if name is not None:
        _check_name(name)
    with _read(file) as archive, session.output.progress("log and ids") as meter:
        expected = None if name is not None or session.replica == DEFAULT_REPLICA else session.replica
        try:
            replica, manifest = ledger.unpack(archive, session.data, expected, meter.at)
        except WrongReplica as error:
            raise exits.with_hint(
                error, "make another replica of it with --as NAME, or name it with --replica"
            ) from None
    if name is not None:
        replica = ledger.become(replica, name)
    with session.output.progress("tree") as meter:
        projection.rebuild(replica, meter.at)
    with session.output.progress("checking") as meter:
        rows = list(check(replica, meter))
    if not all(row["ok"] for row in rows):
        show_check(session.output, rows)
        session.output.note(f"nothing was restored; what was unpacked is in {replica.path}")
        raise typer.Exit(exits.WRONG)
    restored = ledger.settle(replica, session.data)
    facts = _facts(manifest, session.output) | {"replica": restored.name, "data": str(restored.path)}
    session.output.record(facts | {"log_root": rows[1]["root"], "map_root": rows[-1]["root"]})
    if name is None:
        session.output.note(
            f"peers that have seen more than {counted(manifest.size, 'statement')} of {restored.name} set it aside"
            f" until `stemedb sync readmit {restored.name}` is run at each of them"
        )


def _facts(manifest: "Manifest", output: Output) -> dict[str, Any]:
    known = {"replica": manifest.name, "statements": manifest.size}
    if output.as_json:
        return known | {"log_bytes": manifest.wal_bytes, "created_ms": manifest.created_ms}
    return known | {"log": bytes_text(manifest.wal_bytes), "made": time_text(manifest.created_ms)}


def _told(manifest: "Manifest") -> str:
    return (
        f"{counted(manifest.size, 'statement')} of {manifest.name}, {bytes_text(manifest.wal_bytes)} of log"
    )


def _check_name(name: str) -> None:
    import re

    from stemedb.types import REPLICA_NAME_PATTERN

    if re.fullmatch(REPLICA_NAME_PATTERN, name, re.ASCII) is None:
        raise InvalidRequest("--as", f"got {name!r}, want {REPLICA_NAME_PATTERN}")


@contextmanager
def _written(file: str) -> Iterator[BinaryIO]:
    """Yield where an archive is written to; what is not written to the end gets no name."""
    if file == STANDARD:
        if sys.stdout.isatty():
            raise InvalidRequest("FILE", "got a terminal, want a file or a pipe")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    if path.exists():
        raise Refused(f"{path}: exists already: choose another name, or remove it")
    unfinished = path.with_name(f".{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as archive:  # noqa: PTH123 - adopts the descriptor, and closes it
            yield archive
            archive.flush()
            os.fsync(archive.fileno())
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def _read(file: str) -> Iterator[BinaryIO]:
    if file == STANDARD:
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as archive:
        yield archive
