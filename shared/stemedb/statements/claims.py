"""Statements as a reader sees them: with their id and the stamp of their first acceptance.

A statement alone does not say when it counts from; the map of a replica does. These three pair the two up, and are
what supersession and the lenses work on.
"""

from typing import NamedTuple

from stemedb.statements.model import Assertion, Epoch, Vote
from stemedb.types import Stamp, StatementId


class Claim(NamedTuple):
    """An assertion, its id, and when and where it was first accepted."""

    id: StatementId
    statement: Assertion
    stamp: Stamp


class Ballot(NamedTuple):
    """A vote, its id, and when and where it was accepted."""

    id: StatementId
    statement: Vote
    stamp: Stamp


class EpochEntry(NamedTuple):
    """An epoch, its id, and when and where it was first accepted."""

    id: StatementId
    statement: Epoch
    stamp: Stamp
