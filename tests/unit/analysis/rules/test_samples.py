"""Every shipped rule lives up to its own examples and near-misses."""

import pytest

from stemedb_analysis.facts.extract import _READERS
from stemedb_analysis.facts.model import LANGUAGES
from stemedb_analysis.rules import load
from stemedb_analysis.rules.load import check_samples
from stemedb_analysis.rules.model import Sample
from stemedb_analysis.rules.test import observe, run_rule

RULES = load(samples=True)


@pytest.mark.parametrize("rule", RULES.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_observes_its_examples_and_no_near_miss(rule):
    read = [
        [one for one in samples if one.language in _READERS or one.language not in LANGUAGES]
        for samples in (rule.examples, rule.near_misses)
    ]
    rule = rule._replace(examples=tuple(read[0]), near_misses=tuple(read[1]))
    assert [str(failure) for failure in run_rule(RULES, rule)] == []


@pytest.mark.parametrize("rule", RULES.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_carries_enough_samples(rule):
    assert check_samples(rule) == []


def test_how_long_is_waited_is_hardly_a_secret():
    """A name like ``auth_delay`` has a word of secrets in it."""
    rule = RULES.rules["random-for-secrets"]
    code = "import random\ndef refused(auth):\n    {} = auth.least * (0.5 + random.random())\n"
    pause, salt = (
        observe(RULES.only(rule), rule, Sample("python", code.format(name), None))
        for name in ("delay", "salt")
    )
    assert [one.confidence < 0.5 for one in (*pause, *salt)] == [True, False]


def test_what_is_shown_where_programs_are_written_hardly_matters():
    rule = RULES.rules["stack-trace-in-answer"]
    code = "const errorhandler = require('errorhandler');\nif (app.get('env') === '{}') {{\n  app.use(errorhandler());\n}}\n"
    here, there = (
        observe(RULES.only(rule), rule, Sample("javascript", code.format(name), None))
        for name in ("development", "staging")
    )
    assert [one.confidence for one in (*here, *there)] == [0.25, 0.5]


def test_who_is_taken_from_a_list_is_hardly_a_secret():
    rule = RULES.rules["random-for-secrets"]
    code = "function f() {{\n  const {} = this.{}[Math.floor(Math.random() * this.size)];\n}}\n"
    taken, made = (
        observe(RULES.only(rule), rule, Sample("javascript", code.format(*names), None))
        for names in (("session", "sessionList"), ("token", "letters"))
    )
    assert [one.confidence < 0.5 for one in (*taken, *made)] == [True, False]
