"""Checking a proof file: every link of its chain, in the order in which each one rests on the one before.

    1. the key: pinned by the reader, or merely named by the file
    2. the statement: its bytes are canonical, hash to its id, and bear its signature if there is one
    3. the log: the checkpoint is signed by the key, and the path leads from the id to its root
    4. the map: its note is signed by the key, and the nodes lead from its root to the value, or to where the key would stand
    5. the stamp: it is the one in the map

The result says in words what was established, and only that. The format and what it means is in `stemedb.projection.proof`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from stemedb.clocks.hlc import unpack
from stemedb.crdt import (
    AssertionKey,
    EpochKey,
    MapKey,
    VoteKey,
    decode_key,
    decode_stamp,
    decode_vote,
    map_entry,
)
from stemedb.errors import InvalidInput, InvalidStatement, ProofError
from stemedb.merkle import verify_inclusion
from stemedb.merkle.checkpoint import Checkpoint, log_origin, map_origin
from stemedb.merkle.note import VerifierKey
from stemedb.mst.proof import MapProof, verify_proof
from stemedb.projection.proof import ProofFile, StatementPart, from_base64
from stemedb.statements import Parsed, parse, signing
from stemedb.statements.model import Signature
from stemedb.types import Digest, Hlc, LogIndex, Stamp, StatementId

_SHORT: Final = 12  # digits of a digest in a sentence
_CALENDAR_MS_MAX: Final = 253_402_300_799_999  # the end of the year 9999; a clock's 48 bits reach further


@dataclass(frozen=True, slots=True)
class Verified:
    """What a proof file established; there is no instance for a file that does not hold."""

    claim: Literal["included", "absent"]
    id: StatementId
    parsed: Parsed | None
    """The statement; None in an absence asked for by subject, predicate and id."""
    living: bool
    """The map holds this very statement: it is included, and not a vote that a later one has replaced."""
    stamp: Stamp | None
    index: LogIndex | None
    replica: str
    key: str
    """The public nkey that both notes are signed with."""
    pinned: bool
    """The reader named the key; else only the file vouches for it."""
    signer: str | None
    """The public nkey that signed the statement itself."""
    log: Checkpoint | None
    map: Checkpoint
    established: tuple[str, ...]
    """The same in sentences, one for each link."""


def verify_proof_file(raw: bytes, *, trusted_key: str | None = None) -> Verified:
    """Return what the proof file `raw` establishes.

    `trusted_key` is the replica's public nkey (``U…``) or its C2SP verifier key (``stemedb/<replica>+…``), known from
    elsewhere. Raises ProofError with the first link that does not hold.
    """
    file = ProofFile.decode(raw)
    key = _key(file, trusted_key)
    parsed = None if file.statement is None else _statement(file.statement)
    log = _log(file, parsed, key)
    map_note = Checkpoint.open(file.map.note.encode(), map_origin(file.replica.name), key)
    entry = _entry(file, parsed, map_note)
    _agree(file, parsed, log, map_note, entry)
    held = entry.holds(entry.id)
    return Verified(
        claim=file.claim,
        id=entry.id,
        parsed=parsed,
        living=held,
        stamp=entry.stamp if held else None,
        index=None if file.log is None else LogIndex(file.log.index),
        replica=file.replica.name,
        key=file.replica.key,
        pinned=trusted_key is not None,
        signer=None
        if file.statement is None or file.statement.signature is None
        else file.statement.signature.key,
        log=log,
        map=map_note,
        established=tuple(_sentences(file, log, map_note, entry, pinned=trusted_key is not None)),
    )


class _Entry(NamedTuple):
    """What the map is proven to hold under one key."""

    key: MapKey
    id: StatementId
    """Of the statement that the file is about."""
    stamp: Stamp | None
    """Of what the map holds there; None if it holds nothing."""
    held: StatementId | None
    """The statement that the map holds there: that of the file, or another vote of its agent."""

    def holds(self, id: StatementId) -> bool:  # noqa: A002 - the field's noun
        """Whether the map holds the statement `id` under this key."""
        return self.held == id


def _key(file: ProofFile, trusted_key: str | None) -> bytes:
    """Return the raw public key of the replica, which is the one pinned if one is."""
    try:
        key = signing.decode_public_key(file.replica.key)
    except ValueError as error:
        raise ProofError(f"replica.key: {error}") from None
    if trusted_key is None:
        return key
    if "+" in trusted_key:
        pinned = VerifierKey.parse(trusted_key)
        origin = log_origin(file.replica.name)
        if pinned.name != origin:
            raise ProofError(f"replica: got {origin}, want {pinned.name}, whose key is trusted")
        wanted = pinned.public_key
    else:
        try:
            wanted = signing.decode_public_key(trusted_key)
        except ValueError as error:
            raise ProofError(f"trusted key: {error}") from None
    if key != wanted:
        raise ProofError(
            f"replica.key: got {file.replica.key}, want {signing.encode_public_key(wanted)}, which is trusted"
        )
    return key


def _statement(part: StatementPart) -> Parsed:
    """Return the statement, recomputed from its bytes, its signature verified if there is one."""
    try:
        raw = part.canonical.encode()
        parsed = parse(raw)
    except (UnicodeEncodeError, InvalidStatement) as error:
        raise ProofError(f"statement.canonical: not a statement: {error}") from None
    if parsed.canonical != raw:
        raise ProofError("statement.canonical: not the canonical form")
    if parsed.id.hex() != part.id:
        raise ProofError(
            f"statement.id: got {part.id[:_SHORT]}…, want {parsed.id.hex()[:_SHORT]}…, the digest of the bytes"
        )
    if parsed.kind.wire != part.kind:
        raise ProofError(f"statement.kind: got {part.kind}, want {parsed.kind.wire}")
    if part.signature is None:
        return parsed
    try:
        signature = signing.signature_bytes(Signature(part.signature.key, part.signature.value))
    except InvalidStatement as error:
        raise ProofError(f"statement.{error}") from None
    signing.verify(parsed.id, signature)
    return parsed._replace(signature=signature)


def _log(file: ProofFile, parsed: Parsed | None, key: bytes) -> Checkpoint | None:
    """Verify that the statement is in the log, if that is what the file claims, and return the log's checkpoint."""
    if file.claim == "absent":
        if file.log is not None:
            raise ProofError("log: a proof of absence has none")
        return None
    if file.log is None or parsed is None:
        raise ProofError("log: a proof of inclusion needs a statement and its place in the log")
    checkpoint = Checkpoint.open(file.log.checkpoint.encode(), log_origin(file.replica.name), key)
    if checkpoint.size != file.log.size:
        raise ProofError(f"log.size: got {file.log.size}, want {checkpoint.size}, which is signed")
    path = [Digest(bytes.fromhex(digest)) for digest in file.log.path]
    verify_inclusion(parsed.id, file.log.index, file.log.size, path, checkpoint.root)
    return checkpoint


