"""The corpus: one fact per entry, each with its exact citation, checked against the registry when it is read.

A file is a YAML list of entries::

    - id: rfc8996-min-version            names the fact for ever: acknowledgements and packs refer to it
      path: tls/min_version              in the registry, with the predicate
      predicate: version
      comparison: at_least               optional; the registry's if left out
      value: 1.2                         of the registry's type; a list for one_of and none_of; none for present and absent
      tier: 1                            as in `stemedb.statements.tiers`: an RFC is a standard, a maker's manual is a vendor's
      confidence: 0.8                    optional, 1 if left out: MUST is 1, SHOULD less, advice that depends is lower still
      source: rfc://8996                 scheme and first segment of the assertion's subject; the path follows it
      citation: RFC 8996 §4, §5          document and section, as one would look it up
      url: https://www.rfc-editor.org/rfc/rfc8996#section-4
      languages: [python]                optional: those that a vendor speaks of; all if left out
      summary: TLS 1.0 and TLS 1.1 must not be negotiated any more.        one or two sentences of ours
      checked: true                      whether a person has seen the cited place; if not:
      unchecked_reason: …                why not
      unobserved_reason: …               why it stands though no rule observes it, for people and packs; a rule that comes takes the reason away

Invariants: every fact is about a registered path and predicate, its value is of the registered type, its id is its own.
Whatever is wrong is refused with the file, the number of the row and the field (`InvalidInput`); the registry adds the nearest names.

What it does not do: it does not judge whether the facts agree with one another (`lint`).
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from stemedb.errors import InvalidInput
from stemedb.statements.tiers import TIERS
from stemedb_analysis.kept import kept
from stemedb_analysis.model import Authority, Typed
from stemedb_analysis.registry import SETS, VALUELESS, Registry, check_demand, shipped
from stemedb_analysis.yaml_text import read_yaml

LIFECYCLE: Final = "approved"
"""Of every fact of the corpus: it was reviewed before it was shipped."""

VALUELESS_VALUE: Final = True
"""What stands for the value where a comparison has none."""

_NEEDED: Final = frozenset(
    {"id", "path", "predicate", "tier", "source", "citation", "url", "summary", "checked"}
)
_OPTIONAL: Final = frozenset(
    {"comparison", "value", "confidence", "languages", "unchecked_reason", "unobserved_reason"}
)
_TEXTS: Final = ("id", "path", "predicate", "source", "citation", "url", "summary")
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SOURCE: Final = re.compile(r"[a-z][a-z0-9+.\-]{0,31}://[a-z0-9][a-z0-9._-]*")


class Fact(NamedTuple):
    """An authority as the corpus has it: with where it comes from and whether somebody looked."""

    authority: Authority
    source: str
    """``rfc://8996``: scheme and first segment of the subject."""
    checked: bool
    unchecked_reason: str
    place: str
    """``tls.yaml, row 3``."""
    unobserved_reason: str = ""
    """Why it stands though no rule observes it; empty if one does."""


def load(registry: Registry | None = None) -> list[Authority]:
    """Return the authorities that come with the product, by file and row."""
    return [fact.authority for fact in facts(registry)]


def facts(registry: Registry | None = None) -> list[Fact]:
    """Return the facts that come with the product, by file and row; raises `InvalidInput` if one is wrong."""
    return list(_shipped()) if registry is None else _read(_shipped_documents(), registry)


def parse_folder(folder: Path, registry: Registry | None = None) -> list[Fact]:
    """Return the facts of every ``*.yaml`` below `folder`, in the order of their names."""
    texts = {path.name: path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}
    return _read(_documents(texts), registry or shipped())


def parse(text: str, name: str, registry: Registry | None = None) -> list[Fact]:
    """Return the facts of one YAML document; raises `InvalidInput` naming `name`, the row and the field."""
    return _facts(read_yaml(text, name), name, shipped() if registry is None else registry)


def _facts(rows: object, name: str, registry: Registry) -> list[Fact]:
    if not isinstance(rows, list):
        raise InvalidInput(name, f"got a {type(rows).__name__}, want a list of facts")
    return [_fact(row, f"{name}, row {number}", registry) for number, row in enumerate(rows, 1)]


@cache
def _shipped() -> tuple[Fact, ...]:
    return tuple(_read(_shipped_documents(), shipped()))


def _shipped_documents() -> Mapping[str, object]:
    folder = files("stemedb_analysis") / "corpus"
    entries = sorted(folder.iterdir(), key=lambda one: one.name)
    texts = {entry.name: entry.read_bytes() for entry in entries if entry.name.endswith(".yaml")}
    return kept(texts, _documents, b"corpus 1")


