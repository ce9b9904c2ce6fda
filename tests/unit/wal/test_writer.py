import errno
import os

import pytest

from stemedb.errors import Corruption, DurabilityLost, Locked, UnsupportedFormat
from stemedb.wal import Committed, Position, Reader, Writer
from stemedb.wal.segment import Header, encode_header
from support.faults import Crashed, FaultyOperations
from support.records import make_record, make_records

RUNWAY = 256


def open_writer(path, **options):
    return Writer.open(path, **{"runway_bytes": RUNWAY} | options)


def read_all(path):
    reader, position, found = Reader(path), None, []
    try:
        while (run := reader.read_run(position)).records:
            found += run.records
            position = run.next
    finally:
        reader.close()
    return found


def write(path, *batches, **options):
    writer = open_writer(path, **options)
    for batch in batches:
        writer.append(batch)
    writer.close()


class TestAppend:
    def test_a_new_log_is_empty(self, tmp_path):
        writer = open_writer(tmp_path / "wal")
        assert (writer.size, writer.accepted, writer.recovered) == (0, 0, None)
        assert writer.append([]) == []
        writer.close()
        assert read_all(tmp_path / "wal") == []

    def test_records_are_where_the_positions_say(self, tmp_path):
        writer = open_writer(tmp_path)
        positions = writer.append(make_records(0, 3)) + writer.append(make_records(3, 5))
        assert (writer.size, writer.accepted) == (5, 1004)
        reader = Reader(tmp_path)
        assert [reader.read_at(position) for position in positions] == make_records(0, 5)
        assert reader.read() == list(zip(positions, make_records(0, 5), strict=True))
        reader.close()
        writer.close()

    def test_time_may_stand_still_but_not_go_back(self, tmp_path):
        writer = open_writer(tmp_path)
        writer.append([make_record(5), make_record(6)._replace(accepted=1005)])
        with pytest.raises(ValueError, match="accepted: got 1004, want at least 1005"):
            writer.append([make_record(4)])
        with pytest.raises(ValueError, match="accepted"):
            writer.append([make_record(9), make_record(8)])
        assert writer.size == 2
        writer.close()

    def test_a_second_writer_is_refused(self, tmp_path):
        writer = open_writer(tmp_path)
        with pytest.raises(Locked):
            open_writer(tmp_path)
        writer.close()
        open_writer(tmp_path).close()

    def test_reopening_continues_where_it_ended(self, tmp_path):
        for start in range(0, 12, 3):
            writer = open_writer(tmp_path)
            assert (writer.size, writer.recovered) == (start, None)
            writer.append(make_records(start, start + 3))
            writer.close()
        assert read_all(tmp_path) == make_records(0, 12)

    def test_a_batch_larger_than_a_commit_is_cut_in_pieces(self, tmp_path, monkeypatch):
        monkeypatch.setattr("stemedb.wal.writer.BATCH_BYTES_MAX", 200)
        operations = FaultyOperations()
        writer = open_writer(tmp_path, operations=operations, runway_bytes=1 << 16)
        before = operations.calls.count("fdatasync")
        writer.append(make_records(0, 16))
        assert operations.calls.count("fdatasync") - before == 12
        writer.close()
        assert read_all(tmp_path) == make_records(0, 16)


