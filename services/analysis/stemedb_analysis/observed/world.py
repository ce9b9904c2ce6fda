"""The world as the log tells it: who demands what, what was observed where, and what follows.

::

                                     shipped corpus ─┐
    log ─▶ tell(claim | ballot | epoch) ─▶ authorities ─┤
                                        ─▶ observations ─┴─▶ settle() ─▶ findings, and what changed

Invariants

1. The findings are a function of the set of statements told and of the shipped corpus: order, repetition and the places of
   `settle` do not show.
2. A change of authority re-judges the observations of its path and predicate, and what those imply at their place, and no others;
   nothing is scanned again.
3. Everything is bounded. What a bound keeps out is counted in `refused`, never dropped in silence.

An authority is a claim of tier 0 to 3 on a path and predicate of the registry, whoever made it and on whichever replica; what
tiers 4 and 5 say are observations and hearsay, and judge nobody. What somebody answers for is acknowledged (`stemedb_analysis.project.acknowledge`)
on every replica. Observations and acknowledgements lose their standing as all claims do: superseded,
retracted, deprecated or rejected. Votes and retired epochs count for authorities.

Pure: no files, no bus, no clock; `today` is an argument.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from msgspec import UNSET

from stemedb.errors import InvalidInput
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.statements.lenses.lens import LIFECYCLES_LEFT_OUT
from stemedb.types import StatementId
from stemedb_analysis.judge import Judge
from stemedb_analysis.judge.implied import Place, place_of
from stemedb_analysis.model import Authority, Finding, Judgement
from stemedb_analysis.observed.assertions import Observed, check_project, is_observation, observed_of
from stemedb_analysis.observed.authorities import Authorities, Key, ReadAuthority
from stemedb_analysis.project.acknowledge import (
    ACKNOWLEDGEMENTS_MAX,
    PREDICATE,
    Acknowledgement,
    acknowledge,
    read,
)
from stemedb_analysis.registry import Registry

OBSERVATIONS_MAX: Final = 200_000
"""Of all projects together, at about 1 KiB each."""

ENDED_MAX: Final = 1_000_000
"""Superseded observations that are remembered, lest they come back; the oldest are forgotten first."""

AUTHORITY_TIER_MAX: Final = 3
"""The weakest tier that may demand anything."""


class Change(NamedTuple):
    """A finding that is new, gone, or judged otherwise: of another verdict or score, or by others."""

    id: StatementId
    project: str
    before: Finding | None
    after: Finding | None

    @property
    def verdicts(self) -> tuple[Judgement | None, Judgement | None]:
        """What it was judged before and after; ``None`` where there was or is nothing."""
        return (self.before and self.before.judgement, self.after and self.after.judgement)


class World:
    """Owned by one thread; `tell` it entries of the log in any order, `settle` when a page has been told."""

    def __init__(
        self,
        registry: Registry,
        read_authority: ReadAuthority,
        make_judge: Callable[[Iterable[Authority]], Judge],
        shipped: Iterable[Claim] = (),
    ) -> None:
        """`shipped` are the claims of the corpus, which speak whether or not they are told."""
        self._registry = registry
        self._make_judge = make_judge
        self._observed: dict[StatementId, Observed] = {}
        self._accepted: dict[StatementId, tuple[str, Acknowledgement]] = {}
        self._today = date.min
        self._ended: dict[StatementId, None] = {}  # in the order in which they ended
        self._by_key: dict[Key, set[StatementId]] = {}
        self._by_place: dict[tuple[str, Place], set[StatementId]] = {}
        self._findings: dict[StatementId, Finding] = {}
        self._dirty: dict[StatementId, str] = {}
        self._kept_out: Counter[str] = Counter()
        self.authorities = Authorities(read_authority, shipped)
        """Who demands what; told and settled by this world."""
        self.authorities.settle()
        self._judge = make_judge(self.authorities)

    @property
    def refused(self) -> Counter[str]:
        """What bounds and rules kept out, by reason; who would be an authority and cannot be read as of the last `settle`."""
        unreadable = Counter(one.reason for one in self.authorities.refused)
        return self._kept_out + self.authorities.kept_out + unreadable

    @property
    def judge(self) -> Judge:
        """The judge as of the last `settle`."""
        return self._judge

    @property
    def findings(self) -> Mapping[StatementId, Finding]:
        """As of the last `settle`, by the id of the observation; to be read only."""
        return self._findings

    def observed(self, id_: StatementId) -> Observed:
        """Return the observation behind a finding."""
        return self._observed[id_]

    def standing_of(self, project: str) -> dict[StatementId, Observed]:
        """Return the observations of one project that stand. O(observations)."""
        return {id_: seen for id_, seen in self._observed.items() if seen.project == project}

    def projects(self) -> Counter[str]:
        """Return how many observations each project has."""
        return Counter(seen.project for seen in self._observed.values())

    def tell_claim(self, claim: Claim) -> None:
        """Take in an assertion; one that was told before may come with another stamp."""
        statement = claim.statement
        if statement.supersedes is not UNSET:
            for old in statement.supersedes:
                self._end(StatementId(bytes.fromhex(old)), by=claim)
        if is_observation(claim) and statement.predicate == PREDICATE:
            self._tell_acknowledgement(claim)
        elif is_observation(claim):
            self._tell_observation(claim)
        elif statement.source.tier <= AUTHORITY_TIER_MAX:
            self.authorities.tell_claim(claim)

    def tell_ballot(self, ballot: Ballot) -> None:
        """Take in a vote."""
        self.authorities.tell_ballot(ballot)

    def tell_epoch(self, epoch: EpochEntry) -> None:
        """Take in an epoch."""
        self.authorities.tell_epoch(epoch)

    def was_ended(self, id_: StatementId) -> bool:
        """Return whether an observation was superseded, whoever did it and whether or not it was ever told."""
        return id_ in self._ended

    def settle(self, today: date) -> list[Change]:
        """Judge what was told since the last time, and return what changed, by id; acknowledgements end with their last day."""
        if today != self._today:
            for project in {project for project, one in self._accepted.values() if one.until is not None}:
                self._touch(project)
            self._today = today
        affected, self._dirty = self._dirty, {}
        accepted: dict[str, list[Acknowledgement]] = {}
        for _, (project, one) in sorted(self._accepted.items()):
            accepted.setdefault(project, []).append(one)
        moved = self.authorities.settle()
        if moved:
            self._judge = self._make_judge(self.authorities)
        affected |= {id_: self._observed[id_].project for key in moved for id_ in self._by_key.get(key, ())}
        affected |= {other: project for id_, project in affected.items() for other in self._beside(id_)}
        judged = self._judged(affected)
        changes = []
        for id_, project in sorted(affected.items()):
            before = self._findings.pop(id_, None)
            after = judged.get(id_)
            if after is not None:
                if project in accepted:
                    open_, closed = acknowledge([after], accepted[project], today)
                    (after,) = open_ or closed
                self._findings[id_] = after
            if before != after:
                changes.append(Change(id_, project, before, after))
        return changes

    def _judged(self, affected: Mapping[StatementId, str]) -> dict[StatementId, Finding]:
        """Return the findings of those that stand; whoever stands beside one of them must be among them."""
        projects: dict[str, list[StatementId]] = {}
        for id_, project in affected.items():
            if id_ in self._observed:
                projects.setdefault(project, []).append(id_)
        judged: dict[StatementId, Finding] = {}
        for ids in projects.values():
            findings = self._judge.findings([self._observed[id_].observation for id_ in ids])
            judged |= zip(ids, findings, strict=True)
        return judged

    def _beside(self, id_: StatementId) -> Iterable[StatementId]:
        """Return the observations that may imply this one or be implied by it, itself among them."""
        seen = self._observed.get(id_)
        place = seen and place_of(seen.observation)
        return () if seen is None or place is None else self._by_place[seen.project, place]

    def _tell_observation(self, claim: Claim) -> None:
        statement = claim.statement
        if claim.id in self._observed or claim.id in self._ended:
            return
        if statement.relation == "retracts" or statement.lifecycle in LIFECYCLES_LEFT_OUT:
            return
        seen = observed_of(claim, self._registry)
        if seen is None or len(self._observed) >= OBSERVATIONS_MAX:
            self._kept_out["observations"] += 1
            return
        self._observed[claim.id] = seen
        self._by_key.setdefault((seen.observation.path, seen.observation.predicate), set()).add(claim.id)
        place = place_of(seen.observation)
        if place is not None:
            self._by_place.setdefault((seen.project, place), set()).add(claim.id)
        self._dirty[claim.id] = seen.project

    def _tell_acknowledgement(self, claim: Claim) -> None:
        statement = claim.statement
        if claim.id in self._accepted or claim.id in self._ended or statement.relation == "retracts":
            return
        if statement.lifecycle in LIFECYCLES_LEFT_OUT:
            return
        try:
            one = read(statement, statement.subject)
            project = check_project(statement.subject.split("/")[3])
        except (InvalidInput, IndexError):
            self._kept_out["acknowledgements"] += 1
            return
        if len(self._accepted) >= ACKNOWLEDGEMENTS_MAX:
            self._kept_out["acknowledgements"] += 1
            return
        self._accepted[claim.id] = (project, one)
        self._touch(project)

    def _touch(self, project: str) -> None:
        self._dirty |= dict.fromkeys(self.standing_of(project), project)

    def _end(self, id_: StatementId, *, by: Claim) -> None:
        beside = self._beside(id_)
        seen = self._observed.pop(id_, None)
        if seen is not None:
            self._dirty |= dict.fromkeys(beside, seen.project)
            self._leave_place(id_, seen)
            self._by_key[seen.observation.path, seen.observation.predicate].discard(id_)
            self._dirty[id_] = seen.project
        accepted = self._accepted.pop(id_, None)
        if accepted is not None:
            self._touch(accepted[0])
        if seen is not None or accepted is not None or id_ in self._ended or is_observation(by):
            self._ended[id_] = None
            if len(self._ended) > ENDED_MAX:
                del self._ended[next(iter(self._ended))]

    def _leave_place(self, id_: StatementId, seen: Observed) -> None:
        place = place_of(seen.observation)
        if place is not None:
            there = self._by_place[seen.project, place]
            there.discard(id_)
            if not there:
                del self._by_place[seen.project, place]
