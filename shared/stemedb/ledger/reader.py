"""Reading the ledger, from any process, while its writer appends.

::

    committed mark    how far the write-ahead log is durable    ┐
    log/00            how many leaves there are                 ├─ size = the smallest
    log/entries       how many entries there are                ┘

The writer makes entries last, so everything below `size` has its record, its id, its nodes and its row in the id table.

Nothing that is read is taken on trust: a record carries a checksum, and a statement's bytes must hash to the leaf that stands at its
index. So rot in a derived file is `Corruption`, not a wrong statement.

After a crash of the operating system the derived files may hold anything until the writer has been back; until then opening a
reader raises `Unavailable`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stemedb.errors import Corruption, Unavailable
from stemedb.ledger.derived import batch_of, entry_id
from stemedb.ledger.entries import EntryFile
from stemedb.ledger.ids import IdTable, Known
from stemedb.ledger.node_files import NodeFiles
from stemedb.ledger.signed import read_note
from stemedb.ledger.state import Condition, current_boot, read_state
from stemedb.merkle import MerkleLog
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Hlc, LogIndex, LogSize, StatementId
from stemedb.wal import RESTAMP, Position, Reader, Record


class Entry(NamedTuple):
    """One entry of the log: a statement, or a restamp (``record.kind == RESTAMP``) of the one with this id."""

    index: LogIndex  # type: ignore[assignment]  # the field's noun, above tuple.index
    id: StatementId
    record: Record


class LedgerReader:
    """The ledger as another process sees it; read-only. One thread calls.

    A replica whose ledger was never written is empty.
    """

    def __init__(self, replica: ReplicaDirectory) -> None:
        """Open the ledger of `replica`; raises `Unavailable` if its writer must repair it first."""
        self._replica = replica
        self._wal = Reader(replica.wal)
        self._nodes = NodeFiles(replica.log, writable=False)
        self._entries: EntryFile | None = None
        self._ids: IdTable | None = None
        self._size = LogSize(0)
        self._nodes.show(self._size)
        self._log = MerkleLog(self._nodes)
        self.refresh()

    @property
    def size(self) -> LogSize:
        """How many entries there were at the last `refresh`; all of them durable."""
        return self._size

    @property
    def log(self) -> MerkleLog:
        """The Merkle log at `size`, to be read only."""
        return self._log

    def refresh(self) -> LogSize:
        """Look how far the writer has come and return the size, which never shrinks; raises `Unavailable` like opening."""
        committed = self._wal.committed().size
        if committed <= self._size:
            return self._size
        if self._entries is None and not self._open_entries():
            return self._size
        assert self._entries is not None  # opened just now
        size = min(committed, self._entries.measure(), self._nodes.measure())
        if size < committed and (self._entries.is_replaced() or self._nodes.is_replaced()):
            self._close_derived()
            return self.refresh()
        if size > self._size:
            self._size = LogSize(size)
            self._nodes.show(self._size)
            self._log.refresh()
        return self._size

    def statements(self, start: int, end: int) -> list[Entry]:
        """Return the entries ``[start, end)``. Requires ``0 <= start <= end <= size``; raises `Corruption`."""
        self._require(start, end)
        entries: list[Entry] = []
        position = self._position(start) if start < end else None
        while (at := start + len(entries)) < end:
            run = self._wal.read_run(position, records_max=end - at)
            if not run.records:
                raise Corruption(self._replica.wal, 0, f"no record for log index {at} at {position}")
            ids = batch_of(at, run.positions(), run.records).ids
            leaves: Sequence[bytes] = self._log.leaves(at, at + len(ids))
            if ids != leaves:
                wrong = next(i for i, leaf in enumerate(leaves) if leaf != ids[i])
                self._raise_mismatch(at + wrong, ids[wrong], leaves[wrong])
            new = tuple.__new__
            entries += [
                new(Entry, row) for row in zip(range(at, at + len(ids)), ids, run.records, strict=True)
            ]
            position = run.next
        return entries

    def entry(self, index: int) -> Entry:
        """Return entry `index`. Requires ``0 <= index < size``; raises `Corruption`."""
        self._require(index, index + 1)
        record = self._wal.read_at(self._position(index))
        id = entry_id(record)  # noqa: A001 - the field's noun
        leaf: bytes = self._nodes.get(0, index)
        if id != leaf:
            self._raise_mismatch(index, id, leaf)
        return Entry(LogIndex(index), id, record)

    def restated(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return `entries` with the statement in place of each restamp, under the stamp that the restamp gives it.

        What comes out are statements only, each with a stamp that counts: what the map is made of. Requires entries of this log below
        `size`; raises `Corruption`. One more read per restamp.
        """
        return [self._restated(entry) if entry.record.kind == RESTAMP else entry for entry in entries]

    def find(self, id: StatementId) -> LogIndex | None:  # noqa: A002 - the field's noun
        """Return the log index where statement `id` stands, or ``None`` if it is not among the first `size`; raises `Corruption`."""
        if not self._size:
            return None
        known = self._id_table().get(id)
        if known is None or known.index >= self._size:
            return None
        leaf: bytes = self._nodes.get(0, known.index)
        if leaf != id:
            raise Corruption(
                self._replica.ids,
                0,
                f"id {id.hex()[:16]}: index {known.index} holds {leaf.hex()[:16]}: run `stemedb rebuild`",
            )
        return known.index

    def known(self, ids: Sequence[StatementId]) -> dict[StatementId, Known]:
        """Return index and stamp of those of `ids` that the ledger holds, durable all of them; an index may lie beyond `size`.

        One read transaction; the leaves are not looked at, as `find` does. Raises `Corruption`.
        """
        if not self._size:
            return {}
        return self._id_table().get_all(ids)

    def between(self, start_hlc: Hlc, end_hlc: Hlc) -> tuple[LogIndex, LogIndex]:
        """Return the range of entries with ``start_hlc <= accepted < end_hlc``. O(log size)."""
        if self._entries is None:
            return LogIndex(0), LogIndex(0)
        start = self._entries.first_since(start_hlc, self._size)
        return start, max(start, self._entries.first_since(end_hlc, self._size))

    def checkpoint(self) -> bytes:
        """Return the newest signed note of the writer, which may be older or newer than `size`; raises `NotFound`."""
        return read_note(self._replica)

    def close(self) -> None:
        """Close all files."""
        self._wal.close()
        self._close_derived()

    def _open_entries(self) -> bool:
        state = read_state(self._replica.log)
        if not state.is_believable(current_boot()):
            raise Unavailable(
                f"{self._replica.path}: the ledger is {'being rebuilt' if state.condition is Condition.REBUILDING else 'not repaired yet'}:"
                " start ingest, or wait for it"
            )
        try:
            self._entries = EntryFile(self._replica.log, writable=False)
        except FileNotFoundError:
            return False
        return True

    def _id_table(self) -> IdTable:
        if self._ids is None:
            self._ids = IdTable(self._replica.ids, writable=False)
        return self._ids

    def _close_derived(self) -> None:
        self._nodes.close()
        if self._entries is not None:
            self._entries.close()
            self._entries = None
        if self._ids is not None:
            self._ids.close()
            self._ids = None

    def _restated(self, restamp: Entry) -> Entry:
        index = self.find(restamp.id)
        record = None if index is None or index >= restamp.index else self.entry(index).record
        if record is None or record.kind == RESTAMP:
            raise Corruption(
                self._replica.ids,
                0,
                f"id {restamp.id.hex()[:16]}: restamped at log index {restamp.index}, no statement stands before it:"
                " run `stemedb fsck`",
            )
        moved = record._replace(hlc=restamp.record.hlc, origin=restamp.record.origin)
        return restamp._replace(record=moved)

    def _position(self, index: int) -> Position:
        assert self._entries is not None, "a size above zero comes from the entries"
        return self._entries.position(index)

    def _require(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= self._size:
            raise ValueError(f"entries: got [{start}, {end}), want a range within [0, {self._size})")

    def _raise_mismatch(self, index: int, got: bytes, want: bytes) -> None:
        raise Corruption(
            self._replica.log / "00",
            index * len(want),
            f"entry {index}: got statement {got.hex()[:16]}, the leaf is {want.hex()[:16]}: run `stemedb fsck`",
        )
