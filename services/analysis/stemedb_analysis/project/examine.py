"""From a scan to a report: judge, set aside, compare.

::

    scan ─▶ observations ─▶ judge ─▶ findings ─▶ implied ones ─▶ only changed lines ─▶ suppressions ─▶ acknowledgements ─▶ baseline ─▶ Report
                             ▲                                                            │               │
             authorities ────┘                                  what is wrong with them is told as findings

Each step takes findings and gives findings; none drops one without a count.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

from stemedb_analysis.corpus.as_assertions import nearest
from stemedb_analysis.judge import Coverage, Judge
from stemedb_analysis.judge.coverage import Stray
from stemedb_analysis.judge.measure import is_precise
from stemedb_analysis.model import Authority, Finding, Refused
from stemedb_analysis.project import suppress
from stemedb_analysis.project.acknowledge import Acknowledgement, acknowledge, complaints
from stemedb_analysis.project.baseline import Baseline, Key, compare
from stemedb_analysis.registry import Registry
from stemedb_analysis.report.model import Card, Gone, Item, Report, Suppression
from stemedb_analysis.report.sources import Sources
from stemedb_analysis.scan.result import Scan
from stemedb_analysis.walk.changes import touches


class Standards(NamedTuple):
    """What a project is held to."""

    registry: Registry
    rules: Mapping[str, Card]
    authorities: Sequence[Authority]
    aliases: Mapping[str, str] = {}
    acknowledgements: Sequence[Acknowledgement] = ()
    baseline: Baseline | None = None
    refused: Sequence[Refused] = ()
    """Claims of a replica or a pack that would be authorities and cannot be read as one."""

    @property
    def known(self) -> Collection[str]:
        """The names that a suppression may have: rules and tail paths."""
        return {*self.rules, *(rule.path for rule in self.rules.values())}

    def may_block(self, rule: str) -> bool:
        """Whether what was measured of a rule lets it block."""
        found = self.rules.get(rule)
        return found is not None and is_precise(found.measured)


def examine(
    scan: Scan,
    standards: Standards,
    sources: Sources,
    *,
    project: str,
    version: str,
    today: date,
    is_partial: bool,
    reference: str = "",
) -> Report:
    """Return what becomes of a scan. `is_partial` says that it did not cover the project, so that nothing counts as gone."""
    sources.hide(scan.observations)
    judge = Judge(
        standards.registry, standards.authorities, aliases=standards.aliases, may_block=standards.may_block
    )
    judged = judge.findings(scan.observations)
    applied = suppress.apply(judged, scan.notes, standards.known, today)
    asked = _touched(applied.kept, scan)
    findings, accepted = acknowledge(asked, standards.acknowledgements, today)
    findings += complaints(
        asked,
        standards.acknowledgements,
        today,
        standards.known,
        is_whole=not is_partial and not scan.tally.failed,
    )
    inline = _touched(applied.suppressed, scan)
    serious = [finding for finding in findings if finding.verdict != "PASS"]
    gone: Baseline = Baseline()
    if standards.baseline is not None:
        serious, gone = compare(serious, standards.baseline)
    items = [
        *_items(serious, ""),
        *_items(inline, "inline"),
        *_items((finding for finding in accepted if finding.verdict != "PASS"), "acknowledged"),
    ]
    order = {file: number for number, file in enumerate(dict.fromkeys(one.file for one in scan.observations))}
    last = len(order)
    items.sort(
        key=lambda item: (
            order.get(item.observation.file, last),
            item.observation.file,
            item.observation.span,
            item.observation.rule,
        )
    )
    observed = {(one.path, one.predicate) for one in scan.observations}
    observable = {(rule.path, rule.predicate) for rule in standards.rules.values()}

    def join(registry: Registry) -> Coverage:
        refused = (
            Stray(
                one.subject,
                one.predicate,
                nearest(one, registry),
                f"{one.reason}: {one.why}" if one.why else "",
            )
            for one in standards.refused
        )
        return Coverage.of(registry, judge.authorities, observed, observable, refused)

    return Report(
        project=project,
        version=version,
        items=items,
        passed=len(findings) - len(serious),
        tally=scan.tally,
        coverage=join(cast("Registry", _Names(standards.registry))),
        near=lambda: join(standards.registry),
        rules=standards.rules,
        registry=standards.registry,
        sources=sources,
        is_compared=standards.baseline is not None,
        gone=[]
        if is_partial
        else [Gone(key.rule, key.path, key.file, count) for key, count in sorted(gone.items())],
        reference=reference,
        faint=_faint(findings),
    )


class _Names:
    """A registry that tells what is in it, and looks for nothing near by."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __contains__(self, key: object) -> bool:
        return key in self._registry

    def is_word(self, segment: str) -> bool:  # noqa: ARG002 - the registry's own signature
        """Return ``False``: nothing is looked for."""
        return False

    def nearest(self, path: str, predicate: str, among: object = None) -> tuple[str, ...]:  # noqa: ARG002 - the registry's own signature
        """Return none."""
        return ()


def _touched(findings: Iterable[Finding], scan: Scan) -> list[Finding]:
    """Return those that stand on lines that the change touched; all of them where no change was asked for."""
    return [
        finding
        for finding in findings
        if touches(
            scan.changed.get(finding.observation.file),
            finding.observation.span.line,
            finding.observation.span.end_line,
        )
    ]


def _faint(findings: Iterable[Finding]) -> list[Item]:
    """Return those that pass though somebody contradicts them, the weightiest first, else in their order."""
    passed = (one for one in findings if one.verdict == "PASS" and one.score > 0)
    return _items(sorted(passed, key=lambda one: -one.score), "")


def _items(findings: Iterable[Finding], suppression: Suppression) -> list[Item]:
    return [Item(finding, Key.of(finding.observation).fingerprint, suppression) for finding in findings]
