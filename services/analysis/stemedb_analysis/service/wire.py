"""Findings as messages."""

from stemedb.bus.messages import Finding as FindingMessage
from stemedb.bus.messages import FindingEvent, RefusedClaim
from stemedb.bus.messages import Opinion as OpinionMessage
from stemedb.bus.messages.analysis import OPINIONS_MAX
from stemedb.types import StatementId
from stemedb_analysis.model import Finding, Opinion, Refused
from stemedb_analysis.observed import Change


def finding_message(id_: StatementId, project: str, finding: Finding) -> FindingMessage:
    """Return the message of a finding; opinions beyond `OPINIONS_MAX` are counted."""
    seen = finding.observation
    return FindingMessage(
        id=id_.hex(),
        project=project,
        path=seen.path,
        predicate=seen.predicate,
        value=seen.value,
        file=seen.file,
        line=seen.span.line,
        column=seen.span.column,
        end_line=seen.span.end_line,
        end_column=seen.span.end_column,
        text=seen.text,
        rule=seen.rule,
        language=seen.language,
        confidence=seen.confidence,
        verdict=finding.judgement,
        score=finding.score,
        acknowledged=finding.acknowledged,
        opinions=tuple(map(_opinion, finding.spoken[:OPINIONS_MAX])),
        opinions_left_out=max(0, len(finding.spoken) - OPINIONS_MAX),
    )


def finding_event(replica: str, change: Change, applied: int) -> FindingEvent:
    """Return the event that tells of a change."""
    before, after = change.verdicts
    return FindingEvent(
        replica=replica,
        id=change.id.hex(),
        project=change.project,
        before=before,
        after=after,
        finding=None if change.after is None else finding_message(change.id, change.project, change.after),
        applied=applied,
    )


def refused_claim(refused: Refused, nearest: tuple[str, ...]) -> RefusedClaim:
    """Return the message of a claim that cannot be read as an authority."""
    return RefusedClaim(**refused._asdict(), nearest=nearest)


def _opinion(opinion: Opinion) -> OpinionMessage:
    authority = opinion.authority
    return OpinionMessage(
        id=authority.id,
        agrees=opinion.agrees,
        score=opinion.score,
        tier=authority.tier,
        comparison=authority.comparison,
        value=authority.value,
        citation=authority.citation,
        url=authority.url,
        summary=authority.summary,
    )
