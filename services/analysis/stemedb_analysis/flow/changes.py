"""What a step does to names: assignments, what is put into containers, and what calls fill or write into.

::

    q = input                  q carries it, and no longer what it carried before
    if test: q = input         q may carry it, or what it carried before the test
    m = {"a": q}               m is a box, told apart by its keys
    m.put("b", r)              a cell of the box
    r.Scan(&q)                 q is filled with what is read from `r`
    Fprintf(&b, "… %s", q)     b holds what was written into it

The pass itself (`flow.taint`) knows what expressions carry, and when a step is taken.
"""

import re
from abc import abstractmethod
from typing import Final

from stemedb_analysis.facts.constants import items
from stemedb_analysis.facts.model import Call, Expr, Step
from stemedb_analysis.flow.containers import ADDS, PUTS, REMOVES, Box, boxed, key_of
from stemedb_analysis.flow.expressions import dotted, owner_of
from stemedb_analysis.flow.formats import cleared_in_format
from stemedb_analysis.flow.model import ALL, Tongue
from stemedb_analysis.flow.pieces import Pieces
from stemedb_analysis.flow.taints import Taint, merged, with_hop
from stemedb_analysis.rules.names import last_part

WRITING: Final = frozenset({"Fprintf", "Fprint", "Fprintln", "write", "writeln"})
"""Last parts of calls that put the text of their other arguments behind what their first one holds."""
ANY_HARM: Final = frozenset({ALL})
_SETTER: Final = re.compile(r"set[A-Z]\w*")
"""How a method is called that keeps its argument."""
_ANSWER: Final = re.compile(
    r"(?i)^(?:w|rw|c|f|ctx|out|writer|conn|res|rsp|resp\w*|std\w*)$|\bstd(?:out|err)$|writer$|\."
)
"""How what goes to somebody else is called: what was written there is not read again."""


