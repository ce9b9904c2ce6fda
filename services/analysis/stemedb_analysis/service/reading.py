"""The service's view of the log: a world, told page by page on one thread, and what is asked of it.

::

    LogReply ─▶ of interest? ─▶ world.tell… ─▶ settle ─▶ changes
                 │ no                                    findings, counts ◀─ requests
                 └─▶ passed over: most claims of a store are not about code

Who judges is said here for the service and for the command line beside a replica alike: who stands in the log, and the shipped corpus as
far as the log does not hold it.

The thread of the world is the only one that touches it. A restart reads the log from its beginning: the log is what is
durable here, and the world can be had from it at some 40,000 entries a second.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Final, NamedTuple, get_args

import orjson

from stemedb.bus.messages import FindingsReply, FindingsRequest, LogEntry
from stemedb.errors import InvalidInput
from stemedb.statements import parse
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.types import Kind, StatementId
from stemedb_analysis.corpus.as_assertions import as_claims, nearest, read, resembles_policy
from stemedb_analysis.judge import Judge, Thresholds
from stemedb_analysis.model import Authority, Finding, Judgement, Refused
from stemedb_analysis.observed import Change, Observed, World, plan
from stemedb_analysis.observed.assertions import SCHEME
from stemedb_analysis.registry import Registry
from stemedb_analysis.service.wire import finding_message

Counts = dict[str, dict[Judgement, int]]
"""Project → verdict → findings, acknowledged ones as PASS."""

JUDGEMENTS: Final[tuple[Judgement, ...]] = get_args(Judgement)
REFUSED_SHOWN: Final = 20
"""Claims that cannot be read, of which a status names the nearest."""


class Told(NamedTuple):
    """What one page brought."""

    changes: list[Change]
    touched: list[tuple[str, str]]
    """Subject and predicate of each assertion in it, of interest or not."""
    is_other: bool
    """Whether the summary may be another one than before."""


class Summary(NamedTuple):
    """What the world holds, in numbers."""

    counts: Counts
    authorities: Counter[int]
    """Tier → how many stand in the log."""
    shipped: Counter[int]
    """Tier → how many facts of the shipped corpus speak that the log does not hold."""
    refused: Counter[str]
    """Reason → what was kept out, or cannot be read."""


class Reading:
    """Belongs to one thread."""

    def __init__(
        self,
        registry: Registry,
        thresholds: Thresholds,
        may_block: Callable[[str], bool] = lambda rule: True,  # noqa: ARG005 - every rule
    ) -> None:
        """`may_block` tells of a rule's id whether its measured precision suffices."""
        self._registry = registry
        self._world = World(
            registry,
            partial(_read_authority, registry),
            lambda authorities: Judge(registry, authorities, thresholds=thresholds, may_block=may_block),
            as_claims(registry),
        )
        self._unreadable = 0
        self._state = (0, Counter[str]())

    def tell(self, entries: Iterable[LogEntry], today: date) -> Told:
        """Take in a page of the log and return what it changed."""
        touched = []
        for entry in entries:
            if entry.kind == "assertion":
                touched.append((str(entry.statement.get("subject")), str(entry.statement.get("predicate"))))
                if not self._is_of_interest(entry):
                    continue
            self._tell(entry)
        changes = self._world.settle(today)
        state = (self._world.authorities.times_settled, self._refused())
        is_other, self._state = bool(changes) or state != self._state, state
        return Told(changes, touched, is_other)

    def findings(self, request: FindingsRequest, applied: int) -> FindingsReply:
        """Return one page of findings. O(findings)."""
        after = b"" if request.after is None else bytes.fromhex(request.after)
        counts = dict.fromkeys(JUDGEMENTS, 0)
        wanted: list[tuple[StatementId, str, Finding]] = []
        for id_, finding in self._world.findings.items():
            project = self._world.observed(id_).project
            if request.project is not None and project != request.project:
                continue
            verdict = effective(finding)
            counts[verdict] += 1
            if verdict in request.verdicts and id_ > after:
                wanted.append((id_, project, finding))
        wanted.sort(key=lambda row: row[0])
        page = wanted[: request.limit]
        return FindingsReply(
            findings=tuple(finding_message(*row) for row in page),
            next=page[-1][0].hex() if len(wanted) > len(page) else None,
            block=counts["BLOCK"],
            flag=counts["FLAG"],
            passed=counts["PASS"],
            unjudged=counts["UNJUDGED"],
            applied=applied,
        )

    @property
    def authorities(self) -> list[Authority]:
        """Who judges: those that stand in the log, and those of the shipped corpus that it has never heard of."""
        return self._world.judge.authorities

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Claims of the log that would be authorities and cannot be read."""
        return self._world.authorities.refused

    def summary(self) -> Summary:
        """Return what the world holds. O(findings)."""
        counts: Counts = {}
        for id_, finding in self._world.findings.items():
            rows = counts.setdefault(self._world.observed(id_).project, dict.fromkeys(JUDGEMENTS, 0))
            rows[effective(finding)] += 1
        told, shipped = self._tiers()
        return Summary(counts, told, shipped, self._refused())

    def unreadable(self) -> list[tuple[Refused, tuple[str, ...]]]:
        """Return the first of the claims that would be authorities, each with the nearest names of the registry: some 5 ms each."""
        return [(one, nearest(one, self._registry)) for one in self.refused[:REFUSED_SHOWN]]

    def plan(self, project: str, observed: Sequence[Observed]) -> list[dict[str, object]]:
        """Return what to publish so that the store says of `project` what was `observed`."""
        return plan(self._world.standing_of(project), observed, self._world.was_ended)

    def _tiers(self) -> tuple[Counter[int], Counter[int]]:
        told, shipped = Counter[int](), Counter[int]()
        for one in self._world.authorities:
            (told if self._world.authorities.is_told(one) else shipped)[one.tier] += 1
        return told, shipped

    def _refused(self) -> Counter[str]:
        return self._world.refused + Counter(unreadable=self._unreadable)

    def _is_of_interest(self, entry: LogEntry) -> bool:
        """Whether an assertion may be an observation, an authority, or what supersedes one."""
        statement = entry.statement
        subject = str(statement.get("subject"))
        return (
            self._registry.has_predicate(str(statement.get("predicate")))
            or "supersedes" in statement
            or subject.startswith(f"{SCHEME}://")
            or self._registry.is_word(subject.rpartition("/")[2])
        )

    def _tell(self, entry: LogEntry) -> None:
        try:
            parsed = parse(orjson.dumps(entry.statement))
        except InvalidInput:
            self._unreadable += (
                1  # of a later version of the software, whose statements may have more members
            )
            return
        id_, stamp = StatementId(bytes.fromhex(entry.id)), entry.stamp.core
        if parsed.kind is Kind.ASSERTION:
            self._world.tell_claim(Claim(id_, parsed.statement, stamp))  # type: ignore[arg-type]  # as the kind says
        elif parsed.kind is Kind.VOTE:
            self._world.tell_ballot(Ballot(id_, parsed.statement, stamp))  # type: ignore[arg-type]  # as above
        else:
            self._world.tell_epoch(EpochEntry(id_, parsed.statement, stamp))  # type: ignore[arg-type]  # as above


def effective(finding: Finding) -> Judgement:
    """Return what is counted: a finding that somebody answers for has passed."""
    return "PASS" if finding.acknowledged and finding.opinions else finding.judgement


def _read_authority(registry: Registry, claim: Claim, confidence: float) -> Authority | Refused | None:
    one = read(claim.id.hex(), claim.statement, registry)
    if isinstance(one, Authority):
        return one._replace(confidence=confidence)
    return one if one is not None and resembles_policy(one, registry) else None
