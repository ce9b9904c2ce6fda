import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import support.records
from stemedb.errors import Corruption
from stemedb.wal import Position, Reader, Writer, after
from support.records import make_record, make_records


@pytest.fixture
def path(tmp_path):
    """A closed log of 30 records in several segments."""
    writer = Writer.open(tmp_path, segment_bytes=500, runway_bytes=128)
    for start in range(0, 30, 2):
        writer.append(make_records(start, start + 2))
    writer.close()
    return tmp_path


@pytest.fixture
def reader(path):
    reader = Reader(path)
    yield reader
    reader.close()


def follow(reader, **limits):
    position, found = None, []
    while (run := reader.read_run(position, **limits)).records:
        found += run.records
        position = run.next
    return found


def test_a_log_that_does_not_exist_yet_is_empty(tmp_path):
    reader = Reader(tmp_path / "wal")
    assert reader.read() == []
    assert list(reader.between(0, 2**63)) == []
    write = Writer.open(tmp_path / "wal")
    write.append(make_records(0, 2))
    assert [record for _, record in reader.read()] == make_records(0, 2)
    write.close()
    reader.close()


@pytest.mark.parametrize(
    "limits", [{}, {"records_max": 1}, {"bytes_max": 1}, {"bytes_max": 100, "records_max": 3}]
)
def test_reading_on_gives_every_record_once(reader, limits):
    assert follow(reader, **limits) == make_records(0, 30)


def test_reading_starts_at_any_position(reader):
    positions, position = [], None
    while (run := reader.read_run(position)).records:
        positions += [Position(run.segment, offset) for offset in run.offsets]
        position = run.next
    assert len({position.segment for position in positions}) > 3
    fresh = Reader(reader.directory)
    for number, position in enumerate(positions):
        assert fresh.read_at(position) == make_record(number)
        assert fresh.read(position, records_max=1) == [(position, make_record(number))]
        following = fresh.read(after(position, make_record(number)), records_max=1)
        assert [record for _, record in following] == make_records(number + 1, min(number + 2, 30))
    fresh.close()


def test_records_between_two_times(reader):
    every = make_records(0, 30)
    for start in range(998, 1033, 3):
        for end in range(start, 1033, 5):
            want = [record for record in every if start <= record.accepted < end]
            assert [record for _, record in reader.between(start, end)] == want


def test_many_segments_keep_few_files_open(path, monkeypatch):
    monkeypatch.setattr("stemedb.wal.reader.OPEN_SEGMENTS_MAX", 2)
    reader = Reader(path)
    assert follow(reader) == make_records(0, 30)
    assert len(reader._segments) == 2
    reader.close()


def test_a_large_record_is_read_in_one_piece(tmp_path):
    big = make_record(1, size=100_000)
    writer = Writer.open(tmp_path)
    positions = writer.append([make_record(0), big, make_record(2)])
    writer.close()
    reader = Reader(tmp_path)
    assert reader.read_at(positions[1]) == big
    assert follow(reader, bytes_max=4096) == [make_record(0), big, make_record(2)]
    reader.close()


def test_a_flip_of_every_committed_byte_is_an_error_with_the_place(path):
    """Whatever byte of a sealed segment is flipped, no reader ever returns a wrong record."""
    segment = path / "00000002.wal"
    data = segment.read_bytes()
    for at in range(len(data)):
        segment.write_bytes(data[:at] + bytes([data[at] ^ 0x04]) + data[at + 1 :])
        reader = Reader(path)
        with pytest.raises(Corruption, match=r"00000002\.wal: offset"):
            follow(reader)
        reader.close()


def test_a_sealed_segment_cut_anywhere_is_an_error(path):
    segment = path / "00000002.wal"
    data = segment.read_bytes()
    for length in range(len(data)):
        for limits in ({}, {"records_max": 1}):
            segment.write_bytes(data[:length])
            reader = Reader(path)
            with pytest.raises(Corruption, match=r"0000000[23]\.wal: offset"):
                follow(reader, **limits)
            reader.close()


def test_the_newest_segment_shorter_than_the_mark_is_waited_for(path):
    segment = max(path.glob("*.wal"))
    data = segment.read_bytes()
    reader = Reader(path)
    end = reader.committed().end
    os.truncate(segment, end - 8)
    found, position = [], None
    while (run := reader.read_run(position)).records:
        found += run.records
        position = run.next
    assert found == make_records(0, 29)
    segment.write_bytes(data)
    assert reader.read_run(position).records == [make_record(29)]
    reader.close()


def test_zeros_before_the_mark_are_an_error(path):
    segment = max(path.glob("*.wal"))
    data = segment.read_bytes()
    segment.write_bytes(data[:40] + bytes(len(data) - 40))
    reader = Reader(path)
    with pytest.raises(Corruption, match="end before the committed end"):
        follow(reader)
    reader.close()


def test_a_wrong_position_is_an_error(reader):
    with pytest.raises(Corruption, match="offset 48: no record"):
        reader.read_at(Position(1, 48))
    with pytest.raises(Corruption, match=r"00000099\.wal.*missing"):
        reader.read_at(Position(99, 40))


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from stemedb.wal import Writer
from support.records import make_records
writer = Writer.open(Path(sys.argv[1]), segment_bytes=20_000, runway_bytes=4096)
number = writer.size
while True:
    writer.append(make_records(number, number + 7))
    number += 7
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def test_a_reader_follows_a_writer_that_is_killed_and_restarted(tmp_path):
    """The reader sees every acknowledged record in order while the writer appends, is killed, and comes back."""
    path, seen, position = tmp_path / "wal", [], None
    reader = Reader(path)
    tests = str(Path(support.records.__file__).parent.parent)
    for goal in (700, 1400):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), tests], stdout=subprocess.PIPE, text=True
        ) as process:
            acknowledged = 0
            while acknowledged < goal:
                acknowledged = int(process.stdout.readline())
                run = reader.read_run(position, records_max=50)
                seen += run.records
                position = run.next
            process.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *map(int, process.stdout.read().split("\n")[:-1])])
        while (run := reader.read_run(position)).records:
            seen += run.records
            position = run.next
        assert len(seen) >= acknowledged
    writer = Writer.open(path, segment_bytes=20_000)
    assert writer.size >= len(seen)
    writer.close()
    reader.close()
    assert seen == make_records(0, len(seen))
