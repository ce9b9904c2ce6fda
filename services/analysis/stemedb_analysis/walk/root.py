"""Where a project begins, and what of it was asked for.

::

    /home/a/shop/              ← .git or .stemedb: the project's root; all names in reports are relative to it
      .gitignore               ← holds below
      services/api/            ← `stemedb scan services/api`: the start
        .gitignore

Without such a mark the root is the directory itself, or the one that the file lies in.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from stemedb.errors import NotFound

MARKS: Final = (".stemedb", ".git")
MARK_LEVELS_MAX: Final = 64
"""How far up a mark is looked for."""
PROJECT_LENGTH_MAX: Final = 64

_UNNAMEABLE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class Place(NamedTuple):
    """A project and the parts of it that were asked for."""

    root: Path
    starts: tuple[Path, ...]
    """Absolute, within the root, no one below another; the root itself if everything was asked for."""

    @property
    def project(self) -> str:
        """The project's name: that of its root, as far as a segment of a concept path and a metric's label can say it."""
        return _UNNAMEABLE.sub("-", self.root.name)[:PROJECT_LENGTH_MAX].strip("-.") or "project"

    def relative(self, path: Path) -> str:
        """Return a path as reports name it: from the root, with ``/``; the root itself is empty."""
        text = path.relative_to(self.root).as_posix()
        return "" if text == "." else printable_name(text)


def locate(paths: Sequence[Path]) -> Place:
    """Return the place that `paths` mean; none at all mean the working directory. Raises `NotFound`.

    Links are followed here, where a person named them, and nowhere below.
    """
    resolved = sorted({_existing(path) for path in paths or (Path(),)})
    starts = [path for path in resolved if not any(parent in resolved for parent in path.parents)]
    common = starts[0] if starts[0].is_dir() else starts[0].parent
    while not all(path.is_relative_to(common) for path in starts):
        common = common.parent
    return Place(project_root(common), tuple(starts))


def project_root(directory: Path) -> Path:
    """Return the nearest directory at or above this one that carries a mark; the directory itself if none does."""
    for candidate in (directory, *directory.parents[:MARK_LEVELS_MAX]):
        if any((candidate / mark).exists() for mark in MARKS):
            return candidate
    return directory


def printable_name(name: str) -> str:
    r"""Return a file's name as text that every format can carry: bytes that are no UTF-8 become ``\xff``."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _existing(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):  # a loop of links is one or the other, depending on the version of Python
        raise NotFound(f"{path}: there is no such file or directory") from None
