"""Observations as assertions: how what code claims travels between replicas, beside all other claims.

::

    subject     code://python/shop/tls/cert_verification     language, project, tail path
    predicate   enabled
    object      {"type": "boolean", "value": false}
    confidence  0.95
    source      tier 4, from 0.7 of confidence on, else 5; uri code://shop/api/client.py#L12
    metadata    file line column end_line end_column text rule language statement [in_test] [hops]

An observation says one thing about one place, so the place is in the metadata and two places make two assertions. When
the code changes, what is no longer there is retracted and what moved is replaced: both supersede the assertion before.

What is read back is checked like anything from outside: any replica may publish under ``code://``.
"""

import re
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from msgspec import UNSET

from stemedb.errors import InvalidInput, InvalidPath
from stemedb.statements import ConceptPath
from stemedb.statements.claims import Claim
from stemedb.statements.limits import METADATA_VALUE_LENGTH_MAX, URI_LENGTH_MAX
from stemedb_analysis.model import TEXT_MAX, Hop, Observation, Span, Typed
from stemedb_analysis.registry import Registry

SCHEME: Final = "code"
AGENT: Final = "stemedb-analysis"

TIER_SURE: Final = 4
TIER_UNSURE: Final = 5
SURE_FROM: Final = 0.7
"""Confidence from which on an observation is of tier 4."""

PROJECT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
"""A project's name is one segment of a concept path and one label of a metric."""

HOPS_MAX: Final = 16
"""Stations of a flow that are kept: the first and the last of a longer one say enough."""

_HOP: Final = re.compile(r"(\d{1,9}):(\d{1,9}) (.*)")
_NUMBER: Final = re.compile(r"\d{1,9}")
_STATEMENT: Final = re.compile(r"[0-9a-f]{16}")


class Observed(NamedTuple):
    """An observation and the project whose code it is about."""

    project: str
    observation: Observation


def check_project(name: str) -> str:
    """Return `name`; raises `InvalidInput` unless it can name a project."""
    if not PROJECT.fullmatch(name):
        raise InvalidInput("project", f"got {name!r:.80}, want letters, digits, '.', '_' and '-', at most 64")
    return name


def normal(observed: Observed) -> Observed:
    """Return `observed` as it is read back from its assertion: what equality between scans and the store is about."""
    seen = observed.observation
    hops = seen.hops if len(seen.hops) <= HOPS_MAX else (*seen.hops[: HOPS_MAX - 1], seen.hops[-1])
    seen = seen._replace(
        confidence=round(seen.confidence, 4),
        file=seen.file[:METADATA_VALUE_LENGTH_MAX],
        text=seen.text[:TEXT_MAX],
        hops=tuple(hop._replace(text=" ".join(hop.text.split())[:TEXT_MAX]) for hop in hops),
    )
    return Observed(observed.project, seen)


def assertion_of(observed: Observed, *, supersedes: str | None = None) -> dict[str, Any]:
    """Return the assertion to publish; `supersedes` is the id (hex) of the one whose place it takes."""
    project, seen = normal(observed)
    statement: dict[str, Any] = {
        "kind": "assertion",
        "subject": f"{SCHEME}://{seen.language}/{check_project(project)}/{seen.path}",
        "predicate": seen.predicate,
        "object": _object(seen.value),
        "confidence": seen.confidence,
        "source": {
            "tier": TIER_SURE if seen.confidence >= SURE_FROM else TIER_UNSURE,
            "uri": f"{SCHEME}://{project}/{quote(seen.file)}#L{seen.span.line}"[:URI_LENGTH_MAX],
        },
        "lifecycle": "approved",
        "agent": AGENT,
        "metadata": _metadata(seen),
    }
    if supersedes is not None:
        statement |= {"supersedes": [supersedes], "relation": "replaces"}
    return statement


def retraction_of(observed: Observed, id_: str) -> dict[str, Any]:
    """Return the assertion that takes back the one with this id: the code no longer says so."""
    return assertion_of(observed, supersedes=id_) | {"relation": "retracts"}


def is_observation(claim: Claim) -> bool:
    """Return whether `claim` is about code, whether or not it can be read as an observation."""
    return claim.statement.subject.startswith(f"{SCHEME}://")


def observed_of(claim: Claim, registry: Registry) -> Observed | None:
    """Return the observation that `claim` is, or ``None`` if it is none that the registry knows or lacks its place."""
    statement = claim.statement
    metadata = {} if statement.metadata is UNSET else statement.metadata
    try:
        path = ConceptPath.parse(statement.subject)
    except InvalidPath:
        return None
    if path.scheme != SCHEME or len(path.segments) < 4 or not PROJECT.fullmatch(path.segments[1]):
        return None
    concept = registry.get(("/".join(path.segments[2:]), statement.predicate))
    value = statement.object.value
    span = _span(metadata)
    if concept is None or not concept.accepts(value) or span is None or not _has_place(metadata):
        return None
    observation = Observation(
        path=concept.path,
        predicate=concept.predicate,
        value=value,
        file=metadata["file"],
        span=span,
        text=metadata.get("text", "")[:TEXT_MAX],
        confidence=statement.confidence,
        rule=metadata.get("rule", ""),
        language=path.segments[0],
        statement=metadata["statement"],
        in_test="in_test" in metadata,
        hops=_hops(metadata.get("hops", "")),
    )
    return Observed(path.segments[1], observation)


def _object(value: Typed) -> dict[str, Any]:
    kind = "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    return {"type": kind, "value": value}


def _metadata(seen: Observation) -> dict[str, str]:
    metadata = {
        "file": seen.file,
        "line": str(seen.span.line),
        "column": str(seen.span.column),
        "end_line": str(seen.span.end_line),
        "end_column": str(seen.span.end_column),
        "text": seen.text,
        "rule": seen.rule,
        "statement": seen.statement,
    }
    if seen.in_test:
        metadata["in_test"] = "yes"
    if seen.hops:
        metadata["hops"] = "\n".join(f"{hop.line}:{hop.column} {hop.text}" for hop in seen.hops)
    return metadata


def _has_place(metadata: dict[str, str]) -> bool:
    return bool(metadata.get("file")) and bool(_STATEMENT.fullmatch(metadata.get("statement", "")))


def _span(metadata: dict[str, str]) -> Span | None:
    texts = [metadata.get(name, "") for name in ("line", "column", "end_line", "end_column")]
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    return Span(*map(int, texts))


def _hops(text: str) -> tuple[Hop, ...]:
    found = (_HOP.fullmatch(line) for line in text.split("\n", HOPS_MAX)[:HOPS_MAX])
    return tuple(Hop(int(hop[1]), int(hop[2]), hop[3][:TEXT_MAX]) for hop in found if hop)
