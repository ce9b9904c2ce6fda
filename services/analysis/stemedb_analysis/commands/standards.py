"""What a scan is held against: rules, authorities and a project's own files, found and loaded."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stemedb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemedb_analysis.model import Authority
    from stemedb_analysis.project.baseline import Baseline
    from stemedb_analysis.project.examine import Standards
    from stemedb_analysis.rules import RuleSet

DIRECTORY = ".stemedb"


def wants_replica(context: typer.Context) -> bool:
    """Whether the command line names a replica; the environment alone does not ask a scan to wait for one."""
    source = context.find_root().get_parameter_source("replica")
    return source is not None and source.name == "COMMANDLINE"


def load(
    root: Path,
    ruleset: "RuleSet",
    baseline: "Baseline | None",
    authorities: "Sequence[Authority] | None" = None,
) -> "Standards":
    """Return what a project is held to; `authorities` stand in for the shipped ones."""
    from stemedb_analysis import corpus, registry
    from stemedb_analysis.project import acknowledge
    from stemedb_analysis.project.examine import Standards

    return Standards(
        registry=registry.shipped(),
        rules=ruleset.rules,
        authorities=corpus.load() if authorities is None else authorities,
        acknowledgements=acknowledge.load(root / DIRECTORY),
        baseline=baseline,
    )


def load_baseline(root: Path, file: Path | None) -> "Baseline":
    """Return a project's baseline. Raises `InvalidRequest` if there is none."""
    from stemedb_analysis.project import baseline

    path = file or root / DIRECTORY / baseline.NAME
    if not path.exists():
        raise InvalidRequest("--baseline", f"{path} is not there; record one with `stemedb baseline`")
    return baseline.load(path)
