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
_KEYWORD: Final = re.compile(rb"\s*=(?!=)")
_SETTING: Final = re.compile(rb"\s*(?::[^=]{0,400})?[|&^+-]?=(?!=)")
_QUOTES: Final = (b'"', b"'")
_BEFORE_BYTES: Final = 80
_WORD: Final = re.compile(rb"[A-Za-z0-9_]")
_ALIASED: Final = re.compile(rb"[ \t]+as[ \t]+([A-Za-z0-9_]+)")
_ENDED: Final = re.compile(rb"[ \t]*(?:[;#/]|\r?\n|\Z)")
_ASSIGNED: Final = re.compile(rb"([A-Za-z0-9_]+)[ \t]*:?=[ \t]*(?:[A-Za-z0-9_]+(?:\.|::))*\Z")
_OPENED: Final = re.compile(rb"[ \t]*\(")
_MEMBER: Final = re.compile(rb"[A-Za-z0-9_.]")
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


def is_called(data: bytes, word: bytes, begin: int = 0, limit: int | None = None) -> bool:
    """Return whether a function by the name of `word` is called in ``data[begin:limit]``, by that name. O(bytes)."""
    at = data.find(word, begin, limit)
    while at >= 0:
        end = at + len(word)
        if _OPENED.match(data, end) and not _MEMBER.match(data[at - 1 : at] if at else b""):
            return True
        at = data.find(word, end, limit)
    return False


def is_key(data: bytes, word: bytes) -> bool:
    """Return whether a value may go by `word` in a Python file: as a keyword, or as a key in quotes. O(bytes)."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        before, behind = data[at - 1 : at], data[end : end + 1]
        if (before == behind and before in _QUOTES) or (
            _KEYWORD.match(data, end) and not _WORD.match(before) and before != _DOT
        ):
            return True
        at = data.find(word, end)
    return False


def is_set(data: bytes, word: bytes) -> bool:
    """Return whether something by the name of `word` gets a value in a Python file: a variable, a member, a parameter, an item, a key. O(bytes)."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        before, behind = data[at - 1 : at], data[end : end + 1]
        if (before == behind and before in _QUOTES) or (
            _SETTING.match(data, end) and not _WORD.match(before)
        ):
            return True
        at = data.find(word, end)
    return False


def other_names(data: bytes, word: bytes) -> set[bytes]:
    """Return what else a name that ends with `word` is called by on the same line, in any language: ``import get as g``, ``g = app.get``. O(bytes)."""
    found: set[bytes] = set()
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if not _WORD.match(data[at - 1 : at] if at else b""):
            behind = _ALIASED.match(data, end)
            before = (
                _ASSIGNED.search(data, data.rfind(b"\n", 0, at) + 1, at) if _ENDED.match(data, end) else None
            )
            found.update(match[1] for match in (behind, before) if match)
        at = data.find(word, end)
    return found


def _is_argument(data: bytes, at: int) -> bool:
    """Return whether what stands at `at` is the first of an argument or parameter; behind a colon it is a type, and may have a default."""
    return data[max(0, at - _BEFORE_BYTES) : at].rstrip()[-1:] in {b"(", b","}
