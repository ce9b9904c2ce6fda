"""How a panel looks: the few kinds that the dashboards are made of, over grafana-foundation-sdk.

A panel is a title, a sentence that says how to read it, its queries with their legends, a unit, and bounds where an alert has some:
these colour a number and draw lines into a graph. Times are seconds and sizes bytes throughout; Grafana picks the unit that
reads well. Widths are of 24 columns, heights of some 30 pixels each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from grafana_foundation_sdk.builders import (
    common,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode, HeatmapColorScale
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from stemedb_watch.thresholds import Bounds

DATASOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")

GREEN: Final = "green"
YELLOW: Final = "yellow"
RED: Final = "red"
BLUE: Final = "blue"

RATE: Final = "$__rate_interval"
"""Four scrapes or one pixel, whichever is longer."""


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression and how its series are called."""

    expr: str
    legend: str = "__auto"


Queries = Iterable[Query]


def per_second(counter: str, selector: str, by: str = "") -> str:
    """Return the expression for how fast a counter rises, summed by some labels, or over all."""
    return f"sum{f' by ({by}) ' if by else ''}(rate({counter}{{{selector}}}[{RATE}]))"


def quantiles(histogram: str, selector: str, by: str, legend: str) -> tuple[Query, ...]:
    """Return the queries for median and 99th percentile of a histogram, by some labels."""
    return tuple(
        Query(
            f"histogram_quantile({share}, {per_second(f'{histogram}_bucket', selector, f'{by}, le')})",
            f"{legend} {name}",
        )
        for share, name in ((0.5, "p50"), (0.99, "p99"))
    )


def nothing(label: str) -> str:
    """Return a line at 0, called "none", for panels of things that have no series before they happen."""
    return f'label_replace(vector(0), "{label}", "none", "", "")'


def steps(bounds: Bounds | None) -> ThresholdsConfig:
    """Return the colours of a value: red where the critical alert fires, yellow where the warning does."""
    made = ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE)
    if bounds is None:
        return made.steps([model.Threshold(None, GREEN)])
    if bounds.is_floor:
        assert bounds.critical is not None
        return made.steps(
            [
                model.Threshold(None, RED),
                model.Threshold(bounds.critical, YELLOW),
                model.Threshold(bounds.warning, GREEN),
            ]
        )
    found = [model.Threshold(None, GREEN), model.Threshold(bounds.warning, YELLOW)]
    if bounds.critical is not None:
        found.append(model.Threshold(bounds.critical, RED))
    return made.steps(found)


COLUMN_PIXELS_MIN: Final = 80
"""Of a table; by default it is 150, and a table of five columns hides the last one on a small screen."""

ANY_IS_BAD: Final = Bounds(1, 1)
"""Of things that must not happen at all: red from the first one on."""

ANY_IS_NOTED: Final = Bounds(1)
"""Of things that somebody should look at, in their time: yellow from the first one on."""


def number(
    title: str,
    text: str,
    query: Query,
    *,
    unit: str,
    bounds: Bounds | None = None,
    width: int = 4,
    height: int = 4,
    mapping: Mapping[str, tuple[str, str]] | None = None,
    trend: bool = True,
) -> stat.Panel:
    """Return a panel with large numbers, one for each series."""
    panel = (
        stat.Panel()
        .title(title)
        .description(text)
        .datasource(DATASOURCE)
        .unit(unit)
        .thresholds(steps(bounds))
        .color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .color_mode(kinds.BigValueColorMode.BACKGROUND if mapping else kinds.BigValueColorMode.VALUE)
        .graph_mode(kinds.BigValueGraphMode.AREA if trend else kinds.BigValueGraphMode.NONE)
        .text_mode(kinds.BigValueTextMode.VALUE_AND_NAME if mapping else kinds.BigValueTextMode.AUTO)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_target(query, 0))
        .span(width)
        .height(height)
    )
    if mapping:
        panel.mappings([_value_map(mapping)])
    return panel


def graph(
    title: str,
    text: str,
    queries: Queries,
    *,
    unit: str,
    bounds: Bounds | None = None,
    width: int = 8,
    height: int = 8,
    stacked: bool = False,
    symlog: bool = False,
    floor: float | None = 0,
    colours: Mapping[str, str] | None = None,
) -> timeseries.Panel:
    """Return a panel with lines over time; `symlog` for what is mostly 0 and sometimes thousands."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(text)
        .datasource(DATASOURCE)
        .unit(unit)
        .line_width(1)
        .fill_opacity(40 if stacked else 0 if symlog else 8)
        .show_points(kinds.VisibilityMode.NEVER)
        .thresholds(steps(bounds))
        .color_scheme(FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(kinds.LegendDisplayMode.LIST)
            .placement(kinds.LegendPlacement.BOTTOM)
        )
        .tooltip(
            common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
        )
        .span(width)
        .height(height)
    )
    if floor is not None:
        panel.min(floor)
    if bounds is not None:
        panel.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED)
        )
    if stacked:
        panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A"))
    if symlog:
        panel.scale_distribution(
            common.ScaleDistributionConfig().type(kinds.ScaleDistribution.SYMLOG).log(10).linear_threshold(1)
        )
    for name, colour in (colours or {}).items():
        panel.override_by_regexp(
            name,
            [model.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})],
        )
    for place, query in enumerate(queries):
        panel.with_target(_target(query, place))
    return panel


def heat(title: str, text: str, buckets: str, *, unit: str, width: int = 8, height: int = 8) -> heatmap.Panel:
    """Return a heat map of a histogram over time; `buckets` gives the rise of each bucket, by ``le``."""
    return (
        heatmap.Panel()
        .title(title)
        .description(text)
        .datasource(DATASOURCE)
        .color(
            heatmap.HeatmapColorOptions()
            .mode(HeatmapColorMode.SCHEME)
            .scheme("Oranges")
            .scale(HeatmapColorScale.EXPONENTIAL)
            .exponent(0.5)
            .steps(64)
            .reverse(False)
        )
        .y_axis(heatmap.YAxisConfig().unit(unit))
        .cell_gap(1)
        .hide_legend()
        .with_target(
            prometheus.Dataquery()
            .datasource(DATASOURCE)
            .expr(buckets)
            .legend_format("{{le}}")
            .format(PromQueryFormat.HEATMAP)
            .range()
            .ref_id("A")
        )
        .span(width)
        .height(height)
    )


def states(
    title: str,
    text: str,
    query: Query,
    mapping: Mapping[str, tuple[str, str]],
    *,
    width: int = 12,
    height: int = 6,
) -> statetimeline.Panel:
    """Return a panel with one coloured band for each series."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(text)
        .datasource(DATASOURCE)
        .mappings([_value_map(mapping)])
        .fill_opacity(80)
        .line_width(0)
        .row_height(0.8)
        .show_value(kinds.VisibilityMode.NEVER)
        .color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(steps(None))
        .with_target(_target(query, 0))
        .span(width)
        .height(height)
    )


