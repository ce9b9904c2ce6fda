"""A page: a run of log entries as it travels between replicas, in columns.

::

    entry       0        1        2        3
    lengths     412      398      0        405       0: not sent, because it did not begin here
    canonical   ████████ ████████          ███████   one after the other; the id of each is its hash, so it is not sent
    ids                           ██                 32 bytes each, of what is not sent
    clocks      +t       +1       -9       +10       differences of clock readings: one or two bytes each
    origins     a        a        b        a         one byte each into a table; nothing at all when all are the same

A statement of 300 bytes costs 4 more on its way. An entry that the asking replica is likely to have costs 35.

`decode` believes nothing: counts must agree, lengths must add up, and what is left is a list of ids that can only be the
entries of the log if they lead to its signed root.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from google.protobuf.message import DecodeError

from stemedb.errors import ProofError
from stemedb.ledger import Entry
from stemedb.statements import statement_id
from stemedb.statements.signing import SIGNATURE_BYTES
from stemedb.types import DIGEST_BYTES, Kind, StatementId
from stemedb.v1 import sync_pb2

PAGE_ENTRIES_MAX: Final = 2000
"""Entries of one page: as many as one request to ``ingest.append`` takes."""

PAGE_BYTES_MAX: Final = 512 * 1024
"""Statements in one page: half of the default ``max_payload``, so that its ids always fit beside, and few enough to be held several times."""

ORIGINS_MAX: Final = 255
"""Origins of one page, which are counted in one byte; an entry by one more begins the next page."""

STATEMENT_KINDS: Final = frozenset(int(kind) for kind in Kind)
"""Kinds of records that hold a statement; any other record of the log only names one."""

_CLOCK_MASK: Final = 2**64 - 1
_CLOCK_HALF: Final = 2**63


class Page(NamedTuple):
    """A page as it came, its columns unpacked; nothing is verified but that they fit together."""

    start: int
    end: int
    ids: list[StatementId]
    canonicals: list[bytes | None]
    """``None`` for what was not sent."""
    signatures: dict[int, bytes]
    """By offset in the page; 96 bytes."""
    clocks: list[int]
    origins: list[str]
    """Of each entry."""
    accepted_first: int
    """The peer's clock when it accepted the first entry."""


def encode(entries: Sequence[Entry], own: str, *, bytes_max: int, inline_all: bool) -> bytes:
    """Return as much of `entries` as one page may hold, at least the first.

    What `own` stamped is sent whole, or with `inline_all` everything; a restamp never, since its statement stands
    elsewhere. Requires at least one entry, and at most `PAGE_ENTRIES_MAX`.
    """
    lengths: list[int] = []
    canonicals: list[bytes] = []
    ids: list[bytes] = []
    clocks: list[int] = []
    origin_of = bytearray()
    origins: dict[str, int] = {}
    signed: list[int] = []
    signatures: list[bytes] = []
    room = bytes_max
    last = accepted = 0
    for offset, (_, id_, record) in enumerate(entries):
        kind, hlc, origin, accepted_here, canonical, signature = record
        number = origins.get(origin)
        if number is None:
            if len(origins) == ORIGINS_MAX:
                break
            number = len(origins)
        if (origin == own or inline_all) and kind in STATEMENT_KINDS:
            room -= len(canonical) + len(signature)
            if room < 0 and offset:
                break
            lengths.append(len(canonical))
            canonicals.append(canonical)
            if signature:
                signed.append(offset)
                signatures.append(signature)
        else:
            lengths.append(0)
            ids.append(id_)
        origins[origin] = number
        origin_of.append(number)
        clocks.append(hlc - last)
        last, accepted = hlc, accepted_here
    start = entries[0].index
    return bytes(
        sync_pb2.RangeReply(
            start=start,
            end=start + len(lengths),
            lengths=lengths,
            canonical=b"".join(canonicals),
            ids=b"".join(ids),
            clocks=[_signed(step) for step in clocks],
            origins=list(origins),
            origin_of=bytes(origin_of) if len(origins) > 1 else b"",
            signed=signed,
            signatures=b"".join(signatures),
            accepted_first=entries[0].record.accepted,
            accepted_last=accepted,
        ).SerializeToString()
    )


def decode(data: bytes, start: int, end: int) -> Page:
    """Return the page in `data`, which was asked for as ``[start, end)``; raises `ProofError` for one that is no answer to that."""
    try:
        reply = sync_pb2.RangeReply.FromString(data)
    except DecodeError as error:
        raise ProofError(f"page at {start}: not a RangeReply: {error}") from None
    if reply.start != start or not start < reply.end <= end:
        raise ProofError(f"page: got entries [{reply.start}, {reply.end}), want some from [{start}, {end})")
    count = reply.end - start
    lengths = list(reply.lengths)
    canonicals: list[bytes | None] = _canonicals(reply.canonical, lengths, start)
    ids = _ids(reply.ids, canonicals, start)
    clocks = [step & _CLOCK_MASK for step in accumulate(reply.clocks)]
    if len(lengths) != count or len(clocks) != count:
        raise ProofError(
            f"page at {start}: got {len(lengths)} lengths and {len(clocks)} clocks, want {count}"
        )
    return Page(
        start,
        reply.end,
        ids,
        canonicals,
        _signatures(reply, lengths),
        clocks,
        _origins(reply, count),
        reply.accepted_first,
    )


def _canonicals(data: bytes, lengths: list[int], start: int) -> list[bytes | None]:
    ends = list(accumulate(lengths, initial=0))
    if ends[-1] != len(data):
        raise ProofError(
            f"page at {start}: got {len(data)} bytes of statements, its lengths add up to {ends[-1]}"
        )
    return [data[first:last] or None for first, last in pairwise(ends)]


def _ids(data: bytes, canonicals: list[bytes | None], start: int) -> list[StatementId]:
    missing = canonicals.count(None)
    if len(data) != missing * DIGEST_BYTES:
        raise ProofError(
            f"page at {start}: got {len(data)} bytes of ids for {missing} entries without statement"
        )
    if not missing:
        return [statement_id(canonical) for canonical in canonicals if canonical is not None]
    sent = iter([data[at : at + DIGEST_BYTES] for at in range(0, len(data), DIGEST_BYTES)])
    return [
        StatementId(next(sent)) if canonical is None else statement_id(canonical) for canonical in canonicals
    ]


def _origins(reply: sync_pb2.RangeReply, count: int) -> list[str]:
    table = list(reply.origins)
    numbers = reply.origin_of
    if not numbers and len(table) == 1:
        return table * count
    if len(numbers) != count or max(numbers) >= len(table):
        raise ProofError(
            f"page at {reply.start}: got {len(numbers)} origins out of {len(table)}, want {count}"
        )
    return [table[number] for number in numbers]


def _signatures(reply: sync_pb2.RangeReply, lengths: list[int]) -> dict[int, bytes]:
    offsets, data = list(reply.signed), reply.signatures
    if len(data) != len(offsets) * SIGNATURE_BYTES or any(
        offset >= len(lengths) or not lengths[offset] for offset in offsets
    ):
        raise ProofError(f"page at {reply.start}: its {len(data)} bytes of signatures fit no statements")
    return {
        offset: data[number * SIGNATURE_BYTES : (number + 1) * SIGNATURE_BYTES]
        for number, offset in enumerate(offsets)
    }


def _signed(step: int) -> int:
    # A difference of two readings below 2^64 may need 65 bits; modulo 2^64 it needs 64 and adds up to the same.
    return ((step + _CLOCK_HALF) & _CLOCK_MASK) - _CLOCK_HALF
