"""What a variable may hold at a place, where its branches set it to different constants.

::

    String name = "SHA-256";          unconditional: what stood before it is gone
    if (legacy) { name = "MD5"; }     conditional: one more that it may be
    MessageDigest.getInstance(name)   "SHA-256" or "MD5"

Invariants

1. What was set before an unconditional assignment, and what is set behind the place, is none of it.
2. Branches are told by their syntax, whatever their language; loops count as branches that may not be taken, and bring nothing back.
3. Cost: `SAME_MAX` assignments, each as deep as it is nested.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from stemedb_analysis.facts.scopes import Binding, Bound

SAME_MAX: Final = 8
"""Assignments to one name that are looked at."""
NESTING_MAX: Final = 40
_BRANCH: Final = re.compile(
    r"(?:^|_)(?:if|elif|else|switch|case|match|for|foreach|while|do|try|catch|except|select|lambda|conditional)(?:_|$)"
)


def possible(bindings: Sequence[Binding], place: int) -> list[Any]:
    """Return the nodes of the values that a name may have at `place`; none where it is set in a way that is not followed."""
    if not 1 < len(bindings) <= SAME_MAX:
        return []
    found: list[Any] = []
    for binding in bindings:
        if binding.at > place:
            continue
        if binding.bound is not Bound.VALUE or binding.value is None:
            return []
        if not is_conditional(binding.value, place):
            found.clear()
        found.append(binding.value)
    return found


def is_conditional(node: Any, place: int) -> bool:
    """Return whether what is set at `node` may not have been set when `place` is reached."""
    for _ in range(NESTING_MAX):
        node = node.parent
        if node is None or node.start_byte <= place < node.end_byte:
            return False
        if _BRANCH.search(node.type):
            return True
    return True
