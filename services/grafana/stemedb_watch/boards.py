"""What all dashboards share: variables, links to one another, annotations, and rows that lay themselves out."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.models import dashboard as model

from stemedb_watch.panels import BLUE, DATASOURCE, RED

TAG: Final = "stemedb"

REFRESH: Final = "10s"
"""Prometheus scrapes every 5 s; a picture that changes more often than it can be read helps nobody."""


def board(
    uid: str, title: str, text: str, rows: Mapping[str, Iterable[Any]], *, peers: bool = False
) -> model.Dashboard:
    """Return a dashboard: what all of them have, and the panels of each row from left to right, on a new line where 24 columns are full."""
    made = (
        Dashboard(title)
        .uid(uid)
        .description(text)
        .tags([TAG])
        .timezone("browser")
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .time("now-1h", "now")
        .refresh(REFRESH)
        .with_variable(
            DatasourceVariable("datasource")
            .label("data source")
            .type("prometheus")
            .current(model.VariableOption(text="Prometheus", value="prometheus", selected=True))
        )
        .with_variable(_label("replica", "stemedb_log_size", "replica"))
        .link(
            DashboardLink("StemeDB")
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .include_vars(True)
            .keep_time(True)
        )
        .annotation(_starts())
        .annotation(_equivocations())
        .annotation(_alerts())
    )
    if peers:
        made.with_variable(_label("peer", 'stemedb_sync_roots_equal{replica=~"$replica"}', "peer"))
    for row, panels in rows.items():
        made.with_row(Row(row))
        for panel in panels:
            made.with_panel(panel)
    return made.build()


def _label(name: str, series: str, label: str) -> QueryVariable:
    query = f"label_values({series}, {label})"
    return (
        QueryVariable(name)
        .label(name)
        .datasource(DATASOURCE)
        .query({"qryType": 1, "query": query, "refId": f"variable-{name}"})
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .current(model.VariableOption(text="All", value="$__all", selected=True))
    )


def _marks(name: str, colour: str, expr: str, *, title: str, text: str, tags: str) -> AnnotationQuery:
    return (
        AnnotationQuery()
        .name(name)
        .datasource(DATASOURCE)
        .enable(True)
        .hide(False)
        .icon_color(colour)
        .target(
            prometheus.Dataquery().datasource(DATASOURCE).expr(expr).interval("10s").range().ref_id("Anno")
        )
        .title_format(title)
        .text_format(text)
        .tag_keys(tags)
    )


def _starts() -> AnnotationQuery:
    # The value of a start is its time, in milliseconds: one mark for each start, wherever it was scraped first.
    return _marks(
        "Starts",
        BLUE,
        'process_start_time_seconds{job="stemedb",replica=~"$replica"} * 1000',
        title="{{service}} of {{replica}} started",
        text="",
        tags="replica,service",
    ).use_value_for_time(True)


def _equivocations() -> AnnotationQuery:
    return _marks(
        "Equivocations",
        RED,
        'increase(stemedb_sync_equivocations_total{replica=~"$replica"}[30s]) > 0',
        title="{{peer}} contradicted what it had signed",
        text="seen by {{replica}}",
        tags="replica,peer",
    )


def _alerts() -> AnnotationQuery:
    return _marks(
        "Alerts",
        "orange",
        'ALERTS{alertstate="firing",alertname=~"Stemedb.+"}',
        title="{{alertname}}",
        text="{{replica}} {{service}} {{peer}}",
        tags="severity",
    )
