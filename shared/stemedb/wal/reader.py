"""Reading the log, from any process, while its writer appends.

::

    segment 1 (sealed)            segment 2 (newest)
    ├ records ┤ 0 0 or file end   ├ records ┤ committed mark ┤ not yet durable …

A reader never looks past the committed mark, so it never sees a record that could still vanish, and everything before
the mark must parse: if it does not, that is `Corruption`, not the end. The one exception is a file that is shorter than the mark
says (the file system lost its length in a crash and the writer has not been back yet): then the reader waits there.

A `Reader` holds descriptors open and belongs to one thread.
"""

import os
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Final, NamedTuple

from stemedb.errors import Corruption
from stemedb.types import Hlc
from stemedb.wal.committed import COMMITTED_BYTES, NOTHING, Committed, committed_path, decode_committed
from stemedb.wal.record import RECORD_BYTES_MAX, Found, Position, Record, Stop, parse, record_bytes
from stemedb.wal.segment import (
    SEGMENT_HEADER_BYTES,
    Header,
    read_header,
    segment_path,
)

CHUNK_BYTES: Final = 1 << 20  # large enough that system calls vanish, small enough to stay in the cache
POINT_READ_BYTES: Final = 2048  # holds most single records, so that one call reads them
RECORD_BYTES_LIKELY: Final = 1024  # a guess that keeps short reads short; a wrong one costs a second read
OPEN_SEGMENTS_MAX: Final = 64  # descriptors kept for random reads: 4 GiB of log


class Run(NamedTuple):
    """Neighbouring records of one segment, in columns."""

    segment: int
    offsets: list[int]
    records: list[Record]
    next: Position
    """Where to read on; also when there is nothing yet."""

    def positions(self) -> list[Position]:
        """Return where each record begins."""
        return list(map(Position, repeat(self.segment), self.offsets))


