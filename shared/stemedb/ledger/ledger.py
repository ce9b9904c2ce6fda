"""The ledger's one writer: what ingest writes, in the order that makes it safe.

::

    (parsed, stamp?) …
       │ drop repeats; stamp; stage the ids, which finds the known ones; restamp those whose stamp the join moves
       ▼
    1. wal/    one group commit                 ◀── durable: from here on the statements exist
    2. log/NN, ids/, log/entries                    derived, not synced: `stemedb.ledger.derived`
    3. log/checkpoint                               signed size and root
       ▼
    receipts

Crash points, all repaired by `Ledger.open` reading on in the write-ahead log through the same `Derived.apply`:

* before 1: nothing happened; staged ids vanish with their transaction;
* after 1: the statements are durable and not acknowledged; they are in the log once, and sending them again gives receipts;
* within 2: some derived files are behind; each is brought forward from its own size;
* before 3: the checkpoint is older than the log, as a checkpoint may be.

Invariants
    * A statement is in the log once and its index never changes. Its stamp changes only by a restamp, which is an entry of
      its own (see `stemedb.ledger.restamps`).
    * The signed checkpoint never claims more than the write-ahead log holds, and what it claimed once stays true. A log that
      contradicts it is `Corruption`: records were lost or exchanged, and going on would fork the history.
    * After any failure past step 1 the ledger refuses everything; the process must end.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final, NamedTuple, Self

from stemedb.clocks import HybridLogicalClock
from stemedb.crdt import encode_stamp
from stemedb.errors import Corruption, Fatal
from stemedb.ledger.derived import Batch, Derived, batch_of, entry_id, id_rows, remove_derived
from stemedb.ledger.ids import Known
from stemedb.ledger.restamps import Item, fold_repeats, moved_stamps, split_repeats
from stemedb.ledger.signed import CheckpointFile, read_checkpoint
from stemedb.ledger.state import Condition, State, current_boot, read_state, write_state
from stemedb.merkle import Checkpoint, log_origin
from stemedb.storage.files import SYSTEM, Operations
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Digest, Hlc, LogIndex, LogSize, Stamp, StatementId
from stemedb.wal import RESTAMP, Cut, Reader, Record, Writer, after
from stemedb.wal.segment import SEGMENT_BYTES, segment_path

CATCH_UP_RECORDS: Final = 8192  # enough ids to share pages of the id table, few enough to be cheap to keep
CATCH_UP_BYTES: Final = 4 << 20  # bounds the memory of catching up

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


class Receipt(NamedTuple):
    """What became of one statement; it is durable."""

    id: StatementId
    index: LogIndex  # type: ignore[assignment]  # the field's noun, above tuple.index
    duplicate: bool
    """Whether it was in the log already, or came twice in one batch."""
    stamp: Stamp
    """The stamp in the log, whoever sent it first."""
    restamped: bool = False
    """Whether the stamp it came with took the place of the one it had; `stamp` is the new one."""


class Ledger:
    """The open ledger; made by `open`. One thread calls."""

    def __init__(
        self,
        replica: ReplicaDirectory,
        writer: Writer,
        derived: Derived,
        signed: CheckpointFile,
        operations: Operations,
    ) -> None:
        """Adopt opened files; use `open` instead."""
        self._replica = replica
        self._writer = writer
        self._derived = derived
        self._operations = operations
        self._clock = HybridLogicalClock(writer.accepted)
        self._signed = signed
        self._checkpoint = b""
        self._failure: BaseException | None = None
        self._closed = False

    @classmethod
    def open(
        cls,
        replica: ReplicaDirectory,
        now_ms: int,
        *,
        rebuild: bool = False,
        progress: Progress | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        operations: Operations = SYSTEM,
    ) -> Self:
        """Open the ledger of `replica` for writing: repair what a crash left, catch up, and give out receipts again.

        With `rebuild` the derived files are computed again whatever their state. Raises `Locked`, `Corruption`,
        `UnsupportedFormat` or `DurabilityLost`. O(newest segment) after a clean stop or the death of a process, O(log) after the
        operating system stopped.
        """
        with ExitStack() as opened:
            writer = Writer.open(replica.wal, segment_bytes=segment_bytes, operations=operations)
            opened.callback(writer.close)
            derived = _open_derived(replica, writer, rebuild, progress or _silent, operations)
            opened.callback(derived.close)
            signed = CheckpointFile(replica, operations)
            opened.callback(signed.close)
            ledger = cls(replica, writer, derived, signed, operations)
            ledger._clock.tick(now_ms)  # a fresh reading, even if nothing is appended
            ledger._sign()
            opened.pop_all()
            return ledger

    @property
    def size(self) -> LogSize:
        """How many entries the log holds."""
        return self._derived.size

    @property
    def clock(self) -> HybridLogicalClock:
        """The replica's clock, which this ledger owns."""
        return self._clock

    @property
    def recovered(self) -> Cut | None:
        """The torn tail that was cut from the write-ahead log on opening, if there was one."""
        return self._writer.recovered

    def root(self) -> Digest:
        """Return the Merkle root of all entries."""
        return self._derived.log.root()

    def checkpoint(self) -> bytes:
        """Return the signed note of size and root."""
        return self._checkpoint

    def append(self, items: Sequence[Item], now_ms: int) -> list[Receipt]:
        """Take in `items` and return one receipt for each, in order; durable when it returns.

        Raises `ClockDrift`, and takes nothing in, if a stamp is too far ahead of `now_ms`; `ValueError` if one is no stamp. Raises `DurabilityLost` if the disk fails: then
        nothing may be acknowledged and the process must end.
        """
        self._require_usable()
        first_of = {item[0].id: item for item in items}
        repeats: list[Item] = []
        if len(first_of) != len(items):
            first_of, repeats = split_repeats(items)
        accepted = self._reserve(items, now_ms)
        known: dict[StatementId, Known] = {}
        moved: dict[StatementId, Stamp] = {}
        try:
            fresh = list(first_of.values())
            batch = self._batch(fresh, repeats, moved, accepted)
            if not self._stage(batch):
                known = self._derived.ids.get_all(first_of)
                moved = moved_stamps(items, known)
                fresh = [item for key, item in first_of.items() if key not in known]
                batch = self._batch(fresh, repeats, moved, accepted)
                if not self._stage(batch):
                    raise Corruption(
                        self._replica.ids, 0, "an id is known to a transaction and unknown to the next"
                    )
            if batch.ids:
                self._commit(batch)
        except BaseException as error:
            self._failure = error
            self._derived.ids.discard()
            raise
        receipts = _receipts(batch, len(fresh))
        if len(fresh) == len(items):
            return receipts
        return _in_order(items, receipts, known, moved)

    def close(self) -> None:
        """Make the derived files durable, say so, and give the lock back; closing twice does nothing."""
        if self._closed:
            return
        try:
            if self._failure is None:
                self._derived.sync()
                self._signed.sync()
                # If we crash here, the state still says "open", and the next writer finds everything as after a crash.
                write_state(self._replica.log, State(Condition.CLOSED, current_boot()), self._operations)
        finally:
            self._release()

    def _reserve(self, items: Sequence[Item], now_ms: int) -> Hlc:
        """Absorb the stamps of `items` and return the first of as many readings, all larger than any stamp."""
        stamps = [stamp for _, stamp in items if stamp is not None]
        if stamps:
            for stamp in stamps:
                encode_stamp(stamp)  # refuses what could not be read again
            self._clock.receive(max(stamp.hlc for stamp in stamps), now_ms)
        return self._clock.ticks(now_ms, max(len(items), 1))

    def _batch(
        self, fresh: list[Item], repeats: list[Item], moved: dict[StatementId, Stamp], accepted: int
    ) -> Batch:
        """Return the records of `fresh`, joined with `repeats`, then those of the restamps `moved`."""
        new, own = tuple.__new__, self._replica.name
        records: list[Record] = []
        push = records.append
        for parsed, stamp in fresh:
            kind, _, canonical, signature, _ = parsed
            hlc, origin = (accepted, own) if stamp is None else stamp
            push(new(Record, (kind, hlc, origin, accepted, canonical, signature)))
            accepted += 1
        if repeats:
            fold_repeats(records, fresh, repeats)
        for key, (hlc, origin) in moved.items():
            push(Record(RESTAMP, hlc, origin, Hlc(accepted), key, b""))
            accepted += 1
        return Batch(self.size, [*[item[0].id for item in fresh], *moved], records, [])

    def _stage(self, batch: Batch) -> bool:
        """Stage the ids of `batch`, if it has any; return false if one that must be new is known."""
        if not batch.ids:
            return True
        rows, moves = id_rows(batch)
        return self._derived.ids.stage(rows, batch.first + len(batch.ids), moves)

    def _commit(self, batch: Batch) -> None:
        positions = self._writer.append_checked(batch.records)
        # If we crash here, the statements are durable and unacknowledged.
        self._derived.apply(batch._replace(positions=positions), staged=True)
        # If we crash here, the checkpoint is one batch old.
        self._sign()

    def _sign(self) -> None:
        checkpoint = Checkpoint(log_origin(self._replica.name), self.size, self.root())
        self._checkpoint = self._signed.write(checkpoint)

    def _require_usable(self) -> None:
        assert not self._closed, "the ledger is closed"
        if isinstance(self._failure, Fatal):
            raise self._failure
        assert self._failure is None, f"the ledger failed: {self._failure!r}"

    def _release(self) -> None:
        self._closed = True
        self._derived.close()
        self._signed.close()
        self._writer.close()


