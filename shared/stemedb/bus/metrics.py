"""Prometheus metrics: a registry per process, buckets that mean something, and who is reporting.

Names are ``stemedb_<service>_<what>_<unit>``. A service makes its own frozen set of metrics on the registry that
``registry`` returns; nothing is registered at import.

Latencies go into buckets from 0.25 ms, below which a disk cannot answer, to 8.2 s, above which somebody has given
up, each twice the one before: a quantile read from them is wrong by at most a factor of two.
"""

from typing import Final

from prometheus_client import GC_COLLECTOR, CollectorRegistry, Info, ProcessCollector
from prometheus_client.exposition import generate_latest

SECONDS_BUCKETS: Final = tuple(0.00025 * 2**i for i in range(16))
"""0.25 ms, 0.5 ms, … 8.192 s."""

COUNT_BUCKETS: Final = tuple(float(4**i) for i in range(9))
"""1, 4, 16, … 65536: sizes of batches."""

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def registry(service: str, replica: str, version: str) -> CollectorRegistry:
    """Return a registry that already reports the process, the collector and ``stemedb_service_info``."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    made.register(GC_COLLECTOR)
    info = Info("stemedb_service", "Which service of which replica this is", registry=made)
    info.info({"service": service, "replica": replica, "version": version})
    return made


def exposition(source: CollectorRegistry) -> bytes:
    """Return the text that Prometheus scrapes."""
    return generate_latest(source)
