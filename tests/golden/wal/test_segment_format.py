"""The bytes of a segment and of the committed mark are frozen: a change of either moves the version."""

from pathlib import Path

from stemedb.types import Hlc
from stemedb.wal import Committed, Reader, Writer
from stemedb.wal.committed import decode_committed
from stemedb.wal.record import RESTAMP, Record, encode_batch, parse
from support.records import make_records

HERE = Path(__file__).parent
SEGMENTS = ("00000001.wal", "00000002.wal")
OPTIONS = {"segment_bytes": 600, "runway_bytes": 0}
RESTAMP_BYTES = (
    "ff524543 9440b732 10000900 00000020 00001000 00000007 00000000 00001122 00000000 00003344 "
    "656c7365 77686572 65000102 03040506 0708090a 0b0c0d0e 0f101112 13141516 1718191a 1b1c1d1e "
    "1f000000 00000000"
)


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


def test_a_restamp_has_the_frozen_bytes():
    restamp = Record(RESTAMP, Hlc(0x1122), "elsewhere", Hlc(0x3344), bytes(range(32)), b"")
    data, _ = encode_batch([restamp], 4096, 7)
    assert data.hex(" ", 4) == RESTAMP_BYTES
    assert parse(bytes.fromhex(RESTAMP_BYTES), 4096, 7, 1).records == [restamp]
