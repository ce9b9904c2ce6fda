"""Worlds of claims about code, told statement by statement."""

from datetime import date

import orjson

from stemedb.statements import parse
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.types import Hlc, Kind, Stamp
from stemedb_analysis.judge import Judge
from stemedb_analysis.model import Authority, Refused
from stemedb_analysis.observed import World
from stemedb_analysis.registry import parse as parse_registry

TODAY = date(2026, 11, 20)

REGISTRY = parse_registry(
    """
- {path: tls/cert_verification, predicate: enabled, type: boolean, comparison: equals, kind: configuration, title: t, help: h}
- {path: tls/min_version, predicate: version, type: number, comparison: at_least, kind: configuration, title: t, help: h}
- {path: crypto/hash, predicate: algorithm, type: text, comparison: none_of, kind: configuration, title: t, help: h}
- {path: password/hash, predicate: algorithm, type: text, comparison: none_of, kind: configuration, title: t, help: h}
"""
)


def read_authority(claim, confidence):
    """Return the authority that a claim of the tests is: one that demands equality with its object, of the registry's type."""
    statement = claim.statement
    path = statement.subject.split("://")[-1].partition("/")[2]
    concept = REGISTRY.get((path, statement.predicate))
    if concept is None and not path.startswith("tls/"):
        return None
    if concept is None:
        return Refused(statement.subject, statement.predicate, "unregistered", "")
    if not concept.accepts(statement.object.value):
        return Refused(statement.subject, statement.predicate, "value", f"got {statement.object.value!r}")
    return Authority(
        claim.id.hex(),
        path,
        statement.predicate,
        "equals",
        statement.object.value,
        statement.source.tier,
        confidence,
        "a citation",
        "https://example.org",
        "a summary",
        statement.lifecycle,
    )


def world(*shipped):
    """Return a world that nothing was told, with these statements as the shipped corpus."""
    claims = [claim_of(one) for one in shipped]
    return World(REGISTRY, read_authority, lambda authorities: Judge(REGISTRY, authorities), claims)


def claim_of(statement):
    """Return the claim that a statement is, never accepted."""
    parsed = parse(orjson.dumps(statement))
    return Claim(parsed.id, parsed.statement, Stamp(Hlc(0), ""))


def demand(value=True, *, tier=0, scheme="rfc", path="tls/cert_verification", predicate="enabled", **changes):
    """Return the JSON of a claim that demands something of code."""
    kind = "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    return {
        "kind": "assertion",
        "subject": f"{scheme}://9110/{path}",
        "predicate": predicate,
        "object": {"type": kind, "value": value},
        "confidence": 1.0,
        "source": {"tier": tier, "uri": "https://example.org"},
        "lifecycle": "approved",
        "agent": "tests",
    } | changes


def id_of(statement):
    """Return the id of a statement."""
    return parse(orjson.dumps(statement)).id


def tell(known, *statements, ms=1, today=TODAY):
    """Tell `known` statements, each a millisecond after the one before, and settle."""
    for number, statement in enumerate(statements):
        parsed = parse(orjson.dumps(statement))
        stamp = Stamp(Hlc(ms + number << 16), "north")
        if parsed.kind is Kind.ASSERTION:
            known.tell_claim(Claim(parsed.id, parsed.statement, stamp))
        elif parsed.kind is Kind.VOTE:
            known.tell_ballot(Ballot(parsed.id, parsed.statement, stamp))
        else:
            known.tell_epoch(EpochEntry(parsed.id, parsed.statement, stamp))
    return known.settle(today)
