"""The bytes of a segment and of the committed mark are frozen: a change of either moves the version."""

from pathlib import Path

from stemedb.wal import Committed, Reader, Writer
from stemedb.wal.committed import decode_committed
from support.records import make_records

HERE = Path(__file__).parent
SEGMENTS = ("00000001.wal", "00000002.wal")
OPTIONS = {"segment_bytes": 600, "runway_bytes": 0}


def write(path):
    writer = Writer.open(path, **OPTIONS)
    writer.append(make_records(0, 4))
    writer.append(make_records(4, 5))
    writer.append(make_records(5, 8))
    writer.close()


def test_the_same_records_give_the_frozen_bytes(tmp_path):
    write(tmp_path)
    for name in (*SEGMENTS, "committed"):
        assert (tmp_path / name).read_bytes() == (HERE / f"v1.{name}").read_bytes(), name


def test_the_frozen_bytes_give_the_same_records(tmp_path):
    for name in (*SEGMENTS, "committed"):
        (tmp_path / name).write_bytes((HERE / f"v1.{name}").read_bytes())
    reader, position, found = Reader(tmp_path), None, []
    while (run := reader.read_run(position)).records:
        found += run.records
        position = run.next
    reader.close()
    assert found == make_records(0, 8)
    mark = decode_committed((tmp_path / "committed").read_bytes())
    assert mark == Committed(2, (tmp_path / SEGMENTS[1]).stat().st_size, 8)
    writer = Writer.open(tmp_path, **OPTIONS)
    assert (writer.size, writer.recovered) == (8, None)
    writer.close()
