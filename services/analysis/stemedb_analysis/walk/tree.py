"""The files of a directory, in one order, each with its bytes.

::

    a/            entered: its own ignore files now count as well
      b.py        Input(a/b.py, data)
      node_modules/   Input(a/node_modules/, reason=vendored), not entered
    c -> ../x     Input(c, reason=symbolic link), not followed

Invariants:

* The order is that of the names, directory by directory; neither the file system's order nor the number of workers shows.
* Links are never followed below the start: no loop, no way out of the project, no file twice. Depth is bounded all the same, since a
  mounted directory may contain itself.
* What is handed on was read once: whatever is said of a file is said of those bytes, even if it changes a moment later. A file whose
  size changed between the two looks at it is read once more, and passed over when it still does.
* Memory holds the names of the directories on the way down and one file.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from stemedb_analysis.walk import screen
from stemedb_analysis.walk.ignore import Levels, enter, is_ignored, with_file
from stemedb_analysis.walk.inputs import (
    CHANGED,
    FILE_BYTES_MAX,
    HUGE,
    IGNORED,
    NO_LANGUAGE,
    SPECIAL,
    SYMLINK,
    TOO_DEEP,
    TREE_DEPTH_MAX,
    UNREADABLE,
    Input,
)
from stemedb_analysis.walk.languages import may_be_known
from stemedb_analysis.walk.root import Place, printable_name

ATTEMPTS: Final = 2


def read_tree(place: Place) -> Iterator[Input]:
    """Yield what lies in a place. A file that was named by itself is read whatever the ignore files say of it."""
    for start in place.starts:
        if not start.is_dir():
            yield read_file(start, place.relative(start))
            continue
        relative = place.relative(start)
        prefix = f"{relative}/" if relative else ""
        yield from _descend(start, prefix, _levels_above(place.root, start))


def read_file(path: Path, file: str) -> Input:
    """Read one file, or say why not."""
    for _ in range(ATTEMPTS):
        try:
            data, expected = _read(path)
        except _NotRegular:
            return Input(file, reason=SPECIAL)
        except OSError:
            return Input(file, reason=UNREADABLE)
        if max(expected, len(data)) > FILE_BYTES_MAX:
            return Input(file, reason=HUGE)
        if len(data) == expected:
            reason = screen.content_reason(path.name, data)
            return Input(file, reason=reason) if reason else Input(file, data)
    return Input(file, reason=CHANGED)


class _NotRegular(Exception):
    """A pipe, a socket or a device, which may never end."""


class _Listing(NamedTuple):
    names: list[str]
    """Sorted, directories ending with ``/``."""
    links: set[str]
    special: set[str]


def _descend(start: Path, prefix: str, levels: Levels) -> Iterator[Input]:
    within_vendored = screen.is_vendored(start.parts)
    stack: list[tuple[Path, str, Levels, Iterator[str], _Listing]] = []

    def push(directory: Path, below: str, outer: Levels) -> Input | None:
        try:
            listing = _list(directory)
        except OSError:
            return Input(below or "./", reason=UNREADABLE)
        inner = enter(outer, directory, below, frozenset(listing.names))
        stack.append((directory, below, inner, iter(listing.names), listing))
        return None

    if failed := push(start, prefix, levels):
        yield failed
    while stack:
        directory, below, inner, names, listing = stack[-1]
        name = next(names, None)
        if name is None:
            stack.pop()
            continue
        file = printable_name(below + name)
        if not name.endswith("/"):
            yield _file(directory / name, file, below + name, listing, inner)
            continue
        reason = _directory_reason(directory / name, below + name, inner, within_vendored=within_vendored)
        if not reason and len(stack) >= TREE_DEPTH_MAX:
            reason = TOO_DEEP
        if reason:
            yield Input(file, reason=reason)
        elif failed := push(directory / name, below + name, inner):
            yield failed


def _directory_reason(path: Path, below: str, levels: Levels, *, within_vendored: bool) -> str:
    reason = screen.directory_reason(path.name, _marks(path), within_vendored=within_vendored)
    return reason or (IGNORED if is_ignored(levels, below) else "")


def _marks(path: Path) -> list[str]:
    return [mark for mark in (screen.ENVIRONMENT_MARK, screen.CACHE_MARK) if os.path.lexists(path / mark)]


def _file(path: Path, file: str, below: str, listing: _Listing, levels: Levels) -> Input:
    name = path.name
    if name in listing.links:
        return Input(file, reason=SYMLINK)
    if name in listing.special:
        return Input(file, reason=SPECIAL)
    if is_ignored(levels, below):
        return Input(file, reason=IGNORED)
    if reason := screen.name_reason(name):
        return Input(file, reason=reason)
    if not may_be_known(file):
        return Input(file, reason=NO_LANGUAGE)
    return read_file(path, file)


def _list(directory: Path) -> _Listing:
    listing = _Listing([], set(), set())
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_symlink():
                listing.links.add(entry.name)
                listing.names.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                listing.names.append(f"{entry.name}/")
            else:
                if not entry.is_file(follow_symlinks=False):
                    listing.special.add(entry.name)
                listing.names.append(entry.name)
    listing.names.sort()
    return listing


def _read(path: Path) -> tuple[bytes, int]:
    """Return at most one byte more than a file may have, and the size that it was said to have."""
    # Opening a pipe would wait for its other end, and a link may have taken the file's place since it was listed.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _NotRegular
        if status.st_size > FILE_BYTES_MAX:
            return b"", status.st_size
        chunks = []
        left = FILE_BYTES_MAX + 1
        while left and (chunk := os.read(handle, left)):
            chunks.append(chunk)
            left -= len(chunk)
        return b"".join(chunks), status.st_size
    finally:
        os.close(handle)


def _levels_above(root: Path, start: Path) -> Levels:
    """Return the patterns that hold in `start` because of what lies above it.

    Whoever names a directory that is ignored means it: then none of those patterns count.
    """
    levels = with_file((), root / ".git" / "info" / "exclude", "")
    directory, below = root, ""
    for part in start.relative_to(root).parts:
        levels = enter(levels, directory, below)
        directory, below = directory / part, f"{below}{part}/"
        if is_ignored(levels, below):
            return ()
    return levels
