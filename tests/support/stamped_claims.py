"""Claims, ballots and epochs for tests, with ids that are easy to read: ``ident("A")`` is the letter 32 times."""

from msgspec import UNSET

from stemedb.clocks import pack
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.statements.model import Assertion, Boolean, Epoch, Number, Source, Text, Vote
from stemedb.types import Stamp, StatementId


def ident(label):
    """Return an id from a letter or a number."""
    return StatementId(label.encode() * 32 if isinstance(label, str) else label.to_bytes(32, "big"))


def at(ms, origin="north", counter=0):
    """Return a stamp."""
    return Stamp(pack(ms, counter), origin)


def value_of(value):
    """Return a Python value as a claim's value; what already is one stays."""
    if isinstance(value, bool):
        return Boolean(value)
    if isinstance(value, int | float):
        return Number(value)
    return Text(value) if isinstance(value, str) else value


def claim(
    label,
    value="x",
    *,
    ms=1,
    agent="alice",
    confidence=1.0,
    tier=2,
    lifecycle="approved",
    supersedes=(),
    relation="corrects",
    epoch=None,
    stamp=None,
):
    """Return a claim; `supersedes` and `epoch` are labels."""
    assertion = Assertion(
        subject="pkg://pypi/blake3",
        predicate="license",
        object=value_of(value),
        confidence=confidence,
        source=Source(tier, "https://example.org"),
        lifecycle=lifecycle,
        agent=agent,
        supersedes=tuple(ident(old).hex() for old in supersedes) if supersedes else UNSET,
        relation=relation if supersedes else UNSET,
        epoch=UNSET if epoch is None else ident(epoch).hex(),
    )
    return Claim(ident(label), assertion, stamp or at(ms))


def ballot(label, on, *, agent="alice", weight=1.0, ms=1):
    """Return a vote on the claim with label `on`."""
    return Ballot(ident(label), Vote(assertion=ident(on).hex(), agent=agent, weight=weight), at(ms))


def epoch(label, *, supersedes=None, relation="replaces", ms=1):
    """Return an epoch."""
    statement = Epoch(
        name=f"epoch {label}",
        supersedes=UNSET if supersedes is None else ident(supersedes).hex(),
        relation=UNSET if supersedes is None else relation,
    )
    return EpochEntry(ident(label), statement, at(ms))
