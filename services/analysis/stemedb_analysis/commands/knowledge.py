"""``stemedb rules``, ``corpus`` and ``coverage``: what a scan knows, and whether it is well-formed and meets."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemedb.cli import exits
from stemedb.cli.publish import AgentOption, SignOption, send, statement_json
from stemedb.cli.session import Session
from stemedb.errors import InvalidInput, InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemedb.bus.messages import Receipt
    from stemedb_analysis.corpus import Fact
    from stemedb_analysis.rules import RuleSet

ProjectOption = Annotated[
    Path, typer.Option("--project", metavar="DIR", help="The project whose rules count as well.")
]

rules_app = typer.Typer(
    no_args_is_help=True, help="The rules: check them, run their samples, begin a new one."
)
corpus_app = typer.Typer(
    no_args_is_help=True, help="The corpus of authority: check it, load it into a replica."
)


@rules_app.command("validate")
def rules_validate(context: typer.Context, project: ProjectOption = Path()) -> None:
    """Check every rule, shipped and of the project: registry, names, values. The first that is wrong is told with its place."""
    session = Session.of(context)
    ruleset = _rules(project, samples=True)
    own = [rule for rule in ruleset.rules.values() if rule.file.startswith(".stemedb")]
    session.output.record(
        {"rules": len(ruleset.rules), "of_the_project": len(own), "paths": len(ruleset.observable)}
    )


@rules_app.command("test")
def rules_test(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[RULE]...", help="Only these rules.")] = None,
    *,
    project: ProjectOption = Path(),
) -> None:
    """Run every rule on its own samples: examples must match, near-misses must not. Exit code 1 if one does not live up to it."""
    from stemedb_analysis.rules import test

    session = Session.of(context)
    ruleset = _rules(project, samples=True)
    unknown = [name for name in names or () if name not in ruleset.rules]
    if unknown:
        raise InvalidRequest("RULE", f"got {', '.join(unknown)}, which no rule is called")
    chosen = [ruleset.rules[name] for name in names or ruleset.rules]
    failures = test.run(ruleset, chosen)
    samples = sum(len(rule.examples) + len(rule.near_misses) for rule in chosen)
    for failure in failures:
        session.output.text(str(failure)) if not session.output.as_json else session.output.record(
            failure._asdict()
        )
    session.output.note(f"{len(chosen)} rules, {samples} samples, {len(failures)} failures")
    if failures:
        raise typer.Exit(exits.WRONG)


@rules_app.command("list")
def rules_list(context: typer.Context, project: ProjectOption = Path()) -> None:
    """Show every rule with the path that it observes and its measured precision."""
    from stemedb_analysis.judge.measure import text
    from stemedb_analysis.rules.own import all_rules

    rows = (
        {
            "rule": rule.id,
            "path": rule.path,
            "predicate": rule.predicate,
            "languages": ", ".join(rule.languages),
            "precision": text(rule.measured).removeprefix("precision "),
            "title": rule.title,
        }
        for _, rule in sorted(all_rules(_rules(project), project).items())
    )
    Session.of(context).output.records(rows, ("rule", "path", "predicate", "languages", "precision", "title"))


@rules_app.command("new")
def rules_new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The rule's id: lower case, words joined by -.")],
    path: Annotated[str, typer.Argument(help="The path that it observes, from the registry.")],
    predicate: Annotated[str, typer.Argument(help="The predicate.")],
    *,
    project: ProjectOption = Path(),
) -> None:
    """Begin a rule of the project's own: a file in .stemedb/rules with every member that it needs."""
    import re

    from stemedb_analysis import registry
    from stemedb_analysis.rules import template
    from stemedb_analysis.walk import locate

    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise InvalidRequest("NAME", f"got {name!r:.60}, want lower-case words joined by -")
    try:
        concept = registry.shipped().want(path, predicate)
    except InvalidInput as error:
        raise InvalidRequest("PATH", error.message) from None
    file = locate([project]).root / ".stemedb" / "rules" / f"{name}.yaml"
    if file.exists():
        raise InvalidRequest("NAME", f"{file} is there already")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(template.begin(name, concept), encoding="utf-8")
    Session.of(context).output.note(
        f"{file}: replace each {template.BLANK}, then `stemedb rules test {name}`; until then scans refuse it"
    )


