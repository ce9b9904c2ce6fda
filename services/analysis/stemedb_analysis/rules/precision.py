"""How often a shipped rule was right when it was measured.

`data/precision.yaml` holds, for each rule, how many of its findings on labelled samples were right and how many wrong; a benchmark of the
repository writes it. The share is printed beside the rule, and caps its verdict (`judge/score.py`). A rule that says its own `precision`
keeps that.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

from stemedb.errors import InvalidInput
from stemedb_analysis.rules.model import Rule

PLACE: Final = Path(__file__).parent / "data" / "precision.yaml"


@lru_cache(maxsize=1)
def measured() -> dict[str, float]:
    """Return the share of right findings by rule. Raises `InvalidInput` naming the line."""
    shares = {}
    for number, line in enumerate(PLACE.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        name, _, counts = line.partition(": ")
        try:
            right, wrong = map(int, counts.strip("[]").split(","))
            shares[name] = round(right / (right + wrong), 3)
        except (ValueError, ZeroDivisionError) as error:
            raise InvalidInput(
                f"{PLACE.name}: line {number}", f"got {line!r:.60}, want rule: [right, wrong]"
            ) from error
    return shares


def with_precision(rule: Rule) -> Rule:
    """Return the rule with its measured precision, if somebody measured it and it says none itself."""
    return rule if rule.precision is not None else rule._replace(precision=measured().get(rule.id))
