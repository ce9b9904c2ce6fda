r"""Whether a word of a Python file could be the name of something that is called there, told by what stands around it.

::

    eval(rule)      run = os.system      import system as run      hook: Runner = None      it could be: called, or given another name
    re.compile(x)   extra={"a": 1}       the system is down        system.name              it is not: a member, a keyword, prose, an owner

A name is written before ``(`` where it is called, and before the end of an expression where something else gets its meaning. It errs
towards too many, and knows no other language; what else a name is called is told in any.
"""

import re
from collections.abc import Iterator
from typing import Final

_OTHER_USE: Final = re.compile(
    rb"[ \t]*(?:(?!(?:as|if|else|or|and|for|in|is|not)\b)[A-Za-z0-9_]|\.[ \t]*[A-Za-z_]|:|`)"
)
"""What follows a word of prose, one that owns another, a key, the head of a block."""
_GAP: Final = rb"(?:\s|\\\n|#[^\n]*\n)*"
"""What lies between tokens of Python; most is nothing."""
_JAVASCRIPT_GAP: Final = rb"(?:\s|//[^\n]*\n|/\*.*?\*/)*"
_KEYWORD: Final = re.compile(_GAP + rb"=(?!=)")
_SETTING: Final = re.compile(_GAP + rb"(?::[^=]{0,400})?[|&^+-]?=(?!=)")
_QUOTES: Final = (b'"', b"'")
_BEFORE_BYTES: Final = 80
_WORD: Final = re.compile(rb"[A-Za-z0-9_]")
_ALIASED: Final = re.compile(rb"[ \t]+as[ \t]+([A-Za-z0-9_]+)")
_ENDED: Final = re.compile(rb"[ \t]*(?:[;#/]|\r?\n|\Z)")
_ASSIGNED: Final = re.compile(rb"([A-Za-z0-9_]+)[ \t]*:?=[ \t]*(?:[A-Za-z0-9_]+(?:\.|::))*\Z")
_OPENED: Final = re.compile(rb"[ \t]*\(")
_MEMBER: Final = re.compile(rb"[A-Za-z0-9_.]")
_DOT: Final = b"."
_BEFORE_DOT: Final = re.compile(rb"(?:[\s\\)]|#[^\n]*\n)*\.")
_QUOTES_OF_MODULES: Final = (b'"', b"'", b"`")
_NODE: Final = b"node:"
_HAS_MEMBERS: Final = re.compile(_JAVASCRIPT_GAP + rb"(?:\?\.|[(`<\[]|\.\s*(?:[A-Za-z_$#]|/[/*]))", re.DOTALL)
_BEHIND_DOT: Final = re.compile(rb"\." + _GAP + rb"\Z")
_IMPORTS: Final = re.compile(rb"import\b(?:[A-Za-z0-9_ \t\r\n,.;()\\*]+|#[^\n]*)*")
_FROM: Final = re.compile(rb"from[ \t]+([A-Za-z0-9_.]+)[ \t\r\n\\]+import\b")
_ARGUMENT: Final = re.compile(rb"[(,]" + _GAP + rb"\Z")
_WORDS: Final = re.compile(rb"[A-Za-z0-9_]+")


def may_be_called(data: bytes, word: bytes, *, is_whole: bool, is_imported: bool = True) -> bool:
    """Return whether a name that ends with `word` may be called in a Python file. O(bytes).

    If `word` `is_whole`, it is no member; otherwise it is one, or what an import gave its name to.
    """
    return any(
        not _WORD.match(before)
        and not _WORD.match(data, end)
        and not (is_whole and before == _DOT)
        and not _OTHER_USE.match(data, end)
        and (is_whole or is_imported or before == _DOT or _stands_behind_dot(data, at))
        and not (_KEYWORD.match(data, end) and _is_argument(data, at))
        for at, end, before in places(data, word)
    )


