"""Questions about claims, answered page by page from one commit of the map.

A question is a range of keys and what to keep of it. Assertions are ordered by (subject, predicate, id), so a subject and a
concept path are each one range, and the claims that contend with one another stand side by side::

    a  pkg://pypi/blake3  00 license  00 1f…   ┐ one group: the claims that a lens is given
    a  pkg://pypi/blake3  00 license  00 c4…   ┘
    a  pkg://pypi/blake3  00 summary  00 07…   ── the next group
    a  pkg://pypi/lmdb    00 license  00 9a…

Without a lens a page holds claims, raw, contradictions side by side. With a lens it holds groups, each resolved as a whole: a lens
that saw part of a group would give a wrong answer, so a group is never split over pages, and one that is too large (the bounds
are named below) is shown as unresolved rather than resolved by half.

Invariants
    * Every page is read from one commit; `Page.applied` says which.
    * Paging with `Page.cursor` until it is None visits every claim (group) that was there from the first page to the last exactly
      once, in key order, whatever was written in between.
    * A page reads at most `SCAN_MAX` keys and one group beyond, and holds `PAGE_BYTES_MAX` or one claim or group alone. Where that
      ends it early, `truncated` is true and the cursor goes on: no bound is silent.

The lifecycle filter says which claims are looked at *before* a lens resolves them. It needs the statement, so it
reads the body of every claim in range; subject, prefix and predicate do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, cast

import msgspec

from stemedb.crdt import (
    ID_BYTES,
    AssertionKey,
    KeyRange,
    decode_key,
    decode_stamp,
    prefix_ranges,
    subject_range,
)
from stemedb.errors import InvalidPath, InvalidRequest
from stemedb.ledger import LedgerReader
from stemedb.mst import Tree
from stemedb.projection.bodies import Found, fetch_all
from stemedb.projection.cursor import decode_cursor, encode_cursor
from stemedb.projection.meta import Mark
from stemedb.statements.lenses import Lens, Resolution, lens
from stemedb.statements.model import LIFECYCLES, Assertion
from stemedb.statements.paths import ConceptPath, subject_key
from stemedb.types import Digest, Stamp, StatementId

LIMIT_MAX: Final = 1000
"""Claims or groups in a page: of the usual size (400 bytes) they fill a message of the server's default 1 MiB by half."""

SCAN_MAX: Final = 10_000
"""Keys read for one page, so that a page that finds nothing still takes milliseconds (bodies included: under half a second)."""

PAGE_BYTES_MAX: Final = 512 << 10
"""What the claims and resolutions of a page may take as JSON, unless it is one alone: half of the server's default for a message."""

CLAIM_OVERHEAD_BYTES: Final = 350
"""Id, index, stamp and the frame of a signature around a claim in a reply."""

FETCH_CLAIMS: Final = 100
"""Statements fetched at a time; of the greatest size they are 6 MiB."""

GROUP_CLAIMS_MAX: Final = 10_000
"""Claims about one (subject, predicate) that a lens is given; more is no longer a disagreement but a stream."""

GROUP_BYTES_MAX: Final = 16 << 20
"""What the claims of such a group may take together: ten thousand of ordinary size are 5 MiB, of the greatest 640."""

GROUP_BALLOTS_MAX: Final = 50_000
"""Living votes on the claims of one group."""

EPOCHS_MAX: Final = 10_000
"""Epochs given to a lens that looks at them."""

