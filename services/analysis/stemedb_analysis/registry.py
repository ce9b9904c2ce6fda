"""The registry: every tail path and predicate that rules, corpus and policies may speak of.

::

    rule ─────▶ ┌──────────────────────────────┐ ◀───── corpus
                │ path, predicate → Concept    │
    policy ───▶ └──────────────────────────────┘ ◀───── claims read from a store

What is not in it does not load, and the refusal names the nearest entries. So a rule and an authority that speak of the same
thing meet, or one of them is told: there is no silent zero.

``registry.yaml``, a list of rows::

    - path: tls/min_version            segments of [a-z0-9_.-], joined by "/"
      predicate: version
      type: number                     boolean | number | text: what values are compared as
      unit: version                    of a number, for people: seconds, bytes, bits, version, …
      comparison: at_least             what an authority means unless it says otherwise
      kind: configuration              configuration | injection | secret | supply_chain
      cwe: [326]
      title: TLS 1.2 or newer          what holds when all is well
      help: …                          one or two sentences on why

A path may end in ``/*``: it stands for every path with one segment or more in that place, as ``imports/*`` does for
``imports/telnetlib``.

Aliases are paths that mean the same as one here; they come from policy packs and the store (`stemedb.statements.paths.Aliases`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

from stemedb.errors import InvalidInput
from stemedb_analysis.kept import kept
from stemedb_analysis.model import Typed
from stemedb_analysis.yaml_text import read_yaml

Type: TypeAlias = Literal["boolean", "number", "text"]
Comparison: TypeAlias = Literal["equals", "at_least", "at_most", "one_of", "none_of", "present", "absent"]
Kind: TypeAlias = Literal["configuration", "injection", "secret", "supply_chain"]

COMPARISONS: Final[tuple[Comparison, ...]] = get_args(Comparison)
SETS: Final[frozenset[Comparison]] = frozenset({"one_of", "none_of"})
"""Comparisons whose demanded value is a tuple."""

VALUELESS: Final[frozenset[Comparison]] = frozenset({"present", "absent"})
"""Comparisons that demand that there is something, or that there is nothing; their value is not looked at."""

NEAREST_MAX: Final = 3

_PATH: Final = re.compile(r"[a-z0-9_.-]+(?:/[a-z0-9_.-]+)*/(?:[a-z0-9_.-]+|\*)")
_PREDICATE: Final = re.compile(r"[a-z][a-z0-9_]*")


class Concept(NamedTuple):
    """One row: what may be observed and demanded of one path and predicate."""

    path: str
    predicate: str
    type: Type
    comparison: Comparison
    kind: Kind
    title: str
    help: str
    unit: str = ""
    cwe: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The row's key as people write it."""
        return f"{self.path} {self.predicate}"

    def accepts(self, value: object) -> bool:
        """Return whether `value` is of the concept's type."""
        if self.type == "boolean":
            return isinstance(value, bool)
        if self.type == "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN
        return isinstance(value, str)