def _open_derived(
    replica: ReplicaDirectory, writer: Writer, rebuild: bool, progress: Progress, operations: Operations
) -> Derived:
    """Open the derived files, caught up with the log, computing them again if they cannot be believed."""
    boot = current_boot()
    replica.log.mkdir(exist_ok=True)
    believable = read_state(replica.log).is_believable(boot) and not rebuild
    checkpoint = read_checkpoint(replica, strict=believable)
    _require_held(replica, writer, checkpoint.size if checkpoint else 0, "log/checkpoint is signed for")
    if believable:
        # If we crash from here on, the files are those of a process that died in this boot.
        write_state(replica.log, State(Condition.OPEN, boot), operations)
        derived = _continue(replica, writer, checkpoint, progress, operations)
        if derived is not None:
            return derived
    # If we crash from here on, the next writer begins again.
    write_state(replica.log, State(Condition.REBUILDING, boot), operations)
    remove_derived(replica)
    derived = Derived(replica, operations)
    try:
        _catch_up(replica, writer, derived, progress)
        if not _agrees(derived, checkpoint):
            raise Corruption(
                replica.log / "checkpoint",
                0,
                f"the write-ahead log has another root at size {checkpoint.size if checkpoint else 0} than was signed:"
                " it was changed or exchanged: restore it from a copy; without one, if other replicas have taken in what it held, remove"
                " wal/, log/, ids/ and index/ but not keys/, and start again: it comes back from them",
            )
        write_state(replica.log, State(Condition.OPEN, boot), operations)
    except BaseException:
        derived.close()
        raise
    return derived