class Reader:
    """The log as another process sees it. Missing files mean an empty log, so it may be opened before the writer."""

    def __init__(self, directory: Path) -> None:
        """Open nothing yet; files are opened when they are first needed."""
        self.directory = directory
        self._mark = NOTHING
        self._mark_fd = -1
        self._expected = (
            Position(1, SEGMENT_HEADER_BYTES),
            0,
        )  # where the last read ended, and the number due there
        self._segments: dict[int, tuple[int, Header]] = {}

    def committed(self) -> Committed:
        """Return how far the log is durable now; never goes back."""
        if self._mark_fd < 0:
            try:
                self._mark_fd = os.open(committed_path(self.directory), os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return self._mark
        mark = decode_committed(os.pread(self._mark_fd, COMMITTED_BYTES, 0))
        if mark is not None and mark > self._mark:
            self._mark = mark
        return self._mark

    def read(
        self, start: Position | None = None, *, records_max: int = 10_000, bytes_max: int = CHUNK_BYTES
    ) -> list[tuple[Position, Record]]:
        """Return committed records from `start` on (``None`` = the beginning), in order; empty if there are none yet.

        Requires `start` to be where a record begins or would begin: a position from this log or `after` of one. Stops after
        `records_max` records, after about `bytes_max` bytes, or at the end of a segment. Raises `Corruption`.
        """
        run = self.read_run(start, records_max=records_max, bytes_max=bytes_max)
        return list(zip(run.positions(), run.records, strict=True))

    def read_run(
        self, start: Position | None = None, *, records_max: int = 10_000, bytes_max: int = CHUNK_BYTES
    ) -> Run:
        """Do what `read` does, in columns, with the position to read on from."""
        segment, offset = start or Position(1, SEGMENT_HEADER_BYTES)
        mark = self.committed()
        while (segment, offset) < (mark.segment, mark.end):
            found = self._parse(segment, offset, mark, records_max, bytes_max)
            if found is None:
                break
            if found.stop is Stop.END and segment < mark.segment:
                self._require_whole(segment, found)
                following = Position(segment + 1, SEGMENT_HEADER_BYTES)
            else:
                following = Position(segment, found.stop_offset)
                self._expected = following, found.next_number
            if found.records:
                return Run(segment, found.offsets, found.records, following)
            segment, offset = following
        return Run(segment, [], [], Position(segment, offset))

    def read_at(self, position: Position) -> Record:
        """Return the record at `position`, which must be that of a committed record; raises `Corruption` if there is none."""
        segment, offset = position
        opened = self._segment(segment)
        path = segment_path(self.directory, segment)
        if opened is None:
            raise Corruption(path, offset, "segment is missing")
        found = parse(os.pread(opened[0], POINT_READ_BYTES, offset), offset, None, 1)
        if found.stop is Stop.MORE:
            found = parse(os.pread(opened[0], RECORD_BYTES_MAX, offset), offset, None, 1)
        if not found.records:
            raise Corruption(path, offset, found.reason or "no record here")
        return found.records[0]

    def between(self, start_hlc: Hlc, end_hlc: Hlc) -> Iterator[tuple[Position, Record]]:
        """Yield the committed records with ``start_hlc <= accepted < end_hlc``, in order.

        O(segments + one segment) before the first, then O(1) each.
        """
        position = Position(self._segment_before(start_hlc), SEGMENT_HEADER_BYTES)
        while True:
            run = self.read_run(position)
            if not run.records:
                return
            for offset, record in zip(run.offsets, run.records, strict=True):
                if record.accepted >= end_hlc:
                    return
                if record.accepted >= start_hlc:
                    yield Position(run.segment, offset), record
            position = run.next

    def close(self) -> None:
        """Close all files; the reader can be used again and opens them anew."""
        for fd, _ in self._segments.values():
            os.close(fd)
        self._segments.clear()
        if self._mark_fd >= 0:
            os.close(self._mark_fd)
            self._mark_fd = -1

    def _parse(
        self, segment: int, offset: int, mark: Committed, records_max: int, bytes_max: int
    ) -> Found | None:
        """Parse one chunk; ``None`` where the file is not as long yet as the mark says."""
        opened = self._segment(segment)
        if opened is None:
            return None
        fd = opened[0]
        newest = segment == mark.segment
        available = mark.end - offset if newest else max(bytes_max, RECORD_BYTES_MAX)
        number = self._number_at(segment, offset)
        likely = max(POINT_READ_BYTES, records_max * RECORD_BYTES_LIKELY)
        data = os.pread(fd, min(bytes_max, available, likely), offset)
        found = parse(data, offset, number, records_max)
        if found.stop is Stop.MORE and not found.records:  # one record larger than the chunk
            data = os.pread(fd, min(max(bytes_max, RECORD_BYTES_MAX), available), offset)
            found = parse(data, offset, number, records_max)
        if not data and not newest:
            return found._replace(stop=Stop.END)
        if found.records and found.stop in {Stop.LIMIT, Stop.MORE}:
            return found
        if found.stop is Stop.END and not newest:
            return found
        if newest and os.fstat(fd).st_size < mark.end and found.stop is not Stop.DAMAGE:
            return found if found.records else None
        reason = found.reason or f"the records end before the committed end {mark.end}"
        raise Corruption(segment_path(self.directory, segment), found.stop_offset, reason)

    def _number_at(self, segment: int, offset: int) -> int | None:
        """Return the number the record there must have, if this reader can know it."""
        if offset == SEGMENT_HEADER_BYTES:
            return 0
        position, number = self._expected
        return number if position == (segment, offset) else None

    def _require_whole(self, segment: int, found: Found) -> None:
        """Compare where a sealed segment ends with where its successor says it ended."""
        here, successor = self._segment(segment), self._segment(segment + 1)
        if here is None or successor is None:
            raise Corruption(segment_path(self.directory, segment + 1), 0, "segment is missing")
        got = here[1].first_index + found.next_number
        want = successor[1].first_index
        if found.next_number >= 0 and got != want:
            raise Corruption(
                segment_path(self.directory, segment),
                found.stop_offset,
                f"segment ends before log index {got}, the next one begins at {want}",
            )

    def _segment(self, segment: int) -> tuple[int, Header] | None:
        """Return descriptor and header of a segment, or ``None`` if the file is not there."""
        opened = self._segments.get(segment)
        if opened is not None:
            return opened
        try:
            fd = os.open(segment_path(self.directory, segment), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            header = read_header(self.directory, segment)
        except BaseException:
            os.close(fd)
            raise
        if len(self._segments) >= OPEN_SEGMENTS_MAX:
            oldest = next(iter(self._segments))
            os.close(self._segments.pop(oldest)[0])
        self._segments[segment] = fd, header
        return fd, header

    def _segment_before(self, start_hlc: Hlc) -> int:
        """Return the last segment whose predecessors all lie before `start_hlc`; binary search over headers."""
        low, high = 1, self.committed().segment + 1
        while high - low > 1:
            middle = (low + high) // 2
            if read_header(self.directory, middle).accepted_before < start_hlc:
                low = middle
            else:
                high = middle
        return low


def after(position: Position, record: Record) -> Position:
    """Return the position just after `record`, which begins at `position`: where to read on."""
    return Position(position.segment, position.offset + record_bytes(record))
