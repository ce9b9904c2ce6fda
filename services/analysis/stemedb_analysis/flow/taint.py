"""The pass over one body: which names carry input, step by step.

A taint is the way that input has come (hops, oldest first) and the kinds of harm that it cannot do any more. An expression carries the
taint of its parts; assignment moves it, a sanitizer narrows it, a guard narrows it for the names that it speaks of.
What a step does to names stands in `flow.changes`, what is made of several pieces in `flow.pieces`.

Invariants

1. Every hop stands at or before the sink in the order of steps; the first is a source.
2. What is assigned without a condition replaces what the name carried; under a condition it may still carry the old.
3. Work is bounded: `DEPTH_MAX` in an expression; the steps of a body are bounded where it is made (`facts.bodies`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from stemedb_analysis.facts.constants import items
from stemedb_analysis.facts.model import Call, Expr, Function, Step
from stemedb_analysis.flow.addresses import ADDRESS_KINDS, TARGET_KEYS, is_fixed, targets
from stemedb_analysis.flow.answers import is_answered, is_asked, is_inert
from stemedb_analysis.flow.changes import ANY_HARM, WRITING, Changes
from stemedb_analysis.flow.cleaning import cleared_by_arguments, one_of_labels
from stemedb_analysis.flow.containers import GETS, Box, command, key_of
from stemedb_analysis.flow.expressions import DEPTH_MAX, dotted, owner_of
from stemedb_analysis.flow.formats import formatted
from stemedb_analysis.flow.model import ALL, OWN_CHOICE, UNFOLLOWED, WEAK, Sanitizer, Tongue
from stemedb_analysis.flow.params import carried_in
from stemedb_analysis.flow.pieces import DOCUMENT, EDITS, FORMATTING, OPTION, PATHS
from stemedb_analysis.flow.replaced import taken_out
from stemedb_analysis.flow.taints import Taint, merged
from stemedb_analysis.flow.texts import Texts
from stemedb_analysis.flow.visits import Visits
from stemedb_analysis.rules.names import fits, last_part

DERIVED_KINDS: Final = ADDRESS_KINDS | {"path", "archive", "cors"}
"""What a test of something that is made of input says of the input, too."""
DEFAULTING: Final = frozenset({"getOrDefault"})
"""Last parts of calls that look their first argument up and give the second if it is not there."""
REPLACING: Final = frozenset({"replace", "replaceAll", "removePattern"})
"""Last parts of calls that take their first argument out of a text, or put something in its place."""
JOINING: Final = frozenset({"join"})
"""Last parts of calls that put a list together; of placeholders, mostly."""
_CLEANING_NAME: Final = re.compile(
    r"(?i)(saniti[sz]|escape|clean|valid|allow|whitelist|quote|encode(?!d)|strip_tags|safe|normali[sz]e_(?:path|name)|check(?:_|(?-i:[A-Z]))|verify)"
)
_UPLOAD: Final = re.compile(r"\.files?\b")
"""How an upload is read from a request."""
_TESTED: Final = frozenset({"upload"})
"""Harm that a test of the upload rules out for its name, too."""


class Flow(Changes):
    """The names of one body and what they carry; fed with steps, asked for expressions."""

    def __init__(  # noqa: PLR0917 - all that is known of a body
        self,
        tongue: Tongue,
        texts: Texts,
        function: Function | None,
        given: Mapping[str, Taint] | None = None,
        visit: Visits | None = None,
        constant: frozenset[str] = frozenset(),
    ) -> None:
        """`given` is what the parameters carry, if the caller is known; `visit` follows calls into functions of the same file; the parameters
        `constant` are given nothing but constants.
        """
        self.tongue = tongue
        self.tells_documents = bool(tongue.documents)
        self.texts = texts
        self.carried: dict[str, Taint] = {}
        self._guards: set[tuple[int, int]] = set()
        self._within: dict[tuple[int, int], dict[str, tuple[Taint, Taint]]] = {}
        """By the place of a guard that holds within its branch alone, what names carried before and carry in it."""
        self.boxes: dict[str, Box] = {}
        self.before: dict[str, tuple[tuple[Expr, ...], Taint | None]] = {}
        self.built: set[str] = set()
        self.seen: dict[int, Taint | None] = {}
        self.answers: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {}
        self._visit = visit
        self.is_inert = False
        """Whether the answer was said to be of a type that runs no script."""
        self._sends = False
        """Whether the function sends a request: what it reads of that is its own."""
        self.told: dict[str, list[tuple[int, int]]] = {}
        """By rule, the sinks that input has reached: what comes from them is no news."""
        if function is not None:
            head, harmless = self.texts.head(function)
            self._sends = tongue.outgoing[0].match(head) is not None
            self.carried |= carried_in(tongue, function, given, head, harmless | constant)

    def enter(self, step: Step, calls: Iterable[Call]) -> None:
        """Take the guards that hold for `step`, and on behind it: most that test input leave when the test fails. `calls` are those in it.

        That a name is one text (``if (to == "home")``) holds no longer than the branch does.
        """
        self.seen.clear()
        places = {(guard.start, guard.end) for guard in step.guards}
        for place in self._within.keys() - places:
            for name, (before, within) in self._within.pop(place).items():
                if self.carried.get(name) is within:
                    self.carried[name] = before
        for guard in step.guards:
            place = (guard.start, guard.end)
            if place not in self._guards:
                self._guards.add(place)
                known = dict(self.carried)
                self._note_condition(guard)
                if self.texts.is_one_text(*place):
                    changed = {name: (known.get(name), now) for name, now in self.carried.items()}
                    self._within[place] = {
                        name: (old, now)
                        for name, (old, now) in changed.items()
                        if old is not None and old is not now
                    }
        self.is_inert = self.is_inert or any(map(is_inert, calls))

    def leave(self, step: Step, calls: Iterable[Call]) -> None:
        """Take what `step` does to names; `calls` are those in it."""
        self.seen.clear()
        if step.op in {"assign", "augment"} and step.target:
            self.assign(step)
        elif step.op == "call":
            if not self.texts.is_one_text(step.value.start, step.value.end):
                self._note_condition(step.value)
            for call in calls:
                self.change(call)
        if self.tongue.fillers:
            for call in calls:
                last = last_part(call.name)
                if last in self.tongue.fillers:
                    self.fill(call)
                elif last in WRITING:
                    self.write(call)

    def taint(self, expr: Expr, depth: int = 0) -> Taint | None:
        """Return what `expr` carries."""
        if depth > DEPTH_MAX:
            return None
        kind = expr.kind
        if kind == "name":
            return self._of_name(str(expr.value), expr)
        if kind == "call" and isinstance(expr.value, Call):
            return self.once(expr.value, expr, depth)
        if kind in {"concat", "list", "other", "index", "dict"} and isinstance(expr.value, tuple):
            if kind == "index":
                return self._of_index(expr, depth)
            if kind == "dict":
                return self.of_dict(expr.value, depth)
            if kind == "concat":
                return self.of_concat(expr, depth)
            if kind == "other" and self._is_comparison(expr):
                return None
            found = merged([self.taint(part, depth + 1) for part in self.chosen(expr.value)])
            if found is not None and kind == "other":
                # As a value: that ``x or "default"`` is one of several texts would only be said by a test.
                ruled_out = [kinds for _, kinds in self.texts.ruled_out(expr.start, expr.end)]
                found = found._replace(cleared=found.cleared.union(*ruled_out))
            return found
        return None

    def taint_at(self, expr: Expr, kind: str) -> Taint | None:
        """Return what `expr` carries to a sink of this kind of harm: of the options of a request, what says where it goes."""
        if kind in ADDRESS_KINDS:
            box = self.boxes.get(str(expr.value)) if expr.kind == "name" else None
            if box is not None and box.cells:
                return merged([box.rest, *(box.cells[key] for key in box.cells.keys() & TARGET_KEYS)])
            parts = targets(expr)
            if parts is not None:
                return merged([self.taint(part) for part in parts])
        return self.taint(expr)

    def _of_name(self, name: str, expr: Expr) -> Taint | None:
        if last_part(name) in self.tongue.harmless_members:
            return None
        place, inside = name, ""
        while place:
            box = self.boxes.get(place)
            if box is not None:
                return box.get(inside) if inside else box.whole()
            carried = self.carried.get(place)
            if carried is not None:
                # What a framework hands in is a parameter, and input by the names of its members.
                seen = None if carried.is_input or place == name else self.of_source(name, expr)
                if seen is not None:
                    return seen
                cleared = self.tongue.sources.member_cleared(inside) if inside else frozenset()
                carried = self._behind(carried, last_part(inside))
                return carried._replace(cleared=carried.cleared | cleared) if cleared else carried
            place, _, last = place.rpartition(".")
            inside = f"{last}.{inside}" if inside else last
        return self.of_source(name, expr)

    def _behind(self, carried: Taint, last: str) -> Taint:
        """Return what a member of a name carries: of an upload, its name is the client's, and its place the server's."""
        if last in self.tongue.renewed:
            special = self.tongue.sources.special
            kept = special | (carried.cleared & _TESTED)
            return carried._replace(cleared=kept) if special <= carried.cleared else carried
        if last in self.tongue.minted and _UPLOAD.search(self.texts.slice(*carried.hops[0])):
            return carried._replace(cleared=carried.cleared | {"path", "archive"})
        return carried

    def of_source(self, name: str, expr: Expr) -> Taint | None:
        """Return what a name or a call carries that is input by its name."""
        factor = self.tongue.sources.factor(name)
        if not factor or (self._sends and self.tongue.outgoing[1].fullmatch(name)):
            return None
        if last_part(name) in self.tongue.renewed:
            return Taint(((expr.start, expr.end),), self.tongue.sources.special, factor)
        cleared = self.tongue.sources.cleared(name).union(
            *(kinds for says, kinds in self.tongue.limited if says.fullmatch(name))
        )
        if factor <= WEAK:
            cleared |= OWN_CHOICE
        return Taint(((expr.start, expr.end),), cleared, factor)

    def behind_host(self, expr: Expr, found: Taint, depth: int) -> Taint:
        """Return what text carries that is put together: behind a host that stands already, input chooses none."""
        if found.cleared >= ADDRESS_KINDS or not is_fixed(expr, lambda one: self._chooses(one, depth + 1)):
            return found
        return found._replace(cleared=found.cleared | ADDRESS_KINDS)

    def _chooses(self, expr: Expr, depth: int) -> bool:
        carried = self.taint(expr, depth)
        return carried is not None and carried.is_input and carried.harms("redirect")

    def _of_index(self, expr: Expr, depth: int) -> Taint | None:
        container, key = items(expr)
        if key.kind == "str" and key.value in self.tongue.harmless_members:
            return None
        box = self.boxes.get(dotted(container)) if container.kind == "name" else None
        if box is not None:
            return box.get(key_of([key]))
        text = dotted(expr)
        is_element = container.kind == "call" and (isinstance(key.value, int) or is_answered(container))
        found = self._of_name(text, expr) if text and not is_element else None
        if found is None:
            found = self.taint(container, depth + 1)
            if found is not None and found.parts is not None and isinstance(key.value, int):
                return found.parts[key.value] if -len(found.parts) <= key.value < len(found.parts) else None
        return found

    def of_call(self, call: Call, expr: Expr, depth: int) -> Taint | None:
        """Return what a call gives."""
        cleared, last = self._cleared_by(call, depth) | cleared_by_arguments(call), last_part(call.name)
        if ALL in cleared:
            return None
        is_known, result = self._of_own(call, last, depth)
        is_known, result = (is_known, result) if is_known else self.of_closure(call, last, depth)
        if is_known:
            return result
        found = self._of_callee(call, last, expr, depth)
        is_local = call.name.startswith(".")
        if cleared or self._is_carrier(call, last) or is_local or call.role in {"new", "literal", "macro"}:
            # The default of a look-up carries on, its key does not.
            handed = call.args[1:] if last in DEFAULTING else call.args
            text = formatted(call, lambda one: self.taint(one, depth + 1)) if last in FORMATTING else None
            given = text if text is not None else [self.taint(arg.value, depth + 1) for arg in handed]
            found = merged([found, *given])
        if found is None or (is_local and _CLEANING_NAME.search(last)):
            return None
        if is_local and call.role == "call":
            found = found._replace(factor=found.factor * UNFOLLOWED)
        if last in FORMATTING or last in JOINING:
            found = self.behind_host(expr, found, depth)
        if last in REPLACING:
            cleared |= taken_out(call)
        if call.name in self.tongue.documents:
            return found._replace(cleared=found.cleared - DOCUMENT)
        return found._replace(cleared=found.cleared | cleared) if cleared else found

    def follow(self, calls: Sequence[Call]) -> None:
        """Look into the functions of this file that are called, inner calls first, whatever becomes of their results."""
        for call in reversed(calls):
            if call.name.startswith("."):
                self._of_own(call, last_part(call.name), 0)

    def _of_callee(self, call: Call, last: str, expr: Expr, depth: int) -> Taint | None:
        """Return what a call gives by its name, or by what it is made on."""
        # What it is called on tells more than its name: `name.strip()` of what was cleaned before is clean.
        of_receiver = self.taint(call.receiver, depth + 1) if call.receiver is not None else None
        if of_receiver is not None and not self._is_carrier(call, last) and last not in GETS:
            of_receiver = of_receiver._replace(factor=of_receiver.factor * UNFOLLOWED)
        if of_receiver is not None and of_receiver.is_input and self._is_carrier(call, last):
            return of_receiver
        found = self.of_source(call.name, expr) if not is_answered(call.receiver) else None
        named = call.receiver is not None and call.receiver.kind == "name" and not is_asked(call.name)
        if found is None and call.receiver is not None and named:
            found = self.of_source(f"{call.receiver.value}.{last}", expr)
        found = found or of_receiver
        if found is None and call.receiver is None and "." in call.name:
            found = self._of_name(call.name, expr)
        return found

    def _cleared_by(self, call: Call, depth: int) -> frozenset[str]:
        """Return the kinds of harm that a call rules out by its name, and by what its text says where that matters."""
        if call.base.startswith("enum."):
            return frozenset({ALL})
        sanitizers = self.tongue.sanitizers.find(call.name)
        cleared = frozenset(kind for one in sanitizers if self._holds(one, call) for kind in one.kinds)
        last = last_part(call.name)
        if last in PATHS and len(call.args) > 1 and self.taint(call.args[0].value, depth + 1) is None:
            cleared |= OPTION
        if last in EDITS and self.tongue.edits:
            start = call.receiver.end if call.receiver is not None else call.start
            cleared |= self.texts.edited(start, call.end)
        return cleared

    def _holds(self, sanitizer: Sanitizer, call: Call) -> bool:
        if any(fits(name, call.name) for name in sanitizer.others):
            return False
        if sanitizer.says is None and sanitizer.excluded is None:
            return True
        text = self.texts.slice(call.start, call.end)
        is_said = sanitizer.says is None or sanitizer.says.search(text) is not None
        return is_said and (sanitizer.excluded is None or sanitizer.excluded.search(text) is None)

    def _is_carrier(self, call: Call, last: str) -> bool:
        carriers = self.tongue.carriers
        if last in carriers:
            return True
        owner = last_part(call.name[: -len(last) - 1])
        return bool(owner) and f"{owner}.{last}" in carriers

    def unfolded(self, call: Call) -> Call:
        """Return `call` with what known lists and maps hold in place of their names, for rows that look into a command or options."""
        if not self.boxes or not call.args:
            return call
        args = []
        for arg in call.args:
            box = self.boxes.get(str(arg.value.value)) if arg.value.kind == "name" else None
            written = command(box.written) if box is not None else ()
            if written:
                args.append(arg._replace(value=arg.value._replace(kind="list", value=written)))
            elif box is not None and box.pairs:
                args.append(arg._replace(value=arg.value._replace(kind="dict", value=tuple(box.pairs))))
            else:
                args.append(arg)
        return call._replace(args=tuple(args))

    def _of_own(self, call: Call, last: str, depth: int) -> tuple[bool, Taint | None]:
        """Return what a call gives that takes something out of a known container, or runs a function of this file; whether it is one of these."""
        box = self.boxes.get(owner_of(call)) if last in GETS else None
        if box is not None:
            keys = [arg.value for arg in call.args]
            defaults = [] if key_of(keys) in box.cells else keys[1:]
            key = key_of(keys if not defaults else keys[:1])
            return True, merged([box.get(key), *map(self.taint, defaults)])
        if not call.name.startswith(".") or self._visit is None:
            return False, None
        own = self.taint(call.receiver, depth + 1) if call.receiver is not None else None
        return self._visit(call, [self.taint(arg.value, depth + 1) for arg in call.args], own)

    def _note_condition(self, condition: Expr) -> None:
        tested = condition
        while tested.kind == "other" and isinstance(tested.value, tuple) and len(tested.value) == 1:
            tested = tested.value[0]
        answered = self.answers.get(str(tested.value), ()) if tested.kind == "name" else ()
        for name, kinds in answered or self.ruled_out(condition):
            carried = self.carried.get(name)
            if carried is None:
                # A member of what carries input, or input by its name.
                seen = self._of_name(name, condition) if name not in self.boxes else None
                if seen is not None:
                    self.carried[name] = seen._replace(cleared=seen.cleared | kinds)
                continue
            self.carried[name] = carried._replace(cleared=carried.cleared | kinds)
            # The host of an address, or the real path of a file, was tested by way of another name: it is tested.
            for other, taint in self.carried.items():
                if taint.hops[0] == carried.hops[0]:
                    self.carried[other] = taint._replace(
                        cleared=taint.cleared | (DERIVED_KINDS if ALL in kinds else kinds & DERIVED_KINDS)
                    )

    def ruled_out(self, guard: Expr) -> tuple[tuple[str, frozenset[str]], ...]:
        """Return the names that a condition speaks of, and the harm that it rules out for each."""
        if guard.kind not in {"other", "call"}:
            return ()
        chosen = one_of_labels(guard)
        return ((chosen, ANY_HARM),) if chosen else self.texts.ruled_out(guard.start, guard.end)

    def _is_comparison(self, expr: Expr) -> bool:
        return self.texts.is_comparison(expr.start, expr.end)
