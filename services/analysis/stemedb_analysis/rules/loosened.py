r"""An expression without what it asks of the place where a text stands: it finds something wherever the expression would, in any larger text.

::

    ^(?:\w+_)?password\s*==|==\s*password$      (?:\w+_)?password\s*==|==\s*password

A rule asks an expression of what a fact says; before the file is parsed, nobody knows where that begins and ends. So its anchors and what it looks
for beside the text are left out, and with them the promise of a part that it will not be tried otherwise.
"""

import re
from functools import lru_cache
from re import _compiler as compiler  # type: ignore[attr-defined]  # what the engine itself makes of an expression
from re import _parser as syntax  # type: ignore[attr-defined]
from typing import Any, Final

_ABOUT_PLACES: Final = frozenset({"AT", "ASSERT", "ASSERT_NOT"})
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


@lru_cache(maxsize=1024)
def loosened(pattern: str, behind: str = "") -> re.Pattern[str]:
    """Return what finds something in each text that has a part in which `pattern` does, a part that stands `behind` this. O(size of the expression)."""
    parsed = syntax.parse(pattern)
    items = [*syntax.parse(behind), *_without_places(parsed)]
    return compiler.compile(syntax.SubPattern(parsed.state, items))  # type: ignore[no-any-return]


def is_anchored(pattern: str) -> bool:
    """Return whether `pattern` finds nothing but at the beginning of a text."""
    return _begins_anchored(syntax.parse(pattern))


def _begins_anchored(parsed: Any) -> bool:
    if not len(parsed):
        return False
    code, value = parsed[0]
    if str(code) == "BRANCH":
        return all(_begins_anchored(part) for part in value[1])
    if str(code) == "SUBPATTERN":
        return _begins_anchored(value[3])
    return str(code) == "AT" and str(value) == "AT_BEGINNING"


def _without_places(parsed: Any) -> Any:
    items: list[tuple[Any, Any]] = []
    for code, value in parsed:
        name = str(code)
        if name in _ABOUT_PLACES:
            continue
        if name == "SUBPATTERN":
            group, added, taken, part = value
            items.append((code, (group, added, taken, _without_places(part))))
        elif name == "ATOMIC_GROUP":
            items += _without_places(value)
        elif name == "BRANCH":
            items.append((code, (value[0], [_without_places(part) for part in value[1]])))
        elif name in _REPEATS:
            least, most, part = value
            greedy = syntax.MAX_REPEAT if name == "POSSESSIVE_REPEAT" else code
            items.append((greedy, (least, most, _without_places(part))))
        else:
            items.append((code, value))
    return syntax.SubPattern(parsed.state, items)
