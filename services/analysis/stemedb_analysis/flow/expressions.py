"""What an expression is made of: the chain of names that it is, the calls in it, the closure that a call is given."""

from typing import Final

from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.rules.names import last_part

DEPTH_MAX: Final = 48
"""Of nested expressions: beyond what is worked out of them (`facts.lowering`), so that whatever is left out has been told as a fault there."""
CLOSURE: Final = "|"
"""The name of the call that a closure is told as: its parameters, and behind them its value."""
_MAPPING: Final = frozenset(
    {"map", "and_then", "map_or", "map_or_else", "filter_map", "flat_map", "then", "inspect"}
)
"""Last parts of calls that give what the closure makes of what they are called on."""


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


def owner_of(call: Call) -> str:
    """Return the name of what a method is called on, empty if it has none; ``b`` for each call of ``b.append(x).append(y)``."""
    receiver, last = call.receiver, last_part(call.name)
    while receiver is not None and receiver.kind == "call" and isinstance(receiver.value, Call):
        if last_part(receiver.value.name) != last:
            break
        call, receiver = receiver.value, receiver.value.receiver
    return dotted(receiver) if receiver is not None else call.name.rpartition(".")[0]


def calls_of(expr: Expr) -> tuple[Call, ...]:
    """Return the calls in `expr`, outer ones first, down to `DEPTH_MAX`."""
    if expr.kind == "call" or isinstance(expr.value, tuple):
        found: list[Call] = []
        _add_calls(expr, found, 0)
        return tuple(found)
    return ()


def _add_calls(expr: Expr, found: list[Call], depth: int) -> None:
    value = expr.value
    if depth > DEPTH_MAX:
        return
    if expr.kind == "call" and isinstance(value, Call):
        found.append(value)
        for arg in value.args:
            _add_calls(arg.value, found, depth + 1)
        if value.receiver is not None:
            _add_calls(value.receiver, found, depth + 1)
    elif isinstance(value, tuple):
        for part in value:
            for one in part if isinstance(part, tuple) and not isinstance(part, Expr) else (part,):
                if isinstance(one, Expr):
                    _add_calls(one, found, depth + 1)


def mapped(call: Call) -> tuple[tuple[str, ...], Expr] | None:
    """Return the parameters and the value of the closure through which ``x.map(|t| f(t))`` sends what it is called on; ``None`` if it does not."""
    if call.receiver is None or not call.args or last_part(call.name) not in _MAPPING:
        return None
    last = call.args[-1].value
    closure = last.value
    if last.kind != "call" or not isinstance(closure, Call) or closure.name != CLOSURE:
        return None
    names = tuple(str(arg.value.value) for arg in closure.args[:-1])
    return names, closure.args[-1].value
