"""The matcher: facts in, observations out.

::

    facts ─▶ by name ─▶ candidate rows ─▶ conditions ─▶ value ─▶ Observation

Invariants

1. Pure: the same facts and source give the same observations, sorted by place, path, predicate and rule.
2. A name that no rule speaks of costs one or two look-ups, whatever the number of rules.
3. One claim (path, predicate, value) at one place is observed once, by the surest row.
4. A value is observed only if it is known: a literal, a constant found by name, a parameter's default, or what the row says of a missing or
   unknown one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from stemedb_analysis.facts.extract import unwritten
from stemedb_analysis.facts.model import LANGUAGES, MODULE, Assign, Call, Expr, Facts, Function, Import
from stemedb_analysis.model import Observation, Typed
from stemedb_analysis.rules.asked import conditions
from stemedb_analysis.rules.model import (
    ASKED_FACTOR,
    CONSTANT,
    DEFAULT,
    FALLBACK,
    LITERAL,
    TEST_FACTOR,
    UNLIKELY_FACTOR,
    UNSAID_FACTOR,
    FileInfo,
    Read,
    Row,
    Rule,
)
from stemedb_analysis.rules.named import is_named
from stemedb_analysis.rules.names import NameIndex, fits, last_part
from stemedb_analysis.rules.screen import Screen
from stemedb_analysis.rules.select import Scene, call_names, find, holds, texts
from stemedb_analysis.rules.settings import sights_of_settings
from stemedb_analysis.rules.values import CONVERSIONS, constant
from stemedb_analysis.rules.words import Words, around, behind
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

OBSERVATIONS_MAX: Final = 2000
"""Of one file; a file with more is generated, and its first ones tell enough."""

SELF_BYTES_MAX: Final = 300
"""Of the fact itself, what is looked at for words."""
SPOKEN_DEPTH_MAX: Final = 6
"""Calls in calls in which a name is looked for; chains are longer, but begin with what they are made on."""

NAMED: Final = ("call", "assign", "key", "function")
"""Kinds of facts that rows are looked up for by name."""

Named: TypeAlias = Call | Assign | Import | Function

_ORIGIN_FACTORS: Final = {
    "literal": 1.0,
    "constant": CONSTANT / LITERAL,
    "fallback": FALLBACK / LITERAL,
    "default": DEFAULT / LITERAL,
}


class Candidate(NamedTuple):
    """A row and the rule it belongs to."""

    rule: Rule
    row: Row


class Sight(NamedTuple):
    """A value that a row saw."""

    candidate: Candidate
    value: Typed
    origin: str
    start: int
    end: int
    function: int


class Asked(NamedTuple):
    """What rows ask of a file, as `Interest` has it."""

    calls: frozenset[str]
    keys: frozenset[str]
    texts: bool
    declarations: bool


class LanguageRules:
    """The rows for one language, by what they ask about."""

    def __init__(self, rules: Iterable[Rule], language: str) -> None:
        self._named: dict[str, NameIndex[Candidate]] = {kind: NameIndex() for kind in NAMED}
        self._others: dict[str, list[Candidate]] = {"import": [], "text": [], "setting": []}
        self._called: NameIndex[None] = NameIndex()
        self._asked: list[Asked] = []
        rows: list[Row] = []
        for rule in rules:
            for row in rule.rows if not rule.flow else ():
                if language in row.languages:
                    self._add(Candidate(rule, row))
                    self._asked.append(_asked(row))
                    rows.append(row)
        self._screen = Screen(rows, unwritten(language), language) if language in LANGUAGES else None

    def _add(self, candidate: Candidate) -> None:
        row = candidate.row
        if row.fact in self._named:
            self._named[row.fact].add(row.names, candidate)
        else:
            self._others["setting" if row.fact == "block" else row.fact].append(candidate)
        for one in (row, *row.unless, *row.beside, *row.along):
            if one.fact == "call":
                self._called.add(one.names, None)

    def speaks_of_call(self, name: str) -> bool:
        """Return whether some row, or what takes one away, could fit a call by this name."""
        return self._called.has(name)

    def asked_of(self, vocabulary: Vocabulary | None) -> "Asked":
        """Return what is worth looking for in a file of code of these words; in any file if there are none."""
        if self._screen is None or vocabulary is None:
            return _together(self._asked)
        return _together([self._asked[number] for number in self._screen.live(vocabulary)])

    def observe(self, facts: Facts, source: Source, file: FileInfo, words: Words) -> list[Observation]:
        """Return what the rules see in one file. O(facts + sights)."""
        matching = Matching(facts, source, words)
        if file.language not in LANGUAGES:
            seen = sights_of_settings(self._others["setting"], facts, source, file)
            return finish([*seen, *self._texts(facts, matching, file)], facts, source, file, words)
        sights: list[Sight] = []
        for kind, index in self._named.items():
            for name, place, fact in named(facts, kind):
                for candidate in index.find(name):
                    sights += matching.try_row(candidate, scene(facts, source, place, fact))
        for candidate in self._others["import"]:
            for name, place, fact in named(facts, "import"):
                if any(fits(pattern, name) for pattern in candidate.row.names):
                    sights += matching.try_row(candidate, scene(facts, source, place, fact))
        sights += self._texts(facts, matching, file)
        return finish(sights, facts, source, file, words)

    def _texts(self, facts: Facts, matching: "Matching", file: FileInfo) -> Iterator[Sight]:
        candidates = [one for one in self._others["text"] if not one.row.kinds or file.kind in one.row.kinds]
        if not candidates:
            return
        for text in facts.texts:
            if text.role == "compared":
                continue  # what is asked for is not said
            low = text.value.lower()
            for candidate in candidates:
                row = candidate.row
                if row.screen in low and any(_compiled(name).search(text.value) for name in row.names):
                    expr = Expr("str", text.value, text.start, text.end)
                    seen = Scene(
                        None, expr, facts, matching.source, text.function, text.start, text.end, text.name
                    )
                    yield from matching.try_row(candidate, seen)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class Matching:
    """One file's matching: rows against scenes."""

    def __init__(self, facts: Facts, source: Source, words: Words) -> None:
        self._facts = facts
        self.source = source
        self._words = words

    def try_row(self, candidate: Candidate, scene: Scene) -> Iterator[Sight]:
        """Yield what a row sees at a fact."""
        row = candidate.row
        if not self._fits(row, scene) or not self.stays(row, scene):
            return
        for value, origin, (start, end) in values(row.read, scene):
            yield Sight(candidate, value, origin, start, end, scene.function)

    def _fits(self, row: Row, scene: Scene) -> bool:
        if row.roles and isinstance(scene.fact, Call) and scene.fact.role not in row.roles:
            return False
        for test in row.where:
            if not holds(test, scene):
                return False
        if row.uses and not any(fits(name, one.name) for name in row.uses for one in self._facts.imports):
            return False
        if not row.near:
            return True
        place = (self._facts, self.source, scene.start, scene.function)
        return self._words.found(row.near, around(*place)) or self._words.found(row.near, behind(*place))

    def stays(self, row: Row, scene: Scene) -> bool:
        """Return whether nothing of `unless` is in the same scope, and of `beside` something, of `along` everything is, if the row asks. O(facts)."""
        if any(self._is_there(other, row, scene) for other in row.unless):
            return False
        if row.beside and not any(self._is_there(other, row, scene) for other in row.beside):
            return False
        return all(self._is_there(other, row, scene) for other in row.along)

    def _is_there(self, other: Row, row: Row, around_: Scene) -> bool:
        for name, place, fact in named(self._facts, other.fact):
            if any(fits(pattern, name) for pattern in other.names):
                one = scene(self._facts, self.source, place, fact)
                if (
                    (row.scope == "file" or one.function == around_.function)
                    and (not other.same or _is_same(one, around_))
                    and self._fits(other, one)
                ):
                    return True
        return False


