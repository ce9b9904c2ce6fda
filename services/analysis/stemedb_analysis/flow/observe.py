"""Flow rules against bodies: the sinks that input reaches.

A sink that input reaches gives an observation with its hops. One where text is only put together from what nobody knows gives an
observation without, as sure as its row says (`Row.dynamic`), which can never block.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from stemedb_analysis.facts.extract import unwritten
from stemedb_analysis.facts.model import LANGUAGES, MODULE, Body, Call, Facts, Function, Step, Wording
from stemedb_analysis.flow.expressions import calls_of
from stemedb_analysis.flow.formats import cleared_in_format
from stemedb_analysis.flow.input_words import NO_READING, InputWords
from stemedb_analysis.flow.model import Tongue
from stemedb_analysis.flow.taint import Flow
from stemedb_analysis.flow.taints import Result, Taint, together
from stemedb_analysis.flow.texts import Texts
from stemedb_analysis.flow.visits import Visits
from stemedb_analysis.model import Hop, Observation
from stemedb_analysis.rules.match import Candidate, Matching, observation
from stemedb_analysis.rules.model import FileInfo, Row, Rule
from stemedb_analysis.rules.names import NameIndex, fits, last_part
from stemedb_analysis.rules.screen import Screen
from stemedb_analysis.rules.select import Scene, call_names, find, holds
from stemedb_analysis.rules.words import Words
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

HOP_TEXT_MAX: Final = 80
_NO_WORDS: Final = Words({})


class Asked(NamedTuple):
    """What the flow rules ask of one file, as `Interest` has it."""

    sinks: frozenset[str]
    """Last parts of the names of calls and targets that live rows speak of."""
    returning: frozenset[str]
    """Those of decorators."""
    sure_sinks: frozenset[str]
    """Of those rows that speak where no input is known, too."""
    input: tuple[Wording, ...]
    given: frozenset[str]
    follow: bool


class FlowRules:
    """The flow rules of one language."""

    def __init__(self, rules: Iterable[Rule], language: str, tongue: Tongue | None) -> None:
        self._tongue = tongue
        self._calls: NameIndex[Candidate] = NameIndex()
        self._assigns: NameIndex[Candidate] = NameIndex()
        self._returns: list[Candidate] = []
        self._rows: list[Row] = []
        self._around: NameIndex[None] = NameIndex()
        for rule in rules:
            for row in rule.rows if rule.flow else ():
                if language in row.languages:
                    self._add(Candidate(rule, row))
        self._called = self._calls.last_parts()
        self._assigned = self._assigns.last_parts()
        self._sinks = [frozenset(map(last_part, row.names)) for row in self._rows]
        known = unwritten(language) if language in LANGUAGES else frozenset()
        self._screen = Screen(self._rows, known, language, of_flow=True)
        self._sure = [number for number, row in enumerate(self._rows) if row.dynamic]
        """Rows that speak where no input is known, too."""
        self._sure_sinks = self._named(self._sure)
        self._sure_screen = Screen(
            [self._rows[number] for number in self._sure], known, language, of_flow=True
        )
        self._input = InputWords(self._tongue, known, language) if self._tongue is not None else None

    def _add(self, candidate: Candidate) -> None:
        row = candidate.row
        self._rows.append(row)
        for one in (*row.unless, *row.beside):
            if one.fact == "call":
                self._around.add(one.names, None)
        if row.fact == "function":
            self._returns.append(candidate)
        else:
            (self._calls if row.fact == "call" else self._assigns).add(row.names, candidate)

    @property
    def sinks(self) -> frozenset[str]:
        """Last parts of all names that rows speak of."""
        return self._named(range(len(self._rows)))

    def speaks_of_call(self, name: str) -> bool:
        """Return whether some row could fit a call by this name."""
        return self._calls.has(name)

    @property
    def around(self) -> frozenset[str]:
        """Last parts of calls that take rows away, or that they want beside them."""
        return frozenset(self._around.last_parts())

    def wants_call(self, name: str) -> bool:
        """Return whether a call by this name could take a row away, or stand beside it."""
        return self._around.has(name)

    @property
    def is_empty(self) -> bool:
        """Whether there is no rule."""
        return not self._rows

    def asked_of(self, vocabulary: Vocabulary) -> "Asked":
        """Return what is worth looking for in a file of these words."""
        reading = self._input.in_file(vocabulary) if self._input is not None else None
        if reading is None:
            live = [self._sure[number] for number in self._sure_screen.live(vocabulary)]
        else:
            live = self._screen.live(vocabulary)
        sure = [number for number in live if self._rows[number].dynamic]
        if reading is None or not live:
            reading = NO_READING
        returning = [number for number in live if self._rows[number].fact == "function"]
        return Asked(
            self._named(number for number in live if number not in returning),
            self._named(returning),
            self._named(sure),
            reading.wordings,
            reading.given,
            follow=reading is not NO_READING,
        )

    def _named(self, numbers: Iterable[int]) -> frozenset[str]:
        return frozenset().union(*(self._sinks[number] for number in numbers))

    def observe(self, facts: Facts, source: Source, file: FileInfo) -> list[Observation]:
        """Return what input reaches, by place. O(steps × size of their expressions)."""
        if self._tongue is None:
            return []
        found: dict[tuple[int, str], Observation] = {}

        def take(place: int, one: Observation) -> None:
            known = found.get((place, one.rule))
            if known is None or (len(one.hops) > 0, one.confidence) > (len(known.hops) > 0, known.confidence):
                found[place, one.rule] = one

        def walk(body: Body, given: dict[str, Taint] | None, members: dict[str, Taint]) -> Taint | None:
            results: list[Result] = []
            for place, one in self._body(body, given, members, results, walked):
                take(place, one)
            return together(results)

        visits = Visits(facts, walk)
        walked = _Walked(facts, source, file, visits, Texts(self._tongue, source))
        for body in self._telling(facts.bodies, walked):
            # Where no input is read, only a sink tells something that speaks without any, or what an object was given before.
            if body.reads or visits.holds_members or self._holds_sink(body, walked, is_sure=True):
                walk(body, None, {})
        return [found[key] for key in sorted(found)]

    def _telling(self, bodies: Sequence[Body], of: "_Walked") -> list[Body]:
        """Return the bodies that hold a sink, or call one of these: of the others only results matter, and those are asked for by callers."""
        names = [of.facts.functions[body.function].name if body.function != MODULE else "" for body in bodies]
        calls = [{call.name[1:] for call in of.calls(body) if call.name[:1] == "."} for body in bodies]
        telling = {place for place, body in enumerate(bodies) if self._holds_sink(body, of)}
        count = 0
        while count != len(telling):
            count = len(telling)
            told = {names[place] for place in telling}
            telling |= {place for place in range(len(bodies)) if not told.isdisjoint(calls[place])}
        keeping = {
            place
            for place, body in enumerate(bodies if telling and of.facts.language == "java" else ())
            if place not in telling and any(_is_kept(step) for step in body.steps)
        }
        first = [bodies[place] for place in sorted(keeping)]
        return first + [body for place, body in enumerate(bodies) if place in telling]

    def _holds_sink(self, body: Body, of: "_Walked", *, is_sure: bool = False) -> bool:
        """Return whether a body may hold a sink; one that `is_sure` is of a row that speaks where no input is known, too."""
        function = of.facts.functions[body.function] if body.function != MODULE else None
        named = self._sure_sinks if is_sure else self._called
        targeted = (one for step in body.steps if step.target for one in self._targeted(step.target))
        return any(last_part(call.name) in named for call in of.calls(body)) or any(
            one.row.dynamic or not is_sure for one in (*targeted, *self._returning(function))
        )

    def _body(
        self,
        body: Body,
        given: Mapping[str, Taint] | None,
        members: dict[str, Taint],
        results: list[Result],
        of: "_Walked",
    ) -> Iterator[tuple[int, Observation]]:
        assert self._tongue is not None
        facts, source, file = of.facts, of.source, of.file
        function = facts.functions[body.function] if body.function != MODULE else None
        constant = of.constant.get(body.function, frozenset())
        flow = Flow(self._tongue, of.texts, function, given, of.visits, constant)
        of.share(flow, function)
        for step, calls in of.steps(body):
            flow.enter(step, calls)
            flow.follow(calls)
            of.share(flow, function)
            for one in calls:
                if last_part(one.name) not in self._called:
                    continue
                call = flow.unfolded(one)
                for name in call_names(call):
                    for candidate in self._calls.find(name):
                        scene = Scene(call, None, facts, source, call.function, call.start, call.end, name)
                        yield from self._sink(candidate, scene, flow, file)
            if step.op in {"assign", "augment"} and step.target:
                for candidate in self._targeted(step.target):
                    yield from self._sink(
                        candidate, _step_scene(step, facts, source, body.function), flow, file
                    )
            elif step.op == "return":
                results.append(flow.result(step.value))
                for candidate in self._returning(function):
                    yield from self._sink(
                        candidate, _step_scene(step, facts, source, body.function), flow, file
                    )
            flow.leave(step, calls)
        members.update(flow.members())
        of.keep(flow, function, given)

    def _targeted(self, target: str) -> list[Candidate]:
        """Return the rows that speak of what is assigned to: an item by its own name, and by that of what it is put into (``session["role"]``)."""
        owner, _, last = target.rpartition(".")
        found = self._assigns.find(target) if last in self._assigned else []
        return found + self._assigns.find(owner) if last_part(owner) in self._assigned else found

    def _returning(self, function: Function | None) -> Iterator[Candidate]:
        if function is not None and function.decorators:
            yield from (one for one in self._returns if _is_decorated(one.row, function))

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
        if rule.flow == "xss" and flow.is_inert:
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
            carried = flow.taint_at(expr, rule.flow)
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


class _Walked:
    """One file whose bodies are walked, some of them several times."""

    def __init__(self, facts: Facts, source: Source, file: FileInfo, visits: Visits, texts: Texts) -> None:
        self.facts = facts
        self.source = source
        self.file = file
        self.visits = visits
        self.texts = texts
        self.constant = dict(facts.settled)
        self._steps: dict[int, list[tuple[Step, tuple[Call, ...]]]] = {}

    def steps(self, body: Body) -> list[tuple[Step, tuple[Call, ...]]]:
        """Return the steps of a body, each with the calls in it."""
        known = self._steps.get(body.function)
        if known is None:
            known = [(step, calls_of(step.value)) for step in body.steps]
            self._steps[body.function] = known
        return known

    def calls(self, body: Body) -> Iterator[Call]:
        """Yield the calls of a body."""
        return (call for _, calls in self.steps(body) for call in calls)

    def share(self, flow: Flow, function: Function | None) -> None:
        """Let `flow` know the fields of the instance that it does not know yet."""
        owner = _owner(function)
        if function is not None and owner in self.visits.fields:
            held = self.visits.held(owner, function.params)
            flow.carry({name: taint for name, taint in held.items() if name not in flow.carried})

    def keep(self, flow: Flow, function: Function | None, given: Mapping[str, Taint] | None) -> None:
        """Remember what the fields of the instance hold; what a setter of Java was given by one caller is no more than that object's."""
        owner = _owner(function)
        is_given = given is not None and any(taint.is_input for taint in given.values())
        if owner and not (is_given and self.facts.language == "java"):
            self.visits.keep(owner, flow.fields())


def _owner(function: Function | None) -> str:
    return function.name.rpartition(".")[0] if function is not None else ""


def _harmful(taint: Taint | None, kind: str) -> Taint | None:
    return taint if taint is not None and taint.is_input and taint.harms(kind) else None


def _is_decorated(row: Row, function: Function) -> bool:
    return any(fits(name, one) for name in row.names for one in function.decorators)


def _is_kept(step: Step) -> bool:
    """Return whether something that is worked out is put into a field, for other methods to find."""
    return step.target.startswith("this.") and step.value.kind in {"call", "concat", "index"}


def _step_scene(step: Step, facts: Facts, source: Source, function: int) -> Scene:
    return Scene(None, step.value, facts, source, function, step.value.start, step.value.end, step.target)


def _hops(taint: Taint, sink: tuple[int, int], source: Source) -> tuple[Hop, ...]:
    stations = taint.hops if taint.hops[-1] == sink else (*taint.hops, sink)
    return tuple(
        Hop(span.line, span.column, source.excerpt(start, end)[:HOP_TEXT_MAX])
        for start, end in stations
        for span in (source.span(start, end),)
    )
