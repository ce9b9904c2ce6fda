"""The matcher for configuration files: settings and blocks of them.

::

    setting: services/*/privileged          this key, of any service
    block: services/*                       each service, to say what it lacks or has
    **/securityContext/runAsUser            ** is any run of segments, also none
    [*]                                     any position of a list

Paths are written with ``/`` and compared without regard to case. In a file of several documents each is looked at by itself. A ``where``
key is a path from the setting's own block (``image``), from its parent (``../kind``) or from the top (``/kind``); of a block row, from the
block.

A block is a path prefix that has at least one setting below it. Its observation stands at the block's first setting.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stemedb_analysis.facts.model import MODULE, Expr, Facts, Kind, Setting
from stemedb_analysis.model import Observation
from stemedb_analysis.rules.model import Condition, FileInfo, Row
from stemedb_analysis.rules.select import Scene, holds
from stemedb_analysis.source import Source

if TYPE_CHECKING:
    from stemedb_analysis.rules.match import Candidate, Sight

SEPARATOR: Final = "\x1f"
"""Between segments of a path in one text: a segment may hold dots and slashes, but no control characters that one types."""

ANY_POSITION: Final = "[*]"
"""What patterns write for a position of a list; positions are looked up as one."""

_KINDS: Final[dict[type, Kind]] = {bool: "bool", int: "int", float: "float", str: "str", type(None): "none"}


def observe_settings(
    candidates: "Sequence[Candidate]", facts: Facts, source: Source, file: FileInfo
) -> list[Observation]:
    """Return what the rows see in one configuration file. O(settings + rows × settings of the same last segment)."""
    from stemedb_analysis.rules.match import finish  # noqa: PLC0415 - the two halves of the matcher know each other

    documents = [_Document(facts, source, settings) for settings in _documents(facts.settings)]
    sights: list[Sight] = []
    for candidate in candidates:
        if candidate.row.kinds and file.kind not in candidate.row.kinds:
            continue
        for document in documents:
            sights += document.sights(candidate)
    return finish(sights, facts, source, file, None)


def _documents(settings: Sequence[Setting]) -> list[list[Setting]]:
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        first = setting.path[0] if setting.path else ""
        is_marked = first.startswith("---") and first[3:].isdigit()
        found.setdefault(first if is_marked else "", []).append(
            setting._replace(path=setting.path[1:]) if is_marked else setting
        )
    return list(found.values())


@lru_cache(maxsize=4096)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """Return the expression for a pattern of a path (without braces), over segments each followed by `SEPARATOR`."""
    parts = []
    for segment in pattern.lower().split("/"):
        if segment == "**":
            parts.append(f"(?:[^{SEPARATOR}]*{SEPARATOR})*")
        elif segment:
            parts.append(f"[^{SEPARATOR}]*".join(map(re.escape, segment.split("*"))) + SEPARATOR)
    return re.compile("".join(parts))


class _Document:
    """The settings of one document, asked by path; found by the last segment where a pattern writes it out."""

    def __init__(self, facts: Facts, source: Source, settings: Sequence[Setting]) -> None:
        self._facts = facts
        self._source = source
        self._settings = settings
        self._keys = ["".join(f"{part.lower()}{SEPARATOR}" for part in setting.path) for setting in settings]
        self._by_last: dict[str, list[int]] = {}
        self._segments = set("".join(self._keys).split(SEPARATOR))
        blocks: dict[str, int] = {"": 0} if settings else {}
        for index, key in enumerate(self._keys):
            self._by_last.setdefault(_last_segment(key), []).append(index)
            end = key.find(SEPARATOR) + 1
            while 0 < end < len(key):
                blocks.setdefault(key[:end], index)
                end = key.find(SEPARATOR, end) + 1
        self._blocks_by_last: dict[str, list[tuple[str, int]]] = {}
        for block, index in blocks.items():
            self._blocks_by_last.setdefault(_last_segment(block), []).append((block, index))

    def sights(self, candidate: "Candidate") -> "Iterator[Sight]":
        from stemedb_analysis.rules.match import Sight, values  # noqa: PLC0415 - see observe_settings

        row = candidate.row
        scenes = list(self._blocks(row) if row.fact == "block" else self._matching(row))
        for scene in scenes[-1:] if row.last else scenes:
            for value, origin in values(row.read, scene):
                yield Sight(candidate, value, origin, scene.start, scene.end, MODULE)

    def _matching(self, row: Row) -> Iterator[Scene]:
        lasts, names = _segments(row.names)
        # Most rows speak of keys that the document has not.
        if None not in lasts and lasts.isdisjoint(self._by_last):
            return
        for name, last, written in names:
            if not written <= self._segments:
                continue
            pattern = path_pattern(name)
            for index in range(len(self._keys)) if last is None else self._by_last.get(last, ()):
                key = self._keys[index]
                if pattern.fullmatch(key):
                    block = key[: key.rfind(SEPARATOR, 0, -1) + 1]
                    scene = self._scene(index, key)
                    if self._holds(row, scene, block):
                        yield scene

    def _blocks(self, row: Row) -> Iterator[Scene]:
        for name in row.names or ("",):
            pattern, last = path_pattern(name), _written_out(name)
            groups = self._blocks_by_last.values() if last is None else [self._blocks_by_last.get(last, [])]
            for block, index in [one for group in groups for one in group]:
                if not pattern.fullmatch(block):
                    continue
                has = all(self._find(block, one) for one in row.has)
                lacks = not any(self._find(block, one) for one in row.lacks)
                scene = self._scene(index, block)
                if has and lacks and self._holds(row, scene, block):
                    yield scene

    def _holds(self, row: Row, scene: Scene, block: str) -> bool:
        if not all(self._test(test, scene, block) for test in row.where):
            return False
        # What takes a row away may stand anywhere in the document: files of configuration have no functions.
        return not any(True for other in row.unless for _ in self._matching(other))

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
        while text.startswith("../"):
            block = block[: block.rfind(SEPARATOR, 0, -1) + 1]
            text = text[3:]
        if text.startswith("/"):
            block = ""
        pattern = path_pattern(text)
        return [
            index
            for index, key in enumerate(self._keys)
            if key.startswith(block) and pattern.match(key, len(block))
        ]

    def _scene(self, index: int, key: str) -> Scene:
        setting = self._settings[index]
        name = key.rstrip(SEPARATOR).replace(SEPARATOR, ".")
        return Scene(
            None, self._expr(index), self._facts, self._source, MODULE, setting.start, setting.end, name
        )

    def _expr(self, index: int) -> Expr:
        setting = self._settings[index]
        return Expr(_KINDS.get(type(setting.value), "other"), setting.value, setting.start, setting.end)


def _on_value(test: Condition) -> Condition:
    return test._replace(selector=test.selector._replace(root="@value", steps=()))


def _last_segment(key: str) -> str:
    last = key[key.rfind(SEPARATOR, 0, -1) + 1 : -1]
    return ANY_POSITION if last.startswith("[") else last


@lru_cache(maxsize=4096)
def _written_out(pattern: str) -> str | None:
    """Return the last segment of a pattern in lower case, ``None`` if it has a star in it."""
    last = pattern.lower().rstrip("/").rpartition("/")[2]
    return None if "*" in last and last != ANY_POSITION else last


@lru_cache(maxsize=4096)
def _segments(
    names: tuple[str, ...],
) -> tuple[frozenset[str | None], tuple[tuple[str, str | None, frozenset[str]], ...]]:
    """Return the last segments of patterns, as `_written_out` has them, and of each that one and all that have no star, in lower case."""
    each = tuple(
        (
            name,
            _written_out(name),
            frozenset(one for one in name.lower().split("/") if one and "*" not in one),
        )
        for name in names
    )
    return frozenset(last for _, last, _ in each), each