def _asked(row: Row) -> Asked:
    rows = (row, *row.unless, *row.beside, *row.along)
    return Asked(
        frozenset(last_part(name) for one in rows if one.fact == "call" for name in one.names),
        frozenset(
            # A key may have dots of its own ("security.protocol"), or be known by the last of them.
            asked.lower()
            for one in rows
            if one.fact in {"assign", "key"}
            for name in one.names
            for asked in ((name, last_part(name)) if one.fact == "key" else (last_part(name),))
        ),
        row.fact == "text",
        row.fact in {"import", "function"},
    )


def _together(asked: Sequence[Asked]) -> Asked:
    return Asked(
        frozenset().union(*(one.calls for one in asked)),
        frozenset().union(*(one.keys for one in asked)),
        any(one.texts for one in asked),
        any(one.declarations for one in asked),
    )


def _is_same(other: Scene, fact: Scene) -> bool:
    """Return whether the two speak of one thing: they stand in one chain or are made on one, or one is made on, or handed, what the other gives."""
    if other.start == fact.start:
        return True
    owner = _made_on(fact.fact)
    if owner and owner == _made_on(other.fact):
        return True
    for one, another in ((fact, other), (other, fact)):
        wanted = _goes_to(one.fact)
        if wanted and wanted in _speaks_of(another.fact):
            return True
    return False


