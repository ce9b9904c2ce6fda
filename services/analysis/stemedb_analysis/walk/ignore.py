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

import re
from pathlib import Path
from typing import Final, NamedTuple

from stemedb_analysis.walk import patterns

IGNORE_FILES: Final = (".gitignore", ".stemedbignore")
"""The weaker first."""
IGNORE_BYTES_MAX: Final = 256 << 10
"""Every pattern costs time for every file; a longer list is no list that a person keeps."""


class _Rule(NamedTuple):
    matches: re.Pattern[str]
    excludes: bool
    directories_only: bool


class Level(NamedTuple):
    """The patterns of one file."""

    prefix: str
    """Where they are relative to: a path from the top, empty or ending with ``/``."""
    any: re.Pattern[str]
    """Matches what any of them matches: most files are done with one look."""
    rules: tuple[_Rule, ...]
    """The last one first."""


Levels = tuple[Level, ...]
"""The weakest first."""


def is_ignored(levels: Levels, path: str) -> bool:
    """Whether the patterns exclude `path`, relative to the top; a directory ends with ``/``. Its parents are taken to be in."""
    is_directory = path.endswith("/")
    name = path.removesuffix("/")
    for prefix, any_, rules in reversed(levels):
        below = name[len(prefix) :]
        if not any_.fullmatch(below):
            continue
        for rule in rules:
            if (is_directory or not rule.directories_only) and rule.matches.fullmatch(below):
                return rule.excludes
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
            text = stream.read(IGNORE_BYTES_MAX).decode("utf-8", "surrogateescape")
    except OSError:
        return levels
    read = [
        pattern
        for line in text.removeprefix("\ufeff").split("\n")
        if (pattern := patterns.parse(line)) is not None
    ]
    if not read:
        return levels
    any_ = re.compile("|".join(pattern.expression for pattern in read), re.DOTALL)
    rules = [_Rule(re.compile(pattern.expression, re.DOTALL), *pattern[1:]) for pattern in reversed(read)]
    return (*levels, Level(prefix, any_, tuple(rules)))
