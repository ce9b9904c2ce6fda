"""The corpus that is shipped, and what the loader refuses."""

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.corpus import facts, lint, load, parse

GOOD = """
- id: rfc8996-min-version
  path: tls/min_version
  predicate: version
  value: 1.2
  tier: 1
  source: rfc://8996
  citation: RFC 8996 §4
  url: https://www.rfc-editor.org/rfc/rfc8996#section-4
  summary: Old versions must not be negotiated.
  checked: true
"""


def test_the_shipped_corpus_is_large_enough_and_clean() -> None:
    shipped = facts()
    assert len(shipped) >= 80
    assert [one for one in lint(shipped) if one.serious] == []


def test_most_of_the_shipped_citations_were_looked_up() -> None:
    shipped = facts()
    assert sum(fact.checked for fact in shipped) >= 0.8 * len(shipped)
    assert all(fact.unchecked_reason for fact in shipped if not fact.checked)


def test_summaries_are_sentences() -> None:
    for authority in load():
        assert authority.summary.endswith("."), authority.id
        assert 20 <= len(authority.summary) <= 240, authority.id


def test_comparison_is_the_registrys_if_left_out() -> None:
    (fact,) = parse(GOOD, "x.yaml")
    assert fact.authority.comparison == "at_least"
    assert fact.authority.value == 1.2
    assert fact.place == "x.yaml, row 1"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("tls/min_version", "tls/minversion", "the nearest: tls/min_version version"),
        ("value: 1.2", "value: high", "want a number"),
        ("value: 1.2", "value: [1.2]", "got a list"),
        ("  value: 1.2\n", "", "value: is missing"),
        ("tier: 1", "tier: 9", "tier: got 9"),
        ("tier: 1", "tier: true", "tier: got True"),
        ("rfc://8996", "rfc8996", "source: got"),
        ("checked: true", "checked: false", "unchecked_reason"),
        ("checked: true", "checked: perhaps", "checked: got"),
        ("  summary:", "  sumary:", "lacks summary"),
        ("  tier: 1", "  tier: 1\n  tiers: 2", "unknown tiers"),
        ("citation: RFC 8996 §4", "citation: ''", "citation: got"),
        ("id: rfc8996-min-version", "id: RFC 8996", "id: got"),
        ("  tier: 1", "  tier: 1\n  confidence: 2", "confidence: got 2"),
        ("  tier: 1", "  tier: 1\n  comparison: exactly", "comparison"),
    ],
)
def test_a_wrong_row_is_refused_with_file_row_and_field(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidInput, match=r"x\.yaml, row 1") as refusal:
        parse(GOOD.replace(old, new), "x.yaml")
    assert expected in str(refusal.value)


@pytest.mark.parametrize("text", ["{", "a: b", "- 1", "- - x", "[" * 5000])
def test_what_is_no_list_of_facts_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"x\.yaml"):
        parse(text, "x.yaml")
