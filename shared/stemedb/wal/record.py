"""The record: one accepted statement, framed so that damage is always noticed and the next record can be found again.

Layout, big-endian, every record aligned to 8 bytes within its segment::

     0  4  magic          ff 'R' 'E' 'C': 0xff never occurs in UTF-8, so no canonical statement contains it
     4  4  crc            CRC-32 of everything after this field, padding included
     8  1  kind           1 assertion, 2 vote, 3 epoch; 16 restamp
     9  1  flags          0
    10  1  origin bytes   1..32
    11  1  signature bytes   0 or 96
    12  4  canonical bytes   1..RECORD_CANONICAL_BYTES_MAX
    16  4  batch offset   where in the segment the group commit of this record began
    20  4  number         0-based position of the record in its segment
    24  8  hlc            the stamp's clock reading
    32  8  accepted       this replica's own clock when it accepted the statement
    40  …  origin, canonical, signature, then zeros up to a multiple of 8

A *restamp* is a record without a statement: its canonical bytes are the 32-byte id of a statement that stands further up, its
stamp is the one that statement has from here on, its signature is empty. What that means is told in `stemedb.ledger.restamps`.

Invariants
    * ``number`` grows by one; ``accepted`` never decreases; ``batch_offset <= offset``.
    * Records follow one another without a gap. Zeros where a magic should be are the end of what was written.

`parse` is the one reader of this layout: recovery, following readers and random reads all go through it, so a record
that one of them accepts the others accept too. It does not look inside the canonical bytes.
"""

import struct
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple
from zlib import crc32

from stemedb.types import DIGEST_BYTES, Hlc, Kind

MAGIC: Final = b"\xffREC"
ALIGNMENT: Final = 8
HEADER_BYTES: Final = 40
SIGNATURE_BYTES: Final = 96  # a 32-byte public key and a 64-byte signature
ORIGIN_BYTES_MAX: Final = 32  # a replica name
RECORD_CANONICAL_BYTES_MAX: Final = 1 << 20  # 16 times the largest statement: beyond it a length is damage
RECORD_BYTES_MAX: Final = HEADER_BYTES + ORIGIN_BYTES_MAX + RECORD_CANONICAL_BYTES_MAX + SIGNATURE_BYTES

RESTAMP: Final = 16
"""The kind of a record that gives another stamp to a known statement; apart from the kinds of statements, which may grow."""

_STATEMENTS: Final = frozenset(int(kind) for kind in Kind)
_KINDS: Final = _STATEMENTS | {RESTAMP}
_PREFIX: Final = struct.Struct(">4sI")
_BODY: Final = struct.Struct(">BBBBIIIQQ")
_HEADER: Final = struct.Struct(">4sIBBBBIIIQQ")
_PADDING: Final = tuple(bytes(count) for count in range(ALIGNMENT))


class Position(NamedTuple):
    """Where a record begins: the segment's number and the byte offset in it; positions sort in log order."""

    segment: int
    offset: int


class Record(NamedTuple):
    """One accepted statement, or a restamp of one, as the log keeps it."""

    kind: int
    hlc: Hlc
    origin: str
    accepted: Hlc
    """This replica's clock reading when it accepted the statement; never decreases along the log."""
    canonical: bytes
    signature: bytes
    """Empty, or 96 bytes: public key and signature."""


class Stop(Enum):
    """Why parsing stopped."""

    LIMIT = "limit"  # the wanted number of records was reached, or the data ends exactly after a record
    MORE = "more"  # the data ends inside a record that looks sound so far
    END = "end"  # zeros: nothing was written here
    DAMAGE = "damage"  # neither a record nor zeros


class Found(NamedTuple):
    """What `parse` found: records with their offsets, where it stopped, and why."""

    offsets: list[int]
    records: list[Record]
    stop_offset: int
    """The segment offset of the first byte not taken."""
    stop: Stop
    reason: str
    """For damage: what is wrong at `stop_offset`; else empty."""
    batch_offset: int
    """The batch offset of the last record taken, or -1."""
    next_number: int
    """The number that the record at `stop_offset` must have."""


def record_bytes(record: Record) -> int:
    """Return how many bytes `record` takes in its segment."""
    length = HEADER_BYTES + len(record.origin) + len(record.canonical) + len(record.signature)
    return length + (-length % ALIGNMENT)


def check(record: Record) -> None:
    """Raise `ValueError` if `record` cannot be written: misuse by our own code, not bad input."""
    if record.kind not in _KINDS:
        raise ValueError(f"kind: got {record.kind}, want one of {sorted(_KINDS)}")
    if not (record.origin.isascii() and 1 <= len(record.origin) <= ORIGIN_BYTES_MAX):
        raise ValueError(f"origin: got {record.origin!r}, want 1 to {ORIGIN_BYTES_MAX} ASCII characters")
    if not 1 <= len(record.canonical) <= RECORD_CANONICAL_BYTES_MAX:
        raise ValueError(
            f"canonical: got {len(record.canonical)} bytes, want 1 to {RECORD_CANONICAL_BYTES_MAX}"
        )
    if len(record.signature) not in {0, SIGNATURE_BYTES}:
        raise ValueError(f"signature: got {len(record.signature)} bytes, want 0 or {SIGNATURE_BYTES}")
    if record.kind == RESTAMP and not _is_restamp(record.kind, len(record.canonical), len(record.signature)):
        raise ValueError(
            f"restamp: got {len(record.canonical)} bytes and a signature of {len(record.signature)}, want an id alone"
        )


