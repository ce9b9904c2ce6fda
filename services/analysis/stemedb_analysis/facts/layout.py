r"""Names and statements that are written over several lines, as if they were on one: what lies between tokens says nothing.

::

    require(  // of node        require('fs')
      'fs'
    )
"""

import re
from typing import Final

BLANK: Final = re.compile(r"\s")
_WORD: Final = re.compile(r"[\w$]")
_TEXT: Final = r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
SLASHES: Final = re.compile(_TEXT + r"|(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
"""A text, or what lies between tokens of a language whose comments begin with ``//``."""
HASH: Final = re.compile(_TEXT + r"|(?:\s|\\\n|#[^\n]*)+", re.DOTALL)
"""The same where they begin with ``#``."""


def flat(text: str, between: re.Pattern[str] = SLASHES) -> str:
    """Return `text` on one line, without comments, and with blanks only where two words would become one; the same if it is so. O(characters)."""
    if "\n" not in text and "/*" not in text:
        return text

    def filled(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        meets = match.start() and match.end() < len(text)
        is_needed = meets and _WORD.match(text, match.start() - 1) and _WORD.match(text, match.end())
        return " " if is_needed else ""

    return between.sub(filled, text)
