"""Segments: the files the log is cut into, so that no file grows without bound.

``wal/00000001.wal``, ``00000002.wal``, … Each begins with a header of 40 bytes, big-endian::

     0  8  magic          "STEMEWAL"
     8  2  version        1
    10  2  zero
    12  4  segment        the number in the file's name
    16  8  first index    how many records all earlier segments hold: the log index of the first record
    24  8  accepted before   ``accepted`` of the last record of all earlier segments, or 0
    32  4  zero
    36  4  crc            CRC-32 of the 36 bytes before

Records follow (see `stemedb.wal.record`), then the zero-filled runway. Only the newest segment is written to; the next
one is begun when a batch would carry it past its size. The first indexes of two neighbours say how many records lie
between them, so a sealed segment that lost its last record is noticed; the accepted times let a reader find the segment of
a time without reading records.

Every record is one entry of the log and one leaf of its Merkle tree, a restamp too; so first indexes count both.
"""

import os
import re
import struct
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from stemedb.errors import Corruption, UnsupportedFormat
from stemedb.types import Hlc, LogIndex

VERSION: Final = 1
SEGMENT_HEADER_BYTES: Final = 40
SEGMENT_BYTES: Final = 64 << 20  # 100,000 to 200,000 statements: scanned in well under a second on open

_MAGIC: Final = b"STEMEWAL"
_FIELDS: Final = struct.Struct(">8sHHIQQI")
_NAME: Final = re.compile(r"[0-9]{8}\.wal", re.ASCII)


class Header(NamedTuple):
    """What the first 40 bytes of a segment say."""

    segment: int
    first_index: LogIndex
    accepted_before: Hlc


def segment_path(directory: Path, segment: int) -> Path:
    """Return where segment number `segment` lives."""
    return directory / f"{segment:08d}.wal"


def list_segments(directory: Path) -> list[int]:
    """Return the numbers of the segments in `directory`, ascending; raise `Corruption` if one in between is missing."""
    numbers = sorted(int(entry.name[:8]) for entry in os.scandir(directory) if _NAME.fullmatch(entry.name))
    for want, got in enumerate(numbers, start=1):
        if got != want:
            raise Corruption(segment_path(directory, want), 0, f"segment is missing, {got:08d}.wal exists")
    return numbers


def encode_header(header: Header) -> bytes:
    """Return the 40 bytes of `header`."""
    fields = _FIELDS.pack(_MAGIC, VERSION, 0, header.segment, header.first_index, header.accepted_before, 0)
    return fields + crc32(fields).to_bytes(4, "big")


def decode_header(data: bytes, path: Path, segment: int) -> Header:
    """Return the header in `data`, the first bytes of the file `path`.

    Raises `Corruption` if it is damaged or belongs to another segment, `UnsupportedFormat` if it is newer.
    """
    if len(data) < SEGMENT_HEADER_BYTES:
        raise Corruption(path, 0, f"segment header: got {len(data)} bytes, want {SEGMENT_HEADER_BYTES}")
    magic, version, _, number, first_index, accepted, _ = _FIELDS.unpack_from(data)
    got = crc32(data[:36])
    want = int.from_bytes(data[36:40], "big")
    if magic != _MAGIC or got != want:
        raise Corruption(path, 0, f"segment header: checksum mismatch: got {got:08x}, want {want:08x}")
    if version > VERSION:
        raise UnsupportedFormat(f"{path}: version {version}, this software knows up to {VERSION}: upgrade it")
    if number != segment:
        raise Corruption(path, 0, f"segment header: got number {number}, want {segment}")
    return Header(number, LogIndex(first_index), Hlc(accepted))


def read_header(directory: Path, segment: int) -> Header:
    """Return the header of segment number `segment`; raises what `decode_header` raises."""
    path = segment_path(directory, segment)
    with path.open("rb") as file:
        return decode_header(file.read(SEGMENT_HEADER_BYTES), path, segment)
