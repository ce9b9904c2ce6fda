"""Messages of the ingest service."""

from stemedb.bus.messages.base import Count, HexDigest, Message, Reply, Request, Stamp

APPEND_STATEMENTS_MAX = 2000
"""Statements in one request to ``ingest.append``: their outcomes, at up to 500 bytes each, fit the default ``max_payload``."""


class Receipt(Message):
    """A statement is durable: where it is in the log, and since when."""

    id: HexDigest
    index: Count
    """Position in the log of the replica that answers."""
    duplicate: bool
    """It was known before; `index` is that of the first time, and so is `stamp` unless it was `restamped`."""
    stamp: Stamp
    restamped: bool
    """The stamp that it came with took the place of the one it had, as an entry of the log of its own."""


class StatementError(Message):
    """A statement was refused; nothing of it is stored."""

    code: str
    field: str
    """Dotted path of the field that breaks a rule, empty when it is the whole."""
    message: str


class Outcome(Message):
    """What became of one statement of a request: exactly one of the two."""

    receipt: Receipt | None = None
    error: StatementError | None = None


class AppendReply(Reply):
    """Answer to ``ingest.append``: one outcome per statement, in the order of the request."""

    outcomes: tuple[Outcome, ...]
    size: Count
    """Size of the log once these were appended."""
    root: HexDigest
    """Root of the log at that size."""

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """The receipts of what is durable now, refused statements left out."""
        return tuple(outcome.receipt for outcome in self.outcomes if outcome.receipt is not None)

    @property
    def errors(self) -> tuple[StatementError, ...]:
        """What was refused, the durable left out."""
        return tuple(outcome.error for outcome in self.outcomes if outcome.error is not None)


class Committed(Message):
    """Event: the log grew by `count` statements and they are durable."""

    replica: str
    size: Count
    root: HexDigest
    first: Count
    """Index of the first of them."""
    count: Count
    clock: Stamp
    """Stamp of the newest entry of the log that was stamped here."""


class Rejected(Message):
    """A statement from the intake that was refused, with what is needed to correct it."""

    replica: str
    code: str
    field: str
    reason: str
    subject: str
    """Where it was published."""
    sequence: Count
    """Its message's sequence in the intake stream."""
    line: Count
    """0-based position of the statement within the message."""
    original: str
    """The bytes as they came: text, or base64 where they are not UTF-8."""
    encoding: str
    """``utf-8`` or ``base64``."""
    length: Count
    """Bytes of the original; `original` holds its beginning where it was too long to be a statement."""


class StatusRequest(Request):
    """The state of the log and of the intake."""


class StatusReply(Reply):
    """The state of the log and of the intake."""

    replica: str
    version: str
    size: Count
    root: HexDigest
    clock: Stamp
    checkpoint: str
    """The signed note over size and root."""
    pending: Count
    """Statements taken in and not yet durable."""
