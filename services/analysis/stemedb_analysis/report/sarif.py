"""SARIF 2.1.0: findings for code hosts, editors and archives.

::

    run
    ├─ tool.driver        the program, its rules: help, level, tags, precision, severity
    ├─ invocations        whether the scan could be carried out, and what of the code it could not read
    ├─ artifacts          the files with findings
    └─ results            one a finding: message, place with the code around, way from source to sink,
                          fingerprints, suppressions with their reasons, state against the baseline

Columns are counted in characters (``columnKind``). Severity, by which GitHub ranks, is the worst that a rule of its kind may do, scaled by
the weight of the strongest authority that speaks of it. What the baseline has and the code has no more is left out: a code host would
raise it as an alert.

Source: OASIS SARIF 2.1.0; GitHub's "SARIF support for code scanning".
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from stemedb.statements.tiers import tier_weight
from stemedb_analysis.judge.measure import Measure, long_text
from stemedb_analysis.model import PROJECT, WHOLE, Authority, Span
from stemedb_analysis.report.line_hash import line_hashes
from stemedb_analysis.report.model import Item, Report, contradicting, message, title

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
INFORMATION: Final = "https://github.com/stemedb/stemedb"
LEVELS: Final = {"BLOCK": "error", "FLAG": "warning", "PASS": "note"}
SUPPRESSION_KINDS: Final = {"inline": "inSource", "acknowledged": "external"}
STATES: Final = {"new": "new", "unchanged": "unchanged", "absent": "absent"}

KIND_SEVERITY: Final = {"injection": 9.8, "secret": 9.0, "configuration": 8.0, "supply_chain": 6.0}
"""The worst that a contradiction of this kind may do, on the scale of CVSS."""
OTHER_SEVERITY: Final = 2.0
PRECISION_STEPS: Final = ((0.98, "very-high"), (0.95, "high"), (0.80, "medium"), (0.0, "low"))
UNMEASURED: Final = "medium"
EXACTLY: Final = "very-high"
FAULTS_MAX: Final = 50
ROOT: Final = "SRCROOT"
NO_FILE: Final = "the%20project%20as%20a%20whole"
"""Stands where a file would in what is said of the project. Code hosts refuse a log in which one result has no location, or an empty one; an address
at which there is no file is taken, and shown as such."""


def render(report: Report) -> str:
    """Return the report as a SARIF log, indented by one, ending with a newline."""
    return json.dumps(log(report), ensure_ascii=False, indent=1) + "\n"


def log(report: Report) -> dict[str, Any]:
    """Return the report as a SARIF log of one run."""
    rules = sorted({item.observation.rule for item in report.items})
    files = list(dict.fromkeys(item.observation.file for item in report.items))
    run = {
        "tool": {"driver": _driver(report, rules)},
        "automationDetails": {"id": f"stemedb/{report.project}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: _base(report)},
        "invocations": [_invocation(report)],
        "artifacts": [
            {"location": _location(report, file), **_source_language(report, file)} for file in files
        ],
        "results": _results(
            report,
            {rule: number for number, rule in enumerate(rules)},
            {file: number for number, file in enumerate(files)},
        ),
        "properties": {"summary": report.summary()},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver(report: Report, rules: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "StemeDB",
        "organization": "StemeDB",
        "product": "StemeDB analysis",
        "fullName": f"StemeDB analysis {report.version}",
        "semanticVersion": report.version,
        "version": report.version,
        "informationUri": INFORMATION,
        "rules": [_rule(report, rule) for rule in rules],
    }


def _rule(report: Report, name: str) -> dict[str, Any]:
    rule = report.rules.get(name)
    items = [item for item in report.items if item.observation.rule == name]
    level = min((item.finding.verdict for item in items), key=list(LEVELS).index)
    heading = title(report, items[0])
    text = rule.help if rule else heading
    measured = f"This rule: {long_text(rule.measured)}" if rule else ""
    against = _authorities(items)
    described = {
        "id": name,
        "name": "".join(part.capitalize() for part in name.replace("_", "-").split("-")),
        "shortDescription": {"text": _sentence(heading)},
        "fullDescription": {"text": _sentence(text)},
        "help": {
            "text": _help(text, measured, against, markdown=False),
            "markdown": _help(text, measured, against, markdown=True),
        },
        "defaultConfiguration": {"level": LEVELS[level]},
        "properties": _properties(report, name, items, against),
    }
    described["helpUri"] = next((one.url for one in against if one.url), INFORMATION)
    return described


def _properties(
    report: Report, name: str, items: Sequence[Item], against: Sequence[Authority]
) -> dict[str, Any]:
    rule = report.rules.get(name)
    observation = items[0].observation
    concept = report.registry.get((observation.path, observation.predicate))
    cwes = [f"external/cwe/cwe-{number:03}" for number in concept.cwe] if concept else []
    tags = ["security" if concept else "maintainability", *(rule.tags if rule else ()), *cwes]
    properties: dict[str, Any] = {
        "tags": list(dict.fromkeys(tags)),
        "precision": _precision(rule.measured) if rule else EXACTLY,
        "problem.severity": "error" if any(item.finding.verdict == "BLOCK" for item in items) else "warning",
    }
    if rule:
        properties["measured"] = long_text(rule.measured)
        if rule.measured is not None and rule.measured.precision is not None:
            properties |= {"measuredPrecision": rule.measured.precision, "measuredOn": rule.measured.alarms}
    if concept:
        weight = max((tier_weight(one.tier) for one in against), default=0.5)
        properties["security-severity"] = f"{KIND_SEVERITY.get(concept.kind, OTHER_SEVERITY) * weight:.1f}"
        properties |= {"path": observation.path, "predicate": observation.predicate}
    return properties


def _precision(measured: Measure | None) -> str:
    """Return a word of GitHub's; what was not tried often enough is called no better than what was not measured."""
    if measured is None or measured.precision is None:
        return EXACTLY if measured is not None and measured.may_block else UNMEASURED
    steps = PRECISION_STEPS if measured.is_tried else PRECISION_STEPS[2:]
    share = measured.precision
    return next(word for least, word in steps if share >= least)


