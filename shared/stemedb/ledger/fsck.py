"""Checking the ledger: everything derived is computed again from the write-ahead log and compared, nothing is changed.

::

    wal/ ── records ─┬─ checksum, number, time       (the reader)
                     ├─ id = BLAKE3(canonical) ──▶ log/NN   every node of every level
                     ├─ position, time ──────────▶ log/entries
                     └─ id, index, stamp ────────▶ ids/
         log/checkpoint: signature, size, root

A restamp is compared like every entry, but in ids/ it is the statement's row that must hold its stamp, unless a later one moved
it on. Whether each moves its stamp along the join is the projection's to judge, which knows the kinds.

It may run while the writer appends: it looks at what was durable when it began. O(log), a few microseconds per statement; memory
is one chunk.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from stemedb.errors import Corruption, NotFound, StemeError
from stemedb.ledger.derived import Batch, batch_of
from stemedb.ledger.entries import ENTRY_BYTES, EntryFile, encode_entries
from stemedb.ledger.ids import IdTable, Known
from stemedb.ledger.ledger import Progress
from stemedb.ledger.node_files import NodeFiles
from stemedb.ledger.signed import read_checkpoint
from stemedb.ledger.state import current_boot, read_state
from stemedb.merkle import MerkleLog
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import DIGEST_BYTES, Digest, LogIndex, LogSize, Stamp, StatementId
from stemedb.wal import RESTAMP, Position, Reader
from stemedb.wal.segment import list_segments

PROBLEMS_MAX: Final = 100  # beyond that more lines tell nothing new
CHUNK_RECORDS: Final = 8192


class Report(NamedTuple):
    """What a check found."""

    statements: LogSize
    """How many entries were checked, restamps included."""
    root: Digest
    """Their Merkle root, computed from the write-ahead log."""
    problems: tuple[str, ...]
    """One line each, with file and place."""
    restamps: int = 0
    """How many of the entries only give another stamp to a statement."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check(replica: ReplicaDirectory, progress: Progress | None = None) -> Report:
    """Compare the write-ahead log of `replica` with everything derived from it.

    Problems are returned, not raised. `progress` is called with statements done and in all.
    """
    return _Check(replica).run(progress)


