"""Aliases: paths that mean the same as one of the registry in this project, in the table ``[aliases]`` of its claims.

::

    [aliases]
    "transport/min_tls" = "tls/min_version"      what claims here call transport/min_tls is tls/min_version

Invariants

1. An alias means a path of the registry, not another alias: it is resolved in one step.
2. A path of the registry means itself, so it is no alias: nobody's demands about it can be turned into demands about something else.

The file belongs to people: a line is added or taken out, and all else stays. Where the table is written in a way that this cannot be done line
by line, it is refused and nothing is changed.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Final

from stemedb.errors import InvalidInput
from stemedb_analysis.registry import Registry

TABLE: Final = "aliases"
_PATH: Final = re.compile(r"[a-z0-9_.-]+(?:/[a-z0-9_.-]+)*")
_HEADER: Final = re.compile(r"^\[aliases\][ \t]*(?:#.*)?$", re.MULTILINE)
_NEXT: Final = re.compile(r"^\[", re.MULTILINE)


def check(table: object, registry: Registry, place: str) -> dict[str, str]:
    """Return the aliases that a document's table says. Raises `InvalidInput` with the nearest paths if one means nothing."""
    if not isinstance(table, dict) or not all(isinstance(means, str) for means in table.values()):
        raise InvalidInput(place, f"{TABLE}: want paths, each with the path that it means")
    for path, means in table.items():
        where = f"{place}, {TABLE}, {path}"
        if not _PATH.fullmatch(path):
            raise InvalidInput(where, "want segments of a-z, 0-9, _ . - joined by /")
        if registry.knows(path):
            raise InvalidInput(where, "is in the registry itself; an alias is another name for such a path")
        if means in table:
            raise InvalidInput(where, f"means {means}, which is an alias itself; want a path of the registry")
        try:
            registry.want_path(means)
        except InvalidInput as error:
            raise InvalidInput(where, f"means {means}, which {error.reason}") from None
    return table


def added(text: str, path: str, means: str) -> str:
    """Return a document with one alias more, or with another meaning for it. Raises `InvalidInput` if that cannot be done line by line."""
    line = f"{json.dumps(path)} = {json.dumps(means)}"
    wanted = {**_read(text), path: means}
    header = _HEADER.search(text)
    if header is None:
        return _as_wanted(f"{text.rstrip()}\n\n[{TABLE}]\n{line}\n".lstrip(), wanted)
    lines = _lines(text, header.end())
    kept = [line if _names(one, path) else one for one in lines]
    if kept == lines and line not in lines:
        # Behind the last line that says something: what follows belongs to the table that comes next.
        last = max((at for at, one in enumerate(lines) if _is_said(one)), default=0)
        kept.insert(last + 1, line)
    return _as_wanted(_with(text, header.end(), lines, kept), wanted)


def removed(text: str, path: str) -> str:
    """Return a document without an alias. Raises `InvalidInput` if that cannot be done line by line."""
    wanted = {name: means for name, means in _read(text).items() if name != path}
    header = _HEADER.search(text)
    if header is None:
        return _as_wanted(text, wanted)
    lines = _lines(text, header.end())
    return _as_wanted(
        _with(text, header.end(), lines, [one for one in lines if not _names(one, path)]), wanted
    )


def _lines(text: str, start: int) -> list[str]:
    """Return the lines of the table that begins at `start`, the rest of its header's line first."""
    following = _NEXT.search(text, start)
    return text[start : following.start() if following else len(text)].split("\n")


def _with(text: str, start: int, lines: list[str], kept: list[str]) -> str:
    end = start + len("\n".join(lines))
    return text[:start] + "\n".join(kept) + text[end:]


def _names(line: str, path: str) -> bool:
    try:
        return path in tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False


def _is_said(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _read(text: str) -> Mapping[str, object]:
    table = tomllib.loads(text).get(TABLE, {})
    return table if isinstance(table, dict) else {}


def _as_wanted(text: str, wanted: Mapping[str, object]) -> str:
    try:
        holds = _read(text) == wanted
    except tomllib.TOMLDecodeError:
        holds = False
    if not holds:
        raise InvalidInput(
            TABLE, "are written in a way that this command does not edit; change the file by hand"
        )
    return text