class TestRotation:
    def test_a_full_segment_is_followed_by_the_next(self, tmp_path):
        writer = open_writer(tmp_path, segment_bytes=400)
        positions = [writer.append([make_record(n)])[0] for n in range(20)]
        writer.close()
        assert len({position.segment for position in positions}) > 3
        assert positions == sorted(positions)
        assert read_all(tmp_path) == make_records(0, 20)
        sealed = sorted(tmp_path.glob("*.wal"))[:-1]
        assert all(path.stat().st_size <= 400 for path in sealed)

    def test_a_batch_larger_than_a_segment_gets_one_of_its_own(self, tmp_path):
        write(tmp_path, make_records(0, 1), make_records(1, 30), make_records(30, 31), segment_bytes=400)
        assert read_all(tmp_path) == make_records(0, 31)
        assert len(list(tmp_path.glob("*.wal"))) == 3

    def test_an_empty_newest_segment_keeps_size_and_time(self, tmp_path):
        write(tmp_path, make_records(0, 4))
        (tmp_path / "00000002.wal").write_bytes(encode_header(Header(2, 4, 1003)))
        writer = open_writer(tmp_path)
        assert (writer.size, writer.accepted) == (4, 1003)
        with pytest.raises(ValueError, match="accepted"):
            writer.append([make_record(2)])
        writer.append(make_records(4, 6))
        writer.close()
        assert read_all(tmp_path) == make_records(0, 6)

    @pytest.mark.parametrize("length", [0, 1, 17, 39, 300])
    def test_a_torn_header_is_a_rotation_to_finish(self, tmp_path, length):
        write(tmp_path, make_records(0, 4))
        header = encode_header(Header(2, 4, 1003)) + bytes(500)
        torn = header[:length] if length < 40 else bytes(length)
        (tmp_path / "00000002.wal").write_bytes(torn)
        writer = open_writer(tmp_path)
        assert writer.size == 4
        assert writer.append([make_record(4)])[0].segment == 2
        writer.close()
        assert read_all(tmp_path) == make_records(0, 5)

    def test_a_torn_first_header_is_an_empty_log(self, tmp_path):
        (tmp_path / "00000001.wal").write_bytes(b"STEM")
        write(tmp_path, make_records(0, 2))
        assert read_all(tmp_path) == make_records(0, 2)

    def test_a_damaged_header_before_records_is_corruption(self, tmp_path):
        write(tmp_path, make_records(0, 4))
        (tmp_path / "committed").unlink()
        path = tmp_path / "00000001.wal"
        path.write_bytes(b"?" + path.read_bytes()[1:])
        with pytest.raises(Corruption, match=r"00000001\.wal: offset 0: segment header: checksum mismatch"):
            open_writer(tmp_path)

    def test_a_missing_segment_is_named(self, tmp_path):
        write(tmp_path, *([record] for record in make_records(0, 20)), segment_bytes=400)
        newest = max(tmp_path.glob("*.wal"))
        (tmp_path / "00000002.wal").unlink()
        with pytest.raises(Corruption, match=r"00000002\.wal: offset 0: segment is missing"):
            open_writer(tmp_path)
        (tmp_path / "00000002.wal").touch()
        newest.unlink()
        with pytest.raises(Corruption, match=rf"{newest.name}: .*20 records were acknowledged"):
            open_writer(tmp_path)

    def test_a_newer_version_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr("stemedb.wal.segment.VERSION", 2)
        write(tmp_path, make_records(0, 1))
        monkeypatch.undo()
        with pytest.raises(UnsupportedFormat, match=r"00000001\.wal: version 2"):
            open_writer(tmp_path)

    def test_a_segment_under_another_number_is_refused(self, tmp_path):
        write(tmp_path, make_records(0, 1))
        data = (tmp_path / "00000001.wal").read_bytes()
        (tmp_path / "00000002.wal").write_bytes(data)
        with pytest.raises(Corruption, match="got number 1, want 2"):
            open_writer(tmp_path)


