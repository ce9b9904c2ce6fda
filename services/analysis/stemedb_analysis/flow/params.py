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
from stemedb_analysis.flow.model import Tongue
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

    `head` is how the function begins, and `harmless` are the parameters that it says are numbers or the like.
    """
    carried: dict[str, Taint] = {}
    for name in function.params if given is None else ():
        bare = name.lstrip("*")
        if bare not in NO_DATA and bare not in harmless:
            carried[bare] = Taint(((function.start, function.start),), frozenset(), MAYBE)
    carried |= {name: taint for name, taint in (given or {}).items() if name not in harmless}
    for row in tongue.params:
        if row.decorators and not any(
            _decorated(pattern, one) for pattern in row.decorators for one in function.decorators
        ):
            continue
        for name in function.params:
            bare = name.lstrip("*")
            if bare in row.excluded or (row.written and not _says(row.written.pattern, bare, head)):
                continue
            if bare in harmless or (given and bare in given):
                continue
            at = re.search(rf"\b{re.escape(bare)}\b", head[head.find("(") + 1 :])
            start = function.start + (len(head[: head.find("(") + 1 + at.start()].encode()) if at else 0)
            carried[bare] = Taint(((start, start + len(bare.encode())),), frozenset())
    return carried


@lru_cache(maxsize=1024)
def _about(pattern: str, name: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("NAME", re.escape(name)))


def _says(pattern: str, name: str, text: str) -> bool:
    return _about(pattern, name).search(text) is not None


def _decorated(pattern: str, decorator: str) -> bool:
    return fits(pattern, decorator)
