"""What every text holds that an expression finds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemedb_analysis.rules.expression import Expression
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.required import required
from support.effort import FACTOR


def needs(pattern: str) -> set[tuple[str, ...]]:
    return {tuple(sorted(one)) for one in required(pattern)}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abc", {("abc",)}),
        ("(?i)^Set-Cookie$", {("set-cookie",)}),
        ("^/(?:var/)?tmp/", {("/tmp/",), ("/var/tmp/",)}),
        ("colou?r", {("color",), ("colour",)}),
        ("abc+", {("ab", "c")}),
        ("[ab]d", {("ad",), ("bd",)}),
        (r"\bword\d{2}x", {("word", "x")}),
        ("one|two", {("one",), ("two",)}),
        ("(?:a|b).*(?:c|d)", {("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")}),
        ("(?<!x)y(?=z)", {("y",)}),
    ],
)
def test_what_stands_in_all_texts_is_needed(pattern, expected):
    """Few texts are taken one by one; what stands apart is needed together."""
    assert needs(pattern) == expected


@pytest.mark.parametrize("pattern", ["", "a*", "a|", "[^a]", r"\w+", "(?:ab)*", "é"])
def test_where_anything_will_do_nothing_is_needed(pattern):
    """Then the expression itself must be asked."""
    assert needs(pattern) == {()}


def test_an_alternative_that_asks_for_more_than_another_is_left_out():
    """Whoever has the one has no use for the other."""
    assert needs("a.*b|b") == {("b",)}


def expressions() -> list[str]:
    """Those of the shipped rules."""
    return sorted(
        {
            test.operand.pattern
            for rule in load().rules.values()
            for row in rule.rows
            for test in row.where
            if isinstance(test.operand, Expression)
        }
    )


@settings(
    max_examples=20 * FACTOR,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_what_an_expression_finds_holds_what_it_needs(data):
    """Whatever the expression of a rule, and whatever it finds."""
    expression = data.draw(st.sampled_from(expressions()))
    text = data.draw(st.from_regex(expression)).lower()
    assert any(all(literal in text for literal in one) for one in required(expression))
