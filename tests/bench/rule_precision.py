"""Measure how often each rule is right, and write it where the rules are: ``rules/data/precision.yaml``.

::

    tests/analysis_samples/*/labels.yaml   a finding on a labelled line is right, any other is wrong
    tests/analysis_samples/unseen          the same, by the rules of `support.unseen_samples`
    tests/analysis_samples/bodies/*.yaml   a finding of the sample's concept is right in a bad one, wrong in a safe one
    the rules' own samples                 an example that is observed is right, a near-miss that is observed is wrong

What a rule observes where no label is and every authority agrees is a look-alike that it spared; so is a near-miss of its own that it leaves alone.

Run with ``python tests/bench/rule_precision.py`` after the rules or the samples have changed.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

from stemedb_analysis import corpus
from stemedb_analysis.judge.judge import Judge
from stemedb_analysis.judge.measure import Cases, Measure
from stemedb_analysis.model import Finding
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.model import Rule
from stemedb_analysis.rules.precision import PLACE, written
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.rules.test import run_rule
from stemedb_analysis.scan.file import scan_file

TESTS = Path(__file__).parents[1]
SAMPLES = TESTS / "analysis_samples"
SHOWN_BY_ITSELF = 59
"""Cases without a fault that show a precision of 0.95 (0.95⁵⁹ = 5 %)."""
HEAD = """\
# What each rule did with labelled samples and with its own: right and wrong alarms, and look-alikes that it spared.
# Written by `python tests/bench/rule_precision.py`; what a rule needs to block is told in `judge/measure.py`.
"""


class Counters(NamedTuple):
    """Of labelled samples, by rule."""

    right: Counter[str]
    wrong: Counter[str]
    spared: Counter[str]

    def count(self, finding: Finding, *, is_labelled: bool) -> None:
        """Count what was made of an observation, and leave what authorities passed over or overlooked."""
        rule = finding.observation.rule
        if finding.verdict != "PASS":
            (self.right if is_labelled else self.wrong)[rule] += 1
        elif finding.opinions and all(one.agrees for one in finding.opinions) and not is_labelled:
            self.spared[rule] += 1


def measure(ruleset: RuleSet) -> dict[str, Measure]:
    """Return what was seen of each rule; `ruleset` holds its samples."""
    counters = Counters(Counter(), Counter(), Counter())
    _labelled(ruleset, counters)
    _bodies(ruleset, counters)
    _unseen(ruleset, counters)
    own = {name: _own(ruleset, rule) for name, rule in ruleset.rules.items()}
    names = sorted({*own, *counters.right, *counters.wrong, *counters.spared})
    return {
        name: Measure(Cases(*(counter[name] for counter in counters)), own.get(name, Cases()))
        for name in names
    }


def taken_together(measured: Iterable[Measure]) -> str:
    """Return how often the rules were right that block on fewer cases than would show their precision by themselves."""
    few = [one for one in measured if one.may_block and one.alarms + one.spared < SHOWN_BY_ITSELF]
    right, wrong = (sum(getattr(one.labelled, name) for one in few) for name in ("right", "wrong"))
    spared = sum(one.labelled.spared for one in few)
    return (
        f"{len(few)} rules that may block on fewer than {SHOWN_BY_ITSELF} cases, on labelled samples alone:"
        f" {right} of {right + wrong} alarms right, {spared} look-alikes spared"
    )


def _own(ruleset: RuleSet, rule: Rule) -> Cases:
    failures = [one.what for one in run_rule(ruleset, rule)]
    return Cases(
        right=len(rule.examples) - failures.count("example"),
        wrong=failures.count("near-miss"),
        spared=len(rule.near_misses) - failures.count("near-miss"),
    )


def _labelled(ruleset: RuleSet, counters: Counters) -> None:
    judge = Judge(shipped(), corpus.load(shipped()))
    for labels in sorted(SAMPLES.glob("*/labels.yaml")):
        for name, expected in yaml.safe_load(labels.read_text()).items():
            wanted = {(path, line) for path, lines in (expected or {}).items() for line in lines}
            data = (labels.parent / name).read_bytes()
            for finding in judge.judge(scan_file(data, f"{labels.parent.name}/{name}", ruleset).observations):
                counters.count(finding, is_labelled=_is_on(finding, wanted))


def _bodies(ruleset: RuleSet, counters: Counters) -> None:
    if str(TESTS) not in sys.path:  # run by itself, not by pytest
        sys.path.append(str(TESTS))
    from support.analysis_samples import samples  # noqa: PLC0415 - found by way of the line above

    judge = Judge(shipped(), corpus.load(shipped()))
    for sample in samples():
        for finding in judge.judge(scan_file(sample.code.encode(), sample.file, ruleset).observations):
            if finding.observation.path in sample.concept.split():
                counters.count(finding, is_labelled=sample.is_bad)


def _unseen(ruleset: RuleSet, counters: Counters) -> None:
    from support.unseen_samples import HALVES, agreed, outcomes  # noqa: PLC0415 - found by way of the line above

    for half in HALVES:
        for _, one in outcomes(ruleset, half):
            if one.rule:
                (counters.right if one.what == "right" else counters.wrong)[one.rule] += 1
        counters.spared.update(agreed(ruleset, half))


def _is_on(finding: Finding, labels: set[tuple[str, int]]) -> bool:
    one = finding.observation
    return any((one.path, line) in labels for line in range(one.span.line, one.span.end_line + 1))


def main() -> None:
    """Measure, write, and tell what the rules that few cases speak for are worth together."""
    measured = measure(load(samples=True))
    PLACE.write_text(HEAD + "".join(written(*one) for one in measured.items()), encoding="utf-8")
    print(
        f"{PLACE.name}: {len(measured)} rules, {sum(one.may_block for one in measured.values())} of which may block"
    )
    print(taken_together(measured.values()))


if __name__ == "__main__":
    main()
