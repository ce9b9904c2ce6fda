"""The projection: the map of living statements, made from the log by joins and by nothing else.

::

    ledger  │ 0 … 41 199 │ 41 200 … 41 949 │ …         entries, in log order
                                │
                      decode, map_entries
                                ▼
    tree    ── merge(batch, join) ──▶ commit(nodes + Mark 41 950)      one write, one fdatasync

Invariants
    * The map is a function of the *set* of the first `applied` log entries. How they were cut into batches, how often the process was
      killed in between, and what was applied twice cannot be seen in it: the joins are commutative, associative and idempotent, and
      the tree is canonical.
    * The map and `applied` are in one commit. A crash anywhere leaves the last whole commit; reading on from there repairs it.
      Recovery is the normal path.
    * The log root in the mark was the ledger's root at that size. A ledger that is shorter, or has another root
      there, is another history: it is refused with WrongReplica, never mixed in.

Readers see the last commit and nothing of a batch in work. One process writes the file, any number read it.

What it does not do: it never changes the ledger, and it knows no statement that the ledger does not hold.
"""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from stemedb.crdt import join, map_entries
from stemedb.errors import WrongReplica
from stemedb.ledger import Entry, LedgerReader
from stemedb.merkle import EMPTY_ROOT
from stemedb.projection.meta import Mark, decode_mark, encode_mark
from stemedb.projection.prove import Evidence
from stemedb.projection.view import View
from stemedb.statements import decode_canonical
from stemedb.storage.replica import ReplicaDirectory
from stemedb.storage.tree_file import TreeFile
from stemedb.types import Digest, Hlc, Kind, LogSize, Stamp

FILE_NAME: Final = "map.mst"

CACHE_BYTES: Final = 64 << 20
"""Nodes kept decoded by the writer; what makes batches into a map of millions cheap, and the larger part of its memory."""

BATCH_ENTRIES: Final = 4096
"""Entries in a commit at least, if there are so many: some 100 ms of work."""

CATCH_UP_ENTRIES: Final = 65_536
"""Entries in a commit at most: the larger a batch, the more of each path it shares, and the more memory it takes. At a million
keys in random order a batch of this size costs half of what one of a quarter does, and 60 MB."""

LAG_SHARE: Final = 4
"""A batch takes this part of the lag: far behind throughput counts, close to level the next commit does."""

READ_ENTRIES: Final = 4096
"""Entries read and decoded at a time; of a batch in work only keys and values are kept, not statements."""

SAMPLE_ENTRIES: Final = 1000
"""Entries whose size stands for that of all, when it is asked whether a compaction is due; read in about a millisecond."""

ENTRY_OVERHEAD_BYTES: Final = 16
"""What an entry takes in the file besides key and value: its share of lengths, digests and places."""

LOOK_AGAIN: Final = 1.1
"""The file must have grown by this factor before it is estimated again."""

_KINDS: Final = {int(kind): kind for kind in Kind}


class Applied(NamedTuple):
    """One batch that went into the map, and what it took."""

    start: LogSize
    end: LogSize
    changed: int
    """Map entries added or changed."""
    root: Digest
    """The root of the map after it."""
    oldest: Hlc
    """When this replica accepted the first of the batch, the one that has waited longest."""
    newest: Hlc
    """When it accepted the last."""
    apply_s: float
    commit_s: float


