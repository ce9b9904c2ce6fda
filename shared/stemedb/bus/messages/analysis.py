"""Messages of the analysis service."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from stemedb.bus.messages.base import Count, HexDigest, Message, Reply, Request

PAGE_MAX = 500
"""Findings per page: each some 2 KiB with its opinions, a page stays below the server's ``max_payload``."""

PAGE_DEFAULT = 100
PATH_MAX = 4096
OPINIONS_MAX = 8
"""Of one finding that are sent, the weightiest first; `opinions_left_out` counts the rest."""

Verdict = Literal["BLOCK", "FLAG", "PASS", "UNJUDGED"]
"""What follows for an observation; ``UNJUDGED`` if no authority speaks of it, so that it has passed nothing."""

Project = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$")]
Value = bool | int | float | str


class ScanRequest(Request):
    """Scan code and publish what it claims: exactly one of `path` and `object`."""

    project: Project
    path: Annotated[str, StringConstraints(max_length=PATH_MAX)] | None = None
    """Below the directory that the service was given to scan."""
    object: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}/[^/\s][^\s]{0,1000}$")] | None = (
        None
    )
    """``bucket/name`` of a tar archive, compressed or not, in the JetStream object store."""
    publish: bool = True
    """Publish what was observed; else the scan only says how much that would be."""

    @model_validator(mode="after")
    def _one_source(self) -> "ScanRequest":
        if (self.path is None) == (self.object is None):
            raise ValueError("give a path or an object, one of the two")
        return self


class ScanReply(Reply):
    """The scan waits for its turn; its progress comes as events."""

    scan: str
    """Its name in the events."""
    ahead: Count
    """Scans that come first."""


class ScanEvent(Message):
    """Event: how far a scan is."""

    replica: str
    scan: str
    project: Project
    state: Literal["running", "done", "failed"]
    files: Count = 0
    """Scanned so far."""
    lines: Count = 0
    skipped: Count = 0
    """Passed over, for whatever reason."""
    observations: Count = 0
    """Places where the code claims something."""
    published: Count = 0
    """Statements that the store did not have: new, replacing and taking back."""
    block: Count = 0
    flag: Count = 0
    unjudged: Count = 0
    """Findings of the project by verdict, when it is done."""
    reason: str = ""
    """Why it failed."""


class Opinion(Message):
    """What one authority demands, and whether the observation is as demanded."""

    id: str
    """Of the statement, hex."""
    agrees: bool
    score: float
    tier: Annotated[int, Field(ge=0, le=5)]
    comparison: str
    value: Value | tuple[Value, ...]
    citation: str
    url: str
    summary: str


class Finding(Message):
    """An observation and what the authorities that stand make of it."""

    id: HexDigest
    """Of the assertion that is the observation."""
    project: Project
    path: str
    """Tail path, as in the registry."""
    predicate: str
    value: Value
    file: str
    line: Count
    column: Count
    end_line: Count
    end_column: Count
    text: str
    rule: str
    language: str
    confidence: float
    verdict: Verdict
    score: float
    acknowledged: str = ""
    """The reason, if a person accepted it."""
    opinions: tuple[Opinion, ...] = ()
    opinions_left_out: Count = 0


class FindingEvent(Message):
    """Event: a finding is new, gone, or of another verdict."""

    replica: str
    id: HexDigest
    project: Project
    before: Verdict | None = None
    after: Verdict | None = None
    finding: Finding | None = None
    """As it is now; absent when it is gone."""
    applied: Count
    """Log size that it follows from."""


class FindingsRequest(Request):
    """What was observed and how it is judged now, by id."""

    project: Project | None = None
    verdicts: tuple[Verdict, ...] = ("BLOCK", "FLAG")
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT
    after: HexDigest | None = None
    """`next` of the page before."""
    wait_size: Count | None = None
    """Log size that must have been taken in before the answer is made."""
    timeout_ms: Annotated[int, Field(ge=1, le=30_000)] = 2000


class FindingsReply(Reply):
    """One page, in the order of ids."""

    findings: tuple[Finding, ...]
    next: HexDigest | None = None
    """Where the next page begins; absent on the last."""
    block: Count
    flag: Count
    passed: Count
    unjudged: Count
    """How many there are of each verdict, all pages together."""
    applied: Count
    """Log size that the answer is based on."""


class AnalysisStatusRequest(Request):
    """What the service knows."""


class ProjectStatus(Message):
    """One project's findings, acknowledged ones counted as passed, those that met no authority as unjudged."""

    project: Project
    block: Count
    flag: Count
    passed: Count
    unjudged: Count


class RefusedClaim(Message):
    """A claim that would be an authority and cannot be read as one."""

    subject: str
    predicate: str
    reason: str
    """``unregistered``: nothing of that name can be observed; ``value``, ``comparison``: it can, and not so."""
    why: str
    nearest: tuple[str, ...]
    """Paths and predicates that may have been meant."""


class Contested(Message):
    """A subject and predicate on which claims disagree, by the lens ``skeptic``."""

    subject: str
    predicate: str
    disagreement: float
    """0..1"""
    claims: Count


class AnalysisStatusReply(Reply):
    """What the service knows."""

    replica: str
    version: str
    applied: Count
    """Log size taken in."""
    authorities: Count
    """Those that stand in the replica."""
    shipped: Count
    """Those of the shipped corpus that judge beside them, since the replica does not hold them."""
    projects: tuple[ProjectStatus, ...]
    contested: tuple[Contested, ...]
    """The most contested ones of the whole store."""
    contested_count: Count
    scans_waiting: Count
    refused: dict[str, int]
    """What bounds and rules kept out, and what cannot be read, by reason."""
    refused_claims: tuple[RefusedClaim, ...] = ()
    """The first of those that would be authorities."""
