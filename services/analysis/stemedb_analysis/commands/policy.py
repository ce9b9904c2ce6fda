"""``stemedb claims`` and ``verify``: what a project holds itself to, and whether its code bears that out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemedb.cli import exits
from stemedb.cli.publish import AgentOption, SignOption, agent_name, send, statement_json
from stemedb.cli.session import Session
from stemedb.errors import InvalidInput, InvalidRequest, NotFound
from stemedb_analysis.commands.aliases import alias_app
from stemedb_analysis.commands.standards import DIRECTORY, wants_replica

if TYPE_CHECKING:
    from stemedb_analysis.model import Authority, Observation
    from stemedb_analysis.project.claims import Claim, Claims
    from stemedb_analysis.walk import Place

claims_app = typer.Typer(no_args_is_help=True, help="The project's own claims, in .stemedb/claims.toml.")

claims_app.add_typer(alias_app, name="alias")

ProjectOption = Annotated[Path, typer.Option("--project", metavar="DIR", help="The project.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The claim.")]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; shown with every finding.")]
ValueOption = Annotated[
    list[str] | None, typer.Option("--value", help="What is claimed; repeated for one_of and none_of.")
]
ComparisonOption = Annotated[
    str,
    typer.Option(
        help="equals, at_least, at_most, one_of, none_of, present or absent (default: the registry's)."
    ),
]
CategoryOption = Annotated[str, typer.Option(help="A word to sort by.")]
FilesOption = Annotated[
    list[str] | None,
    typer.Option("--file", metavar="PATH", help="Only in this file or below this directory."),
]
COLUMNS = ("id", "path", "predicate", "demand", "status", "category", "reason")
ENDED_COLUMNS = (*COLUMNS, "status_reason")


@claims_app.command("create")
def create(
    context: typer.Context,
    name: IdArgument,
    path: Annotated[str, typer.Argument(help="The path, from the registry, or an alias of one.")],
    predicate: Annotated[str, typer.Argument(help="The predicate.")],
    *,
    reason: ReasonOption,
    value: ValueOption = None,
    comparison: ComparisonOption = "",
    category: CategoryOption = "",
    file: FilesOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Claim something of this project."""
    place, known = _load(project)
    if known.find(name):
        raise InvalidRequest("ID", f"there is a claim {name}; want another id, or `stemedb claims update`")
    _write(
        context,
        place,
        _built(
            name,
            dict(known.aliases).get(path, path),
            predicate,
            comparison=comparison,
            value=value,
            reason=reason,
        )._replace(category=category, files=tuple(file or ())),
    )


@claims_app.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also what no longer holds.")] = False,
    project: ProjectOption = Path(),
) -> None:
    """Show the claims that hold."""
    _, known = _load(project)
    rows = (_row(claim) for claim in known.claims if everything or claim.status == "active")
    Session.of(context).output.records(rows, ENDED_COLUMNS if everything else COLUMNS)


@claims_app.command("explain")
def explain(context: typer.Context, name: IdArgument, project: ProjectOption = Path()) -> None:
    """Show one claim: what the code says of it, and what authorities demand of the same thing."""
    from stemedb_analysis.commands.scanning import Wanted, report
    from stemedb_analysis.project.claims import verify as check
    from stemedb_analysis.report.model import claim_text

    place, known = _load(project)
    claim = _find(known, name)
    made = report(Wanted(paths=(place.root,)))
    (verdict,) = check([claim], made.scan.observations)
    output = Session.of(context).output
    places = [f"{_line(one)} {claim_text(one)}" for one in verdict.places]
    others = [f"{one.citation} ({_demand(one)})" for one in _authorities(claim)]
    output.record(
        {**_row(claim), "state": verdict.state, "places": places, "authorities": others}, title=claim.id
    )


