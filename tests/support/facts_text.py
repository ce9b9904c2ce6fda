"""Facts as text, one line each: what the tests of the facts compare and what the golden files hold.

``f(1, key='a')`` is a call, ``[1, 2]`` a list, ``{'a': 1}`` a dict, ``<a b>`` a concatenation, ``(a b)`` anything else with parts, ``x[k]`` an
index, ``name`` a name. ``~constant`` and ``~default`` follow what stands elsewhere, ``@new`` and the like a role other than a plain call.
"""

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import Call, Expr, Facts, Interest
from stemedb_analysis.source import Source

EVERYTHING = Interest()


def facts(source: str | bytes, language: str, interest: Interest = EVERYTHING, file: str = "") -> Facts:
    """Return the facts of a source."""
    return extract(Source(source.encode() if isinstance(source, str) else source, file), language, interest)


def expr(value: Expr) -> str:
    """Return an expression as text."""
    inner = value.value
    match value.kind:
        case "name":
            text = str(inner)
        case "call":
            text = call(inner)
        case "list":
            text = f"[{', '.join(expr(item) for item in inner)}]"
        case "dict":
            text = f"{{{', '.join(f'{expr(key)}: {expr(item)}' for key, item in inner)}}}"
        case "concat":
            text = f"<{' '.join(expr(item) for item in inner)}>"
        case "index":
            text = f"{expr(inner[0])}[{expr(inner[1])}]"
        case "other":
            text = f"({' '.join(expr(item) for item in inner)})"
        case _:
            text = repr(inner)
    return text if value.origin == "literal" else f"{text}~{value.origin}"


def call(one: Call) -> str:
    """Return a call as text, without its receiver and result."""
    args = ", ".join(f"{arg.key}={expr(arg.value)}" if arg.key else expr(arg.value) for arg in one.args)
    return f"{one.name}({args})" + (f"@{one.role}" if one.role != "call" else "")


def calls(source: str, language: str, file: str = "") -> list[str]:
    """Return the calls of a source as text."""
    return [call(one) for one in facts(source, language, file=file).calls]


def assigns(source: str, language: str) -> list[str]:
    """Return the assignments of a source as text."""
    return [f"{one.target}|{one.key} = {expr(one.value)}" for one in facts(source, language).assigns]


def steps(source: str, language: str) -> list[str]:
    """Return the steps of all bodies of a source as text."""
    found = []
    for body in facts(source, language).bodies:
        for step in body.steps:
            guards = " if " + " & ".join(expr(guard) for guard in step.guards) if step.guards else ""
            found.append(f"{step.op} {step.target} {expr(step.value)}".replace("  ", " ") + guards)
    return found


def lines(found: Facts) -> list[str]:
    """Return all facts of a file as text."""
    told = [f"import {one.name} as {one.alias}" for one in found.imports]
    for one in found.calls:
        receiver = f" on {expr(one.receiver)}" if one.receiver is not None else ""
        told.append(
            f"call {one.function} {call(one)}{receiver}" + (f" -> {one.result}" if one.result else "")
        )
    told += [f"assign {one.function} {one.target}|{one.key} = {expr(one.value)}" for one in found.assigns]
    told += [f"text {one.role} {one.name or '-'} {one.value!r}" for one in found.texts]
    told += [
        f"function {number} {one.name}({', '.join(one.params)}) {list(one.decorators)} in {one.parent}"
        for number, one in enumerate(found.functions)
    ]
    for body in found.bodies:
        told.append(f"body {body.function}")
        for step in body.steps:
            guards = " if " + " & ".join(expr(guard) for guard in step.guards) if step.guards else ""
            told.append(f"  {step.op} {step.target} = {expr(step.value)}{guards}")
    told += [f"fault {one.reason} at {one.start}" for one in found.faults]
    return told
