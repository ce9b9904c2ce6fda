"""The files of `data/`, read and checked. See `model` for what they say."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from stemedb.errors import InvalidInput
from stemedb_analysis.facts.model import LANGUAGES
from stemedb_analysis.flow.model import KINDS, Params, Sanitizer, Says, Sources, Tame, Tongue
from stemedb_analysis.kept import kept
from stemedb_analysis.rules.names import NameIndex, expand
from stemedb_analysis.yaml_text import read_yaml

_FORMAT: Final = b"flow 1"
"""Part of the cache key: moves when the shape of what is kept does."""
NOTHING: Final = re.compile(r"(?!)")
"""Fits no text."""


@cache
def tongue(language: str) -> Tongue | None:
    """Return what is known of a language of code, ``None`` of any other; made when it is first asked for. Raises `InvalidInput` naming file and field."""
    if language not in LANGUAGES:
        return None
    name = "javascript" if language == "typescript" else language
    if name != language:
        return tongue(name)
    sources, sanitizers = (_documents()[file] for file in ("sources.yaml", "sanitizers.yaml"))
    return _tongue(name, sources.get(name) or {}, sanitizers.get(name) or {})


@cache
def _documents() -> dict[str, Any]:
    data = files("stemedb_analysis") / "flow" / "data"
    return kept(
        {name: (data / name).read_bytes() for name in ("sources.yaml", "sanitizers.yaml")}, _read, _FORMAT
    )


def _read(texts: Mapping[str, bytes]) -> dict[str, object]:
    return {name: read_yaml(text, name) for name, text in texts.items()}


def _tongue(language: str, sources: Mapping[str, Any], sanitizers: Mapping[str, Any]) -> Tongue:
    index: NameIndex[Sanitizer] = NameIndex()
    for row in sanitizers.get("calls", ()):
        index.add(
            _names(row["names"]),
            Sanitizer(
                frozenset(row["clears"]),
                re.compile(row["says"]) if "says" in row else None,
                re.compile(row["not"]) if "not" in row else None,
                tuple(_names(row.get("except", ""))),
            ),
        )
    try:
        return Tongue(
            re.compile(str(sources.get("hint", "(?!)")).encode()),
            Sources(
                _any_of(sources.get("names")),
                _any_of(sources.get("weak")),
                _any_of(sources.get("except")),
                tuple(
                    Tame(_any_of(row["names"]), _cleared(row), frozenset(row.get("only", ())))
                    for row in sources.get("tame", ())
                ),
            ),
            tuple(_names(sources.get("names", "")) + _names(sources.get("weak", ""))),
            tuple(
                Params(
                    tuple(str(row.get("holds", "")).split()),
                    tuple(_names(row.get("decorators", ""))),
                    re.compile(row["written"]) if "written" in row else None,
                    frozenset(str(row.get("except", "")).split()),
                    row["label"],
                    frozenset(row.get("clears", ())),
                    re.compile(row["head"]) if "head" in row else None,
                )
                for row in sources.get("params", ())
            ),
            index,
            frozenset(str(sanitizers.get("documents", "")).split()),
            tuple((_any_of(row["names"]), frozenset(row["clears"])) for row in sources.get("limited", ())),
            frozenset(str(sources.get("renewed", "")).split()),
            frozenset(str(sources.get("minted", "")).split()),
            frozenset(str(sanitizers.get("carriers", "")).split()),
            frozenset(str(sanitizers.get("adders", "")).split()),
            frozenset(str(sanitizers.get("fillers", "")).split()),
            _says(sanitizers.get("guards", ())),
            _says(sanitizers.get("edits", ())),
            _outgoing(sources.get("outgoing")),
            re.compile(sources["harmless"]) if "harmless" in sources else NOTHING,
            frozenset(str(sources.get("harmless_members", "")).split()),
        )
    except (re.error, KeyError) as wrong:
        raise InvalidInput(f"flow/data: {language}", f"{wrong}") from wrong


def _outgoing(row: Mapping[str, Any] | None) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return (NOTHING, NOTHING) if row is None else (re.compile(row["head"]), _any_of(row["names"]))


def _says(rows: Iterable[Mapping[str, Any]]) -> tuple[Says, ...]:
    return tuple(
        Says(re.compile(row["says"]), frozenset(row["clears"]), tuple(row.get("signs", ()))) for row in rows
    )


def _names(text: str) -> list[str]:
    return [name for part in str(text).split() for name in expand(part)]


def _cleared(row: Mapping[str, Any]) -> frozenset[str]:
    """Return the kinds that a row rules out: those it names, or all but those."""
    return KINDS - frozenset(row["only"]) if "only" in row else frozenset(row["clears"])


def _any_of(text: str | None) -> re.Pattern[str]:
    """Return the expression for names that one of the patterns fits, or that go on behind one of them."""
    patterns = [".*".join(map(re.escape, name.split("*"))) for name in _names(text or "")]
    return re.compile(rf"(?:{'|'.join(patterns)})(?:\..*)?", re.DOTALL) if patterns else NOTHING
