"""``stemedb query`` and ``get``: claims by subject, with or without a lens, and one statement by its id.

Without a lens the claims come as they are, those that contradict each other side by side. With a lens each (subject,
predicate) is resolved, and the answer says by which formula, what came second, and how much they disagree.
"""

import asyncio
import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from stemedb.cli.output import Output, cell
from stemedb.cli.reading import claim_row, counted, identity, short, stamp_text, value_text
from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest

if TYPE_CHECKING:
    from stemedb.bus.messages import Claim, QueryReply, QueryRequest

CLAIM_COLUMNS: Final = (
    "subject", "predicate", "value", "confidence", "tier", "lifecycle", "agent", "accepted", "id",
)  # fmt: skip
GROUP_COLUMNS: Final = ("subject", "predicate", "value", "score", "disagreement", "claims", "id")
PAGE: Final = 500
"""Claims asked for at a time: half of what the replica would give, since long claims must fit the message too."""
MEMBERS: Final = (
    "subject", "predicate", "object", "confidence", "source", "lifecycle", "name", "assertion", "weight", "agent",
    "asserted_at", "cast_at", "supersedes", "relation", "epoch", "metadata", "signature",
)  # fmt: skip
"""The members of all kinds of statement, in the order in which a person reads them."""
RANKING_SHOWN_MAX: Final = 8
"""Rows of a ranking that a person is shown; --json has more."""


