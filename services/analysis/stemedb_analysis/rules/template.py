"""A rule to begin with: every member that it needs, and a word that stands wherever a person has to write.

As long as the word is there the rule is none: it is refused when it loads, with the first place that is not filled in.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from stemedb.errors import InvalidInput
from stemedb_analysis.registry import Concept

BLANK: Final = "FILL_IN"
"""Stands in what is to be written, also as a part of longer names."""

VALUES: Final = {"boolean": "false", "number": "1", "text": "some text"}

TEXT: Final = """\
# A rule of this project: RULES.md of the analysis service tells how to write one. Replace each FILL_IN; until then the rule is refused.
# `stemedb rules validate` checks it, `stemedb rules test {id}` holds it to its samples.
- id: {id}
  title: FILL_IN what holds when all is well, in one line
  help: FILL_IN what it means and why it matters here
  observes: {path} {predicate}
  match:
    python:
      - call: FILL_IN_LIBRARY.FILL_IN_FUNCTION
        value: {value}
  examples:
    python:
      - "import FILL_IN_LIBRARY\\nFILL_IN_LIBRARY.FILL_IN_FUNCTION()"
  near_misses:
    python:
      - "# FILL_IN_LIBRARY.FILL_IN_FUNCTION()"
      - "text = 'FILL_IN_LIBRARY.FILL_IN_FUNCTION()'"
      - "import other\\nother.FILL_IN_FUNCTION()"
"""


def begin(name: str, concept: Concept) -> str:
    """Return the text of a file with a rule that is yet to be written."""
    return TEXT.format(id=name, path=concept.path, predicate=concept.predicate, value=VALUES[concept.type])


def check_filled(document: object, file: str) -> None:
    """Raise `InvalidInput` naming the first place in which a document of rules is not filled in."""
    for place in _blanks(document, ""):
        raise InvalidInput(
            f"{file}: {place}", f"still says {BLANK}; write what it stands for, here and wherever else it is"
        )


def _blanks(value: object, place: str) -> Iterator[str]:
    if isinstance(value, str):
        if BLANK in value:
            yield place
    elif isinstance(value, Mapping):
        name = value.get("id") if not place else None
        for key, inner in value.items():
            at = f"{place}: {key}" if place else str(key)
            yield from _blanks(key, at)
            yield from _blanks(inner, f"{name}: {at}" if isinstance(name, str) else at)
    elif isinstance(value, list):
        for one in value:
            yield from _blanks(one, place)
