"""The files that tie Prometheus, Alertmanager and Grafana to the services name what is there."""

import re

import pytest
import yaml

from support.boards import ROOT, alerts, dashboards

SERVICES = ROOT / "services"


def read(path):
    return yaml.safe_load((SERVICES / path).read_bytes())


def job(name):
    return next(job for job in read("prometheus/prometheus.yml")["scrape_configs"] if job["job_name"] == name)


def relabelled(address, dns_name=""):
    """Return the labels of a target of the job, as Prometheus makes them (action replace, the default)."""
    labels = {"__address__": address, "__meta_dns_name": dns_name, "instance": address}
    for rule in job("stemedb")["relabel_configs"]:
        joined = ";".join(labels[name] for name in rule["source_labels"])
        found = re.fullmatch(rule["regex"], joined)
        if found:
            template = re.sub(r"\$(\d)", r"\\\1", rule.get("replacement", "$1"))
            labels[rule["target_label"]] = found.expand(template)
    return {name: value for name, value in labels.items() if not name.startswith("__")}


@pytest.mark.parametrize(
    ("address", "dns_name", "labels"),
    [
        ("east-sync:9464", "", {"replica": "east", "service": "sync", "instance": "east-sync:9464"}),
        ("a-b-ingest:9464", "", {"replica": "a-b", "service": "ingest", "instance": "a-b-ingest:9464"}),
        ("analysis:9464", "", {"service": "analysis", "instance": "analysis:9464"}),
        (
            "172.18.0.9:9464",
            "north-index",
            {"replica": "north", "service": "index", "instance": "north-index:9464"},
        ),
    ],
)
def test_replica_and_service_are_read_off_the_name_of_a_target(address, dns_name, labels):
    assert relabelled(address, dns_name) == labels


def test_every_target_is_a_service_of_the_compose_file():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_bytes())["services"]
    hosts = set()
    for entry in read("prometheus/prometheus.yml")["scrape_configs"]:
        for some in entry["static_configs"]:
            hosts |= {target.split(":")[0] for target in some["targets"]}
        for some in entry.get("dns_sd_configs", ()):
            hosts |= set(some["names"])
    assert hosts - {"localhost"} <= set(compose)


def test_the_data_source_knows_how_often_prometheus_scrapes():
    interval = read("prometheus/prometheus.yml")["global"]["scrape_interval"]
    source = read("grafana/provisioning/datasources/prometheus.yml")["datasources"][0]
    assert source["jsonData"]["timeInterval"] == interval


def test_dashboards_begin_with_the_data_source_that_is_provisioned():
    source = read("grafana/provisioning/datasources/prometheus.yml")["datasources"][0]
    for dashboard in dashboards().values():
        variable = next(one for one in dashboard["templating"]["list"] if one["name"] == "datasource")
        assert variable["current"]["value"] == source["uid"]


def test_inhibitions_name_alerts_that_are_there():
    for rule in read("alertmanager/alertmanager.yml")["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            pattern = re.fullmatch(r"alertname =~? (.+)", matcher)[1]
            for part in pattern.split("|"):
                assert [name for name in alerts() if re.fullmatch(part, name)], part