@corpus_app.command("lint")
def corpus_lint(
    context: typer.Context,
    project: ProjectOption = Path(),
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Show the facts too whose cited place nobody has seen.")
    ] = False,
) -> None:
    """Check every fact of the corpus: citation, tier, value, whether a rule can observe it. Exit code 1 if there are complaints."""
    from stemedb_analysis import corpus
    from stemedb_analysis.rules.own import all_rules

    session = Session.of(context)
    facts = corpus.facts()
    complaints = corpus.lint(
        facts, {(rule.path, rule.predicate) for rule in all_rules(_rules(project)).values()}
    )
    serious = [one for one in complaints if one.serious]
    shown = complaints if unchecked else serious
    if shown:
        session.output.records((one._asdict() for one in shown), corpus.Complaint._fields)
    standing = sum(1 for fact in facts if fact.unobserved_reason)
    session.output.note(
        f"{len(facts)} facts, {len(serious)} complaints; {len(complaints) - len(serious)} cite a place that nobody has seen,"
        f" {standing} stand without a rule and say why"
    )
    if serious:
        raise typer.Exit(exits.WRONG)


@corpus_app.command("load")
def corpus_load(context: typer.Context, agent: AgentOption = None, sign_with: SignOption = None) -> None:
    """Publish the corpus to the replica, each fact as an assertion. Loading it again adds nothing.

    What was published is counted by tier and source; --json shows the receipt of each fact.
    """
    from stemedb_analysis import corpus

    name = agent or corpus.CORPUS_AGENT
    facts = corpus.facts()
    body = b"\n".join(statement_json(corpus.to_assertion(fact, name), sign_with) for fact in facts)
    send(Session.of(context), body, counted=lambda receipts: _counted(facts, receipts))


@corpus_app.command("list")
def corpus_list(context: typer.Context) -> None:
    """Show every fact: what is demanded, by whom, where it is written."""
    from stemedb_analysis import corpus
    from stemedb_analysis.model import Opinion
    from stemedb_analysis.report.model import demand_text

    rows = (
        {
            "id": one.id,
            "path": one.path,
            "predicate": one.predicate,
            "demand": demand_text(Opinion(one, agrees=True, score=0.0)),
            "tier": one.tier,
            "citation": one.citation,
            "url": one.url,
            "summary": one.summary,
        }
        for one in corpus.load()
    )
    Session.of(context).output.records(rows, ("path", "predicate", "demand", "tier", "citation"))


def coverage(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="What to scan (default: the working directory)."),
    ] = None,
) -> None:
    """Show which paths rules observe, which authorities speak of, and where the two met in this code: no silent zero.

    What met nothing is shown with the nearest names that could have been meant. With --replica NAME on the line, the replica's
    authority counts; nothing is published.
    """
    from stemedb_analysis.commands.scanning import Wanted, report
    from stemedb_analysis.commands.standards import wants_replica
    from stemedb_analysis.report import coverage as words

    session = Session.of(context)
    replica = session if wants_replica(context) else None
    made = report(Wanted(paths=tuple(paths or ()), replica=replica, publish=False)).report
    join = made.near()
    states = [
        *(((path, predicate, "met"), ()) for path, predicate in join.met),
        *(((path, predicate, "not observed here"), ()) for path, predicate in join.unobserved),
        *(((one.path, one.predicate, "no authority"), one.nearest) for one in join.unjudged),
        *(((one.path, one.predicate, "no rule"), one.nearest) for one in join.unobservable),
        *(((one.path, one.predicate, one.why or "not in the registry"), one.nearest) for one in join.unknown),
    ]
    rows = (
        {"path": path, "predicate": predicate, "state": state, "nearest": list(nearest)}
        for (path, predicate, state), nearest in sorted(states)
    )
    session.output.records(rows, ("path", "predicate", "state", "nearest"))
    for line in [*words.lines(made), next(words.join_lines(made))]:
        session.output.note(line)


def _counted(facts: "Sequence[Fact]", receipts: "Sequence[Receipt]") -> list[dict[str, object]]:
    """Return how many facts of each tier and kind of source there are, and how many are new to the replica; both come in one order."""
    from collections import Counter

    from stemedb.statements.tiers import TIERS

    every: Counter[tuple[int, str]] = Counter()
    new: Counter[tuple[int, str]] = Counter()
    documents: dict[tuple[int, str], set[str]] = {}
    for fact, receipt in zip(facts, receipts, strict=True):
        key = (fact.authority.tier, fact.source.partition("://")[0])
        every[key] += 1
        new[key] += not receipt.duplicate
        documents.setdefault(key, set()).add(fact.source)
    rows: list[dict[str, object]] = [
        {
            "tier": f"{key[0]} {TIERS[key[0]].name}",
            "source": key[1],
            "documents": len(documents[key]),
            "facts": count,
            "new": new[key],
        }
        for key, count in sorted(every.items(), key=lambda pair: (pair[0][0], -pair[1]))
    ]
    total = {"documents": sum(map(len, documents.values())), "facts": every.total(), "new": new.total()}
    return [*rows, {"tier": "all", "source": "", **total}]


def _rules(project: Path, *, samples: bool = False) -> "RuleSet":
    from stemedb_analysis import rules
    from stemedb_analysis.walk import locate

    return rules.load(locate([project]).root, samples=samples)
