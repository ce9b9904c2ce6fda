"""What lets a project's own rule block: samples that hold."""

import pytest

from stemedb_analysis.judge.measure import is_precise
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.own import all_rules

RULE = """
- id: our-rule
  title: t
  help: h
  observes: tls/cert_verification enabled
  match:
    python: [{call: ours.connect, value: false}]
  examples:
    python: ["import ours\\nours.connect()"]
  near_misses:
    python: [%s]
"""
HOLD = '"# ours.connect()", "ours = 1", "t = \'ours.connect()\'"'


TEN = ", ".join([HOLD, *(f'"other{n}.connect()"' for n in range(6))])


def measured(tmp_path, text):
    folder = tmp_path / ".stemedb" / "rules"
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text(text)
    return all_rules(load(tmp_path), tmp_path)["our-rule"].measured


def test_a_rule_that_lives_up_to_ten_samples_may_block(tmp_path):
    one = measured(tmp_path, RULE % TEN)
    assert (one.precision, one.spared, one.may_block) == (1.0, 9, True)


def test_a_rule_as_the_template_has_it_may_not(tmp_path):
    one = measured(tmp_path, RULE % HOLD)
    assert one.precision == 1.0
    assert not one.may_block


def test_a_rule_that_fails_one_may_not(tmp_path):
    one = measured(tmp_path, RULE % (TEN + ', "import ours\\nours.connect(1)"'))
    assert one.precision == 0.5
    assert not one.may_block


@pytest.mark.parametrize("samples", ["", '"# ours.connect()"'])
def test_a_rule_with_too_few_was_not_measured_and_may_not(tmp_path, samples):
    assert measured(tmp_path, RULE % samples) is None
    assert not is_precise(None)


def test_what_a_rule_says_of_itself_can_only_lower_it(tmp_path):
    assert measured(tmp_path, RULE % TEN + "  precision: 0.5\n").precision == 0.5


def test_ast_grep_rules_are_not_measured_and_may_not(tmp_path):
    text = "id: our-rule\nlanguage: python\nrule: {pattern: ours.connect()}\nmessage: m\nmetadata: {observes: tls/cert_verification enabled, value: false, examples: [ours.connect()]}\n"
    assert measured(tmp_path, text) is None
