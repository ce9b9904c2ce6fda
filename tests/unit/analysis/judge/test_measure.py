"""What a precision rests on is told with it, and decides whether a rule may block."""

import pytest

from stemedb_analysis.judge.measure import EXACT, Cases, Measure, is_precise, long_text, text


@pytest.mark.parametrize(
    ("labelled", "own", "may"),
    [
        ((0, 0, 0), (1, 0, 3), False),
        ((0, 0, 0), (20, 0, 20), False),  # nothing but samples that were written to fit it
        ((2, 0, 0), (9, 0, 9), False),
        ((3, 0, 0), (4, 0, 3), True),
        ((1, 0, 2), (4, 0, 3), True),  # look-alikes tell something too
        ((0, 0, 3), (4, 0, 3), True),
        ((3, 0, 0), (3, 0, 3), False),  # nine
        ((300, 20, 0), (4, 0, 3), False),
        ((19, 1, 0), (0, 0, 0), True),
    ],
)
def test_a_rule_blocks_that_was_right_often_enough_on_enough_cases_and_enough_of_them_not_its_own(
    labelled, own, may
):
    assert Measure(Cases(*labelled), Cases(*own)).may_block is may


def test_one_that_never_gave_an_alarm_was_not_measured():
    one = Measure(Cases(0, 0, 50), Cases(0, 0, 9))
    assert one.precision is None
    assert not one.may_block
    assert text(one) == "precision not measured"


def test_a_project_needs_no_samples_of_others_and_as_many():
    assert Measure(own=Cases(3, 0, 7), basis="project").may_block
    assert not Measure(own=Cases(3, 0, 6), basis="project").may_block


def test_what_is_exact_may_block_and_does_not_say_that_somebody_measured_it():
    assert is_precise(EXACT)
    assert text(EXACT) == long_text(EXACT) == "exact by construction, not measured"


def test_what_nobody_looked_at_may_not():
    assert not is_precise(None)
    assert text(None) == long_text(None) == "precision not measured"


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (Measure(Cases(33, 1, 12), Cases(3, 0, 4)), "precision 0.97 of 37 (3 its own)"),
        (Measure(Cases(9, 0, 1)), "precision 1.00 of 9"),
        (Measure(Cases(0, 0, 0), Cases(1, 0, 3)), "precision 1.00 of 1 (all its own), too few to block"),
        (Measure(Cases(1, 1, 0), Cases(1, 0, 3)), "precision 0.67 of 3 (1 its own)"),
    ],
)
def test_it_is_told_what_the_share_is_of(measured, said):
    assert text(measured) == said


def test_at_length_the_look_alikes_are_told():
    assert long_text(Measure(Cases(9, 0, 2))).endswith("; 2 look-alikes spared")
    assert long_text(Measure(Cases(9, 0, 0), Cases(1, 0, 2))).endswith("; 2 look-alikes spared (all its own)")
    assert long_text(Measure(Cases(9, 0, 1), Cases(1, 0, 2))).endswith("; 3 look-alikes spared (2 its own)")
