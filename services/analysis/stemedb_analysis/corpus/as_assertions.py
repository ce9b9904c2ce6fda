"""Authority as assertions: how a fact travels through the store, and how what arrives is read back.

::

    Authority ──to_assertion──▶ Assertion ──▶ store, replicas ──▶ Assertion ──from_assertions──▶ Authority

    path tls/min_version, source rfc://8996   ⇄   subject     rfc://8996/tls/min_version
    predicate version                         ⇄   predicate   version
    value 1.2                                 ⇄   object      number 1.2
    tier, url, confidence, lifecycle          ⇄   source.tier, source.uri, confidence, lifecycle
    id, comparison, citation, summary         ⇄   metadata    "id", "comparison", "citation", "summary", "languages"

How the value is written in the object:

| comparison | object |
|---|---|
| equals, at_least, at_most | boolean, number or text, as the registry types the concept |
| one_of, none_of | text: the values as a JSON array without white space, ``["rc4","des"]`` |
| present, absent | boolean true, which says nothing |

Reading is lenient where a person would be understood: without ``comparison`` in the metadata the registry's own is meant, and a
single value for a set is a set of one. So ``team://acme/tls/min_version version 1.3`` published by hand is policy at once.

Invariants

1. ``from_assertions([to_assertion(a)])`` gives `a` again, its id apart: in a store the statement's id is the id.
2. Nothing is dropped silently: whatever is no authority is counted under a reason.
3. The tail path is the longest tail of the subject that the registry knows: mostly all of it but scheme and first segment. What
   lies under ``code://`` is an observation, whatever its tier: it never becomes an authority.

What it does not do: supersession, epochs and votes, which need more than one statement (`stemedb_analysis.judge.standing`).
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import UNSET

from stemedb.errors import InvalidInput
from stemedb.statements import Assertion, Boolean, Number, Source, Text
from stemedb.statements.paths import ConceptPath
from stemedb_analysis.corpus.load import VALUELESS_VALUE, Fact
from stemedb_analysis.model import Authority, Typed
from stemedb_analysis.registry import SETS, VALUELESS, Comparison, Concept, Registry, check_demand

CODE_SCHEME: Final = "code"
"""Of observations; see the module `rules` for what is published under it."""

OBSERVATION_TIER_MIN: Final = 4
"""Tiers from here on are what was seen, not what is demanded."""

UNREGISTERED_EXAMPLES_MAX: Final = 20
"""Of subjects that the registry does not know, how many are kept to be shown."""


class Reading(NamedTuple):
    """What a set of assertions says with authority, and what was left out."""

    authorities: list[Authority]
    left_out: Counter[str]
    """Reason → how many: ``observation``, ``unregistered``, ``value``, ``comparison``."""
    unregistered: list[str]
    """Some of the subjects and predicates that the registry does not know, to be shown with their nearest."""


def to_assertion(fact: Fact, agent: str) -> Assertion:
    """Return `fact` as an assertion of `agent`. The same fact always gives the same bytes: loading twice adds nothing."""
    authority = fact.authority
    metadata = {
        "citation": authority.citation,
        "comparison": authority.comparison,
        "id": authority.id,
        "summary": authority.summary,
    }
    if authority.languages:
        metadata["languages"] = ",".join(authority.languages)
    return Assertion(
        subject=f"{fact.source}/{authority.path}",
        predicate=authority.predicate,
        object=_object(authority.value),
        confidence=authority.confidence,
        source=Source(tier=authority.tier, uri=authority.url),
        lifecycle="approved",
        agent=agent,
        metadata=metadata,
    )


def from_assertions(statements: Iterable[tuple[str, Assertion]], registry: Registry) -> Reading:
    """Return the authorities among `statements`, pairs of an id in hex and an assertion, in their order. O(n)."""
    reading = Reading([], Counter(), [])
    for id_, assertion in statements:
        path = ConceptPath.parse(assertion.subject)
        if path.scheme == CODE_SCHEME or assertion.source.tier >= OBSERVATION_TIER_MIN:
            reading.left_out["observation"] += 1
            continue
        concept = concept_of(path, assertion.predicate, registry)
        if concept is None:
            reading.left_out["unregistered"] += 1
            if len(reading.unregistered) < UNREGISTERED_EXAMPLES_MAX:
                reading.unregistered.append(f"{assertion.subject} {assertion.predicate}")
            continue
        try:
            reading.authorities.append(_authority(id_, assertion, concept))
        except InvalidInput as error:
            reading.left_out[error.field] += 1
    return reading


def concept_of(path: ConceptPath, predicate: str, registry: Registry) -> Concept | None:
    """Return what the registry knows of the longest tail of `path`; of a bare path that may be all of it."""
    return registry.tail(path.segments, predicate)


def _object(value: Typed | tuple[Typed, ...]) -> Text | Number | Boolean:
    if isinstance(value, tuple):
        return Text(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    if isinstance(value, bool):
        return Boolean(value)
    return Text(value) if isinstance(value, str) else Number(value)


def _authority(id_: str, assertion: Assertion, concept: Concept) -> Authority:
    metadata = {} if assertion.metadata is UNSET else assertion.metadata
    comparison = metadata.get("comparison", concept.comparison)
    value = _value(assertion.object.value, comparison)
    check_demand(concept, comparison, value)
    return Authority(
        id=id_,
        path=concept.path,
        predicate=concept.predicate,
        comparison=comparison,
        value=value,
        tier=assertion.source.tier,
        confidence=float(assertion.confidence),
        citation=metadata.get("citation", assertion.subject),
        url=assertion.source.uri,
        summary=metadata.get("summary", concept.title),
        lifecycle=assertion.lifecycle,
        languages=tuple(name for name in metadata.get("languages", "").split(",") if name),
    )


def _value(written: Typed, comparison: Comparison | str) -> Typed | tuple[Typed, ...]:
    if comparison in VALUELESS:
        return VALUELESS_VALUE
    if comparison not in SETS:
        return written
    if isinstance(written, str) and written.startswith("["):
        try:
            values = json.loads(written)
        except (ValueError, RecursionError):
            raise InvalidInput("value", "is no JSON array") from None
        if isinstance(values, list):
            return tuple(values)
    return (written,)
