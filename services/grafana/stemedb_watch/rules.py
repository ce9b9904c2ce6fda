"""What a rule of Prometheus is: a recorded series, or an alert with what it means and where to read on.

An alert is a row: what must hold, for how long, how grave it is, one line of summary, a description with figures. Its runbook is the section of
``services/README.md`` with its name. Where a value has two bounds there are two alerts, the graver one with ``CRITICAL`` after its name.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from stemedb_watch.thresholds import Bounds

RUNBOOK: Final = "services/README.md#"

CRITICAL: Final = "Critical"
"""What the name of an alert ends with that is the graver one of two."""

Severity = Literal["warning", "critical"]


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that several panels and alerts need."""

    record: str
    expr: str

    def as_rule(self) -> dict[str, Any]:
        """Return it as Prometheus reads it."""
        return {"record": self.record, "expr": self.expr}


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; `for_s` is how long `expr` must hold, and the text may use ``$labels`` and ``$value``."""

    name: str
    severity: Severity
    for_s: int
    expr: str
    summary: str
    description: str

    @property
    def anchor(self) -> str:
        """The section of the runbook, as links spell it; a warning and its critical alert share one."""
        return self.name.removesuffix(CRITICAL).lower()

    def as_rule(self) -> dict[str, Any]:
        """Return it as Prometheus reads it."""
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": duration(self.for_s),
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": RUNBOOK + self.anchor,
            },
        }


def duration(seconds: int) -> str:
    """Return a duration as Prometheus spells it, in the largest unit that divides it."""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def figure(value: float) -> str:
    """Return a number as PromQL reads it, exact and without an exponent."""
    return str(int(value)) if value == int(value) else repr(value)


def bounded(name: str, value: str, bounds: Bounds, for_s: int, texts: tuple[str, str]) -> list[Alert]:
    """Return the warning, and where there is a second bound the critical alert with ``CRITICAL`` after its name."""
    sign = "<" if bounds.is_floor else ">"
    summary, description = texts
    alerts = [Alert(name, "warning", for_s, f"{value} {sign} {figure(bounds.warning)}", summary, description)]
    if bounds.critical is not None:
        alerts.append(
            Alert(
                name + CRITICAL,
                "critical",
                for_s,
                f"{value} {sign} {figure(bounds.critical)}",
                summary,
                description,
            )
        )
    return alerts
