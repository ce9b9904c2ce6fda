"""Acknowledgements: findings that somebody answers for, recorded as assertions.

::

    .stemedb/acknowledgements.ndjson        one assertion a line, as it is published, sorted

    subject     code://any/shop/tls/cert_verification      the project and the tail path
    predicate   acknowledged
    object      text: the reason
    source      tier 3, uri code://shop/.stemedb/acknowledgements.ndjson
    agent       who answers for it
    metadata    scope: finding | rule | path     what: the fingerprint, the rule or the path
                [file: where it holds, a file or a directory]     [until: the last day]

Being an assertion it travels between replicas, can be voted on and superseded like any other claim; in the project's own file it works
without a store. Whoever takes it back deletes the line, and publishes a retraction where there is a replica.

As with a suppression in a comment, one that is over and one that covers nothing are findings themselves (FLAG), at their line of the project's
file; otherwise they would stay for ever and cover what comes next. What is not the project's own (of a pack, which speaks to many projects)
is never told to cover nothing, and nothing is when a part of a project was scanned, or not all of it could be.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import UNSET

from stemedb.errors import InvalidInput
from stemedb.statements import Assertion, Source, Text, canonical_bytes, parse
from stemedb_analysis.model import PROJECT, WHOLE, Finding, Span
from stemedb_analysis.nearest import hint
from stemedb_analysis.own_files import read_own
from stemedb_analysis.project.baseline import Key
from stemedb_analysis.project.complaint import Written, complaint

NAME: Final = "acknowledgements.ndjson"
PREDICATE: Final = "acknowledged"
TIER: Final = 3
ANY_LANGUAGE: Final = "any"
"""Stands where an observation's subject has its language: a person accepts a practice, in whatever language."""
PATH: Final = "stemedb/acknowledgement"
"""Of the findings about acknowledgements."""
TITLES: Final = {
    "acknowledgement-expired": "An acknowledgement whose date is over is renewed or its cause is mended",
    "acknowledgement-unused": "An acknowledgement that nothing needs is removed",
}
SCOPES: Final = ("finding", "rule", "path")
ACKNOWLEDGEMENTS_MAX: Final = 10_000
"""In one project; somebody who accepts more does not want to be told."""


class Acknowledgement(NamedTuple):
    """What is accepted, by whom, why and until when."""

    scope: str
    what: str
    reason: str
    agent: str
    path: str
    """The tail path that it is about."""
    file: str = ""
    until: date | None = None
    line: int = 0
    """Of the project's own file; 0 for one that came from elsewhere."""
    written: str = ""
    """That line."""

    @property
    def text(self) -> str:
        """What is accepted, in words."""
        return f"{self.scope} {self.what}" + (f" in {self.file}" if self.file else "")

    def is_over(self, today: date) -> bool:
        """Whether its last day has been."""
        return self.until is not None and self.until < today

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is among what is accepted."""
        observation = finding.observation
        if self.file and observation.file != self.file and not observation.file.startswith(f"{self.file}/"):
            return False
        if self.scope == "finding":
            return Key.of(observation).fingerprint == self.what
        return self.what == (observation.rule if self.scope == "rule" else observation.path)


def acknowledge(
    findings: Iterable[Finding], accepted: Sequence[Acknowledgement], today: date
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that nobody answers for, and those that somebody does, with the reason."""
    living = [one for one in accepted if not one.is_over(today)]
    open_, closed = [], []
    for finding in findings:
        cover = next((one for one in living if one.covers(finding)), None)
        if cover is None:
            open_.append(finding)
        else:
            until = f", until {cover.until}" if cover.until else ""
            closed.append(finding._replace(acknowledged=f"{cover.reason} ({cover.agent}{until})"))
    return open_, closed


def complaints(
    findings: Sequence[Finding],
    accepted: Sequence[Acknowledgement],
    today: date,
    known: Collection[str],
    *,
    is_whole: bool,
) -> list[Finding]:
    """Return what is to be said of acknowledgements: those that are over, and those that cover none of the `findings`.

    `findings` are those that `acknowledge` was asked about, `known` the rules and tail paths that there are, and `is_whole` says that all of the project
    was looked at: only then is it known that there is nothing to cover. O(findings × acknowledgements).
    """
    serious = [finding for finding in findings if finding.verdict != "PASS"]
    said = []
    for one in accepted:
        covers = any(one.covers(finding) for finding in serious)
        if one.is_over(today) and (covers or (is_whole and one.line)):
            said.append(_complaint(one, "acknowledgement-expired", f"was good until {one.until}: {one.text}"))
        elif is_whole and one.line and not covers:
            unknown = one.scope != "finding" and one.what not in known
            near = f", and there is no such {one.scope}{hint(one.what, known)}" if unknown else ""
            said.append(_complaint(one, "acknowledgement-unused", f"covers nothing: {one.text}{near}"))
    return said


