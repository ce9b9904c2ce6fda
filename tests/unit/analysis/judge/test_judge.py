"""The join of observations and authorities, the verdict, and what took no part."""

import inspect
import itertools
import re

import pytest

from stemedb.cli.publish import publish
from stemedb_analysis.judge import DEFAULT_THRESHOLDS, Coverage, Judge, Thresholds, explanation
from stemedb_analysis.judge.coverage import Stray
from stemedb_analysis.judge.score import LIFECYCLE_WEIGHTS
from stemedb_analysis.model import Hop
from stemedb_analysis.registry import parse
from support.observing import authority, observation

REGISTRY = parse(
    """
- {path: tls/cert_verification, predicate: enabled, type: boolean, comparison: equals, kind: configuration, title: t, help: h}
- {path: tls/min_version, predicate: version, type: number, comparison: at_least, kind: configuration, title: t, help: h}
- {path: crypto/hash, predicate: algorithm, type: text, comparison: none_of, kind: configuration, title: t, help: h}
- {path: sql/parameterized, predicate: enabled, type: boolean, comparison: equals, kind: injection, title: t, help: h}
"""
)


def judged(observed, *authorities, **options):
    (finding,) = Judge(REGISTRY, authorities, **options).judge([observed])
    return finding


@pytest.mark.parametrize(
    ("tier", "confidence", "verdict"),
    [
        (0, 0.95, "BLOCK"),
        (0, 0.4, "FLAG"),
        (1, 0.9, "BLOCK"),
        (1, 0.36, "FLAG"),
        (1, 0.3, "PASS"),
        (2, 0.95, "FLAG"),
        (2, 0.4, "PASS"),
        (3, 0.95, "FLAG"),
        (3, 0.4, "PASS"),
        (5, 1.0, "PASS"),
    ],
)
def test_a_contradiction_weighs_by_tier_and_confidence(tier, confidence, verdict):
    assert judged(observation(confidence=confidence), authority(tier=tier)).verdict == verdict


def test_publish_says_what_each_lifecycle_counts():
    said = inspect.signature(publish).parameters["lifecycle"].annotation.__metadata__[0].help
    for name, weight in LIFECYCLE_WEIGHTS.items():
        if weight < 1:
            assert re.search(rf"{name.replace('_', ' ')}(?: one)? {weight}\b", said)


def test_whoever_agrees_passes_with_score_zero():
    finding = judged(observation(value=True), authority())
    assert (finding.verdict, finding.score) == ("PASS", 0.0)
    assert finding.opinions[0].agrees


def test_an_observation_nobody_speaks_of_passes_without_opinions():
    finding = judged(observation(), authority("tls/min_version", "version", 1.2, comparison="at_least"))
    assert (finding.verdict, finding.opinions) == ("PASS", ())


def test_a_weaker_authority_may_demand_more_than_a_stronger_one():
    observed = observation("tls/min_version", "version", 1.2)
    lax = authority("tls/min_version", "version", 1.2, comparison="at_least", tier=0)
    strict = authority("tls/min_version", "version", 1.3, comparison="at_least", tier=3)
    finding = judged(observed, lax, strict)
    assert finding.verdict == "FLAG"
    assert [(one.authority.tier, one.agrees) for one in finding.opinions] == [(3, False), (0, True)]


def test_a_list_of_what_is_forbidden_says_nothing_of_what_is_not_on_it():
    """It makes the value pass, which is no praise."""
    observed = observation("crypto/hash", "algorithm", "md5")
    narrow = authority("crypto/hash", "algorithm", ("sha1",), comparison="none_of", tier=0)
    names = authority("crypto/hash", "algorithm", ("md5",), comparison="none_of", tier=1)
    wants = authority("crypto/hash", "algorithm", ("md5",), comparison="one_of", tier=2)
    finding = judged(observed, narrow, names, wants)
    assert [(one.authority.tier, one.agrees, one.speaks) for one in finding.opinions] == [
        (1, False, True), (2, True, True), (0, True, False),
    ]  # fmt: skip
    assert [one.authority.tier for one in finding.spoken] == [1, 2]
    passed = judged(observed, narrow)
    assert (passed.verdict, passed.judgement, passed.spoken) == ("PASS", "PASS", ())