_ALL_ASSERTIONS: Final = KeyRange(b"a", b"b")
_ID_TAIL: Final = 1 + ID_BYTES  # the 00 after the predicate and the id


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. Not both of `subject` and `prefix`; neither of them means every subject."""

    subject: str | None = None
    """A subject, exactly, with or without its scheme."""
    prefix: str | None = None
    """A concept path: itself and all below it."""
    predicate: str | None = None
    lifecycle: frozenset[str] = frozenset()
    """The lifecycles looked at; empty means all."""
    lens: str | None = None
    """The name of a lens, such as ``recency``, ``epoch(authority)`` or, with bounds, ``constraints(tier<=2, votes)``."""
    limit: int = 100
    """Claims, or with a lens groups, in a page: 1 to `LIMIT_MAX`."""
    cursor: str | None = None
    """Where the page before ended."""


class Resolved(NamedTuple):
    """One (subject, predicate) with what the lens made of its claims."""

    subject: str
    predicate: str
    claims: int
    """How many claims the lens was given."""
    resolution: Resolution | None
    """None if the group is too large: more than `GROUP_CLAIMS_MAX` claims, `GROUP_BYTES_MAX`, or `GROUP_BALLOTS_MAX` votes."""
    winner: Found | None


class Page(NamedTuple):
    """One page of an answer; `claims` is empty with a lens, `groups` without."""

    claims: tuple[Found, ...]
    groups: tuple[Resolved, ...]
    cursor: str | None
    truncated: bool
    mark: Mark
    root: Digest


class Row(NamedTuple):
    """One assertion entry of the map."""

    key: bytes
    subject: str
    predicate: str
    id: StatementId
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Plan:
    """The ranges of keys that a query is about, and what to keep of them."""

    ranges: tuple[KeyRange, ...]
    predicate: bytes | None
    lifecycle: frozenset[str]
    lens: Lens | None
    limit: int
    question: bytes
    """What identifies the query to its cursors."""


def plan(query: Query) -> Plan:
    """Return what to read for `query`; raises InvalidRequest with the field that is wrong."""
    if not 1 <= query.limit <= LIMIT_MAX:
        raise InvalidRequest("limit", f"got {query.limit}, want 1..{LIMIT_MAX}")
    unknown = sorted(query.lifecycle.difference(LIFECYCLES))
    if unknown:
        raise InvalidRequest("lifecycle", f"got {', '.join(unknown)}, want some of {', '.join(LIFECYCLES)}")
    question = _question(query)
    ranges = _ranges(query)
    if query.cursor is not None:
        ranges = _from(ranges, decode_cursor(query.cursor, question))
    return Plan(
        ranges,
        None if query.predicate is None else query.predicate.encode(),
        query.lifecycle,
        None if query.lens is None else lens(query.lens),
        query.limit,
        question,
    )


class Scan(Iterator[Row]):
    """The assertions in a plan's ranges, in key order; it counts what it reads and stops at `SCAN_MAX`.

    Once it has stopped early, `truncated` is true and `resume` is the first key that was not looked at.
    """

    def __init__(self, tree: Tree, plan: Plan) -> None:
        self._tree = tree
        self._plan = plan
        self._items = self._entries(plan.ranges)
        self._left = SCAN_MAX
        self.resume: bytes | None = None
        self.truncated = False

    def __next__(self) -> Row:
        wanted = self._plan.predicate
        for key, value in self._items:
            if self._left <= 0:
                # The key is taken from the walk and not looked at, so the walk must not go on behind it.
                self.resume, self.truncated, self._items = key, True, iter(())
                break
            self._left -= 1
            if wanted is None or key[key.index(0) + 1 : -_ID_TAIL] == wanted:
                return row(key, value)
        raise StopIteration

    def skip_to(self, position: bytes, read: int) -> None:
        """Go on at the key `position`, having read `read` entries otherwise."""
        self._left -= read
        self._items = self._entries(_from(self._plan.ranges, position))

    def resume_at_next(self) -> bytes | None:
        """Return the key of the next wanted entry, or where the scan stopped looking for it, or None at the end."""
        following = next(self, None)
        return self.resume if following is None else following.key

    def _entries(self, ranges: tuple[KeyRange, ...]) -> Iterator[tuple[bytes, bytes]]:
        for start, end in ranges:
            yield from self._tree.items(start, end)


def row(key: bytes, value: bytes) -> Row:
    """Return the assertion entry that `key` and `value` are."""
    parts = decode_key(key)
    assert isinstance(parts, AssertionKey), key[:1]
    return Row(key, parts.subject, parts.predicate, parts.id, decode_stamp(value))


def claims_page(plan: Plan, tree: Tree, reader: LedgerReader, mark: Mark) -> Page:
    """Return a page of claims as they were made, contradictions side by side. Requires a plan without a lens."""
    scan = Scan(tree, plan)
    found: list[Found] = []
    room = PAGE_BYTES_MAX

    def page(resume: bytes | None, *, truncated: bool) -> Page:
        return Page(tuple(found), (), continuation(plan, resume), truncated, mark, tree.root_digest)

    while rows := list(islice(scan, min(FETCH_CLAIMS, plan.limit - len(found)))):
        for row, claim in zip(rows, fetch_all(reader, [(r.id, r.stamp) for r in rows]), strict=True):
            if not is_wanted(plan, claim):
                continue
            room -= claim_bytes(claim)
            if room < 0 and found:
                return page(row.key, truncated=True)
            found.append(claim)
    return page(scan.resume_at_next() if len(found) == plan.limit else scan.resume, truncated=scan.truncated)


def is_wanted(plan: Plan, claim: Found) -> bool:
    """Whether the plan looks at claims of this one's lifecycle."""
    return not plan.lifecycle or cast("Assertion", claim.statement()).lifecycle in plan.lifecycle


def claim_bytes(claim: Found) -> int:
    """Return about how many bytes the claim takes in a reply."""
    return len(claim.canonical) + len(claim.signature) + CLAIM_OVERHEAD_BYTES


def continuation(plan: Plan, resume: bytes | None) -> str | None:
    """Return the cursor of the page after, None if there is none."""
    return None if resume is None else encode_cursor(plan.question, resume)


def _ranges(query: Query) -> tuple[KeyRange, ...]:
    if query.subject is not None and query.prefix is not None:
        raise InvalidRequest("prefix", "give a subject or a prefix, not both")
    if query.predicate is not None and (not query.predicate or "\0" in query.predicate):
        raise InvalidRequest("predicate", "want text without NUL")
    if query.subject is not None:
        try:
            return (subject_range(ConceptPath.parse(query.subject).wire, query.predicate),)
        except InvalidPath as error:
            raise InvalidRequest("subject", error.reason) from None
    if query.prefix is not None:
        try:
            return prefix_ranges(query.prefix)
        except InvalidPath as error:
            raise InvalidRequest("prefix", error.reason) from None
    return (_ALL_ASSERTIONS,)


def _from(ranges: tuple[KeyRange, ...], position: bytes) -> tuple[KeyRange, ...]:
    """Return what of `ranges` is not before `position`."""
    return tuple(KeyRange(max(start, position), end) for start, end in ranges if position < end)


def _question(query: Query) -> bytes:
    """Return bytes that two queries share exactly if a cursor of the one may continue the other."""
    wire = None if query.subject is None else subject_key(query.subject)
    return msgspec.json.encode([wire, query.prefix, query.predicate, sorted(query.lifecycle), query.lens])
