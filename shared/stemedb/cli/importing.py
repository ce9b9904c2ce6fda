"""``stemedb import``: many statements from files, or from what is installed, each durable when it is counted.

::

    lines ──JSON?──▶ batches of 500 ──4 in flight──▶ ingest.append ──▶ tally: new, known, rejected
              │no                        │ unavailable: again, a little later
              ▼                          ▼ (safe: what was taken already is known)
           rejects                    rejects

Stopping an import loses nothing and starting it again repeats nothing: a statement that the replica knows is counted
as known and stored no second time. That is why there is no state file, and why a batch whose answer was lost may simply be sent
again.

Invariants:

* A line is counted once: new, known, or rejected.
* The bytes in flight are bounded by ``IN_FLIGHT × BATCH_BYTES_MAX``, however large the file.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from stemedb.cli import exits
from stemedb.cli.output import Advance
from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest, StemeError, Unavailable

if TYPE_CHECKING:
    from stemedb.bus.client import Client
    from stemedb.bus.messages import AppendReply

BATCH_LINES_MAX: Final = 500
"""One group commit and a few milliseconds of work: larger ones are hardly faster and are all repeated if one fails."""
BATCH_BYTES_MAX: Final = 256 * 1024
"""A quarter of what a NATS server takes in one message by default."""
IN_FLIGHT: Final = 4
"""While one batch is written others travel and are encoded; measured: 2 of them 19k/s, 4 27k/s, 8 24k/s."""
RETRY_S: Final = 30.0
"""How long a batch is offered again while nobody answers: a service that was killed is back within a second or two."""
RETRY_PAUSE_S: Final = 0.1
SHOWN_MAX: Final = 20
"""Rejected lines that are shown; the rest is counted, and written to the file of --rejects if there is one."""


class Line(NamedTuple):
    """One statement to import, and where it came from."""

    file: str
    number: int
    raw: bytes


class Rejection(NamedTuple):
    """A line that the replica, or the first look at it, refused."""

    line: Line
    field: str
    reason: str


@dataclass(slots=True)
class Tally:
    """What became of the lines."""

    new: int = 0
    known: int = 0
    rejected: int = 0
    size: int = 0
    root: str = ""
    acknowledged: list[str] = field(default_factory=list)
    """The ids that came back with a receipt, in the order of the receipts; kept only on demand."""


@dataclass(slots=True)
class Importer:
    """Sends lines to one replica in batches. Owned by one event loop."""

    client: "Client"
    on_rejected: Callable[[Rejection], None]
    advance: Advance
    keep_ids: bool = False
    tally: Tally = field(default_factory=Tally)

    async def run(self, lines: Iterable[Line]) -> Tally:
        """Import all of ``lines``; raises `Unavailable` when nobody answers for `RETRY_S`."""
        gate = asyncio.Semaphore(IN_FLIGHT)
        try:
            async with asyncio.TaskGroup() as group:
                for batch in batches(self._sound(lines)):
                    await gate.acquire()
                    task = group.create_task(self._send(batch))
                    task.add_done_callback(lambda _task: gate.release())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return self.tally

    async def _send(self, batch: list[Line]) -> None:
        reply = await self._append(b"\n".join(line.raw for line in batch))
        assert len(reply.outcomes) == len(batch), "one outcome for each statement"
        tally = self.tally
        for line, outcome in zip(batch, reply.outcomes, strict=True):
            if outcome.error is not None:
                self._reject(Rejection(line, outcome.error.field, outcome.error.message))
            elif outcome.receipt is not None:
                tally.known += outcome.receipt.duplicate
                tally.new += not outcome.receipt.duplicate
                if self.keep_ids:
                    tally.acknowledged.append(outcome.receipt.id)
        if reply.size >= tally.size:
            tally.size, tally.root = reply.size, reply.root
        self.advance(sum(len(line.raw) + 1 for line in batch))

    async def _append(self, body: bytes) -> "AppendReply":
        deadline = time.monotonic() + RETRY_S
        while True:
            try:
                return await self.client.append(body)
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(RETRY_PAUSE_S)

    def _sound(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Yield the lines that are worth sending: one JSON value each, so that every line has an outcome of its own."""
        import msgspec

        from stemedb.statements import STATEMENT_BYTES_MAX

        look = msgspec.json.Decoder(msgspec.Raw).decode
        for line in lines:
            reason = ""
            if len(line.raw) > STATEMENT_BYTES_MAX:
                reason = f"got {len(line.raw)} bytes, want at most {STATEMENT_BYTES_MAX}"
            else:
                try:
                    look(line.raw)
                except (msgspec.DecodeError, RecursionError) as error:
                    reason = f"not JSON, one statement to a line: {error}"
            if reason:
                self._reject(Rejection(line, "", reason))
                self.advance(len(line.raw) + 1)
            else:
                yield line

    def _reject(self, rejection: Rejection) -> None:
        self.tally.rejected += 1
        self.on_rejected(rejection)


