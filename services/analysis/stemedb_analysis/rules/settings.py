"""The matcher for configuration files: settings and blocks of them.

::

    setting: services/*/privileged          this key, of any service
    block: services/*                       each service, to say what it lacks or has
    **/securityContext/runAsUser            ** is any run of segments, also none
    [*]                                     any position of a list

Paths are written with ``/`` and compared without regard to case, hyphens and underscores: ``verify_ssl`` fits ``verifySsl`` and
``VERIFY-SSL``. A dotted name is the path of its parts, in patterns and in files: ``ssl.verify`` fits ``ssl: {verify: …}``, except where dots are
parts of names (dependencies, file names, Kubernetes). In a file of several documents each is looked at by itself. A ``where``
key is a path from the setting's own block (``image``), from its parent (``../kind``) or from the top (``/kind``); of a block row, from the
block.

A block is a path prefix that has at least one setting below it. Its observation stands where the block begins, at its key or header.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from stemedb_analysis.facts.model import MODULE, Expr, Facts, Kind, Setting
from stemedb_analysis.rules.model import Condition, FileInfo, Row
from stemedb_analysis.rules.names import expand
from stemedb_analysis.rules.select import Scene, holds
from stemedb_analysis.source import Source

if TYPE_CHECKING:
    from stemedb_analysis.rules.match import Candidate, Sight

SEPARATOR: Final = "\x1f"
"""Between segments of a path in one text: a segment may hold dots and slashes, but no control characters that one types."""

ANY_POSITION: Final = "[*]"
"""What patterns write for a position of a list; positions are looked up as one."""

UNDOTTED: Final = frozenset(
    {
        "kubernetes", "package-json", "composer", "pyproject", "cargo", "pipfile", "requirements", "requirements-in", "tsconfig", "workflow",
        "action", "dockerfile", "nginx", "apache", "haproxy", "systemd",
    }
)  # fmt: skip
"""Kinds of files in which a dot in a key is a part of a name and leads nowhere."""

_DOTTED: Final = re.compile(r"[^\W\d][\w\-]*(?:\.[\w\-*]+)+", re.ASCII)
_KINDS: Final[dict[type, Kind]] = {bool: "bool", int: "int", float: "float", str: "str", type(None): "none"}


def sights_of_settings(
    candidates: "Sequence[Candidate]", facts: Facts, source: Source, file: FileInfo
) -> "list[Sight]":
    """Return what the rows see in one configuration file. O(settings + rows × settings of the same last segment)."""
    is_dotted = file.kind not in UNDOTTED
    places = {_key(block.path, is_dotted=is_dotted): block.start for block in reversed(facts.blocks)}
    documents = [
        _Document(facts, source, settings, places, name, is_dotted=is_dotted)
        for name, settings in _documents(facts.settings).items()
    ]
    sights: list[Sight] = []
    for candidate in candidates:
        if candidate.row.kinds and file.kind not in candidate.row.kinds:
            continue
        for document in documents:
            sights += document.sights(candidate)
    return sights


def _documents(settings: Sequence[Setting]) -> dict[str, list[Setting]]:
    """Return the settings of each document, by the segment that marks it; empty for the first."""
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        first = setting.path[0] if setting.path else ""
        is_marked = first.startswith("---") and first[3:].isdigit()
        found.setdefault(first if is_marked else "", []).append(
            setting._replace(path=setting.path[1:]) if is_marked else setting
        )
    return found


@lru_cache(maxsize=8192)
def folded(segment: str) -> str:
    """Return a segment as it is compared: in lower case, without the signs that join its words."""
    return segment.lower().replace("_", "").replace("-", "")


def _key(path: Sequence[str], *, is_dotted: bool) -> str:
    """Return a path as one text, each folded segment followed by `SEPARATOR`."""
    segments = [folded(part) for part in path]
    if is_dotted and any("." in segment for segment in segments):
        segments = [
            piece
            for segment in segments
            for piece in (segment.split(".") if _DOTTED.fullmatch(segment) else (segment,))
        ]
    return "".join(f"{segment}{SEPARATOR}" for segment in segments)


@lru_cache(maxsize=16384)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """Return the expression for a pattern of a path (without braces), over segments each followed by `SEPARATOR`."""
    parts = []
    for segment in folded(pattern).replace(".", "/").split("/"):
        if segment == "**":
            parts.append(f"(?:[^{SEPARATOR}]*{SEPARATOR})*")
        elif segment:
            parts.append(f"[^{SEPARATOR}]*".join(map(re.escape, segment.split("*"))) + SEPARATOR)
    return re.compile("".join(parts))


class _Document:
    """The settings of one document, asked by path; found by the last segment where a pattern writes it out."""

    def __init__(
        self,
        facts: Facts,
        source: Source,
        settings: Sequence[Setting],
        places: Mapping[str, int],
        name: str,
        *,
        is_dotted: bool,
    ) -> None:
        """`places` tells where blocks begin, by the key of their path, which begins with `name` if that is not empty."""
        self._places = places
        self._prefix = f"{folded(name)}{SEPARATOR}" if name else ""
        self._facts = facts
        self._source = source
        self._settings = settings
        self._keys = [_key(setting.path, is_dotted=is_dotted) for setting in settings]
        self._by_last: dict[str, list[int]] = {}
        self._by_key = sorted((key, index) for index, key in enumerate(self._keys))
        self._found: dict[tuple[str, re.Pattern[str]], list[int]] = {}
        """What was found below a path: a thousand siblings ask for the same of what is around them."""
        self._taken_away: dict[int, bool] = {}
        """Whether something of this document takes a row away, by the row."""
        self._written = "".join(self._keys)
        self._groups = blocks = {"": 0} if settings else {}
        for index, key in enumerate(self._keys):
            for last in _last_segments(key):
                self._by_last.setdefault(last, []).append(index)
            end = key.find(SEPARATOR) + 1
            while 0 < end < len(key):
                blocks.setdefault(key[:end], index)
                end = key.find(SEPARATOR, end) + 1
        self._blocks_by_last: dict[str, list[tuple[str, int]]] = {}
        for block, index in blocks.items():
            for last in _last_segments(block):
                self._blocks_by_last.setdefault(last, []).append((block, index))

    def sights(self, candidate: "Candidate") -> "Iterator[Sight]":
        from stemedb_analysis.rules.match import Sight, values  # noqa: PLC0415 - see observe_settings

        row = candidate.row
        scenes = list(self._blocks(row) if row.fact == "block" else self._matching(row))
        for scene in scenes[-1:] if row.last else scenes:
            for value, origin, _ in values(row.read, scene):
                yield Sight(candidate, value, origin, scene.start, scene.end, MODULE)

    def _matching(self, row: Row) -> Iterator[Scene]:
        for index in self._fitting(row):
            key = self._keys[index]
            scene = self._scene(index, key)
            if self._holds(row, scene, key[: key.rfind(SEPARATOR, 0, -1) + 1]):
                yield scene

    def _fitting(self, row: Row) -> list[int]:
        """Return the settings that one of the row's patterns fits, in order. Patterns whose last segment is not here cost nothing."""
        patterns = _patterns(row.names)
        found = {
            index
            for last in patterns.by_last.keys() & self._by_last.keys()
            for pattern in patterns.by_last[last]
            for index in self._by_last[last]
            if pattern.fullmatch(self._keys[index])
        }
        for part, pattern in patterns.open:
            if part in self._written:
                found.update(index for index, key in enumerate(self._keys) if pattern.fullmatch(key))
        return sorted(found)

    def _blocks(self, row: Row) -> Iterator[Scene]:
        patterns = _patterns(row.names or ("",))
        fitting = [
            (index, block)
            for last in patterns.by_last.keys() & self._blocks_by_last.keys()
            for pattern in patterns.by_last[last]
            for block, index in self._blocks_by_last[last]
            if pattern.fullmatch(block)
        ]
        fitting += [
            (index, block)
            for part, pattern in patterns.open
            if part in self._written
            for block, index in self._groups.items()
            if pattern.fullmatch(block)
        ]
        for index, block in sorted(fitting):
            has = all(self._find(block, one) for one in row.has)
            lacks = not any(self._find(block, one) for one in row.lacks)
            scene = self._at_its_place(self._scene(index, block), block)
            if has and lacks and self._holds(row, scene, block):
                yield scene

    def _holds(self, row: Row, scene: Scene, block: str) -> bool:
        if not all(self._test(test, scene, block) for test in row.where):
            return False
        # What takes a row away may stand anywhere in the document: files of configuration have no functions.
        if row.unless and id(row) not in self._taken_away:
            self._taken_away[id(row)] = any(True for other in row.unless for _ in self._matching(other))
        return not self._taken_away.get(id(row), False)

    def _test(self, test: Condition, scene: Scene, block: str) -> bool:
        if test.selector.root:
            return holds(test, scene)
        exprs = [self._expr(index) for index in self._find(block, test.selector.text)]
        if test.op in {"absent", "present"}:
            return bool(exprs) is ((test.op == "present") is bool(test.operand))
        if test.op.startswith("not_"):
            return all(holds(_on_value(test), scene._replace(value=expr)) for expr in exprs)
        return any(holds(_on_value(test), scene._replace(value=expr)) for expr in exprs)

    def _find(self, block: str, text: str) -> list[int]:
        """Return the settings at or below the path `text` seen from `block`."""
        found: list[int] = []
        for levels, pattern in _alternatives(text):
            start = block if levels >= 0 else ""
            for _ in range(levels):
                start = start[: start.rfind(SEPARATOR, 0, -1) + 1]
            known = self._found.get((start, pattern))
            if known is None:
                known = sorted(index for index, key in self._below(start) if pattern.match(key, len(start)))
                self._found[start, pattern] = known
            found += known
        return found

    def _below(self, start: str) -> Iterator[tuple[int, str]]:
        """Yield the settings whose path begins with `start`. O(log settings + those)."""
        for key, index in islice(self._by_key, bisect_left(self._by_key, (start,)), None):
            if not key.startswith(start):
                return
            yield index, key

    def _scene(self, index: int, key: str) -> Scene:
        setting = self._settings[index]
        name = key.rstrip(SEPARATOR).replace(SEPARATOR, ".")
        return Scene(
            None, self._expr(index), self._facts, self._source, MODULE, setting.start, setting.end, name
        )

    def _at_its_place(self, scene: Scene, block: str) -> Scene:
        """Return the scene of a block where the block begins; what an alias brought into it may stand anywhere."""
        start = self._places.get(self._prefix + block)
        if start is None:
            return scene
        if scene.start >= start:
            return scene._replace(start=start)
        line = self._source.data.find(b"\n", start)
        return scene._replace(start=start, end=line if line > start else len(self._source.data))

    def _expr(self, index: int) -> Expr:
        setting = self._settings[index]
        return Expr(_KINDS.get(type(setting.value), "other"), setting.value, setting.start, setting.end)