def _goes_to(fact: Call | Assign | Import | None) -> str:
    if isinstance(fact, Call):
        return "" if fact.result == "discarded" or fact.role == "decorator" else last_part(fact.result)
    return fact.key if isinstance(fact, Assign) else ""


def _made_on(fact: Call | Assign | Import | None) -> str:
    of = fact.receiver if isinstance(fact, Call) else None
    while of is not None and of.kind == "call" and isinstance(of.value, Call):
        of = of.value.receiver
    return last_part(str(of.value)) if of is not None and of.kind == "name" else ""


def _speaks_of(fact: Call | Assign | Import | None) -> set[str]:
    """Return the names that a call is made on or handed, those in calls and constructions among its arguments too."""
    found: set[str] = set()
    left = [(Expr("call", fact, fact.start, fact.end), 0)] if isinstance(fact, Call) else []
    while left:
        expr, depth = left.pop()
        if expr.kind == "name":
            found.add(last_part(str(expr.value)))
        elif expr.kind == "call" and isinstance(expr.value, Call) and depth < SPOKEN_DEPTH_MAX:
            inner = [arg.value for arg in expr.value.args]
            left += [(one, depth + 1) for one in (*inner, expr.value.receiver) if one is not None]
    return found


def named(facts: Facts, kind: str) -> Iterator[tuple[str, int, Named]]:
    """Yield the facts of one kind with the name that patterns are compared with, and their place in the list."""
    if kind == "call":
        yield from ((name, place, one) for place, one in enumerate(facts.calls) for name in call_names(one))
    elif kind == "assign":
        yield from ((one.target, place, one) for place, one in enumerate(facts.assigns))
    elif kind == "key":
        yield from ((one.key.lower(), place, one) for place, one in enumerate(facts.assigns))
    elif kind == "import":
        yield from ((one.name, place, one) for place, one in enumerate(facts.imports))
    elif kind == "function":
        yield from ((one.name, place, one) for place, one in enumerate(facts.functions))


def scene(facts: Facts, source: Source, place: int, fact: Named) -> Scene:
    """Return a fact with what is around it."""
    if isinstance(fact, Function):
        return Scene(None, None, facts, source, place, fact.start, fact.end, fact.name)
    if isinstance(fact, Import):
        return Scene(fact, None, facts, source, MODULE, fact.start, fact.end, fact.name)
    if isinstance(fact, Assign):
        return Scene(fact, fact.value, facts, source, fact.function, fact.start, fact.end, fact.target)
    return Scene(fact, None, facts, source, fact.function, fact.start, fact.end, fact.name)