class Projection:
    """The map of one replica, open. Not shared between threads; the writer holds the file's lock.

    Use as a context manager, or `close` it.
    """

    def __init__(self, replica: ReplicaDirectory, file: TreeFile) -> None:
        self._replica = replica
        self._file = file
        self._mark = self._read_mark()
        self._checked = False
        self._looked_at_bytes = 0

    @classmethod
    def open(
        cls,
        replica: ReplicaDirectory,
        *,
        writable: bool = False,
        create: bool = True,
        path: Path | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> Self:
        """Open the map in `replica`, or another file of it at `path`; with `writable` be its one writer.

        A writer makes the file if it is not there and `create` is true. Raises NotFound, Locked, WrongReplica (another
        replica's or realm's), UnsupportedFormat or Corruption.
        """
        if writable and create:
            replica.index.mkdir(exist_ok=True)  # whoever emptied it may have taken the folder too
        file = TreeFile.open(
            path or replica.index / FILE_NAME,
            replica.realm,
            writable=writable,
            create=writable and create,
            cache_bytes=cache_bytes,
        )
        try:
            return cls(replica, file)
        except BaseException:
            file.close()
            raise

    @property
    def mark(self) -> Mark:
        """How much of the log the last commit contains."""
        return self._mark

    @property
    def applied(self) -> LogSize:
        """How many entries of the log are in the map."""
        return self._mark.applied

    @property
    def root(self) -> Digest:
        """The root of the map at the last commit."""
        return self._file.last.digest

    @property
    def keys(self) -> int:
        """How many entries the map holds."""
        return self._file.last.count

    @property
    def file(self) -> TreeFile:
        """The file below, for its size and counters."""
        return self._file

    def catch_up(self, reader: LedgerReader, upto: int | None = None, batch: int | None = None) -> int:
        """Apply what `reader` has beyond `applied`, at most up to the log size `upto`; return how many entries that were.

        Requires a writable projection and ``batch >= 1``; by default batches grow when far behind. Each batch is durable
        before the next begins. Raises WrongReplica if the ledger is not the one that the map was made from.
        """
        before = self.applied
        while self.step(reader, upto, batch) is not None:
            pass
        return self.applied - before

    def step(
        self,
        reader: LedgerReader,
        upto: int | None = None,
        batch: int | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Applied | None:
        """Apply the next batch as `catch_up` does; return what it was, None if there was nothing to apply.

        Durable when it returns. As soon as `stop` answers true while the batch is still being read, it is given up: None.
        """
        reader.refresh()
        if not self._checked:
            self.check_history(reader)
        start = self.applied
        target = reader.size if upto is None else min(upto, reader.size)
        if start >= target:
            return None
        step = batch or min(max(BATCH_ENTRIES, (target - start) // LAG_SHARE), CATCH_UP_ENTRIES)
        return self._apply(reader, LogSize(min(start + step, target)), stop)

    def _apply(self, reader: LedgerReader, end: LogSize, stop: Callable[[], bool]) -> Applied | None:
        """Apply the entries [applied, end) as one batch. Requires ``applied < end <= reader.size``."""
        began = time.perf_counter()
        start = self.applied
        items: list[tuple[bytes, bytes]] = []
        accepted: list[Hlc] = []
        for at in range(start, end, READ_ENTRIES):
            if stop():
                return None
            entries = reader.statements(at, min(at + READ_ENTRIES, end))
            items += map_items(reader.restated(entries))
            accepted += (entries[0].record.accepted, entries[-1].record.accepted)
        mark = Mark(end, reader.log.root(end), accepted[-1], self._replica.name)
        changed = self._file.tree.merge(items, join)
        merged = time.perf_counter()
        # If we crash here, nothing of the batch is in the file: the next start reads it from the log again.
        self._file.commit(encode_mark(mark))
        self._mark = mark
        committed = time.perf_counter()
        return Applied(
            start,
            end,
            changed,
            self.root,
            accepted[0],
            mark.clock,
            merged - began,
            committed - merged,
        )

    def check_history(self, reader: LedgerReader) -> None:
        """Raise WrongReplica unless the map was made from the beginning of this very ledger."""
        applied = self.applied
        if applied > reader.size:
            raise WrongReplica(
                f"{self._file.path}: has {applied} entries of {self._replica.name} applied, but its ledger holds {reader.size}:"
                " restore the ledger, or make the map anew with `stemedb rebuild`"
            )
        root = reader.log.root(applied)
        if root != self._mark.log_root:
            raise WrongReplica(
                f"{self._file.path}: log root at {applied} entries: got {root.hex()[:16]} from the ledger, want"
                f" {self._mark.log_root.hex()[:16]}: it was made from another ledger; make it anew with `stemedb rebuild`"
            )
        self._checked = True

    def refresh(self) -> bool:
        """Go to the newest commit of the writer, for a reader; return whether there was one."""
        if not self._file.refresh():
            return False
        self._mark = self._read_mark()
        return True

    def view(self, reader: LedgerReader) -> View:
        """Return the map at the last commit, with `reader` to fetch statements from; later commits do not change it."""
        return View(Evidence(self._replica, self._file.snapshot(), self._mark, reader))

    def compaction_due(self, ratio: float, bytes_min: int) -> bool:
        """Whether the file has at least `bytes_min` bytes and `ratio` times those of its living entries, by estimate.

        O(1): the living bytes are estimated from the first `SAMPLE_ENTRIES` entries.
        """
        file_bytes = self._file.file_bytes
        if file_bytes < max(bytes_min, self._looked_at_bytes * LOOK_AGAIN):
            return False
        self._looked_at_bytes = file_bytes
        sample = [
            len(key) + len(value) for key, value in islice(self._file.snapshot().items(), SAMPLE_ENTRIES)
        ]
        if not sample:
            return False
        living = self.keys * (sum(sample) / len(sample) + ENTRY_OVERHEAD_BYTES)
        return file_bytes >= ratio * living

    def compact(self) -> None:
        """Rewrite the file with nothing but the living nodes; durable when it returns, readers reopen by themselves."""
        self._file.compact()
        self._looked_at_bytes = 0

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_mark(self) -> Mark:
        last = self._file.last
        if not last.meta:
            return Mark(LogSize(0), EMPTY_ROOT, Hlc(0), self._replica.name)
        mark = decode_mark(last.meta, self._file.path, last.offset)
        if mark.replica != self._replica.name:
            raise WrongReplica(
                f"{self._file.path}: is the map of {mark.replica}, want {self._replica.name}: move it away, or make it anew with"
                " `stemedb rebuild`"
            )
        return mark


def map_items(entries: Sequence[Entry]) -> list[tuple[bytes, bytes]]:
    """Return the map entries of log `entries`, in log order: unsorted, and a key may come more than once.

    Requires statements, as `LedgerReader.restated` returns them: a restamp by itself has no key.
    """
    return map_entries(
        [
            (_KINDS[record.kind], decode_canonical(record.canonical), id, Stamp(record.hlc, record.origin))
            for _, id, record in entries  # noqa: A001 - the field's noun
        ]
    )
