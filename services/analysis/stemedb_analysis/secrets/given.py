r"""Whether a name could be given a secret, told by what stands around it, without parsing.

::

    token = "x-9f2c…"      f(token="…")      "…" == a.token      set_password("…")       it could
    the token of           token.kind        f(token, 1)         def set_password        no literal goes by it
    token = ""             token = ">"       KEYS["token"] = kind                        none that could be one

A literal stands behind its name, after ``=``, ``:``, ``,``, ``(`` or a comparison, or before it in one. What stands between quotes nearby must then
look like what a name of this kind is taken for (`judged`): a token has digits or signs, a password no blanks. Quotes may be counted wrongly here, in
which case what stands between two literals is asked too. It errs towards too many.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from stemedb_analysis.called import places
from stemedb_analysis.secrets.judged import AUTHORIZATION, DRAWN_LENGTH_MIN, judged
from stemedb_analysis.secrets.names import NameKind, kind_of_name
from stemedb_analysis.secrets.values import VALUE_LENGTH_MAX

REACH_BYTES: Final = 240
"""How far behind a name its literal begins; `contexts` looks back over less."""
BEFORE_BYTES: Final = 40
CALL_REACH_BYTES: Final = 800
"""How far behind the name of a call its last argument begins."""
COMPARED_BYTES: Final = 160
"""How far before a name a literal ends that is compared with it."""
WORD_BYTES_MIN: Final = 4
"""Of a literal, or a piece of one, that is looked at."""

_NAMES_A_VALUE: Final = re.compile(
    rb"""(?:["'\]),\s\\]|#[^\n"']*\n)*(?::[^=\n]{0,80}?)?(?:[!=:+|]?=|:|,|\b(?:not\s+)?in\b|\.\w{0,16}[eE]q\w*\()\s*"""
    rb"""(?:[(\[{\s\\]*[A-Za-z]{0,2}["']|[^=;\n]{0,160}?(?:\(|\bor\b|\belse\b|\|\||:|,)[\s(\[]*(?:[A-Za-z_.]{0,40}\(\s*)*[A-Za-z]{0,2}["'])"""
)
"""What follows the name of a literal: it is given it, maybe by way of a call, or is compared with it."""
_CALLED: Final = re.compile(rb"""\s*\([^"']{0,400}["']""")
_CALLED_ON: Final = re.compile(rb"""\w*(?:\s*(?:\.|::|->)\s*\w+)*\s*\([^"'`]{0,400}["'`]""")
"""The same of what has members: ``jwt.encode(``."""
_LONG: Final = re.compile(rb"""["'](?:[A-Za-z]+ +)?[^"'\s]{%d,}["']""" % DRAWN_LENGTH_MIN)
"""A literal that counts under a name that says little."""
_DEFINED: Final = re.compile(rb"\b(?:def|class)\s+\Z")
_BEHIND_VALUE: Final = re.compile(rb"""["'][)\s]*[!=]=[\s(]*(?:[A-Za-z0-9_]+\.)*\Z""")
_WITHIN: Final = re.compile(rb"[A-Za-z0-9_]")
_STATEMENT: Final = b"pass"
_KEY_PASS: Final = re.compile(rb"""(?<![A-Za-z0-9_])pass["']""")
_QUOTE: Final = re.compile(rb"""["'`]""")
QUOTED_HEAD: Final = re.compile(rb"""["'`]([^"'`\n]*)\Z""")
_ESCAPED_QUOTES: Final = (b'\\"', b"\\'", b"\\`")
_BLANK: Final = re.compile(rb"\s")
_HEADER: Final = re.compile(AUTHORIZATION.pattern.encode())
_TELLING: Final = re.compile(rb"[^a-z_.:/\s\-]")
"""What a token has somewhere: a digit, a sign or a capital."""
_JOINED: Final = re.compile(rb"""["'`][\s\\+]*[A-Za-z]{0,2}["'`](?!["'])""")
"""Two literals that are one, or an empty one."""


def may_be_given_one(name: bytes, data: bytes) -> bool:
    """Return whether a secret could go by `name`, or a longer name that ends with it. O(bytes)."""
    kind = kind_of_name(name.decode())
    if kind == "drawn" and not _LONG.search(data):
        return False
    # What is called after a key is told by what it does (`detect`).
    is_told = kind != "key"
    if name == _STATEMENT:  # is no name; as a key it stands in quotes
        return _KEY_PASS.search(data) is not None
    for at, end in _ends_of_words(data, name):
        if _NAMES_A_VALUE.match(data, end) and may_follow(_kinds(kind, data, at, end), data, end):
            return True
        is_called = is_told and _CALLED.match(data, end) is not None and not _is_defined(data, at)
        if is_called and may_follow({kind}, data, end, CALL_REACH_BYTES):
            return True
        before = _BEHIND_VALUE.search(data, max(0, at - BEFORE_BYTES), at)
        if before and _could_be(kind, _behind_quote(data, before.start())):
            return True
    return False


def may_stand_near_one(name: bytes, data: bytes) -> bool:
    """Return whether a literal that could be a secret stands near `name`, in any language. O(bytes)."""
    kind = kind_of_name(name.decode())
    for at, end in _ends_of_words(data, name):
        kinds = _kinds(kind, data, at, end)
        begin = max(0, at - COMPARED_BYTES)
        if any(_could_be(kind, _QUOTE.split(data[begin:at])[0]) for kind in kinds):
            return True
        if may_follow(kinds, data, begin, at - begin + CALL_REACH_BYTES):
            return True
    return False


def may_be_called_on(word: bytes, low: bytes) -> bool:
    """Return whether something that begins with `word`, or a member of it, is called with a literal; both are in lower case. O(bytes)."""
    return any(_CALLED_ON.match(low, end) and not _is_defined(low, at) for at, end, _ in places(low, word))


def _ends_of_words(data: bytes, name: bytes) -> Iterator[tuple[int, int]]:
    """Yield where `name` stands as a word, from its start to its end."""
    return (
        (at, end)
        for at, end, before in places(data, name)
        if not _WITHIN.match(data, end) and not _WITHIN.match(before)
    )


def _could_be(kind: NameKind, piece: bytes) -> bool:
    """Return whether the bytes between two quotes, or a part of them, have what a secret under a name of `kind` must have."""
    if len(piece) < WORD_BYTES_MIN:
        return False
    if kind == "signing":
        return True
    if _BLANK.search(piece) and not _HEADER.match(piece):
        return False
    return kind == "password" or _TELLING.search(piece) is not None


def _is_one(kind: NameKind, piece: bytes) -> bool:
    """Return whether the bytes between two quotes could be a secret under some name of `kind`."""
    if not _could_be(kind, piece):
        return False
    if b"\\" in piece:
        return True  # what is escaped there is not worked out
    return next(judged(kind, "", piece.decode("utf-8", "replace"), "argument", (0, 0)), None) is not None


def _kinds(kind: NameKind, data: bytes, at: int, end: int) -> set[NameKind]:
    """Return of what kind the name that ends with the bytes ``[at, end)`` is: in quotes, more may stand before them."""
    kinds = {kind}
    if _QUOTE.match(data, end):
        head = QUOTED_HEAD.search(data, max(0, at - BEFORE_BYTES), at)
        if head and head[1]:
            kinds.add(kind_of_name((head[1] + data[at:end]).decode("utf-8", "replace")))
    return kinds - {""}


def may_follow(kinds: Collection[NameKind], data: bytes, begin: int, reach: int = REACH_BYTES) -> bool:
    """Return whether a literal that begins soon after a name of one of these kinds, which ends at `begin`, could be a secret."""
    stop = begin + reach
    last = _QUOTE.search(data, stop, stop + VALUE_LENGTH_MAX)
    near = data[begin : last.start() if last else stop + VALUE_LENGTH_MAX]
    if any(escaped in near for escaped in _ESCAPED_QUOTES):
        return True
    test = _could_be if _JOINED.search(near) else _is_one
    return any(test(kind, piece) for piece in _QUOTE.split(near)[1:] for kind in kinds)


def _behind_quote(data: bytes, end: int) -> bytes:
    """Return what stands before the quote at `end`, back to another one."""
    return _QUOTE.split(data[max(0, end - VALUE_LENGTH_MAX) : end])[-1]


def _is_defined(data: bytes, at: int) -> bool:
    return _DEFINED.search(data, max(0, at - BEFORE_BYTES), at) is not None
