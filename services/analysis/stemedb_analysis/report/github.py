"""Workflow commands: findings as annotations on the lines of a change, written by a step of a GitHub workflow.

Source: GitHub's "Workflow commands for GitHub Actions"; at most ten annotations of a kind are shown for a step, so the worst come first.
"""

from typing import Final

from stemedb_analysis.model import PROJECT, WHOLE
from stemedb_analysis.report import coverage
from stemedb_analysis.report.model import Item, Report, message, title

COMMANDS: Final = {"BLOCK": "error", "FLAG": "warning", "PASS": "notice"}


def render(report: Report) -> str:
    """Return the findings as workflow commands, one a line, and the coverage as plain lines, which the log shows."""
    lines = [_annotation(report, item) for item in report.shown]
    # A line of ours that began like a command would be one.
    lines += [_data(line).lstrip(":") for line in [coverage.summary_line(report), *coverage.lines(report)]]
    return "\n".join(lines) + "\n"


def _annotation(report: Report, item: Item) -> str:
    span = item.observation.span
    fields: dict[str, object] = {}
    if item.observation.file != PROJECT:
        fields |= {
            "file": report.naming.name(item.observation.file),
            "line": span.line,
            "endLine": span.end_line,
        }
    fields["title"] = f"{item.finding.verdict}: {title(report, item)}"
    if span != WHOLE and span.line == span.end_line:
        fields |= {"col": span.column, "endColumn": span.end_column}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    return f"::{COMMANDS[item.finding.verdict]} {properties}::{_data(message(report, item))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