def encode_batch(records: Sequence[Record], batch_offset: int, first_number: int) -> tuple[bytes, list[int]]:
    """Return the bytes of one group commit that begins at `batch_offset`, and the offset of each record.

    Requires ``batch_offset % 8 == 0`` and records that pass `check`.
    """
    pack_body, pack_prefix, padding = _BODY.pack, _PREFIX.pack, _PADDING
    pieces: list[bytes] = []
    push = pieces.append
    offsets: list[int] = []
    note = offsets.append
    offset = batch_offset
    number = first_number
    for kind, hlc, origin, accepted, canonical, signature in records:
        length = HEADER_BYTES + len(origin) + len(canonical) + len(signature)
        pad = -length % 8
        body = b"".join(
            (
                pack_body(
                    kind, 0, len(origin), len(signature), len(canonical), batch_offset, number, hlc, accepted
                ),
                origin.encode("ascii"),
                canonical,
                signature,
                padding[pad],
            )
        )
        push(pack_prefix(MAGIC, crc32(body)))
        push(body)
        note(offset)
        offset += length + pad
        number += 1
    return b"".join(pieces), offsets


def parse(data: bytes, base: int, number: int | None, records_max: int) -> Found:
    """Read records from `data`, which begins at segment offset `base`, until something stops it.

    `number` is the number the first record must have, or ``None`` to accept any. Never raises: the caller knows whether
    damage here means a torn tail or corruption.
    """
    offsets: list[int] = []
    records: list[Record] = []
    unpack, new = _HEADER.unpack_from, tuple.__new__
    note, push = offsets.append, records.append
    size = len(data)
    view = memoryview(data)
    origins: dict[bytes, str] = {}
    at = 0
    batch = -1
    want = -1 if number is None else number
    accepted_before = 0
    stop, reason = Stop.LIMIT, ""
    while records_max > len(records):
        begin = at + HEADER_BYTES
        if begin > size:
            stop, reason = _short(data, at)
            break
        (
            magic,
            crc,
            kind,
            flags,
            origin_bytes,
            signature_bytes,
            canonical_bytes,
            batch_offset,
            n,
            hlc,
            accepted,
        ) = unpack(data, at)
        if magic != MAGIC:
            stop, reason = _not_a_record(data, at)
            break
        if canonical_bytes > RECORD_CANONICAL_BYTES_MAX:
            stop, reason = Stop.DAMAGE, f"canonical length: got {canonical_bytes}"
            break
        canonical_begin = begin + origin_bytes
        signature_begin = canonical_begin + canonical_bytes
        end = signature_begin + signature_bytes
        after = end + (-end & 7)
        if after > size:
            stop = Stop.MORE
            break
        got = crc32(view[at + 8 : after])
        if got != crc:
            stop, reason = Stop.DAMAGE, f"checksum mismatch: got {got:08x}, want {crc:08x}"
            break
        # From here the bytes are what some writer wrote; the rest asks whether it was meant to be here.
        raw_origin = data[begin:canonical_begin]
        origin = origins.get(raw_origin)
        if origin is None:
            origin = origins[raw_origin] = raw_origin.decode("ascii", "replace")
        if (
            n != want >= 0
            or batch_offset > base + at
            or accepted < accepted_before
            or flags
            or (kind not in _STATEMENTS and not _is_restamp(kind, canonical_bytes, signature_bytes))
        ):
            stop = Stop.DAMAGE
            reason = _misplaced(
                kind, flags, (n, want), (batch_offset, base + at), (accepted, accepted_before)
            )
            break
        note(base + at)
        push(
            new(
                Record,
                (
                    kind,
                    hlc,
                    origin,
                    accepted,
                    data[canonical_begin:signature_begin],
                    data[signature_begin:end],
                ),
            )
        )
        want = n + 1
        batch = batch_offset
        accepted_before = accepted
        at = after
    return Found(offsets, records, base + at, stop, reason, batch, want)


def _is_restamp(kind: int, canonical_bytes: int, signature_bytes: int) -> bool:
    return kind == RESTAMP and canonical_bytes == DIGEST_BYTES and signature_bytes == 0


def _short(data: bytes, at: int) -> tuple[Stop, str]:
    """Judge fewer bytes than a header."""
    rest = data[at:]
    if not rest:
        return Stop.LIMIT, ""
    if not any(rest):
        return Stop.END, ""
    if MAGIC.startswith(rest[:4]) or rest.startswith(MAGIC):
        return Stop.MORE, ""
    return Stop.DAMAGE, f"no record: got {rest[:4].hex()}, want {MAGIC.hex()}"


def _not_a_record(data: bytes, at: int) -> tuple[Stop, str]:
    head = data[at : at + HEADER_BYTES]
    if any(head):
        return Stop.DAMAGE, f"no record: got {head[:4].hex()}, want {MAGIC.hex()}"
    return Stop.END, ""


def _misplaced(
    kind: int, flags: int, number: tuple[int, int], batch: tuple[int, int], accepted: tuple[int, int]
) -> str:
    """Say what is wrong with a record whose checksum holds; each pair is (got, bound)."""
    if kind not in _KINDS:
        return f"kind: got {kind}, want one of {sorted(_KINDS)}"
    if flags:
        return f"flags: got {flags:#x}, want 0"
    if number[0] != number[1] >= 0:
        return f"record number: got {number[0]}, want {number[1]}"
    if batch[0] > batch[1]:
        return f"batch offset: got {batch[0]}, want at most {batch[1]}"
    if accepted[0] < accepted[1]:
        return f"accepted: got {accepted[0]}, want at least {accepted[1]}"
    return "restamp: want an id of 32 bytes and no signature"
