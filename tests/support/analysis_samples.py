"""The labelled samples in ``tests/analysis_samples/bodies``: read, scanned and counted.

::

    one file of samples = a wrap (a complete little file with BODY and MEMBERS) and, for each concept, bodies that are bad and safe

A bad sample counts as found if the scan gives a finding (FLAG or BLOCK) of its concept; a finding of its concept in a safe sample is a
false alarm. Findings of other concepts are not counted: a wrap may well hold more than its sample is about.
"""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from stemedb_analysis.corpus.load import load as load_corpus
from stemedb_analysis.judge.judge import Judge
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules.load import load as load_rules
from stemedb_analysis.scan.file import scan_file

SAMPLES = Path(__file__).parent.parent / "analysis_samples" / "bodies"


class Sample(NamedTuple):
    """One little file and what is claimed of it."""

    name: str
    file: str
    concept: str
    is_bad: bool
    code: str


class Counts(NamedTuple):
    """Of one concept: found bad ones, missed bad ones, safe ones taken for bad, safe ones left alone."""

    found: int
    missed: int
    false: int
    spared: int

    @property
    def precision(self) -> float:
        """How many of the alarms are right; 1 if there are none."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        """How many of the bad ones are found; 1 if there are none."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


def samples() -> Iterator[Sample]:
    """Yield all samples, by file, concept and position."""
    for path in sorted(SAMPLES.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in document["samples"]:
            for label in ("bad", "safe"):
                for number, one in enumerate(group.get(label, ())):
                    yield _sample(path.stem, document, group, label, number, one)


def _sample(  # noqa: PLR0917 - what places a sample in its file
    stem: str, document: Any, group: Any, label: str, number: int, one: Any
) -> Sample:
    code, members = (one["code"], one.get("members", "")) if isinstance(one, dict) else (one, "")
    file = one.get("file", "") if isinstance(one, dict) else ""
    text = group.get("wrap") or document.get("wrap", "BODY")
    for word, inner in (("MEMBERS", members), ("BODY", code)):
        for line in text.splitlines():
            if line.strip() == word:
                indent = line[: len(line) - len(line.lstrip())]
                text = text.replace(line, textwrap.indent(inner.rstrip("\n"), indent))
                break
    return Sample(
        f"{stem}/{group['concept']}/{label}{number}",
        file or group.get("file") or document["file"],
        group["concept"],
        label == "bad",
        text,
    )


class Measured(NamedTuple):
    """What a run over the samples showed."""

    counts: dict[str, Counts]
    wrong: list[str]
    """Names of the samples that were missed (``-``) or falsely found (``+``)."""


def measure(concept: str = "") -> Measured:
    """Scan the samples (of one concept, or all) and count."""
    ruleset = load_rules()
    judge = Judge(shipped(), load_corpus())
    found: dict[str, list[int]] = {}
    wrong = []
    for sample in samples():
        if concept and concept not in sample.name:
            continue
        observations = scan_file(sample.code.encode(), sample.file, ruleset).observations
        is_found = any(
            finding.verdict != "PASS" and finding.observation.path in sample.concept.split()
            for finding in judge.judge(observations)
        )
        tally = found.setdefault(sample.concept, [0, 0, 0, 0])
        tally[(0 if is_found else 1) if sample.is_bad else (2 if is_found else 3)] += 1
        if is_found != sample.is_bad:
            wrong.append(("-" if sample.is_bad else "+") + sample.name)
    return Measured({name: Counts(*tally) for name, tally in sorted(found.items())}, wrong)
