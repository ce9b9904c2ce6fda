"""The pass over one body: which names carry input, step by step.

A taint is the way that input has come (hops, oldest first) and the kinds of harm that it cannot do any more. An expression carries the
taint of its parts; assignment moves it, a sanitizer narrows it, a guard narrows it for the names that it speaks of.

Invariants

1. Every hop stands at or before the sink in the order of steps; the first is a source.
2. What is assigned without a condition replaces what the name carried; under a condition it may still carry the old.
3. Work is bounded: `DEPTH_MAX` in an expression, `STEPS_MAX` in a body.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Call, Expr, Function, Step
from stemedb_analysis.flow.model import ALL, Tongue
from stemedb_analysis.rules.names import fits, last_part
from stemedb_analysis.source import Source

DEPTH_MAX: Final = 24
STEPS_MAX: Final = 4000
HOPS_MAX: Final = 8
"""Longer ways are told by their first and last stations."""
HEAD_BYTES: Final = 600
"""Of a function, where its parameters stand."""

FORMATTING: Final = frozenset({"Sprintf", "format", "formatted"})
"""Last parts of calls that put text together."""
ADDRESS_KINDS: Final = frozenset({"ssrf", "redirect"})
JOINING: Final = frozenset({"join"})
"""Last parts of calls that put a list together; of placeholders, mostly."""
CONSTANT_KINDS: Final = frozenset({"none", "bool", "int", "float", "str", "bytes"})

_CLEANING_NAME: Final = re.compile(
    r"(?i)(saniti[sz]|escape|clean|valid|allow|whitelist|quote|encode(?!d)|strip_tags|safe|normali[sz]e_(?:path|name)|check_|verify)"
)


class Taint(NamedTuple):
    """How input came here, and what it can no longer do."""

    hops: tuple[tuple[int, int], ...]
    cleared: frozenset[str]
    factor: float = 1.0

    def harms(self, kind: str) -> bool:
        """Return whether it can still do harm of this kind."""
        return kind not in self.cleared and ALL not in self.cleared


class Flow:
    """The names of one body and what they carry; fed with steps, asked for expressions."""

    def __init__(self, tongue: Tongue, source: Source, function: Function | None) -> None:
        self._tongue = tongue
        self._source = source
        self._carried: dict[str, Taint] = {}
        self._guards: set[tuple[int, int]] = set()
        self._clean: dict[str, frozenset[str]] = {}
        self._built: set[str] = set()
        self.told: dict[str, list[tuple[int, int]]] = {}
        """By rule, the sinks that input has reached: what comes from them is no news."""
        if function is not None:
            self._take_params(function)

    def enter(self, step: Step) -> None:
        """Take the guards that hold for `step`, and on behind it: most that test input leave when the test fails."""
        for guard in step.guards:
            place = (guard.start, guard.end)
            if place not in self._guards:
                self._guards.add(place)
                self._note_condition(guard)

    def leave(self, step: Step) -> None:
        """Take what `step` does to names."""
        if step.op in {"assign", "augment"} and step.target:
            self._assign(step)
        elif step.op == "call":
            self._note_condition(step.value)
            for call in calls_of(step.value):
                self._add_to_receiver(call)

    def taint(self, expr: Expr, depth: int = 0) -> Taint | None:
        """Return what `expr` carries."""
        if depth > DEPTH_MAX:
            return None
        kind = expr.kind
        if kind == "name":
            return self._of_name(str(expr.value), expr)
        if kind == "call" and isinstance(expr.value, Call):
            return self._of_call(expr.value, expr, depth)
        if kind in {"concat", "list", "other", "index", "dict"} and isinstance(expr.value, tuple):
            if kind == "index":
                found = self._of_index(expr)
                if found is not None:
                    return found
                return self.taint(expr.value[0], depth + 1)
            if kind == "other" and self._is_comparison(expr):
                return None
            parts = [part for pair in expr.value for part in pair] if kind == "dict" else expr.value
            found = merged([self.taint(part, depth + 1) for part in parts])
            if found is not None and kind == "other":
                ruled_out = [kinds for _, kinds in self._ruled_out(expr)]
                found = found._replace(cleared=found.cleared.union(*ruled_out))
            return found
        return None

    def is_built(self, expr: Expr, kind: str, depth: int = 0) -> bool:
        """Return whether `expr` is text put together from parts one of which nobody knows to be free of `kind`."""
        if depth > DEPTH_MAX:
            return False
        if expr.kind == "concat" and isinstance(expr.value, tuple):
            return any(self._is_unknown(part, kind, depth + 1) for part in expr.value)
        if expr.kind == "name":
            return str(expr.value) in self._built
        if expr.kind == "call" and isinstance(expr.value, Call) and last_part(expr.value.name) in FORMATTING:
            return any(self._is_unknown(arg.value, kind, depth + 1) for arg in expr.value.args)
        return False

    def _is_unknown(self, expr: Expr, kind: str, depth: int) -> bool:
        if expr.kind == "name":
            name = str(expr.value)
            if name in self._built:
                return True
            # What is written in capitals is a constant, wherever it is defined.
            return (
                not last_part(name).isupper()
                and kind not in self._clean.get(name, ())
                and ALL not in self._clean.get(name, ())
            )
        if expr.kind == "call" and isinstance(expr.value, Call):
            kinds = {one for row in self._tongue.sanitizers.find(expr.value.name) for one in row.kinds}
            if last_part(expr.value.name) in JOINING:
                return any(self._is_unknown(arg.value, kind, depth + 1) for arg in expr.value.args)
            return not kinds & {kind, ALL}
        return expr.kind == "index" or self.is_built(expr, kind, depth + 1)

    def _of_name(self, name: str, expr: Expr) -> Taint | None:
        place = name
        while place:
            carried = self._carried.get(place)
            if carried is not None:
                return carried
            place = place.rpartition(".")[0]
        return self._of_source(name, expr)

    def _of_source(self, name: str, expr: Expr) -> Taint | None:
        factor = self._tongue.sources.factor(name)
        return Taint(((expr.start, expr.end),), frozenset(), factor) if factor else None

    def _of_index(self, expr: Expr) -> Taint | None:
        text = dotted(expr)
        return self._of_name(text, expr) if text else None

    def _of_call(self, call: Call, expr: Expr, depth: int) -> Taint | None:
        sanitizers = self._tongue.sanitizers.find(call.name)
        cleared = frozenset(kind for one in sanitizers for kind in one.kinds)
        if ALL in cleared:
            return None
        last = last_part(call.name)
        found = self._of_source(call.name, expr)
        if found is None and call.receiver is not None and call.receiver.kind == "name":
            found = self._of_source(f"{call.receiver.value}.{last}", expr)
        if found is None and call.receiver is not None:
            found = self.taint(call.receiver, depth + 1)
        if found is None and call.receiver is None and "." in call.name:
            found = self._of_name(call.name, expr)
        is_local = call.name.startswith(".")
        if cleared or last in self._tongue.carriers or is_local or call.role in {"new", "literal", "macro"}:
            found = merged([found, *(self.taint(arg.value, depth + 1) for arg in call.args)])
            if found is not None and is_local and _CLEANING_NAME.search(last):
                return None
        if found is not None and cleared:
            found = found._replace(cleared=found.cleared | cleared)
        return found

    def _assign(self, step: Step) -> None:
        value = self.taint(step.value)
        target = step.target
        if value is not None:
            value = value._replace(hops=_with_hop(value.hops, (step.value.start, step.value.end)))
        if step.op == "augment" or step.guards:
            value = merged([self._carried.get(target), value])
        self._note_build(step)
        if value is None:
            self._carried.pop(target, None)
        else:
            self._carried[target] = value

    def _note_build(self, step: Step) -> None:
        """Remember whether the target holds text put together from unknown parts, or what is known to be harmless."""
        target, value = step.target, step.value
        if step.op == "assign" and not step.guards:
            self._built.discard(target)
            self._clean.pop(target, None)
        if self.is_built(value, ""):
            self._built.add(target)
        elif value.kind in CONSTANT_KINDS:
            self._clean[target] = frozenset({ALL})
        elif value.kind == "call" and isinstance(value.value, Call):
            kinds = frozenset(
                one for row in self._tongue.sanitizers.find(value.value.name) for one in row.kinds
            )
            if kinds:
                self._clean[target] = kinds

    def _add_to_receiver(self, call: Call) -> None:
        if call.receiver is None or last_part(call.name) not in self._tongue.adders:
            return
        name = dotted(call.receiver)
        value = merged([self.taint(arg.value) for arg in call.args])
        if name and value is not None:
            value = value._replace(hops=_with_hop(value.hops, (call.start, call.end)))
            self._carried[name] = merged([self._carried.get(name), value]) or value

    def _note_condition(self, condition: Expr) -> None:
        for name, kinds in self._ruled_out(condition):
            carried = self._carried.get(name)
            if carried is None:
                seen = self._of_source(name, condition)
                if seen is not None:
                    self._carried[name] = seen._replace(cleared=kinds)
                continue
            self._carried[name] = carried._replace(cleared=carried.cleared | kinds)
            # The host of an address was tested by way of another name: the address is tested.
            for other, taint in self._carried.items():
                if taint.hops[0] == carried.hops[0]:
                    self._carried[other] = taint._replace(cleared=taint.cleared | (kinds & ADDRESS_KINDS))

    def _ruled_out(self, guard: Expr) -> list[tuple[str, frozenset[str]]]:
        if guard.kind not in {"other", "call"}:
            return []
        text = self._source.slice(guard.start, guard.end)
        found: list[tuple[str, frozenset[str]]] = []
        for says, kinds in self._tongue.guards:
            for match in says.finditer(text):
                name = next((group for group in match.groups() if group), "")
                found.append((name, kinds))
        return found

    def _is_comparison(self, expr: Expr) -> bool:
        text = self._source.slice(expr.start, expr.end)
        return _COMPARISON.search(text) is not None and _CHOICE.search(text) is None

    def _take_params(self, function: Function) -> None:
        head = self._source.slice(function.start, function.start + HEAD_BYTES)
        for name in function.params:
            if _says(self._tongue.harmless_types.pattern, name.lstrip("*"), head):
                self._clean[name.lstrip("*")] = frozenset({ALL})
        for row in self._tongue.params:
            if row.decorators and not any(
                _decorated(pattern, one) for pattern in row.decorators for one in function.decorators
            ):
                continue
            for name in function.params:
                bare = name.lstrip("*")
                if bare in row.excluded or (row.written and not _says(row.written.pattern, bare, head)):
                    continue
                if bare in self._clean:
                    continue
                at = re.search(rf"\b{re.escape(bare)}\b", head[head.find("(") + 1 :])
                start = function.start + (len(head[: head.find("(") + 1 + at.start()].encode()) if at else 0)
                self._carried[bare] = Taint(((start, start + len(bare.encode())),), frozenset())


_COMPARISON: Final = re.compile(r"[^=!<>]==|!=|===|\bis\b|\bnot\b|\bin\b|[^-=<>]<[^<=]|[^->=]>[^>=]|^!")
_CHOICE: Final = re.compile(r"\bif\b|\?|\bor\b|\|\||\band\b|\bawait\b|\bfor\b|=>|\{")


@lru_cache(maxsize=1024)
def _about(pattern: str, name: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("NAME", re.escape(name)))


def _says(pattern: str, name: str, text: str) -> bool:
    return _about(pattern, name).search(text) is not None


def _decorated(pattern: str, decorator: str) -> bool:
    return fits(pattern, decorator)


def dotted(expr: Expr) -> str:
    """Return ``req.query.id`` for a chain of names and literal keys, empty for anything else."""
    if expr.kind == "name":
        return str(expr.value)
    if expr.kind == "index" and isinstance(expr.value, tuple):
        container, key = expr.value
        inner = dotted(container)
        return f"{inner}.{key.value}" if inner and key.kind == "str" else inner
    if expr.kind == "call" and isinstance(expr.value, Call):
        return expr.value.name
    return ""


def calls_of(expr: Expr, depth: int = 0) -> Iterator[Call]:
    """Yield the calls in `expr`, outer ones first."""
    if depth > DEPTH_MAX:
        return
    if expr.kind == "call" and isinstance(expr.value, Call):
        yield expr.value
        for arg in expr.value.args:
            yield from calls_of(arg.value, depth + 1)
        if expr.value.receiver is not None:
            yield from calls_of(expr.value.receiver, depth + 1)
    elif isinstance(expr.value, tuple):
        for part in expr.value:
            for one in part if isinstance(part, tuple) and not isinstance(part, Expr) else (part,):
                if isinstance(one, Expr):
                    yield from calls_of(one, depth + 1)


def merged(taints: list[Taint | None]) -> Taint | None:
    """Return what carries the most harm: the first of the fullest, cleared only of what all are cleared of."""
    found = [one for one in taints if one is not None]
    if not found:
        return None
    best = max(found, key=lambda one: (one.factor, -len(one.cleared)))
    cleared = frozenset.intersection(*(one.cleared for one in found)) if len(found) > 1 else best.cleared
    return best._replace(cleared=cleared)


def _with_hop(hops: tuple[tuple[int, int], ...], hop: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    if hop in hops:
        return hops
    return (*hops[: HOPS_MAX - 1], hop)
