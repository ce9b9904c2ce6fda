"""Lenses: ways to resolve contradictory claims when they are read."""

from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.statements.lenses.agreement import Consensus, Votes, living
from stemedb.statements.lenses.authority import Authority, Layered
from stemedb.statements.lenses.catalogue import LENS_DEPTH_MAX, LENSES, lens
from stemedb.statements.lenses.lens import Lens, Question, admit
from stemedb.statements.lenses.merit import Confidence, Recency
from stemedb.statements.lenses.narrowing import Bounds, Constraints, EpochAware
from stemedb.statements.lenses.resolution import Ranked, Resolution
from stemedb.statements.lenses.skeptic import Skeptic

__all__ = [
    "LENSES",
    "LENS_DEPTH_MAX",
    "Authority",
    "Ballot",
    "Bounds",
    "Claim",
    "Confidence",
    "Consensus",
    "Constraints",
    "EpochAware",
    "EpochEntry",
    "Layered",
    "Lens",
    "Question",
    "Ranked",
    "Recency",
    "Resolution",
    "Skeptic",
    "Votes",
    "admit",
    "lens",
    "living",
]