def _results(report: Report, rules: dict[str, int], files: dict[str, int]) -> list[dict[str, Any]]:
    results = []
    for file, number in files.items():
        items = [item for item in report.items if item.observation.file == file]
        hashes = line_hashes(report.sources.data(file), {item.observation.span.line for item in items})
        results += [_result(report, item, rules, number, hashes) for item in items]
    return results


def _result(
    report: Report, item: Item, rules: dict[str, int], file: int, hashes: dict[int, str]
) -> dict[str, Any]:
    observation, finding = item.observation, item.finding
    result: dict[str, Any] = {
        "ruleId": observation.rule,
        "ruleIndex": rules[observation.rule],
        "kind": "fail",
        "level": LEVELS[finding.verdict],
        "message": {"text": message(report, item)},
        "locations": [{"physicalLocation": _physical(report, item, file)}],
        "partialFingerprints": {
            **_line_hash(item, hashes),
            "stemedbStatement/v1": item.fingerprint,
        },
        "rank": round(finding.score * 100, 1),
        "suppressions": _suppressions(item),
        "properties": {
            "score": finding.score,
            "confidence": observation.confidence,
            "verdict": finding.verdict,
            "value": observation.value,
            "citations": [opinion.authority.citation for opinion in contradicting(finding)],
        },
    }
    if report.is_compared:
        result["baselineState"] = STATES[finding.state]
    if observation.hops:
        result["codeFlows"] = [_flow(report, item, file)]
    return result


def _line_hash(item: Item, hashes: dict[int, str]) -> dict[str, str]:
    """Return the hash by which an alert stays the same; of what has no line, one that depends on no line."""
    if item.observation.span == WHOLE:
        return {"primaryLocationLineHash": f"{item.fingerprint}:1"}
    line = item.observation.span.line
    return {"primaryLocationLineHash": hashes[line]} if line in hashes else {}


