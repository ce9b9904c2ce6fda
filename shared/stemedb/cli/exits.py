"""What the command's exit code says, and what to do about each error.

The codes follow ``sysexits.h`` where it has one, so that a supervisor or a script can tell a thing worth
retrying (69) from a thing worth a person's look (70, 78). The table is shown by ``stemedb --help``.
"""

from typing import Final

from stemedb.errors import (
    ClockDrift,
    Corruption,
    DurabilityLost,
    Fatal,
    InvalidInput,
    InvalidPath,
    InvalidRequest,
    InvalidStatement,
    Locked,
    NotFound,
    Overloaded,
    ProofError,
    Refused,
    StemeError,
    TamperedPack,
    Unavailable,
    UnsupportedFormat,
    WrongReplica,
)

OK: Final = 0
WRONG: Final = 1
USAGE: Final = 2
UNAVAILABLE: Final = 69
FATAL: Final = 70
REFUSED: Final = 78
INTERRUPTED: Final = 130

EXIT_CODES: Final = {
    OK: "done",
    WRONG: "a statement was rejected, a proof fails, not found, or fsck found damage",
    USAGE: "the command line or the request is not right",
    UNAVAILABLE: "no server or service answers; trying again may work",
    FATAL: "bytes on disk are not what was written, or a write failed",
    REFUSED: "the operator must change something: a lock, a port, a directory",
    INTERRUPTED: "stopped with Ctrl-C before it was done",
}

_CODES: Final[tuple[tuple[type[StemeError], int], ...]] = (
    (InvalidRequest, USAGE),
    (InvalidInput, WRONG),
    (ProofError, WRONG),
    (NotFound, WRONG),
    (Unavailable, UNAVAILABLE),
    (Refused, REFUSED),
    (Fatal, FATAL),
)

_HINTS: Final[tuple[tuple[type[StemeError], str], ...]] = (
    (InvalidStatement, "the first word names the field; the rules are in shared/stemedb/statements/model.py"),
    (InvalidPath, "a concept path looks like scheme://segment/segment/leaf"),
    (TamperedPack, "do not use this pack: ask its author for a new export"),
    (ProofError, "do not trust this file: ask the replica for a new proof with `stemedb prove`"),
    (NotFound, "look for it with `stemedb query SUBJECT`, or check --replica and --data"),
    (Overloaded, "the replica is busy: try again in a moment, with smaller batches"),
    (Unavailable, "start a replica with `stemedb up`, or name another server with --nats URL"),
    (Locked, "stop the process named above, or choose another directory with --data DIR"),
    (
        WrongReplica,
        "choose the directory of this replica with --data DIR, or name the other with --replica NAME",
    ),
    (UnsupportedFormat, "open it with the version of stemedb that wrote it, or a newer one"),
    (ClockDrift, "check the clocks: one of the two hosts is ahead (is time synchronisation running?)"),
    (
        Corruption,
        "run `stemedb fsck` to see the extent; all but wal/ can be made anew with `stemedb rebuild`",
    ),
    (DurabilityLost, "check the disk and its free space, then start again: what was acknowledged is safe"),
)


def exit_code(error: StemeError) -> int:
    """Return the exit code that stands for ``error``."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), FATAL)


def hint(error: StemeError) -> str:
    """Return what to do about ``error``: its own note if it carries one, else what helps with its kind."""
    notes: list[str] = getattr(error, "__notes__", [])
    return notes[0] if notes else next((text for kind, text in _HINTS if isinstance(error, kind)), "")


def with_hint(error: StemeError, text: str) -> StemeError:
    """Return ``error`` with a note on what to do, which knows more than its kind does; the first note given stays."""
    error.add_note(text)
    return error


def epilogue() -> str:
    """Return the table of exit codes as it stands under ``stemedb --help``."""
    lines = (f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
    return "Exit codes\n" + "\n".join(lines)
