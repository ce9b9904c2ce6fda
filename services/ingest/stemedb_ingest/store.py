"""What happens on the store's one thread: bodies in, durable receipts out.

::

    bodies ─split─▶ statements ─parse─▶ checked ─policy─▶ accepted ─Ledger.append─▶ receipts    one fdatasync
                        │                  │        │                                              for all of them
                        └──────────────────┴────────┴──▶ refusals, each with its line

The methods block and belong to one worker thread. They know no bus and no metrics, and take the time as an argument.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from stemedb.clocks import check_drift
from stemedb.errors import ClockDrift, InvalidStatement, NotFound
from stemedb.ledger import Ledger, Receipt
from stemedb.statements import Parsed, SigningPolicy, parse, split_body
from stemedb.statements.signing import SIGNATURE_BYTES
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Digest, Hlc, Kind, LogSize, Stamp

UNKNOWN_KIND = "unknown"
"""The label of a refused statement whose kind cannot be told."""


class Body(NamedTuple):
    """JSON or NDJSON from a publisher; `kind` is what the subject says, ``None`` where each statement says it."""

    data: bytes
    kind: Kind | None


class Canonical(NamedTuple):
    """A statement from a peer: its canonical bytes, signature (96 bytes or none) and the stamp it came with."""

    data: bytes
    signature: bytes
    stamp: Stamp | None


class Bundle(NamedTuple):
    """Statements from a peer that are to become durable together."""

    statements: Sequence[Canonical]


class Refusal(NamedTuple):
    """Why a statement was not taken, and its bytes."""

    line: int
    """0-based position in its body."""
    code: str
    field: str
    reason: str
    original: bytes


class Result(NamedTuple):
    """What became of one body: a run of the commit's receipts, and what was refused."""

    start: int
    end: int
    refusals: Sequence[Refusal]


class Commit(NamedTuple):
    """What became of one group of bodies; everything with a receipt is durable."""

    receipts: Sequence[Receipt]
    results: Sequence[Result]
    """One per body, in order."""
    counts: Counter[tuple[str, str]]
    """How many per (kind, outcome)."""
    before: LogSize
    size: LogSize
    root: Digest
    clock: Hlc

    def outcomes(self, result: Result) -> Iterator[Receipt | Refusal]:
        """Return one outcome per statement of a body, in the order of the body."""
        receipts = iter(self.receipts[result.start : result.end])
        refused = {refusal.line: refusal for refusal in result.refusals}
        for line in range(result.end - result.start + len(refused)):
            yield refused[line] if line in refused else next(receipts)


class State(NamedTuple):
    """Where the log stands."""

    size: LogSize
    root: Digest
    clock: Hlc
    checkpoint: bytes


class Store:
    """The single writer of one replica's ledger."""

    def __init__(self, ledger: Ledger, policy: SigningPolicy) -> None:
        self._ledger = ledger
        self._policy = policy

    @classmethod
    def open(cls, path: Path, replica: str, policy: SigningPolicy, now_ms: int) -> Self:
        """Open the replica's directory, or create it where there is none, and catch up with the WAL.

        Raises ``WrongReplica``, ``UnsupportedFormat``, ``Locked`` or ``Corruption``.
        """
        try:
            directory = ReplicaDirectory.open(path, replica)
        except NotFound:
            directory = ReplicaDirectory.create(path, replica)
        return cls(Ledger.open(directory, now_ms), policy)

    def commit(self, works: Sequence[Body | Bundle], now_ms: int) -> Commit:
        """Take in all statements of `works`; what has a receipt is durable when this returns.

        Bad statements become refusals and the rest goes on; it raises only ``Fatal``.
        """
        before = self._ledger.size
        accepted: list[tuple[Parsed, Stamp | None]] = []
        results: list[Result] = []
        refused: Counter[tuple[str, str]] = Counter()
        for work in works:
            start = len(accepted)
            if isinstance(work, Body):
                refusals = self._read_body(work, accepted)
                kind = UNKNOWN_KIND if work.kind is None else work.kind.wire
            else:
                refusals = self._read_bundle(work, accepted, now_ms)
                kind = UNKNOWN_KIND
            results.append(Result(start, len(accepted), refusals))
            if refusals:
                refused[kind, "rejected"] += len(refusals)
        receipts = self._ledger.append(accepted, now_ms)
        pairs = Counter(
            (parsed.kind, receipt.duplicate) for (parsed, _), receipt in zip(accepted, receipts, strict=True)
        )
        for (parsed_kind, duplicate), count in pairs.items():
            refused[parsed_kind.wire, "duplicate" if duplicate else "accepted"] += count
        ledger = self._ledger
        return Commit(receipts, results, refused, before, ledger.size, ledger.root(), ledger.clock.last)

    def state(self) -> State:
        """Return where the log stands."""
        ledger = self._ledger
        return State(ledger.size, ledger.root(), ledger.clock.last, ledger.checkpoint())

    def close(self) -> None:
        """Release the files and the lock."""
        self._ledger.close()

    def _read_body(self, body: Body, accepted: list[tuple[Parsed, Stamp | None]]) -> Sequence[Refusal]:
        try:
            raws = split_body(body.data)
        except InvalidStatement as error:
            return [Refusal(0, error.code, error.field, error.reason, body.data)]
        refusals: list[Refusal] = []
        kind, check = body.kind, self._policy.check
        for line, raw in enumerate(raws):
            try:
                parsed = parse(raw, kind)
                check(parsed)
            except InvalidStatement as error:
                refusals.append(Refusal(line, error.code, error.field, error.reason, raw))
            else:
                accepted.append((parsed, None))
        return refusals

    def _read_bundle(
        self, bundle: Bundle, accepted: list[tuple[Parsed, Stamp | None]], now_ms: int
    ) -> Sequence[Refusal]:
        refusals: list[Refusal] = []
        for line, given in enumerate(bundle.statements):
            try:
                parsed = _parse_canonical(given)
                self._policy.check(parsed)
                if given.stamp is not None:
                    check_drift(given.stamp.hlc, now_ms)
            except InvalidStatement as error:
                refusals.append(Refusal(line, error.code, error.field, error.reason, given.data))
            except ClockDrift as error:
                refusals.append(Refusal(line, error.code, "stamp", error.message, given.data))
            else:
                accepted.append((parsed, given.stamp))
        return refusals


def _parse_canonical(given: Canonical) -> Parsed:
    parsed = parse(given.data)
    if parsed.canonical != given.data:
        raise InvalidStatement("", "not in canonical form, which is RFC 8785 without the signature")
    if given.signature and len(given.signature) != SIGNATURE_BYTES:
        raise InvalidStatement("signature", f"got {len(given.signature)} bytes, want {SIGNATURE_BYTES}")
    return parsed._replace(signature=given.signature)