def imported(data: bytes) -> frozenset[bytes] | None:
    """Return the words that stand in the imports of a Python file, and soon behind them; ``None`` if it imports all that a module has. O(bytes)."""
    found: set[bytes] = set()
    for match in _IMPORTS.finditer(data):
        if b"*" in match[0]:
            return None
        found.update(_WORDS.findall(match[0]))
    for module in _FROM.findall(data):
        found.update(_WORDS.findall(module))
    return frozenset(found)


def is_before_dot(data: bytes, word: bytes) -> bool:
    """Return whether `word` stands before a dot, as what has members does. O(bytes)."""
    return any(
        _BEFORE_DOT.match(data, end) and not _WORD.match(before) for _, end, before in places(data, word)
    )


def is_reached(data: bytes, module: bytes) -> bool:
    """Return whether `module`, or a global by its name, is imported, has members or is called in a file of JavaScript. O(bytes)."""
    return any(
        before in _QUOTES_OF_MODULES
        or data.endswith((_NODE, b"=", b"= "), 0, at)
        or (_HAS_MEMBERS.match(data, end) is not None and not _WORD.match(before))
        for at, end, before in places(data, module)
    )


def is_quoted(data: bytes, text: bytes) -> bool:
    """Return whether `text` alone stands in quotes somewhere. O(bytes)."""
    return any(quote + text + quote in data for quote in _QUOTES_OF_MODULES)


def is_called(data: bytes, word: bytes, begin: int = 0, limit: int | None = None) -> bool:
    """Return whether a function by the name of `word` is called in ``data[begin:limit]``, by that name. O(bytes)."""
    return any(
        _OPENED.match(data, end) and not _MEMBER.match(before)
        for _, end, before in places(data, word, begin, limit)
    )


def is_key(data: bytes, word: bytes) -> bool:
    """Return whether a value may go by `word` in a Python file: as a keyword, or as a key in quotes. O(bytes)."""
    return _gets_value(data, word, _KEYWORD, _MEMBER)


def is_set(data: bytes, word: bytes) -> bool:
    """Return whether something by the name of `word` gets a value in a Python file: a variable, a member, a parameter, an item, a key. O(bytes)."""
    return _gets_value(data, word, _SETTING, _WORD)


def _gets_value(data: bytes, word: bytes, behind: re.Pattern[bytes], not_before: re.Pattern[bytes]) -> bool:
    return any(
        (before in _QUOTES and before == data[end : end + 1])
        or (behind.match(data, end) and not not_before.match(before))
        for _, end, before in places(data, word)
    )


def other_names(data: bytes, word: bytes) -> set[bytes]:
    """Return what else a name that ends with `word` is called by on the same line, in any language: ``import get as g``, ``g = app.get``. O(bytes)."""
    found: set[bytes] = set()
    for at, end, before in places(data, word):
        if not _WORD.match(before):
            alias = _ALIASED.match(data, end)
            target = (
                _ASSIGNED.search(data, data.rfind(b"\n", 0, at) + 1, at) if _ENDED.match(data, end) else None
            )
            found.update(match[1] for match in (alias, target) if match)
    return found


def places(
    data: bytes, word: bytes, begin: int = 0, limit: int | None = None
) -> Iterator[tuple[int, int, bytes]]:
    """Yield where `word` stands in ``data[begin:limit]``, within other words too: its start, its end, and the byte before it."""
    at = data.find(word, begin, limit)
    while at >= 0:
        end = at + len(word)
        yield at, end, data[at - 1 : at]
        at = data.find(word, end, limit)


def _stands_behind_dot(data: bytes, at: int) -> bool:
    """Return whether a dot stands before `at`, with nothing that counts between."""
    return _BEHIND_DOT.search(data, max(0, at - _BEFORE_BYTES), at) is not None


def _is_argument(data: bytes, at: int) -> bool:
    """Return whether what stands at `at` is the first of an argument or parameter; behind a colon it is a type, and may have a default."""
    return _ARGUMENT.search(data, max(0, at - _BEFORE_BYTES), at) is not None
