"""The log's one writer: group commit, rotation, recovery on open.

::

    append(records) ── encode ──▶ one pwrite ──▶ one fdatasync ──▶ committed mark ──▶ positions
                        │ does not fit
                        └─▶ next segment: header written and synced first

Invariants
    * When `append` returns, its records are durable, whatever happens afterwards.
    * A batch lies in one segment. Only the newest segment is ever written to.
    * ``accepted`` never decreases along the log.
    * After a failed write or sync nothing is written any more: each later call raises the same `DurabilityLost`.

One process holds the lock of the directory; within it one thread calls.
"""

import os
from collections.abc import Sequence
from itertools import repeat
from pathlib import Path
from typing import Final, Self

from stemedb.errors import Corruption, DurabilityLost
from stemedb.storage.files import (
    RUNWAY_BYTES,
    SYSTEM,
    AppendFile,
    Operations,
    WriterLock,
    fdatasync,
    open_for_writing,
    pwrite_all,
)
from stemedb.types import Hlc, LogIndex, LogSize
from stemedb.wal.committed import NOTHING, Committed, committed_path, encode_committed, read_committed
from stemedb.wal.record import Position, Record, check, encode_batch
from stemedb.wal.recovery import Cut, holds_records, scan
from stemedb.wal.segment import (
    SEGMENT_BYTES,
    SEGMENT_HEADER_BYTES,
    Header,
    decode_header,
    encode_header,
    list_segments,
    segment_path,
)

BATCH_BYTES_MAX: Final = 16 << 20  # more is committed in pieces, each in some tens of milliseconds