class TestFailure:
    """Each call that changes durable state fails once, before and after it takes effect."""

    BATCHES = (make_records(0, 3), make_records(3, 4), make_records(4, 9), make_records(9, 10))

    def run(self, path, operations):
        """Append the batches until something breaks; return how many records were acknowledged."""
        acknowledged, writer, lost = 0, None, None
        try:
            writer = open_writer(path, segment_bytes=500, operations=operations)
            for batch in self.BATCHES:
                writer.append(batch)
                acknowledged += len(batch)
        except DurabilityLost as error:
            lost = error
        except Crashed:
            pass
        if lost is not None and writer is not None:
            with pytest.raises(DurabilityLost) as again:
                writer.append([make_record(99)])
            assert again.value is lost
            assert lost.errno == errno.ENOSPC
        if writer is not None:
            writer._release()
        return acknowledged

    @pytest.mark.parametrize("how", ["error", "crash"])
    @pytest.mark.parametrize(("after", "torn"), [(False, False), (False, True), (True, False)])
    def test_what_was_acknowledged_is_there_after_any_single_failure(self, tmp_path, how, after, torn):
        total = FaultyOperations()
        assert self.run(tmp_path / "0", total) == 10
        assert len(list((tmp_path / "0").glob("*.wal"))) == 3
        for call in range(1, len(total.calls) + 1):
            path = tmp_path / str(call)
            acknowledged = self.run(path, FaultyOperations(call, how=how, after=after, torn=torn))
            durable = Reader(path)
            assert torn or acknowledged <= durable.committed().size <= 10  # a torn mark hides, never lies
            durable.close()
            writer = open_writer(path, segment_bytes=500)
            kept = writer.size
            assert acknowledged <= kept <= 10
            writer.append(make_records(kept, 12))
            writer.close()
            assert read_all(path) == make_records(0, 12)


class TestCommittedMark:
    def test_readers_see_nothing_beyond_it(self, tmp_path):
        writer = open_writer(tmp_path)
        writer.append(make_records(0, 2))
        mark = (tmp_path / "committed").read_bytes()
        writer.append(make_records(2, 4))
        (tmp_path / "committed").write_bytes(mark)
        assert read_all(tmp_path) == make_records(0, 2)
        writer.close()

    @pytest.mark.parametrize("damage", [lambda data: data[:20], lambda data: bytes(32), lambda data: b""])
    def test_a_torn_one_is_written_anew(self, tmp_path, damage):
        write(tmp_path, make_records(0, 4))
        path = tmp_path / "committed"
        whole = path.read_bytes()
        path.write_bytes(damage(whole))
        assert read_all(tmp_path) == []
        open_writer(tmp_path).close()
        assert path.read_bytes() == whole

    def test_a_reader_keeps_the_last_sound_one(self, tmp_path):
        writer = open_writer(tmp_path)
        writer.append(make_records(0, 2))
        reader = Reader(tmp_path)
        before = reader.committed()
        assert before == Committed(1, writer.committed.end, 2)
        with (tmp_path / "committed").open("r+b") as file:
            file.write(b"torn")
        assert reader.committed() == before
        writer.append(make_records(2, 3))
        assert reader.committed().size == 3
        reader.close()
        writer.close()

    def test_records_it_does_not_know_of_are_kept_and_made_durable(self, tmp_path):
        writer = open_writer(tmp_path)
        writer.append(make_records(0, 2))
        mark = (tmp_path / "committed").read_bytes()
        writer.append(make_records(2, 4))
        writer._release()
        (tmp_path / "committed").write_bytes(mark)
        operations = FaultyOperations()
        writer = open_writer(tmp_path, operations=operations)
        assert operations.calls == ["fdatasync", "pwrite"]
        assert writer.size == 4
        writer.close()
        assert read_all(tmp_path) == make_records(0, 4)

    def test_a_segment_of_another_log_is_corruption(self, tmp_path):
        write(tmp_path, make_records(0, 4))
        (tmp_path / "00000002.wal").write_bytes(encode_header(Header(2, 1, 1000)))
        with pytest.raises(Corruption, match=r"00000002\.wal: offset 40: got 1 records, want 4 acknowledged"):
            open_writer(tmp_path)

    def test_a_log_shorter_than_it_is_corruption(self, tmp_path):
        write(tmp_path, make_records(0, 2), make_records(2, 4))
        reader = Reader(tmp_path)
        position = reader.read()[2][0]
        reader.close()
        os.truncate(tmp_path / "00000001.wal", position.offset)
        with pytest.raises(Corruption, match=rf"offset {position.offset}: .*acknowledged up to offset"):
            open_writer(tmp_path)
        assert (tmp_path / "00000001.wal").stat().st_size == position.offset


def test_positions_sort_in_log_order():
    assert Position(1, 900) < Position(2, 40)