def _continue(
    replica: ReplicaDirectory,
    writer: Writer,
    checkpoint: Checkpoint | None,
    progress: Progress,
    operations: Operations,
) -> Derived | None:
    """Open believable derived files and catch up; ``None`` if they turn out damaged."""
    try:
        derived = Derived(replica, operations)
    except Corruption:
        return None
    try:
        _require_held(replica, writer, derived.claimed, "the derived files know")
        if _catch_up(replica, writer, derived, progress) and _agrees(derived, checkpoint):
            return derived
    except BaseException:
        derived.close()
        raise
    derived.close()
    return None


def _require_held(replica: ReplicaDirectory, writer: Writer, claimed: int, who: str) -> None:
    """Raise `Corruption` if acknowledged statements are missing from the write-ahead log."""
    if claimed > writer.size:
        segment, end, _ = writer.committed
        raise Corruption(
            segment_path(replica.wal, segment),
            end,
            f"the log ends after {writer.size} statements, {who} {claimed}: acknowledged records are missing:"
            " restore wal/ from a copy; without one, if other replicas have taken in what it held, remove wal/, log/, ids/ and index/"
            " but not keys/, and start again: it comes back from them",
        )


def _agrees(derived: Derived, checkpoint: Checkpoint | None) -> bool:
    return checkpoint is None or derived.log.root(checkpoint.size) == checkpoint.root


def _catch_up(replica: ReplicaDirectory, writer: Writer, derived: Derived, progress: Progress) -> bool:
    """Apply what the write-ahead log has beyond the derived files; false if those do not belong to it."""
    reader = Reader(replica.wal)
    try:
        position = None
        if derived.size:
            last = derived.position(derived.size - 1)
            try:
                record = reader.read_at(last)
            except Corruption:
                return False
            leaf: bytes = derived.log.node(0, derived.size - 1)
            if entry_id(record) != leaf:
                return False
            position = after(last, record)
        while derived.size < writer.size:
            run = reader.read_run(position, records_max=CATCH_UP_RECORDS, bytes_max=CATCH_UP_BYTES)
            if not run.records:
                raise Corruption(
                    segment_path(replica.wal, run.segment),
                    run.next.offset,
                    f"no record for log index {derived.size}",
                )
            derived.apply(batch_of(derived.size, run.positions(), run.records))
            position = run.next
            progress(derived.size, writer.size)
        return True
    finally:
        reader.close()


def _receipts(batch: Batch, fresh: int) -> list[Receipt]:
    """Return the receipts of the first `fresh` entries of `batch`, which are its new statements."""
    new = tuple.__new__
    columns = zip(batch.ids[:fresh], batch.records[:fresh], strict=True)
    return [
        new(Receipt, (key, index, False, new(Stamp, (record.hlc, record.origin)), False))
        for index, (key, record) in enumerate(columns, start=batch.first)
    ]


def _in_order(
    items: Sequence[Item],
    receipts: list[Receipt],
    known: dict[StatementId, Known],
    moved: dict[StatementId, Stamp],
) -> list[Receipt]:
    """Return one receipt per item: a new one for the first of its id, a duplicate's for all others."""
    new = {receipt.id: receipt for receipt in receipts}
    duplicates = {
        key: Receipt(key, found.index, True, moved.get(key, found.stamp), key in moved)
        for key, found in known.items()
    }
    ordered = []
    for parsed, _ in items:
        receipt = new.pop(parsed.id, None)
        if receipt is None:
            receipt = duplicates[parsed.id]
        else:
            duplicates[parsed.id] = receipt._replace(duplicate=True)
        ordered.append(receipt)
    return ordered


def _silent(done: int, total: int) -> None:
    """Report no progress."""
