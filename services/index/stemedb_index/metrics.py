"""What index reports; the names are fixed by the dashboards and alerts that rest on them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from stemedb.bus.metrics import COUNT_BUCKETS, SECONDS_BUCKETS

MAP = "map"
"""The one kind of file whose damage index finds and mends."""

ENDPOINTS = ("get", "query", "log", "prove", "root")


class FileReadings(NamedTuple):
    """The counters of an open tree file, as they stand at a scrape."""

    hits: int
    misses: int
    cache_bytes: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class IndexMetrics:
    """The metrics of one process."""

    lag: Gauge
    keys: Gauge
    applied: Gauge
    statements: Counter
    batch_statements: Histogram
    apply_seconds: Histogram
    commit_seconds: Histogram
    visible_seconds: Histogram
    compact_seconds: Histogram
    request_seconds: Histogram
    integrity_failures: Counter

    @classmethod
    def register(cls, registry: CollectorRegistry, readings: Callable[[], dict[str, FileReadings]]) -> Self:
        """Make the metrics on `registry`; `readings` is asked at each scrape for the counters of each thread's open file."""

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=registry)

        def seconds(name: str, text: str, labels: Iterable[str] = ()) -> Histogram:
            return Histogram(name, text, labels, registry=registry, buckets=SECONDS_BUCKETS)

        registry.register(_FileCollector(readings))
        metrics = cls(
            lag=gauge("stemedb_index_lag_statements", "Durable log entries that the map has not taken in"),
            keys=gauge("stemedb_index_keys", "Entries of the map"),
            applied=gauge("stemedb_index_applied_statements", "Log entries that the map has taken in"),
            statements=Counter(
                "stemedb_index_statements", "Log entries applied since the start", registry=registry
            ),
            batch_statements=Histogram(
                "stemedb_index_batch_statements",
                "Log entries in one commit",
                registry=registry,
                buckets=COUNT_BUCKETS,
            ),
            apply_seconds=seconds(
                "stemedb_index_apply_seconds", "Time to read, decode, join and merge one batch"
            ),
            commit_seconds=seconds(
                "stemedb_index_commit_seconds", "Time to hash, write and synchronise one commit"
            ),
            visible_seconds=seconds(
                "stemedb_index_visible_seconds",
                "From acceptance by ingest to being in the map, oldest entry of each commit",
            ),
            compact_seconds=seconds(
                "stemedb_index_compact_seconds", "Time that one compaction kept commits waiting"
            ),
            request_seconds=seconds(
                "stemedb_index_request_seconds",
                "Time to answer, waiting for the map included",
                ["endpoint", "outcome"],
            ),
            integrity_failures=Counter(
                "stemedb_integrity_failures",
                "Files found damaged: their bytes are not what was written",
                ["kind"],
                registry=registry,
            ),
        )
        metrics.integrity_failures.labels(MAP)
        for endpoint in ENDPOINTS:
            metrics.request_seconds.labels(endpoint, "ok")  # a series that starts at 0 can be alerted on
        return metrics


class _FileCollector(Collector):
    """Reads the counters of the open files when it is scraped, since they are counted where no metric is known."""

    def __init__(self, readings: Callable[[], dict[str, FileReadings]]) -> None:
        self._readings = readings

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        hits = CounterMetricFamily("stemedb_index_cache_hits", "Nodes found in the cache", labels=["thread"])
        misses = CounterMetricFamily(
            "stemedb_index_cache_misses", "Nodes read from the file", labels=["thread"]
        )
        cached = GaugeMetricFamily(
            "stemedb_index_cache_bytes", "Estimated size of the cache", labels=["thread"]
        )
        size = GaugeMetricFamily("stemedb_index_file_bytes", "Size of the file of the map", labels=["thread"])
        for thread, reading in self._readings().items():
            hits.add_metric([thread], reading.hits)
            misses.add_metric([thread], reading.misses)
            cached.add_metric([thread], reading.cache_bytes)
            size.add_metric([thread], reading.file_bytes)
        return (hits, misses, cached, size)
