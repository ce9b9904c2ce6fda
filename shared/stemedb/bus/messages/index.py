"""Messages of the index service.

Every request may carry ``wait_size``: answer only once the map has taken in that much of the log, so that whoever holds a
receipt reads what they wrote. A wait longer than ``timeout_ms`` is ``unavailable``, never an old answer.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from stemedb.bus.messages.base import Count, HexDigest, Message, Reply, Request, Stamp

PAGE_MAX = 1000
"""Claims per page: with statements of typical size a page stays far below the server's ``max_payload``."""

PAGE_DEFAULT = 100
TIMEOUT_MS_MAX = 30_000
TIMEOUT_MS_DEFAULT = 2000
TEXT_MAX = 4096
STATEMENT_CHARS_MAX = 1 << 18
"""Characters of a statement's JSON: its canonical bytes are bounded far below, the rest is room for white space and escapes."""
CURSOR_MAX = 16_384

Lifecycle = Literal["proposed", "under_review", "approved", "deprecated", "rejected"]

Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX)]


class WaitingRequest(Request):
    """A request that may wait for the map to catch up."""

    wait_size: Count | None = None
    """Log size that must have been applied before the answer is made."""
    timeout_ms: Annotated[int, Field(ge=1, le=TIMEOUT_MS_MAX)] = TIMEOUT_MS_DEFAULT
    """How long to wait for it."""


class GetRequest(WaitingRequest):
    """One statement by its id."""

    id: HexDigest


class GetReply(Reply):
    """The statement as it was published, signature included."""

    id: HexDigest
    kind: Literal["assertion", "vote", "epoch"]
    index: Count
    """Position in the log of the replica that answers."""
    stamp: Stamp
    statement: dict[str, Any]


class QueryRequest(WaitingRequest):
    """Claims about one subject, below one prefix, or all; not both of `subject` and `prefix`."""

    subject: Text | None = None
    """Exactly this subject, with or without its scheme."""
    prefix: Text | None = None
    """This concept path and everything below it."""
    predicate: Text | None = None
    lifecycle: tuple[Lifecycle, ...] = ()
    """Look only at claims with one of these; empty means all."""
    lens: Text | None = None
    """Resolve each (subject, predicate) through this lens: ``authority``, ``epoch(recency)``, or with bounds
    ``constraints(tier<=2, votes)``. Without one the claims come as they are."""
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT
    """Claims, or with a lens groups, per page."""
    cursor: Annotated[str, StringConstraints(max_length=CURSOR_MAX)] | None = None
    """`cursor` of the page before."""


class Claim(Message):
    """One assertion found."""

    id: HexDigest
    index: Count
    """Position in the log of the replica that answers."""
    stamp: Stamp
    statement: dict[str, Any]


class Group(Message):
    """The claims about one (subject, predicate), and what the lens made of them."""

    subject: str
    predicate: str
    claims: Count
    """How many claims the lens was given."""
    resolution: dict[str, Any] | None = None
    """The lens's own report; absent when there are too many claims to resolve."""
    winner: Claim | None = None


class QueryReply(Reply):
    """One page in key order: claims without a lens, groups with one."""

    claims: tuple[Claim, ...] = ()
    groups: tuple[Group, ...] = ()
    cursor: str | None = None
    """Where the next page begins; absent on the last."""
    truncated: bool
    """The page ended early because it had read as much as one page may."""
    applied: Count
    """Log size that the answer is based on."""
    root: HexDigest
    """Root of the map that the answer is based on."""


class LogRequest(WaitingRequest):
    """What the log holds from `start` on: for whoever follows a replica and must miss nothing."""

    start: Count
    """Log index of the first entry wanted; `next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT
    """Entries per page."""


class LogEntry(Message):
    """One entry of the log: a statement, or a known one that got another stamp."""

    index: Count
    id: HexDigest
    kind: Literal["assertion", "vote", "epoch"]
    stamp: Stamp
    restamped: bool
    """The statement stands at a smaller index; here it got this stamp."""
    statement: dict[str, Any]


class LogReply(Reply):
    """One page in log order, of at least one entry while there are any."""

    entries: tuple[LogEntry, ...]
    next: Count
    """Where the next page begins."""
    applied: Count
    """Log size that the map has taken in: a page goes no further."""


class ProveRequest(WaitingRequest):
    """Prove what the replica holds, or that it does not hold it; the proof's ``claim`` says which.

    One of three: `id` alone (a statement that the replica holds, else not found); `id` with `subject` and `predicate` (that
    assertion, held or not); `statement` (that statement, held or not).
    """

    id: HexDigest | None = None
    subject: Text | None = None
    predicate: Text | None = None
    statement: Annotated[str, StringConstraints(max_length=STATEMENT_CHARS_MAX)] | None = None
    """The JSON of a statement with its ``kind``, as it was or would be published."""


class ProveReply(Reply):
    """A proof file: all that a third party needs to check it offline."""

    proof: dict[str, Any]


class RootRequest(WaitingRequest):
    """The root of the map."""


class RootReply(Reply):
    """The state of the map and of the log that it follows."""

    replica: str
    version: str
    root: HexDigest
    """Root of the map."""
    keys: Count
    applied: Count
    """Log size that the map has taken in."""
    log_size: Count
    """Log size that is durable; the difference is the lag."""
    log_root: HexDigest
    """Root of the log at `log_size`."""
    note: str
    """The signed note over `applied` and `root`."""
    checkpoint: str | None = None
    """The signed note over the log, as ingest last wrote it; absent while it has written none."""


class Indexed(Message):
    """Event: the map has taken in the log up to `applied`."""

    replica: str
    applied: Count
    root: HexDigest
    """Root of the map."""
    keys: Count
    changed: Count
    """Map entries that this commit added or changed."""
    clock: Stamp
    """When this replica accepted the last entry taken in."""
