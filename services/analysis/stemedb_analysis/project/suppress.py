"""Inline suppressions: a comment that sets one finding aside, says why, and is held to it.

::

    get(url, verify=False)  # stemedb:ignore[tls-verify] the test server signs its own until 2027-01-31
                              ─────────────┬──────────  ──────────────┬────────────  ───────┬────────
                                     rule or tail path             reason              optional, the last day

Several rules are separated by commas. A comment that stands alone is about the next line that has code; what is said of a file as a whole is set
aside anywhere in it.

A suppression that names no rule, gives no reason or is spelt otherwise sets nothing aside. That, a date that is over, and a name that no finding
needs any more are findings themselves (FLAG): otherwise they would stay for ever and hide the next finding in that place.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from stemedb_analysis.model import WHOLE, Finding, Observation, Span
from stemedb_analysis.nearest import hint
from stemedb_analysis.project.complaint import Written, complaint
from stemedb_analysis.scan.result import Note

PATH: Final = "stemedb/suppression"
TITLES: Final = {
    "suppression-malformed": "A suppression names its rule and gives a reason",
    "suppression-expired": "A suppression whose date is over is renewed or its cause is mended",
    "suppression-unused": "A suppression that nothing needs is removed",
}

_UNTIL: Final = re.compile(r"(?:^|[\s,;(])until[\s:=]+(?P<date>\S+?)[.,:;)]*(?=\s|$)", re.IGNORECASE)
_DATE_LIKE: Final = re.compile(r"\d{1,4}[-./]\d{1,2}([-./]\d{1,4})?")


class Suppression(NamedTuple):
    """One suppression that is well formed."""

    note: Note
    names: tuple[str, ...]
    reason: str
    until: date | None

    def covers(self, observation: Observation) -> bool:
        """Whether it is about this observation."""
        return bool(self.naming(observation)) and (
            observation.span == WHOLE or observation.span.line <= self.note.about <= observation.span.end_line
        )

    def naming(self, observation: Observation) -> list[str]:
        """Return those of its names that name the observation."""
        return [name for name in self.names if name in {observation.rule, observation.path}]


class Applied(NamedTuple):
    """What suppressions made of the findings."""

    kept: list[Finding]
    """Those nobody set aside, with those about the suppressions themselves."""
    suppressed: list[Finding]
    """Those set aside, each with its reason."""


def apply(
    findings: Sequence[Finding],
    notes: Mapping[str, Iterable[Note]],
    known: Collection[str],
    today: date,
) -> Applied:
    """Set findings aside as the notes say; `known` are the rules and tail paths that there are. O(findings + notes × findings of a file)."""
    by_file, complaints = _standing(notes, known, today)
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    used: set[tuple[str, int, str]] = set()
    for finding in findings:
        observation = finding.observation
        cover = next((one for one in by_file.get(observation.file, ()) if one.covers(observation)), None)
        if cover is None or finding.verdict == "PASS":
            kept.append(finding)
        else:
            used.update((observation.file, cover.note.line, name) for name in cover.naming(observation))
            suppressed.append(finding._replace(acknowledged=cover.reason))
    for file, suppressions in by_file.items():
        for one in suppressions:
            idle = [name for name in one.names if (file, one.note.line, name) not in used]
            if idle:
                why = f"stands where nothing is {' or '.join(idle)}"
                complaints.append(_complaint(file, one.note, "suppression-unused", why))
    return Applied(kept + complaints, suppressed)


def _standing(
    notes: Mapping[str, Iterable[Note]], known: Collection[str], today: date
) -> tuple[dict[str, list[Suppression]], list[Finding]]:
    """Return the suppressions that are well formed and not over, by file, and what is to be said of the others."""
    by_file: dict[str, list[Suppression]] = {}
    complaints: list[Finding] = []
    for file, written in notes.items():
        for note in written:
            if note.kind != "ignore":
                continue
            read = parse(note, known)
            if isinstance(read, str):
                complaints.append(_complaint(file, note, "suppression-malformed", read))
            elif read.until is not None and read.until < today:
                complaints.append(
                    _complaint(file, note, "suppression-expired", f"was good until {read.until}")
                )
            else:
                by_file.setdefault(file, []).append(read)
    return by_file, complaints


def parse(note: Note, known: Collection[str]) -> Suppression | str:
    """Return the suppression that a note is, or what is wrong with it."""
    argument, until_inside, day = note.argument.partition(" until ")
    if until_inside:
        # The date may stand in the brackets as well: [rule until 2027-01-31] reason
        if not _DATE_LIKE.fullmatch(day.strip()):
            return f"has the date {day.strip()!r:.40}, want YYYY-MM-DD"
        note = note._replace(argument=argument, text=f"{note.text} {note.argument[len(argument) :]}")
    names = tuple(name.strip() for name in note.argument.split(",") if name.strip())
    if not note.is_exact:
        return "is spelt otherwise: write stemedb:ignore[rule] and a reason"
    if not note.bracketed or not names:
        return "names no rule: write stemedb:ignore[rule] and a reason"
    for name in names:
        if name not in known:
            return f"names the unknown rule {name!r:.60}{hint(name, known)}"
    until, reason = None, note.text
    match = _UNTIL.search(note.text)
    if match and _DATE_LIKE.match(match["date"]):
        try:
            until = date.fromisoformat(match["date"])
        except ValueError:
            return f"has the date {match['date']!r:.40}, want YYYY-MM-DD"
        reason = f"{note.text[: match.start()]} {note.text[match.end() :]}"
    reason = reason.strip(" \t-–:;,.()")
    if not any(character.isalpha() for character in reason):
        return "gives no reason"
    return Suppression(note, names, reason, until)


def _complaint(file: str, note: Note, rule: str, why: str) -> Finding:
    span = Span(note.line, note.column, note.line, note.column + len(note.written))
    return complaint(PATH, rule, why, Written(file, span, note.written))
