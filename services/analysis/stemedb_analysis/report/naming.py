"""What files are called by formats that others resolve: SARIF and annotations name them from where a reader of theirs stands.

::

    inside of a git work tree       from its top, which is where a code host is: no address is given, it knows where it keeps them
    elsewhere, at or below          from the working directory, whose address SARIF gives as the base
    elsewhere, aside or above       annotations say ../shop/a.py; SARIF, whose names may not climb, gives the project's root as the base

All other formats name files from the project's root, wherever it lies: they are about the project.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from stemedb_analysis.walk.root import MARK_LEVELS_MAX, printable_name

WORK_TREE: Final = ".git"
PROJECT: Final = "The root of the project that was scanned."
STARTED: Final = "The directory that the scan was started in."


class Naming(NamedTuple):
    """How files of a report are called; as in the report itself unless it says otherwise."""

    before: str = ""
    """Stands before each name, for those who open it from where they are."""
    before_uri: str = ""
    """Stands before each name, for those who resolve it against the base."""
    base: str = ""
    """The address of the base, ending with ``/``; empty if whoever reads the report knows it."""
    description: str = PROJECT

    def name(self, file: str) -> str:
        """Return what a file is called where the reader stands."""
        return f"{self.before}{file}"

    def uri_name(self, file: str) -> str:
        """Return what a file is called below the base; it never climbs out of it."""
        return f"{self.before_uri}{file}"


def naming(root: Path, directory: Path) -> Naming:
    """Return how files of the project at `root` are called by somebody in the working directory `directory`; both are absolute, without links."""
    top = _work_tree(root)
    if top is not None:
        within = _joined(root.relative_to(top).parts)
        return Naming(within, within)
    before = _joined(Path(os.path.relpath(root, directory)).parts)
    if root.is_relative_to(directory):
        return Naming(before, before, _address(directory), STARTED)
    return Naming(before, "", _address(root))


def _work_tree(root: Path) -> Path | None:
    return next((one for one in (root, *root.parents[:MARK_LEVELS_MAX]) if (one / WORK_TREE).exists()), None)


def _address(directory: Path) -> str:
    return f"{directory.as_uri().removesuffix('/')}/"


def _joined(parts: Sequence[str]) -> str:
    return "".join(f"{printable_name(part)}/" for part in parts)