def test_the_strongest_contradiction_decides_in_any_order():
    authorities = [authority(tier=tier) for tier in (2, 0, 3)]
    for order in itertools.permutations(authorities):
        finding = judged(observation(), *order)
        assert finding.score == 0.95
        assert [one.authority.tier for one in finding.opinions] == [0, 2, 3]


@pytest.mark.parametrize(
    ("lifecycle", "score"), [("approved", 0.95), ("under_review", 0.7125), ("proposed", 0.475)]
)
def test_a_claim_its_authors_do_not_yet_stand_by_weighs_less(lifecycle, score):
    assert judged(observation(), authority(lifecycle=lifecycle)).score == score


def test_an_injection_blocks_only_with_a_way_from_source_to_sink():
    demand = authority("sql/parameterized", "enabled", True, tier=0)
    observed = observation("sql/parameterized", "enabled", False)
    assert judged(observed, demand).verdict == "FLAG"
    assert judged(observed._replace(hops=(Hop(1, 1, "request.args"),)), demand).verdict == "BLOCK"


def test_a_rule_of_low_precision_never_blocks():
    assert judged(observation(), authority(), may_block=lambda rule: False).verdict == "FLAG"


def test_a_project_may_move_the_thresholds():
    assert judged(observation(), authority(tier=3), thresholds=Thresholds(block=0.4)).verdict == "BLOCK"


def test_an_alias_meets_the_path_it_stands_for():
    finding = judged(
        observation("http/verify", "enabled"), authority(), aliases={"http/verify": "tls/cert_verification"}
    )
    assert finding.verdict == "BLOCK"


def test_an_authority_on_one_language_says_nothing_of_others():
    go_only = authority(tier=0, languages=("go",))
    assert judged(observation(), go_only).opinions == ()
    assert judged(observation(language="go"), go_only).verdict == "BLOCK"


def test_findings_keep_the_order_of_their_observations():
    observed = [observation(line=line) for line in (9, 2, 5)]
    findings = Judge(REGISTRY, [authority()]).judge(observed)
    assert [finding.observation.span.line for finding in findings] == [9, 2, 5]


def test_what_took_no_part_is_counted_with_what_may_have_been_meant():
    judge = Judge(
        REGISTRY,
        [
            authority(),
            authority("tls/min_version", "version", 1.2, comparison="at_least"),
            authority("sql/parameterized", "enabled"),
            authority("ssl/cert_verification", "enabled"),
        ],
    )
    observable = {
        ("tls/cert_verification", "enabled"),
        ("tls/min_version", "version"),
        ("tls/min_version", "x"),
    }
    coverage = judge.coverage([observation(), observation("tls/min_version", "x", True)], observable)
    assert coverage.met == (("tls/cert_verification", "enabled"),)
    assert [(one.path, one.nearest[0]) for one in coverage.unjudged] == [
        ("tls/min_version", "tls/min_version version")
    ]
    assert coverage.unobserved == (("tls/min_version", "version"),)
    assert [one.path for one in coverage.unobservable] == ["sql/parameterized"]
    assert "sql/parameterized enabled" not in coverage.unobservable[0].nearest  # what is sought is no answer
    assert [(one.path, one.nearest) for one in coverage.unknown] == [
        ("ssl/cert_verification", ("tls/cert_verification enabled",))
    ]


def test_claims_that_cannot_be_read_are_among_the_unknown():
    refused = Stray("team://shop/tls/cert_verification", "enabled", (), "value: got 'banana', want a boolean")
    coverage = Coverage.of(REGISTRY, [authority("ssl/cert_verification", "enabled")], set(), set(), [refused])
    assert [one.path for one in coverage.unknown] == ["ssl/cert_verification", refused.path]
    assert coverage.unknown[1] == refused


def test_the_explanation_tells_the_numbers_that_are_used():
    text = explanation(Thresholds(block=0.77, flag=0.11))
    assert "BLOCK from 0.77" in text
    assert "FLAG from 0.11" in text
    assert f"BLOCK from {DEFAULT_THRESHOLDS.block:.2f}" in explanation()
