"""A report for people: one HTML file that needs nothing else.

::

    header    project, verdicts with their counts, trend against the baseline
    filters   text, verdict, state, path; the keyboard: / search, j and k from finding to finding, o open and close, Escape clear
    findings  by severity: code with the line marked, the way from source to sink, who says otherwise with citation
    coverage  what was scanned, what was passed over and why, what met no authority

The page works without its script, which only filters: everything is there, and opens and closes by itself (``details``). It fetches
nothing, which its own policy makes sure of: no script but the one whose hash it names, no address at all.

Whatever comes from the code, from rules and from authorities is escaped; an address becomes a link only if it is http or https.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from stemedb.statements.tiers import TIERS
from stemedb_analysis.model import PROJECT, Opinion
from stemedb_analysis.report import coverage
from stemedb_analysis.report.model import VERDICTS, Item, Report, claim_text, demand_text, rule_text, title
from stemedb_analysis.report.sources import Line

ITEMS_MAX: Final = 5000
"""A page beyond this is slow to open; the counts tell of the rest."""
OPINIONS_OPEN: Final = 2
"""Opinions on a finding that are shown at once."""
WORDS: Final = {"BLOCK": "Block", "FLAG": "Flag", "PASS": "Pass"}


def render(report: Report) -> str:
    """Return the page."""
    style, script = _asset("report.css"), _asset("report.js")
    items = sorted(report.items, key=_order)
    body = [
        _header(report),
        _filters(items),
        f'<main id="findings" aria-label="Findings">{"".join(_finding(report, item) for item in items[:ITEMS_MAX])}',
        '<p class="none" id="none" hidden>No finding matches.</p>'
        if items
        else '<p class="none">Nothing contradicts what authorities say.</p>',
        f'<p class="none">… and {len(items) - ITEMS_MAX:,} more.</p>' if len(items) > ITEMS_MAX else "",
        "</main>",
        _gone(report),
        _coverage(report),
        f"<footer>StemeDB {escape(report.version)}</footer>",
    ]
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(report.project)}: findings</title>\n<style>{style}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + f"\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _order(item: Item) -> tuple[bool, int, float]:
    return (not item.counts, VERDICTS.index(item.finding.verdict), -item.finding.score)


def _header(report: Report) -> str:
    counts = report.summary()
    tiles = [
        ("block", counts["block"], "block"),
        ("flag", counts["flag"], "flag"),
        ("passed", counts["passed"], "passed"),
    ]
    if counts["suppressed"]:
        tiles.append(("quiet", counts["suppressed"], "set aside"))
    cells = "".join(
        f'<div class="tile {name}"><b>{count:,}</b><span>{label}</span></div>' for name, count, label in tiles
    )
    reference = f" · {escape(report.reference)}" if report.reference else ""
    return (
        f'<header><h1>{escape(report.project)}<small> findings{reference}</small></h1><div class="tiles">{cells}</div>'
        f"{_trend(report)}{_directories(report)}</header>"
    )


def _trend(report: Report) -> str:
    """Return how things stand against the baseline: what is new, what was known, what is gone."""
    if not report.is_compared:
        return ""
    counts = report.summary()
    new = counts["block"] + counts["flag"]
    parts = [("new", new), ("unchanged", counts["unchanged"]), ("gone", counts["gone"])]
    words = " · ".join(f"{count:,} {name}" for name, count in parts)
    before = counts["unchanged"] + counts["gone"]
    now = counts["unchanged"] + new
    change = f"{before:,} → {now:,} ({now - before:+,})"
    svg = _bar(parts)
    return f'<section class="trend" aria-label="Against the baseline"><h2>Against the baseline: {change}</h2>{svg}<p>{words}</p></section>'


def _bar(parts: Iterable[tuple[str, int]]) -> str:
    """Return a bar of parts in their shares; drawn as SVG, since the page's policy allows no inline style."""
    shares = list(parts)
    total = max(1, sum(count for _, count in shares))
    at, boxes = 0.0, ""
    for name, count in shares:
        width = 1000 * count / total
        boxes += f'<rect class="{name}" x="{at:.1f}" y="0" width="{width:.1f}" height="12"><title>{count:,} {name}</title></rect>'
        at += width
    return f'<svg class="bar" viewBox="0 0 1000 12" preserveAspectRatio="none" role="img" aria-label="shares">{boxes}</svg>'


def _directories(report: Report) -> str:
    """Return where the findings are: the top directories, each with a bar."""
    counts: dict[str, Counter[str]] = {}
    for item in report.items:
        if item.counts:
            file = item.observation.file
            top = (
                item.observation.place
                if file == PROJECT
                else file.split("/")[0] + ("/" if "/" in file else "")
            )
            counts.setdefault(top, Counter())[item.finding.verdict] += 1
    if len(counts) < 2:
        return ""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1]["BLOCK"], -pair[1].total(), pair[0]))[:12]
    most = max(one.total() for _, one in ranked)
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{_bar([('block', one['BLOCK']), ('flag', one['FLAG']), ('rest', most - one.total())])}</td>"
        f"<td class=number>{one['BLOCK']:,}</td><td class=number>{one['FLAG']:,}</td></tr>"
        for name, one in ranked
    )
    return f"<details class=where open><summary>Where</summary><table><thead><tr><th>directory<th><th class=number>block<th class=number>flag</thead>{rows}</table></details>"


