"""The measured precision of the shipped rules is read, belongs to rules, and is no more than a default."""

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.judge.measure import Cases, Measure
from stemedb_analysis.rules import precision
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.own import all_rules
from stemedb_analysis.rules.precision import measured, with_precision, written


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "PLACE", tmp_path / "precision.yaml")
    measured.cache_clear()
    yield tmp_path / "precision.yaml"
    measured.cache_clear()


def test_what_was_measured_are_rules_and_they_carry_it():
    rules = all_rules(load())
    assert set(measured()) <= set(rules)
    for name, one in measured().items():  # a rule may state less than that, and nothing else
        carried = rules[name].measured
        assert carried == one._replace(stated=carried.stated)
    assert len(measured()) > 100


def test_what_few_cases_speak_for_is_no_small_part_of_what_may_block():
    """A bound that let half of the rules through would be no better than none, and one that let none through no use."""
    may = sum(one.may_block for one in measured().values())
    assert len(measured()) / 3 < may < len(measured())


def test_the_share_is_of_all_findings_and_what_a_rule_says_itself_can_only_lower_it(place):
    place.write_text("# a comment\nhash-algorithm: {labelled: [15, 1, 7], own: [4, 0, 3]}\n")
    rule = load().rules["hash-algorithm"]
    assert rule.measured == Measure(Cases(15, 1, 7), Cases(4, 0, 3))
    assert rule.measured.precision == 0.95
    assert with_precision(rule._replace(precision=0.5)).measured.precision == 0.5
    assert with_precision(rule._replace(precision=1.0)).measured.precision == 0.95
    assert with_precision(rule._replace(id="another", precision=1.0)).measured is None


def test_what_the_benchmark_writes_is_read(place):
    one = Measure(Cases(15, 1, 7), Cases(4, 0, 3))
    place.write_text(written("a-rule", one))
    assert measured() == {"a-rule": one}


@pytest.mark.parametrize(
    "line", ["a: [1, 0]", "a: {labelled: [1, 0], own: [1, 0, 3]}", "a: {labelled: [1, 0, 2]}", "a"]
)
def test_a_line_that_is_no_count_is_refused_with_its_number(place, line):
    place.write_text(f"# a comment\n{line}\n")
    with pytest.raises(InvalidInput, match="line 2"):
        measured()
