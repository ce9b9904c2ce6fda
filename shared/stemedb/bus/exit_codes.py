"""How a service ends: one table, after BSD ``sysexits.h``; the command has a longer one in ``stemedb.cli``.

======  ===============  ==========================================================================
code    name             meaning
======  ===============  ==========================================================================
0       ``OK``           stopped because it was asked to
69      ``UNAVAILABLE``  NATS does not answer; starting again later may work
70      ``FATAL``        corruption, lost durability or a bug: look before starting again
78      ``CONFIG``       the operator must change something: settings, port, directory, format
======  ===============  ==========================================================================
"""

from typing import Final

from stemedb.errors import (
    ClockDrift,
    Corruption,
    DurabilityLost,
    Fatal,
    Locked,
    Refused,
    StemeError,
    Unavailable,
    WrongReplica,
)

OK: Final = 0
UNAVAILABLE: Final = 69
FATAL: Final = 70
CONFIG: Final = 78

_CODES: Final[tuple[tuple[type[StemeError], int], ...]] = (
    (Fatal, FATAL),
    (Refused, CONFIG),
    (Unavailable, UNAVAILABLE),
)

_REMEDIES: Final[tuple[tuple[type[StemeError], str], ...]] = (
    (Corruption, "; keep a copy of the data directory, then run `stemedb fsck`"),
    (DurabilityLost, "; check the disk for space and errors, then start again"),
    (ClockDrift, "; set the clock of this computer"),
    # These say what to do themselves, and only lack the names of the settings.
    (Locked, " (STEMEDB_DATA_DIR)"),
    (WrongReplica, " (STEMEDB_DATA_DIR, STEMEDB_REPLICA)"),
)


def exit_code(error: StemeError) -> int:
    """Return the exit code of a service that ends because of `error`."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), CONFIG)


def one_line(error: StemeError) -> str:
    """Return the whole reason on one line, with what to do about it where that is known by the kind of error."""
    text = " ".join(error.message.split())
    remedy = next((remedy for kind, remedy in _REMEDIES if isinstance(error, kind)), None)
    return text if remedy is None else text + remedy
