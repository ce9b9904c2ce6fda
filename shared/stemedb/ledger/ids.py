"""The id table: from a statement's id to its place in the log and its stamp, in LMDB under ``ids/``.

| key | value |
|---|---|
| id, 32 bytes | log index of the statement, u64 big-endian, then its stamp (`stemedb.crdt.encode_stamp`: hlc u64, origin) |
| ``size``, 4 bytes | how many entries of the log are in the table, u64 big-endian |

Adding a batch is one sorted pass that also answers whether the ids are new: `IdTable.stage` puts all of them without
overwriting and counts how many were added. If some were known already, the transaction is given up and nothing has happened.
The transaction stays open while the records are made durable and is committed after that, so the table never holds an
id that the log might lose.

An id keeps the index of its statement for good. Its stamp is replaced when the log takes in a restamp of it (see
`stemedb.ledger.restamps`), in the same transaction as the new rows of that batch.
"""

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import lmdb

from stemedb.crdt import decode_stamp
from stemedb.errors import Corruption, DurabilityLost, InvalidInput
from stemedb.ledger.environment import DATA_FILE, Transaction, acquire, release
from stemedb.types import LogIndex, LogSize, Stamp, StatementId

TRIM_EVERY: Final = (
    2048  # ids between two looks at the resident size: rare enough to cost nothing, often enough to bound it
)
INDEX_BYTES: Final = 8  # of a value, before the stamp
_SIZE_KEY: Final = b"size"
_HEAD: Final = struct.Struct(">QQ")

Row = tuple[bytes, bytes]
"""An id and its value, or of a move its encoded stamp."""


class Known(NamedTuple):
    """What the table holds about an id."""

    index: LogIndex  # type: ignore[assignment]  # the field's noun, above tuple.index
    stamp: Stamp


def encode_value(index: int, hlc: int, origin: bytes) -> bytes:
    """Return the value of an id; the hot path's spelling of index and stamp."""
    return _HEAD.pack(index, hlc) + origin


def decode_value(value: bytes, path: Path) -> Known:
    """Return what `value` says; raises `Corruption` of the table if it says nothing sensible."""
    try:
        return Known(LogIndex(int.from_bytes(value[:8], "big")), decode_stamp(value[8:]))
    except InvalidInput as error:
        raise Corruption(path, 0, f"value of an id: {error}") from error


