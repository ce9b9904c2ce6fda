"""The files that this package stands for, as text, by their place below ``services/``."""

from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from stemedb_watch import alerts, analysis, replica, replication


def dashboards() -> dict[str, Any]:
    """Return the dashboards, by the name of their file without suffix."""
    return {
        "replication": replication.dashboard(),
        "replica": replica.dashboard(),
        "analysis": analysis.dashboard(),
    }


def files() -> dict[str, str]:
    """Return every generated file, by its path below ``services/``."""
    encoder = JSONEncoder(sort_keys=True, indent=2)
    made = {
        f"grafana/dashboards/{name}.json": encoder.encode(dashboard) + "\n"
        for name, dashboard in dashboards().items()
    }
    made["prometheus/rules/stemedb.rules.yml"] = alerts.rules_yaml()
    return made
