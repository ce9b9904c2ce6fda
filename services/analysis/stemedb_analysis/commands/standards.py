"""What a scan is held against: rules, authorities and a project's own files, found and loaded."""

from pathlib import Path
from typing import TYPE_CHECKING

from stemedb.errors import InvalidRequest

if TYPE_CHECKING:
    from stemedb_analysis.project.baseline import Baseline
    from stemedb_analysis.project.examine import Standards
    from stemedb_analysis.rules import RuleSet

DIRECTORY = ".stemedb"


def load(root: Path, ruleset: "RuleSet", baseline: "Baseline | None") -> "Standards":
    """Return what a project is held to."""
    from stemedb_analysis import corpus, registry
    from stemedb_analysis.project import acknowledge
    from stemedb_analysis.project.examine import Standards

    return Standards(
        registry=registry.shipped(),
        rules=ruleset.rules,
        authorities=corpus.load(),
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
