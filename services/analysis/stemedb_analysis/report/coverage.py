"""What a scan saw, in words: beside every report, whatever its format."""

from collections.abc import Iterator
from typing import Final

from stemedb_analysis.report.model import Report

NAMED_SHOWN_MAX: Final = 10
STRAYS_SHOWN_MAX: Final = 20


def lines(report: Report) -> Iterator[str]:
    """Yield the coverage of a scan, line by line."""
    tally = report.tally
    languages = ", ".join(f"{count} {name}" for name, count in tally.languages.most_common())
    cached = f", {tally.cached} of them known from an earlier scan" if tally.cached else ""
    yield f"scanned {counted(tally.scanned, 'file')} ({counted(tally.lines, 'line')}){cached}" + (
        f": {languages}" if languages else ""
    )
    if tally.texts:
        texts = ", ".join(f"{count} {name}" for name, count in tally.texts.most_common())
        yield f"of these, {counted(tally.texts.total(), 'file')} looked at for secrets only: {texts}"
    if tally.skipped:
        passed = ", ".join(
            f"{count} {reason}"
            for reason, count in sorted(tally.skipped.items(), key=lambda pair: (-pair[1], pair[0]))
        )
        yield f"passed over {sum(tally.skipped.values()):,} of {tally.seen:,} entries: {passed}"
    for file, reason in tally.named[:NAMED_SHOWN_MAX]:
        yield f"  {reason}: {file}"
    if tally.faulty:
        yield f"understood in part, or not at all: {counted(tally.faulty, 'file')}"
        for file, fault in tally.faults[:NAMED_SHOWN_MAX]:
            yield f"  {file}: {fault}"


def join_lines(report: Report) -> Iterator[str]:
    """Yield what took no part in the join, so that nothing is silently zero."""
    join = report.near()
    yield (
        f"join: {len(join.met)} paths met, {len(join.unjudged)} observed without an authority, "
        f"{len(join.unobserved)} with an authority and not observed here, {len(join.unobservable)} that no rule observes, "
        f"{len(join.unknown)} unknown"
    )
    for words, strays in (
        ("observed, and no authority speaks of it", join.unjudged),
        ("demanded, and no rule observes it", join.unobservable),
        ("demanded, and not in the registry", join.unknown),
    ):
        for stray in strays[:STRAYS_SHOWN_MAX]:
            near = f"; nearest: {', '.join(stray.nearest)}" if stray.nearest else ""
            yield f"  {stray.path} {stray.predicate}: {stray.why or words}{near}"
        if len(strays) > STRAYS_SHOWN_MAX:
            yield f"  … and {len(strays) - STRAYS_SHOWN_MAX} more ({words})"


def summary_line(report: Report) -> str:
    """Return the counts in one line."""
    counts = report.summary()
    parts = [f"{counts['block']} BLOCK", f"{counts['flag']} FLAG", f"{counts['passed']} passed"]
    parts += [f"{counts[name]} {name}" for name in ("unchanged", "suppressed", "gone") if counts[name]]
    return ", ".join(parts)


def faint_line(report: Report) -> str:
    """Return how many of those that passed are contradicted all the same."""
    count = len(report.faint)
    verb, they = ("is", "it passes") if count == 1 else ("are", "they pass")
    return f"of those that passed {count} {verb} contradicted: --explain shows by whom, and why {they}"


def counted(count: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
