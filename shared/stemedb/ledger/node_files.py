"""The Merkle log on disk: one row file per level.

::

    log/00   the leaves, which are the statement ids       size        × 32 bytes
    log/01   BLAKE3(left || right) of neighbours in 00     size >> 1   × 32 bytes
    log/02   …                                             size >> 2   × 32 bytes

Invariants
    * Nothing written ever changes: only complete subtrees are kept (see `stemedb.merkle.store`).
    * Higher levels are written before lower ones, so every size that level 0 shows has all its nodes, also for a reader in
      another process. A crash in between leaves higher levels too long; `NodeFiles.cut` trims them.
"""

import re
from pathlib import Path
from typing import Final

from stemedb.errors import Corruption
from stemedb.ledger.row_file import RowFile
from stemedb.storage.files import SYSTEM, Operations
from stemedb.types import DIGEST_BYTES, Digest, LogSize

LEVELS_MAX: Final = 64  # a log holds fewer than 2**63 leaves
_NAME: Final = re.compile(r"[0-9]{2}", re.ASCII)


def level_paths(directory: Path) -> list[Path]:
    """Return the level files in `directory`, lowest level first."""
    return sorted(path for path in directory.iterdir() if _NAME.fullmatch(path.name))


class NodeFiles:
    """A `stemedb.merkle.NodeStore` over level files; one writer, any number of readers in other processes."""

    def __init__(self, directory: Path, *, writable: bool, operations: Operations = SYSTEM) -> None:
        """Open the files in `directory`, which must exist; a writer creates what is missing when it needs it."""
        self._directory = directory
        self._writable = writable
        self._operations = operations
        self._levels: list[RowFile] = []
        self._visible: LogSize | None = None

    def append(self, level: int, digests: bytes) -> None:
        """Add the concatenated `digests` to the end of `level`. Not durable; raises `DurabilityLost`."""
        self._level(level).append(digests)

    def get(self, level: int, index: int) -> Digest:
        """Return node (level, index); raises `Corruption` if the file does not hold it."""
        return Digest(self._level(level).get(index))

    def get_range(self, level: int, start: int, end: int) -> bytes:
        """Return nodes ``[start, end)`` of `level`, concatenated; raises `Corruption` if the file does not hold them."""
        if start == end:
            return b""
        return self._level(level).get_range(start, end)

    def size(self) -> LogSize:
        """Return the number of leaves: all that are in the file, or what `show` allows."""
        return self.measure() if self._visible is None else self._visible

    def show(self, size: LogSize) -> None:
        """Let `size` return this: a reader shows only what all files hold. Requires ``size <= measure()``."""
        self._visible = size

    def measure(self) -> LogSize:
        """Return how many leaves the file of level 0 holds; 0 if there is none yet."""
        try:
            return LogSize(self._level(0).measure())
        except Corruption:
            return LogSize(0)

    def cut(self, size: int) -> None:
        """Drop every node that is not complete at `size` leaves. Requires ``size <= measure()`` and a writer."""
        for level in range(max(len(level_paths(self._directory)), 1)):
            self._level(level).cut(size >> level)

    def is_whole(self) -> bool:
        """Say whether every level is long enough for the leaves there are; false only after damage."""
        leaves = self.measure()
        try:
            return all(
                self._level(level).measure() >= leaves >> level for level in range(leaves.bit_length())
            )
        except Corruption:
            return False

    def is_replaced(self) -> bool:
        """Say whether another writer has put a new file in the place of level 0."""
        return bool(self._levels) and self._levels[0].is_replaced()

    def sync(self) -> None:
        """Make all levels durable; raises `DurabilityLost`."""
        for file in self._levels:
            file.sync()

    def close(self) -> None:
        """Close all files; a reader opens them again when they are needed."""
        for file in self._levels:
            file.close()
        self._levels.clear()

    def _level(self, level: int) -> RowFile:
        while len(self._levels) <= level:
            path = self._directory / f"{len(self._levels):02d}"
            try:
                file = RowFile(path, DIGEST_BYTES, writable=self._writable, operations=self._operations)
            except FileNotFoundError:
                raise Corruption(path, 0, "level file is missing") from None
            self._levels.append(file)
        return self._levels[level]
