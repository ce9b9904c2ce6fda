"""Scans of code that changes: what is published makes the store say what the code says, on every replica alike."""

import random

from hypothesis import given
from hypothesis import strategies as st

from stemedb_analysis.model import Span
from stemedb_analysis.observed import Observed, plan
from support.observing import observation
from support.worlds import demand, tell, world

PLACES = st.builds(
    lambda line, statement, value, confidence: Observed(
        "shop",
        observation(
            value=value, span=Span(line, 1, line, 9), statement=f"{statement:016x}", confidence=confidence
        ),
    ),
    st.integers(1, 4),
    st.integers(0, 1),
    st.booleans(),
    st.sampled_from([0.95, 1 / 3]),
)
HASHES = st.builds(
    lambda path, line: Observed(
        "shop", observation(path, "algorithm", "md5", span=Span(line, 1, line, 9), statement=f"{line:016x}")
    ),
    st.sampled_from(["crypto/hash", "password/hash"]),
    st.integers(1, 2),
)
SCANS = st.lists(st.lists(PLACES | HASHES, max_size=5), min_size=1, max_size=5)


def said(known):
    return sorted(known.standing_of("shop").values())


@given(SCANS)
def test_after_each_scan_the_store_says_what_the_code_says(scans):
    known = world()
    for scan in scans:
        statements = plan(known.standing_of("shop"), scan, known.was_ended)
        tell(known, *statements)
        rounded = {
            (one.project, one.observation._replace(confidence=round(one.observation.confidence, 4)))
            for one in scan
        }
        assert said(known) == sorted(Observed(*one) for one in rounded)
        assert plan(known.standing_of("shop"), scan, known.was_ended) == [], "a second scan says nothing new"


@given(SCANS, st.randoms(use_true_random=False))
def test_the_order_in_which_statements_arrive_does_not_show(scans, rng: random.Random):
    known = world()
    statements = [demand(), demand(tier=3)]
    statements += [
        demand("sha256", path=f"{of}/hash", predicate="algorithm") for of in ("crypto", "password")
    ]
    tell(known, *statements)
    for scan in scans:
        more = plan(known.standing_of("shop"), scan, known.was_ended)
        tell(known, *more)
        statements += more
    rng.shuffle(statements)
    other = world()
    for start in range(0, len(statements), 3):
        tell(other, *statements[start : start + 3])
    assert dict(other.findings) == dict(known.findings)