def statement(one: Acknowledgement, project: str) -> Assertion:
    """Return the assertion that an acknowledgement is. The same one always gives the same bytes."""
    metadata = {"scope": one.scope, "what": one.what}
    if one.file:
        metadata["file"] = one.file
    if one.until:
        metadata["until"] = one.until.isoformat()
    return Assertion(
        subject=f"code://{ANY_LANGUAGE}/{project}/{one.path}",
        predicate=PREDICATE,
        object=Text(one.reason),
        confidence=1,
        source=Source(tier=TIER, uri=f"code://{project}/.stemedb/{NAME}"),
        lifecycle="approved",
        agent=one.agent,
        metadata=metadata,
    )


def read(assertion: Assertion, place: str) -> Acknowledgement:
    """Return the acknowledgement that an assertion is. Raises `InvalidInput` if it is none."""
    metadata = {} if assertion.metadata is UNSET else assertion.metadata
    scope, what = metadata.get("scope", ""), metadata.get("what", "")
    if (
        assertion.predicate != PREDICATE
        or scope not in SCOPES
        or not what
        or not isinstance(assertion.object, Text)
    ):
        raise InvalidInput(place, "is no acknowledgement")
    until = metadata.get("until")
    try:
        day = None if until is None else date.fromisoformat(until)
    except ValueError:
        raise InvalidInput(place, f"until: got {until!r:.40}, want YYYY-MM-DD") from None
    path = "/".join(assertion.subject.partition("://")[2].split("/")[2:])
    return Acknowledgement(
        scope, what, assertion.object.value, assertion.agent, path, metadata.get("file", ""), day
    )


def load(directory: Path) -> list[Acknowledgement]:
    """Return what a project's ``.stemedb`` directory accepts; nothing if it has no such file. Raises `InvalidInput`."""
    return [
        read(one.assertion, one.place)._replace(line=one.line, written=one.written)
        for one in statements(directory)
    ]


class Recorded(NamedTuple):
    """An assertion of a project's file."""

    place: str
    assertion: Assertion
    line: int
    written: str


def statements(directory: Path) -> list[Recorded]:
    """Return the assertions of a project's file, each with its place."""
    path = directory / NAME
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(read_own(path).splitlines(), 1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        if number > ACKNOWLEDGEMENTS_MAX:
            raise InvalidInput(place, f"want at most {ACKNOWLEDGEMENTS_MAX} acknowledgements")
        try:
            parsed = parse(line)
        except InvalidInput as error:
            raise InvalidInput(place, error.message) from None
        if not isinstance(parsed.statement, Assertion):
            raise InvalidInput(place, "is no assertion")
        found.append(Recorded(place, parsed.statement, number, line.decode(errors="replace")))
    return found


def add(directory: Path, assertion: Assertion) -> bool:
    """Write an acknowledgement into a project's file, sorted among the others; return whether it was not there yet."""
    path = directory / NAME
    lines = set(path.read_bytes().splitlines()) if path.exists() else set()
    line = canonical_bytes(assertion)
    if line in lines:
        return False
    directory.mkdir(exist_ok=True)
    temporary = path.with_name(f"{NAME}.new")
    temporary.write_bytes(b"".join(one + b"\n" for one in sorted({*lines, line} - {b""})))
    temporary.replace(path)
    return True


def _complaint(one: Acknowledgement, rule: str, why: str) -> Finding:
    """Return the finding about an acknowledgement: at its line, or of the project if it came from elsewhere."""
    if not one.line:
        return complaint(PATH, rule, why, Written(PROJECT, WHOLE, f"{one.text} {one.reason} {one.agent}"))
    span = Span(one.line, 1, one.line, 1 + len(one.written))
    return complaint(PATH, rule, why, Written(f".stemedb/{NAME}", span, one.written))