def _physical(report: Report, item: Item, file: int) -> dict[str, Any]:
    observation = item.observation
    span = observation.span
    quoted = report.sources.excerpt(observation.file, span, observation.text)
    physical: dict[str, Any] = {
        "artifactLocation": {**_location(report, observation.file), "index": file},
        "region": _region(span),
    }
    inside = [line.text for line in quoted if span.line <= line.number <= span.end_line]
    if inside:
        physical["region"]["snippet"] = {"text": "\n".join(inside)}
        physical["contextRegion"] = {
            "startLine": quoted[0].number,
            "endLine": quoted[-1].number,
            "snippet": {"text": "\n".join(line.text for line in quoted)},
        }
    if len(quoted) <= len(inside) and "contextRegion" in physical:
        # A context that shows no more than the region is not a proper one.
        del physical["contextRegion"]
    return physical


def _region(span: Span) -> dict[str, int]:
    if span.line == span.end_line and span.end_column <= span.column:
        return {"startLine": span.line}
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _flow(report: Report, item: Item, file: int) -> dict[str, Any]:
    name = item.observation.file
    places = [
        {
            "location": {
                "physicalLocation": {
                    "artifactLocation": {**_location(report, name), "index": file},
                    "region": {
                        "startLine": hop.line,
                        "startColumn": hop.column,
                        "snippet": {"text": hop.text},
                    },
                },
                "message": {"text": hop.text or name},
            }
        }
        for hop in item.observation.hops
    ]
    return {"threadFlows": [{"locations": places}]}


def _suppressions(item: Item) -> list[dict[str, str]]:
    if not item.suppression:
        return []
    return [
        {
            "kind": SUPPRESSION_KINDS[item.suppression],
            "status": "accepted",
            "justification": item.finding.acknowledged,
        }
    ]


def _invocation(report: Report) -> dict[str, Any]:
    tally = report.tally
    troubles = [(file, f"{reason}: not scanned") for file, reason in tally.named] + list(tally.faults)
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [
            {
                "level": "note",
                "message": {"text": _sentence(text)},
                "locations": [{"physicalLocation": {"artifactLocation": _location(report, file)}}],
            }
            for file, text in troubles[:FAULTS_MAX]
        ],
        "properties": {
            "seen": tally.seen,
            "scanned": tally.scanned,
            "lines": tally.lines,
            "secretsOnly": tally.texts.total(),
            "skipped": dict(sorted(tally.skipped.items())),
        },
    }


def _source_language(report: Report, file: str) -> dict[str, str]:
    language = next(item.observation.language for item in report.items if item.observation.file == file)
    return {"sourceLanguage": language} if language != "comment" else {}


def _base(report: Report) -> dict[str, Any]:
    described = {"description": {"text": report.naming.description}}
    return {"uri": report.naming.base, **described} if report.naming.base else described


def _location(report: Report, file: str) -> dict[str, str]:
    return {
        "uri": NO_FILE if file == PROJECT else quote(report.naming.uri_name(file)),
        "uriBaseId": ROOT,
    }


def _authorities(items: Iterable[Item]) -> list[Authority]:
    """Return those that contradict, each once, the weightiest first."""
    found = {opinion.authority.id: opinion for item in items for opinion in contradicting(item.finding)}
    return [
        opinion.authority
        for opinion in sorted(found.values(), key=lambda one: (-one.score, one.authority.id))
    ]


def _help(text: str, measured: str, against: Sequence[Authority], *, markdown: bool) -> str:
    lines = [_sentence(text)]
    for authority in against:
        cited = (
            f"[{authority.citation}]({authority.url})" if markdown and authority.url else authority.citation
        )
        link = "" if markdown or not authority.url else f" ({authority.url})"
        lines.append(f"{'* ' if markdown else ''}{cited}: {authority.summary}{link}")
    parts = [lines[0], "\n".join(lines[1:]), measured and _sentence(measured)]
    return ("\n\n" if markdown else "\n").join(part for part in parts if part)


def _sentence(text: str) -> str:
    stripped = text.strip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."