class Writer:
    """The open log; see the module for its invariants. Made by `open`."""

    def __init__(
        self, directory: Path, segment_bytes: int, runway_bytes: int, operations: Operations
    ) -> None:
        """Take the lock; `open` does the rest."""
        self.directory = directory
        self.recovered: Cut | None = None
        """The torn tail that `open` removed, if there was one."""
        self._segment_bytes = segment_bytes
        self._runway_bytes = runway_bytes
        self._operations = operations
        self._lost: DurabilityLost | None = None
        self._lock = WriterLock(directory / "lock")
        self._mark_fd = -1
        self._file: AppendFile | None = None
        self._header = Header(0, LogIndex(0), Hlc(0))
        self._count = 0  # records in the newest segment
        self._accepted = Hlc(0)

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        runway_bytes: int = RUNWAY_BYTES,
        operations: Operations = SYSTEM,
    ) -> Self:
        """Open the log in `directory` (made if missing) for writing, and repair a torn tail.

        Everything found is durable when it returns. Raises `Locked`, `Corruption`, `UnsupportedFormat` or
        `DurabilityLost`. O(newest segment).
        """
        directory.mkdir(parents=True, exist_ok=True)
        writer = cls(directory, segment_bytes, runway_bytes, operations)
        try:
            writer._recover()
        except BaseException:
            writer._release()
            raise
        return writer

    @property
    def size(self) -> LogSize:
        """How many records the log holds, all durable."""
        return LogSize(self._header.first_index + self._count)

    @property
    def accepted(self) -> Hlc:
        """``accepted`` of the last record, or 0."""
        return self._accepted

    @property
    def committed(self) -> Committed:
        """The end of the log as readers are told."""
        if self._file is None:
            return NOTHING
        return Committed(self._header.segment, self._file.end, self.size)

    def append(self, records: Sequence[Record]) -> list[Position]:
        """Append `records` and return their positions; durable when it returns.

        Requires records that `stemedb.wal.record.check` passes, with ``accepted`` never decreasing and not below
        `accepted`. Raises `ValueError` and writes nothing if they are not, `DurabilityLost` if the disk fails: then any prefix of
        them may be found after a restart.
        """
        self._require_intact()
        accepted = self._accepted
        for record in records:
            check(record)
            if record.accepted < accepted:
                raise ValueError(f"accepted: got {record.accepted}, want at least {accepted}")
            accepted = record.accepted
        return self.append_checked(records)

    def append_checked(self, records: Sequence[Record]) -> list[Position]:
        """Do what `append` does without looking at the records; for a caller that made them itself."""
        self._require_intact()
        if not records:
            return []
        file = self._newest()
        data, offsets = encode_batch(records, file.end, self._count)
        if len(data) > BATCH_BYTES_MAX and len(records) > 1:
            half = len(records) // 2
            return self.append_checked(records[:half]) + self.append_checked(records[half:])
        try:
            if self._count and file.end + len(data) > self._segment_bytes:
                self._rotate()
                file = self._newest()
                data, offsets = encode_batch(records, file.end, 0)
            file.append(data)
            # If we crash here, none, some or all of the batch is found on open; none of it was acknowledged.
            file.sync()
            # If we crash here, the batch is durable and unacknowledged; its publisher sends it again.
            self._count += len(records)
            self._accepted = records[-1].accepted
            self._write_mark()
        except DurabilityLost as error:
            self._lost = error
            raise
        return list(map(Position, repeat(self._header.segment), offsets))

    def close(self) -> None:
        """Make the committed mark durable, close, and give the lock back; closing twice does nothing."""
        try:
            if self._mark_fd >= 0 and self._lost is None:
                fdatasync(self._mark_fd, committed_path(self.directory), self._operations)
        finally:
            self._release()

    def _recover(self) -> None:
        mark = read_committed(self.directory)
        numbers = list_segments(self.directory)
        if mark.segment > len(numbers):
            raise Corruption(
                segment_path(self.directory, mark.segment),
                0,
                f"segment is missing; {mark.size} records were acknowledged",
            )
        if not numbers:
            self._begin_segment(Header(1, LogIndex(0), Hlc(0)))
        elif not self._adopt(numbers[-1], mark):
            # A torn header is a rotation that did not finish: finish it.
            if numbers[-1] > 1 and not self._adopt(numbers[-1] - 1, mark):
                raise Corruption(
                    segment_path(self.directory, numbers[-1] - 1), 0, "segment header is damaged"
                )
            self._rotate()
        if self.size < mark.size:
            raise Corruption(
                self._newest().path,
                self._newest().end,
                f"got {self.size} records, want {mark.size} acknowledged",
            )
        # Records found whole may be the work of a process that died before its sync: make them durable first.
        self._newest().sync()
        self._mark_fd = open_for_writing(committed_path(self.directory))
        self._write_mark()

    def _adopt(self, segment: int, mark: Committed) -> bool:
        """Make an existing segment the newest one; return false if all it has is a torn header."""
        path = segment_path(self.directory, segment)
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            try:
                header = decode_header(os.pread(fd, SEGMENT_HEADER_BYTES, 0), path, segment)
            except Corruption:
                if mark.segment >= segment or holds_records(fd):
                    raise
                os.close(fd)
                return False
            tail = scan(fd, path, header, mark)
        except BaseException:
            os.close(fd)
            raise
        self._file = AppendFile(
            path, fd, tail.end, runway_bytes=self._runway_bytes, operations=self._operations
        )
        self._header, self._count, self._accepted = header, tail.size, tail.accepted
        if tail.cut is not None:
            self._file.clear_tail()
            self.recovered = tail.cut
        return True

    def _rotate(self) -> None:
        """Begin the next segment."""
        header = Header(self._header.segment + 1, LogIndex(self.size), self._accepted)
        if self._file is not None:
            self._file.clear_tail()  # a sealed segment needs no runway
            self._file.close()
        # If we crash here, the sealed segment is still the newest one.
        self._begin_segment(header)

    def _begin_segment(self, header: Header) -> None:
        # If we crash in here, the new segment has a torn header or none, and no record: recovery finishes the rotation.
        self._file = AppendFile.create(
            segment_path(self.directory, header.segment),
            encode_header(header),
            runway_bytes=self._runway_bytes,
            operations=self._operations,
        )
        self._header, self._count = header, 0

    def _write_mark(self) -> None:
        mark = encode_committed(self.committed)
        pwrite_all(self._mark_fd, mark, 0, committed_path(self.directory), self._operations)

    def _newest(self) -> AppendFile:
        assert self._file is not None, "the log is closed"
        return self._file

    def _require_intact(self) -> None:
        if self._lost is not None:
            raise self._lost

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._mark_fd >= 0:
            os.close(self._mark_fd)
            self._mark_fd = -1
        self._lock.close()