def _on_value(test: Condition) -> Condition:
    return test._replace(selector=test.selector._replace(root="@value", steps=()))


def _last_segments(key: str) -> tuple[str, ...]:
    """Return what a key is looked up by: its last segment; of a position in a list, what the list is called as well."""
    head, _, last = key[:-1].rpartition(SEPARATOR)
    if not last.startswith("["):
        return (last,)
    return ANY_POSITION, f"{head.rpartition(SEPARATOR)[2]}/{ANY_POSITION}"


class _Patterns(NamedTuple):
    """The expressions of a row, each once: names that differ in their signs only are one."""

    by_last: dict[str, list[re.Pattern[str]]]
    open: list[tuple[str, re.Pattern[str]]]
    """Those whose last segment has a star in it, with what else is in it: they are tried on everything, where that is written."""


@lru_cache(maxsize=4096)
def _patterns(names: tuple[str, ...]) -> _Patterns:
    found = _Patterns({}, [])
    for pattern, last in {path_pattern(name): _written_out(name) for name in names}.items():
        if last is not None:
            found.by_last.setdefault(last, []).append(pattern)
    for name in dict.fromkeys(names):
        if _written_out(name) is None:
            last = folded(name).replace(".", "/").rstrip("/").rpartition("/")[2]
            found.open.append((max(last.split("*"), key=len), path_pattern(name)))
    return found


@lru_cache(maxsize=4096)
def _alternatives(text: str) -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Return for a path, or each that its braces stand for, how many levels up it begins (-1: at the top) and its expression."""
    found = []
    for one in expand(text):
        levels = -1 if one.startswith("/") else 0
        while one.startswith("../"):
            levels, one = levels + 1, one[3:]  # noqa: PLW2901 - the rest of it
        found.append((levels, path_pattern(one)))
    return tuple(dict.fromkeys(found))


def _written_out(pattern: str) -> str | None:
    """Return what a pattern's keys are looked up by, as `_last_segments` has it; ``None`` if its last segment has a star in it."""
    head, _, last = folded(pattern).replace(".", "/").rstrip("/").rpartition("/")
    if not last.startswith("["):
        return None if "*" in last else last
    of = head.rpartition("/")[2]
    return ANY_POSITION if "*" in of or not of else f"{of}/{ANY_POSITION}"
