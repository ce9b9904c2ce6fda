"""Expressions without what they ask of a place."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb_analysis.rules.expression import Expression
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.loosened import is_anchored, loosened


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^token$", "my token is"),
        (r"\btoken\b", "mytokens"),
        ("(?<!a)b(?=c)", "ab"),
        ("(?!x)(?:y|^z)+", "az"),
        ("(?>a|ab)c", "ac"),
        ("a*+b", "aab"),
        ("(?i)(?P<x>^k)(?P=x)", "kK"),
    ],
)
def test_anchors_and_what_stands_beside_are_left_out(pattern, text):
    """At every depth."""
    assert loosened(pattern).search(text)


def test_what_it_takes_is_still_asked():
    """Only the place is not."""
    assert not loosened("^token$").search("tok en")
    assert not loosened(r"(?i)[!=]=\s*(?:\w+_)?password$").search("password == x")


PATTERNS = sorted(
    {
        condition.operand.pattern
        for rule in load().rules.values()
        for row in rule.rows
        for condition in row.where
        if isinstance(condition.operand, Expression)
    }
)
PIECES = sorted({piece for pattern in PATTERNS for piece in re.findall(r"[A-Za-z_.=!'\"(]{3,}", pattern)})


@given(
    st.sampled_from(PATTERNS), st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.text(max_size=5)
)
def test_what_an_expression_finds_is_found_in_any_text_around(pattern, pieces, beside):
    """For all expressions of the rules."""
    text = " ".join(pieces)
    if re.search(pattern, text):
        assert loosened(pattern).search(f"{beside}x{text}x{beside}")


def test_what_must_stand_before_is_asked_for():
    """As the quote before a literal."""
    expression = loosened("^https?://[^@]+@", r"[\"']\s*")
    assert expression.search("x = 'http://a:b@c'")
    assert not expression.search("# http://a:b@c")


@pytest.mark.parametrize(
    ("pattern", "is_it"),
    [("^a", True), ("^a|^b", True), ("(?i)^(?:a|b)", True), ("(?:^a|^b)c", True), ("^a|b", False), ("a^", False), ("(?:^a|b)", False), ("", False)],
)  # fmt: skip
def test_an_expression_is_anchored_if_every_alternative_is(pattern, is_it):
    """However it is written."""
    assert is_anchored(pattern) is is_it
