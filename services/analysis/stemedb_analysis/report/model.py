"""What every report is made of: findings with what became of them, and what the scan saw."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from stemedb_analysis.judge.coverage import Coverage
from stemedb_analysis.judge.implied import IMPLIED_BY
from stemedb_analysis.judge.imports import said
from stemedb_analysis.judge.measure import Measure, long_text, text
from stemedb_analysis.judge.score import DEFAULT_THRESHOLDS
from stemedb_analysis.model import Finding, Observation, Opinion, Typed
from stemedb_analysis.project.acknowledge import TITLES as ACKNOWLEDGEMENTS
from stemedb_analysis.project.complaint import PREFIX as COMPLAINTS
from stemedb_analysis.project.suppress import TITLES as SUPPRESSIONS
from stemedb_analysis.registry import Registry
from stemedb_analysis.report.naming import Naming
from stemedb_analysis.report.sources import Sources
from stemedb_analysis.scan.result import Tally

Suppression: TypeAlias = Literal["", "inline", "acknowledged"]

VERDICTS: Final = ("BLOCK", "FLAG", "PASS")
"""The worst first."""

COMPARISON_WORDS: Final = {
    "equals": "",
    "at_least": "at least ",
    "at_most": "at most ",
    "one_of": "one of ",
    "none_of": "none of ",
    "present": "present",
    "absent": "absent",
}


COMPLAINT_TITLES: Final = {**SUPPRESSIONS, **ACKNOWLEDGEMENTS}


class Card(NamedTuple):
    """What a report says of a rule."""

    id: str
    title: str
    help: str
    path: str
    predicate: str
    tags: tuple[str, ...]
    measured: Measure | None
    """How often it was right; ``None`` if nobody looked."""


class Item(NamedTuple):
    """One finding in a report."""

    finding: Finding
    fingerprint: str
    """What a baseline knows it by; equal for equal statements in one file."""
    suppression: Suppression = ""
    """How a person set it aside; the reason is in the finding."""

    @property
    def observation(self) -> Observation:
        """What was observed."""
        return self.finding.observation

    @property
    def counts(self) -> bool:
        """Whether it is for somebody to act on: neither set aside nor known already."""
        return not self.suppression and self.finding.state == "new"


class Gone(NamedTuple):
    """A finding that the baseline has and the code has no more."""

    rule: str
    path: str
    file: str
    times: int


class Report(NamedTuple):
    """A whole report. Formats are functions of it and of nothing else."""

    project: str
    version: str
    """Of the program."""
    items: Sequence[Item]
    """In the order of the files."""
    passed: int
    """Observations that nobody contradicts, or not enough to be shown."""
    tally: Tally
    coverage: Coverage
    """Without the nearest names, which take longer to find than all the rest of a report."""
    near: Callable[[], Coverage]
    """Returns it with them."""
    rules: Mapping[str, Card]
    registry: Registry
    sources: Sources
    is_compared: bool = False
    """Whether there was a baseline to compare with."""
    gone: Sequence[Gone] = ()
    reference: str = ""
    """The revision, change or index that was scanned, if it was not the working tree."""
    faint: Sequence[Item] = ()
    """Of those that passed, what somebody contradicts: with too little weight, or beside a narrower finding. The weightiest first."""
    naming: Naming = Naming()
    """What files are called by formats that others resolve."""

    @property
    def blocking(self) -> int:
        """How many findings forbid to go on."""
        return sum(item.finding.verdict == "BLOCK" and item.counts for item in self.items)

    def count(self, verdict: str) -> int:
        """Return how many findings of a verdict somebody should act on."""
        return sum(item.finding.verdict == verdict and item.counts for item in self.items)

    @property
    def shown(self) -> list[Item]:
        """What a person is shown: the findings to act on, the worst first, then as in the files."""
        return sorted(
            (item for item in self.items if item.counts),
            key=lambda item: (VERDICTS.index(item.finding.verdict), -item.finding.score),
        )

    def summary(self) -> dict[str, int]:
        """Return the counts that every format tells."""
        return {
            "block": self.count("BLOCK"),
            "flag": self.count("FLAG"),
            "passed": self.passed,
            "unchanged": sum(
                item.finding.state == "unchanged" and not item.suppression for item in self.items
            ),
            "suppressed": sum(bool(item.suppression) for item in self.items),
            "gone": sum(gone.times for gone in self.gone),
        }


def title(report: Report, item: Item) -> str:
    """Return what a finding is called: what is said of a module, else the rule's title, else the path."""
    if about_module := said(item.observation):
        return about_module
    rule = report.rules.get(item.observation.rule)
    return rule.title if rule else COMPLAINT_TITLES.get(item.observation.rule, item.observation.path)


def passes_text(item: Item) -> str:
    """Return why something passes that is contradicted."""
    score, flag = item.finding.score, DEFAULT_THRESHOLDS.flag
    if score < flag:
        return f"passes: {score:.2f} is below {flag:.2f}"
    seen = item.observation
    narrower = IMPLIED_BY.get((seen.path, seen.predicate), (seen.path, ""))[0]
    return f"passes: the finding about {narrower} at this place says it"


def contradicting(finding: Finding) -> list[Opinion]:
    """Return the opinions against what was observed, the weightiest first."""
    return [opinion for opinion in finding.opinions if not opinion.agrees]


def value_text(value: Typed) -> str:
    """Return an observed value as a person reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def claim_text(observation: Observation) -> str:
    """Return what is observed, in one line: ``tls/min_version version = 1``."""
    if observation.path.startswith(COMPLAINTS):
        return f"this one {observation.value}"
    return f"{observation.path} {observation.predicate} = {value_text(observation.value)}"


def demand_text(opinion: Opinion) -> str:
    """Return what an authority wants: ``at least 1.2``."""
    words = COMPARISON_WORDS[opinion.authority.comparison]
    if opinion.authority.comparison in {"present", "absent"}:
        return words
    value = opinion.authority.value
    return words + (", ".join(map(value_text, value)) if isinstance(value, tuple) else value_text(value))


def message(report: Report, item: Item) -> str:
    """Return a finding in a sentence or two, with its strongest citation."""
    against = contradicting(item.finding)
    if item.observation.path.startswith(COMPLAINTS):
        return f"{title(report, item)}: this one {item.observation.value}."
    said = f"{title(report, item)}: {item.observation.path} {item.observation.predicate} is {value_text(item.observation.value)}"
    if not against:
        return f"{said}."
    first = against[0]
    return f"{said}, want {demand_text(first)}. {first.authority.summary} [{first.authority.citation}]"


def rule_text(report: Report, rule: str, *, at_length: bool = False) -> str:
    """Return a rule's id and how often it is right, as far as it was measured, and of how many alarms; `at_length` of look-alikes too."""
    card = report.rules.get(rule)
    if card is None:
        return rule
    return f"{rule}, {(long_text if at_length else text)(card.measured)}"
