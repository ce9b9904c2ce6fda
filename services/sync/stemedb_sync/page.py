"""A page: a run of log entries as it travels between replicas.

::

    entry        0        1        2        3
    began here   yes      yes      no       yes
    columns      ████████ ████████ (stamp)  ███████    statements whole; their ids are their hashes, so they are not sent
    ids                            ██                  32 bytes each, of what is not sent

A peer has most of what did not begin here from where it began, so an id is enough; if it turns out otherwise it asks for
everything (``inline_all``). The format of the columns is that of `stemedb.bus.columns`.

`decode` believes nothing: counts must agree, lengths must add up, and what is left is a list of ids that can only be the
entries of the log if they lead to its signed root.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from google.protobuf.message import DecodeError

from stemedb.bus.columns import ORIGINS_MAX, Row, pack, unpack
from stemedb.bus.subjects import Subjects
from stemedb.errors import InvalidInput, ProofError
from stemedb.ledger import Entry
from stemedb.statements import statement_id
from stemedb.types import DIGEST_BYTES, Kind, StatementId
from stemedb.v1 import bulk_pb2, sync_pb2

PAGE_ENTRIES_MAX: Final = 2000
"""Entries of one page: as many as one request to ingest takes."""

PAGE_BYTES_MAX: Final = 512 * 1024
"""Statements in one page: half of the default ``max_payload``, so that ids always fit beside, and few enough to be held several times."""

STATEMENT_KINDS: Final = frozenset(int(kind) for kind in Kind)
"""Kinds of records that hold a statement; any other record of the log only names one."""


class Page(NamedTuple):
    """A page as it came, its columns unpacked; nothing is verified but that they fit together."""

    start: int
    end: int
    ids: list[StatementId]
    canonicals: list[bytes]
    """Empty for what was not sent."""
    signatures: dict[int, bytes]
    """By offset in the page; 96 bytes."""
    clocks: list[int]
    origins: list[str]
    """Of each entry."""
    accepted_first: int
    """The peer's clock when it accepted the first entry."""
    columns: bulk_pb2.Columns
    """The same packed, to be handed on as a whole."""


def encode(
    entries: Sequence[Entry], own: str, *, bytes_max: int, inline_all: bool = False, ids_only: bool = False
) -> bytes:
    """Return as much of `entries` as one page may hold, at least the first.

    What `own` stamped is sent whole, or with `inline_all` everything, with `ids_only` nothing; a restamp never, since its statement
    stands elsewhere. Requires at least one entry, and at most `PAGE_ENTRIES_MAX`.
    """
    rows: list[Row] = []
    ids: list[bytes] = []
    origins: set[str] = set()
    room = bytes_max
    new = tuple.__new__
    for _, id_, record in entries:
        kind, clock, origin, _, canonical, signature = record
        origins.add(origin)
        if len(origins) > ORIGINS_MAX:
            break
        if (origin == own or inline_all) and not ids_only and kind in STATEMENT_KINDS:
            room -= len(canonical) + len(signature)
            if room < 0 and rows:
                break
            rows.append(new(Row, (canonical, signature, clock, origin)))
        else:
            ids.append(id_)
            rows.append(new(Row, (b"", b"", clock, origin)))
    start = entries[0].index
    reply = sync_pb2.RangeReply(
        start=start,
        end=start + len(rows),
        columns=pack(rows),
        ids=b"".join(ids),
        accepted_first=entries[0].record.accepted,
        accepted_last=entries[len(rows) - 1].record.accepted,
    )
    return bytes(reply.SerializeToString())


def decode(data: bytes, start: int, end: int) -> Page:
    """Return the page in `data`, which was asked for as ``[start, end)``; raises `ProofError` for one that is no answer to that."""
    try:
        reply = sync_pb2.RangeReply.FromString(data)
        rows = unpack(reply.columns)
        for origin in reply.columns.origins:
            Subjects(origin)  # a replica's name, or it is refused
    except (DecodeError, InvalidInput) as error:
        raise ProofError(f"page at {start}: not a RangeReply: {error}") from None
    if reply.start != start or not start < reply.end <= end:
        raise ProofError(f"page: got entries [{reply.start}, {reply.end}), want some from [{start}, {end})")
    if len(rows.canonicals) != reply.end - start:
        raise ProofError(f"page at {start}: got {len(rows.canonicals)} rows, want {reply.end - start}")
    return Page(
        start, reply.end, _ids(reply.ids, rows.canonicals, start), *rows, reply.accepted_first, reply.columns
    )


def _ids(data: bytes, canonicals: list[bytes], start: int) -> list[StatementId]:
    missing = canonicals.count(b"")
    if len(data) != missing * DIGEST_BYTES:
        raise ProofError(
            f"page at {start}: got {len(data)} bytes of ids for {missing} entries without statement"
        )
    if not missing:
        return list(map(statement_id, canonicals))
    sent = iter([data[at : at + DIGEST_BYTES] for at in range(0, len(data), DIGEST_BYTES)])
    return [statement_id(canonical) if canonical else StatementId(next(sent)) for canonical in canonicals]
