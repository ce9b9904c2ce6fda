"""Lists and maps, cell by cell: what was put under one key is not what is read under another.

::

    m.put("a", "fixed")       m.put("b", input)        m.get("a")  carries nothing
    l.add("fixed")            l.add(input)             l.remove(0); l.get(0)  carries input

A `Box` is what is known of one container: the cells whose keys are constants, the elements that were added one after the other, and the rest, which
may lie under any key. It follows the order of statements; what is removed under a key that nobody knows makes all positions uncertain.
"""

from typing import Final

from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.flow.taints import Taint, merged
from stemedb_analysis.rules.names import last_part

ITEMS_MAX: Final = 64
"""Elements that are told apart."""

PUTS: Final = frozenset(
    {"put", "set", "setProperty", "putIfAbsent", "setdefault", "insert", "store", "Set", "Store"}
)
"""Last parts of methods that put their last argument under the others."""
ADDS: Final = frozenset({"add", "append", "push", "addLast", "push_back"})
"""Last parts of methods that put one argument behind what is there."""
GETS: Final = frozenset(
    {"get", "getOrDefault", "getProperty", "at", "elementAt", "Get", "Load", "pop", "remove"}
)
"""Last parts of methods that return what lies under their first arguments."""
REMOVES: Final = frozenset({"remove", "pop", "shift", "removeFirst", "popleft"})
"""Last parts of methods that take one element away."""


SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh", "cmd", "cmd.exe", "powershell"})


class Box:
    """What one container holds."""

    def __init__(self, rest: Taint | None = None) -> None:
        self.cells: dict[str, Taint | None] = {}
        self.items: list[Taint | None] | None = []
        self.rest = rest
        self.written: list[Expr] = []
        """The elements as they were written, in order."""
        self.pairs: list[tuple[Expr, Expr]] = []
        """The keys and values as they were written, in order."""

    def whole(self) -> Taint | None:
        """Return what anything in it may carry."""
        return merged([self.rest, *self.cells.values(), *(self.items or ())])

    def put(self, key: str | None, value: Taint | None, *, surely: bool) -> None:
        """Put a value under a key, ``None`` if nobody knows it; unless `surely`, what lay there may lie there still."""
        if key is None:
            self.rest = merged([self.rest, value])
        elif key.isdigit() and self.items is not None and int(key) < len(self.items):
            self.items[int(key)] = value if surely else merged([self.items[int(key)], value])
        else:
            self.cells[key] = value if surely else merged([self.cells.get(key), value])

    def add(self, value: Taint | None) -> None:
        """Put a value behind the others."""
        if self.items is None or len(self.items) >= ITEMS_MAX:
            self.rest = merged([self.rest, value])
        else:
            self.items.append(value)

    def remove(self, place: int | None) -> None:
        """Take one element away; ``None`` if nobody knows which."""
        if self.items is None:
            return
        if place is not None and -len(self.items) <= place < len(self.items):
            del self.items[place]
        else:
            self.rest = merged([self.rest, *self.items])
            self.items = None

    def get(self, key: str | None) -> Taint | None:
        """Return what may lie under a key; all of it where nobody knows the key."""
        if key is None:
            return self.whole()
        if key in self.cells:
            return merged([self.cells[key], self.rest])
        if key.lstrip("-").isdigit():
            items, place = self.items, int(key)
            if items is not None and -len(items) <= place < len(items):
                return merged([items[place], self.rest])
            return self.whole()
        return self.rest if self.cells or self.items == [] else self.whole()


def key_of(values: list[Expr]) -> str | None:
    """Return the key that constants make, ``None`` if one of them is none."""
    if not values or not all(value.kind in {"str", "int"} for value in values):
        return None
    return "\0".join(str(value.value) for value in values)


def boxed(expr: Expr) -> bool:
    """Return whether an expression makes a container that holds nothing yet, or what is written there."""
    if expr.kind in {"list", "dict"}:
        return True
    if expr.kind != "call" or not isinstance(expr.value, Call):
        return False
    last = last_part(expr.value.name)
    return not expr.value.args and (
        expr.value.role in {"new", "literal"}
        or last in {"dict", "list", "make", "ConfigParser", "new", "OrderedDict"}
    )


def command(written: list[Expr]) -> tuple[Expr, ...]:
    """Return the elements of a list as a command: from the last shell on, since what stands before it is for another system."""
    first = 0
    for place, one in enumerate(written):
        if one.kind == "str" and str(one.value).rpartition("/")[2] in SHELLS:
            first = place
    return tuple(written[first:])