def _filters(items: list[Item]) -> str:
    paths = Counter(item.observation.path for item in items)
    options = "".join(
        f'<option value="{escape(path)}">{escape(path)} ({count})</option>'
        for path, count in sorted(paths.items())
    )
    boxes = "".join(
        f'<label><input type="checkbox" name="verdict" value="{verdict}" checked> {WORDS[verdict]}</label>'
        for verdict in VERDICTS
        if any(item.finding.verdict == verdict for item in items)
    )
    quiet = any(not item.counts for item in items)
    known = '<label><input type="checkbox" id="known"> known and set aside</label>' if quiet else ""
    return (
        '<form class="filters" role="search" aria-label="Filter findings">'
        '<input type="search" id="text" placeholder="Filter: file, rule, text   ( / )" aria-label="Filter by text" autocomplete="off">'
        f'<select id="path" aria-label="Filter by path"><option value="">all paths</option>{options}</select>'
        f'<span class="boxes">{boxes}{known}</span><output id="shown" aria-live="polite">{len(items):,} findings</output></form>'
    )


def _finding(report: Report, item: Item) -> str:
    observation, finding = item.observation, item.finding
    name = title(report, item)
    place = observation.place
    state = item.suppression or (finding.state if report.is_compared else "")
    badge = (
        f'<span class="state">{escape({"inline": "suppressed", "": ""}.get(state, state))}</span>'
        if state
        else ""
    )
    haystack = f"{name} {place} {observation.rule} {observation.path} {observation.text}".lower()
    attributes = (
        f'data-verdict="{finding.verdict}" data-path="{escape(observation.path)}" data-text="{escape(haystack)}"'
        f"{'' if item.counts else ' data-known hidden'}"
    )
    reason = f'<p class="reason">set aside: {escape(finding.acknowledged)}</p>' if item.suppression else ""
    excerpt = report.sources.excerpt(observation.file, observation.span, observation.text)
    claim = escape(claim_text(observation))
    rule = report.rules.get(observation.rule)
    why = f"<p>{escape(rule.help)}</p>" if rule and rule.help else ""
    is_open = " open" if finding.verdict == "BLOCK" and item.counts else ""
    return (
        f'<details class="finding {finding.verdict.lower()}" {attributes}{is_open}>'
        f'<summary><span class="verdict">{finding.verdict}</span><span class="title">{escape(name)}</span>'
        f'<code class="place">{escape(place)}</code>{badge}</summary>'
        f'<div class="body"><p class="claim"><b>{claim}</b><span class="score">score {finding.score:.2f} · confidence {observation.confidence:.2f} · '
        f"{escape(rule_text(report, observation.rule, at_length=True))}{' · in a test' if observation.in_test else ''}</span></p>{why}{reason}"
        f"{_code(excerpt)}{_hops(item)}{_opinions(finding.spoken)}</div></details>"
    )


def _code(lines: list[Line]) -> str:
    if not lines:
        return ""
    rows = []
    for line in lines:
        text = escape(line.text)
        if line.is_marked:
            text = f"{escape(line.text[: line.start])}<mark>{escape(line.text[line.start : line.end])}</mark>{escape(line.text[line.end :])}"
        rows.append(
            f'<span class="line{" hit" if line.is_marked else ""}"><span class="n">{line.number}</span>{text or " "}</span>'
        )
    return f'<pre class="code" tabindex="0"><code>{"".join(rows)}</code></pre>'


def _hops(item: Item) -> str:
    if not item.observation.hops:
        return ""
    steps = "".join(
        f"<li><span>line {hop.line}</span> <code>{escape(hop.text)}</code></li>"
        for hop in item.observation.hops
    )
    return f'<ol class="hops" aria-label="From source to sink">{steps}</ol>'


def _opinions(opinions: Sequence[Opinion]) -> str:
    """Return the opinions; beyond the first few they are one click away."""
    first = "".join(_opinion(opinion) for opinion in opinions[:OPINIONS_OPEN])
    rest = "".join(_opinion(opinion) for opinion in opinions[OPINIONS_OPEN:])
    return (
        f"{first}<details class=more><summary>{len(opinions) - OPINIONS_OPEN} more</summary>{rest}</details>"
        if rest
        else first
    )


def _opinion(opinion: Opinion) -> str:
    authority = opinion.authority
    words = "agrees:" if opinion.agrees else "wants"
    return (
        f'<blockquote class="{"agrees" if opinion.agrees else "against"}"><p><b>{words} {escape(demand_text(opinion))}</b> '
        f'<span class="tier">{TIERS[authority.tier].name}</span> <cite>{_link(authority.citation, authority.url)}</cite></p>'
        f"<p>{escape(authority.summary)}</p></blockquote>"
    )


def _link(text: str, url: str) -> str:
    """Return a text as a link; of an address that is no web address, the text alone."""
    try:
        is_web = urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        is_web = False
    return f'<a href="{escape(url)}" rel="noreferrer noopener">{escape(text)}</a>' if is_web else escape(text)


def _gone(report: Report) -> str:
    if not report.gone:
        return ""
    rows = "".join(
        f"<tr><td>{escape(gone.path)}</td><td>{escape(gone.rule)}</td><td><code>{escape(gone.file)}</code></td><td class=number>{gone.times}</td></tr>"
        for gone in report.gone
    )
    return f"<details class=gone><summary>Gone since the baseline ({len(report.gone):,})</summary><table><thead><tr><th>path<th>rule<th>file<th class=number>times</thead>{rows}</table></details>"


def _coverage(report: Report) -> str:
    lines = "".join(f"<li>{escape(line.strip())}</li>" for line in _coverage_lines(report))
    return f"<details class=coverage open><summary>Coverage</summary><ul>{lines}</ul></details>"


def _coverage_lines(report: Report) -> Iterator[str]:
    yield from coverage.lines(report)
    yield from coverage.join_lines(report)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    return files("stemedb_analysis.report").joinpath(name).read_text("utf-8").strip()