def matrix(
    title: str,
    text: str,
    expr: str,
    *,
    row: str,
    column: str,
    unit: str,
    bounds: Bounds | None,
    link: tuple[str, str],
    width: int = 12,
    height: int = 6,
) -> table.Panel:
    """Return a table with a line for each value of one label and a column for each of another."""
    return (
        table.Panel()
        .title(title)
        .description(text)
        .datasource(DATASOURCE)
        .unit(unit)
        .thresholds(steps(bounds))
        .color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .cell_options(_coloured())
        .min_width(COLUMN_PIXELS_MIN)
        .mappings([_nobody()])
        .with_target(_instant(Query(expr), 0))
        # By name, columns and lines alike: an instant query answers in no order.
        .with_transformation(_sorted(column))
        .with_transformation(
            model.DataTransformerConfig(
                id_val="groupingToMatrix",
                options={"rowField": row, "columnField": column, "valueField": "Value", "emptyValue": "null"},
            )
        )
        .with_transformation(_sorted(f"{row}\\{column}"))
        .override_by_name(f"{row}\\{column}", _first_column(link))
        .span(width)
        .height(height)
    )


def listing(
    title: str,
    text: str,
    queries: Queries,
    columns: Mapping[str, str],
    *,
    units: Mapping[str, str],
    width: int = 12,
    height: int = 8,
) -> table.Panel:
    """Return a table with a line for each set of labels and a column for each query.

    `columns` names fields in their order, by label or by ``Value #A``, ``Value #B``; other fields are hidden.
    """
    panel = (
        table.Panel()
        .title(title)
        .description(text)
        .datasource(DATASOURCE)
        .no_value("–")
        .min_width(COLUMN_PIXELS_MIN)
        .thresholds(steps(None))
        .color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .span(width)
        .height(height)
    )
    for place, query in enumerate(queries):
        panel.with_target(_instant(query, place))
    panel.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(
        model.DataTransformerConfig(
            id_val="organize",
            options={
                "includeByName": dict.fromkeys(columns, True),
                "indexByName": {name: place for place, name in enumerate(columns)},
                "renameByName": dict(columns),
            },
        )
    )
    panel.with_transformation(_sorted(next(iter(columns.values()))))
    for name, unit in units.items():
        panel.override_by_name(name, [model.DynamicConfigValue("unit", unit)])
    return panel


def _target(query: Query, place: int) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .datasource(DATASOURCE)
        .expr(query.expr)
        .legend_format(query.legend)
        .range()
        .ref_id(chr(ord("A") + place))
    )


def _instant(query: Query, place: int) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .datasource(DATASOURCE)
        .expr(query.expr)
        .format(PromQueryFormat.TABLE)
        .instant()
        .ref_id(chr(ord("A") + place))
    )


def _sorted(field: str) -> model.DataTransformerConfig:
    return model.DataTransformerConfig(id_val="sortBy", options={"sort": [{"field": field}]})


def _value_map(mapping: Mapping[str, tuple[str, str]]) -> model.ValueMap:
    return model.ValueMap(
        {
            value: model.ValueMappingResult(text=text, color=colour, index=place)
            for place, (value, (text, colour)) in enumerate(mapping.items())
        }
    )


def _nobody() -> model.SpecialValueMap:
    """Return what stands where a line and a column meet that do not go together: a replica and itself."""
    return model.SpecialValueMap(
        model.DashboardSpecialValueMapOptions(
            match=model.SpecialValueMatch.NULL_AND_NAN,
            result=model.ValueMappingResult(text="–", color="transparent"),
        )
    )


def _coloured() -> Any:
    return kinds.TableColoredBackgroundCellOptions(mode=kinds.TableCellBackgroundDisplayMode.BASIC)


def _first_column(link: tuple[str, str]) -> list[model.DynamicConfigValue]:
    """Return how the column with the names of the lines looks: plain text that leads somewhere."""
    title, url = link
    return [
        model.DynamicConfigValue("unit", "string"),
        model.DynamicConfigValue("custom.cellOptions", {"type": "auto"}),
        model.DynamicConfigValue("links", [{"title": title, "url": url}]),
    ]
