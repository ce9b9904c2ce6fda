"""What happens on the store's one thread: bodies in, durable receipts out.

::

    bodies ─split─▶ statements ─parse─▶ checked ─policy─▶ accepted ─Ledger.append─▶ receipts    one fdatasync
                        │                  │        │                                              for all of them
                        └──────────────────┴────────┴──▶ refusals, each with its line

The methods block and belong to one worker thread. They know no bus and no metrics, and take the time as an argument.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from stemedb.clocks import check_drift
from stemedb.errors import ClockDrift, InvalidStatement, NotFound, WrongReplica
from stemedb.ledger import Item, Ledger, Receipt
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


class Commit(NamedTuple):
    """What became of one group of bodies; everything with a receipt is durable."""

    receipts: Sequence[Receipt]
    """Of all statements that were taken, in order."""
    ends: Sequence[int]
    """For each body, where its run of `receipts` ends and the next body's begins."""
    refusals: Mapping[int, Sequence[Refusal]]
    """By position of the body, for those that have any."""
    counts: Counter[tuple[str, str]]
    """How many per (kind, outcome)."""
    before: LogSize
    size: LogSize
    root: Digest
    clock: Hlc

    def outcomes(self, position: int) -> Iterator[Receipt | Refusal]:
        """Return one outcome per statement of the body at `position`, in the order of the body."""
        start = self.ends[position - 1] if position else 0
        receipts = iter(self.receipts[start : self.ends[position]])
        refused = {refusal.line: refusal for refusal in self.refusals.get(position, ())}
        for line in range(self.ends[position] - start + len(refused)):
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
    def open(
        cls, path: Path, replica: str, policy: SigningPolicy, now_ms: int, realm: bytes | None = None
    ) -> Self:
        """Open the replica's directory, or create it where there is none, and catch up with the WAL.

        Raises ``WrongReplica``, also when it is not of the `realm` that is given, ``UnsupportedFormat``, ``Locked`` or
        ``Corruption``.
        """
        try:
            directory = ReplicaDirectory.open(path, replica)
        except NotFound:
            directory = ReplicaDirectory.create(path, replica, realm)
        if realm is not None and directory.realm != realm:
            raise WrongReplica(
                f"{path}: is of realm {directory.realm_id[:8]}, not of the one that STEMEDB_REALM_KEY is the key of:"
                " set the key that it was made with, or use another data directory"
            )
        return cls(Ledger.open(directory, now_ms), policy)

    def commit(self, works: Sequence[Body | Bundle], now_ms: int) -> Commit:
        """Take in all statements of `works`; what has a receipt is durable when this returns.

        Bad statements become refusals and the rest goes on; it raises only ``Fatal``.
        """
        before = self._ledger.size
        accepted: list[Item] = []
        ends: list[int] = []
        refusals: dict[int, Sequence[Refusal]] = {}
        for position, work in enumerate(works):
            if isinstance(work, Body):
                refused = self._read_body(work, accepted)
            else:
                refused = self._read_bundle(work, accepted, now_ms)
            if refused:
                refusals[position] = refused
            ends.append(len(accepted))
        receipts = self._ledger.append(accepted, now_ms)
        counts = _count(accepted, receipts)
        for position, refused in refusals.items():
            counts[_kind_of(works[position]), "rejected"] += len(refused)
        ledger = self._ledger
        return Commit(receipts, ends, refusals, counts, before, ledger.size, ledger.root(), ledger.clock.last)

    def state(self) -> State:
        """Return where the log stands."""
        ledger = self._ledger
        return State(ledger.size, ledger.root(), ledger.clock.last, ledger.checkpoint())

    def close(self) -> None:
        """Release the files and the lock."""
        self._ledger.close()

    def _read_body(self, body: Body, accepted: list[Item]) -> Sequence[Refusal]:
        data, kind = body
        if data and b"\n" not in data:
            raws = [data]  # one statement on one line, the usual case, needs no look at its lines
        else:
            try:
                raws = split_body(data)
            except InvalidStatement as error:
                return (Refusal(0, error.code, error.field, error.reason, data),)
        refused: list[Refusal] = []
        check = self._policy.check
        for line, raw in enumerate(raws):
            try:
                parsed = parse(raw, kind)
                check(parsed)
            except InvalidStatement as error:
                refused.append(Refusal(line, error.code, error.field, error.reason, raw))
            else:
                accepted.append((parsed, None))
        return refused

    def _read_bundle(self, bundle: Bundle, accepted: list[Item], now_ms: int) -> Sequence[Refusal]:
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


def _count(accepted: Sequence[Item], receipts: Sequence[Receipt]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    kinds = Counter([item[0].kind for item in accepted])
    if any([receipt.duplicate for receipt in receipts]):  # noqa: C419 - a list is read twice as fast
        repeats = Counter(
            [item[0].kind for item, receipt in zip(accepted, receipts, strict=True) if receipt.duplicate]
        )
    else:
        repeats = Counter()
    for kind, count in kinds.items():
        counts[kind.wire, "accepted"] = count - repeats[kind]
        counts[kind.wire, "duplicate"] = repeats[kind]
    return counts


def _kind_of(work: Body | Bundle) -> str:
    if isinstance(work, Body) and work.kind is not None:
        return work.kind.wire
    return UNKNOWN_KIND


def _parse_canonical(given: Canonical) -> Parsed:
    parsed = parse(given.data)
    if parsed.canonical != given.data:
        raise InvalidStatement("", "not in canonical form, which is RFC 8785 without the signature")
    if given.signature and len(given.signature) != SIGNATURE_BYTES:
        raise InvalidStatement("signature", f"got {len(given.signature)} bytes, want {SIGNATURE_BYTES}")
    return parsed._replace(signature=given.signature)