@claims_app.command("update")
def update(
    context: typer.Context,
    name: IdArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", help="A better reason.")] = "",
    value: ValueOption = None,
    comparison: ComparisonOption = "",
    category: CategoryOption = "",
    file: FilesOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Change a claim: its value, its reason, where it holds."""
    place, known = _load(project)
    claim = _find(known, name)
    if value or comparison:
        built = _built(
            name,
            claim.path,
            claim.predicate,
            comparison=comparison or claim.comparison,
            value=value,
            reason=claim.reason,
        )
        claim = claim._replace(comparison=built.comparison, value=built.value)
    changed = claim._replace(
        reason=reason or claim.reason,
        category=category or claim.category,
        files=tuple(file) if file else claim.files,
    )
    _write(context, place, changed)


@claims_app.command("supersede")
def supersede(
    context: typer.Context,
    name: IdArgument,
    new: Annotated[str, typer.Argument(metavar="NEW-ID", help="The claim that takes its place.")],
    *,
    reason: ReasonOption,
    value: ValueOption = None,
    comparison: ComparisonOption = "",
    project: ProjectOption = Path(),
) -> None:
    """Put another claim in the place of one; the old one stays in the file, and holds no more."""
    place, known = _load(project)
    old = _find(known, name)
    if known.find(new):
        raise InvalidRequest("NEW-ID", f"there is a claim {new}")
    built = _built(
        new, old.path, old.predicate, comparison=comparison or old.comparison, value=value, reason=reason
    )
    _write(context, place, old._replace(status="superseded"))
    _write(context, place, built._replace(category=old.category, files=old.files, supersedes=old.id))


@claims_app.command("deprecate")
def deprecate(
    context: typer.Context,
    name: IdArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why it holds no more.")],
    project: ProjectOption = Path(),
) -> None:
    """Let a claim hold no more; it stays in the file, with the reason."""
    if not any(character.isalpha() for character in reason):
        raise InvalidRequest("--reason", "says nothing; want why the claim holds no more")
    place, known = _load(project)
    ended = _find(known, name)._replace(status="deprecated", status_reason=reason.strip())
    _write(context, place, ended)


@claims_app.command("export")
def export(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to (default: standard output)."),
    ] = None,
    project: ProjectOption = Path(),
    agent: AgentOption = None,
    sign_with: SignOption = None,
) -> None:
    """Write the claims as assertions, one JSON a line; with --replica NAME on the line publish them there."""
    from stemedb_analysis.project.claims import assertion

    session = Session.of(context)
    place, known = _load(project)
    who = agent_name(agent, sign_with)
    body = b"".join(
        statement_json(assertion(claim, place.project, who), sign_with) + b"\n" for claim in known.claims
    )
    if wants_replica(context):
        send(session, body)
    elif output is not None:
        output.write_bytes(body)
    else:
        session.output.raw(body)


@claims_app.command("verify")
def verify_claims(context: typer.Context, project: ProjectOption = Path()) -> None:
    """Hold the code against the project's claims: PASS, CONFLICT or MISSING for each. Exit code 1 unless all pass."""
    from stemedb_analysis.commands import codes
    from stemedb_analysis.commands.scanning import Wanted, report
    from stemedb_analysis.project.claims import verify as check

    session = Session.of(context)
    place, known = _load(project)
    if not known.active:
        raise exits.with_hint(
            NotFound(f"{place.root}: claims nothing"), "make a claim with `stemedb claims create`"
        )
    with codes.verdict(session):
        made = report(Wanted(paths=(place.root,)))
    verdicts = check(known.active, made.scan.observations)
    rows = (
        {
            "state": one.state,
            "id": one.claim.id,
            "claim": f"{one.claim.path} {one.claim.predicate} {_demand(one.claim.authority(place.project))}",
            "places": [_line(seen) for seen in one.places],
        }
        for one in verdicts
    )
    session.output.records(rows, ("state", "id", "claim", "places"))
    counts = {state: sum(one.state == state for one in verdicts) for state in ("PASS", "CONFLICT", "MISSING")}
    session.output.note(", ".join(f"{count} {state}" for state, count in counts.items()))
    if counts["PASS"] < len(verdicts):
        raise typer.Exit(exits.WRONG)


def verify_with(proofs: Callable[..., None]) -> Callable[..., None]:
    """Return `stemedb verify` as it is for proofs, and without a file for the claims of the project."""

    def verify(
        context: typer.Context,
        file: Annotated[
            Path | None, typer.Argument(help="A proof or evidence file; - is standard input.")
        ] = None,
        key: Annotated[
            str | None,
            typer.Option(metavar="U…", help="The replica's public key, as you know it from elsewhere."),
        ] = None,
        project: ProjectOption = Path(),
    ) -> None:
        if file is not None:
            proofs(context, file, key)
            return
        place, known = _load(project)
        if not known.claims:
            raise InvalidRequest(
                "FILE", f"missing: want a proof file, or claims of the project in {place.root / DIRECTORY}"
            )
        verify_claims(context, project)

    verify.__doc__ = f"{proofs.__doc__}\n\n    Without FILE: hold the code against the project's own claims, as `stemedb claims verify` does.\n    "
    return verify


def _load(project: Path) -> "tuple[Place, Claims]":
    from stemedb_analysis import registry
    from stemedb_analysis.project import claims
    from stemedb_analysis.walk import locate

    place = locate([project])
    return place, claims.load(place.root / DIRECTORY, registry.shipped())


def _find(known: "Claims", name: str) -> "Claim":
    from difflib import get_close_matches

    claim = known.find(name)
    if claim is None:
        near = get_close_matches(name, [one.id for one in known.claims], 3, 0.5)
        missing = NotFound(
            f"there is no claim {name!r:.60}" + (f"; nearest: {', '.join(near)}" if near else "")
        )
        raise exits.with_hint(missing, "`stemedb claims list --all` shows them")
    return claim


def _built(
    name: str, path: str, predicate: str, *, comparison: str, value: list[str] | None, reason: str
) -> "Claim":
    from stemedb_analysis import registry
    from stemedb_analysis.project.claims import Claim, demand

    try:
        wanted, typed = demand(registry.shipped(), path, predicate, comparison, value or ())
    except InvalidInput as error:
        raise InvalidRequest("", error.message) from None
    return Claim(name, path, predicate, wanted, typed, reason)


def _write(context: typer.Context, place: "Place", claim: "Claim") -> None:
    from stemedb_analysis import registry
    from stemedb_analysis.project import claims

    try:
        claims.write(place.root / DIRECTORY, claim, registry.shipped())
    except InvalidInput as error:
        raise InvalidRequest("", error.message) from None
    Session.of(context).output.note(
        f"{claim.id}: {claim.path} {claim.predicate} {_demand(claim.authority(place.project))}, {claim.status}"
    )


def _row(claim: "Claim") -> dict[str, object]:
    return {**claim._asdict(), "demand": _demand(claim.authority(""))}


def _line(seen: "Observation") -> str:
    return seen.place.removesuffix(f":{seen.span.column}")


def _demand(authority: "Authority") -> str:
    from stemedb_analysis.model import Opinion
    from stemedb_analysis.report.model import demand_text

    return demand_text(Opinion(authority, agrees=True, score=0.0))


def _authorities(claim: "Claim") -> "list[Authority]":
    from stemedb_analysis import corpus

    return [one for one in corpus.load() if (one.path, one.predicate) == (claim.path, claim.predicate)]