def import_(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="NDJSON files: one statement to a line.")] = None,
    installed_packages: Annotated[
        bool,
        typer.Option("--installed-packages", help="Claims from the metadata of installed Python packages."),
    ] = False,
    path: Annotated[
        list[Path] | None,
        typer.Option(help="With --installed-packages: look in this directory only; may be repeated."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write rejected lines here, as JSON with the reason.")
    ] = None,
) -> None:
    """Import statements from NDJSON files, or from the installed Python packages.

    Importing again is harmless: what the replica knows is not stored twice. That is also how an import that was
    stopped is resumed.
    """
    session = Session.of(context)
    if bool(files) == installed_packages:
        raise InvalidRequest("", "want either FILES or --installed-packages")
    if installed_packages:
        lines = list(package_lines([str(place) for place in path] if path else None))
        total = sum(len(line.raw) + 1 for line in lines)
        asyncio.run(_run(session, lines, total, rejects))
    elif files:
        total = sum(file.stat().st_size for file in files)
        asyncio.run(_run(session, file_lines(files), total, rejects))


def file_lines(files: Iterable[Path]) -> Iterator[Line]:
    """Yield the lines of files that are not blank, without their line ends, numbered from 1."""
    for file in files:
        with file.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                if stripped := raw.strip():
                    yield Line(str(file), number, stripped)


def package_lines(paths: Iterable[str] | None = None) -> Iterator[Line]:
    """Yield the claims of the installed packages, each numbered within its package."""
    from stemedb.cli import packages
    from stemedb.statements import canonical_bytes

    for package in packages.installed(paths):
        for number, assertion in enumerate(packages.claims(package), 1):
            yield Line(package.subject, number, canonical_bytes(assertion))


def batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Cut lines into batches within `BATCH_LINES_MAX` and `BATCH_BYTES_MAX`; none is empty."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        if batch and (len(batch) >= BATCH_LINES_MAX or size + len(line.raw) > BATCH_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.raw) + 1
    if batch:
        yield batch


async def _run(session: Session, lines: Iterable[Line], total_bytes: int, rejects: Path | None) -> None:
    output = session.output
    started = time.monotonic()
    shown = 0
    with (
        rejects.open("w", encoding="utf-8") if rejects else nullcontext() as sink,
        output.progress("importing", total_bytes) as meter,
    ):

        def on_rejected(rejection: Rejection) -> None:
            nonlocal shown
            shown += 1
            if shown <= SHOWN_MAX:
                output.warn(describe(rejection))
            if sink is not None:
                _write(sink, rejection)

        async with await session.connect() as client:
            importer = Importer(client, on_rejected, meter.advance)
            try:
                tally = await importer.run(lines)
            except StemeError as error:
                done = importer.tally
                output.warn(f"stopped after {done.new} new and {done.known} known statements")
                hint = exits.hint(error)
                raise exits.with_hint(error, f"{hint}; then run the same import again") from None
    if shown > SHOWN_MAX:
        where = f"all are in {rejects}" if rejects else "keep them all with --rejects FILE"
        output.warn(f"{shown - SHOWN_MAX} more rejected: {where}")
    seconds = time.monotonic() - started
    output.record(
        {
            "new": tally.new,
            "known": tally.known,
            "rejected": tally.rejected,
            "seconds": round(seconds, 3),
            "log_size": tally.size,
            "log_root": tally.root,
        }
    )
    if tally.rejected:
        raise typer.Exit(exits.WRONG)


def describe(rejection: Rejection) -> str:
    """Return one line for a person: file, line number, and what is wrong."""
    line, field_, reason = rejection
    what = reason if not field_ or reason.startswith(field_) else f"{field_}: {reason}"
    return f"{line.file}:{line.number}: {what}"


def _write(sink: IO[str], rejection: Rejection) -> None:
    line = rejection.line
    record = {
        "file": line.file,
        "line": line.number,
        "field": rejection.field,
        "reason": rejection.reason,
        "original": line.raw.decode(errors="backslashreplace"),
    }
    sink.write(json.dumps(record, ensure_ascii=False) + "\n")
