"""Many statements in one message, in columns: how pages between replicas and their hand-over to ingest are packed.

::

    row         0        1        2        3
    lengths     412      398      0        405       0: the statement is not here
    canonical   ████████ ████████          ███████   one after the other
    clocks      +t       +1       -9       +10       differences of clock readings: one or two bytes each
    origins     a        a        b        a         one byte each into a table; nothing at all when all are the same

A statement costs 4 bytes and 1.5 µs on its way, both ends together; as a message of its own it costs 30 and 8.

`unpack` believes nothing: counts must agree and lengths must add up. What the statements say is for whoever takes them.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from stemedb.errors import InvalidInput
from stemedb.statements.signing import SIGNATURE_BYTES
from stemedb.v1 import bulk_pb2

ORIGINS_MAX: Final = 255
"""Origins in one message: rows refer to them by one byte."""

_CLOCK_MASK: Final = 2**64 - 1
_CLOCK_HALF: Final = 2**63


class Row(NamedTuple):
    """One statement, or the stamp of one that is not here."""

    canonical: bytes
    """Empty where it is not here."""
    signature: bytes
    """Empty, or 96 bytes."""
    clock: int
    origin: str


class Rows(NamedTuple):
    """The columns of a message, unpacked."""

    canonicals: list[bytes]
    """Empty bytes where the statement is not here."""
    signatures: dict[int, bytes]
    """By row; 96 bytes."""
    clocks: list[int]
    origins: list[str]
    """Of each row."""


def pack(rows: Sequence[Row]) -> bulk_pb2.Columns:
    """Return the message; requires clock readings of 64 bits and at most `ORIGINS_MAX` different origins."""
    canonicals, signatures, clocks, origins = zip(*rows, strict=True) if rows else ((), (), (), ())
    table = list(dict.fromkeys(origins))
    number_of = {origin: number for number, origin in enumerate(table)}
    signed = [row for row, signature in enumerate(signatures) if signature]
    return bulk_pb2.Columns(
        lengths=list(map(len, canonicals)),
        canonical=b"".join(canonicals),
        clocks=[_difference(now, before) for before, now in pairwise((0, *clocks))],
        origins=table,
        origin_of=bytes([number_of[origin] for origin in origins]) if len(table) > 1 else b"",
        signed=signed,
        signatures=b"".join(signatures),
    )


def unpack(columns: bulk_pb2.Columns) -> Rows:
    """Return what the message holds; raises `InvalidInput` if its columns do not belong together."""
    lengths = list(columns.lengths)
    clocks = [clock & _CLOCK_MASK for clock in accumulate(columns.clocks)]
    if len(clocks) != len(lengths):
        raise InvalidInput("clocks", f"got {len(clocks)} for {len(lengths)} rows")
    ends = list(accumulate(lengths, initial=0))
    data = columns.canonical
    if ends[-1] != len(data):
        raise InvalidInput("canonical", f"got {len(data)} bytes, the lengths add up to {ends[-1]}")
    return Rows(
        [data[first:last] for first, last in pairwise(ends)],
        _signatures(columns, lengths),
        clocks,
        _origins(columns, len(lengths)),
    )


def _origins(columns: bulk_pb2.Columns, count: int) -> list[str]:
    table, numbers = list(columns.origins), columns.origin_of
    if not numbers and (len(table) == 1 or not count):
        return table * count
    if len(numbers) != count or max(numbers) >= len(table):
        raise InvalidInput(
            "origin_of", f"got {len(numbers)} rows out of {len(table)} origins, want {count} rows"
        )
    return [table[number] for number in numbers]


def _signatures(columns: bulk_pb2.Columns, lengths: list[int]) -> dict[int, bytes]:
    rows, data = list(columns.signed), columns.signatures
    if len(data) != len(rows) * SIGNATURE_BYTES:
        raise InvalidInput(
            "signatures", f"got {len(data)} bytes, want {SIGNATURE_BYTES} for each of {len(rows)}"
        )
    if any(row >= len(lengths) or not lengths[row] for row in rows) or len(set(rows)) != len(rows):
        raise InvalidInput("signed", "names a row that is not here, or one twice")
    return {
        row: data[number * SIGNATURE_BYTES : (number + 1) * SIGNATURE_BYTES]
        for number, row in enumerate(rows)
    }


def _difference(now: int, before: int) -> int:
    # The difference of two readings below 2^64 may need 65 bits; modulo 2^64 it needs 64 and adds up to the same.
    return ((now - before + _CLOCK_HALF) & _CLOCK_MASK) - _CLOCK_HALF
