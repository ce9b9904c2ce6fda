"""Alerts say what is wrong with figures, lead to a runbook, and are each seen to fire and to stay silent."""

import re
import shutil
import subprocess

import pytest

from stemedb_watch.alerts import ALERTS
from stemedb_watch.rules import CRITICAL, RUNBOOK, duration
from support.boards import ROOT, RULES, alerts, rule_tests

RUNBOOK_TEXT = (ROOT / "services" / "README.md").read_text(encoding="utf-8")


def names():
    return sorted(alerts())


def checks(name):
    """Return the checks of an alert: lists of what must have fired."""
    return [
        check["exp_alerts"]
        for test in rule_tests()
        for check in test["alert_rule_test"]
        if check["alertname"] == name
    ]


@pytest.mark.parametrize("name", names())
def test_an_alert_has_a_summary_a_description_with_figures_and_a_runbook(name):
    told = alerts()[name]["annotations"]
    assert told["summary"]
    assert len(told["description"]) > len(told["summary"])
    assert "$value" in told["description"] or "$labels" in told["description"]
    heading = name.removesuffix(CRITICAL)
    assert told["runbook_url"] == f"{RUNBOOK}{heading.lower()}"
    assert f"\n### {heading}\n" in RUNBOOK_TEXT, "services/README.md: no entry in the runbook"


def test_every_entry_of_the_runbook_is_of_an_alert_and_says_what_it_means_how_to_look_and_what_to_do():
    entries = re.findall(r"^### (Stemedb\w+)\n(.*?)(?=^##|\Z)", RUNBOOK_TEXT, re.MULTILINE | re.DOTALL)
    assert {heading for heading, _ in entries} == {name.removesuffix(CRITICAL) for name in alerts()}
    for heading, text in entries:
        for part in ("**Means**", "**Look**", "**Do**"):
            assert part in text, f"{heading}: no {part}"


@pytest.mark.parametrize("name", names())
def test_an_alert_is_seen_to_fire_and_to_stay_silent(name):
    seen = checks(name)
    assert any(fired for fired in seen), "no rule test in which it fires"
    assert any(not fired for fired in seen), "no rule test in which it is silent"


def test_what_fires_in_the_tests_carries_figures_and_no_template_is_left():
    for test in rule_tests():
        for check in test["alert_rule_test"]:
            for alert in check["exp_alerts"]:
                for text in alert["exp_annotations"].values():
                    assert "{{" not in text
                    assert "<no value>" not in text
                    assert "%!" not in text


def test_what_is_counted_is_told_in_whole_numbers():
    """`increase` reckons beyond the samples, so that one event is 1.07 of them."""
    counted = [rule for rule in alerts().values() if re.match(r"(increase|changes)\(", rule["expr"])]
    assert counted
    for rule in counted:
        assert "$value | humanize" not in rule["annotations"]["description"], rule["alert"]


def test_names_are_unique_and_severities_are_the_two_that_are_routed():
    assert len({alert.name for alert in ALERTS}) == len(ALERTS)
    assert {alert.severity for alert in ALERTS} == {"warning", "critical"}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (45, "45s"), (60, "1m"), (90, "90s"), (7200, "2h"), (86_400, "1d")]
)
def test_durations_are_spelt_in_the_largest_unit_that_divides_them(seconds, text):
    assert duration(seconds) == text


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (it comes with Prometheus)"
)
@pytest.mark.parametrize("path", sorted((RULES / "tests").glob("*.test.yml")), ids=lambda path: path.stem)
def test_promtool_agrees(path):
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (it comes with Prometheus)"
)
def test_promtool_accepts_the_configuration():
    config = ROOT / "services" / "prometheus" / "prometheus.yml"
    done = subprocess.run(
        ["promtool", "check", "config", config], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(
    shutil.which("amtool") is None, reason="amtool is not installed (it comes with Alertmanager)"
)
def test_amtool_accepts_the_configuration_of_alertmanager():
    config = ROOT / "services" / "alertmanager" / "alertmanager.yml"
    done = subprocess.run(["amtool", "check-config", config], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
