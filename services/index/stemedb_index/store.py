"""What happens on the two threads: one brings the map up to the log, the other answers from the last commit.

::

    writing   ledger ──▶ Projection (the file's one writer) ──▶ commit
                                                                   ┊ the file
    reading   ledger ──▶ Projection (a reader of the file) ──▶ View ──▶ answer

Each thread has its own handle on the file and on the ledger, so neither waits for the other and no lock is needed. The methods
block and belong to the thread they are named after; they know no bus and no metrics.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

from stemedb.errors import Corruption, NotFound, Unavailable
from stemedb.ledger import LedgerReader
from stemedb.projection import Applied, Projection, View
from stemedb.projection.map import FILE_NAME
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import LogSize
from stemedb_index.memory import LARGE_BATCH, MAPPED_BYTES_MAX, give_back, mapped_bytes
from stemedb_index.mending import put_aside
from stemedb_index.metrics import FileReadings
from stemedb_index.settings import IndexSettings

T = TypeVar("T")


class Position(NamedTuple):
    """How far the map and the log are."""

    applied: LogSize
    log_size: LogSize
    keys: int

    @property
    def lag(self) -> int:
        """How many durable entries the map has not taken in."""
        return self.log_size - self.applied


class Compacted(NamedTuple):
    """One compaction: what it gained and how long it kept commits waiting."""

    before_bytes: int
    after_bytes: int
    seconds: float


class Mended(NamedTuple):
    """A damaged map, and where it is now."""

    error: Corruption
    aside: Path


class Writing:
    """The writer of the map. Belongs to the writing thread."""

    def __init__(
        self,
        replica: ReplicaDirectory,
        projection: Projection,
        reader: LedgerReader,
        settings: IndexSettings,
        mended: Mended | None = None,
    ) -> None:
        self.mended = mended
        """What was wrong with the map when it was opened, if anything was."""
        self._replica = replica
        self._projection = projection
        self._reader = reader
        self._cache_bytes = settings.index_cache_bytes
        self._ratio = settings.index_compact_ratio
        self._bytes_min = settings.index_compact_bytes_min

    @classmethod
    def open(cls, settings: IndexSettings) -> Self:
        """Open the map, or make it, and be its one writer. One that is damaged is put aside and begun anew.

        Raises NotFound while there is no replica, Unavailable while its ledger waits for ingest to repair it, and Locked,
        WrongReplica, UnsupportedFormat or the Corruption of anything else for good.
        """
        replica, reader = _open_ledger(settings)
        mended = None
        try:
            try:
                projection = _open_map(replica, settings.index_cache_bytes)
            except Corruption as error:
                if error.path != str(replica.index / FILE_NAME):
                    raise
                mended = Mended(error, put_aside(replica.index / FILE_NAME))
                projection = _open_map(replica, settings.index_cache_bytes)
        except BaseException:
            reader.close()
            raise
        return cls(replica, projection, reader, settings, mended)

    def is_about_the_map(self, error: Corruption) -> bool:
        """Whether it is the map that `error` found damaged, and not the log."""
        return error.path == str(self._projection.file.path)

    def mend(self, error: Corruption) -> Mended:
        """Put the map aside, which `error` found damaged, and begin it anew; `step` then makes it from the log.

        Readers find the new file at their next refresh. Durable when it returns.
        """
        self._projection.close()
        mended = Mended(error, put_aside(self._projection.file.path))
        self._projection = _open_map(self._replica, self._cache_bytes)
        return mended

    def position(self) -> Position:
        """Return how far the map and the log are, as of the last `step`."""
        return Position(self._projection.applied, self._reader.size, self._projection.keys)

    def step(self, stop: Callable[[], bool]) -> Applied | None:
        """Apply one batch of what the log holds beyond the map; None if there is nothing. Durable when it returns.

        A batch that is still being read is given up when `stop` answers true.

        Raises WrongReplica if the log is not the one that the map was made from.
        """
        applied = self._projection.step(self._reader, stop=stop)
        if applied is not None and applied.end - applied.start >= LARGE_BATCH:
            give_back()
        return applied

    def compact_if_due(self) -> Compacted | None:
        """Compact the file if enough of it is no longer reachable; None if that was not due. Durable when it returns."""
        if not self._projection.compaction_due(self._ratio, self._bytes_min):
            return None
        started = time.perf_counter()
        before = self._projection.file.file_bytes
        self._projection.compact()
        give_back()
        return Compacted(before, self._projection.file.file_bytes, time.perf_counter() - started)

    def readings(self) -> FileReadings:
        """Return the counters of the file; may be called from any thread."""
        return _readings(self._projection)

    def close(self) -> None:
        """Let file and ledger go."""
        self._projection.close()
        self._reader.close()


class Reading:
    """A reader of the map. Belongs to the reading thread."""

    def __init__(self, replica: ReplicaDirectory, projection: Projection, reader: LedgerReader) -> None:
        self._replica = replica
        self._projection = projection
        self._reader: LedgerReader | None = reader

    @classmethod
    def open(cls, settings: IndexSettings) -> Self:
        """Open the map for reading; it must be there, so the writer comes first. Raises as `Writing.open` does."""
        replica, reader = _open_ledger(settings)
        try:
            projection = Projection.open(replica, cache_bytes=settings.index_read_cache_bytes)
        except BaseException:
            reader.close()
            raise
        return cls(replica, projection, reader)

    def answer(self, ask: Callable[[View], T]) -> T:
        """Return what `ask` makes of the last commit; raises Unavailable while the ledger is repaired."""
        reader = self._reader
        if reader is None or mapped_bytes() > MAPPED_BYTES_MAX:
            reader = self._open_anew()
        # The map first: the log is then at or beyond it, so that every entry of the map finds its statement.
        try:
            self._projection.refresh()
        except NotFound as error:
            raise Unavailable(f"the map is being made anew: {error.message}") from None
        reader.refresh()
        return ask(self._projection.view(reader))

    def readings(self) -> FileReadings:
        """Return the counters of the file; may be called from any thread."""
        return _readings(self._projection)

    def close(self) -> None:
        """Let file and ledger go."""
        self._projection.close()
        self._let_go()

    def _open_anew(self) -> LedgerReader:
        """Open the ledger anew, which unmaps its id table; the pages stay in the kernel's cache."""
        self._let_go()
        self._reader = LedgerReader(self._replica)  # where this raises, the next answer tries again
        return self._reader

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _open_ledger(settings: IndexSettings) -> tuple[ReplicaDirectory, LedgerReader]:
    replica = ReplicaDirectory.open(settings.data_dir, settings.replica)
    return replica, LedgerReader(replica)


def _open_map(replica: ReplicaDirectory, cache_bytes: int) -> Projection:
    return Projection.open(replica, writable=True, cache_bytes=cache_bytes)


def _readings(projection: Projection) -> FileReadings:
    stats = projection.file.stats
    return FileReadings(stats.hits, stats.misses, stats.bytes, projection.file.file_bytes)
