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
2. Nothing is dropped silently: whatever is no authority is counted under a reason, and what may have been meant as one is named.
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
from stemedb.statements import Assertion, Boolean, Number, Source, Text, canonical_bytes, parse
from stemedb.statements.claims import Claim
from stemedb.statements.paths import ConceptPath
from stemedb.types import Hlc, Stamp
from stemedb_analysis.corpus.load import VALUELESS_VALUE, Fact, facts
from stemedb_analysis.model import Authority, Refused, Typed
from stemedb_analysis.registry import SETS, VALUELESS, Comparison, Concept, Registry, check_demand

CODE_SCHEME: Final = "code"
"""Of observations; see the module `rules` for what is published under it."""

OBSERVATION_TIER_MIN: Final = 4
"""Tiers from here on are what was seen, not what is demanded."""

CORPUS_AGENT: Final = "stemedb-corpus"
"""Who publishes the corpus, unless somebody else does in his own name."""

POLICY_SCHEME: Final = "team"
"""Of what teams demand."""

UNREGISTERED: Final = "unregistered"

NEVER: Final = Stamp(Hlc(0), "")
"""When claims were accepted that no replica has accepted."""


class Reading(NamedTuple):
    """What a set of assertions says with authority, and what was left out."""

    authorities: list[Authority]
    left_out: Counter[str]
    """Reason → how many: ``observation``, ``unregistered``, ``value``, ``comparison``."""
    refused: list[Refused]
    """Each of them but the observations."""


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
        one = read(id_, assertion, registry)
        if one is None:
            reading.left_out["observation"] += 1
        elif isinstance(one, Refused):
            reading.left_out[one.reason] += 1
            reading.refused.append(one)
        else:
            reading.authorities.append(one)
    return reading


def read(id_: str, assertion: Assertion, registry: Registry) -> Authority | Refused | None:
    """Return the authority that an assertion is, why it cannot be read as one, or ``None`` for what only says what was seen."""
    path = ConceptPath.parse(assertion.subject)
    if path.scheme == CODE_SCHEME or assertion.source.tier >= OBSERVATION_TIER_MIN:
        return None
    concept = concept_of(path, assertion.predicate, registry)
    if concept is None:
        return Refused(assertion.subject, assertion.predicate, UNREGISTERED, "")
    try:
        return _authority(id_, assertion, concept)
    except InvalidInput as error:
        return Refused(assertion.subject, assertion.predicate, error.field, error.reason)


def resembles_policy(refused: Refused, registry: Registry) -> bool:
    """Return whether a claim that cannot be read was meant to demand something of code, as far as its words tell.

    Most claims of a store are about other things. One is taken to be about code if the registry has its path under other predicates, or
    its predicate and either an end of its path or the name of a team in front of it.
    """
    if refused.reason != UNREGISTERED:
        return True
    path = ConceptPath.parse(refused.subject)
    if not registry.has_predicate(refused.predicate):
        return registry.has_tail(path.segments)
    return path.scheme == POLICY_SCHEME or any(map(registry.is_word, path.segments))


def nearest(refused: Refused, registry: Registry) -> tuple[str, ...]:
    """Return the names of the entries that may have been meant by what is not in the registry. O(rows)."""
    if refused.reason != UNREGISTERED:
        return ()
    segments = ConceptPath.parse(refused.subject).segments
    known = next((at for at, segment in enumerate(segments[:-1]) if registry.is_word(segment)), None)
    start = known if known is not None else min(1, len(segments) - 1)
    return registry.nearest("/".join(segments[start:]), refused.predicate)


def as_claims(registry: Registry) -> list[Claim]:
    """Return the shipped corpus as the claims that loading it into a replica publishes."""
    parsed = (parse(canonical_bytes(to_assertion(fact, CORPUS_AGENT))) for fact in facts(registry))
    return [Claim(one.id, one.statement, NEVER) for one in parsed if isinstance(one.statement, Assertion)]


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
