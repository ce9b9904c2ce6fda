"""The truth table of the witness."""

import pytest

from stemedb.merkle import Checkpoint, Frontier
from stemedb.types import Digest, LogSize
from stemedb_sync.witness import Verdict, judge, judge_entries

R, S = Digest(b"r" * 32), Digest(b"s" * 32)


def checkpoint(size, root):
    return Checkpoint("stemedb/west", LogSize(size), root)


@pytest.mark.parametrize(
    ("known", "new", "newer", "verdict"),
    [
        (None, (0, R), True, Verdict.FOLLOW),
        (None, (7, R), False, Verdict.FOLLOW),
        ((7, R), (7, R), True, Verdict.LEVEL),
        ((7, R), (7, R), False, Verdict.LEVEL),
        ((7, R), (7, S), True, Verdict.FORK),
        ((7, R), (7, S), False, Verdict.FORK),
        ((7, R), (8, S), True, Verdict.FOLLOW),
        ((7, R), (8, R), False, Verdict.STALE),
        ((7, R), (6, S), False, Verdict.STALE),
        ((7, R), (6, S), True, Verdict.ROLLBACK),
        ((7, R), (0, S), True, Verdict.ROLLBACK),
    ],
)
def test_the_verdict_follows_from_size_root_and_order(known, new, newer, verdict):
    assert judge(known and checkpoint(*known), checkpoint(*new), newer=newer) is verdict


def test_only_rollback_fork_and_rewrite_break_a_promise():
    assert {verdict for verdict in Verdict if verdict.is_broken_promise} == {
        Verdict.ROLLBACK,
        Verdict.FORK,
        Verdict.REWRITE,
    }


def test_entries_that_lead_to_the_signed_root_are_followed_and_others_are_a_rewrite():
    frontier = Frontier().extend([bytes([i]) * 32 for i in range(5)])
    assert judge_entries(frontier, checkpoint(5, frontier.root)) is Verdict.FOLLOW
    other = Frontier().extend([bytes([i]) * 32 for i in range(1, 6)])
    assert judge_entries(other, checkpoint(5, frontier.root)) is Verdict.REWRITE


def test_entries_of_another_size_are_misuse():
    with pytest.raises(ValueError, match="size 0 and checkpoint of size 5"):
        judge_entries(Frontier(), checkpoint(5, R))
