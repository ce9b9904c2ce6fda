"""The fields of what people write in YAML, each checked: mappings, lists, words of a few, shares.

What is wrong raises `InvalidInput` with the place, what was got, and the nearest of what is wanted.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from stemedb.errors import InvalidInput


def check_keys(row: Mapping[str, object], known: set[str], needed: set[str], place: str) -> None:
    """Raise `InvalidInput` for a missing or unknown key."""
    for key in row:
        if key not in known:
            raise InvalidInput(place, f"got the key {key!r:.40}{nearest(str(key), known)}")
    missing = needed - row.keys()
    if missing:
        raise InvalidInput(place, f"lacks {', '.join(sorted(missing))}")


def nearest(word: object, known: Iterable[str]) -> str:
    """Return ``, want …`` with the nearest known words."""
    known = sorted(known)
    near = get_close_matches(str(word), known, 3, 0.5) or known[:8]
    return f", want {' or '.join(near)}"


def mapping(raw: object, place: str) -> dict[str, Any]:
    """Return `raw`, which must be a mapping; raises `InvalidInput`."""
    if not isinstance(raw, dict):
        raise InvalidInput(place, f"got a {type(raw).__name__}, want a mapping")
    return raw


def listed(raw: object) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and anything else as a list of one."""
    return [] if raw is None else raw if isinstance(raw, list) else [raw]


def one_of(value: object, known: Sequence[str], place: str) -> str:
    """Return `value`, which must be one of `known`; raises `InvalidInput`."""
    if value not in known:
        raise InvalidInput(place, f"got {value!r:.40}{nearest(value, known)}")
    return str(value)


def fraction(value: object, place: str) -> float:
    """Return `value`, which must be a number from 0 to 1; raises `InvalidInput`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidInput(place, f"got {value!r:.40}, want a number from 0 to 1")
    return float(value)
