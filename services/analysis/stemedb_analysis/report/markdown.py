"""Findings as Markdown: for a comment on a pull request, or a step's summary."""

import re
from typing import Final

from stemedb.statements.tiers import TIERS
from stemedb_analysis.report import coverage
from stemedb_analysis.report.model import (
    Item,
    Report,
    claim_text,
    contradicting,
    demand_text,
    rule_text,
    title,
)

ITEMS_MAX: Final = 200
"""A comment holds 65,536 characters; more findings than these are read elsewhere."""
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def render(report: Report) -> str:
    """Return the report as Markdown; text from the code cannot become markup."""
    lines = [f"## StemeDB: {escape(report.project)}", "", f"**{coverage.summary_line(report)}**", ""]
    shown = report.shown
    for item in shown[:ITEMS_MAX]:
        lines += _finding(report, item)
    if len(shown) > ITEMS_MAX:
        lines += [f"… and {len(shown) - ITEMS_MAX} more.", ""]
    lines += ["<details><summary>Coverage</summary>", ""]
    lines += [f"* {escape(line.strip())}" for line in [*coverage.lines(report), *coverage.join_lines(report)]]
    return "\n".join([*lines, "", "</details>"]) + "\n"


def escape(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _finding(report: Report, item: Item) -> list[str]:
    observation = item.observation
    place = observation.place.removesuffix(f":{observation.span.column}")
    lines = [f"### {item.finding.verdict} · {escape(title(report, item))}", ""]
    lines += [
        f"{_code(place)} · {_code(claim_text(observation))} · score {item.finding.score:.2f} · {_code(rule_text(report, observation.rule))}",
        "",
    ]
    quoted = report.sources.excerpt(observation.file, observation.span, observation.text)
    if quoted:
        body = [f"{'>' if line.is_marked else ' '} {line.number:>5}  {line.text}" for line in quoted]
        fence = _fence("\n".join(body))
        lines += [fence + "text", *body, fence, ""]
    for opinion in contradicting(item.finding):
        authority = opinion.authority
        link = (
            f"[{escape(authority.citation)}](<{authority.url}>)"
            if authority.url
            else escape(authority.citation)
        )
        lines.append(
            f"* want **{escape(demand_text(opinion))}** ({TIERS[authority.tier].name}, {link}): {escape(authority.summary)}"
        )
    return [*lines, ""]


def _code(text: str) -> str:
    """Return a text as inline code, whatever backticks are in it."""
    flat = " ".join(text.split())
    ticks = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    return f"{ticks} {flat} {ticks}" if "`" in flat else f"`{flat}`"


def _fence(text: str) -> str:
    return "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
