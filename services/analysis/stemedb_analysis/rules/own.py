"""All rules that a scan knows, and a project's own held to their own samples: what stands in for a measurement.

Nobody but the project can measure them. So a rule whose examples are all observed and whose near-misses are not counts as precise, and may
block if they are `judge.measure.CASES_MIN` or more; each sample that fails counts as a false alarm; one with too few samples
(`NEAR_MISSES_MIN` near-misses, an example) was not measured, and neither were ast-grep rules, which have none. What a rule says of its own
`precision` can only lower that.
"""

from pathlib import Path

from stemedb_analysis.judge.measure import Cases, Measure
from stemedb_analysis.registry import Registry, shipped
from stemedb_analysis.rules.load import NEAR_MISSES_MIN, USERS_FOLDER, own_words, user_rules
from stemedb_analysis.rules.model import Rule
from stemedb_analysis.rules.precision import with_precision
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.secrets.rules import RULES


def all_rules(ruleset: RuleSet, project: Path | None = None) -> dict[str, Rule]:
    """Return the rules and those of secrets, which are code and no data; the own rules of the `project` as precise as their samples show."""
    own = {} if project is None else held_to_samples(project)
    return {**ruleset.rules, **own, **{rule.id: with_precision(rule) for rule in RULES}}


def held_to_samples(project: Path, registry: Registry | None = None) -> dict[str, Rule]:
    """Return the own rules of the project at `project`, each with what its samples show. O(samples). Raises `InvalidInput`."""
    rules, _ = user_rules(project / USERS_FOLDER, registry or shipped(), samples=True)
    if not rules:
        return {}
    ruleset = RuleSet(rules, own_words())
    return {rule.id: rule._replace(measured=measure_of(ruleset, rule)) for rule in rules}


def measure_of(ruleset: RuleSet, rule: Rule) -> Measure | None:
    """Return what a rule of `ruleset` does with its samples, ``None`` if they are too few to tell."""
    from stemedb_analysis.rules.test import run_rule  # noqa: PLC0415 - the parsers, only for projects that have rules

    if not rule.examples or len(rule.near_misses) < NEAR_MISSES_MIN:
        return None
    failed = [one.what for one in run_rule(ruleset, rule)]
    cases = Cases(
        right=len(rule.examples) - failed.count("example"),
        wrong=len(failed),
        spared=len(rule.near_misses) - failed.count("near-miss"),
    )
    return Measure(own=cases, basis="project", stated=1.0 if rule.precision is None else rule.precision)
