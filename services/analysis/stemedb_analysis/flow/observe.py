"""Flow rules against bodies: the sinks that input reaches.

A sink that input reaches gives an observation with its hops. One where text is only put together from what nobody knows gives an
observation without, as sure as its row says (`Row.dynamic`), which can never block.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from stemedb_analysis.facts.model import MODULE, Body, Call, Facts, Function, Step
from stemedb_analysis.flow.addresses import cleared_in_format
from stemedb_analysis.flow.callers import constant_params
from stemedb_analysis.flow.expressions import calls_of
from stemedb_analysis.flow.model import Knowledge, Tongue
from stemedb_analysis.flow.taint import STEPS_MAX, Flow
from stemedb_analysis.flow.taints import Taint, merged
from stemedb_analysis.flow.visits import Visits
from stemedb_analysis.model import Hop, Observation
from stemedb_analysis.rules.match import Candidate, Matching, observation
from stemedb_analysis.rules.model import FileInfo, Row, Rule
from stemedb_analysis.rules.names import NameIndex, fits, last_part
from stemedb_analysis.rules.select import Scene, call_names, find, holds
from stemedb_analysis.rules.words import Words
from stemedb_analysis.source import Source

HOP_TEXT_MAX: Final = 80
_NO_WORDS: Final = Words({})


class FlowRules:
    """The flow rules of one language."""

    def __init__(self, rules: Iterable[Rule], language: str, knowledge: Knowledge) -> None:
        self._tongue: Tongue | None = knowledge.tongues.get(language)
        self._calls: NameIndex[Candidate] = NameIndex()
        self._assigns: NameIndex[Candidate] = NameIndex()
        self._returns: list[Candidate] = []
        self.sinks: set[str] = set()
        """Last parts of all names that rows speak of."""
        self.sinks_without_input: set[str] = set()
        """Of those rows that speak where no input is known, too."""
        self.asked_calls: set[str] = set()
        """Last parts of calls that take rows away, or that they want beside them."""
        for rule in rules:
            for row in rule.rows if rule.flow else ():
                if language in row.languages:
                    self._add(Candidate(rule, row))

    def _add(self, candidate: Candidate) -> None:
        row = candidate.row
        last_parts = {last_part(name) for name in row.names}
        self.sinks |= last_parts
        self.asked_calls.update(
            last_part(name) for one in (*row.unless, *row.beside) if one.fact == "call" for name in one.names
        )
        if row.dynamic:
            self.sinks_without_input |= last_parts
        if row.fact == "function":
            self._returns.append(candidate)
        else:
            (self._calls if row.fact == "call" else self._assigns).add(row.names, candidate)

    @property
    def hint(self) -> re.Pattern[bytes] | None:
        """What bytes that read input hold somewhere."""
        return self._tongue.hint if self._tongue else None

    def asked_of(self, data: bytes) -> frozenset[str]:
        """Return the sinks that are worth looking for in a file of these bytes."""
        has_input = self._tongue is not None and self._tongue.hint.search(data) is not None
        return frozenset(self.sinks if has_input else self.sinks_without_input)

    def observe(self, facts: Facts, source: Source, file: FileInfo) -> list[Observation]:
        """Return what input reaches, by place. O(steps × size of their expressions)."""
        if self._tongue is None:
            return []
        found: dict[tuple[int, str], Observation] = {}

        def take(place: int, one: Observation) -> None:
            known = found.get((place, one.rule))
            if known is None or (len(one.hops) > 0, one.confidence) > (len(known.hops) > 0, known.confidence):
                found[place, one.rule] = one

        def walk(body: Body, given: dict[str, Taint] | None) -> Taint | None:
            results: list[Taint | None] = []
            for place, one in self._body(
                body, given, visits, results, constant.get(body.function, frozenset()), facts, source, file
            ):
                take(place, one)
            return merged(results)

        visits = Visits(facts, walk)
        constant = constant_params(facts, source)
        for body in facts.bodies:
            walk(body, None)
        return [found[key] for key in sorted(found)]

    def _body(  # noqa: PLR0917 - all that a walk needs
        self,
        body: Body,
        given: Mapping[str, Taint] | None,
        visits: Visits,
        results: list[Taint | None],
        constant: frozenset[str],
        facts: Facts,
        source: Source,
        file: FileInfo,
    ) -> Iterator[tuple[int, Observation]]:
        assert self._tongue is not None
        function = facts.functions[body.function] if body.function != MODULE else None
        flow = Flow(self._tongue, source, function, given, visits, constant)
        returning = [
            one for one in self._returns if function is not None and _is_decorated(one.row, function)
        ]
        for step in body.steps[:STEPS_MAX]:
            flow.enter(step)
            for one in calls_of(step.value):
                call = flow.unfolded(one)
                for name in call_names(call):
                    for candidate in self._calls.find(name):
                        scene = Scene(call, None, facts, source, call.function, call.start, call.end, name)
                        yield from self._sink(candidate, scene, flow, file)
            if step.op in {"assign", "augment"} and step.target:
                # An item is a sink by its own name, and by that of what it is put into: `session["role"]`.
                for candidate in (
                    *self._assigns.find(step.target),
                    *self._assigns.find(step.target.rpartition(".")[0]),
                ):
                    yield from self._sink(
                        candidate, _step_scene(step, facts, source, body.function), flow, file
                    )
            elif step.op == "return":
                results.append(flow.taint(step.value))
                for candidate in returning:
                    yield from self._sink(
                        candidate, _step_scene(step, facts, source, body.function), flow, file
                    )
            flow.leave(step)

    def _sink(
        self,
        candidate: Candidate,
        scene: Scene,
        flow: Flow,
        file: FileInfo,
    ) -> Iterator[tuple[int, Observation]]:
        rule, row = candidate.rule, candidate.row
        if not all(holds(test, scene) for test in row.where):
            return
        if row.uses and not any(fits(name, one.name) for name in row.uses for one in scene.facts.imports):
            return
        if (row.unless or row.beside) and not Matching(scene.facts, scene.source, _NO_WORDS).stays(
            row, scene
        ):
            return
        assert row.read.selector is not None
        assert row.read.value is not None
        taint: Taint | None = None
        built = False
        for expr in find(scene, row.read.selector).exprs:
            carried = flow.taint(expr)
            if carried is not None and isinstance(scene.fact, Call):
                carried = carried._replace(cleared=carried.cleared | cleared_in_format(scene.fact, expr))
            taint = taint or _harmful(carried, rule.flow)
            built = built or flow.is_built(expr, rule.flow)
        place = (scene.start, scene.end)
        if taint is not None:
            # What came by way of a sink that is told of already, such as a file that was opened and then read, is the same story.
            before = flow.told.setdefault(rule.id, [])
            if any(
                start <= one[0] and one[1] <= end and one != place
                for start, end in taint.hops
                for one in before
            ):
                return
            before.append(place)
            seen = observation(
                scene.source,
                file,
                rule,
                value=row.read.value,
                place=place,
                confidence=row.confidence * taint.factor,
            )
            yield scene.start, seen._replace(hops=_hops(taint, place, scene.source))
        elif built and row.dynamic:
            yield (
                scene.start,
                observation(
                    scene.source, file, rule, value=row.read.value, place=place, confidence=row.dynamic
                ),
            )


def _harmful(taint: Taint | None, kind: str) -> Taint | None:
    return taint if taint is not None and taint.is_input and taint.harms(kind) else None


def _is_decorated(row: Row, function: Function) -> bool:
    return any(fits(name, one) for name in row.names for one in function.decorators)


def _step_scene(step: Step, facts: Facts, source: Source, function: int) -> Scene:
    return Scene(None, step.value, facts, source, function, step.value.start, step.value.end, step.target)


def _hops(taint: Taint, sink: tuple[int, int], source: Source) -> tuple[Hop, ...]:
    stations = taint.hops if taint.hops[-1] == sink else (*taint.hops, sink)
    return tuple(
        Hop(span.line, span.column, source.excerpt(start, end)[:HOP_TEXT_MAX])
        for start, end in stations
        for span in (source.span(start, end),)
    )