class Registry(Mapping[tuple[str, str], Concept]):
    """All concepts, by path and predicate. Immutable."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._rows: dict[tuple[str, str], Concept] = {}
        for concept in concepts:
            key = (concept.path, concept.predicate)
            if key in self._rows:
                raise InvalidInput(concept.name, "is in the registry twice")
            self._rows[key] = concept
        self._predicates = frozenset(predicate for _, predicate in self._rows)
        self._paths = frozenset(path for path, _ in self._rows)
        self._roots = frozenset(path.partition("/")[0] for path in self._paths)
        self._leaves = frozenset(path.rpartition("/")[2] for path in self._paths)

    def __getitem__(self, key: tuple[str, str]) -> Concept:
        """Return the row of `key`, or the one whose ``/*`` covers it, under the path that was asked for."""
        concept = self._rows.get(key)
        path = key[0]
        while concept is None and "/" in path:
            path = path.rpartition("/")[0]
            covering = self._rows.get((f"{path}/*", key[1]))
            concept = covering and covering._replace(path=key[0])
        if concept is None:
            raise KeyError(key)
        return concept

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def want(self, path: str, predicate: str) -> Concept:
        """Return the concept; raises `InvalidInput` naming the nearest ones if there is none."""
        concept = self.get((path, predicate))
        if concept is None:
            near = self.nearest(path, predicate)
            hint = f"; the nearest: {', '.join(near)}" if near else ""
            raise InvalidInput(f"{path} {predicate}", f"is not in the registry{hint}")
        return concept

    def knows(self, path: str) -> bool:
        """Return whether anything may be said of this path, under whatever predicate."""
        return any((path, predicate) in self for predicate in self._predicates)

    def want_path(self, path: str) -> None:
        """Raise `InvalidInput` naming the nearest paths unless `path` is in the registry."""
        if self.knows(path):
            return
        leaf = path.rpartition("/")[2]
        akin = [one for one in sorted(self._paths) if one.rpartition("/")[2] == leaf]
        near = list(dict.fromkeys([*akin, *get_close_matches(path, self._paths, NEAREST_MAX, 0.5)]))[
            :NEAREST_MAX
        ]
        hint = f"; the nearest: {', '.join(near)}" if near else ""
        raise InvalidInput(path, f"is not in the registry{hint}")

    def nearest(
        self, path: str, predicate: str, among: Collection[tuple[str, str]] | None = None
    ) -> tuple[str, ...]:
        """Return the names of the entries most like this one, the same path first; only those `among` these, if given. O(rows)."""
        rows = [concept for key, concept in self._rows.items() if among is None or key in among]
        same = [concept.name for concept in rows if concept.path == path]
        leaf = path.rpartition("/")[2]
        akin = [concept.name for concept in rows if concept.path.rpartition("/")[2] == leaf]
        close = get_close_matches(f"{path} {predicate}", [concept.name for concept in rows], NEAREST_MAX, 0.6)
        return tuple(dict.fromkeys([*same, *akin, *close]))[:NEAREST_MAX]

    def is_word(self, segment: str) -> bool:
        """Return whether paths of the registry begin or end with `segment`."""
        return segment in self._roots or segment in self._leaves

    def has_predicate(self, predicate: str) -> bool:
        """Return whether a row has this predicate."""
        return predicate in self._predicates

    def has_tail(self, segments: Sequence[str]) -> bool:
        """Return whether a tail of `segments` is the path of a row, whatever its predicate."""
        return any("/".join(segments[start:]) in self._paths for start in range(len(segments)))

    def tail(self, segments: Sequence[str], predicate: str) -> Concept | None:
        """Return the concept whose path is the longest tail of a concept path's `segments`."""
        for start in range(len(segments)):
            concept = self.get(("/".join(segments[start:]), predicate))
            if concept is not None:
                return concept
        return None


def holds(comparison: Comparison, demanded: Typed | tuple[Typed, ...], observed: Typed) -> bool:
    """Return whether `observed` is as `demanded`; both are of one type of the registry."""
    if comparison == "present":
        return observed not in {False, ""}
    if comparison == "absent":
        return observed in {False, ""}
    if comparison in SETS:
        assert isinstance(demanded, tuple)
        return (observed in demanded) is (comparison == "one_of")
    assert not isinstance(demanded, tuple)
    if comparison == "equals":
        return observed == demanded
    assert isinstance(observed, int | float)
    assert isinstance(demanded, int | float)
    return observed >= demanded if comparison == "at_least" else observed <= demanded


def check_demand(concept: Concept, comparison: str, value: object) -> None:
    """Raise `InvalidInput` unless an authority may demand `value` of `concept` by `comparison`."""
    if comparison not in COMPARISONS:
        raise InvalidInput("comparison", f"got {comparison!r:.40}, want one of {', '.join(COMPARISONS)}")
    if comparison in VALUELESS:
        return
    if comparison in {"at_least", "at_most"} and concept.type != "number":
        raise InvalidInput(
            "comparison", f"{comparison} is for numbers, and {concept.name} is a {concept.type}"
        )
    values = value if isinstance(value, tuple) else (value,)
    if isinstance(value, tuple) is not (comparison in SETS) or not values:
        want = "a list of values" if comparison in SETS else "one value"
        raise InvalidInput("value", f"{comparison} wants {want}, got {value!r:.60}")
    for one in values:
        if not concept.accepts(one):
            raise InvalidInput("value", f"got {one!r:.60}, want a {concept.type} for {concept.name}")


def parse(text: str, name: str = "registry.yaml") -> Registry:
    """Return the registry that a YAML document describes; raises `InvalidInput` naming the row."""
    return _registry(read_yaml(text, name), name)


def _registry(rows: object, name: str) -> Registry:
    if not isinstance(rows, list):
        raise InvalidInput(name, f"got a {type(rows).__name__}, want a list of rows")
    return Registry(_concept(row, f"{name}, row {number}") for number, row in enumerate(rows, 1))


@cache
def shipped() -> Registry:
    """Return the registry that comes with the product."""
    texts = {"registry.yaml": (files("stemedb_analysis") / "registry.yaml").read_bytes()}
    documents = kept(
        texts, lambda these: {name: read_yaml(text, name) for name, text in these.items()}, b"registry 1"
    )
    return _registry(documents["registry.yaml"], "registry.yaml")


_NEEDED: Final = {"path", "predicate", "type", "comparison", "kind", "title", "help"}
_OPTIONAL: Final = {"unit", "cwe"}


def _concept(row: object, place: str) -> Concept:
    if not isinstance(row, dict):
        raise InvalidInput(place, f"got a {type(row).__name__}, want a mapping")
    missing, unknown = _NEEDED - row.keys(), row.keys() - _NEEDED - _OPTIONAL
    if missing or unknown:
        what = (
            f"lacks {', '.join(sorted(missing))}"
            if missing
            else f"has the unknown {', '.join(sorted(map(str, unknown)))}"
        )
        raise InvalidInput(place, what)
    fields: dict[str, Any] = row | {"cwe": tuple(row.get("cwe", ()))}
    concept = Concept(**fields)
    for field, allowed in (("type", get_args(Type)), ("comparison", COMPARISONS), ("kind", get_args(Kind))):
        if fields[field] not in allowed:
            raise InvalidInput(place, f"{field}: got {fields[field]!r:.40}, want one of {', '.join(allowed)}")
    if not _PATH.fullmatch(str(concept.path)):
        raise InvalidInput(
            place, f"path: got {concept.path!r:.60}, want segments of a-z, 0-9, _ . - joined by /"
        )
    if not _PREDICATE.fullmatch(str(concept.predicate)):
        raise InvalidInput(place, f"predicate: got {concept.predicate!r:.60}, want a-z, 0-9 and _")
    if not all(isinstance(number, int) for number in concept.cwe):
        raise InvalidInput(place, f"cwe: got {concept.cwe!r:.60}, want numbers")
    for field in ("title", "help", "unit"):
        if not isinstance(fields.get(field, ""), str):
            raise InvalidInput(place, f"{field}: got {fields[field]!r:.60}, want text")
    return concept