def _entry(file: ProofFile, parsed: Parsed | None, note: Checkpoint) -> _Entry:
    """Return what the nodes prove that the map holds, or does not hold, under the file's key."""
    key = from_base64("map.key", file.map.key)
    nodes = tuple(from_base64(f"map.nodes.{i}", node) for i, node in enumerate(file.map.nodes))
    value = verify_proof(note.root, key, MapProof(nodes))
    named = None if file.map.value is None else from_base64("map.value", file.map.value)
    if named != value:
        raise ProofError("map.value: is not what the nodes prove")
    try:
        parts = decode_key(key)
        if parsed is not None:
            id_ = parsed.id
        elif isinstance(parts, VoteKey):
            raise ProofError("statement: an absent vote must be given, its key does not name it")
        else:
            id_ = parts.id
        if value is None:
            return _Entry(parts, id_, None, None)
        if isinstance(parts, VoteKey):
            stamp, vote = decode_vote(value)
            return _Entry(parts, id_, stamp, vote)
        return _Entry(parts, id_, decode_stamp(value), parts.id)
    except InvalidInput as error:
        raise ProofError(f"map: {error}") from None


def _agree(
    file: ProofFile, parsed: Parsed | None, log: Checkpoint | None, note: Checkpoint, entry: _Entry
) -> None:
    """Check that statement, log, map and stamp speak of one thing and bear out the claim."""
    if parsed is not None:
        wanted, _ = map_entry(parsed.kind, parsed.statement, parsed.id, Stamp(Hlc(0), file.replica.name))
        if from_base64("map.key", file.map.key) != wanted:
            raise ProofError("map.key: is not the key of the statement")
    held = entry.holds(entry.id)
    stamp = None if file.stamp is None else file.stamp.stamp
    if stamp != (entry.stamp if held else None):
        raise ProofError("stamp: is not the one in the map")
    if file.claim == "absent":
        if held:
            raise ProofError("claim: got absent, but the map holds the statement")
        return
    assert file.log is not None
    assert log is not None
    if note.size <= file.log.index:
        raise ProofError(f"map.note: got size {note.size}, want more than the index {file.log.index}")
    if entry.held is None:
        raise ProofError("claim: got included, but the map does not hold the statement")


def _sentences(
    file: ProofFile, log: Checkpoint | None, note: Checkpoint, entry: _Entry, *, pinned: bool
) -> Iterator[str]:
    """Say what was established, one sentence for each link of the chain."""
    name, key = file.replica.name, file.replica.key
    short = entry.id.hex()[:_SHORT]
    if pinned:
        yield f"replica {name} signed this with {key}, the key you trust"
    else:
        yield f"replica {name} signed this with {key}; only this file says that the key is {name}'s"
    if file.statement is not None:
        yield f"the {file.statement.kind} shown is the one with id {short}…"
        if file.statement.signature is None:
            yield "no signature of it is shown: its agent is what it says, and not proven"
        else:
            yield f"it is signed by {file.statement.signature.key}"
    if file.log is not None and log is not None:
        yield f"it is entry {file.log.index} of the log of {name}, which has {log.size} entries and root {log.root.hex()[:_SHORT]}…"
    after = f"the map of {name} after {note.size} entries, root {note.root.hex()[:_SHORT]}…,"
    if entry.stamp is None:
        yield f"{after} holds no {_describe(entry)}"
    elif entry.holds(entry.id):
        yield f"{after} holds it, first accepted {_time(entry.stamp.hlc)} by {entry.stamp.origin}"
    else:
        assert entry.held is not None
        yield (
            f"{after} holds another vote of its agent, {entry.held.hex()[:_SHORT]}…, accepted {_time(entry.stamp.hlc)}"
            f" by {entry.stamp.origin}: that one counts"
        )


def _describe(entry: _Entry) -> str:
    short = entry.id.hex()[:_SHORT]
    match entry.key:
        case AssertionKey(subject, predicate):
            return f"assertion {short}… about {subject} {predicate}"
        case VoteKey(assertion, agent):
            return f"vote of {agent} on {assertion.hex()[:_SHORT]}…"
        case EpochKey(name):
            return f"epoch {short}… named {name}"


def _time(hlc: Hlc) -> str:
    milliseconds, _ = unpack(hlc)
    if milliseconds > _CALENDAR_MS_MAX:
        return f"{milliseconds} ms after 1970"
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
