"""A scan as the commands ask for it: place, inputs, rules, workers, report."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from stemedb.cli.session import Session
from stemedb_analysis.commands import standards
from stemedb_analysis.commands.cards import cards_of, kept_cards
from stemedb_analysis.judge import imports
from stemedb_analysis.project.examine import examine
from stemedb_analysis.report.model import Card, Report
from stemedb_analysis.report.naming import naming
from stemedb_analysis.report.sources import Read, Sources
from stemedb_analysis.scan.cache import Cache, path_for
from stemedb_analysis.scan.result import Scan
from stemedb_analysis.scan.run import default_jobs, run
from stemedb_analysis.scan.stamp import stamp
from stemedb_analysis.scan.worker import Worker
from stemedb_analysis.walk import (
    Input,
    Place,
    locate,
    read_changes,
    read_revision,
    read_staged,
    read_tree,
    reader,
)

if TYPE_CHECKING:
    from stemedb_analysis.commands.replica import Replica


RULE: Final = "rule "
RULES_PHASE: Final = "rules and flow"
PROFILED_RULES: Final = 12
"""Of the rules, the slowest that a profile names."""


class Wanted(NamedTuple):
    """What a command line asks for."""

    paths: tuple[Path, ...] = ()
    baseline: bool = False
    baseline_file: Path | None = None
    diff: str | None = None
    staged: bool = False
    revision: str | None = None
    jobs: int | None = None
    cache: bool = True
    profile: bool = False
    replica: Session | None = None
    publish: bool = True


class Made(NamedTuple):
    """A report, the scan that it is of, and what took the time."""

    report: Report
    scan: Scan
    place: Place
    profile: list[str]
    notes: list[str]
    """What else there is to tell the person."""


def report(wanted: Wanted) -> Made:
    """Scan and judge. Raises `InvalidInput` and `NotFound` for what the user got wrong, `Refused` for what git would not do."""
    place = locate(wanted.paths)
    known = standards.load_baseline(place.root, wanted.baseline_file) if wanted.baseline else None
    program = version("stemedb-analysis")
    whole = place.starts == (place.root,) and not (wanted.staged or wanted.diff or wanted.revision)
    replica = _replica(wanted.replica)
    authorities = standards.authorities_of(place, replica.authorities if replica else None)
    modules = imports.demanded([*authorities, *standards.claims_of(place)])
    state = stamp(place.root / standards.DIRECTORY / "rules", modules)
    cache = Cache(path_for(place.root) if wanted.cache else None, state)
    worker = Worker(place.root, profile=wanted.profile, imports=modules)

    def make() -> dict[str, Card]:
        return cards_of(worker.ruleset(), place.root)

    rules = kept_cards(state, make) if wanted.cache else make()
    inputs, read, reference = _inputs(place, wanted)
    scan = run(
        inputs,
        worker,
        jobs=wanted.jobs or default_jobs(),
        cache=cache,
        whole=whole,
    )
    if whole:
        scan.observations.extend(
            imports.unmet(authorities, scan.observations, scan.tally.languages, place.root)
        )
    made = examine(
        scan,
        standards.load(place, rules, known, authorities, replica.refused if replica else ()),
        Sources(read),
        project=place.project,
        version=program,
        today=datetime.now(UTC).date(),
        is_partial=not whole,
        reference=reference,
    )._replace(naming=naming(place.root, Path.cwd()))
    notes = []
    if replica and wanted.publish and whole:
        notes.append(
            f"published {replica.publish(place.project, scan.observations)} statements about {place.project}"
        )
    elif replica and wanted.publish:
        notes.append("nothing was published: a part of a project does not tell what the rest no longer says")
    return Made(made, scan, place, _profile(scan) if wanted.profile else [], notes)


def _replica(session: Session | None) -> "Replica | None":
    if session is None:
        return None
    from stemedb_analysis import registry
    from stemedb_analysis.commands.replica import Replica

    replica = Replica(session, registry.shipped())
    replica.read()
    return replica


def _inputs(place: Place, wanted: Wanted) -> tuple[Iterator[Input], Read, str]:
    """Return what to scan, where its text can be read again, and what it is called."""
    if wanted.staged:
        return read_staged(place), reader(place, ""), "staged files"
    if wanted.revision is not None:
        return read_revision(place, wanted.revision), reader(place, wanted.revision), wanted.revision
    if wanted.diff is not None:
        _, dots, last = wanted.diff.rpartition("..")
        return (
            read_changes(place, wanted.diff),
            reader(place, last or "HEAD") if dots else _from_tree(place),
            wanted.diff,
        )
    return read_tree(place), _from_tree(place), ""


def _from_tree(place: Place) -> Read:
    return lambda file: (place.root / file).read_bytes()


def _profile(scan: Scan) -> list[str]:
    """Return what took the time: all phases, and the rules that take the most beyond what it takes to ask none."""
    none = scan.timings.get(RULE, 0.0)
    phases = {name: seconds for name, seconds in scan.timings.items() if not name.startswith(RULE)}
    rules = {
        name: max(0.0, seconds - none) for name, seconds in scan.timings.items() if name.startswith(RULE)
    }
    rules.pop(RULE, None)
    # Asked one by one they take more than together: each gets its share of what they took.
    share = min(1.0, phases.get(RULES_PHASE, 0.0) / (sum(rules.values()) or 1.0))
    rules = {name: seconds * share for name, seconds in rules.items()}
    lines = scan.tally.lines / 1000 or 1.0
    return [
        f"{seconds * 1000:9.1f} ms {seconds * 1000 / lines:8.3f} ms/kLoC  {name}"
        for rows, most in ((phases, len(phases)), (rules, PROFILED_RULES))
        for name, seconds in sorted(rows.items(), key=lambda pair: -pair[1])[:most]
    ]
