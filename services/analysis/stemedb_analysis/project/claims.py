"""A project's own claims: what it holds itself to, in a file that is kept with the code.

::

    .stemedb/claims.toml

    [[claim]]
    id = "tls-floor"                      words of a-z and 0-9 joined by -; for ever
    path = "tls/min_version"              in the registry, with the predicate
    predicate = "version"
    comparison = "at_least"               optional; the registry's if left out
    value = 1.3                           of the registry's type, a list for one_of and none_of; none for present and absent
    reason = "Partners agreed on it."     why; shown with every finding
    category = "security"                 optional
    files = ["services"]                  optional: only there; files or directories
    status = "active"                     active | deprecated | superseded
    status_reason = "…"                   optional: why it holds no more
    supersedes = "tls-12-floor"           optional: the claim whose place it takes
    marker = "9f3a…"                      optional: the marker in the code that it was formalised from

    [[rejected]]                          a marker that is no claim, and why not
    marker = "71c0…"
    reason = "…"

    [aliases]                             paths that mean the same here
    "transport/min_tls" = "tls/min_version"

Active claims are team policy (tier 3): a scan holds the code against them as against any authority. `verify` asks the other way round:
for each claim, does the code bear it out? PASS: observed, and always as claimed. CONFLICT: observed otherwise somewhere. MISSING: not
observed at all, so the claim is about nothing that a rule sees.

The file belongs to people: commands add a block or write one block anew, and leave the rest, with its comments, as it is.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from msgspec import structs

from stemedb.errors import InvalidInput
from stemedb.statements import Assertion
from stemedb_analysis import corpus
from stemedb_analysis.corpus.load import VALUELESS_VALUE
from stemedb_analysis.judge import imports
from stemedb_analysis.model import Authority, Observation, Typed
from stemedb_analysis.own_files import read_own
from stemedb_analysis.project import aliases as names
from stemedb_analysis.registry import SETS, VALUELESS, Registry, check_demand, holds

NAME: Final = "claims.toml"
TIER: Final = 3
CLAIMS_BYTES_MAX: Final = 1 << 20
STATUSES: Final = ("active", "deprecated", "superseded")
LIFECYCLES: Final = {"active": "approved", "deprecated": "deprecated", "superseded": "deprecated"}

State: TypeAlias = Literal["PASS", "CONFLICT", "MISSING"]

_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BLOCK: Final = re.compile(r"^\[\[?[^\]]+\]\]?\s*(?:#.*)?$", re.MULTILINE)
_OPTIONAL: Final = ("category", "files", "supersedes", "marker")


class Claim(NamedTuple):
    """One claim."""

    id: str
    path: str
    predicate: str
    comparison: str
    value: Typed | tuple[Typed, ...]
    reason: str
    category: str = ""
    files: tuple[str, ...] = ()
    status: str = "active"
    supersedes: str = ""
    marker: str = ""
    status_reason: str = ""

    def covers(self, observation: Observation) -> bool:
        """Whether an observation is about the same thing, where the claim holds. What tests do on purpose bears nothing out."""
        if (observation.path, observation.predicate) != (self.path, self.predicate) or observation.in_test:
            return False
        return not self.files or any(
            observation.file == file or observation.file.startswith(f"{file.rstrip('/')}/")
            for file in self.files
        )

    def authority(self, project: str) -> Authority:
        """Return the claim as the team's policy."""
        return Authority(
            id=f"claim:{self.id}",
            path=self.path,
            predicate=self.predicate,
            comparison=self.comparison,
            value=self.value,
            tier=TIER,
            confidence=1.0,
            citation=f"{project}: .stemedb/{NAME}, {self.id}",
            url="",
            summary=self.reason,
        )


