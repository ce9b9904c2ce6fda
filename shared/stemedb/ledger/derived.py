"""The derived files as one thing: Merkle nodes, id table, entries, and the one function that adds to them.

::

    Batch ─▶ apply ─┬─ 1. nodes     log/NN       higher levels first
                    ├─ 2. ids       ids/         one LMDB commit
                    └─ 3. entries   log/entries  last: its length is the size that readers believe

`apply` serves both a new batch and a batch that recovery reads from the write-ahead log. It looks at how far each file has come and
adds what it lacks, so a crash between the steps is repaired by applying the same batch again.

Invariants
    * ``entries <= ids`` and ``entries <= leaves``, in entries of the log: whatever entry a reader can see, its id and its nodes are there.
    * Nothing is added that is not durable in the write-ahead log.
    * The files are a function of the log: computing them again gives the same bytes (for the id table, the same content).
"""

from pathlib import Path
from typing import NamedTuple

from stemedb.errors import Corruption
from stemedb.ledger.entries import EntryFile, encode_entries
from stemedb.ledger.ids import INDEX_BYTES, IdTable, Row, encode_value
from stemedb.ledger.node_files import NodeFiles
from stemedb.merkle import MerkleLog
from stemedb.statements import statement_id
from stemedb.storage.files import SYSTEM, Operations
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import LogSize, StatementId
from stemedb.wal import RESTAMP, Position, Record


class Batch(NamedTuple):
    """Neighbouring entries of the log, durable in it, in columns."""

    first: LogSize
    """The log index of the first one."""
    ids: list[StatementId]
    records: list[Record]
    positions: list[Position]


def batch_of(first: int, positions: list[Position], records: list[Record]) -> Batch:
    """Return the batch that the records read from the log make; the ids are computed from the canonical bytes."""
    ids = [
        StatementId(canonical) if kind == RESTAMP else statement_id(canonical)
        for kind, _, _, _, canonical, _ in records
    ]
    return Batch(LogSize(first), ids, records, positions)


def entry_id(record: Record) -> StatementId:
    """Return the id, and leaf, of the entry that `record` is; a restamp has that of the statement it names."""
    return StatementId(record.canonical) if record.kind == RESTAMP else statement_id(record.canonical)


def id_rows(batch: Batch, start: int = 0) -> tuple[list[Row], list[Row]]:
    """Return what the entries of `batch` from log index `start` on change in the id table: new rows, and new stamps of known ids."""
    origins: dict[str, bytes] = {}
    rows: list[Row] = []
    moves: list[Row] = []
    skip = max(start - batch.first, 0)
    columns = zip(batch.ids[skip:], batch.records[skip:], strict=True)
    for index, (key, (kind, hlc, origin, _, _, _)) in enumerate(columns, start=batch.first + skip):
        encoded = origins.get(origin)
        if encoded is None:
            encoded = origins[origin] = origin.encode("ascii")
        if kind == RESTAMP:
            moves.append((key, encode_value(index, hlc, encoded)[INDEX_BYTES:]))
        else:
            rows.append((key, encode_value(index, hlc, encoded)))
    return rows, moves


class Derived:
    """The derived files of one replica, open for their one writer."""

    def __init__(self, replica: ReplicaDirectory, operations: Operations = SYSTEM) -> None:
        """Open the files, making those that are missing, and cut what a crash left too long.

        Raises `Corruption` if they cannot be what a writer left behind.
        """
        self.ids = IdTable(replica.ids, writable=True)
        try:
            self._entries = EntryFile(replica.log, writable=True, operations=operations)
            self._nodes = NodeFiles(replica.log, writable=True, operations=operations)
            self._id_count = self.ids.size()
            if not self._nodes.is_whole():
                raise Corruption(replica.log, 0, "a level file is shorter than the leaves need")
            self._nodes.cut(self._nodes.measure())
            self._entries.cut(self._entries.measure())
            self.log = MerkleLog(self._nodes)
        except BaseException:
            self.ids.close()
            raise

    @property
    def size(self) -> LogSize:
        """How many entries are in all files."""
        return LogSize(min(self._entries.count, self.log.size, self._id_count))

    @property
    def claimed(self) -> LogSize:
        """How many entries are in some file: the write-ahead log must hold at least as many."""
        return LogSize(max(self._entries.count, self.log.size, self._id_count))

    def apply(self, batch: Batch, *, staged: bool = False) -> None:
        """Add what the files lack of `batch`; with `staged` its ids are staged in the table and need only the commit.

        Requires ``batch.first <= size``. Not durable. Raises `DurabilityLost`.
        """
        end = batch.first + len(batch.ids)
        if self.log.size < end:
            self.log.append(batch.ids[self.log.size - batch.first :])
        # If we crash here, level 0 is longer than the entries: readers do not look there, the next writer goes on from it.
        if staged:
            self.ids.commit()
        elif self._id_count < end:
            rows, moves = id_rows(batch, self._id_count)
            self.ids.replay(rows, end, moves)
        self._id_count = LogSize(max(self._id_count, end))
        # If we crash here, the ids are known to the table and to no reader.
        count = self._entries.count
        if count < end:
            lacking = slice(count - batch.first, None)
            accepted = [record.accepted for record in batch.records[lacking]]
            self._entries.append(encode_entries(batch.positions[lacking], accepted))

    def position(self, index: int) -> Position:
        """Return where the record of entry `index` begins. Requires ``0 <= index < size``."""
        return self._entries.position(index)

    def sync(self) -> None:
        """Make everything durable; raises `DurabilityLost`."""
        self._nodes.sync()
        self.ids.sync()
        self._entries.sync()

    def close(self) -> None:
        """Close the files without syncing; closing twice does nothing."""
        self._nodes.close()
        self._entries.close()
        self.ids.close()


def remove_derived(replica: ReplicaDirectory) -> None:
    """Remove the derived files; the checkpoint stays, since it is a promise and not derived."""
    for path in [*_log_files(replica.log), *(replica.ids.glob("*.mdb") if replica.ids.is_dir() else ())]:
        path.unlink()


def _log_files(directory: Path) -> list[Path]:
    return [path for path in directory.iterdir() if path.name == "entries" or path.name.isdigit()]
