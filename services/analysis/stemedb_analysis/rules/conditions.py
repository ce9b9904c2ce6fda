"""What rows of rules ask of a fact: selectors, and the conditions of ``where``, each checked.

What is wrong raises `InvalidInput` with the place and the nearest known word. What they mean is told in RULES.md, and done in `rules.select`.
"""

from typing import Final, get_args

from stemedb.errors import InvalidInput
from stemedb_analysis.facts.model import Kind
from stemedb_analysis.rules.expression import Expression
from stemedb_analysis.rules.fields import listed, mapping, nearest, one_of
from stemedb_analysis.rules.model import Condition, Selector
from stemedb_analysis.rules.names import expand

OPS: Final = (
    "is", "in", "not_in", "matches", "not_matches", "name", "not_name", "kind", "not_kind", "source", "not_source",
    "at_least", "at_most", "absent", "present", "constant",
)  # fmt: skip
_PATTERN_OPS: Final = {"matches", "not_matches", "source", "not_source"}
_LIST_OPS: Final = {"in", "not_in", "name", "not_name", "kind", "not_kind"}


ROOTS: Final = (
    "@value",
    "@last",
    "@name",
    "@receiver",
    "@target",
    "@count",
    "@text",
    "@function",
    "@result",
    "@path",
    "@head",
)

PATTERN_MAX: Final = 500
"""Characters of a regular expression in a rule: longer ones are no longer read by anybody."""
SELECTOR_STEPS_MAX: Final = 6


def selector(text: str, place: str) -> Selector:
    """Return the selector that `text` writes; raises `InvalidInput`."""
    root, _, rest = text.partition(".") if text.startswith("@") else ("", "", text)
    if root and root not in ROOTS:
        raise InvalidInput(place, f"got {root!r:.40}{nearest(root, ROOTS)}")
    steps = tuple(tuple(one.strip() for one in step.split("|")) for step in rest.split(".")) if rest else ()
    if (
        len(steps) > SELECTOR_STEPS_MAX
        or any(not one for step in steps for one in step)
        or not (root or steps)
    ):
        raise InvalidInput(place, f"got {text!r:.60}, want 1 to {SELECTOR_STEPS_MAX} steps joined by '.'")
    return Selector(root, steps, text)


def tests(raw: object, place: str) -> tuple[Condition, ...]:
    """Return the conditions that a ``where`` mapping writes."""
    found: list[Condition] = []
    for key, written in mapping(raw or {}, place).items():
        # A path of settings is looked up as it is written: its dots are no steps.
        where = Selector("", ((str(key),),), str(key)) if "/" in str(key) else selector(str(key), place)
        short = {"in" if isinstance(written, list) else "is": written}
        for op, operand in (written if isinstance(written, dict) else short).items():
            if op not in OPS:
                raise InvalidInput(f"{place}: {key}", f"got the test {op!r:.40}{nearest(op, OPS)}")
            found.append(Condition(where, op, _operand(op, operand, f"{place}: {key}: {op}")))
    return tuple(found)


def _operand(op: str, operand: object, place: str) -> object:
    if op in _PATTERN_OPS:
        return regex(operand, place)
    if op in {"at_least", "at_most"}:
        if not isinstance(operand, int | float):
            raise InvalidInput(place, f"got {operand!r:.40}, want a number")
        return operand
    if op in {"name", "not_name"}:
        return tuple(name for one in listed(operand) for part in str(one).split() for name in expand(part))
    if op in {"kind", "not_kind"}:
        return tuple(one_of(one, get_args(Kind), place) for one in listed(operand))
    return tuple(listed(operand)) if op in _LIST_OPS else operand


def regex(text: object, place: str) -> Expression:
    """Return the expression; raises `InvalidInput` if it is no text or too long."""
    if not isinstance(text, str) or len(text) > PATTERN_MAX:
        raise InvalidInput(
            place, f"got {text!r:.60}, want a regular expression of at most {PATTERN_MAX} characters"
        )
    return Expression(text, place)
