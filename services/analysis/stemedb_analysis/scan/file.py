"""One file: bytes in, observations out. What a worker does, and all that it does.

::

    bytes ─▶ language ─▶ facts (code) or settings (configuration) ─▶ rules, flow, secrets ─▶ observations
               └▶ literals under names (any other text) ─▶ secrets ┘          comments ─▶ notes

A file in a language that is not parsed (`stemedb_analysis.plain`) is looked at for secrets alone; the scripts of a page are code, and the page counts as such.

Nothing in a file makes it raise: what is not understood is a fault of that file, with its place. A file of code in which no rule could say
anything, and no name stands for a secret, is told by its words and not parsed; it counts as scanned, and what is wrong with its syntax is not told.
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Final, TypeVar

from stemedb_analysis.facts.extract import extract as extract_code
from stemedb_analysis.facts.model import LANGUAGES, Facts, Fault
from stemedb_analysis.facts.pages import PAGES, script_of
from stemedb_analysis.model import Observation
from stemedb_analysis.plain.languages import PLAIN
from stemedb_analysis.plain.reader import read
from stemedb_analysis.rules.match import OBSERVATIONS_MAX
from stemedb_analysis.rules.model import GROUPS, TEST_FACTOR, FileInfo
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.scan.notes import notes
from stemedb_analysis.scan.result import FileResult
from stemedb_analysis.secrets.detect import FOUND_MAX, holds_address
from stemedb_analysis.secrets.detect import observe as observe_secrets
from stemedb_analysis.secrets.redact import is_public, redacted
from stemedb_analysis.secrets.speaks import speaks_of_secrets, spoken_in_text
from stemedb_analysis.settings.extract import extract as extract_settings
from stemedb_analysis.settings.kinds import kind_of
from stemedb_analysis.source import Source
from stemedb_analysis.walk.inputs import NO_LANGUAGE
from stemedb_analysis.walk.languages import is_test, language_of, test_lines

Made = TypeVar("Made")

NOT_IN_BROWSERS: Final = ("net/", "ssrf/")
"""What a page cannot do wrong: the network that it reaches is its reader's own, who can stop it."""
TEMPLATE_MARKS: Final = (b"{{", b"{%", b"<%", b"<?")
"""Where one stands in a script, the page is made of a template."""
FAULTS_MAX: Final = 5
"""Of one file; the first ones tell what is wrong."""


def scan_file(data: bytes, file: str, ruleset: RuleSet, *, profile: bool = False) -> FileResult:
    """Return what one file claims. `file` is its name relative to the project's root, with ``/``."""
    language = language_of(file, data)
    if not language:
        return FileResult(file, skipped=NO_LANGUAGE)
    if profile:
        # What is loaded once, for the first file that needs it, is no rule's time.
        scan_file(data, file, ruleset)
    watch = _Watch(wanted=profile)
    source = Source(data, file)
    if language in PLAIN:
        return _scan_text(source, language, ruleset, watch)
    found = watch.time(f"facts {language}", lambda: _facts(source, language, ruleset))
    kind = "" if language in LANGUAGES else kind_of(file, language, found)
    info = FileInfo(file, language, kind, is_test(file))
    observations = watch.time("rules and flow", lambda: ruleset.observe(found, source, info))
    hidden = watch.time("secrets", lambda: observe_secrets(found, source, info))
    observations, hidden, cut = _bounded(observations, hidden)
    observations = _told_of_tests([*_without(hidden, observations, source), *hidden], data, info)
    written = watch.time("comments", lambda: notes(data, language))
    if profile:
        _each_alone(ruleset, watch, found, source, info)
    return FileResult(
        file,
        language,
        _lines_of(source),
        tuple(sorted(observations, key=_order)),
        written,
        (*_told(found.faults, source), *cut),
        timings=watch.timings,
    )


def _scan_text(source: Source, language: str, ruleset: RuleSet, watch: "_Watch") -> FileResult:
    """Return the secrets of a file in a language that is not parsed; no rule looks at it, except at the scripts of a page."""
    file = source.file
    found = watch.time("facts text", lambda: _texts(source, language))
    info = FileInfo(file, language, "", is_test(file))
    hidden = watch.time("secrets", lambda: observe_secrets(found, source, info))
    written = watch.time("comments", lambda: notes(source.data, language))
    script = script_of(source.data, file) if language in PAGES else None
    faults: tuple[str, ...] = ()
    seen: list[Observation] = []
    if script is not None:
        code, language = Source(script.code, file), script.language
        facts = watch.time(f"facts {language}", lambda: _facts(code, language, ruleset))
        told = info._replace(language=language)
        seen = watch.time("rules and flow", lambda: ruleset.observe(facts, code, told))
        # What is yet to be filled in is no code before.
        faults = () if any(mark in script.code for mark in TEMPLATE_MARKS) else _told(facts.faults, source)
    seen, hidden, cut = _bounded(seen, hidden)
    observations = [one for one in _without(hidden, seen, source) if not one.path.startswith(NOT_IN_BROWSERS)]
    return FileResult(
        file,
        language,
        _lines_of(source),
        tuple(sorted([*observations, *hidden], key=_order)),
        written,
        (*faults, *cut),
        timings=watch.timings,
    )


