"""Statements as a reader gets them: fetched from the ledger by id.

The map holds keys and stamps, never statements: those stand once, in the write-ahead log. A read therefore ends with a
fetch of exactly what the page shows::

    map key … id ──▶ ids/ (id → log index) ──▶ wal/ (one pread) ──▶ Found

`Found.stamp` is the stamp of the *map* where the map speaks of this very statement, since that is the one that all replicas
agree on; of a vote that a later one has replaced it is the stamp that this replica has for it, restamps included.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from stemedb.crdt import decode_stamp, decode_vote, map_entry
from stemedb.errors import NotFound, Unavailable
from stemedb.ledger import LedgerReader
from stemedb.statements import Statement, decode_canonical, dump
from stemedb.types import Kind, LogIndex, Stamp, StatementId

SHORT_HEX: Final = 12
"""Digits of an id shown in a message."""


class Found(NamedTuple):
    """A statement with all that its replica knows about it."""

    id: StatementId
    index: LogIndex  # type: ignore[assignment]  # the field's noun, above tuple.index
    kind: Kind
    stamp: Stamp
    canonical: bytes
    signature: bytes

    def json(self) -> bytes:
        """Return the statement as JSON with its signature in place."""
        return dump(self.canonical, self.signature)

    def statement(self) -> Statement:
        """Return the decoded statement."""
        return decode_canonical(self.canonical)


def fetch(reader: LedgerReader, id: StatementId) -> Found:  # noqa: A002 - the field's noun
    """Return the statement `id` with the stamp that the ledger has for it.

    Raises NotFound if this replica does not hold it.
    """
    index = reader.find(id)
    if index is None:
        raise NotFound(f"statement {id.hex()[:SHORT_HEX]}: not in this replica")
    return _found(reader, id, index, reader.known([id])[id].stamp)


def fetch_all(reader: LedgerReader, wanted: Iterable[tuple[StatementId, Stamp]]) -> list[Found]:
    """Return the statements of map entries, in the order given, each with the stamp of its map entry.

    Raises Unavailable if the ids of the ledger are still catching up with its log.
    """
    out: list[Found] = []
    for id, stamp in wanted:  # noqa: A001 - the field's noun
        index = reader.find(id)
        if index is None:
            # The map was made from the log, so the log has it: only the id table, which is derived, can be behind.
            raise Unavailable(f"statement {id.hex()[:SHORT_HEX]}: the id table is behind the log: try again")
        out.append(_found(reader, id, index, stamp))
    return out


def map_key(found: Found) -> bytes:
    """Return the key under which the map holds the statement, or would."""
    return map_entry(found.kind, found.statement(), found.id, found.stamp)[0]


def map_stamp(found: Found, value: bytes | None) -> Stamp | None:
    """Return the stamp in `value`, what the map holds under `map_key`, if it speaks of exactly this statement."""
    if value is None:
        return None
    if found.kind is not Kind.VOTE:
        return decode_stamp(value)
    stamp, vote = decode_vote(value)
    return stamp if vote == found.id else None


def _found(reader: LedgerReader, id: StatementId, index: LogIndex, stamp: Stamp) -> Found:  # noqa: A002 - as above
    record = reader.entry(index).record
    return Found(
        id,
        index,
        Kind(record.kind),
        stamp,
        record.canonical,
        record.signature,
    )
