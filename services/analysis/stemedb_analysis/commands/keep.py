"""``stemedb baseline``, ``diff`` and ``ack``: what a project knows of its findings and answers for."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemedb.cli import exits
from stemedb.cli.publish import AgentOption, SignOption, agent_name, send, statement_json
from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest
from stemedb_analysis.commands import codes
from stemedb_analysis.commands.standards import DIRECTORY, wants_replica

if TYPE_CHECKING:
    from stemedb_analysis.project.acknowledge import Acknowledgement
    from stemedb_analysis.walk import Place

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]...", help="What to scan (default: the working directory)."),
]


def baseline(
    context: typer.Context,
    paths: PathsArgument = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where it goes (default: .stemedb/baseline.json)."
        ),
    ] = None,
) -> None:
    """Record today's findings as known, so that `stemedb scan --baseline` and `stemedb diff` tell of new ones only.

    The file holds no line numbers and no times, and is sorted: commit it, and let branches merge theirs.
    """
    from stemedb_analysis.commands.scanning import Wanted, report
    from stemedb_analysis.project import baseline as known

    session = Session.of(context)
    with codes.verdict(session):
        made = report(Wanted(paths=tuple(paths or ())))
    recorded = known.record(item.finding for item in made.report.items if not item.suppression)
    path = output or made.place.root / DIRECTORY / known.NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(known.encode(recorded), encoding="utf-8")
    if session.output.as_json:
        session.output.record({"file": str(path), "findings": recorded.total()})
    else:
        session.output.note(f"{path}: {recorded.total()} findings are known from now on")
    codes.conclude(session, is_empty=made.report.tally.is_empty, blocking=0)


def diff(
    context: typer.Context,
    paths: PathsArgument = None,
    *,
    baseline_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The baseline (default: .stemedb/baseline.json).")
    ] = None,
) -> None:
    """Show what changed since the baseline: findings that are new, and those that are gone.

    Exit codes as those of scan: 1 if a new finding blocks.
    """
    from stemedb_analysis.commands.scan import Format, show
    from stemedb_analysis.commands.scanning import Wanted, report

    session = Session.of(context)
    with codes.verdict(session):
        made = report(Wanted(paths=tuple(paths or ()), baseline=True, baseline_file=baseline_file))
    show(
        session.output,
        made.report,
        Format.JSON if session.output.as_json else Format.TABLE,
        None,
        explain=False,
    )
    if made.report.tally.is_empty:
        raise typer.Exit(codes.NOTHING)
    if made.report.blocking:
        raise typer.Exit(codes.BLOCKED)


def ack(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help="A finding's fingerprint, a rule, or a path such as tls/cert_verification.")
    ],
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why this is acceptable here; required.")],
    file: Annotated[
        str, typer.Option("--file", metavar="PATH", help="Only in this file or below this directory.")
    ] = "",
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day on which it holds, as YYYY-MM-DD.")
    ] = None,
    root: Annotated[Path, typer.Option("--project", metavar="DIR", help="The project.")] = Path(),
    agent: AgentOption = None,
    sign_with: SignOption = None,
) -> None:
    """Answer for findings: they are shown as acknowledged, with the reason, and block no more.

    The acknowledgement is an assertion in .stemedb/acknowledgements.ndjson, and published too with --replica NAME.
    """
    from stemedb_analysis.project import acknowledge
    from stemedb_analysis.walk import locate

    session = Session.of(context)
    if not any(character.isalpha() for character in reason):
        raise InvalidRequest("--reason", "says nothing; want why this is acceptable")
    place = locate([root])
    one = _acknowledgement(
        place.root,
        what,
        reason=reason.strip(),
        agent=agent_name(agent, sign_with),
        file=_within(place, file),
        until=_day(until),
    )
    assertion = acknowledge.statement(one, place.project)
    is_new = acknowledge.add(place.root / DIRECTORY, assertion)
    if wants_replica(context):
        send(session, statement_json(assertion, sign_with))
        return
    if session.output.as_json:
        session.output.record(
            {
                "scope": one.scope,
                "what": one.what,
                "path": one.path,
                "file": one.file,
                "until": until,
                "new": is_new,
            }
        )
    else:
        session.output.note(
            f"{one.scope} {one.what}: acknowledged" if is_new else "this was acknowledged already"
        )


def _acknowledgement(
    root: Path, what: str, *, reason: str, agent: str, file: str, until: date | None
) -> "Acknowledgement":
    """Return the acknowledgement that is meant; raises `InvalidRequest` with the nearest names if `what` is nothing that is known."""
    from stemedb_analysis import registry, rules
    from stemedb_analysis.commands.scanning import Wanted, report
    from stemedb_analysis.judge.imports import PREFIX
    from stemedb_analysis.nearest import nearest
    from stemedb_analysis.project.acknowledge import Acknowledgement
    from stemedb_analysis.rules.own import all_rules

    known = all_rules(rules.load(root), root)
    paths = {path for path, _ in registry.shipped()}
    if what in known:
        return Acknowledgement("rule", what, reason, agent, known[what].path, file, until)
    if what in paths or what.startswith(PREFIX) or any(rule.path == what for rule in known.values()):
        return Acknowledgement("path", what, reason, agent, what, file, until)
    items = report(Wanted(paths=(root,))).report.items
    ruled = next((item.observation.path for item in items if item.observation.rule == what), None)
    if ruled is not None:  # a rule that a policy made
        return Acknowledgement("rule", what, reason, agent, ruled, file, until)
    path = next((item.observation.path for item in items if item.fingerprint == what.lower()), None)
    if path is not None:
        return Acknowledgement("finding", what.lower(), reason, agent, path, file, until)
    near = nearest(what, [*known, *paths])
    hint = f"the nearest: {', '.join(near)}" if near else "fingerprints are in `stemedb scan --format json`"
    raise exits.with_hint(
        InvalidRequest("WHAT", f"got {what!r:.80}, which is no finding, rule or path"), hint
    )


def _within(place: "Place", written: str) -> str:
    """Return a file or directory as findings name it, empty for the whole project; raises `InvalidRequest` if it is not there."""
    from stemedb_analysis.nearest import nearest
    from stemedb_analysis.walk import read_tree

    if not written:
        return ""
    root = place.root.resolve()
    for path in (root / written, Path(written).resolve()):
        if path.exists() and path.resolve().is_relative_to(root):
            name = path.resolve().relative_to(root).as_posix()
            return "" if name == "." else name
    names = {one.file for one in read_tree(place)}
    names |= {parent.as_posix() for name in names for parent in Path(name).parents} - {"."}
    near = nearest(written, names)
    raise exits.with_hint(
        InvalidRequest("--file", f"got {written!r:.200}, which is not in the project"),
        f"the nearest: {', '.join(near)}" if near else "it is a path from the project's root",
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest("--until", f"got {text!r:.40}, want YYYY-MM-DD") from None
    if day < datetime.now(UTC).date():
        raise InvalidRequest("--until", f"got {day}, which is over")
    return day
