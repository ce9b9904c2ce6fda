"""One commit of the map with the ledger beside it: what all reads are made on.

A view is fixed: commits that come later do not change what it answers, so the page, the root and the proof that one
request shows belong together. Statements come from the ledger, which only grows.

A view belongs to one thread.
"""

from typing import NamedTuple

from stemedb.errors import NotFound
from stemedb.projection import prove
from stemedb.projection.bodies import Found, fetch, map_key, map_stamp
from stemedb.projection.follow import Followed, page
from stemedb.projection.meta import Mark
from stemedb.projection.proof import ProofFile
from stemedb.projection.prove import Evidence
from stemedb.projection.query import Page, Query, claims_page, plan
from stemedb.projection.resolve import groups_page
from stemedb.statements import Parsed
from stemedb.types import Digest, LogSize, StatementId


class LogState(NamedTuple):
    """How far the log is durable, its root there, and the signed note that ingest wrote last, which may be of another size."""

    size: LogSize
    root: Digest
    checkpoint: bytes | None
    """None while it has written none."""


class View:
    """The map of one replica at one commit."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    @property
    def mark(self) -> Mark:
        """How much of the log the commit contains."""
        return self._evidence.mark

    @property
    def root(self) -> Digest:
        """The root of the map."""
        return self._evidence.tree.root_digest

    @property
    def keys(self) -> int:
        """How many entries the map holds."""
        return len(self._evidence.tree)

    def note(self) -> bytes:
        """Return the signed note over the map's root; its size is how much of the log is applied."""
        return prove.map_note(self._evidence)

    def log_state(self) -> LogState:
        """Return where the log stands, which is at or beyond what the commit contains."""
        reader = self._evidence.reader
        try:
            checkpoint = reader.checkpoint()
        except NotFound:
            checkpoint = None
        return LogState(reader.size, reader.log.root(), checkpoint)

    def get(self, id: StatementId) -> Found:  # noqa: A002 - the field's noun
        """Return the statement `id`, with the stamp of the map where the map speaks of it.

        Raises NotFound if the replica does not hold it.
        """
        found = fetch(self._evidence.reader, id)
        stamp = map_stamp(found, self._evidence.tree.get(map_key(found)))
        return found if stamp is None else found._replace(stamp=stamp)

    def query(self, query: Query) -> Page:
        """Return one page of the answer to `query`; raises InvalidRequest with the field that is wrong, or Overloaded."""
        wanted = plan(query)
        answer = claims_page if wanted.lens is None else groups_page
        return answer(wanted, self._evidence.tree, self._evidence.reader, self.mark)

    def log_page(self, start: int, limit: int) -> list[Followed]:
        """Return at most `limit` entries of the log from `start` on; see `stemedb.projection.follow.page`."""
        return page(self._evidence.reader, start, min(self.mark.applied, start + limit))

    def prove(self, id: StatementId) -> ProofFile:  # noqa: A002 - as above
        """Return the proof that the statement `id` is in the log; see `stemedb.projection.prove.prove_id`."""
        return prove.prove_id(self._evidence, id)

    def prove_entry(self, subject: str, predicate: str, id: StatementId) -> ProofFile:  # noqa: A002 - as above
        """Return the proof that the map holds this assertion or not; see `stemedb.projection.prove.prove_entry`."""
        return prove.prove_entry(self._evidence, subject, predicate, id)

    def prove_statement(self, parsed: Parsed) -> ProofFile:
        """Return the proof that the replica holds the statement or not; see `stemedb.projection.prove.prove_statement`."""
        return prove.prove_statement(self._evidence, parsed)
