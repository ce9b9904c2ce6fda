"""``stemedb prove`` and ``verify``: proofs for somebody who does not trust the replica, and their examination.

``verify`` needs the file, and the replica's public key if the file shall not vouch for itself. It talks to nobody:
no server, no replica, no clock.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from stemedb.cli.publish import STDIN
from stemedb.cli.reading import identity, stamp_text
from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest

if TYPE_CHECKING:
    from stemedb.bus.messages import ProveRequest

EVIDENCE_MARK: Final = b'"stemedb/evidence/'
MARK_WITHIN_BYTES: Final = 64
"""Evidence has one encoding, which begins with its format."""
READ_BYTES_MAX: Final = 64 << 20
"""Far above any proof file: what is larger is not one, and need not be read to the end."""


def prove(
    context: typer.Context,
    statement_id: Annotated[str | None, typer.Argument(metavar="ID", help="The statement to prove.")] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where the proof goes (default: standard output)."),
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="With ID and --predicate: prove it here, held or not.")
    ] = None,
    predicate: Annotated[str | None, typer.Option(help="With ID and --subject.")] = None,
    statement: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Prove this statement (JSON), held or not; - is standard input."),
    ] = None,
    wait_size: Annotated[
        int | None,
        typer.Option(metavar="SIZE", help="First wait until the map has taken in that much of the log."),
    ] = None,
) -> None:
    """Get a proof that the replica holds a statement, or that it does not.

    The proof is a file that `stemedb verify` checks without the replica.
    """
    from stemedb.bus.messages import ProveRequest

    session = Session.of(context)
    if (statement_id is None) == (statement is None):
        raise InvalidRequest("", "want either an ID or --statement FILE")
    fields: dict[str, Any] = {
        "id": identity(statement_id) if statement_id else None,
        "subject": subject,
        "predicate": predicate,
        "statement": _read(statement).decode(errors="replace") if statement else None,
        "wait_size": wait_size,
    }
    request = ProveRequest.decode(json.dumps({k: v for k, v in fields.items() if v is not None}).encode())
    proof = asyncio.run(_prove(session, request))
    encoded = json.dumps(proof, ensure_ascii=False, indent=1).encode() + b"\n"
    if out is None:
        session.output.raw(encoded)
        return
    out.write_bytes(encoded)
    if session.output.as_json:
        session.output.record({"file": str(out), "bytes": len(encoded), "claim": proof["claim"]})
    else:
        session.output.note(
            f"{out}: {len(encoded)} bytes, {proof['claim']}; check it with `stemedb verify {out}`"
        )


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A proof or evidence file; - is standard input.")],
    key: Annotated[
        str | None,
        typer.Option(metavar="U…", help="The replica's public key, as you know it from elsewhere."),
    ] = None,
) -> None:
    """Check a proof or evidence file, offline: exit code 0 if every link of it holds, else 1 and the first that does not.

    Without --key the file itself says whose signature it bears: that shows that nobody changed the file, not
    that it comes from the replica that it names. Evidence against a replica (`stemedb sync evidence`) holds both
    of the checkpoints that it signed and that contradict each other.
    """
    from stemedb.bus.messages import Stamp
    from stemedb.projection.verify import verify_proof_file
    from stemedb.statements import dump

    session = Session.of(context)
    raw = _read(file)
    if EVIDENCE_MARK in raw[:MARK_WITHIN_BYTES]:
        _verify_evidence(session, file, raw, key)
        return
    proven = verify_proof_file(raw, trusted_key=key)
    statement = None
    if proven.parsed is not None:
        statement = json.loads(dump(proven.parsed.canonical, proven.parsed.signature))
    stamp = None if proven.stamp is None else Stamp.of(proven.stamp)
    output = session.output
    if output.as_json:
        output.record(
            {
                "holds": True,
                "claim": proven.claim,
                "id": proven.id.hex(),
                "replica": proven.replica,
                "key": proven.key,
                "pinned": proven.pinned,
                "living": proven.living,
                "index": proven.index,
                "stamp": None if stamp is None else stamp.model_dump(),
                "signer": proven.signer,
                "log_size": None if proven.log is None else proven.log.size,
                "log_root": None if proven.log is None else proven.log.root.hex(),
                "map_size": proven.map.size,
                "map_root": proven.map.root.hex(),
                "statement": statement,
            }
        )
        return
    fields: dict[str, object] = {"proven": proven.claim, "id": proven.id.hex()}
    if statement is not None and statement["kind"] == "assertion":
        fields |= {name: statement[name] for name in ("subject", "predicate")}
        fields["value"] = statement["object"]["value"]
    if stamp is not None:
        fields["stamp"] = stamp_text(stamp)
    output.record(fields, title=f"{file}: every link holds")
    for sentence in proven.established:
        output.text(f"  ✓ {sentence}")


def _verify_evidence(session: Session, file: Path, raw: bytes, key: str | None) -> None:
    from stemedb.merkle.evidence import verify as verify_evidence

    found = verify_evidence(raw, trusted_key=key)
    output = session.output
    if output.as_json:
        output.record(
            {
                "holds": True,
                "claim": found.kind,
                "replica": found.replica,
                "key": found.key,
                "pinned": found.is_pinned,
                "is_proof": found.is_proof,
                **{
                    name: {"size": checkpoint.size, "root": checkpoint.root.hex()}
                    for name, checkpoint in (("earlier", found.earlier), ("later", found.later))
                },
            }
        )
        return
    fields = {
        "evidence": found.kind,
        "replica": found.replica,
        "earlier": f"{found.earlier.size} statements, root {found.earlier.root.hex()}",
        "later": f"{found.later.size} statements, root {found.later.root.hex()}",
    }
    output.record(fields, title=f"{file}: every link holds")
    for sentence in found.established:
        output.text(f"  ✓ {sentence}")
    if not found.is_pinned:
        output.note("the key is the file's own: compare it with the one you know, or give that with --key")


def _read(file: Path) -> bytes:
    if file == STDIN:
        return sys.stdin.buffer.read(READ_BYTES_MAX)
    with file.open("rb") as stream:
        return stream.read(READ_BYTES_MAX)


async def _prove(session: Session, request: "ProveRequest") -> dict[str, Any]:
    async with await session.connect() as client:
        return (await client.prove(request)).proof
