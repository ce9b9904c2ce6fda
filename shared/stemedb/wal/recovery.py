"""Recovery: where the log really ends, and whether what follows is a torn tail or lost data.

A crash can tear only the group commit that was being written: everything before it was synced first. It can tear it in any
way, since the disk orders its pages as it likes::

    ├ batch 1 ┤├ batch 2 ┤├ batch 3: ok │ damaged │ ok ┤ 0 0 0 0 …
                           ▲             ▲
                           batch offset  o = first thing that is not a record

The damage at ``o`` is a **torn tail** iff no sound record with ``batch_offset > o`` follows: such a record belongs to a
later batch, which was begun only after the sync of everything before it. Then ``o`` was durable once and is **corruption**. So
it is too if the committed mark lies beyond ``o``. A torn tail is cut at ``o`` and reported; records of
the torn batch before ``o`` are kept, since a record that was never acknowledged may still be true.

What this cannot see is the loss of whole batches at the end together with the mark (a crash of the operating system on a disk that
lies about syncing). The ledger sees it: its checkpoint, entries and ids then claim more than the log holds.

Invariants
    * Nothing before the cut is changed, and nothing is cut that the mark says was acknowledged.
    * Recovering twice gives the same as recovering once.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

from stemedb.errors import Corruption
from stemedb.types import Hlc
from stemedb.wal.committed import Committed
from stemedb.wal.record import ALIGNMENT, MAGIC, RECORD_BYTES_MAX, Stop, parse
from stemedb.wal.segment import SEGMENT_HEADER_BYTES, Header

SCAN_BYTES: Final = 2 << 20  # read at a time: more than the largest record


class Cut(NamedTuple):
    """A torn tail that was removed: where, how much, and what was found there."""

    path: str
    offset: int
    length: int
    reason: str


class Tail(NamedTuple):
    """Where the records of a segment end."""

    end: int
    size: int
    """How many records the segment holds."""
    accepted: Hlc
    """``accepted`` of the last record of the log up to here."""
    cut: Cut | None
    """What lies after `end` and is not zero; still to be removed."""


def scan(fd: int, path: Path, header: Header, committed: Committed) -> Tail:
    """Read the newest segment from its header on and judge its tail.

    Raises `Corruption` for damage that is not a torn tail. O(segment).
    """
    end, count, accepted = SEGMENT_HEADER_BYTES, 0, header.accepted_before
    reason = ""
    while True:
        data = os.pread(fd, SCAN_BYTES, end)
        found = parse(data, end, count, SCAN_BYTES)
        if found.records and found.records[0].accepted < accepted:
            raise Corruption(
                path, end, f"accepted: got {found.records[0].accepted}, want at least {accepted}"
            )
        count += len(found.records)
        if found.records:
            accepted = found.records[-1].accepted
        advanced = found.stop_offset > end
        end = found.stop_offset
        if found.stop in {Stop.END, Stop.DAMAGE}:
            reason = found.reason or "unwritten bytes"
            break
        if not advanced:  # nothing more, or a record that the file does not hold in full
            reason = "the file ends inside a record"
            break
    rest = _rest(fd, end)
    if committed.segment == header.segment and committed.end > end:
        raise Corruption(path, end, f"{reason}; records were acknowledged up to offset {committed.end}")
    if rest == bytes(len(rest)):
        return Tail(end, count, accepted, None)
    later = _sound_record_of_later_batch(rest, end)
    if later is not None:
        raise Corruption(path, end, f"{reason}; a later batch is sound at offset {later}")
    cut = Cut(str(path), end, len(rest.rstrip(b"\0")), reason)
    return Tail(end, count, accepted, cut)


def holds_records(fd: int) -> bool:
    """Say whether a segment whose header is damaged holds any sound record."""
    return _sound_record_of_later_batch(_rest(fd, 0), 0) is not None


def _rest(fd: int, offset: int) -> bytes:
    pieces = []
    while piece := os.pread(fd, SCAN_BYTES, offset):
        pieces.append(piece)
        offset += len(piece)
    return b"".join(pieces)


def _sound_record_of_later_batch(rest: bytes, base: int) -> int | None:
    """Return the segment offset of the first sound record in `rest` whose batch began after `base`."""
    at = rest.find(MAGIC)
    while at >= 0:
        if (base + at) % ALIGNMENT == 0:
            found = parse(rest[at : at + RECORD_BYTES_MAX + ALIGNMENT], base + at, None, 1)
            if found.records and found.batch_offset > base:
                return base + at
        at = rest.find(MAGIC, at + 1)
    return None
