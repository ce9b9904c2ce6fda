"""The files that this package stands for, as text, by their place below ``services/``."""

from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from stemedb_watch import alerts, analysis, replica, replication


def dashboards() -> dict[str, Any]:
    """Return the dashboards, by the name of their file without suffix."""
    made = {
        "replication": replication.dashboard(),
        "replica": replica.dashboard(),
        "analysis": analysis.dashboard(),
    }
    for dashboard in made.values():
        _without_what_the_schema_lacks(dashboard)
    return made


def files() -> dict[str, str]:
    """Return every generated file, by its path below ``services/``."""
    encoder = JSONEncoder(sort_keys=True, indent=2)
    made = {
        f"grafana/dashboards/{name}.json": encoder.encode(dashboard) + "\n"
        for name, dashboard in dashboards().items()
    }
    made["prometheus/rules/stemedb.rules.yml"] = alerts.rules_yaml(alerts.rules())
    made["kubernetes/rules.yaml"] = alerts.rules_yaml(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": "stemedb", "labels": {"app.kubernetes.io/part-of": "stemedb"}},
            "spec": alerts.rules(),
        }
    )
    return made


def _without_what_the_schema_lacks(dashboard: Any) -> None:
    """Drop members that the SDK adds by itself and Grafana's schema does not know (``make grafana-check``)."""
    for variable in dashboard.templating.list_val:
        variable.auto = variable.auto_min = variable.auto_count = None  # only an interval has them
    for panel in dashboard.panels:
        if panel.type_val == "table":
            panel.options.footer = None  # of tables before Grafana 12
