"""Findings as one JSON object, for programs. Nothing in it depends on the time, the computer or the number of workers.

Members are only ever added; ``format`` moves when the meaning of one changes.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from stemedb.statements.tiers import TIERS
from stemedb_analysis.judge.coverage import Stray
from stemedb_analysis.judge.measure import Measure
from stemedb_analysis.model import Opinion
from stemedb_analysis.report.model import Item, Report, title

FORMAT: Final = "stemedb/findings/1"


def render(report: Report, *, explain: bool = False) -> str:
    """Return the report as JSON, indented by one, ending with a newline."""
    return json.dumps(document(report, explain=explain), ensure_ascii=False, indent=1) + "\n"


def document(report: Report, *, explain: bool = False) -> dict[str, Any]:
    """Return the report as plain values; those that explain also have what is contradicted and passed, under ``passed``."""
    tally, join = report.tally, report.coverage
    return {
        "format": FORMAT,
        "version": report.version,
        "project": report.project,
        **({"reference": report.reference} if report.reference else {}),
        "summary": report.summary(),
        "findings": [finding(report, item) for item in report.items],
        **({"passed": [finding(report, item) for item in report.faint]} if explain else {}),
        "gone": [
            {"rule": gone.rule, "path": gone.path, "file": gone.file, "count": gone.times}
            for gone in report.gone
        ],
        "coverage": {
            "seen": tally.seen,
            "scanned": tally.scanned,
            "lines": tally.lines,
            "bytes": tally.bytes,
            "languages": dict(sorted(tally.languages.items())),
            "secrets_only": dict(sorted(tally.texts.items())),
            "skipped": dict(sorted(tally.skipped.items())),
            "skipped_files": [{"file": file, "reason": reason} for file, reason in tally.named],
            "partly_understood": tally.faulty,
            "faults": [{"file": file, "fault": fault} for file, fault in tally.faults],
        },
        "join": {
            "met": [" ".join(key) for key in join.met],
            "unjudged": _names(join.unjudged),
            "unobserved": [" ".join(key) for key in join.unobserved],
            "unobservable": _names(join.unobservable),
            "unknown": _names(join.unknown),
            "unknown_claims": [
                {
                    "path": stray.path,
                    "predicate": stray.predicate,
                    "why": stray.why or "not in the registry",
                    "nearest": list(stray.nearest),
                }
                for stray in (report.near().unknown if join.unknown else ())
            ],
        },
    }


def finding(report: Report, item: Item) -> dict[str, Any]:
    """Return one finding as plain values."""
    observation = item.observation
    card = report.rules.get(observation.rule)
    measured = card and card.measured
    return {
        "verdict": item.finding.verdict,
        "score": item.finding.score,
        "rule": observation.rule,
        "precision": None if measured is None else measured.precision,
        "measured": None if measured is None else _measured(measured),
        "title": title(report, item),
        "path": observation.path,
        "predicate": observation.predicate,
        "value": observation.value,
        "file": observation.file,
        **observation.span._asdict(),
        "text": observation.text,
        "language": observation.language,
        "confidence": observation.confidence,
        "in_test": observation.in_test,
        "fingerprint": item.fingerprint,
        "state": item.finding.state,
        "suppressed": {"by": item.suppression, "reason": item.finding.acknowledged}
        if item.suppression
        else None,
        "hops": [hop._asdict() for hop in observation.hops],
        "authorities": [_opinion(opinion) for opinion in item.finding.spoken],
    }


def _measured(one: Measure) -> dict[str, Any]:
    return {"labelled": one.labelled._asdict(), "own": one.own._asdict(), "basis": one.basis}


def _opinion(opinion: Opinion) -> dict[str, Any]:
    authority = opinion.authority
    return {
        "id": authority.id,
        "agrees": opinion.agrees,
        "score": opinion.score,
        "tier": authority.tier,
        "tier_name": TIERS[authority.tier].name,
        "comparison": authority.comparison,
        "value": list(authority.value) if isinstance(authority.value, tuple) else authority.value,
        "citation": authority.citation,
        "url": authority.url,
        "summary": authority.summary,
    }


def _names(strays: Iterable[Stray]) -> list[str]:
    return [f"{stray.path} {stray.predicate}" for stray in strays]
