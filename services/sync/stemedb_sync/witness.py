"""Judging what a peer signs: whether a checkpoint goes on from the one before.

::

    what is known of the peer           the new checkpoint            verdict
    nothing                             any                           FOLLOW
    size n, root r                      size n, root r                LEVEL
    size n, root r                      size n, another root          FORK       whichever was signed first
    size n                              another, in an older digest   STALE      the bus delivered late, or somebody repeats it
    size n                              smaller, in a newer digest    ROLLBACK
    size n                              larger, in a newer digest     FOLLOW     and judged again when its entries are there:
    frontier at the size it names       its root                      FOLLOW
    frontier at the size it names       another root                  REWRITE    or the entries were not those of the log

Signing a size promises that every later checkpoint continues it. A replica that breaks the promise may have been tampered
with, may tell different stories to different peers, or was restored from an old copy by somebody honest: the signatures
look the same, and in each case what others took from it no longer stands in its log. So a person decides.

Pure: checkpoints and frontiers in, a verdict out. Whether a REWRITE can be proved to others is for `stemedb.merkle.evidence`.
"""

from enum import Enum

from stemedb.merkle import Checkpoint, Frontier


class Verdict(Enum):
    """What a checkpoint says about the peer that signed it."""

    FOLLOW = "follow"
    LEVEL = "level"
    STALE = "stale"
    ROLLBACK = "rollback"
    FORK = "fork"
    REWRITE = "rewrite"

    @property
    def is_broken_promise(self) -> bool:
        """Whether the peer contradicts what it signed before."""
        return self in {Verdict.ROLLBACK, Verdict.FORK, Verdict.REWRITE}


def judge(known: Checkpoint | None, new: Checkpoint, *, newer: bool) -> Verdict:
    """Return what `new` says, given the largest checkpoint known of the same origin; both are verified.

    `newer` says that the digest it came in was certainly made after the one of `known`: both are signed.
    """
    if known is None:
        return Verdict.FOLLOW
    if new.size == known.size:
        return Verdict.LEVEL if new.root == known.root else Verdict.FORK
    if not newer:
        return Verdict.STALE
    return Verdict.FOLLOW if new.size > known.size else Verdict.ROLLBACK


def judge_entries(frontier: Frontier, checkpoint: Checkpoint) -> Verdict:
    """Return whether the entries that made `frontier` are those that `checkpoint` was signed over.

    Requires ``frontier.size == checkpoint.size``.
    """
    if frontier.size != checkpoint.size:
        raise ValueError(f"frontier of size {frontier.size} and checkpoint of size {checkpoint.size}")
    return Verdict.FOLLOW if frontier.root == checkpoint.root else Verdict.REWRITE
