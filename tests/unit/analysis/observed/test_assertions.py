"""Observations as assertions and back."""

import orjson
import pytest

from stemedb.errors import InvalidInput
from stemedb.statements import parse
from stemedb.statements.claims import Claim
from stemedb.types import Hlc, Stamp
from stemedb_analysis.model import PROJECT, WHOLE, Hop, Span
from stemedb_analysis.observed import Observed, assertion_of, observed_of, retraction_of
from stemedb_analysis.observed.assertions import HOPS_MAX, normal
from support.observing import observation
from support.worlds import REGISTRY

OBSERVATIONS = [
    observation(),
    observation(value=True, confidence=0.123456789, in_test=True),
    observation("tls/min_version", "version", 1.0, file="a b/ü.py", span=Span(1, 1, 900, 2)),
    observation("crypto/hash", "algorithm", "md5", text="x" * 300, confidence=1 / 3),
    observation(hops=tuple(Hop(n, 1, f"step\n {n}") for n in range(40))),
    observation(file="x" * 5000),
    observation(file=PROJECT, span=WHOLE, text=""),
]


def read(statement, registry=REGISTRY):
    parsed = parse(orjson.dumps(statement))
    return observed_of(Claim(parsed.id, parsed.statement, Stamp(Hlc(1), "north")), registry)


@pytest.mark.parametrize("seen", OBSERVATIONS)
def test_what_is_published_is_read_back(seen):
    observed = Observed("shop", seen)
    assert read(assertion_of(observed)) == normal(observed)
    assert normal(normal(observed)) == normal(observed)


def test_nothing_of_an_ordinary_observation_is_lost():
    assert read(assertion_of(Observed("shop", observation()))) == Observed("shop", observation())


def test_a_long_flow_keeps_its_beginning_and_its_end():
    hops = tuple(Hop(n, 1, str(n)) for n in range(HOPS_MAX * 3))
    kept = normal(Observed("shop", observation(hops=hops))).observation.hops
    assert len(kept) == HOPS_MAX
    assert (kept[0], kept[-1]) == (hops[0], hops[-1])


@pytest.mark.parametrize(("confidence", "tier"), [(0.7, 4), (0.95, 4), (0.69, 5)])
def test_the_tier_says_how_sure_the_scanner_is(confidence, tier):
    assert assertion_of(Observed("shop", observation(confidence=confidence)))["source"]["tier"] == tier


def test_a_retraction_names_what_it_takes_back():
    statement = retraction_of(Observed("shop", observation()), "ab" * 32)
    assert (statement["supersedes"], statement["relation"]) == (["ab" * 32], "retracts")


@pytest.mark.parametrize("name", ["", "a/b", "a b", "-x", "x" * 65, "ü"])
def test_a_name_that_is_no_segment_names_no_project(name):
    with pytest.raises(InvalidInput, match="project"):
        assertion_of(Observed(name, observation()))


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "code://python/shop"},
        {"subject": "code://python/sh op/tls/cert_verification"},
        {"subject": "rfc://python/shop/tls/cert_verification"},
        {"subject": "code://python/shop/tls/unknown"},
        {"predicate": "unknown"},
        {"object": {"type": "text", "value": "false"}},
        {"metadata": {}},
        {"metadata": {"line": "x"}},
        {"metadata": {"statement": "zz"}},
        {"metadata": {"file": ""}},
        {"metadata": {"end_column": "-1"}},
    ],
)
def test_what_anybody_may_publish_below_code_is_checked(change):
    statement = assertion_of(Observed("shop", observation()))
    if change.get("metadata"):
        change = {"metadata": statement["metadata"] | change["metadata"]}
    assert read(statement | change) is None
