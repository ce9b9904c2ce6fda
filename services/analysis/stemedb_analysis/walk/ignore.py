"""``.gitignore`` at every level, as git reads it, and ``.stemedbignore`` beside it.

::

    precedence, the strongest first                         patterns are relative to
    ------------------------------------------------------  ------------------------
    .stemedbignore, .gitignore of the deepest directory     that directory
    …                                                       …
    .stemedbignore, .gitignore of the repository's top      the top
    .git/info/exclude                                       the top

In one file the last pattern that matches wins; between files the strongest that says anything at all. A directory that is ignored is not
entered, so nothing below it can be taken in again. A user's global excludes are left out: what a scan sees must not depend on who runs it.

Source: gitignore(5).
"""

from pathlib import Path
from typing import Final, NamedTuple

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

IGNORE_FILES: Final = (".gitignore", ".stemedbignore")
"""The weaker first."""
IGNORE_BYTES_MAX: Final = 256 << 10
"""Every pattern costs time for every file; a longer list is no list that a person keeps."""


class Level(NamedTuple):
    """The patterns of one file."""

    prefix: str
    """Where they are relative to: a path from the top, empty or ending with ``/``."""
    spec: GitIgnoreSpec


Levels = tuple[Level, ...]
"""The weakest first."""


def is_ignored(levels: Levels, path: str) -> bool:
    """Whether the patterns exclude `path`, relative to the top; a directory ends with ``/``. Its parents are taken to be in."""
    for prefix, spec in reversed(levels):
        if path.startswith(prefix):
            include = spec.check_file(path[len(prefix) :]).include
            if include is not None:
                return include
    return False


def enter(levels: Levels, directory: Path, prefix: str, names: frozenset[str] | None = None) -> Levels:
    """Return the levels that hold inside of `directory`, which lies at `prefix` from the top.

    `names` are its entries, if they are known, which spares looking for files that are not there.
    """
    for name in IGNORE_FILES:
        if names is None or name in names:
            levels = with_file(levels, directory / name, prefix)
    return levels


def with_file(levels: Levels, file: Path, prefix: str) -> Levels:
    """Return `levels` and above them the patterns of `file`, if it is there and says anything."""
    try:
        with file.open("rb") as stream:
            lines = stream.read(IGNORE_BYTES_MAX).decode(errors="replace").splitlines()
    except OSError:
        return levels
    spec = _spec([line for line in lines if line.strip() and not line.startswith("#")])
    return (*levels, Level(prefix, spec)) if len(spec.patterns) else levels


def _spec(lines: list[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(lines, backend="simple")
    except GitIgnorePatternError:
        return GitIgnoreSpec.from_lines(filter(_is_pattern, lines), backend="simple")


def _is_pattern(line: str) -> bool:
    """Whether a line can be read alone; git passes over those that cannot."""
    try:
        GitIgnoreSpec.from_lines([line])
    except GitIgnorePatternError:
        return False
    return True
