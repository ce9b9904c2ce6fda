"""The labelled bodies: precision and recall do not fall below what the linter promises."""

import pytest

from stemedb_analysis.registry import shipped
from support.analysis_samples import Measured, measure

AIMS = {"injection": (0.80, 0.60), "configuration": (0.95, 0.80)}


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure()


def kind_of(path: str) -> str:
    return next(concept.kind for (one, _), concept in shipped().items() if one == path)


def test_every_concept_keeps_its_precision_and_recall(measured: Measured) -> None:
    below = {
        name: (round(counts.precision, 2), round(counts.recall, 2))
        for name, counts in measured.counts.items()
        for precision, recall in (AIMS[kind_of(name)],)
        if counts.precision < precision or counts.recall < recall
    }
    assert below == {}, measured.wrong


def test_samples_hold_both_bad_and_safe_bodies(measured: Measured) -> None:
    for name, counts in measured.counts.items():
        assert counts.found + counts.missed, name
        assert counts.false + counts.spared, name
