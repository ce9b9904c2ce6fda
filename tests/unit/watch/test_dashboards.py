"""Dashboards can be read: each panel says what it shows and in which unit, none covers another, and what is red is an alarm."""

import itertools
import re

import pytest

from stemedb_watch import thresholds
from support.boards import alerts, dashboards, panels

BOUNDS = {name: value for name, value in vars(thresholds).items() if isinstance(value, thresholds.Bounds)}
COLUMNS = 24


def every_panel():
    return [
        pytest.param(panel, id=f"{name}: {panel['title']}")
        for name, dashboard in dashboards().items()
        for panel in panels(dashboard)
    ]


def limits(expr):
    """Return the numbers that an expression is compared with."""
    return {float(number) for number in re.findall(r"[<>] ([0-9.e+]+)\b", expr)}


ALARMS = {limit for rule in alerts().values() for limit in limits(rule["expr"])}


@pytest.mark.parametrize("panel", every_panel())
def test_a_panel_says_what_it_shows(panel):
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["targets"]
    assert panel["datasource"]["uid"] == "${datasource}"
    units = [panel["fieldConfig"]["defaults"].get("unit"), panel["options"].get("yAxis", {}).get("unit")]
    units += [
        one["value"]
        for override in panel["fieldConfig"]["overrides"]
        for one in override["properties"]
        if one["id"] == "unit"
    ]
    assert any(units) or panel["type"] == "state-timeline", "no unit"


@pytest.mark.parametrize("panel", every_panel())
def test_what_turns_yellow_or_red_is_what_alerts_begin_at(panel):
    steps = [
        step["value"] for step in panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", ())
    ]
    for value in steps[1:]:
        must_not_happen = value == 1 and len(steps) == 3 and steps[1] == steps[2]
        assert must_not_happen or value in ALARMS, f"{panel['title']}: {value}"


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_every_bound_is_that_of_an_alert(name):
    bounds = BOUNDS[name]
    assert bounds.warning in ALARMS or name == "SILENT_S", "it is only where sync itself calls a peer down"
    assert bounds.critical is None or bounds.critical in ALARMS


@pytest.mark.parametrize("name", sorted(dashboards()))
def test_panels_lie_side_by_side_and_cover_nothing(name):
    places = [panel["gridPos"] for panel in dashboards()[name]["panels"]]
    for place in places:
        assert place["x"] + place["w"] <= COLUMNS
    for one, other in itertools.combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


@pytest.mark.parametrize("name", sorted(dashboards()))
def test_dashboards_share_variables_links_and_marks(name):
    dashboard = dashboards()[name]
    variables = [variable["name"] for variable in dashboard["templating"]["list"]]
    assert variables[:2] == ["datasource", "replica"]
    assert ("peer" in variables) == (name == "replication")
    assert dashboard["links"][0]["tags"] == dashboard["tags"] == ["stemedb"]
    assert dashboard["links"][0]["includeVars"]
    assert dashboard["links"][0]["keepTime"]
    assert {mark["name"] for mark in dashboard["annotations"]["list"]} == {
        "Starts",
        "Equivocations",
        "Alerts",
    }


def test_ids_of_dashboards_differ_and_links_between_panels_lead_to_one_of_them():
    ids = {dashboard["uid"] for dashboard in dashboards().values()}
    assert len(ids) == len(dashboards())
    for dashboard in dashboards().values():
        for target in re.findall(r"/d/([\w-]+)", str(dashboard)):
            assert target in ids