def values(read: Read, scene: Scene) -> list[tuple[Typed, str, tuple[int, int]]]:
    """Return the values that `read` gives at `scene`, each with its origin and its place: of a list, those of the elements that stand there."""
    place = (scene.start, scene.end)
    if read.selector is None:
        assert read.value is not None
        return [(read.value, "literal", place)]
    found = find(scene, read.selector)
    if not found.exprs:
        if read.absent is not None and not found.is_open:
            return [(read.absent, "literal", place)]
        return []
    exprs = found.exprs
    if read.each:
        exprs = [
            inner
            for one in exprs
            for inner in (one.value if one.kind == "list" and isinstance(one.value, tuple) else (one,))
        ]
    result: list[tuple[Typed, str, tuple[int, int]]] = []
    for expr in exprs:
        value = typed(expr, read, scene.source)
        is_there = read.each and scene.start <= expr.start and expr.end <= scene.end
        where = (expr.start, expr.end) if is_there else place
        if value is not None:
            result.append((value, "literal" if expr.origin == "unknown" else expr.origin, where))
        elif read.unknown is not None and constant(expr) is None:
            result.append((read.unknown, "literal", where))
    return result if read.each or found.is_choice else result[:1]


def typed(expr: Expr, read: Read, source: Source) -> Typed | None:
    """Return the value of one expression by `read`'s map and conversion, ``None`` if it has none."""
    if read.mapping:
        forms = [form.strip().lower() for form in texts(expr)]
        for pattern, value in read.mapping:
            if any(fits(pattern, form) for form in forms):
                return value
        if not read.convert:
            return None
    if expr.origin == "unknown" and constant(expr) is not None:
        return None
    converted = CONVERSIONS[read.convert or "text"](expr, source.slice(expr.start, expr.end))
    if converted is None or read.scale == 1 or isinstance(converted, str):
        return converted
    return converted * read.scale


def finish(
    sights: Sequence[Sight], facts: Facts, source: Source, file: FileInfo, words: Words | None
) -> list[Observation]:
    """Return the observations of `sights`: one of each claim and place, in order, at most one more than `OBSERVATIONS_MAX`, which tells that there are more."""
    best: dict[tuple[int, str, str, Typed, bool], tuple[float, Sight]] = {}
    for sight in sights:
        row, rule = sight.candidate.row, sight.candidate.rule
        confidence = row.confidence * _ORIGIN_FACTORS.get(sight.origin, 1.0)
        if words:
            confidence *= _circumstances(row, sight, facts, source, words)
        key = (sight.start, rule.path, rule.predicate, sight.value, isinstance(sight.value, bool))
        if key not in best or best[key][0] < confidence:
            best[key] = (confidence, sight)
    return [
        observation(
            source,
            file,
            sight.candidate.rule,
            value=sight.value,
            place=(sight.start, sight.end),
            confidence=confidence,
        )
        for confidence, sight in sorted(
            best.values(),
            key=lambda one: (
                one[1].start,
                one[1].candidate.rule.path,
                one[1].candidate.rule.predicate,
                one[1].candidate.rule.id,
            ),
        )[: OBSERVATIONS_MAX + 1]
    ]


def _circumstances(row: Row, sight: Sight, facts: Facts, source: Source, words: Words) -> float:
    """Return how much what is around the fact takes from the confidence in it."""
    place = (facts, source, sight.start, sight.function)
    before = around(*place)
    factor = 1.0
    if row.near and not words.found(row.near, before):
        factor *= UNSAID_FACTOR  # only what is done with the result tells
    itself = source.slice(sight.start, sight.end)[:SELF_BYTES_MAX]
    is_meant = bool(row.likely) and words.found(row.likely, f"{before} {itself}")
    if row.unlikely and (
        words.found(row.unlikely, before) or (not is_meant and words.found(row.unlikely, behind(*place)))
    ):
        factor *= UNLIKELY_FACTOR
    elif row.likely and not is_meant and not words.found(row.likely, behind(*place)):
        factor *= UNSAID_FACTOR
    if (row.asked and words.found(row.asked, conditions(*place))) or (
        row.named and is_named(*place, sight.value)
    ):
        factor *= ASKED_FACTOR
    return factor


def observation(
    source: Source, file: FileInfo, rule: Rule, *, value: Typed, place: tuple[int, int], confidence: float
) -> Observation:
    """Return the observation of `value` at `place`, bytes ``[start, end)`` of the file."""
    start, end = place
    return Observation(
        rule.path,
        rule.predicate,
        value,
        file.file,
        source.span(start, end),
        source.excerpt(start, end),
        round(confidence * (TEST_FACTOR if file.in_test else 1.0), 4),
        rule.id,
        file.language,
        source.statement(start, end),
        file.in_test,
    )
