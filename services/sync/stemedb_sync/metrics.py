"""What sync reports; the names are fixed by the dashboards and alerts that rest on them.

Lag and the like are computed when they are scraped: seconds behind grow while nothing happens, which no event would tell.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

UNKNOWN: Final = "unknown"
"""The peer of what cannot be laid at a known one's door: names that strangers choose are not labels."""

EVERYBODY: Final = "*"
"""The peer of what is sent to all at once."""

MAP: Final = "map"
"""The one kind of file of another service whose damage is counted here."""

PATHS: Final = ("gossip", "tail", "tree")
DIRECTIONS: Final = ("in", "out")
REASONS: Final = (
    "unavailable",
    "overloaded",
    "bad_page",
    "bad_proof",
    "bad_digest",
    "bad_signature",
    "stale_digest",
    "unknown_key",
    "other_realm",
    "clock_drift",
    "invalid_statement",
    "bad_entry",
    "withheld",
    "no_progress",
    "restamp_flood",
)
"""Failures that start at 0, so that their first one is a rise; others appear when they happen."""


class PeerReadings(NamedTuple):
    """One peer as it stands at a scrape."""

    peer: str
    lag_statements: int
    lag_seconds: float
    roots_equal: bool
    last_seen_seconds: float
    clock_offset_seconds: float
    """Our clock minus the peer's, the way of a digest included."""
    postponed: int
    is_down: bool
    is_set_aside: bool
    behind: dict[str, int]
    """How far this peer is behind each other replica, by its own word."""


@dataclass(frozen=True, slots=True)
class SyncMetrics:
    """The metrics of one process."""

    equivocations: Counter
    bytes: Counter
    last_success: Gauge
    rounds: Counter
    failures: Counter
    statements: Counter
    paused: Gauge
    integrity_failures: Counter

    @classmethod
    def register(cls, registry: CollectorRegistry, readings: Callable[[], Iterable[PeerReadings]]) -> Self:
        """Make the metrics on `registry`; `readings` is asked at each scrape."""

        def counter(name: str, text: str, labels: Iterable[str]) -> Counter:
            return Counter(name, text, labels, registry=registry)

        registry.register(_PeerCollector(readings))
        integrity = counter(
            "stemedb_integrity_failures",
            "Damage found in files: their bytes are not what was written",
            ["kind"],
        )
        integrity.labels(MAP)
        return cls(
            equivocations=counter(
                "stemedb_sync_equivocations", "Checkpoints that contradict earlier ones", ["peer"]
            ),
            bytes=counter(
                "stemedb_sync_bytes", "Bytes of messages between replicas", ["peer", "path", "direction"]
            ),
            last_success=Gauge(
                "stemedb_sync_last_success_timestamp_seconds",
                "When everything the peer had signed was last verified and durable here, Unix time",
                ["peer"],
                registry=registry,
            ),
            rounds=counter(
                "stemedb_sync_rounds",
                "Checkpoints reached, maps compared, stretches of the log leapt over",
                ["peer", "path"],
            ),
            failures=counter("stemedb_sync_failures", "What went wrong with a peer", ["peer", "reason"]),
            statements=counter(
                "stemedb_sync_statements",
                "Log entries of the peer verified and durable here",
                ["peer", "path"],
            ),
            paused=Gauge("stemedb_sync_paused", "1 while pulling is paused", registry=registry),
            integrity_failures=integrity,
        )

    def introduce(self, peer: str) -> None:
        """Make the series of `peer`, all at 0."""
        self.equivocations.labels(peer)
        for path in PATHS:
            for direction in DIRECTIONS:
                self.bytes.labels(peer, path, direction)
        for path in PATHS[1:]:
            self.rounds.labels(peer, path)
            self.statements.labels(peer, path)
        self.rounds.labels(peer, "leap")
        for reason in REASONS:
            self.failures.labels(peer, reason)


class _PeerCollector(Collector):
    """Reads what is known of the peers when it is scraped."""

    def __init__(self, readings: Callable[[], Iterable[PeerReadings]]) -> None:
        self._readings = readings

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        def family(name: str, text: str, labels: tuple[str, ...] = ("peer",)) -> GaugeMetricFamily:
            return GaugeMetricFamily(f"stemedb_sync_{name}", text, labels=labels)

        statements = family("lag_statements", "Entries of the peer's log that we lack")
        seconds = family("lag_seconds", "Age of the oldest entry of the peer's log that we lack")
        equal = family("roots_equal", "1 when the peer's map has the same root as ours")
        seen = family("peer_last_seen_seconds", "Since the peer's last digest")
        offset = family("clock_offset_seconds", "Our clock minus the peer's, by its last digest")
        postponed = family("postponed_statements", "Statements of the peer too far ahead of our clock")
        down = family("peer_down", "1 when the peer has been silent for too long")
        aside = family("peer_set_aside", "1 when the peer's log is not followed because it broke a promise")
        pairs = family(
            "pair_lag_statements",
            "How far `replica` is behind the log of `peer`, by its digest",
            ("replica", "peer"),
        )
        for one in self._readings():
            statements.add_metric([one.peer], one.lag_statements)
            seconds.add_metric([one.peer], one.lag_seconds)
            equal.add_metric([one.peer], one.roots_equal)
            seen.add_metric([one.peer], one.last_seen_seconds)
            offset.add_metric([one.peer], one.clock_offset_seconds)
            postponed.add_metric([one.peer], one.postponed)
            down.add_metric([one.peer], one.is_down)
            aside.add_metric([one.peer], one.is_set_aside)
            for other, lag in one.behind.items():
                pairs.add_metric([one.peer, other], lag)
        return (statements, seconds, equal, seen, offset, postponed, down, aside, pairs)
