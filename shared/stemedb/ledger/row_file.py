"""A file of rows of one width, which only grows: row i lies at byte ``i * width``.

::

    0      width    2*width            count*width
    ├ row 0 ┤├ row 1 ┤├ … ┤├ row count-1 ┤

The derived files of the ledger are such files. They carry no checksums and are not synced with each commit, because
everything in them can be computed again from the write-ahead log; `stemedb.ledger.state` says when they may be believed.
"""

import os
from pathlib import Path

from stemedb.errors import Corruption
from stemedb.storage.files import (
    SYSTEM,
    Operations,
    fdatasync,
    open_for_writing,
    pread_exact,
    pwrite_all,
    truncate,
)


class RowFile:
    """One open row file; a writer is its only writer, readers may be in other processes."""

    __slots__ = ("_count", "_fd", "_operations", "_path", "_width")

    def __init__(self, path: Path, width: int, *, writable: bool, operations: Operations = SYSTEM) -> None:
        """Open `path`; a writer creates it if missing, for a reader that raises ``FileNotFoundError``."""
        self._path = path
        self._width = width
        self._operations = operations
        self._fd = open_for_writing(path) if writable else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._count = self.measure()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    @property
    def count(self) -> int:
        """How many whole rows the file had when it was last measured or written."""
        return self._count

    def measure(self) -> int:
        """Ask the file system how many whole rows there are, remember it, and return it."""
        self._count = os.fstat(self._fd).st_size // self._width
        return self._count

    def is_replaced(self) -> bool:
        """Say whether the path now names another file than the one that is open."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return True
        return there.st_ino != os.fstat(self._fd).st_ino

    def append(self, rows: bytes) -> None:
        """Add `rows`, concatenated, at the end. Not durable; raises `DurabilityLost`.

        Requires ``len(rows) % width == 0``.
        """
        pwrite_all(self._fd, rows, self._count * self._width, self._path, self._operations)
        self._count += len(rows) // self._width

    def get(self, index: int) -> bytes:
        """Return row `index`; raises `Corruption` if the file does not reach that far. Requires ``index >= 0``."""
        width = self._width
        row = os.pread(self._fd, width, index * width)
        if len(row) != width:
            raise Corruption(self._path, index * width, f"row {index}: got {len(row)} bytes, want {width}")
        return row

    def get_range(self, start: int, end: int) -> bytes:
        """Return the rows ``[start, end)``, concatenated; raises `Corruption` if the file does not reach that far.

        Requires ``0 <= start <= end``.
        """
        return pread_exact(self._fd, (end - start) * self._width, start * self._width, self._path)

    def cut(self, count: int) -> None:
        """Drop all rows from `count` on, and any part of a row. Requires ``count <= self.count``."""
        if os.fstat(self._fd).st_size != count * self._width:
            truncate(self._fd, count * self._width, self._path, self._operations)
        self._count = count

    def sync(self) -> None:
        """Make everything durable; raises `DurabilityLost`."""
        fdatasync(self._fd, self._path, self._operations)

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