class Changes(Pieces):
    """What the names of one body carry, step by step."""

    tongue: Tongue
    before: dict[str, tuple[tuple[Expr, ...], Taint | None]]
    """By name, the conditions under which it got its value, and what it carried before."""
    answers: dict[str, tuple[tuple[str, frozenset[str]], ...]]
    """By the name that holds the answer to a test, the names that were tested, and the harm that a condition on the answer rules out:
    ``_, ok := tables[name]``, ``allowed = is_allowed(name)``, ``if one == name: allowed = True``."""

    @abstractmethod
    def of_source(self, name: str, expr: Expr) -> Taint | None:
        """Return what a name or a call carries that is input by its name."""

    @abstractmethod
    def ruled_out(self, guard: Expr) -> tuple[tuple[str, frozenset[str]], ...]:
        """Return the names that a condition speaks of, and the harm that it rules out for each."""

    def assign(self, step: Step) -> None:
        """Let the target of a step carry what it is assigned."""
        value = self.taint(step.value)
        target = step.target
        if value is not None:
            value = value._replace(hops=with_hop(value.hops, (step.value.start, step.value.end)))
        self._note_build(step)
        self._note_answer(step)
        owner, _, key = target.rpartition(".")
        if step.op == "assign" and owner in self.boxes:
            self.boxes[owner].put(key, value, surely=not step.guards)
            named = Expr("str", key, step.value.start, step.value.start)
            self.boxes[owner].pairs.append((named, step.value))
            return
        if step.op == "assign" and boxed(step.value):
            self._box(target, step)
            return
        box = self.boxes.pop(target, None)
        old = self.carried.get(target) if box is None else box.whole()
        if step.op == "augment":
            value = merged([old, value])
        elif step.guards:
            guards, before = self.before.get(target, ((), None))
            if guards != step.guards:
                before = old
            self.before[target] = (step.guards, before)
            value = merged([before, value])
        else:
            self.before.pop(target, None)
        self.set_carried(target, value)

    def _box(self, target: str, step: Step) -> None:
        """Let a name stand for a container, filled with what is written there."""
        box = Box()
        value = step.value
        if value.kind == "list" and isinstance(value.value, tuple):
            for item in value.value:
                box.add(self.taint(item))
            box.written = list(value.value)
        elif value.kind == "dict" and isinstance(value.value, tuple):
            for key, item in value.value:
                box.put(key_of([key]) if key.value != "**" else None, self.taint(item), surely=True)
            box.pairs = list(value.value)
        if step.guards:
            box.rest = self.carried.get(target)
        self.carried.pop(target, None)
        self.boxes[target] = box

    def _note_answer(self, step: Step) -> None:
        value = step.value
        ruled_out: tuple[tuple[str, frozenset[str]], ...] = ()
        if value.kind == "index":
            container, key = items(value)
            if container.kind != "str" and self.taint(container) is None and dotted(key):
                ruled_out = ((dotted(key), ANY_HARM),)
        elif value.kind in {"call", "other"}:
            ruled_out = self.ruled_out(value)
        elif value.kind == "bool" and value.value is True:
            ruled_out = tuple(one for guard in step.guards for one in self.ruled_out(guard))
        if ruled_out:
            self.answers[step.target] = ruled_out
        else:
            self.answers.pop(step.target, None)

    def _note_build(self, step: Step) -> None:
        """Remember whether the target holds text put together from parts that nobody knows."""
        if step.op == "assign" and not step.guards:
            self.built.discard(step.target)
        if self.is_built(step.value, ""):
            self.built.add(step.target)

    def change(self, call: Call) -> None:
        """Take what a call does to the container that it is made on."""
        last, name = last_part(call.name), owner_of(call)
        box = self.boxes.get(name)
        values = [arg.value for arg in call.args]
        if box is not None and last in REMOVES:
            place = values[0].value if values else -1
            box.remove(place if isinstance(place, int) else None)
            box.written.clear()
            return
        # The setter of an object of this file puts what it is given into the object.
        is_setter = call.name.startswith(".") and len(values) == 1 and _SETTER.fullmatch(last) is not None
        if not name or not (is_setter or last in self.tongue.adders):
            return
        value = merged([self.taint(one) for one in values])
        if value is not None:
            value = value._replace(hops=with_hop(value.hops, (call.start, call.end)))
        if box is not None and len(values) > 1 and last in PUTS:
            box.put(key_of(values[:-1]), self.taint(values[-1]) and value, surely=True)
        elif box is not None and len(values) == 1 and last in ADDS:
            box.add(value)
            box.written.append(values[0])
        elif box is not None:
            box.put(None, value, surely=False)
        elif value is not None:
            self.carried[name] = merged([self.carried.get(name), value]) or value

    def fill(self, call: Call) -> None:
        """Take what a call puts into its arguments: what it read from the one that it is made on, or from the others."""
        carried = [self.taint(arg.value) for arg in call.args]
        first = call.args[0].value if call.args else None
        read = self.of_source(call.name, first) if first is not None else None
        if read is None and call.receiver is not None:
            read = self.taint(call.receiver)
            if call.receiver.kind == "name" and read is None:
                read = self.of_source(f"{call.receiver.value}.{last_part(call.name)}", call.receiver)
        value = merged([read, *(one for one in carried if one is not None and one.is_input)])
        if value is None or not value.is_input:
            return
        value = value._replace(hops=with_hop(value.hops, (call.start, call.end)))
        for arg, taint in zip(call.args, carried, strict=True):
            if arg.value.kind == "name" and (taint is None or not taint.is_input):
                self.boxes.pop(str(arg.value.value), None)
                self.carried[str(arg.value.value)] = value

    def write(self, call: Call) -> None:
        """Take what is written into a text that is being put together: the first argument, if input reaches it."""
        if (
            len(call.args) < 2
            or call.args[0].value.kind != "name"
            or (call.receiver is not None and call.role != "macro")
        ):
            return
        name = str(call.args[0].value.value)
        written = []
        for arg in call.args[1:]:
            one = self.taint(arg.value)
            written.append(one and one._replace(cleared=one.cleared | cleared_in_format(call, arg.value)))
        value = merged(written)
        if value is None or not value.is_input or _ANSWER.search(name):
            return
        value = value._replace(hops=with_hop(value.hops, (call.start, call.end)))
        box = self.boxes.pop(name, None)
        self.set_carried(name, merged([self.carried.get(name) if box is None else box.whole(), value]))
