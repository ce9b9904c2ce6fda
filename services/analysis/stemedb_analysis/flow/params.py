"""What the parameters of a function carry: input where a framework hands it in, and nobody knows what where others call.

::

    @app.route("/users/<name>")          def find(cur, name: str):           fn f(Query(p): Query<P>)
    def user(name):                          name: MAYBE                      p: input, by how it is written
        name: input, by the decorator    def page(n: int):   nothing harmful
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

from stemedb_analysis.facts.model import Function
from stemedb_analysis.flow.model import ALL, Params, Tongue
from stemedb_analysis.flow.taints import MAYBE, Taint
from stemedb_analysis.rules.names import fits

NO_DATA: Final = frozenset({"self", "cls", "this", "ctx", "request", "req", "res", "response"})
"""Parameters that are no text by themselves."""


def carried_in(
    tongue: Tongue,
    function: Function,
    given: Mapping[str, Taint] | None,
    head: str,
    harmless: AbstractSet[str],
) -> dict[str, Taint]:
    """Return what the parameters of `function` carry; `given` is what its caller hands in, if the caller is known.

    `head` is how the function begins, and `harmless` are the parameters, and fields of them as ``name.field``, that are declared as numbers or the
    like.
    """
    carried = {
        name: Taint(((function.start, function.start),), frozenset({ALL}), MAYBE)
        for name in harmless
        if "." in name
    }
    for name in function.params if given is None else ():
        bare = name.lstrip("*")
        if bare not in NO_DATA and bare not in harmless:
            carried[bare] = Taint(((function.start, function.start),), frozenset(), MAYBE)
    carried |= {name: taint for name, taint in (given or {}).items() if name not in harmless}
    left = [name.lstrip("*") for name in function.params]
    left = [name for name in left if name not in harmless and not (given and name in given)]
    for row in tongue.params:
        for name in left if _is_handler(row, function, head) else ():
            if name not in row.excluded and (row.written is None or _says(row.written.pattern, name, head)):
                at = _place(name, head, function.start)
                carried[name] = Taint((at,), row.cleared | tongue.sources.special)
    return carried


def _is_handler(row: Params, function: Function, head: str) -> bool:
    if row.head is not None and row.head.match(head) is None:
        return False
    return not row.decorators or any(
        fits(pattern, one) for pattern in row.decorators for one in function.decorators
    )


def _place(name: str, head: str, start: int) -> tuple[int, int]:
    """Return where a parameter is written."""
    first = head.find("(") + 1
    at = re.search(rf"\b{re.escape(name)}\b", head[first:])
    place = start + (len(head[: first + at.start()].encode()) if at else 0)
    return place, place + len(name.encode())


@lru_cache(maxsize=1024)
def _about(pattern: str, name: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("NAME", re.escape(name)))


def _says(pattern: str, name: str, text: str) -> bool:
    return _about(pattern, name).search(text) is not None