class _Check:
    """One run: the files, opened for reading, and the problems so far."""

    def __init__(self, replica: ReplicaDirectory) -> None:
        self.replica = replica
        self.problems: list[str] = []
        self.wal = Reader(replica.wal)
        self.nodes = _ComparingStore(replica, self.note)
        self.log = MerkleLog(self.nodes)
        self.entries: EntryFile | None = None
        self.ids: IdTable | None = None
        self.restamps = 0
        self.unsettled: dict[StatementId, tuple[Stamp, str]] = {}
        """Stamps in the id table that no record has given so far, and what to say unless a restamp follows that does."""

    def note(self, problem: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)

    def run(self, progress: Progress | None) -> Report:
        try:
            total = self._open()
            position = None
            while self.log.size < total and len(self.problems) < PROBLEMS_MAX:
                run = self.wal.read_run(position, records_max=min(CHUNK_RECORDS, total - self.log.size))
                if not run.records:
                    self.note(f"{self.replica.wal}: no record for log index {self.log.size}")
                    break
                self._compare(batch_of(self.log.size, run.positions(), run.records))
                position = run.next
                if progress is not None:
                    progress(self.log.size, total)
            self._settle(position)
            self._compare_totals(total)
        except StemeError as error:
            self.note(error.message)
        finally:
            self._close()
        return Report(self.log.size, self.log.root(), tuple(self.problems), self.restamps)

    def _open(self) -> LogSize:
        replica = self.replica
        committed = self.wal.committed()
        if not committed.segment and replica.wal.is_dir() and list_segments(replica.wal):
            self.note(f"{replica.wal / 'committed'}: missing or damaged: open the ledger once to repair it")
        if committed.size and not read_state(replica.log).is_believable(current_boot()):
            self.note(
                f"{replica.log / 'state'}: the derived files were not closed before the system stopped: open the ledger once"
            )
        if committed.size:
            try:
                self.entries = EntryFile(replica.log, writable=False)
            except FileNotFoundError:
                self.note(f"{replica.log / 'entries'}: missing")
            try:
                self.ids = IdTable(replica.ids, writable=False)
            except Corruption as error:
                self.note(error.message)
        return committed.size

    def _compare(self, batch: Batch) -> None:
        self.log.append(batch.ids)
        self.restamps += sum([record.kind == RESTAMP for record in batch.records])
        if self.entries is not None:
            self._compare_entries(self.entries, batch)
        if self.ids is not None:
            self._compare_ids(self.ids, batch)

    def _compare_entries(self, entries: EntryFile, batch: Batch) -> None:
        want = encode_entries(batch.positions, [record.accepted for record in batch.records])
        try:
            got = entries.get_range(batch.first, batch.first + len(batch.ids))
        except Corruption as error:
            self.note(error.message)
            return
        for at in _differences(got, want, ENTRY_BYTES):
            index = batch.first + at
            self.note(
                f"{entries.path}: offset {index * ENTRY_BYTES}: entry {index} does not lead to its record"
            )

    def _compare_ids(self, ids: IdTable, batch: Batch) -> None:
        known = ids.get_all(batch.ids)
        for index, (key, record) in enumerate(zip(batch.ids, batch.records, strict=True), start=batch.first):
            got = known.get(key)
            stamp = Stamp(record.hlc, record.origin)
            if got is None:
                self.note(f"{ids.path}: id {key.hex()[:16]} of log index {index} is missing")
            elif record.kind == RESTAMP:
                self._compare_restamp(ids, key, index, got, stamp)
            elif got != Known(LogIndex(index), stamp):
                problem = (
                    f"{ids.path}: id {key.hex()[:16]}: got index {got.index} and stamp {got.stamp.hlc} {got.stamp.origin},"
                    f" want {index} and {record.hlc} {record.origin}"
                )
                if got.index == index:
                    self.unsettled[key] = got.stamp, problem
                else:
                    self.note(problem)

    def _compare_restamp(self, ids: IdTable, key: StatementId, index: int, got: Known, stamp: Stamp) -> None:
        if got.index >= index:
            self.note(
                f"{ids.path}: id {key.hex()[:16]}: restamped at log index {index}, its statement stands at {got.index}"
            )
        if got.stamp == stamp:
            self.unsettled.pop(key, None)
        else:
            problem = (
                f"{ids.path}: id {key.hex()[:16]}: got stamp {got.stamp.hlc} {got.stamp.origin},"
                f" want {stamp.hlc} {stamp.origin} of the restamp at log index {index}"
            )
            self.unsettled[key] = got.stamp, problem

    def _settle(self, position: Position | None) -> None:
        """Look for the restamps of stamps still `unsettled` in what the writer appended during the check."""
        while self.unsettled:
            run = self.wal.read_run(position, records_max=CHUNK_RECORDS)
            if not run.records:
                break
            given = {
                (record.canonical, record.hlc, record.origin)
                for record in run.records
                if record.kind == RESTAMP
            }
            self.unsettled = {
                key: (stamp, problem)
                for key, (stamp, problem) in self.unsettled.items()
                if (key, *stamp) not in given
            }
            position = run.next
        for _, problem in self.unsettled.values():
            self.note(problem)

    def _compare_totals(self, total: int) -> None:
        """Compare how much each file claims with what the write-ahead log holds by now."""
        counts = {} if self.entries is None else {"log/entries": self.entries.measure()}
        counts["log/00"] = self.nodes.files.measure()
        if self.ids is not None:
            held, noted = self.ids.counts()
            counts["ids"] = held + self.restamps
            surplus = held + self.restamps - noted
            # Which entries that came after `total` are restamps is not known, so a lack may then be none.
            if surplus > 0 or (surplus < 0 and noted <= total):
                self.note(
                    f"{self.ids.path}: holds {held} ids and says {noted}, {self.restamps} of them restamps"
                )
        durable = self.wal.committed().size
        for name, count in counts.items():
            if count > durable:
                self.note(
                    f"{self.replica.path / name}: holds {count} statements, the write-ahead log {durable}"
                )
        self._compare_checkpoint()

    def _compare_checkpoint(self) -> None:
        path = self.replica.log / "checkpoint"
        try:
            checkpoint = read_checkpoint(self.replica, strict=True)
        except (Corruption, NotFound) as error:
            self.note(error.message)
            return
        if checkpoint is None:
            if self.log.size:
                self.note(f"{path}: missing")
        elif checkpoint.size > self.wal.committed().size:
            self.note(
                f"{path}: signed for {checkpoint.size} statements, the write-ahead log holds {self.log.size}"
            )
        elif checkpoint.size <= self.log.size and not self.problems:
            root = self.log.root(checkpoint.size)
            if root != checkpoint.root:
                self.note(
                    f"{path}: root at {checkpoint.size}: got {checkpoint.root.hex()[:16]}, want {root.hex()[:16]}"
                )

    def _close(self) -> None:
        self.wal.close()
        self.nodes.files.close()
        if self.entries is not None:
            self.entries.close()
        if self.ids is not None:
            self.ids.close()


class _ComparingStore:
    """A node store that compares what it is given with what the level files hold, and keeps only the right edge."""

    def __init__(self, replica: ReplicaDirectory, note: Callable[[str], None]) -> None:
        self.files = NodeFiles(replica.log, writable=False)
        self._directory = replica.log
        self._note = note
        self._counts: list[int] = []

    def append(self, level: int, digests: bytes) -> None:
        self._counts += [0] * (level + 1 - len(self._counts))
        start = self._counts[level]
        self._counts[level] = start + len(digests) // DIGEST_BYTES
        try:
            got = self.files.get_range(level, start, self._counts[level])
        except Corruption as error:
            self._note(error.message)
            return
        for at in _differences(got, digests, DIGEST_BYTES):
            index = start + at
            want = digests[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES]
            self._note(
                f"{self._directory / f'{level:02d}'}: offset {index * DIGEST_BYTES}: node {index} is not {want.hex()[:16]}"
            )

    def get(self, level: int, index: int) -> Digest:
        return self.files.get(level, index)

    def get_range(self, level: int, start: int, end: int) -> bytes:
        return self.files.get_range(level, start, end)

    def size(self) -> LogSize:
        return LogSize(self._counts[0] if self._counts else 0)


def _differences(got: bytes, want: bytes, width: int) -> list[int]:
    """Return the numbers of the rows in which two equally long runs of rows differ."""
    if got == want:
        return []
    return [at // width for at in range(0, len(want), width) if got[at : at + width] != want[at : at + width]]
