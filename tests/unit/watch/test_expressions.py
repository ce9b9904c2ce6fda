"""Every metric and label that rules and dashboards rest on is one that the services report."""

import json

import pytest

from stemedb.bus import logs, metrics, nats_monitor
from stemedb.bus.alert_log import AlertLog
from stemedb_analysis.service.metrics import AnalysisMetrics
from stemedb_index.metrics import FileReadings, IndexMetrics
from stemedb_ingest.metrics import DiskCollector, IngestMetrics
from stemedb_sync.metrics import PeerReadings, SyncMetrics
from stemedb_watch.alerts import RECORDINGS
from support.boards import alerts, annotation_queries, panel_queries, rules, variable_queries
from support.promql import OF_PROMETHEUS, SCRAPED, Use, filled, legend_labels, offered, uses

SERVICES = ("ingest", "index", "sync", "analysis")

RECORDED = {
    recording.record: frozenset({"replica", "outcome"} if "outcome" in recording.expr else {"replica"})
    | SCRAPED
    for recording in RECORDINGS
}


def peer_readings():
    fields = PeerReadings.__annotations__
    values = {"peer": "west", "behind": {"east": 1}}
    return [PeerReadings(**{name: values.get(name, 0) for name in fields})]


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """What all services offer, with one series of each kind, and what Prometheus and the rules add."""
    ingest, index, sync, analysis = (metrics.registry(name, "east", "0") for name in SERVICES)
    IngestMetrics.register(ingest, lambda: 0).refusals.labels("invalid_statement")
    ingest.register(DiskCollector(tmp_path_factory.mktemp("data")))
    IndexMetrics.register(index, lambda: {"writer": FileReadings(1, 1, 1, 1)})
    of_sync = SyncMetrics.register(sync, peer_readings)
    of_sync.introduce("west")
    of_sync.last_success.labels("west")
    of_analysis = AnalysisMetrics.register(analysis)
    of_analysis.findings.labels("demo", "BLOCK")
    of_analysis.observations.labels("demo")
    AlertLog(logs.logger(), analysis)
    registered = [metric for one in (ingest, index, sync, analysis) for metric in one.collect()]
    registered += nats_monitor.families(VARZ, JSZ)
    up = next(iter(nats_monitor.ServerCollector().collect()))
    return offered([*registered, up]) | OF_PROMETHEUS | RECORDED


def missing(known, use: Use) -> str | None:
    if use.metric not in known:
        return f"{use.metric}: no service reports it"
    unknown = use.labels - known[use.metric]
    return (
        f"{use.metric} has no label {sorted(unknown)}, only {sorted(known[use.metric])}" if unknown else None
    )


def problems(known, expr):
    found = uses(expr)
    assert found, f"{expr} asks for nothing"
    return [problem for use in found if (problem := missing(known, use))]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_rules_rest_on_what_is_reported(known, rule):
    assert problems(known, rule["expr"]) == []


@pytest.mark.parametrize("shown", [*panel_queries(), *annotation_queries()], ids=lambda shown: shown.where)
def test_dashboards_rest_on_what_is_reported(known, shown):
    expr = filled(shown.expr)
    assert problems(known, expr) == []
    labels = frozenset().union(*(known[use.metric] for use in uses(expr)))
    assert legend_labels(shown.legend) <= labels


@pytest.mark.parametrize("variable", list(variable_queries()), ids=lambda variable: variable[0])
def test_variables_rest_on_what_is_reported(known, variable):
    _, series, label = variable
    (use,) = uses(filled(series))
    assert missing(known, Use(use.metric, use.labels | {label})) is None


def test_texts_of_alerts_name_labels_that_the_alert_has(known):
    for name, rule in alerts().items():
        labels = frozenset().union(*(known[use.metric] for use in uses(rule["expr"])))
        for text in rule["annotations"].values():
            for label in (part.split("}}")[0].split()[0] for part in text.split("$labels.")[1:]):
                assert label in labels, f"{name}: {label}"


@pytest.mark.parametrize(
    "expr",
    [
        "stemedb_log_sizes",
        'stemedb_log_size{peer="x"}',
        "sum by (peer) (stemedb_log_size)",
        "sum by (replica, le) (rate(stemedb_ingest_commit_seconds_count[1m]))",
        "stemedb_sync_lag_statements and on (peer) stemedb_log_size",
        'label_replace(stemedb_log_size, "replica", "$1", "stream", "(.*)")',
    ],
)
def test_a_metric_or_label_that_is_not_reported_is_found(known, expr):
    assert problems(known, expr)


VARZ = json.loads("""{
  "slow_consumers": 0, "in_msgs": 1, "out_msgs": 1, "in_bytes": 1, "out_bytes": 1, "connections": 1,
  "subscriptions": 1, "mem": 1, "cpu": 1, "start": "2026-01-02T03:04:05.678Z"
}""")
JSZ = json.loads("""{
  "storage": 1, "config": {"max_storage": 2},
  "account_details": [{"stream_detail": [{
    "name": "STEMEDB_east_INTAKE", "state": {"messages": 1, "bytes": 1}, "config": {"max_bytes": 2},
    "consumer_detail": [{"name": "ingest", "num_pending": 1, "num_ack_pending": 0, "num_redelivered": 0}]
  }]}]
}""")
"""The few members that are read of what a server says of itself."""
