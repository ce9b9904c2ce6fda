"""Making proof files: the log's path and the map's nodes for one entry, each under its signed root.

The checkpoint is read from beside the log, where ingest leaves it after each commit; the map note is signed here, with the replica's
key. Neither waits for the other: what is not covered yet is Unavailable, to be asked for again. What a proof file
means stands in `stemedb.projection.proof`.
"""

from typing import Final, Literal, NamedTuple

from stemedb.crdt import assertion_key
from stemedb.errors import Corruption, InvalidPath, InvalidRequest, Unavailable
from stemedb.ledger import LedgerReader
from stemedb.merkle import Checkpoint, log_origin, map_origin, note
from stemedb.mst import Tree
from stemedb.mst.proof import prove
from stemedb.projection.bodies import SHORT_HEX, Found, fetch, map_key, map_stamp
from stemedb.projection.meta import Mark
from stemedb.projection.proof import (
    PROOF_FORMAT,
    LogPart,
    MapPart,
    ProofFile,
    ReplicaPart,
    SignaturePart,
    StampPart,
    StatementPart,
    to_base64,
)
from stemedb.statements import Parsed, encode_public_key, signature_member
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Kind, LogIndex, Stamp, StatementId

_KIND_NAMES: Final[dict[Kind, Literal["assertion", "vote", "epoch"]]] = {
    Kind.ASSERTION: "assertion",
    Kind.VOTE: "vote",
    Kind.EPOCH: "epoch",
}


class Evidence(NamedTuple):
    """What proofs are made from: one commit of the map, the ledger, and the replica that signs."""

    replica: ReplicaDirectory
    tree: Tree
    mark: Mark
    reader: LedgerReader


def map_note(evidence: Evidence) -> bytes:
    """Return the signed note over the map's root; its size is how much of the log is applied."""
    origin = map_origin(evidence.replica.name)
    root = evidence.tree.root_digest
    return Checkpoint(origin, evidence.mark.applied, root).sign(evidence.replica.seed)


def prove_id(evidence: Evidence, id: StatementId) -> ProofFile:  # noqa: A002 - the field's noun
    """Return the proof that the statement `id` is in the log, with what the map says of it.

    Raises NotFound if the replica does not hold it, Unavailable if the map or the checkpoint does not cover it yet.
    """
    return _included(evidence, fetch(evidence.reader, id))


def prove_entry(
    evidence: Evidence,
    subject: str,
    predicate: str,
    id: StatementId,  # noqa: A002 - as above
) -> ProofFile:
    """Return the proof that the map holds this assertion, or that it does not.

    Raises InvalidRequest if `subject` or `predicate` cannot be one, and what `prove_id` raises if the map holds it.
    """
    try:
        key = assertion_key(subject, predicate, id)
    except InvalidPath as error:
        raise InvalidRequest("subject", error.reason) from None
    except ValueError as error:
        raise InvalidRequest("predicate", str(error)) from None
    if evidence.tree.get(key) is not None:
        return prove_id(evidence, id)
    return _file(evidence, "absent", key)


def prove_statement(evidence: Evidence, parsed: Parsed) -> ProofFile:
    """Return the proof that the statement is in the log, or that it is not among the living entries of the map.

    Raises what `prove_id` raises, NotFound excepted: a statement that is in the log but not in the map yet is Unavailable, for a
    proof of absence would be true of the map and misleading all the same.
    """
    if evidence.reader.find(parsed.id) is not None:
        return prove_id(evidence, parsed.id)
    unstamped = Found(
        parsed.id,
        LogIndex(0),
        parsed.kind,
        Stamp(evidence.mark.clock, evidence.replica.name),
        parsed.canonical,
        parsed.signature,
    )
    key = map_key(unstamped)
    # Of a vote the key may be held by another vote of the same agent, which then is part of the answer.
    return _file(evidence, "absent", key, value=evidence.tree.get(key), statement=_statement(unstamped))


def _included(evidence: Evidence, found: Found) -> ProofFile:
    short = found.id.hex()[:SHORT_HEX]
    if found.index >= evidence.mark.applied:
        raise Unavailable(
            f"statement {short}: entry {found.index} is not in the map yet, which has {evidence.mark.applied}: try again"
        )
    key = map_key(found)
    value = evidence.tree.get(key)
    if value is None:
        raise Corruption(
            evidence.replica.index,
            0,
            f"statement {short} is in the log at {found.index} but not in the map of {evidence.mark.applied} entries",
        )
    return _file(
        evidence,
        "included",
        key,
        value=value,
        statement=_statement(found),
        stamp=map_stamp(found, value),
        log=_log(evidence, found),
    )


def _log(evidence: Evidence, found: Found) -> LogPart:
    """Return the path from the statement to the root of the newest checkpoint."""
    signed = evidence.reader.checkpoint()
    public_key = note.public_key(evidence.replica.seed)
    checkpoint = Checkpoint.open(signed, log_origin(evidence.replica.name), public_key)
    if checkpoint.size <= found.index:
        raise Unavailable(f"entry {found.index}: the checkpoint has {checkpoint.size} entries: try again")
    # The log may have grown between the look at its size and the look at its checkpoint.
    if checkpoint.size > evidence.reader.refresh():
        raise Unavailable(
            f"the log has {evidence.reader.size} entries, its checkpoint {checkpoint.size}: try again"
        )
    path = evidence.reader.log.inclusion_proof(found.index, checkpoint.size)
    return LogPart(
        index=found.index,
        size=checkpoint.size,
        path=tuple(digest.hex() for digest in path),
        checkpoint=signed.decode(),
    )


def _statement(found: Found) -> StatementPart:
    signature = None
    if found.signature:
        member = signature_member(found.signature)
        signature = SignaturePart(key=member.key, value=member.value)
    return StatementPart(
        id=found.id.hex(),
        kind=_KIND_NAMES[found.kind],
        canonical=found.canonical.decode(),
        signature=signature,
    )


def _file(
    evidence: Evidence,
    claim: Literal["included", "absent"],
    key: bytes,
    *,
    value: bytes | None = None,
    statement: StatementPart | None = None,
    stamp: Stamp | None = None,
    log: LogPart | None = None,
) -> ProofFile:
    replica = evidence.replica
    return ProofFile(
        format=PROOF_FORMAT,
        claim=claim,
        replica=ReplicaPart(name=replica.name, key=encode_public_key(note.public_key(replica.seed))),
        statement=statement,
        stamp=None if stamp is None else StampPart.of(stamp),
        log=log,
        map=MapPart(
            key=to_base64(key),
            value=None if value is None else to_base64(value),
            nodes=tuple(to_base64(node) for node in prove(evidence.tree, key).nodes),
            note=map_note(evidence).decode(),
        ),
    )