class Claims(NamedTuple):
    """What the file says."""

    claims: tuple[Claim, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    """Markers, each with the reason."""
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def active(self) -> list[Claim]:
        """The claims that hold."""
        return [claim for claim in self.claims if claim.status == "active"]

    def find(self, name: str) -> Claim | None:
        """Return the claim of this id."""
        return next((claim for claim in self.claims if claim.id == name), None)


class Verdict(NamedTuple):
    """How a claim stands."""

    claim: Claim
    state: State
    places: tuple[Observation, ...]
    """Those that conflict; of a claim that passes, those that bear it out."""


def verify(claims: Iterable[Claim], observations: Sequence[Observation]) -> list[Verdict]:
    """Return how each claim stands, in their order. O(claims × observations)."""
    verdicts = []
    for claim in claims:
        seen = [one for one in observations if claim.covers(one)]
        against = [one for one in seen if not holds(claim.comparison, claim.value, one.value)]  # type: ignore[arg-type]  # checked when read
        if against and all(map(imports.is_lack, against)):
            seen = against = []
        state: State = "CONFLICT" if against else "PASS" if seen else "MISSING"
        verdicts.append(Verdict(claim, state, tuple(against or seen)))
    return verdicts


def assertion(claim: Claim, project: str, agent: str) -> Assertion:
    """Return the assertion that a claim is; what supersedes what is for whoever publishes it to add."""
    fact = corpus.Fact(
        claim.authority(project)._replace(url=f"code://{project}/.stemedb/{NAME}"),
        f"team://{project}",
        True,
        "",
        "",
    )
    built = corpus.to_assertion(fact, agent)
    assert isinstance(built.metadata, dict)
    why = {"status_reason": claim.status_reason} if claim.status_reason else {}
    return structs.replace(built, lifecycle=LIFECYCLES[claim.status], metadata=built.metadata | why)


def load(directory: Path, registry: Registry) -> Claims:
    """Return what a project's ``.stemedb`` directory claims; nothing if it has no such file. Raises `InvalidInput`."""
    path = directory / NAME
    if not path.exists():
        return Claims()
    if path.stat().st_size > CLAIMS_BYTES_MAX:
        raise InvalidInput(str(path), f"has more than {CLAIMS_BYTES_MAX} bytes")
    return parse(read_own(path).decode("utf-8", "replace"), registry, str(path))


def parse(text: str, registry: Registry, place: str = NAME) -> Claims:
    """Return the claims of a TOML document. Raises `InvalidInput` with the claim and the member that is wrong."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput(place, f"is no TOML: {error}") from None
    unknown = document.keys() - {"claim", "rejected", names.TABLE}
    if unknown:
        raise InvalidInput(
            place, f"has the unknown {', '.join(sorted(unknown))}; want [[claim]], [[rejected]] or [aliases]"
        )
    aliases = names.check(document.get(names.TABLE, {}), registry, place)
    claims: dict[str, Claim] = {}
    for number, row in enumerate(_tables(document, "claim", place), 1):
        claim = _claim(row, registry, aliases, f"{place}, claim {number}")
        if claim.id in claims:
            raise InvalidInput(f"{place}, claim {number}", f"id: {claim.id} is taken")
        claims[claim.id] = claim
    for claim in claims.values():
        if claim.supersedes and claim.supersedes not in claims:
            raise InvalidInput(f"{place}, {claim.id}", f"supersedes: there is no claim {claim.supersedes}")
    rejected = [
        (str(row.get("marker", "")), str(row.get("reason", "")))
        for row in _tables(document, "rejected", place)
    ]
    return Claims(tuple(claims.values()), tuple(rejected), tuple(sorted(aliases.items())))


def write(directory: Path, claim: Claim, registry: Registry) -> None:
    """Add a claim to the file, or write its block anew. Raises `InvalidInput` if it is not right."""
    path = directory / NAME
    text = _written(path)
    start, end = _block(text, claim.id)
    block = _encode(claim)
    changed = f"{text[:start]}{block}{text[end:]}" if end else f"{text.rstrip()}\n\n{block}\n"
    parse(changed, registry, str(path))
    _replace(path, changed)


def reject(directory: Path, marker: str, reason: str) -> None:
    """Record that a marker is no claim."""
    path = directory / NAME
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    block = f"[[rejected]]\nmarker = {_text(marker)}\nreason = {_text(reason)}\n"
    _replace(path, f"{text.rstrip()}\n\n{block}".lstrip())


def alias(directory: Path, path: str, means: str, registry: Registry) -> None:
    """Let a path mean one of the registry. Raises `InvalidInput` with the nearest ones if there is none such."""
    _rename(directory, lambda text: names.added(text, path, means), registry)


def unalias(directory: Path, path: str, registry: Registry) -> None:
    """Let a path mean nothing more. Raises `InvalidInput` if a claim uses it."""
    _rename(directory, lambda text: names.removed(text, path), registry)


def demand(
    registry: Registry, path: str, predicate: str, comparison: str, written: Sequence[str]
) -> tuple[str, Any]:
    """Return comparison and value of a demand as a person writes it on a command line. Raises `InvalidInput`."""
    concept = registry.want(path, predicate)
    comparison = comparison or concept.comparison
    if comparison in VALUELESS:
        if written:
            raise InvalidInput("value", f"{comparison} has none")
        return comparison, VALUELESS_VALUE
    values = tuple(_typed(one, concept.type) for one in written)
    if comparison not in SETS and len(values) != 1:
        raise InvalidInput("value", f"got {len(values)} values, want one for {comparison}")
    value = values if comparison in SETS else values[0]
    check_demand(concept, comparison, value)
    return comparison, value


def _claim(row: Any, registry: Registry, aliases: Mapping[str, str], place: str) -> Claim:
    if not isinstance(row, dict):
        raise InvalidInput(place, "want a table")
    unknown = row.keys() - set(Claim._fields)
    if unknown:
        raise InvalidInput(place, f"has the unknown {', '.join(sorted(unknown))}")
    for field in ("id", "path", "predicate", "reason"):
        if not isinstance(row.get(field), str) or not row[field].strip():
            raise InvalidInput(place, f"{field}: want text")
    if not _ID.fullmatch(row["id"]):
        raise InvalidInput(place, f"id: got {row['id']!r:.60}, want words of a-z and 0-9 joined by -")
    files = row.get("files", [])
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        raise InvalidInput(place, "files: want a list of paths")
    if row.get("status", "active") not in STATUSES:
        raise InvalidInput(place, f"status: got {row['status']!r:.40}, want one of {', '.join(STATUSES)}")
    try:
        concept = registry.want(aliases.get(row["path"], row["path"]), row["predicate"])
        comparison = row.get("comparison", concept.comparison)
        written: Any = row.get("value", VALUELESS_VALUE if comparison in VALUELESS else None)
        value = tuple(written) if isinstance(written, list) else written
        check_demand(concept, comparison, value)
    except InvalidInput as error:
        raise InvalidInput(place, error.message) from None
    texts = ("category", "supersedes", "marker", "status", "status_reason")
    plain = {name: row[name] for name in texts if name in row}
    if not all(isinstance(text, str) for text in plain.values()):
        raise InvalidInput(place, "category, supersedes, marker and status_reason: want text")
    return Claim(
        row["id"],
        concept.path,
        row["predicate"],
        comparison,
        value,
        row["reason"],
        files=tuple(files),
        **plain,
    )


def _tables(document: dict[str, Any], name: str, place: str) -> list[Any]:
    rows = document.get(name, [])
    if not isinstance(rows, list):
        raise InvalidInput(place, f"{name}: want [[{name}]], with two brackets")
    return rows


def _block(text: str, name: str) -> tuple[int, int]:
    """Return where the block of a claim begins and ends; (0, 0) if there is none."""
    starts = [match.start() for match in _BLOCK.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        try:
            rows = tomllib.loads(text[start:end]).get("claim")
        except tomllib.TOMLDecodeError:
            continue
        if isinstance(rows, list) and rows and rows[0].get("id") == name:
            return start, start + len(_without_tail(text[start:end]))
    return 0, 0


def _without_tail(block: str) -> str:
    """Return a block without the blank lines and comments at its end, which belong to what comes next."""
    lines = block.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "\n".join(lines)


def _encode(claim: Claim) -> str:
    lines = [
        "[[claim]]",
        f"id = {_text(claim.id)}",
        f"path = {_text(claim.path)}",
        f"predicate = {_text(claim.predicate)}",
    ]
    lines.append(f"comparison = {_text(claim.comparison)}")
    if claim.comparison not in VALUELESS:
        lines.append(f"value = {_value(claim.value)}")
    lines.append(f"reason = {_text(claim.reason)}")
    lines += [f"{name} = {_value(getattr(claim, name))}" for name in _OPTIONAL if getattr(claim, name)]
    lines.append(f"status = {_text(claim.status)}")
    if claim.status_reason:
        lines.append(f"status_reason = {_text(claim.status_reason)}")
    return "\n".join(lines)


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _typed(text: str, type_: str) -> Typed:
    if type_ == "boolean":
        if text not in {"true", "false"}:
            raise InvalidInput("value", f"got {text!r:.40}, want true or false")
        return text == "true"
    if type_ == "number":
        try:
            return int(text) if text.lstrip("+-").isdecimal() else float(text)
        except ValueError:
            raise InvalidInput("value", f"got {text!r:.40}, want a number") from None
    return text


def _written(path: Path) -> str:
    if path.exists():
        return path.read_text(encoding="utf-8")
    return "# What this project holds itself to; see `stemedb claims --help`.\n"


def _rename(directory: Path, change: Callable[[str], str], registry: Registry) -> None:
    path = directory / NAME
    text = _written(path)
    parse(text, registry, str(path))
    changed = change(text)
    parse(changed, registry, str(path))
    _replace(path, changed)


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
