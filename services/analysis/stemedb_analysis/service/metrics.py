"""What analysis reports; the names are fixed by the dashboards and alerts that rest on them."""

from dataclasses import dataclass
from typing import Final, Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from stemedb.bus.metrics import SECONDS_BUCKETS
from stemedb.statements.tiers import TIERS

ENDPOINTS: Final = ("scan", "findings", "status")
VERDICTS: Final = ("BLOCK", "FLAG", "PASS", "UNJUDGED")
ORIGINS: Final = ("replica", "shipped")
REFUSALS: Final = (
    "observations", "authorities", "acknowledgements", "ballots", "epochs", "unreadable", "unregistered", "value", "comparison",
)  # fmt: skip
"""Why something was kept out: beyond a bound, of no form that is known here, or an authority that cannot be read as one."""
SCAN_OUTCOMES: Final = ("done", "failed")
FILE_OUTCOMES: Final = ("scanned", "skipped", "faulty")

PROJECTS_MAX: Final = 200
"""Projects with series of their own: a project costs five, and anybody on the bus can name one."""

OTHERS: Final = "(others)"
"""The project that the rest are counted under; no project can be called that."""


@dataclass(frozen=True, slots=True)
class AnalysisMetrics:
    """The metrics of one process."""

    findings: Gauge
    observations: Gauge
    authorities: Gauge
    contested: Gauge
    applied: Gauge
    refused: Gauge
    scans: Counter
    scans_waiting: Gauge
    scan_seconds: Histogram
    files: Counter
    published: Counter
    rejudged: Counter
    rejudge_seconds: Histogram
    request_seconds: Histogram

    @classmethod
    def register(cls, registry: CollectorRegistry) -> Self:
        """Make the metrics on `registry`, each series that can be known beforehand at 0."""

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"stemedb_analysis_{name}", text, labels, registry=registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"stemedb_analysis_{name}", text, labels, registry=registry)

        def seconds(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(
                f"stemedb_analysis_{name}", text, labels, registry=registry, buckets=SECONDS_BUCKETS
            )

        metrics = cls(
            findings=gauge(
                "findings", "Findings as judged now, acknowledged ones as PASS", "project", "verdict"
            ),
            observations=gauge("observations", "Observations that stand", "project"),
            authorities=gauge(
                "authorities",
                "Authorities that stand, the replica's and the shipped ones it lacks",
                "tier",
                "origin",
            ),
            contested=gauge("contested_claims", "Subjects and predicates on which claims disagree"),
            applied=gauge("applied_statements", "Log entries taken in"),
            refused=gauge("refused", "What bounds and rules kept out, or cannot be read", "reason"),
            scans=counter("scans", "Scans that ended", "outcome"),
            scans_waiting=gauge("scans_waiting", "Scans that wait or run"),
            scan_seconds=seconds("scan_seconds", "Time of one scan, from its turn to its last event"),
            files=counter("files", "Files that scans met", "outcome"),
            published=counter("published", "Statements published after scans"),
            rejudged=counter("rejudged", "Findings whose judgement changed, came or went"),
            rejudge_seconds=seconds("rejudge_seconds", "From a page of the log to its changes being told"),
            request_seconds=seconds("request_seconds", "Time to answer", "endpoint", "outcome"),
        )
        for endpoint in ENDPOINTS:
            metrics.request_seconds.labels(endpoint, "ok")
        for outcome in SCAN_OUTCOMES:
            metrics.scans.labels(outcome)
        for outcome in FILE_OUTCOMES:
            metrics.files.labels(outcome)
        for tier in TIERS[:4]:
            for origin in ORIGINS:
                metrics.authorities.labels(str(tier.number), origin)
        for reason in REFUSALS:
            metrics.refused.labels(reason)
        return metrics
