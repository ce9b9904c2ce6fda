"""Findings for a terminal: what, where, the code with the place marked, and who says otherwise.

::

    BLOCK  Certificates are verified                     shop/client.py:42:33
           tls/cert_verification enabled = false         score 0.95 · tls-verify-python
        41 │ def fetch(url):
        42 │     return requests.get(url, verify=False)
           │                              ────────────
           ✗ wants true  regulatory  RFC 9110 §4.3.4
             The client must check … https://…
           ✓ agrees …

Lines are made of pieces with a style each; a terminal draws the styles, a pipe or a file gets the text alone.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from stemedb.statements.tiers import TIERS
from stemedb_analysis.judge.score import factors
from stemedb_analysis.model import Hop, Observation, Opinion
from stemedb_analysis.report import coverage
from stemedb_analysis.report.model import (
    Item,
    Report,
    claim_text,
    contradicting,
    demand_text,
    passes_text,
    rule_text,
    title,
    value_text,
)
from stemedb_analysis.report.sources import Line

Piece = tuple[str, str]
"""Text and its style in Rich's words."""
Row = list[Piece]

VERDICT_STYLES: Final = {
    "BLOCK": "bold white on red",
    "FLAG": "bold black on yellow",
    "PASS": "bold black on green",
}
INDENT: Final = " " * 7
OPINIONS_SHOWN: Final = 3
TEXT_SHOWN_MAX: Final = 160


def rows(report: Report, *, explain: bool = False, joins: bool = False) -> Iterator[Row]:
    """Yield the report line by line."""
    for item in report.shown:
        yield from _finding(report, item, explain=explain)
        yield []
    for gone in report.gone:
        yield [
            ("gone  ", "green"),
            (
                f" {gone.rule}  {gone.path}  {gone.file}" + (f" ×{gone.times}" if gone.times > 1 else ""),
                "dim",
            ),
        ]
    for item in report.faint if explain else ():
        yield from _finding(report, item, explain=True)
        yield []
    yield [(coverage.summary_line(report), "bold")]
    if report.faint and not explain:
        yield [(coverage.faint_line(report), "dim")]
    yield from ([(line, "dim")] for line in coverage.lines(report))
    if explain or joins:
        yield from ([(line, "dim")] for line in coverage.join_lines(report))


def plain(lines: Iterable[Row]) -> Iterator[str]:
    """Yield rows without their styles."""
    for row in lines:
        yield "".join(text for text, _ in row).rstrip()


def _finding(report: Report, item: Item, *, explain: bool) -> Iterator[Row]:
    observation, finding = item.observation, item.finding
    yield [
        (f" {finding.verdict} ", VERDICT_STYLES[finding.verdict]),
        (" ", ""),
        (title(report, item), "bold"),
        ("  ", ""),
        (observation.place, "cyan"),
    ]
    about = f"score {finding.score:.2f} · {rule_text(report, observation.rule, at_length=explain)}" + (
        " · in a test" if observation.in_test else ""
    )
    yield [(INDENT, ""), (claim_text(observation)[:TEXT_SHOWN_MAX], ""), (f"   {about}", "dim")]
    if finding.verdict == "PASS":
        yield [(f"{INDENT}{passes_text(item)}", "green")]
    yield from _excerpt(report.sources.excerpt(observation.file, observation.span, observation.text))
    yield from _hops(observation.hops)
    opinions = finding.opinions if explain else contradicting(finding)[:OPINIONS_SHOWN]
    for opinion in opinions:
        authority = opinion.authority
        said, style = _said(opinion, observation)
        yield [
            (INDENT, ""), (said, style), (f"  {TIERS[authority.tier].name}", "magenta"),
            (f"  {authority.citation}", "bold"),
        ]  # fmt: skip
        if not opinion.speaks:
            continue
        yield [(f"{INDENT}  {authority.summary}", "dim")]
        if authority.url:
            yield [(f"{INDENT}  {authority.url}", "blue")]
        if explain:
            yield [(f"{INDENT}  {_weight(opinion, observation)}", "dim")]
    left = len(contradicting(finding)) - OPINIONS_SHOWN
    if not explain and left > 0:
        yield [(f"{INDENT}… and {left} more: --explain", "dim")]


def _said(opinion: Opinion, observation: Observation) -> Piece:
    if not opinion.speaks:
        return f"· does not speak of {value_text(observation.value)}", "dim"
    mark, style = ("✓ agrees with", "green") if opinion.agrees else ("✗ wants", "red")
    return f"{mark} {demand_text(opinion)}", style


def _weight(opinion: Opinion, observation: Observation) -> str:
    authority = opinion.authority
    product = factors(authority.tier, authority.confidence, authority.lifecycle, observation.confidence)
    return f"score {opinion.score:.2f} = {product}"


def _excerpt(lines: list[Line]) -> Iterator[Row]:
    for line in lines:
        yield [(f"{line.number:>6} │ ", "dim"), (line.text, "" if line.is_marked else "dim")]
        if line.is_marked:
            padding = "".join("\t" if character == "\t" else " " for character in line.text[: line.start])
            yield [("       │ ", "dim"), (padding, ""), ("─" * (line.end - line.start), "red")]


def _hops(hops: Iterable[Hop]) -> Iterator[Row]:
    for number, hop in enumerate(hops, 1):
        yield [(f"{INDENT}{number}. line {hop.line}: ", "dim"), (hop.text[:TEXT_SHOWN_MAX], "")]
