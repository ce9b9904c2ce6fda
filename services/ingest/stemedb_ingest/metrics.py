"""What ingest reports; the names are fixed by the dashboards and alerts that rest on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from stemedb.bus.metrics import COUNT_BUCKETS, SECONDS_BUCKETS


@dataclass(frozen=True, slots=True)
class IngestMetrics:
    """The metrics of one process."""

    statements: Counter
    refusals: Counter
    commit_seconds: Histogram
    commit_statements: Histogram
    returned: Counter
    log_size: Gauge
    pending: Gauge

    @classmethod
    def register(cls, registry: CollectorRegistry, pending: Callable[[], float]) -> Self:
        """Make the metrics on `registry`; `pending` is asked at each scrape."""
        metrics = cls(
            statements=Counter(
                "stemedb_ingest_statements",
                "Statements handled, by kind and outcome (accepted, duplicate, rejected)",
                ["kind", "outcome"],
                registry=registry,
            ),
            refusals=Counter(
                "stemedb_ingest_refusals", "Statements rejected, by error code", ["code"], registry=registry
            ),
            commit_seconds=Histogram(
                "stemedb_ingest_commit_seconds",
                "Time of one group commit: parse, hash, write, synchronise",
                registry=registry,
                buckets=SECONDS_BUCKETS,
            ),
            commit_statements=Histogram(
                "stemedb_ingest_commit_statements",
                "Statements in one group commit",
                registry=registry,
                buckets=COUNT_BUCKETS,
            ),
            returned=Counter(
                "stemedb_ingest_returned",
                "Messages given back to the intake because their rejection could not be reported",
                registry=registry,
            ),
            log_size=Gauge("stemedb_log_size", "Statements in the log", registry=registry),
            pending=Gauge(
                "stemedb_ingest_pending",
                "Messages and requests taken in and not yet durable",
                registry=registry,
            ),
        )
        metrics.pending.set_function(pending)
        for kind in ("assertion", "vote", "epoch"):
            for outcome in ("accepted", "duplicate", "rejected"):
                metrics.statements.labels(kind, outcome)  # a series that starts at 0 can be alerted on
        metrics.statements.labels("unknown", "rejected")  # of a request, whose subject does not say the kind
        return metrics
