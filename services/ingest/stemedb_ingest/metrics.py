"""What ingest reports; the names are fixed by the dashboards and alerts that rest on them."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from stemedb.bus.metrics import COUNT_BUCKETS, SECONDS_BUCKETS

FOLDERS: Final = ("wal", "log", "ids", "index", "sync")
"""Of a replica's directory. Ingest reports them all, since it is the one process that every replica has."""

BLOCK_BYTES: Final = 512
"""What ``st_blocks`` counts in, on every system."""


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


class DiskCollector(Collector):
    """Tells how much of the disk a replica takes and how much is left, as it stands at a scrape.

    What counts for a file is what the disk gave it, not its length: the id table's is sparse.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Look at the directory; some microseconds per file."""
        disk = os.statvfs(self._data_dir)
        files = GaugeMetricFamily(
            "stemedb_ingest_folder_bytes", "Disk space that a folder of the replica takes", labels=["folder"]
        )
        for folder in FOLDERS:
            files.add_metric([folder], _taken(self._data_dir / folder))
        return (
            files,
            GaugeMetricFamily(
                "stemedb_ingest_disk_free_bytes",
                "Space left for us on the disk of the replica",
                value=disk.f_bavail * disk.f_frsize,
            ),
            GaugeMetricFamily(
                "stemedb_ingest_disk_bytes", "Size of that disk", value=disk.f_blocks * disk.f_frsize
            ),
        )


def _taken(folder: Path) -> int:
    """Return the bytes on disk of the files below `folder`; 0 if it is not there (yet)."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(Path(place, name)).st_blocks * BLOCK_BYTES
            except FileNotFoundError:
                continue  # another process's short-lived file: gone between the listing and the look
    return total
