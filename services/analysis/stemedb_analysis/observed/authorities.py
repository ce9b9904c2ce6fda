"""Who demands what: the claims of tier 0 to 3 that stand in a replica, beside the shipped corpus.

::

    claims, votes, epochs of the log ─┐
                                      ├─▶ who stands ─▶ read ─▶ authorities, by path and predicate
    shipped corpus, told or not ──────┘                  └────▶ refused: meant as an authority, and cannot be read as one

The shipped corpus speaks as if every log began with it. So nobody is judged by nobody because a replica was never given the corpus, and
giving it the corpus changes no verdict: ids are the same. What supersedes, deprecates or votes on a fact of it is honoured
as for any claim, told before it, after it or without it.

Invariants

1. Who stands is a function of the set of statements told and of the corpus: order and repetition do not show.
2. A fact that the log holds in somebody's own name speaks once, and as the log has it.
3. Everything is bounded. What a bound keeps out is counted in `kept_out`, never dropped in silence.

Pure: statements in, authorities out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from msgspec import UNSET, structs

from stemedb.statements import Assertion
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.types import StatementId
from stemedb_analysis.judge import standing
from stemedb_analysis.model import Authority, Refused

AUTHORITIES_MAX: Final = 50_000
"""Claims that may be authorities, standing or not: all of them are looked at when one comes."""

REFUSED_MAX: Final = 10_000
"""Claims that cannot be read and are remembered, so that they count no more once somebody has superseded them."""

BALLOTS_MAX: Final = 200_000
"""Last votes. A vote does not say what kind of claim it is on, so those on anything are kept."""

EPOCHS_MAX: Final = 50_000

Key: TypeAlias = tuple[str, str]
ReadAuthority: TypeAlias = Callable[[Claim, float], Authority | Refused | None]
"""Makes an authority of a claim and the confidence that votes leave it, says why it cannot be read as one, or that it never was meant to."""


class Authorities:
    """Owned by a world; `tell…` it claims of tier 0 to 3, votes and epochs in any order, `settle` when a page has been told."""

    def __init__(self, read: ReadAuthority, shipped: Iterable[Claim] = ()) -> None:
        """`shipped` are the claims that speak whether or not they are told."""
        self._read = read
        self._claims: dict[StatementId, Claim] = {}
        self._unreadable: dict[StatementId, Refused] = {}
        self._ballots: dict[tuple[str, str], Ballot] = {}
        self._epochs: dict[StatementId, EpochEntry] = {}
        self._shipped = {claim.id: claim for claim in shipped}
        self._facts = {_fact(claim.statement): claim for claim in self._shipped.values()}
        self._in_other_names: set[StatementId] = set()
        self._by_key: dict[Key, tuple[Authority, ...]] = {}
        self._is_dirty = True
        self.kept_out: Counter[str] = Counter()
        """What bounds kept out, by reason."""
        self.refused: tuple[Refused, ...] = ()
        """Claims that stand and cannot be read, as of the last `settle`; sorted."""
        self.times_settled = 0
        """How often it was found out who stands: as long as it stays, so do they."""

    def __iter__(self) -> Iterator[Authority]:
        """Yield those who stand, as of the last `settle`."""
        return (authority for group in self._by_key.values() for authority in group)

    def is_told(self, authority: Authority) -> bool:
        """Return whether an authority stands in the log, and not only in the shipped corpus."""
        return StatementId(bytes.fromhex(authority.id)) in self._claims

    def tell_claim(self, claim: Claim) -> None:
        """Take in an assertion of tier 0 to 3; of the many claims that a store holds, few demand anything of code."""
        if claim.id not in self._claims and not self._is_kept(claim):
            return
        self._claims[claim.id] = claim
        fact = self._facts.get(_fact(claim.statement))
        if fact is not None and claim.id != fact.id and _says_the_same(claim.statement, fact.statement):
            self._in_other_names.add(fact.id)
        self._is_dirty = True

    def tell_ballot(self, ballot: Ballot) -> None:
        """Take in a vote; the one with the largest stamp of an agent on a claim lives."""
        key = (ballot.statement.assertion, ballot.statement.agent)
        known = self._ballots.get(key)
        if known is not None and (ballot.stamp, ballot.id) <= (known.stamp, known.id):
            return
        if known is None and len(self._ballots) >= BALLOTS_MAX:
            self.kept_out["ballots"] += 1
            return
        self._ballots[key] = ballot
        on = StatementId(bytes.fromhex(ballot.statement.assertion))
        self._is_dirty |= on in self._claims or on in self._shipped

    def tell_epoch(self, epoch: EpochEntry) -> None:
        """Take in an epoch."""
        if epoch.id not in self._epochs and len(self._epochs) >= EPOCHS_MAX:
            self.kept_out["epochs"] += 1
            return
        self._epochs[epoch.id] = epoch
        self._is_dirty = True

    def settle(self) -> frozenset[Key]:
        """Find out who stands now, and return the paths and predicates of which somebody says something else than before."""
        if not self._is_dirty:
            return frozenset()
        self._is_dirty = False
        self.times_settled += 1
        claims = self._heard()
        hexes = {id_.hex() for id_ in claims}
        ballots = [ballot for (on, _), ballot in self._ballots.items() if on in hexes]
        groups: dict[Key, list[Authority]] = {}
        refused = []
        for claim, confidence in standing(claims.values(), ballots, list(self._epochs.values())):
            read = self._unreadable.get(claim.id) or self._read(claim, confidence)
            if isinstance(read, Refused):
                refused.append(read)
            elif read is not None:
                groups.setdefault((read.path, read.predicate), []).append(read)
        self.refused = tuple(sorted(refused))
        before, self._by_key = self._by_key, {key: tuple(group) for key, group in groups.items()}
        keys = before.keys() | self._by_key.keys()
        return frozenset(key for key in keys if before.get(key) != self._by_key.get(key))

    def _is_kept(self, claim: Claim) -> bool:
        """Whether a claim that was never told may count: as an authority, as one that cannot be read, or as what supersedes one."""
        read = self._read(claim, 1.0)
        if read is None and claim.statement.supersedes is UNSET:
            return False
        if len(self._claims) >= AUTHORITIES_MAX:
            self.kept_out["authorities"] += 1
            return False
        if isinstance(read, Refused):
            if len(self._unreadable) >= REFUSED_MAX:
                self.kept_out[read.reason] += 1
                return False
            self._unreadable[claim.id] = read
        return True

    def _heard(self) -> Mapping[StatementId, Claim]:
        """Return the claims of the log, and those of the corpus that it does not hold."""
        shipped = {id_: claim for id_, claim in self._shipped.items() if id_ not in self._in_other_names}
        return shipped | self._claims


def _fact(statement: Assertion) -> tuple[str, str, str]:
    """Return what a fact is known by, whoever states it."""
    metadata = {} if statement.metadata is UNSET else statement.metadata
    return (statement.subject, statement.predicate, metadata.get("id", ""))


def _says_the_same(one: Assertion, other: Assertion) -> bool:
    """Return whether two assertions differ at most in who makes them and when."""
    return structs.replace(one, agent=other.agent, signature=UNSET, asserted_at=UNSET) == other
