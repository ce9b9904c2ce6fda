"""The committed dashboards and rules, read back as Grafana and Prometheus read them."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "services" / "grafana" / "dashboards"
RULES = ROOT / "services" / "prometheus" / "rules"


class Shown(NamedTuple):
    """One query of a dashboard."""

    where: str
    expr: str
    legend: str
    instant: bool


@cache
def dashboards() -> dict[str, dict[str, Any]]:
    """Return the committed dashboards, by name."""
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(DASHBOARDS.glob("*.json"))}


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the panels that show something, those of collapsed rows too."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def panel_queries() -> Iterator[Shown]:
    """Yield every query of every panel."""
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                where = f"{name}: {panel['title']} {target['refId']}"
                yield Shown(
                    where, target["expr"], target.get("legendFormat", ""), target.get("instant", False)
                )


def annotation_queries() -> Iterator[Shown]:
    """Yield every query that draws marks."""
    for name, dashboard in dashboards().items():
        for mark in dashboard["annotations"]["list"]:
            legend = mark["titleFormat"] + mark["textFormat"]
            yield Shown(f"{name}: marks {mark['name']}", mark["target"]["expr"], legend, instant=False)


def variable_queries() -> Iterator[tuple[str, str, str]]:
    """Yield where, series and label of every ``label_values``."""
    for name, dashboard in dashboards().items():
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
                assert found, variable["query"]
                yield f"{name}: variable {variable['name']}", found[1], found[2]


@cache
def rules() -> list[dict[str, Any]]:
    """Return the committed rules, recordings before alerts as in the file."""
    document = yaml.safe_load((RULES / "stemedb.rules.yml").read_bytes())
    return [rule for group in document["groups"] for rule in group["rules"]]


@cache
def alerts() -> dict[str, dict[str, Any]]:
    """Return the committed alerts, by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


@cache
def rule_tests() -> list[dict[str, Any]]:
    """Return the tests for `promtool test rules`, all files together."""
    return [
        test
        for path in sorted((RULES / "tests").glob("*.test.yml"))
        for test in yaml.safe_load(path.read_bytes())["tests"]
    ]
