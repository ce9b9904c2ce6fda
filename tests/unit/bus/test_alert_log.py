"""Alerts that Alertmanager delivers become lines; what is no notification is refused."""

import json

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from stemedb.bus import logs
from stemedb.bus.alert_log import ALERTS_MAX, AlertLog
from stemedb.errors import InvalidInput


def alert(**changes):
    return {
        "status": "firing",
        "labels": {"alertname": "ReplicaLagging", "replica": "east", "peer": "west", "severity": "warning"},
        "annotations": {"summary": "east is behind west", "runbook_url": "services/README.md#replicalagging"},
        "startsAt": "2026-01-02T03:04:05.678Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph",
        "fingerprint": "c0ffee",
    } | changes


def notification(*alerts):
    return json.dumps({"version": "4", "receiver": "log", "status": "firing", "alerts": alerts}).encode()


@pytest.fixture
def counts():
    return CollectorRegistry()


def received(counts, body):
    with capture_logs() as lines:
        AlertLog(logs.logger(service="alert-log"), counts).receive(body)
    return lines


def test_each_alert_is_one_line_with_what_the_rule_says(counts):
    first, second = received(counts, notification(alert(), alert(status="resolved")))
    assert first["event"] == first["alert"].replace("ReplicaLagging", "alert")
    assert first["alert"] == "ReplicaLagging"
    assert (first["replica"], first["peer"], first["severity"]) == ("east", "west", "warning")
    assert first["summary"] == "east is behind west"
    assert first["since"] == "2026-01-02T03:04:05.678000+00:00"
    assert (first["status"], second["status"]) == ("firing", "resolved")
    assert counts.get_sample_value("stemedb_alerts_received_total", {"status": "firing"}) == 1
    assert counts.get_sample_value("stemedb_alerts_received_total", {"status": "resolved"}) == 1


def test_labels_cannot_take_the_place_of_what_the_line_says(counts):
    labels = {"alertname": "X", "event": "ready", "status": "resolved", "level": "debug"}
    (line,) = received(counts, notification(alert(labels=labels, annotations={"event": "ready"})))
    assert (line["event"], line["status"], line["label_status"]) == ("alert", "firing", "resolved")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "Invalid JSON"),
        (b"{}", "alerts: "),
        (notification(alert(status="maybe")), r"alerts\.0\.status: "),
        (notification(alert(labels=None)), r"alerts\.0\.labels: "),
        (notification(*[alert()] * (ALERTS_MAX + 1)), "alerts: "),
    ],
)
def test_what_is_no_notification_is_refused_and_nothing_is_printed(counts, body, place):
    with pytest.raises(InvalidInput, match=place):
        received(counts, body)
    assert counts.get_sample_value("stemedb_alerts_received_total", {"status": "firing"}) == 0
