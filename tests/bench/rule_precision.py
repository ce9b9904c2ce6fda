"""Measure how often each rule is right, and write it where the rules are: ``rules/data/precision.yaml``.

::

    tests/analysis_samples/*/labels.yaml   a finding on a labelled line is right, any other is wrong
    tests/analysis_samples/unseen          the same, by the rules of `support.unseen_samples`
    tests/analysis_samples/bodies/*.yaml   a finding of the sample's concept is right in a bad one, wrong in a safe one
    the rules' own samples                 an example that is observed is right, a near-miss that is observed is wrong

Run with ``python tests/bench/rule_precision.py`` after the rules or the samples have changed.
"""

import sys
from collections import Counter
from pathlib import Path

import yaml

from stemedb_analysis import corpus
from stemedb_analysis.judge.judge import Judge
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.precision import PLACE
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.rules.test import run_rule
from stemedb_analysis.scan.file import scan_file

TESTS = Path(__file__).parents[1]
SAMPLES = TESTS / "analysis_samples"
HEAD = """\
# How often each rule was right and wrong on the labelled samples and on its own: `rule: [right, wrong]`.
# Written by `python tests/bench/rule_precision.py`; a rule that is wrong more often than one time in twenty never blocks.
"""


def measure(ruleset: RuleSet) -> dict[str, tuple[int, int]]:
    """Return (right, wrong) for each rule that was measured; `ruleset` holds its samples."""
    right, wrong = Counter(), Counter()
    _labelled(ruleset, right, wrong)
    _bodies(ruleset, right, wrong)
    _unseen(ruleset, right, wrong)
    for rule in ruleset.rules.values():
        failures = [one.what for one in run_rule(ruleset, rule)]
        right[rule.id] += len(rule.examples) - failures.count("example")
        wrong[rule.id] += failures.count("near-miss")
    return {
        name: (right[name], wrong[name]) for name in sorted({*right, *wrong}) if right[name] + wrong[name]
    }


def _labelled(ruleset: RuleSet, right: Counter[str], wrong: Counter[str]) -> None:
    judge = Judge(shipped(), corpus.load(shipped()))
    for labels in sorted(SAMPLES.glob("*/labels.yaml")):
        for name, expected in yaml.safe_load(labels.read_text()).items():
            wanted = {(path, line) for path, lines in (expected or {}).items() for line in lines}
            data = (labels.parent / name).read_bytes()
            for finding in judge.judge(scan_file(data, f"{labels.parent.name}/{name}", ruleset).observations):
                one = finding.observation
                if finding.verdict != "PASS":
                    is_right = any(
                        (one.path, line) in wanted for line in range(one.span.line, one.span.end_line + 1)
                    )
                    (right if is_right else wrong)[one.rule] += 1


def _bodies(ruleset: RuleSet, right: Counter[str], wrong: Counter[str]) -> None:
    if str(TESTS) not in sys.path:  # run by itself, not by pytest
        sys.path.append(str(TESTS))
    from support.analysis_samples import samples  # noqa: PLC0415 - found by way of the line above

    judge = Judge(shipped(), corpus.load(shipped()))
    for sample in samples():
        for finding in judge.judge(scan_file(sample.code.encode(), sample.file, ruleset).observations):
            one = finding.observation
            if finding.verdict != "PASS" and one.path in sample.concept.split():
                (right if sample.is_bad else wrong)[one.rule] += 1


def _unseen(ruleset: RuleSet, right: Counter[str], wrong: Counter[str]) -> None:
    from support.unseen_samples import HALVES, outcomes  # noqa: PLC0415 - found by way of the line above

    for half in HALVES:
        for _, one in outcomes(ruleset, half):
            if one.rule:
                (right if one.what == "right" else wrong)[one.rule] += 1


def main() -> None:
    """Measure and write."""
    rows = "".join(f"{name}: [{a}, {b}]\n" for name, (a, b) in measure(load(samples=True)).items())
    PLACE.write_text(HEAD + rows, encoding="utf-8")
    print(f"{PLACE.name}: {rows.count(chr(10))} rules")


if __name__ == "__main__":
    main()
