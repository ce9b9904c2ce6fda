"""The measured precision of the shipped rules is read, belongs to rules, and is no more than a default."""

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.rules import precision
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.own import all_rules
from stemedb_analysis.rules.precision import measured, with_precision


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "PLACE", tmp_path / "precision.yaml")
    measured.cache_clear()
    yield tmp_path / "precision.yaml"
    measured.cache_clear()


def test_what_was_measured_are_rules_and_they_carry_it():
    rules = all_rules(load())
    assert set(measured()) <= set(rules)
    assert {name: rules[name].precision for name in measured()} == measured()
    assert len(measured()) > 100
    assert all(0 <= share <= 1 for share in measured().values())


def test_the_share_is_of_all_findings_and_a_rule_that_says_its_own_keeps_it(place):
    place.write_text("# a comment\nhash-algorithm: [19, 1]\n")
    rule = load().rules["hash-algorithm"]
    assert rule.precision == 0.95
    assert with_precision(rule._replace(precision=None)).precision == 0.95
    assert with_precision(rule._replace(precision=0.5)).precision == 0.5
    assert with_precision(rule._replace(id="another", precision=None)).precision is None


@pytest.mark.parametrize("line", ["a: [0, 0]", "a: [1]", "a: 1, b", "a"])
def test_a_line_that_is_no_count_is_refused_with_its_number(place, line):
    place.write_text(f"# a comment\n{line}\n")
    with pytest.raises(InvalidInput, match="line 2"):
        measured()