def _documents(texts: Mapping[str, bytes]) -> dict[str, object]:
    return {name: read_yaml(text, name) for name, text in texts.items()}


def _read(documents: Mapping[str, object], registry: Registry) -> list[Fact]:
    found: dict[str, Fact] = {}
    for name, rows in documents.items():
        for fact in _facts(rows, name, registry):
            id_ = fact.authority.id
            if id_ in found:
                raise InvalidInput(fact.place, f"id: {id_} is taken by {found[id_].place}")
            found[id_] = fact
    return list(found.values())


def _fact(row: object, place: str, registry: Registry) -> Fact:
    if not isinstance(row, dict):
        raise InvalidInput(place, f"got a {type(row).__name__}, want a mapping")
    missing, unknown = _NEEDED - row.keys(), row.keys() - _NEEDED - _OPTIONAL
    if missing:
        raise InvalidInput(place, f"lacks {', '.join(sorted(missing))}")
    if unknown:
        raise InvalidInput(place, f"has the unknown {', '.join(sorted(map(str, unknown)))}")
    for field in _TEXTS:
        if not isinstance(row[field], str) or not row[field].strip():
            raise InvalidInput(place, f"{field}: got {row[field]!r:.60}, want text")
    _check_shape(row, place)
    try:
        concept = registry.want(row["path"], row["predicate"])
        comparison = row.get("comparison", concept.comparison)
        value = _value(row, comparison)
        check_demand(concept, comparison, value)
    except InvalidInput as error:
        raise InvalidInput(place, str(error)) from None
    authority = Authority(
        id=row["id"],
        path=row["path"],
        predicate=row["predicate"],
        comparison=comparison,
        value=value,
        tier=row["tier"],
        confidence=float(row.get("confidence", 1.0)),
        citation=row["citation"],
        url=row["url"],
        summary=row["summary"],
        lifecycle=LIFECYCLE,
        languages=tuple(row.get("languages", ())),
    )
    return Fact(
        authority,
        row["source"],
        row["checked"],
        row.get("unchecked_reason", ""),
        place,
        _reason(row, place),
    )


def _check_shape(row: dict[str, object], place: str) -> None:
    """Check what does not need the registry. `row` has all that is needed, its texts are texts."""
    if not _ID.fullmatch(str(row["id"])):
        raise InvalidInput(place, f"id: got {row['id']!r:.60}, want a-z, 0-9 and single -")
    if not _SOURCE.fullmatch(str(row["source"])):
        raise InvalidInput(place, f"source: got {row['source']!r:.60}, want scheme://segment")
    tier = row["tier"]
    if isinstance(tier, bool) or not isinstance(tier, int) or not 0 <= tier < len(TIERS):
        raise InvalidInput(place, f"tier: got {tier!r:.20}, want 0 to {len(TIERS) - 1}")
    confidence = row.get("confidence", 1.0)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 < confidence <= 1:
        raise InvalidInput(place, f"confidence: got {confidence!r:.20}, want more than 0, at most 1")
    if not isinstance(row["checked"], bool):
        raise InvalidInput(place, f"checked: got {row['checked']!r:.20}, want true or false")
    languages = row.get("languages", [])
    if not isinstance(languages, list) or not all(
        isinstance(one, str) and _ID.fullmatch(one) for one in languages
    ):
        raise InvalidInput(place, f"languages: got {languages!r:.60}, want a list of names")
    reason = row.get("unchecked_reason", "")
    if not isinstance(reason, str) or bool(reason.strip()) is row["checked"]:
        raise InvalidInput(place, "unchecked_reason: wanted exactly where checked is false")


def _reason(row: dict[str, object], place: str) -> str:
    reason = row.get("unobserved_reason", "")
    if not isinstance(reason, str) or ("unobserved_reason" in row and not reason.strip()):
        raise InvalidInput(place, f"unobserved_reason: got {reason!r:.60}, want a sentence")
    return reason


def _value(row: dict[str, object], comparison: object) -> Typed | tuple[Typed, ...]:
    if comparison in VALUELESS:
        if "value" in row:
            raise InvalidInput("value", f"{comparison} has none")
        return VALUELESS_VALUE
    if "value" not in row:
        raise InvalidInput("value", "is missing")
    value = row["value"]
    if isinstance(value, list):
        if comparison not in SETS:
            raise InvalidInput("value", f"got a list, want one value for {comparison}")
        return tuple(value)
    return value  # type: ignore[return-value]  # its type is checked against the registry next
