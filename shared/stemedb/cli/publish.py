"""``stemedb publish``, ``vote`` and ``epoch``: statements in, receipts out.

A receipt says that a statement is durable: it is in the write-ahead log, fsynced, at that index of the log. The commands
wait for it, so exit code 0 means that the statement will be there after any crash.

What is given as arguments is built into a statement here; what comes from a file or standard input goes to the
replica as it is, which is the judge of it. With ``--sign-with`` both are read here first, since only what was
understood can be signed.
"""

import getpass
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from stemedb.cli import exits
from stemedb.cli.reading import identity, stamp_text
from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest, InvalidStatement, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemedb.bus.messages import AppendReply, Outcome, Receipt
    from stemedb.statements import Statement, Value

Counted: TypeAlias = "Callable[[Sequence[Receipt]], list[dict[str, object]]]"

RECEIPT_COLUMNS: Final = ("line", "id", "index", "state", "stamp", "error")
STDIN: Final = Path("-")


class ValueType(StrEnum):
    """The types of an assertion's object."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    REFERENCE = "reference"


class Lifecycle(StrEnum):
    """Where a claim stands with its author."""

    PROPOSED = "proposed"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    DEPRECATED = "deprecated"
    REJECTED = "rejected"


class Relation(StrEnum):
    """How a statement relates to those that it supersedes."""

    CORRECTS = "corrects"
    REFINES = "refines"
    RETRACTS = "retracts"
    REPLACES = "replaces"


AgentOption = Annotated[
    str | None,
    typer.Option(
        envvar="STEMEDB_AGENT", help="Who says so (default: the signing key, else your login name)."
    ),
]
SignOption = Annotated[
    Path | None,
    typer.Option("--sign-with", metavar="FILE", help="Sign with the seed in this file (see keygen)."),
]


def publish(
    context: typer.Context,
    subject: Annotated[str | None, typer.Argument(help="Concept path: scheme://a/b, or a bare a/b.")] = None,
    predicate: Annotated[str | None, typer.Argument(help="What is said about it.")] = None,
    value: Annotated[str | None, typer.Argument(help="The value that is claimed.")] = None,
    *,
    value_type: Annotated[ValueType, typer.Option("--type", help="What VALUE is.")] = ValueType.TEXT,
    confidence: Annotated[float, typer.Option(min=0, max=1, help="How sure the agent is.")] = 1.0,
    tier: Annotated[
        int,
        typer.Option(
            min=0, max=5, help="0 regulatory, 1 standard, 2 vendor, 3 team policy, 4 observation, 5 anecdote."
        ),
    ] = 5,
    source: Annotated[
        str | None, typer.Option(metavar="URI", help="Where it comes from (default: agent:AGENT).")
    ] = None,
    digest: Annotated[
        str | None,
        typer.Option(metavar="ALG:HEX", help="Digest of what the source was, such as sha256:9f3a…."),
    ] = None,
    lifecycle: Annotated[
        Lifecycle,
        typer.Option(
            help="Where the claim stands. To the linter an approved one counts in full, one under review 0.75, a proposed one 0.5."
        ),
    ] = Lifecycle.PROPOSED,
    agent: AgentOption = None,
    supersedes: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="An assertion that this one supersedes; may be repeated."),
    ] = None,
    relation: Annotated[Relation | None, typer.Option(help="How it supersedes them.")] = None,
    epoch: Annotated[
        str | None, typer.Option(metavar="ID", help="The epoch that the claim belongs to.")
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option("--meta", metavar="KEY=TEXT", help="A note on the claim; may be repeated."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Publish this JSON or NDJSON file instead; - is standard input."),
    ] = None,
    sign_with: SignOption = None,
) -> None:
    """Publish a claim and wait until it is durable.

    Either SUBJECT PREDICATE VALUE with options, or --file, or JSON on standard input. A file holds one statement, or
    one on each line (for more than a megabyte use import).
    """
    session = Session.of(context)
    given = [word for word in (subject, predicate, value) if word is not None]
    if len(given) not in (0, 3):
        raise InvalidRequest("", f"got {len(given)} of SUBJECT PREDICATE VALUE, want all three or none")
    if given and file is not None:
        raise InvalidRequest("--file", "got a claim as arguments as well; want one of the two")
    if not given:
        send(session, _read_body(file, sign_with))
        return
    from msgspec import UNSET

    from stemedb.statements import Assertion, Source

    assert subject is not None
    assert predicate is not None
    assert value is not None
    name = agent_name(agent, sign_with)
    assertion = Assertion(
        subject=subject,
        predicate=predicate,
        object=typed_value(value_type, value),
        confidence=confidence,
        source=Source(tier=tier, uri=source or f"agent:{name}", digest=digest or UNSET),
        lifecycle=lifecycle.value,
        agent=name,
        supersedes=tuple(supersedes) if supersedes else UNSET,
        relation=relation.value if relation else UNSET,
        epoch=epoch or UNSET,
        metadata=_pairs(metadata) if metadata else UNSET,
    )
    send(session, statement_json(assertion, sign_with))


def vote(
    context: typer.Context,
    assertion: Annotated[str, typer.Argument(help="The id of the assertion.")],
    weight: Annotated[float, typer.Argument(min=-1, max=1, help="From -1 (against) to 1 (for).")],
    agent: AgentOption = None,
    sign_with: SignOption = None,
) -> None:
    """Vote on an assertion; an agent's latest vote on it is the one that counts.

    A negative weight is written after two dashes: stemedb vote ID -- -1
    """
    from stemedb.statements import Vote

    ballot = Vote(assertion=identity(assertion), agent=agent_name(agent, sign_with), weight=weight)
    send(Session.of(context), statement_json(ballot, sign_with))


def epoch(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the epoch is called.")],
    supersedes: Annotated[
        str | None, typer.Option(metavar="ID", help="The epoch that this one supersedes.")
    ] = None,
    relation: Annotated[Relation | None, typer.Option(help="How it supersedes it.")] = None,
    sign_with: SignOption = None,
) -> None:
    """Open an epoch; one that supersedes another retires the claims made in that one."""
    from msgspec import UNSET

    from stemedb.statements import Epoch

    opened = Epoch(name=name, supersedes=supersedes or UNSET, relation=relation.value if relation else UNSET)
    send(Session.of(context), statement_json(opened, sign_with))


def send(session: Session, body: bytes, *, counted: "Counted | None" = None) -> None:
    """Publish ``body`` and show the outcomes; exits with 1 if one of them is a refusal.

    ``counted`` makes of many receipts the rows that a person is shown instead of them; what was refused is shown one by one.
    """
    import asyncio  # the linter shares the options of this file, and asks nobody

    reply = asyncio.run(_append(session, body))
    output = session.output
    if len(reply.outcomes) == 1:
        outcome = reply.outcomes[0]
        if outcome.error is not None:
            raise InvalidStatement(outcome.error.field, outcome.error.message)
        row = json_row(outcome) if output.as_json else table_row(outcome)
        output.record({**row, "log_size": reply.size, "log_root": reply.root})
        return
    if output.as_json:
        output.records(({"line": n, **json_row(o)} for n, o in enumerate(reply.outcomes, 1)), ())
    elif counted is not None and not reply.errors:
        counts = counted(reply.receipts)
        output.records(counts, list(counts[0]))
        output.note(f"log size {reply.size}, root {reply.root}; --json shows each receipt")
    else:
        rows = [{"line": n, **table_row(o)} for n, o in enumerate(reply.outcomes, 1)]
        output.records(rows, [column for column in RECEIPT_COLUMNS if any(column in row for row in rows)])
        output.note(f"log size {reply.size}, root {reply.root}")
    if reply.errors:
        raise typer.Exit(exits.WRONG)


def typed_value(value_type: ValueType, text: str) -> "Value":
    """Return ``text`` as a value of this type; raises `InvalidRequest` if it is none."""
    from stemedb.statements import Boolean, Number, Reference, Text

    match value_type:
        case ValueType.TEXT:
            return Text(text)
        case ValueType.REFERENCE:
            return Reference(text)
        case ValueType.BOOLEAN:
            if text not in ("true", "false"):
                raise InvalidRequest("VALUE", f"got {text!r}, want true or false")
            return Boolean(text == "true")
        case ValueType.NUMBER:
            try:
                return Number(int(text) if text.lstrip("+-").isdecimal() else float(text))
            except ValueError:
                raise InvalidRequest("VALUE", f"got {text!r}, want a number") from None


def agent_name(agent: str | None, sign_with: Path | None) -> str:
    """Return who speaks: as said, else the public key that signs, else the login name."""
    if agent is not None:
        return agent
    if sign_with is not None:
        from stemedb.statements import public_key

        return public_key(read_seed(sign_with))
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        raise InvalidRequest(
            "--agent", "missing, and this account has no login name to take instead"
        ) from None


def statement_json(statement: "Statement", sign_with: Path | None) -> bytes:
    """Return the JSON of a statement built here, checked, and signed if so wanted. Raises `InvalidStatement`."""
    from stemedb.statements import canonical_bytes

    try:
        canonical = canonical_bytes(statement)
    except ValueError as error:
        raise InvalidStatement("", str(error)) from None
    return signed(canonical, sign_with)


def signed(raw: bytes, sign_with: Path | None) -> bytes:
    """Return one statement checked, and with a signature by the key in ``sign_with`` if there is one."""
    from stemedb.statements import dump, parse, sign

    parsed = parse(raw)
    if sign_with is None:
        return dump(parsed.canonical, parsed.signature)
    return dump(parsed.canonical, sign(parsed.id, read_seed(sign_with)))


def read_seed(path: Path) -> str:
    """Return the seed in a key file; `Refused` if there is none in it."""
    from stemedb.statements import decode_seed

    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        decode_seed(text)
    except ValueError as error:
        raise exits.with_hint(
            Refused(f"{path}: holds no signing key: {error}"), "make one with `stemedb keygen FILE`"
        ) from None
    return text


def _read_body(file: Path | None, sign_with: Path | None) -> bytes:
    if file is None and sys.stdin.isatty():
        raise InvalidRequest(
            "", "nothing to publish: give SUBJECT PREDICATE VALUE, --file, or JSON on standard input"
        )
    body = sys.stdin.buffer.read() if file is None or file == STDIN else file.read_bytes()
    if sign_with is None:
        return body
    from stemedb.statements import split_body

    return b"\n".join(signed(raw, sign_with) for raw in split_body(body))


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or key in pairs:
            raise InvalidRequest("--meta", f"got {text!r}, want KEY=TEXT, each key once")
        pairs[key] = value
    return pairs


async def _append(session: Session, body: bytes) -> "AppendReply":
    async with await session.connect() as client:
        try:
            return await client.append(body)
        except (
            InvalidRequest
        ) as error:  # too many or too large: there is nothing else to be wrong about a body
            raise exits.with_hint(error, "publish large NDJSON files with `stemedb import FILE`") from None


def json_row(outcome: "Outcome") -> dict[str, object]:
    """Return an outcome for a program: the receipt's fields, or ``error`` with code, field and message."""
    if outcome.receipt is not None:
        return outcome.receipt.model_dump()
    return outcome.model_dump(exclude_none=True)


def table_row(outcome: "Outcome") -> dict[str, object]:
    """Return an outcome for a person."""
    if outcome.receipt is not None:
        receipt = outcome.receipt
        state = "known" if receipt.duplicate else "new"
        return {"id": receipt.id, "index": receipt.index, "state": state, "stamp": stamp_text(receipt.stamp)}
    assert outcome.error is not None
    return {
        "state": "rejected",
        "error": InvalidStatement(outcome.error.field, outcome.error.message).message,
    }
