"""What a NATS server says of itself, as metrics: ``python -m stemedb.bus.nats_monitor`` beside a server.

::

    nats-server :8222 ──/varz, /jsz──▶ asked every POLL_S ──▶ snapshot ──▶ /metrics ──▶ Prometheus
                                              └─ no answer ─▶ stemedb_nats_up 0, and nothing else

The server's monitoring endpoint speaks JSON; this is the translation of the few numbers that say whether the bus is well: is
it up, does anybody read too slowly, how full is the store, how much of each intake waits. A snapshot that cannot be refreshed is
dropped: old numbers of a dead server would look like those of a quiet one.

It is no part of the path of any statement, has no credentials and can be left out.
"""

import asyncio
import json
import sys
import urllib.request
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import Field

from stemedb.bus import health, logs, runtime
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.metrics import registry
from stemedb.bus.settings import ServiceSettings

SERVICE: Final = "nats-monitor"

POLL_S: Final = 2.0
"""Between two looks at the server: several for each scrape, and well below 1 % of a processor."""

TIMEOUT_S: Final = 2.0
"""For one answer, which takes milliseconds."""

ANSWER_BYTES_MAX: Final = 8 << 20
"""Of one answer: a stream takes some 2 KiB, so this is room for thousands of replicas."""

STREAMS_PATH: Final = "/jsz?streams=true&consumers=true&config=true"


class MonitorSettings(ServiceSettings):
    """Where the server is."""

    nats_monitor_url: str = Field(default="http://127.0.0.1:8222", pattern="^https?://[^/]+$")
    """The monitoring endpoint of the server, without a path."""


class ServerCollector(Collector):
    """Shows the last snapshot at each scrape. Owned by the event loop, which also writes it."""

    def __init__(self) -> None:
        self.families: list[Metric] | None = None
        """What the server said last; ``None`` while it does not answer."""

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return whether the server answers, and what it said."""
        up = GaugeMetricFamily("stemedb_nats_up", "1 while the monitoring endpoint of the server answers")
        up.add_metric([], self.families is not None)
        return (up, *(self.families or ()))


def families(varz: Mapping[str, Any], jsz: Mapping[str, Any]) -> list[Metric]:
    """Return the metrics that the answers of ``/varz`` and ``/jsz`` make; raises `KeyError`, `TypeError` or `ValueError` if they are none."""
    made: list[Metric] = [_gauge(name, text, read(varz)) for name, text, read in _OF_SERVER]
    made.append(
        _counter("slow_consumers", "Clients cut off because they did not read", varz["slow_consumers"])
    )
    for what, text in (("msgs", "Messages"), ("bytes", "Bytes")):
        family = CounterMetricFamily(
            f"stemedb_nats_{'messages' if what == 'msgs' else what}",
            f"{text} through the server",
            labels=["direction"],
        )
        for direction in ("in", "out"):
            family.add_metric([direction], varz[f"{direction}_{what}"])
        made.append(family)
    made.append(_gauge("jetstream_bytes", "What all streams hold on disk", jsz["storage"]))
    made.append(_gauge("jetstream_bytes_max", "What they may hold (max_file)", jsz["config"]["max_storage"]))
    return made + _of_streams(jsz)


async def serve(settings: MonitorSettings, lifetime: Lifetime) -> None:
    """Ask the server again and again until the lifetime ends."""
    log = logs.logger(service=SERVICE)
    collector = ServerCollector()
    metrics_registry = registry(SERVICE, "", version("stemedb"))
    metrics_registry.register(collector)
    async with health.serve(settings.http_host, settings.http_port, metrics_registry, lambda: None) as port:
        log.info("ready", http_port=port, server=settings.nats_monitor_url)
        while not lifetime.ending:
            before = collector.families is not None
            collector.families, reason = await asyncio.to_thread(_look, settings.nats_monitor_url)
            if before != (collector.families is not None):
                log.info("server answers" if reason is None else "server does not answer", reason=reason)
            try:
                async with asyncio.timeout(POLL_S):
                    await lifetime.wait()
            except TimeoutError:
                continue


def _look(url: str) -> tuple[list[Metric] | None, str | None]:
    """Return what the server says now, or ``None`` and why not."""
    try:
        return families(_ask(url + "/varz"), _ask(url + STREAMS_PATH)), None
    except (OSError, KeyError, TypeError, ValueError) as error:
        return None, f"{type(error).__name__}: {error}"


def _ask(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the settings allow http and https only
        found = json.loads(answer.read(ANSWER_BYTES_MAX))
    if not isinstance(found, dict):
        raise TypeError(f"{url}: got {type(found).__name__}, want an object")
    return found


def _of_streams(jsz: Mapping[str, Any]) -> list[Metric]:
    def family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"stemedb_nats_{name}", text, labels=["stream", *labels])

    messages = family("stream_messages", "Messages that a stream holds")
    size = family("stream_bytes", "Bytes that a stream holds")
    size_max = family("stream_bytes_max", "Bytes that it may hold; beyond it publishers are refused")
    pending = family("consumer_pending", "Messages that no reader has been given yet", "consumer")
    unacknowledged = family("consumer_unacknowledged", "Given to a reader and not acknowledged", "consumer")
    redelivered = family("consumer_redelivered", "Of these, given more than once", "consumer")
    for account in jsz.get("account_details", ()):
        for stream in account.get("stream_detail", ()):
            name, state = stream["name"], stream["state"]
            messages.add_metric([name], state["messages"])
            size.add_metric([name], state["bytes"])
            size_max.add_metric([name], stream["config"]["max_bytes"])
            for consumer in stream.get("consumer_detail", ()):
                labels = [name, consumer["name"]]
                pending.add_metric(labels, consumer["num_pending"])
                unacknowledged.add_metric(labels, consumer["num_ack_pending"])
                redelivered.add_metric(labels, consumer["num_redelivered"])
    return [messages, size, size_max, pending, unacknowledged, redelivered]


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"stemedb_nats_{name}", text, value=value)


def _counter(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"stemedb_nats_{name}", text, value=value)


def _started(varz: Mapping[str, Any]) -> float:
    # Nanoseconds, which Python's dates do not have; what is cut off is no matter for a start.
    return datetime.fromisoformat(varz["start"][:19] + "+00:00").timestamp()


_OF_SERVER: Final = (
    ("connections", "Clients that are connected", lambda varz: varz["connections"]),
    ("subscriptions", "Subscriptions of all clients", lambda varz: varz["subscriptions"]),
    ("memory_bytes", "Resident memory of the server", lambda varz: varz["mem"]),
    ("cpu_ratio", "Processors in use: 1 is one of them", lambda varz: varz["cpu"] / 100),
    ("start_time_seconds", "When the server was started, Unix time", _started),
)


def main() -> None:
    """Run until stopped and exit with a code of ``stemedb.bus.exit_codes``."""
    sys.exit(runtime.run(SERVICE, MonitorSettings, serve))


if __name__ == "__main__":
    main()
