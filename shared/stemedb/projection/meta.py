"""What the map says about itself in every commit: whose it is and how much of the log is in it.

The tree file stores a few bytes of its owner in the same commit as the tree (one write, one fdatasync). The projection
puts this mark there, so that the map and the place in the log up to which it was made can never disagree::

    commit n                 commit n + 1
    ┌──────────────┐         ┌──────────────┐
    │ tree nodes   │         │ tree nodes   │
    │ Mark: 41 200 │  ────▶  │ Mark: 41 950 │      a crash between the two leaves the left one: read on from 41 200
    └──────────────┘         └──────────────┘

Layout, big-endian::

    offset  size  field
    0       1     version, 1
    1       8     applied: how many log entries, from the first, are in the map
    9       32    log root: the Merkle root of those entries
    41      8     clock: when this replica accepted the last of them, as a reading of its own clock
    49      1     length of the replica's name, 1..32
    50      1..32 the replica's name, ASCII

The log root is what makes a restored or exchanged ledger visible: a mark whose root is not the ledger's root at the same
size belongs to another history, even if the size fits.
"""

import struct
from pathlib import PurePath
from typing import Final, NamedTuple

from stemedb.errors import Corruption, UnsupportedFormat
from stemedb.types import DIGEST_BYTES, Digest, Hlc, LogSize

MARK_VERSION: Final = 1
REPLICA_NAME_BYTES_MAX: Final = 32
"""The longest replica name, from the pattern of `stemedb.types`."""

_FIXED: Final = struct.Struct(f">BQ{DIGEST_BYTES}sQB")


class Mark(NamedTuple):
    """How much of which log a commit of the map contains."""

    applied: LogSize
    log_root: Digest
    clock: Hlc
    """When the replica accepted the last entry applied; 0 if there is none."""
    replica: str


def encode_mark(mark: Mark) -> bytes:
    """Return the mark as bytes for the commit.

    Requires a replica name of 1 to 32 ASCII characters.
    """
    name = mark.replica.encode("ascii")
    if not 1 <= len(name) <= REPLICA_NAME_BYTES_MAX:
        raise ValueError(f"replica name of {len(name)} bytes, want 1..{REPLICA_NAME_BYTES_MAX}")
    return _FIXED.pack(MARK_VERSION, mark.applied, mark.log_root, mark.clock, len(name)) + name


def decode_mark(meta: bytes, path: PurePath, offset: int) -> Mark:
    """Return the mark that `meta` holds; `path` and `offset` only say where it was read.

    Raises UnsupportedFormat for a later version, Corruption for anything that `encode_mark` does not write.
    """
    if meta and meta[0] > MARK_VERSION:
        raise UnsupportedFormat(
            f"{path}: map of version {meta[0]}, this software knows up to {MARK_VERSION}: update it"
        )
    if len(meta) <= _FIXED.size:
        raise Corruption(path, offset, f"mark of {len(meta)} bytes, want more than {_FIXED.size}")
    version, applied, log_root, clock, length = _FIXED.unpack_from(meta)
    name = meta[_FIXED.size :]
    if version != MARK_VERSION or len(name) != length or not name.isascii():
        raise Corruption(path, offset, f"not a mark: {meta[:16].hex()}")
    return Mark(LogSize(applied), Digest(log_root), Hlc(clock), name.decode("ascii"))