class IdTable:
    """The open table. One writer; readers may be in other processes."""

    def __init__(self, directory: Path, *, writable: bool) -> None:
        """Open the table in `directory`; a writer makes it if missing. Raises `Corruption`."""
        if writable:
            directory.mkdir(exist_ok=True)
        self.path = directory / DATA_FILE
        self._environment = acquire(directory, writable=writable)
        self._staged: Transaction | None = None  # the open transaction, and what is in it
        self._staged_rows: Sequence[Row] = ()
        self._staged_moves: Sequence[Row] = ()
        self._staged_size = 0
        self._since_trim = 0
        self._closed = False

    def size(self) -> LogSize:
        """Return how many entries of the log are in the table."""
        value = self._environment.read(lambda transaction: transaction.get(_SIZE_KEY))
        return LogSize(int.from_bytes(value or b"", "big"))

    def counts(self) -> tuple[int, int]:
        """Return how many ids the table holds, and how many entries of the log it says it has taken in: the restamps among them more."""

        def ask(transaction: Transaction) -> tuple[int, int]:
            value = transaction.get(_SIZE_KEY)
            entries = int(transaction.stat()["entries"])
            return (entries, 0) if value is None else (entries - 1, int.from_bytes(value, "big"))

        return self._environment.read(ask)

    def get(self, id: bytes) -> Known | None:  # noqa: A002 - the field's noun
        """Return what the table holds about `id`, or ``None``."""
        value = self._environment.read(lambda transaction: transaction.get(id))
        if not self._environment.writable:
            self._touched(1)
        return None if value is None else decode_value(value, self.path)

    def get_all(self, ids: Iterable[StatementId]) -> dict[StatementId, Known]:
        """Return what the table holds about those of `ids` that it knows."""

        def ask(transaction: Transaction) -> dict[StatementId, bytes]:
            get = transaction.get
            return {key: value for key in ids if (value := get(key)) is not None}

        found = self._environment.read(ask)
        if not self._environment.writable:
            self._touched(len(found))
        return {key: decode_value(value, self.path) for key, value in found.items()}

    def stage(self, rows: Sequence[Row], size: int, moves: Sequence[Row] = ()) -> bool:
        """Prepare to add `rows`, all of them new, to give known ids the stamps in `moves`, and to note `size`.

        Returns false, doing nothing, if one of `rows` is known. Requires distinct ids in `rows` and nothing staged; raises `Corruption` if
        one of `moves` is unknown. O(len(rows) log count).
        """
        return self._stage(rows, moves, size, overwrite=False)

    def replay(self, rows: Sequence[Row], size: int, moves: Sequence[Row] = ()) -> None:
        """Add `rows` whether known or not, then move stamps, note `size`, and commit: for catching up."""
        self._stage(rows, moves, size, overwrite=True)
        self.commit()

    def commit(self) -> None:
        """Make the staged rows visible; they survive this process, though not a crash of the operating system.

        Raises `DurabilityLost` if the disk is full.
        """
        assert self._staged is not None, "nothing is staged"
        try:
            self._staged.commit()
        except lmdb.MapFullError:  # the list of free pages took the last page: once more, with room
            self._staged = None
            self._environment.grow()
            self._stage(self._staged_rows, self._staged_moves, self._staged_size, overwrite=True)
            self.commit()
            return
        except lmdb.Error as error:
            self._staged = None
            raise DurabilityLost(self.path, "commit", OSError(str(error))) from error
        self._staged = None
        self._touched(len(self._staged_rows) + len(self._staged_moves))

    def discard(self) -> None:
        """Give up what is staged, if anything."""
        if self._staged is not None:
            self._staged.abort()
            self._staged = None

    def sync(self) -> None:
        """Make everything committed durable; raises `DurabilityLost`."""
        self._environment.sync()

    def close(self) -> None:
        """Close the table, giving up what is staged; closing twice does nothing."""
        self.discard()
        if not self._closed:
            self._closed = True
            release(self._environment)

    def _touched(self, ids: int) -> None:
        self._since_trim += ids
        if self._since_trim >= TRIM_EVERY:
            self._since_trim = 0
            self._environment.trim()

    def _stage(self, rows: Sequence[Row], moves: Sequence[Row], size: int, *, overwrite: bool) -> bool:
        assert self._staged is None, "rows are staged already"
        ordered = sorted(rows)  # neighbours share pages
        self._staged_rows, self._staged_moves, self._staged_size = ordered, moves, size
        while True:
            transaction = self._environment.begin_write()
            try:
                with transaction.cursor() as cursor:
                    _, added = cursor.putmulti(ordered, overwrite=overwrite)
                if added < len(ordered) and not overwrite:
                    transaction.abort()
                    return False
                self._move(transaction, moves)
                transaction.put(_SIZE_KEY, size.to_bytes(8, "big"))
            except lmdb.MapFullError:
                transaction.abort()
                self._environment.grow()
            except lmdb.Error as error:
                transaction.abort()
                raise DurabilityLost(self.path, "put", OSError(str(error))) from error
            except BaseException:
                transaction.abort()
                raise
            else:
                self._staged = transaction
                return True

    def _move(self, transaction: Transaction, moves: Sequence[Row]) -> None:
        for key, stamp in moves:  # in log order: the last one stays
            value = transaction.get(key)
            if value is None:
                raise Corruption(
                    self.path, 0, f"id {key.hex()[:16]}: the log restamps it, the table lacks it"
                )
            transaction.put(key, value[:INDEX_BYTES] + stamp)
