"""Rules held to their word: every example must match, no near-miss may.

A sample runs through the very same way as a file of a project: language by name, facts, rules. An example passes if its rule observes
something (its ``value``, if it gives one). A near-miss passes if its rule observes nothing, or only its ``value``: the safe way of doing a
thing is seen, as safe.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from stemedb_analysis.facts.extract import extract as extract_code
from stemedb_analysis.facts.model import LANGUAGES, Facts
from stemedb_analysis.model import Observation
from stemedb_analysis.rules.model import FileInfo, Rule, Sample
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.settings.extract import extract as extract_settings
from stemedb_analysis.settings.kinds import format_of, kind_of
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

_SUFFIXES: Final = {
    "python": "py", "javascript": "js", "typescript": "ts", "go": "go", "java": "java", "rust": "rs", "dockerfile": "dockerfile",
    "nginx": "conf",
}  # fmt: skip


class Failure(NamedTuple):
    """A sample that its rule does not live up to."""

    rule: str
    what: str
    """``example`` or ``near-miss``."""
    language: str
    code: str
    reason: str

    def __str__(self) -> str:
        """One paragraph for a person."""
        return f"{self.rule}: {self.what} in {self.language}: {self.reason}\n{self.code}"


def run(ruleset: RuleSet, rules: Iterable[Rule]) -> list[Failure]:
    """Return the samples of `rules` that fail under `ruleset`; samples must have been loaded."""
    return [failure for rule in rules for failure in run_rule(ruleset, rule)]


def run_rule(ruleset: RuleSet, rule: Rule) -> list[Failure]:
    """Return the samples of one rule that fail. It runs alone: what another rule sees as well is told once, by either."""
    ruleset = ruleset.only(rule)
    failures: list[Failure] = []
    for sample in rule.examples:
        seen = observe(ruleset, rule, sample)
        values = [one.value for one in seen]
        if not seen:
            failures.append(_failure(rule, "example", sample, "nothing observed"))
        elif sample.value is not None and sample.value not in values:
            failures.append(_failure(rule, "example", sample, f"observed {values!r}, want {sample.value!r}"))
    for sample in rule.near_misses:
        wrong = [
            one for one in observe(ruleset, rule, sample) if sample.value is None or one.value != sample.value
        ]
        if wrong:
            told = ", ".join(f"{one.value!r} at line {one.span.line}" for one in wrong)
            failures.append(_failure(rule, "near-miss", sample, f"observed {told}"))
    return failures


def observe(ruleset: RuleSet, rule: Rule, sample: Sample) -> list[Observation]:
    """Return what `rule` observes in `sample`."""
    is_code = sample.language in LANGUAGES
    name = f"sample.{_SUFFIXES.get(sample.language, sample.language)}"
    if not is_code and ("." in sample.language or "/" in sample.language or sample.language[:1].isupper()):
        name = sample.language
    source = Source(sample.code.encode(), name)
    facts: Facts
    if is_code:
        language, kind = sample.language, ""
        facts = extract_code(
            source, sample.language, ruleset.interest_in(sample.language, Vocabulary(source.data))
        )
    else:
        language = format_of(name, source.data) or sample.language
        facts = extract_settings(source, language)
        kind = kind_of(name, language, facts)
    file = FileInfo(name, language, kind)
    return [one for one in ruleset.observe(facts, source, file) if one.rule == rule.id]


def _failure(rule: Rule, what: str, sample: Sample, reason: str) -> Failure:
    return Failure(rule.id, what, sample.language, sample.code, reason)
