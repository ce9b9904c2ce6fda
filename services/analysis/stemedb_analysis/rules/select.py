"""Selectors and tests over expressions: the small questions that rows ask of a fact.

::

    verify|3                         keyword `verify`, or the fourth argument
    *.rejectUnauthorized             key of a dict among the arguments, at any depth
    TLSClientConfig.MinVersion       into a composite literal
    @last @name                      of the call's name        @target of an assignment
    @value.origin                    into what is assigned     @receiver what a method is called on
    @count @result @function @text   how many arguments, the name it goes to, the function it is in, its source
    @head                            how the functions around it begin: their parameters

What a selector finds is a list of expressions; a test holds if one of them satisfies it. A step that meets a splat (``**options``) finds
nothing and says so, since the splat may hold what is looked for: absence is claimed only where nothing can hide it.
"""

from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Arg, Assign, Call, Expr, Facts, Import
from stemedb_analysis.rules.expression import Expression
from stemedb_analysis.rules.model import Condition, Selector, Step
from stemedb_analysis.rules.names import fits, last_part
from stemedb_analysis.rules.values import constant, number
from stemedb_analysis.source import Source

DEPTH_MAX: Final = 6
"""Of dicts in dicts that a ``*`` looks through."""
HEADS_MAX: Final = 3
HEAD_BYTES: Final = 240
"""Of a function, where its parameters stand."""
FOUND_MAX: Final = 64
"""Expressions that one selector gives; a table of thousands of rows is no argument."""

_SPLAT: Final = frozenset({"*", "**", "..."})


def call_names(call: Call) -> tuple[str, ...]:
    """Return the names that a call is looked up by: what is called on somebody unknown goes by its written receiver too,
    behind a ``~`` so that a parameter that is only called like a library is not taken for it: ``~res.send`` fits ``*res.send``.
    """
    if call.base:
        return call.name, call.base
    if call.name[:2] == "?." and call.receiver is not None and call.receiver.kind == "name":
        return call.name, f"~{call.receiver.value}.{last_part(call.name)}"
    return (call.name,)


class Found(NamedTuple):
    """What a selector found, and whether something may have hidden more."""

    exprs: list[Expr]
    is_open: bool
    is_choice: bool = False
    """Whether a condition chooses between them, so that each of them is there."""


class Scene(NamedTuple):
    """A fact and what is around it."""

    fact: Call | Assign | Import | None
    value: Expr | None
    facts: Facts
    source: Source
    function: int
    start: int
    end: int
    name: str


def find(scene: Scene, selector: Selector) -> Found:
    """Return what `selector` finds at `scene`. Bounded by `FOUND_MAX` and `DEPTH_MAX`."""
    root = selector.root
    if not root:
        args = scene.fact.args if isinstance(scene.fact, Call) else ()
        found = _into_args(args, selector.steps)
        if any(expr.kind == "other" for expr in found.exprs):
            exprs = [one for expr in found.exprs for one in choices(expr)]
            return found._replace(exprs=exprs, is_choice=len(exprs) > len(found.exprs))
        return found
    if root in {"@value", "@receiver"}:
        expr = scene.value
        if root == "@receiver":
            expr = scene.fact.receiver if isinstance(scene.fact, Call) else None
        if expr is None:
            return Found([], is_open=False)
        return _walk([expr], selector.steps, is_open=False)
    return Found([_attribute(scene, root)], is_open=False)


def choices(expr: Expr) -> tuple[Expr, ...]:
    """Return the constants of which `expr` is one, whichever a condition chooses; `expr` alone if it is no such choice."""
    parts = expr.value if expr.kind == "other" and isinstance(expr.value, tuple) else ()
    flat: list[Expr] = []
    for part in parts:
        flat += choices(part) if part.kind == "other" else (part,)
    if len(flat) > 1 and all(one.kind in {"str", "int", "bytes"} for one in flat):
        return tuple(flat)
    return (expr,)


def _attribute(scene: Scene, root: str) -> Expr:
    if root == "@count":
        count = len(scene.fact.args) if isinstance(scene.fact, Call) else 0
        return Expr("int", count, scene.start, scene.end)
    if root == "@last":
        text = last_part(scene.name)
    elif root == "@path":
        text = scene.name.rpartition(".")[0]
    elif root == "@function":
        inside = 0 <= scene.function < len(scene.facts.functions)
        text = scene.facts.functions[scene.function].name if inside else ""
    elif root == "@head":
        text = _head(scene)
    elif root == "@result":
        text = scene.fact.result if isinstance(scene.fact, Call) else ""
    elif root == "@text":
        text = scene.source.slice(scene.start, scene.end)
    else:
        text = scene.name
    return Expr("str", text, scene.start, scene.end)


def _head(scene: Scene) -> str:
    """Return how the functions around a scene begin, the innermost first."""
    text, number = "", scene.function
    for _ in range(HEADS_MAX):
        if not 0 <= number < len(scene.facts.functions):
            break
        function = scene.facts.functions[number]
        text += scene.source.slice(function.start, min(function.end, function.start + HEAD_BYTES)) + "\n"
        number = function.parent
    return text


def _into_args(args: tuple[Arg, ...], steps: tuple[Step, ...]) -> Found:
    first, rest = steps[0], steps[1:]
    is_open = any(arg.key in _SPLAT for arg in args)
    if first == ("*",):
        exprs = [arg.value for arg in args if arg.key not in _SPLAT]
        if not rest:
            return Found(exprs[:FOUND_MAX], is_open)
        # Of the keywords themselves, and into every dict and call among the arguments.
        direct = [arg.value for arg in args if arg.key in rest[0]]
        found = _walk(exprs, steps, is_open=is_open)
        here = _walk(direct, rest[1:], is_open=is_open)
        return Found((here.exprs + found.exprs)[:FOUND_MAX], is_open or found.is_open)
    chosen = [arg.value for arg in args if arg.key in first]
    places = {int(one) for one in first if one.isdigit()}
    if places and not chosen:
        position = 0
        for arg in args:
            if arg.key == "*":
                break
            if arg.key is None:
                if position in places:
                    chosen.append(arg.value)
                position += 1
        if "-1" in first and args and args[-1].key is None:
            chosen.append(args[-1].value)
    return _walk(chosen, rest, is_open=is_open)


