r"""Whether a word of a Python file could be the name of something that is called there, told by what stands around it.

::

    eval(rule)      run = os.system      import system as run      hook: Runner = None      it could be: called, or given another name
    re.compile(x)   extra={"a": 1}       the system is down        system.name              it is not: a member, a keyword, prose, an owner

A name is written before ``(`` where it is called, and before the end of an expression where something else gets its meaning. It errs
towards too many, and knows no other language.
"""

import re
from typing import Final

_OTHER_USE: Final = re.compile(
    rb"[ \t]*(?:(?!(?:as|if|else|or|and|for|in|is|not)\b)[A-Za-z0-9_]|\.[ \t]*[A-Za-z_]|:|`)"
)
"""What follows a word of prose, one that owns another, a key, the head of a block."""
_KEYWORD: Final = re.compile(rb"[ \t]*=(?!=)")
_BEFORE_BYTES: Final = 80
_WORD: Final = re.compile(rb"[A-Za-z0-9_]")
_DOT: Final = b"."


def may_be_called(data: bytes, word: bytes, *, is_whole: bool) -> bool:
    """Return whether a name that ends with `word` may be called in a Python file; if `word` `is_whole`, it is no member. O(bytes)."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        before = data[at - 1 : at] if at else b""
        if (
            not _WORD.match(before)
            and not _WORD.match(data, end)
            and not (is_whole and before == _DOT)
            and not _OTHER_USE.match(data, end)
            and not (_KEYWORD.match(data, end) and _is_argument(data, at))
        ):
            return True
        at = data.find(word, end)
    return False


def _is_argument(data: bytes, at: int) -> bool:
    """Return whether what stands at `at` is the first of an argument or parameter; behind a colon it is a type, and may have a default."""
    return data[max(0, at - _BEFORE_BYTES) : at].rstrip()[-1:] in {b"(", b","}
