"""What PromQL expressions ask for: which metrics, with which labels. And what the services offer.

::

    rules, panels, annotations, variables ──▶ uses: (metric, labels)
                                                 │ must all be among
    registries of the services ──▶ offered: metric → labels, with those that the scrape configuration gives
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import promql_parser
from prometheus_client.core import Metric

SCRAPED = frozenset({"replica", "service", "instance", "job"})
"""Labels that every target has; a metric's own label of such a name comes out as ``exported_<name>``."""

OF_PROMETHEUS = {
    "up": SCRAPED,
    "ALERTS": SCRAPED | {"alertname", "alertstate", "severity", "peer"},
}

SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "info": ("_info",),
    "gauge": ("",),
    "unknown": ("",),
}

FILLED = {"$__rate_interval": "1m", "$__interval": "15s", "$replica": ".+", "$peer": ".+"}


@dataclass(frozen=True, slots=True)
class Use:
    """A metric and labels that an expression expects it to have."""

    metric: str
    labels: frozenset[str]


def filled(expr: str, values: Mapping[str, str] = FILLED) -> str:
    """Return an expression of a dashboard with its variables filled in."""
    for name in sorted(values, key=len, reverse=True):
        expr = expr.replace(name, values[name])
    assert "$_" not in expr, expr
    assert not re.search(r"\$[a-z{]", expr), expr
    return expr


def uses(expr: str) -> list[Use]:
    """Return what `expr` expects; raises `ValueError` if it does not parse."""
    parsed = promql_parser.parse(expr)
    return list(_uses(parsed, frozenset()))


def legend_labels(legend: str) -> set[str]:
    """Return the labels that a legend shows."""
    return set(re.findall(r"\{\{\s*([A-Za-z_]+)\s*\}\}", legend))


def offered(metrics: Iterable[Metric]) -> dict[str, frozenset[str]]:
    """Return the series that `metrics` give when they are scraped, with the labels that they have then."""
    found: dict[str, frozenset[str]] = {}
    for metric in metrics:
        labels = set().union(*(sample.labels for sample in metric.samples)) - {"le"}
        labels = {f"exported_{label}" if label in SCRAPED else label for label in labels} | SCRAPED
        for suffix in SUFFIXES[metric.type]:
            found[metric.name + suffix] = frozenset(labels | ({"le"} if suffix == "_bucket" else set()))
    return found


def _uses(node: Any, wanted: frozenset[str]) -> Iterator[Use]:
    """Walk down; `wanted` are the labels by which the nodes above group what comes from below."""
    kind = type(node).__name__
    if kind == "VectorSelector":
        yield Use(node.name, wanted | {matcher.name for matcher in node.matchers.matchers})
    elif kind == "MatrixSelector":
        yield from _uses(node.vector_selector, wanted)
    elif kind == "AggregateExpr":
        # What groups above can only be by what is kept here; this is what the metric itself must have.
        by = frozenset(node.modifier.labels) if node.modifier else frozenset()
        assert wanted <= by, f"{node}: grouped by {set(wanted)} above, by {set(by)} here"
        yield from _uses(node.expr, by)
    elif kind == "BinaryExpr":
        matching = node.modifier.matching if node.modifier else None
        on = frozenset(matching.labels) if matching else frozenset()
        yield from _uses(node.lhs, wanted | on)
        right = (_is_plain(node) and wanted) or frozenset()
        yield from _uses(node.rhs, right | on)
    elif kind == "Call":
        arguments = list(node.args)
        made = {"label_replace": {1}, "label_join": {1}}.get(node.func.name, set())
        if made:
            source, given = arguments[3].val, arguments[1].val
            yield from _uses(arguments[0], (wanted - {given}) | {source})
        else:
            for argument in arguments:
                yield from _uses(argument, wanted)
    elif kind in {"ParenExpr", "UnaryExpr", "SubqueryExpr"}:
        yield from _uses(node.expr, wanted)
    else:
        assert kind in {"NumberLiteral", "StringLiteral"}, kind


def _is_plain(node: Any) -> bool:
    """Whether both sides must have the same labels: no ``on``, and not a set operation with one side's labels."""
    return node.modifier is None or node.modifier.matching is None
