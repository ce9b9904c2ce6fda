r"""What a replacement takes out of a text, and the harm that the text can do no more.

::

    s.replaceAll("[\r\n]", "_")        no line breaks: no second header, no forged entry
    s.replaceAll("[^a-z0-9]", "")        nothing but letters and digits: no harm at all
    s.replace("..", "")                  nothing: what is left may be ``..`` again
"""

import re
from typing import Final

from stemedb_analysis.facts.model import Call
from stemedb_analysis.flow.model import ALL

LINE_KINDS: Final = frozenset({"log", "header", "mail"})
"""Kinds of harm that a line break does."""

MARKUP_KINDS: Final = frozenset({"xss"})
"""Kinds of harm that takes an opening bracket."""

_ALL_BUT: Final = re.compile(r"\[\^((?:[^\]\\]|\\.)+)\][+*]?")
_MEANINGFUL: Final = re.compile(r"[/'\"<>;&|$()`%:@?#=]|\\[sSnrDW/]")
"""What some language or file system reads a meaning into."""
_LINE_BREAK: Final = re.compile(r"[\r\n]|\\[rnRsv]|\\p\{(?:Cntrl|C)")


def taken_out(call: Call) -> frozenset[str]:
    """Return the kinds of harm that a replacement rules out by what it takes out: line breaks, or all but what is known to do none."""
    # ``replace(text, "<", "&lt;")`` of a library takes the text itself first.
    first = (
        call.args[1 if len(call.args) > 2 and call.args[0].value.kind != "str" else 0].value
        if call.args
        else None
    )
    if first is None or first.kind != "str":
        return frozenset()
    text = str(first.value)
    if text == "<":
        return MARKUP_KINDS
    kept = _ALL_BUT.fullmatch(text)
    if kept is not None and not _MEANINGFUL.search(kept[1]):
        return frozenset({ALL})
    return LINE_KINDS if _LINE_BREAK.search(text) else frozenset()
