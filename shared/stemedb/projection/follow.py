"""Following a replica: its log, page by page, with the statements in it.

::

    log     a0  v1  a2  r0  a4 …          r0: the statement of entry 0 got another stamp
    page        v1  a2  a0'               every row is a statement under the stamp that it has from there on

Whoever reads from 0 and goes on where the last page ended sees every statement that the replica holds, in the order in which it came
to hold them, and each again when its stamp changes. Nothing is said twice and nothing is left out, across restarts of either side.

The log is that of one replica: the same index means another entry elsewhere, and after the loss of a log another one here.
"""

from typing import NamedTuple

from stemedb.ledger import LedgerReader
from stemedb.projection.bodies import Found
from stemedb.projection.query import PAGE_BYTES_MAX, claim_bytes
from stemedb.types import Kind, Stamp
from stemedb.wal import RESTAMP


class Followed(NamedTuple):
    """One entry: the statement, and whether it is an old one under a new stamp. `found.index` is the place of the entry."""

    found: Found
    is_restamped: bool


def page(reader: LedgerReader, start: int, end: int) -> list[Followed]:
    """Return the entries ``[start, end)`` as far as they fit into `PAGE_BYTES_MAX`, and at least one of them if there is any.

    An empty range, or one beyond the log, is an empty page. Raises `Corruption`.
    """
    if start >= min(end, reader.size):
        return []
    entries = reader.statements(start, min(end, reader.size))
    rows: list[Followed] = []
    room = PAGE_BYTES_MAX
    for entry, whole in zip(entries, reader.restated(entries), strict=True):
        record = whole.record
        found = Found(
            whole.id,
            entry.index,
            Kind(record.kind),
            Stamp(record.hlc, record.origin),
            record.canonical,
            record.signature,
        )
        room -= claim_bytes(found)
        if room < 0 and rows:
            break
        rows.append(Followed(found, entry.record.kind == RESTAMP))
    return rows