def _bounded(
    seen: Sequence[Observation], hidden: Sequence[Observation]
) -> tuple[list[Observation], list[Observation], list[str]]:
    """Return the observations of rules and the secrets that a file may have, and what is to be told where it has more."""
    cut = [
        f"more than {most:,} {what}; the rest is left out"
        for found, most, what in ((seen, OBSERVATIONS_MAX, "observations"), (hidden, FOUND_MAX, "secrets"))
        if len(found) > most
    ]
    return list(seen[:OBSERVATIONS_MAX]), list(hidden[:FOUND_MAX]), cut


def _told(faults: Sequence[Fault], source: Source) -> tuple[str, ...]:
    return tuple(
        f"line {source.span(fault.start, fault.start).line}: {fault.reason}" for fault in faults[:FAULTS_MAX]
    )


def _texts(source: Source, language: str) -> Facts:
    spoken = spoken_in_text(source.vocabulary)
    if spoken.is_nothing and language != "credentials":  # whose names are those of the file
        return Facts(language)
    return read(source.data, language, spoken.names, spoken.calls)


def _lines_of(source: Source) -> int:
    return source.data.count(b"\n") + (source.data[-1:] not in b"\n")


def _each_alone(ruleset: RuleSet, watch: "_Watch", found: Facts, source: Source, info: FileInfo) -> None:
    """Take the time of every rule by itself, and of no rule at all: the difference is the rule's own."""
    language = GROUPS.get(info.language, info.language)
    asked = {"": _nothing(ruleset)} | {
        name: alone for name, alone in _singles(ruleset).items() if language in alone.rules[name].languages
    }
    for name, alone in asked.items():
        alone.observe(found, source, info)  # what it makes when it is first asked
        watch.time(f"rule {name}", partial(alone.observe, found, source, info))


@lru_cache(maxsize=1)
def _nothing(ruleset: RuleSet) -> RuleSet:
    return RuleSet([], ruleset._words)  # noqa: SLF001 - as below


@lru_cache(maxsize=1)
def _singles(ruleset: RuleSet) -> dict[str, RuleSet]:
    words = ruleset._words  # noqa: SLF001 - the same lists for the same rules, one by one
    return {name: RuleSet([rule], words) for name, rule in ruleset.rules.items()}


def _facts(source: Source, language: str, ruleset: RuleSet) -> Facts:
    if language in LANGUAGES:
        vocabulary = source.vocabulary
        interest = ruleset.interest_in(language, vocabulary)
        if speaks_of_secrets(vocabulary, language) or holds_address(source.data):
            interest = interest._replace(texts=True)
        return extract_code(source, language, interest)
    return extract_settings(source, language)


def _told_of_tests(observations: list[Observation], data: bytes, info: FileInfo) -> list[Observation]:
    """Return observations, those that a file makes where it tests itself as those of a test."""
    parts = test_lines(data, info.language) if observations and not info.in_test else []
    return [
        one._replace(confidence=round(one.confidence * TEST_FACTOR, 4), in_test=True)
        if any(one.span.line in lines for lines in parts)
        else one
        for one in observations
    ]


def _without(
    hidden: Sequence[Observation], observations: list[Observation], source: Source
) -> list[Observation]:
    """Return observations that quote no secret: what they quote is reported, kept and published."""
    found = {
        source.line_text(one.span.line)[one.span.column - 1 : one.span.end_column - 1]
        for one in hidden
        if one.span.line == one.span.end_line
    }
    for secret in found - {""}:
        if is_public(secret):
            continue
        shown = redacted(secret)
        observations = [
            one
            if secret not in one.text and not any(secret in hop.text for hop in one.hops)
            else one._replace(
                text=one.text.replace(secret, shown),
                hops=tuple(hop._replace(text=hop.text.replace(secret, shown)) for hop in one.hops),
            )
            for one in observations
        ]
    return observations


def _order(observation: Observation) -> tuple[object, ...]:
    return (
        observation.span,
        observation.path,
        observation.predicate,
        observation.rule,
        repr(observation.value),
    )


class _Watch:
    """Takes the CPU time of phases, if it is wanted."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._taken: list[tuple[str, float]] = []

    @property
    def timings(self) -> tuple[tuple[str, float], ...]:
        return tuple(self._taken)

    def time(self, phase: str, work: Callable[[], Made]) -> Made:
        if not self._wanted:
            return work()
        began = time.process_time()
        done = work()
        self._taken.append((phase, time.process_time() - began))
        return done