def query(
    context: typer.Context,
    subject: Annotated[str | None, typer.Argument(help="Concept path; without it, everything.")] = None,
    *,
    below: Annotated[bool, typer.Option("--below", "-b", help="SUBJECT and everything below it.")] = False,
    predicate: Annotated[str | None, typer.Option("--predicate", "-p", help="Only this predicate.")] = None,
    lifecycle: Annotated[
        list[str] | None, typer.Option(help="Only claims with this lifecycle; may be repeated.")
    ] = None,
    lens: Annotated[
        str | None,
        typer.Option(
            "--lens",
            "-l",
            metavar="NAME",
            help="Resolve: recency, confidence, consensus, votes, authority, layered, skeptic; wrapped in epoch(…)"
            " or constraints(tier<=2, confidence>=0.8, …) if wanted.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 100,
    everything: Annotated[bool, typer.Option("--all", help="All of them, whatever --limit says.")] = False,
    wait_size: Annotated[
        int | None,
        typer.Option(metavar="SIZE", help="First wait until the map has taken in that much of the log."),
    ] = None,
) -> None:
    """Show the claims about a subject, or what a lens makes of them."""
    from stemedb.bus.messages import QueryRequest

    session = Session.of(context)
    if below and subject is None:
        raise InvalidRequest("--below", "wants a SUBJECT")
    fields: dict[str, Any] = {
        "prefix" if below else "subject": subject,
        "predicate": predicate,
        "lifecycle": tuple(lifecycle or ()),
        "lens": lens,
        "limit": PAGE if everything else min(limit, PAGE),
        "wait_size": wait_size,
    }
    request = QueryRequest.decode(json.dumps({k: v for k, v in fields.items() if v is not None}).encode())
    asyncio.run(_query(session, request, None if everything else limit))


def get(
    context: typer.Context,
    statement_id: Annotated[str, typer.Argument(metavar="ID", help="64 hexadecimal digits.")],
) -> None:
    """Show one statement by its id, as it was published."""
    from stemedb.bus.messages import GetRequest

    session = Session.of(context)
    request = GetRequest(id=identity(statement_id))
    reply = asyncio.run(_get(session, request))
    if session.output.as_json:
        session.output.record(reply.model_dump(exclude_none=True))
        return
    names = [name for name in MEMBERS if name in reply.statement]
    statement = {name: _flat(reply.statement[name]) for name in names}
    session.output.record(
        {
            "id": reply.id,
            "kind": reply.kind,
            **statement,
            "log_index": reply.index,
            "stamp": stamp_text(reply.stamp),
        }
    )


def show_page(output: Output, page: "QueryReply", *, lens: bool) -> None:
    """Show one page of claims, or with a lens of groups."""
    if output.as_json:
        items: Sequence[Any] = page.groups if lens else page.claims
        output.records((item.model_dump(exclude_none=True) for item in items), ())
    elif output.terminal:
        for group in page.groups:
            _show_group(output, group.model_dump())
        for claim in page.claims:
            _show_claim(output, claim)
    elif lens:
        output.records((_group_row(group.model_dump()) for group in page.groups), GROUP_COLUMNS)
    else:
        output.records((claim_row(c.id, c.stamp, c.statement) for c in page.claims), CLAIM_COLUMNS)


async def _query(session: Session, request: "QueryRequest", limit: int | None) -> None:
    output, shown, more = session.output, 0, True
    async with await session.connect() as client:
        while more and (limit is None or shown < limit):
            try:
                page = await client.query(request)
            except InvalidRequest as error:
                if error.field != "limit" or request.limit == 1:
                    raise
                # The claims are long and their page would not fit a message: ask for shorter pages.
                request = request.model_copy(update={"limit": request.limit // 2})
                continue
            show_page(output, page, lens=request.lens is not None)
            shown += len(page.groups) + len(page.claims)
            more = page.cursor is not None
            request = request.model_copy(update={"cursor": page.cursor})
    what = counted(shown, "group" if request.lens else "claim")
    note = f"{what}; map root {short(page.root)} after {page.applied} statements"
    output.note(note + ("; there are more: --limit N or --all" if more else ""))


async def _get(session: Session, request: Any) -> Any:
    async with await session.connect() as client:
        return await client.get(request)


def _show_claim(output: Output, claim: "Claim") -> None:
    from rich.text import Text

    row = claim_row(claim.id, claim.stamp, claim.statement)
    output.console.print(
        Text.assemble(
            (cell(row["subject"]), "bold"), "  ", (cell(row["predicate"]), "cyan"), "  ", cell(row["value"])
        ),
        soft_wrap=True,
    )
    details = (
        f"confidence {cell(row['confidence'])}",
        row["tier"],
        row["lifecycle"],
        row["agent"],
        row["accepted"],
    )
    output.console.print(Text("  " + " · ".join(map(cell, details)), style="dim"), soft_wrap=True)
    output.console.print(Text(f"  {claim.id}", style="dim"), soft_wrap=True)


def _show_group(output: Output, group: Mapping[str, Any]) -> None:
    from rich.text import Text

    output.console.print(
        Text.assemble((cell(group["subject"]), "bold"), "  ", (cell(group["predicate"]), "cyan")),
        soft_wrap=True,
    )
    resolution = group["resolution"]
    if resolution is None:
        output.console.print(f"  {group['claims']} claims are too many to resolve", style="yellow")
        return
    show_resolution(output, resolution)


def show_resolution(output: Output, resolution: Mapping[str, Any]) -> None:
    """Show on a terminal what a lens made of one group of claims: the winner, the ranking, the formula."""
    from rich.text import Text

    verdict = "nothing picked" if resolution["value"] is None else value_text(resolution["value"])
    output.console.print(
        Text.assemble(
            (f"  {resolution['lens']}: ", "dim"),
            (cell(verdict), "bold green"),
            (
                f"   score {cell(resolution['score'])} · disagreement {cell(resolution['disagreement'])}",
                "dim",
            ),
        ),
        soft_wrap=True,
    )
    for row in resolution["ranking"][:RANKING_SHOWN_MAX]:
        line = f"    {row['score']:>8.4g}  {cell(value_text(row['value']))}"
        about = f"  {row['tier']} · {cell(row['agent'])} · {short(row['id'])}"
        more = f" · {row['claims']} claims" if row["claims"] > 1 else ""
        output.console.print(Text.assemble(line, (about + more, "dim")), soft_wrap=True)
    left = resolution["ranked"] - RANKING_SHOWN_MAX
    if left > 0:
        output.console.print(f"    … and {left} more", style="dim")
    for line in textwrap.wrap(resolution["formula"], output.console.width - 4):
        output.console.print(Text(f"  {line}", style="dim italic"), soft_wrap=True)
    for line in resolution["explanation"]:
        output.console.print(Text(f"  {cell(line)}", style="dim"), soft_wrap=True)


def _group_row(group: Mapping[str, Any]) -> dict[str, object]:
    resolution = group["resolution"] or {}
    value = resolution.get("value")
    return {
        "subject": group["subject"],
        "predicate": group["predicate"],
        "value": None if value is None else value_text(value),
        "score": resolution.get("score"),
        "disagreement": resolution.get("disagreement"),
        "claims": group["claims"],
        "id": resolution.get("winner"),
    }


def _flat(value: object) -> object:
    if isinstance(value, Mapping) and value.keys() == {"type", "value"}:
        return value_text(value)
    return value
