"""What a crash can do to the newest segment, and what only rot can."""

import os

import pytest

from stemedb.errors import Corruption, StemeError
from stemedb.wal import Reader, Writer
from support.faults import FaultyOperations
from support.records import make_record, make_records

BATCHES = (make_records(0, 2), make_records(2, 5), make_records(5, 9))
RECORDS = [record for batch in BATCHES for record in batch]
RUNWAY = 128


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A closed log of three batches, and the offset after each record."""
    path = tmp_path_factory.mktemp("recovery") / "wal"
    writer = Writer.open(path, runway_bytes=RUNWAY)
    ends = []
    for batch in BATCHES:
        positions = writer.append(batch)
        ends += [position.offset for position in positions[1:]] + [writer.committed.end]
    writer.close()
    return path, ends


def overwrite(path, data):
    """Give `path` the content `data` in place: emptying it first would make the file system flush, which takes time."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(fd, data, 0)
        os.ftruncate(fd, len(data))
    finally:
        os.close(fd)


class Copy:
    """A copy of the log whose segment is to be damaged, with or without its committed mark."""

    def __init__(self, log, target, *, keep_mark):
        self.path = target / "wal"
        self.path.mkdir()
        self.segment = self.path / "00000001.wal"
        self.data = (log[0] / "00000001.wal").read_bytes()
        self.mark = (log[0] / "committed").read_bytes() if keep_mark else b""

    def open(self, data):
        """Put `data` into the segment, restore the mark, and open the log; nothing is synced in earnest."""
        overwrite(self.segment, data)
        overwrite(self.path / "committed", self.mark)
        return Writer.open(self.path, runway_bytes=RUNWAY, operations=FaultyOperations())

    def recover(self, data):
        """Open the log with `data`, append a record, close it; return the records found before and what was cut."""
        writer = self.open(data)
        size, cut = writer.size, writer.recovered
        writer.append([make_record(size)._replace(accepted=5000)])
        writer.close()
        reader = Reader(self.path)
        records = [record for _, record in reader.read()]
        reader.close()
        assert len(records) == size + 1
        return records[:-1], cut


def whole(ends, length):
    return sum(end <= length for end in ends)


def test_truncation_at_every_byte_keeps_every_whole_record(log, tmp_path):
    copy, ends = Copy(log, tmp_path, keep_mark=False), log[1]
    for length in range(len(copy.data)):
        records, cut = copy.recover(copy.data[:length])
        assert records == RECORDS[: whole(ends, length)]
        torn = 40 < length < ends[-1] and length not in ends
        assert (cut is not None) == torn
        if cut is not None:
            assert cut.offset == max([40, *(end for end in ends if end <= length)])
            assert cut.offset + cut.length <= length


def test_truncation_of_acknowledged_records_is_refused_at_every_byte(log, tmp_path):
    copy, ends = Copy(log, tmp_path, keep_mark=True), log[1]
    for length in range(ends[-1]):
        with pytest.raises(Corruption, match=r"00000001\.wal"):
            copy.recover(copy.data[:length])
        assert copy.segment.read_bytes() == copy.data[:length]


def test_a_flip_of_every_byte_without_the_mark_loses_at_most_the_last_batch(log, tmp_path):
    """In the last batch a flip is a torn tail; before it, corruption with the place of the record."""
    ends = log[1]
    starts = [40, *ends]
    last_batch = ends[len(RECORDS) - len(BATCHES[-1]) - 1]
    copy = Copy(log, tmp_path, keep_mark=False)
    for at in range(ends[-1]):
        data = bytearray(copy.data)
        data[at] ^= 0x10
        damaged = whole(ends, at)
        if at < last_batch:
            with pytest.raises(Corruption, match=rf"offset {starts[damaged] if at >= 40 else 0}: "):
                copy.recover(bytes(data))
        else:
            records, cut = copy.recover(bytes(data))
            assert records == RECORDS[:damaged]
            assert cut.offset == starts[damaged]


def test_a_flip_of_every_acknowledged_byte_is_refused(log, tmp_path):
    ends = log[1]
    copy = Copy(log, tmp_path, keep_mark=True)
    for at in range(ends[-1]):
        data = bytearray(copy.data)
        data[at] ^= 0x01
        with pytest.raises(StemeError, match=r"00000001\.wal"):
            copy.recover(bytes(data))


def test_a_flip_in_the_runway_is_cut(log, tmp_path):
    copy, ends = Copy(log, tmp_path, keep_mark=True), log[1]
    for at in range(ends[-1], len(copy.data), 7):
        data = bytearray(copy.data)
        data[at] ^= 0xFF
        records, cut = copy.recover(bytes(data))
        assert records == RECORDS
        assert cut.offset == ends[-1]


@pytest.mark.parametrize("lost", range(1, 16))
def test_a_batch_of_which_any_pages_are_lost_is_a_torn_tail(log, tmp_path, lost):
    """The disk orders pages as it likes: any subset of the last batch's four records may be zeros."""
    copy, ends = Copy(log, tmp_path, keep_mark=False), log[1]
    data = bytearray(copy.data)
    starts = ends[-5:-1]
    for bit, (start, end) in enumerate(zip(starts, ends[-4:], strict=True)):
        if lost >> bit & 1:
            data[start:end] = bytes(end - start)
    records, _ = copy.recover(bytes(data))
    first_lost = next(bit for bit in range(4) if lost >> bit & 1)
    assert records == RECORDS[: 5 + first_lost]


def test_a_lost_page_in_an_earlier_batch_is_corruption(log, tmp_path):
    copy, ends = Copy(log, tmp_path, keep_mark=False), log[1]
    data = bytearray(copy.data)
    data[ends[1] : ends[2]] = bytes(ends[2] - ends[1])
    with pytest.raises(
        Corruption, match=rf"offset {ends[1]}: unwritten bytes; a later batch is sound at offset {ends[4]}"
    ):
        copy.recover(bytes(data))


def test_recovering_twice_is_recovering_once(log, tmp_path):
    copy, ends = Copy(log, tmp_path, keep_mark=False), log[1]
    copy.segment.write_bytes(copy.data[: ends[-1] - 3])
    for cut in (True, False):
        writer = Writer.open(copy.path, runway_bytes=RUNWAY)
        assert (writer.recovered is not None) == cut
        assert writer.size == len(RECORDS) - 1
        writer.close()


def test_a_repeated_record_is_not_taken_twice(log, tmp_path):
    """A batch copied behind the end has the wrong numbers and offsets: it is cut, not read."""
    copy, ends = Copy(log, tmp_path, keep_mark=True), log[1]
    data = copy.data[: ends[-1]] + copy.data[ends[4] : ends[-1]]
    records, cut = copy.recover(data)
    assert records == RECORDS
    assert cut.reason == "record number: got 5, want 9"
