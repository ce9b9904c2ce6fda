"""Dashboard *Analysis*: what contradicts the authoritative claims, and what finding that out takes."""

from typing import Any

from stemedb_watch import boards, thresholds
from stemedb_watch.panels import (
    ANY_IS_BAD,
    ANY_IS_NOTED,
    BLUE,
    GREEN,
    RATE,
    RED,
    YELLOW,
    Query,
    graph,
    heat,
    listing,
    number,
    per_second,
    quantiles,
)

UID = "stemedb-analysis"

HERE = 'replica=~"$replica"'

VERDICTS = {"/BLOCK$/i": RED, "/FLAG$/i": YELLOW, "/PASS$/i": GREEN, "/UNJUDGED$/i": BLUE}


def dashboard() -> Any:
    """Return the dashboard."""
    return boards.board(
        UID,
        "StemeDB / Analysis",
        "Where code contradicts what authoritative sources say: findings by verdict, scans, and judging again what was seen.",
        {
            "Findings": _findings(),
            "Scans": _scans(),
            "Judging again": _judging(),
        },
    )


def _verdict(verdict: str, text: str, bounds: thresholds.Bounds | None = None) -> Any:
    return number(
        verdict,
        text,
        Query(f'sum(stemedb_analysis_findings{{{HERE},verdict=~"(?i){verdict}"}})', verdict),
        unit="short",
        bounds=bounds,
        width=3,
    )


def _findings() -> list[Any]:
    return [
        _verdict("BLOCK", "Contradictions grave enough to stop a change.", ANY_IS_BAD),
        _verdict("FLAG", "Contradictions that somebody should look at.", ANY_IS_NOTED),
        _verdict("PASS", "Judged too weak to trouble anybody with, or acknowledged."),
        _verdict("UNJUDGED", "Observed, and no authority speaks of it: nobody has let it pass."),
        number(
            "Observations",
            "What the code was seen to do, at its last scan.",
            Query(f"sum(stemedb_analysis_observations{{{HERE}}})", "observations"),
            unit="short",
        ),
        number(
            "Authorities",
            "Authoritative claims that observations are held against: the replica's, and the shipped ones that it does not hold.",
            Query(f"sum(stemedb_analysis_authorities{{{HERE}}})", "claims"),
            unit="short",
        ),
        number(
            "Contested claims",
            "Places where authorities themselves disagree.",
            Query(f"sum(stemedb_analysis_contested_claims{{{HERE}}})", "claims"),
            unit="short",
        ),
        graph(
            "Findings by verdict",
            "Over all projects, as they stand.",
            [Query(f"sum by (verdict) (stemedb_analysis_findings{{{HERE}}})", "{{verdict}}")],
            unit="short",
            stacked=True,
            colours=VERDICTS,
            width=12,
        ),
        listing(
            "Findings by project",
            "As they stand.",
            [Query(f"sum by (project, verdict) (stemedb_analysis_findings{{{HERE}}})")],
            {"project": "project", "verdict": "verdict", "Value": "findings"},
            units={"findings": "short"},
        ),
    ]


def _scans() -> list[Any]:
    return [
        graph(
            "Scans by outcome",
            "Per minute.",
            [
                Query(
                    f"60 * {per_second('stemedb_analysis_scans_total', HERE, 'outcome')}",
                    "{{outcome}}",
                )
            ],
            unit="short",
            stacked=True,
        ),
        heat(
            "Scans by time taken",
            "How many scans took how long; darker is more.",
            f"sum by (le) (increase(stemedb_analysis_scan_seconds_bucket{{{HERE}}}[{RATE}]))",
            unit="s",
        ),
        graph(
            "Scan p50 and p99",
            "Time of a whole scan.",
            quantiles("stemedb_analysis_scan_seconds", HERE, "replica", "{{replica}}"),
            unit="s",
            bounds=thresholds.SCAN_P99_S,
        ),
        graph(
            "Files by outcome",
            "Met by scans, per second.",
            [Query(per_second("stemedb_analysis_files_total", HERE, "outcome"), "{{outcome}}")],
            unit="short",
            stacked=True,
            width=12,
        ),
        graph(
            "Observations by project",
            "At the last scan of each.",
            [Query(f"sum by (project) (stemedb_analysis_observations{{{HERE}}})", "{{project}}")],
            unit="short",
            width=12,
        ),
    ]


def _judging() -> list[Any]:
    return [
        graph(
            "Behind the log",
            "Log entries that the analysis has not taken in.",
            [
                Query(
                    f"stemedb_log_size{{{HERE}}} - on (replica) stemedb_analysis_applied_statements{{{HERE}}}",
                    "{{replica}}",
                )
            ],
            unit="short",
            width=6,
        ),
        graph(
            "Authorities by tier",
            "0 regulatory, 1 standard, 2 vendor, 3 team policy, 4 observation, 5 anecdote.",
            [Query(f"sum by (tier) (stemedb_analysis_authorities{{{HERE}}})", "tier {{tier}}")],
            unit="short",
            width=6,
            stacked=True,
        ),
        graph(
            "Judged again",
            "Findings per second that changed, came or went because a claim arrived; nothing is scanned for it.",
            [
                Query(
                    per_second("stemedb_analysis_rejudged_total", HERE, "replica"),
                    "{{replica}}",
                )
            ],
            unit="short",
            width=6,
        ),
        graph(
            "Time to judge again, p50 and p99",
            "From a page of the log to what follows from it being told.",
            quantiles("stemedb_analysis_rejudge_seconds", HERE, "replica", "{{replica}}"),
            unit="s",
            width=6,
        ),
    ]
