"""Where each statement of the log lies in the write-ahead log, and when it was accepted: ``log/entries``.

Row i is 16 bytes, big-endian, for the statement with log index i::

     0  4  segment     number of the segment
     4  4  offset      byte offset of the record in it
     8  8  accepted    this replica's clock when it accepted the statement

``accepted`` never decreases, so a time is found by binary search.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from stemedb.ledger.row_file import RowFile
from stemedb.storage.files import SYSTEM, Operations
from stemedb.types import Hlc, LogIndex
from stemedb.wal import Position

ENTRY_BYTES: Final = 16
FILE_NAME: Final = "entries"
_ROW: Final = struct.Struct(">IIQ")


def encode_entries(positions: Sequence[Position], accepted: Iterable[int]) -> bytes:
    """Return the rows of the records at `positions`, accepted at these times."""
    pack = _ROW.pack
    return b"".join(
        [pack(segment, offset, hlc) for (segment, offset), hlc in zip(positions, accepted, strict=True)]
    )


class EntryFile(RowFile):
    """The open file; see the module for its rows."""

    __slots__ = ()

    def __init__(self, directory: Path, *, writable: bool, operations: Operations = SYSTEM) -> None:
        """Open the file in `directory`; raises ``FileNotFoundError`` for a reader if there is none."""
        super().__init__(directory / FILE_NAME, ENTRY_BYTES, writable=writable, operations=operations)

    def position(self, index: int) -> Position:
        """Return where the record of entry `index` begins. Requires ``0 <= index < count``."""
        segment, offset, _ = _ROW.unpack(self.get(index))
        return Position(segment, offset)

    def accepted(self, index: int) -> Hlc:
        """Return when entry `index` was accepted. Requires ``0 <= index < count``."""
        return Hlc(int.from_bytes(self.get(index)[8:], "big"))

    def first_since(self, hlc: Hlc, size: int) -> LogIndex:
        """Return the first index accepted at `hlc` or later, `size` if there is none. O(log size) reads.

        Requires ``0 <= size <= count``.
        """
        return LogIndex(bisect_left(range(size), hlc, key=self.accepted))
