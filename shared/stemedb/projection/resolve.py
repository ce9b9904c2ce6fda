"""Pages of resolved groups: every (subject, predicate) with what a lens makes of its claims.

A lens needs all that bears on a group: its claims, the living votes on them, and, if it looks at epochs, the epochs. Each is a
range of the map, read from the same commit as the group itself::

    group     a subject 00 predicate 00 …    ──▶ ids ──▶ claims    ┐
    votes     v id …   (one range per claim) ──▶ ids ──▶ ballots   ├──▶ lens.resolve ──▶ Resolved
    epochs    e …      (once per page)       ──▶ ids ──▶ epochs    ┘

What it does not do: it has no opinion. Which claim wins and why is the lens's, documented with its formula.
"""

from itertools import islice
from typing import cast

import msgspec

from stemedb.crdt import ID_BYTES, decode_stamp, decode_vote, epochs_range, subject_range, votes_range
from stemedb.errors import Overloaded
from stemedb.ledger import LedgerReader
from stemedb.mst import Tree
from stemedb.projection.bodies import Found, fetch_all
from stemedb.projection.meta import Mark
from stemedb.projection.query import (
    CLAIM_OVERHEAD_BYTES,
    EPOCHS_MAX,
    FETCH_CLAIMS,
    GROUP_BALLOTS_MAX,
    GROUP_BYTES_MAX,
    GROUP_CLAIMS_MAX,
    PAGE_BYTES_MAX,
    Page,
    Plan,
    Resolved,
    Row,
    Scan,
    claim_bytes,
    continuation,
    is_wanted,
    row,
)
from stemedb.statements.lenses import Ballot, Claim, EpochEntry, Lens
from stemedb.statements.model import Assertion, Epoch, Vote
from stemedb.types import Stamp, StatementId


def groups_page(plan: Plan, tree: Tree, reader: LedgerReader, mark: Mark) -> Page:
    """Return a page of groups, each resolved as a whole. Requires a plan with a lens.

    Raises Overloaded if the lens looks at epochs and there are more than `EPOCHS_MAX`.
    """
    assert plan.lens is not None
    resolver = _Resolver(plan, plan.lens, tree, reader)
    scan = Scan(tree, plan)
    groups: list[Resolved] = []
    room = PAGE_BYTES_MAX

    def page(resume: bytes | None, *, truncated: bool) -> Page:
        return Page((), tuple(groups), continuation(plan, resume), truncated, mark, tree.root_digest)

    while len(groups) < plan.limit and (first := next(scan, None)) is not None:
        group = resolver.resolve(scan, first)
        if group is None:
            continue
        room -= _group_bytes(group)
        if room < 0 and groups:
            return page(first.key, truncated=True)
        groups.append(group)
    return page(scan.resume_at_next() if len(groups) == plan.limit else scan.resume, truncated=scan.truncated)


def _group_bytes(group: Resolved) -> int:
    """Return about how many bytes the group takes in a reply."""
    resolution = 0 if group.resolution is None else len(msgspec.json.encode(group.resolution.as_dict()))
    return resolution + (0 if group.winner is None else claim_bytes(group.winner)) + CLAIM_OVERHEAD_BYTES


class _Resolver:
    """Resolves the groups of one page; holds the epochs, which are the same for all of them."""

    def __init__(self, plan: Plan, lens: Lens, tree: Tree, reader: LedgerReader) -> None:
        self._plan = plan
        self._lens = lens
        self._tree = tree
        self._reader = reader
        self._epochs: list[EpochEntry] | None = None

    def resolve(self, scan: Scan, first: Row) -> Resolved | None:
        """Return the group of `first`, None if the lifecycle filter leaves nothing of it; moves `scan` behind it."""
        start, end = subject_range(first.subject, first.predicate)
        rows = [row(*item) for item in islice(self._tree.items(start, end), GROUP_CLAIMS_MAX + 1)]
        # The scan has counted the first row already.
        scan.skip_to(end, read=len(rows) - 1)
        too_large = Resolved(first.subject, first.predicate, len(rows), None, None)
        found = self._claims(rows)
        if found is None:
            return too_large
        if not found:
            return None
        ballots = self._ballots(found)
        if ballots is None:
            return too_large
        claims = [Claim(f.id, cast("Assertion", f.statement()), f.stamp) for f in found]
        resolution = self._lens.resolve(claims, ballots, self._all_epochs())
        winner = next((f for f in found if f.id == resolution.winner), None)
        return Resolved(first.subject, first.predicate, len(found), resolution, winner)

    def _claims(self, rows: list[Row]) -> list[Found] | None:
        """Return the claims of `rows` that the plan looks at, None if that is more than a lens is given."""
        if len(rows) > GROUP_CLAIMS_MAX:
            return None
        found: list[Found] = []
        room = GROUP_BYTES_MAX
        for at in range(0, len(rows), FETCH_CLAIMS):
            fetched = fetch_all(self._reader, [(r.id, r.stamp) for r in rows[at : at + FETCH_CLAIMS]])
            found += [claim for claim in fetched if is_wanted(self._plan, claim)]
            room -= sum(map(claim_bytes, fetched))
            if room < 0:
                return None
        return found

    def _ballots(self, found: list[Found]) -> list[Ballot] | None:
        """Return the living votes on the claims, None if they are more than a lens is given."""
        entries: list[tuple[StatementId, Stamp]] = []
        for claim in found:
            for _, value in self._tree.items(*votes_range(claim.id)):
                stamp, vote = decode_vote(value)
                entries.append((vote, stamp))
                if len(entries) > GROUP_BALLOTS_MAX:
                    return None
        bodies = fetch_all(self._reader, entries)
        return [Ballot(b.id, cast("Vote", b.statement()), b.stamp) for b in bodies]

    def _all_epochs(self) -> list[EpochEntry]:
        if "epoch" not in self._lens.name:
            return []
        if self._epochs is None:
            items = list(islice(self._tree.items(*epochs_range()), EPOCHS_MAX + 1))
            if len(items) > EPOCHS_MAX:
                raise Overloaded(f"more than {EPOCHS_MAX} epochs")
            entries = [(StatementId(key[-ID_BYTES:]), decode_stamp(value)) for key, value in items]
            bodies = fetch_all(self._reader, entries)
            self._epochs = [EpochEntry(b.id, cast("Epoch", b.statement()), b.stamp) for b in bodies]
        return self._epochs
