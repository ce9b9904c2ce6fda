"""The service's view of the log: a world, told page by page on one thread, and what is asked of it.

::

    LogReply ─▶ of interest? ─▶ world.tell… ─▶ settle ─▶ changes
                 │ no                                    findings, counts ◀─ requests
                 └─▶ passed over: most claims of a store are not about code

The thread of the world is the only one that touches it. A restart reads the log from its beginning: the log is what is
durable here, and the world can be had from it at some 40,000 entries a second.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Final, NamedTuple

import orjson

from stemedb.bus.messages import FindingsReply, FindingsRequest, LogEntry
from stemedb.errors import InvalidInput
from stemedb.statements import parse
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.types import Kind, StatementId
from stemedb_analysis.corpus.as_assertions import from_assertions
from stemedb_analysis.judge import Judge, Thresholds
from stemedb_analysis.model import Authority, Finding, Verdict
from stemedb_analysis.observed import Change, Observed, World, plan
from stemedb_analysis.observed.assertions import SCHEME
from stemedb_analysis.registry import Registry
from stemedb_analysis.service.wire import finding_message

Counts = dict[str, dict[Verdict, int]]
"""Project → verdict → findings, acknowledged ones as PASS."""

VERDICTS: Final[tuple[Verdict, ...]] = ("BLOCK", "FLAG", "PASS")


class Told(NamedTuple):
    """What one page brought."""

    changes: list[Change]
    touched: list[tuple[str, str]]
    """Subject and predicate of each assertion in it, of interest or not."""


class Summary(NamedTuple):
    """What the world holds, in numbers."""

    counts: Counts
    authorities: dict[int, int]
    """Tier → how many stand."""
    refused: dict[str, int]


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
        self._predicates = frozenset(predicate for _, predicate in registry)
        self._world = World(
            registry,
            partial(_read_authority, registry),
            lambda authorities: Judge(registry, authorities, thresholds=thresholds, may_block=may_block),
        )
        self._unreadable = 0

    def tell(self, entries: Iterable[LogEntry], today: date) -> Told:
        """Take in a page of the log and return what it changed."""
        touched = []
        for entry in entries:
            if entry.kind == "assertion":
                touched.append((str(entry.statement.get("subject")), str(entry.statement.get("predicate"))))
                if not self._is_of_interest(entry):
                    continue
            self._tell(entry)
        return Told(self._world.settle(today), touched)

    def findings(self, request: FindingsRequest, applied: int) -> FindingsReply:
        """Return one page of findings. O(findings)."""
        after = b"" if request.after is None else bytes.fromhex(request.after)
        counts = dict.fromkeys(VERDICTS, 0)
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
            applied=applied,
        )

    @property
    def authorities(self) -> list[Authority]:
        """Those that stand."""
        return list(self._world.judge.authorities)

    def summary(self) -> Summary:
        """Return what the world holds. O(findings)."""
        counts: Counts = {}
        for id_, finding in self._world.findings.items():
            rows = counts.setdefault(self._world.observed(id_).project, dict.fromkeys(VERDICTS, 0))
            rows[effective(finding)] += 1
        tiers: dict[int, int] = {}
        for authority in self._world.judge.authorities:
            tiers[authority.tier] = tiers.get(authority.tier, 0) + 1
        refused = dict(self._world.refused)
        if self._unreadable:
            refused["unreadable"] = self._unreadable
        return Summary(counts, tiers, refused)

    def plan(self, project: str, observed: Sequence[Observed]) -> list[dict[str, object]]:
        """Return what to publish so that the store says of `project` what was `observed`."""
        return plan(self._world.standing_of(project), observed, self._world.was_ended)

    def _is_of_interest(self, entry: LogEntry) -> bool:
        """Whether an assertion may be an observation, an authority, or what supersedes one."""
        statement = entry.statement
        return (
            statement.get("predicate") in self._predicates
            or "supersedes" in statement
            or str(statement.get("subject")).startswith(f"{SCHEME}://")
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


def effective(finding: Finding) -> Verdict:
    """Return the verdict with acknowledgements honoured."""
    return "PASS" if finding.acknowledged else finding.verdict


def _read_authority(registry: Registry, claim: Claim, confidence: float) -> Authority | None:
    reading = from_assertions([(claim.id.hex(), claim.statement)], registry)
    return reading.authorities[0]._replace(confidence=confidence) if reading.authorities else None
