"""Programs and configuration by people who had seen neither rules nor samples: ``tests/analysis_samples/unseen``.

::

    unseen/<half>/<set>/<file>          a realistic program, or a configuration file
    unseen/<half>/<set>/labels.yaml     file: {tail path: [lines that contradict an authority]}; every other line is as it should be

A finding counts if the corpus contradicts it (FLAG or BLOCK). It is right if a line of it carries a label of its tail path, or of one that begins
with the same word (`crypto/mode` for `crypto/aead`: two ways to say one thing); or if such a label of its own path stands within
`NEAR_LINES`, since an option may be written far from the call that takes it. Each label is met once, each other finding is a false alarm.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

import yaml

from stemedb_analysis import corpus
from stemedb_analysis.judge import Judge
from stemedb_analysis.judge.measure import is_precise
from stemedb_analysis.model import Finding
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules.own import all_rules
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.scan.file import scan_file

SAMPLES: Final = Path(__file__).parents[1] / "analysis_samples" / "unseen"
HALVES: Final = ("first", "second", "third", "fourth", "fifth", "sixth")
NEAR_LINES: Final = 12
KEYS: Final = frozenset({"secrets", "crypto"})
"""A key in the code is a secret that is written down and a key that is no secret: one label of the two is enough."""

Label = tuple[str, int]


class Outcome(NamedTuple):
    """What became of one finding, or of a label that no finding met."""

    what: Literal["right", "wrong", "blocked", "missed"]
    """``blocked``: wrong, and of verdict BLOCK."""
    path: str
    line: int
    rule: str = ""


class Counts(NamedTuple):
    """Of one set and kind of concept."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    blocked_wrongly: int = 0

    @property
    def precision(self) -> float:
        """How many of the alarms are right; 1 if there are none."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """How many of the labels are found; 1 if there are none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def __add__(self, other: "Counts") -> "Counts":  # type: ignore[override]  # sums, where a tuple would append
        return Counts(*(one + two for one, two in zip(self, other, strict=True)))


class Measured(NamedTuple):
    """All counts by (set, kind of concept), and what went wrong, a line each."""

    counts: dict[tuple[str, str], Counts]
    faults: list[str]

    def of_kind(self, kind: str) -> Counts:
        """Return the counts of one kind over all sets; of all kinds if it is empty."""
        return sum((one for (_, of), one in self.counts.items() if of == kind or not kind), Counts())


def measure(ruleset: RuleSet, half: str) -> Measured:
    """Scan the sets of one half, and hold the findings against the labels."""
    kinds = {concept.path: concept.kind for concept in shipped().values()}
    tally: Counter[tuple[str, str, str]] = Counter()
    faults: list[str] = []
    for name, one in outcomes(ruleset, half):
        of_set = name.partition("/")[0]
        tally[of_set, kinds[one.path], one.what] += 1
        if one.what != "right":
            faults.append(f"{one.what:8} {half}/{name}:{one.line} {one.path} {one.rule}")
    return Measured(
        {
            (of_set, kind): Counts(
                tally[of_set, kind, "right"],
                tally[of_set, kind, "wrong"] + tally[of_set, kind, "blocked"],
                tally[of_set, kind, "missed"],
                tally[of_set, kind, "blocked"],
            )
            for of_set, kind in sorted({(of_set, kind) for of_set, kind, _ in tally})
        },
        faults,
    )


def outcomes(ruleset: RuleSet, half: str) -> Iterator[tuple[str, Outcome]]:
    """Yield what became of each finding and label of one half, with the set and file that it is of."""
    registry = shipped()
    rules = all_rules(ruleset)
    judge = Judge(registry, corpus.load(registry), may_block=lambda rule: is_precise(rules[rule].measured))
    for labels in sorted((SAMPLES / half).glob("*/labels.yaml")):
        for file, expected in yaml.safe_load(labels.read_text(encoding="utf-8")).items():
            name = f"{labels.parent.name}/{file}"
            data = (labels.parent / file).read_bytes()
            findings = judge.judge(scan_file(data, name, ruleset).observations)
            yield from ((name, one) for one in _compared(findings, _labels(expected or {})))


def agreed(ruleset: RuleSet, half: str) -> Counter[str]:
    """Return how often each rule observed something that is as it should be, and was not told to be a fault."""
    judge = Judge(shipped(), corpus.load(shipped()))
    counts: Counter[str] = Counter()
    for labels in sorted((SAMPLES / half).glob("*/labels.yaml")):
        for file, expected in yaml.safe_load(labels.read_text(encoding="utf-8")).items():
            data, faults = (labels.parent / file).read_bytes(), _labels(expected or {})
            for finding in judge.judge(scan_file(data, f"{labels.parent.name}/{file}", ruleset).observations):
                one = finding.observation
                lines = range(one.span.line, one.span.end_line + 1)
                if finding.opinions and all(opinion.agrees for opinion in finding.opinions):
                    counts[one.rule] += not any((one.path, line) in faults for line in lines)
    return counts


def _labels(expected: Mapping[str, list[int]]) -> set[Label]:
    """Return the labels, with one left of several on a line that say the same of a key."""
    labels = {(path, line) for path, lines in expected.items() for line in lines}
    for line in {line for _, line in labels}:
        same = sorted(
            (
                path
                for path, of in labels
                if of == line and (path.startswith("secrets/") or path == "crypto/key")
            ),
            key=lambda path: (path != "secrets/hardcoded", path),
        )
        labels -= {(path, line) for path in same[1:]}
    return labels


def _compared(findings: list[Finding], labels: set[Label]) -> Iterator[Outcome]:
    left, seen = set(labels), set()
    for finding in findings:
        one = finding.observation
        if finding.verdict == "PASS":
            continue
        met = _met(one.path, range(one.span.line, one.span.end_line + 1), labels, left)
        key = met or (one.path, one.span.line)
        if key in seen:
            continue
        seen.add(key)
        left.discard(key)
        yield Outcome(
            "right" if met else "blocked" if finding.verdict == "BLOCK" else "wrong", *key, one.rule
        )
    yield from (Outcome("missed", *label) for label in sorted(left))


def _met(path: str, lines: range, labels: set[Label], left: set[Label]) -> Label | None:
    own = next(((path, line) for line in lines[: NEAR_LINES + 1] if (path, line) in labels), None)
    if own is not None:
        return own
    for other, line in sorted(labels):
        if line in lines[: NEAR_LINES + 1] and (
            _family(other) == _family(path) or {_family(other), _family(path)} == KEYS
        ):
            return other, line
    near = [(abs(line - lines[0]), line) for other, line in left if other == path]
    return (path, min(near)[1]) if near and min(near)[0] <= NEAR_LINES else None


def _family(path: str) -> str:
    return path.partition("/")[0]
