"""Of two claims about one call, the narrower is reported."""

import pytest

from stemedb_analysis.judge.implied import IMPLIED_BY, without_implied
from stemedb_analysis.model import Finding, Span
from stemedb_analysis.registry import shipped
from support.observing import observation


def finding(path, verdict="BLOCK", value="md5", **fields):
    return Finding(observation(path, "algorithm", value, **fields), verdict, 0.85, ())


def verdicts(*findings):
    return [one.verdict for one in without_implied(findings)]


def test_the_broken_hash_of_a_password_is_told_as_what_it_does_to_the_password():
    assert verdicts(finding("crypto/hash"), finding("password/hash")) == ["PASS", "BLOCK"]
    assert verdicts(finding("password/hash"), finding("crypto/hash", "FLAG")) == ["BLOCK", "PASS"]


def test_what_blocks_is_not_left_to_what_only_flags():
    assert verdicts(finding("crypto/hash"), finding("password/hash", "FLAG")) == ["BLOCK", "FLAG"]
    assert verdicts(finding("crypto/hash", "FLAG"), finding("password/hash", "PASS")) == ["FLAG", "PASS"]


@pytest.mark.parametrize(
    "other",
    [
        {"value": "sha1"},
        {"line": 4},
        {"span": Span(3, 6, 3, 20)},
        {"file": "other.py"},
    ],
)
def test_another_place_or_value_is_another_fault(other):
    assert verdicts(finding("crypto/hash"), finding("password/hash", **other)) == ["BLOCK", "BLOCK"]


def test_findings_that_nothing_implies_stay_as_they_are_and_where_they_are():
    findings = [finding("crypto/hash"), finding("crypto/cipher", value="des"), finding("crypto/hash", line=9)]
    assert without_implied(findings) == findings
    assert without_implied([]) == []


def test_what_implies_and_is_implied_is_in_the_registry():
    known = shipped()
    assert {*IMPLIED_BY, *IMPLIED_BY.values()} <= set(known)