def _walk(exprs: list[Expr], steps: tuple[Step, ...], *, is_open: bool) -> Found:
    for place, step in enumerate(steps):
        if step == ("*",) and place + 1 < len(steps):
            below: list[Expr] = []
            for expr in exprs:
                is_open |= _below(expr, below, 0)
            exprs = below
            continue
        found: list[Expr] = []
        for expr in exprs:
            inner, hidden = _children(expr, step)
            found += inner
            is_open |= hidden
        exprs = found[:FOUND_MAX]
    return Found(exprs[:FOUND_MAX], is_open)


def _below(expr: Expr, into: list[Expr], depth: int) -> bool:
    """Gather `expr` and every dict and construction in it; return whether a splat hides some."""
    if depth > DEPTH_MAX or len(into) >= FOUND_MAX:
        return True
    hidden = False
    if expr.kind in {"dict", "call"}:
        into.append(expr)
    if expr.kind == "dict" and isinstance(expr.value, tuple):
        for key, value in expr.value:
            hidden |= _hides(key)
            hidden |= _below(value, into, depth + 1)
    elif expr.kind == "list" and isinstance(expr.value, tuple):
        for value in expr.value[:FOUND_MAX]:
            hidden |= _below(value, into, depth + 1)
    elif expr.kind == "call" and isinstance(expr.value, Call):
        for arg in expr.value.args:
            hidden |= arg.key in _SPLAT
            hidden |= _below(arg.value, into, depth + 1)
    return hidden


def _children(expr: Expr, step: Step) -> tuple[list[Expr], bool]:
    if expr.kind == "dict" and isinstance(expr.value, tuple):
        inner = [
            value for key, value in expr.value if ("*" in step and not _hides(key)) or _key_text(key) in step
        ]
        return inner, not inner and any(_hides(key) for key, _ in expr.value)
    if expr.kind in {"list", "concat"} and isinstance(expr.value, tuple):
        if "*" in step:
            return list(expr.value), False
        return [expr.value[int(one)] for one in step if one.isdigit() and int(one) < len(expr.value)], False
    if expr.kind == "call" and isinstance(expr.value, Call):
        found = _into_args(expr.value.args, (step,))
        return found.exprs, found.is_open
    return [], expr.kind in {"name", "other", "index"}


def _hides(key: Expr) -> bool:
    """Return whether a pair may hold any key: a splat, which has no key of its own, or one that is worked out."""
    return key.kind in {"none", "other"} or key.value in _SPLAT


def _key_text(key: Expr) -> str:
    return last_part(key.value) if key.kind == "name" and isinstance(key.value, str) else str(key.value)


def holds(test: Condition, scene: Scene) -> bool:
    """Return whether `test` holds at `scene`."""
    found = find(scene, test.selector)
    op, operand = test.op, test.operand
    if op == "absent":
        return (not found.exprs and not found.is_open) is bool(operand)
    if op == "present":
        return bool(found.exprs) is bool(operand)
    if op.startswith("not_"):
        return not any(_satisfies(op[4:], operand, expr, scene.source) for expr in found.exprs)
    return any(_satisfies(op, operand, expr, scene.source) for expr in found.exprs)


def _satisfies(op: str, operand: object, expr: Expr, source: Source) -> bool:
    if op == "is":
        return _equal(expr, operand)
    if op == "in":
        assert isinstance(operand, tuple)
        return any(_equal(expr, one) for one in operand)
    if op == "matches":
        assert isinstance(operand, Expression)
        return any(operand.search(text) for text in texts(expr))
    if op == "name":
        assert isinstance(operand, tuple)
        return any(fits(pattern, text) for pattern in operand for text in names(expr))
    if op == "kind":
        assert isinstance(operand, tuple)
        return expr.kind in operand
    if op == "source":
        assert isinstance(operand, Expression)
        return operand.search(source.slice(expr.start, expr.end)) is not None
    if op == "constant":
        return (constant(expr) is not None) is bool(operand)
    assert op in {"at_least", "at_most"}
    assert isinstance(operand, int | float)
    value = number(expr, source.slice(expr.start, expr.end))
    return value is not None and (value >= operand if op == "at_least" else value <= operand)


def _equal(expr: Expr, wanted: object) -> bool:
    if wanted is None:
        return expr.kind == "none"
    value = constant(expr)
    if value is None:
        return False
    return value == wanted and isinstance(value, bool) is isinstance(wanted, bool)


def names(expr: Expr) -> list[str]:
    """Return the dotted names that `expr` goes by: of a name or of the function it calls."""
    if expr.kind == "name":
        return [str(expr.value)]
    if expr.kind == "call" and isinstance(expr.value, Call):
        return [expr.value.name]
    return []


def texts(expr: Expr) -> list[str]:
    """Return how `expr` may be written in a table: its text or number, or its name, full and last part."""
    if expr.kind == "none":
        return ["null", "none", "nil"]
    if expr.kind == "bool":
        return ["true" if expr.value else "false"]
    if expr.kind in {"int", "float", "str"}:
        return [str(expr.value)]
    if expr.kind == "bytes" and isinstance(expr.value, bytes):
        return [expr.value.decode("latin-1")]
    return [form for name in names(expr) for form in (name, last_part(name))]
