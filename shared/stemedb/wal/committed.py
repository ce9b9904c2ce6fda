"""The committed mark: how far the log is durable, for readers in other processes.

``wal/committed`` is 32 bytes, big-endian, overwritten in place after every group commit::

     0  8  magic          "STEMEHWM"
     8  4  segment        the newest segment that holds a committed record, or 0
    12  4  end            the offset in it just after the last committed record
    16  8  size           how many statements are committed
    24  4  zero
    28  4  crc            CRC-32 of the 28 bytes before

It is written *after* the fdatasync of the records and is never synced itself, except when the log is closed. So it
never claims too much: after a crash of the process it is exact or one batch behind, after a crash of the operating system it may be
many batches behind, torn or gone. Recovery reads it as a witness (records before it were acknowledged and must be there) and
never as the truth about where the log ends.
"""

import os
import struct
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from stemedb.types import LogSize

COMMITTED_BYTES: Final = 32
_MAGIC: Final = b"STEMEHWM"
_FIELDS: Final = struct.Struct(">8sIIQI")


class Committed(NamedTuple):
    """How far the log is durable; marks of one log sort by progress."""

    segment: int
    end: int
    size: LogSize


NOTHING: Final = Committed(0, 0, LogSize(0))


def committed_path(directory: Path) -> Path:
    """Return where the mark of the log in `directory` lives."""
    return directory / "committed"


def encode_committed(mark: Committed) -> bytes:
    """Return the 32 bytes of `mark`."""
    fields = _FIELDS.pack(_MAGIC, mark.segment, mark.end, mark.size, 0)
    return fields + crc32(fields).to_bytes(4, "big")


def decode_committed(data: bytes) -> Committed | None:
    """Return the mark in `data`, or ``None`` if it is torn, damaged or absent."""
    if len(data) != COMMITTED_BYTES or crc32(data[:28]) != int.from_bytes(data[28:], "big"):
        return None
    magic, segment, end, size, _ = _FIELDS.unpack_from(data)
    return Committed(segment, end, LogSize(size)) if magic == _MAGIC else None


def read_committed(directory: Path) -> Committed:
    """Return the mark of the log in `directory`, or `NOTHING` if there is no sound one."""
    try:
        fd = os.open(committed_path(directory), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return NOTHING
    try:
        return decode_committed(os.pread(fd, COMMITTED_BYTES, 0)) or NOTHING
    finally:
        os.close(fd)
