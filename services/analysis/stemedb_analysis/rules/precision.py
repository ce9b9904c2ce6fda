"""How often a shipped rule was right when it was measured.

`data/precision.yaml` holds what each rule did with labelled samples and with its own; a benchmark of the repository writes it. It is printed
beside the rule, and tells whether it may block (`judge/measure.py`). What a rule says of its own `precision` can only lower that.

::

    tls-verify: {labelled: [36, 1, 12], own: [4, 0, 9]}         right, wrong, spared
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from stemedb.errors import InvalidInput
from stemedb_analysis.judge.measure import Cases, Measure
from stemedb_analysis.rules.model import Rule

PLACE: Final = Path(__file__).parent / "data" / "precision.yaml"

_COUNTS: Final = r"\[(\d+), (\d+), (\d+)\]"
_LINE: Final = re.compile(rf"([a-z0-9-]+): \{{labelled: {_COUNTS}, own: {_COUNTS}\}}")


@lru_cache(maxsize=1)
def measured() -> dict[str, Measure]:
    """Return what was measured, by rule. Raises `InvalidInput` naming the line."""
    found = {}
    for number, line in enumerate(PLACE.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise InvalidInput(
                f"{PLACE.name}: line {number}",
                f"got {line!r:.80}, want rule: {{labelled: [right, wrong, spared], own: [right, wrong, spared]}}",
            )
        counts = [int(one) for one in match.groups()[1:]]
        found[match[1]] = Measure(Cases(*counts[:3]), Cases(*counts[3:]))
    return found


def written(name: str, one: Measure) -> str:
    """Return the line that `measured` reads as this rule's."""
    return f"{name}: {{labelled: {list(one.labelled)}, own: {list(one.own)}}}\n"


def with_precision(rule: Rule) -> Rule:
    """Return the rule with what was measured of it, if somebody did."""
    one = measured().get(rule.id)
    if one is not None and rule.precision is not None:
        one = one._replace(stated=rule.precision)
    return rule._replace(measured=one)
