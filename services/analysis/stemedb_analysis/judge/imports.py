"""Policies on imports: what somebody forbids or requires is looked for, and nobody has to write a rule.

::

    imports/telnetlib allowed = false      a file that imports telnetlib, or a part of it, says   imports/telnetlib allowed = true
    imports/structlog allowed = true       a project in which no file imports it says             imports/structlog allowed = false
    imports/github.com/pkg/errors          modules are named as their language names them, in lower case, an @ in front left out

Only what some authority speaks of is looked for: a claim, a pack, or an assertion that stands in the replica. One that arrives later counts from
the next scan on. Whoever requires a module means the project, not each of its files: what tests import does not count, and the finding is about
the file that lists what the project needs, as a whole; about the project itself where there is none. A project without code in a language whose
imports are read says nothing of modules, and nothing is said of it.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

from stemedb_analysis.facts.model import LANGUAGES
from stemedb_analysis.model import PROJECT, WHOLE, Authority, Observation

PREFIX: Final = "imports/"
PREDICATE: Final = "allowed"
RULE_PREFIX: Final = "imports-"
"""Of the ids of the rules that look for modules."""

MANIFESTS: Final = (
    "pyproject.toml", "setup.py", "requirements.txt", "package.json", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml",
)  # fmt: skip
"""Where a project lists what it needs, the first that is there."""

CONFIDENCE: Final = 0.95
"""In what is said of a whole project, as in a literal."""


def demanded(authorities: Iterable[Authority]) -> frozenset[str]:
    """Return the modules that authorities speak of."""
    return frozenset(one.path.removeprefix(PREFIX) for one in authorities if _is_policy(one))


def unmet(
    authorities: Iterable[Authority],
    observations: Sequence[Observation],
    languages: Collection[str],
    root: Path,
) -> list[Observation]:
    """Return the modules that are required and that nothing in the project at `root` imports, which was scanned as a whole.

    `languages` are those that were met: who speaks of one language asks nothing of a project in another.
    """
    imported = {one.path for one in observations if one.predicate == PREDICATE and not one.in_test}
    place = next((name for name in MANIFESTS if (root / name).is_file()), PROJECT)
    found: dict[str, Observation] = {}
    for one in authorities:
        spoken = [language for language in LANGUAGES if language in languages and one.speaks_of(language)]
        if _is_policy(one) and _requires(one) and one.path not in imported and spoken:
            found[one.path] = Observation(
                one.path,
                PREDICATE,
                False,
                place,
                WHOLE,
                "",
                CONFIDENCE,
                rule_of(one.path.removeprefix(PREFIX)),
                spoken[0],
                f"{0:016x}",
            )
    return [found[path] for path in sorted(found)]


def said(observation: Observation) -> str:
    """Return what was observed of a module as a sentence, empty if it was about something else."""
    if observation.predicate != PREDICATE or not observation.path.startswith(PREFIX):
        return ""
    name = observation.path.removeprefix(PREFIX)
    return (
        f"{name} is imported, and may not be"
        if observation.value
        else f"{name} is required, and nothing imports it"
    )


def is_lack(observation: Observation) -> bool:
    """Return whether it says that nothing imports a module: not where the code does otherwise, but that it does not do it."""
    return bool(said(observation)) and observation.value is False


def rule_of(name: str) -> str:
    """Return the id of the rule that looks for a module."""
    return f"{RULE_PREFIX}{re.sub(r'[^a-z0-9]+', '-', name).strip('-')}"


def _is_policy(authority: Authority) -> bool:
    return (
        authority.path.startswith(PREFIX)
        and authority.predicate == PREDICATE
        and len(authority.path) > len(PREFIX)
    )


def _requires(authority: Authority) -> bool:
    return authority.comparison == "present" or authority.value is True
