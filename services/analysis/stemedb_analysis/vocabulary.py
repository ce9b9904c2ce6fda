r"""The words of one file: what can be told of it before it is parsed.

::

    bytes ──▶ words ──▶ which rules could say anything here ──▶ what to look for ──▶ parser, or none

A rule speaks of names, and a name is made of words that the file writes somewhere: where it is called, imported, declared or given another
name. So a rule one of whose words the file lacks cannot fire, and a file that lacks a word of every rule need not be parsed.

Words are runs of ASCII letters, digits and ``_``; anything else ends one, so ``x-api-key`` is three words, and ``$where`` is ``where``. What is
escaped in a string (``\x65val``, ``\u0065val``) counts as what it stands for, too. Words that are only put together when the program runs
(``"ev" + "al"``) are not seen; no fact has a name that is made so.
"""

import re
from collections.abc import Callable
from functools import cache, cached_property
from typing import Final

from stemedb_analysis.called import (
    imported,
    is_before_dot,
    is_called,
    is_key,
    is_quoted,
    is_reached,
    is_set,
    may_be_called,
    other_names,
)
from stemedb_analysis.compared import comparisons_with

_SEPARATORS: Final = bytes(
    code if (chr(code).isalnum() and code < 128) or code == ord("_") else ord(" ") for code in range(256)
)
_ESCAPE: Final = re.compile(rb"\\(?:x|u00|u\{)([0-7][0-9A-Fa-f])\}?")

_ESCAPED_WORD: Final = re.compile(rb"\\(?:x|u00|u\{)(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff])")
"""A letter, a digit or ``_`` that is escaped."""


_DECORATOR: Final = re.compile(rb"(?:@|#!?\[)\s*([A-Za-z_][A-Za-z0-9_.:]*)")


@cache
def _whole_words(part: bytes) -> frozenset[bytes] | None:
    """Return the words of `part` that something else in it ends on both sides; ``None`` if it is a part of a word itself."""
    pieces = part.translate(_SEPARATORS).split(b" ")
    return frozenset(pieces[1:-1]) - {b""} if len(pieces) > 1 else None


class Vocabulary:
    """What words stand in a file, and other questions of its bytes as a whole. Each is worked out when it is first asked."""

    def __init__(self, data: bytes) -> None:
        """`data` is UTF-8, as `Source` has it."""
        self.data = data
        self._parts: dict[bytes, bool] = {}
        self._low_parts: dict[bytes, bool] = {}
        self._compared: dict[tuple[bytes, tuple[bytes, ...]], list[str]] = {}
        self._answers: dict[tuple[object, ...], bool] = {}
        """To all other questions, by the question."""

    def holds(self, part: bytes) -> bool:
        """Return whether `part` stands anywhere, within a word too."""
        known = self._parts.get(part)
        if known is None:
            known = self._parts[part] = part in self.data or part in self._unescaped
        return known

    def holds_in_any_case(self, part: bytes) -> bool:
        """Return whether `part`, which is in lower case, stands anywhere, however it is written."""
        known = self._low_parts.get(part)
        if known is None:
            words = _whole_words(part)
            known = part in self._low_words if words is None else words <= self.low and part in self._lowered
            self._low_parts[part] = known
        return known

    def compares(self, word: bytes, signs: tuple[bytes, ...], expression: re.Pattern[str]) -> bool:
        """Return whether `expression` finds something where the file compares, by one of `signs`, what has `word`, which is in lower case, in it."""
        return self._once(
            ("compares", word, signs, expression),
            lambda: (
                self.holds_in_any_case(word)
                and any(expression.search(lines) for lines in self._comparisons(word, signs))
            ),
        )

    def _comparisons(self, word: bytes, signs: tuple[bytes, ...]) -> list[str]:
        known = self._compared.get((word, signs))
        if known is None:
            found = comparisons_with(word, self.data + self._unescaped, self._lowered, signs)
            known = self._compared[word, signs] = [lines.decode("utf-8", "replace") for lines in found]
        return known

    def calls(self, word: bytes, *, is_whole: bool) -> bool:
        """Return whether a file of Python may call what has a name that ends with `word`, or is `word` where that `is_whole`."""
        return self._once(
            ("calls", word, is_whole),
            lambda: (
                self.has_escapes
                or may_be_called(
                    self.data,
                    word,
                    is_whole=is_whole,
                    is_imported=self._imported is None or word in self._imported,
                )
            ),
        )

    def owns(self, word: bytes) -> bool:
        """Return whether something in a file of Python may be a member of `word`: it is imported, or stands before a dot."""
        return self._once(
            ("owns", word),
            lambda: (
                self.has_escapes
                or self._imported is None
                or word in self._imported
                or is_before_dot(self.data, word)
            ),
        )

    def reaches(self, module: bytes) -> bool:
        """Return whether a file of JavaScript may reach what a module or global has: it is imported, has members, is called, or gets another name."""
        return self._once(
            ("reaches", module),
            lambda: self.has_escapes or is_reached(self.data, module) or bool(other_names(self.data, module)),
        )

    def quotes(self, text: bytes) -> bool:
        """Return whether `text` alone stands in quotes."""
        return self._once(("quotes", text), lambda: self.has_escapes or is_quoted(self.data, text))

    def calls_by_name(self, word: bytes) -> bool:
        """Return whether the function `word`, which is no member, is called, by this name or one that it gets."""
        return self._once(
            ("calls by name", word),
            lambda: self.has_escapes or is_called(self.data, word) or bool(other_names(self.data, word)),
        )

    def keys(self, word: bytes) -> bool:
        """Return whether a value may go by `word` in a file of Python, as a keyword or as a key."""
        return self._once(("keys", word), lambda: self.has_escapes or is_key(self.data, word))

    def sets(self, word: bytes) -> bool:
        """Return whether something called `word`, in lower case, gets a value in a file of Python, however it is written."""
        return self._once(("sets", word), lambda: self.has_escapes or is_set(self._lowered, word))

    def decorates(self, word: bytes) -> bool:
        """Return whether something may be decorated or annotated here with what has a name that ends with `word`; with anything, if it is empty."""
        if not self._decorators:
            return False
        return self._once(
            ("decorates", word),
            lambda: (
                word in self._decorators
                or not word
                or self.has_escapes
                or (word in self.words and not self._decorators.isdisjoint(other_names(self.data, word)))
            ),
        )

    @cached_property
    def _imported(self) -> frozenset[bytes] | None:
        """The words that stand in imports; ``None`` if all names of a module may be there."""
        return imported(self.data)

    @cached_property
    def _decorators(self) -> frozenset[bytes]:
        """The last words of what stands behind ``@`` and ``#[``."""
        return frozenset(
            name.rpartition(b".")[2].rpartition(b":")[2] for name in _DECORATOR.findall(self.data)
        )

    def finds(self, expression: re.Pattern[str]) -> bool:
        """Return whether an expression finds something in the text."""
        return self._once(("finds", expression), lambda: expression.search(self._text) is not None)

    def finds_in_literals(self, expression: re.Pattern[str]) -> bool:
        r"""Return whether an expression finds something in the text as its literals mean it: ``\/`` is a slash there."""
        return self._once(("finds literal", expression), lambda: expression.search(self._meant) is not None)

    def _once(self, question: tuple[object, ...], answer: Callable[[], bool]) -> bool:
        """Return the answer to a question that many rows ask; worked out the first time."""
        known = self._answers.get(question)
        if known is None:
            known = self._answers[question] = answer()
        return known

    @property
    def has_escapes(self) -> bool:
        """Whether a part of a word is escaped in strings: then words may stand where their bytes do not."""
        return self._once(
            ("escapes",),
            lambda: bool(self._unescaped) and _ESCAPED_WORD.search(self.data) is not None,
        )

    @cached_property
    def _low_words(self) -> bytes:
        """Every word once: half a file or less to look for parts of words in."""
        return b" ".join(self.low)

    @cached_property
    def _lowered(self) -> bytes:
        return (self.data + self._unescaped).lower()

    @cached_property
    def _unescaped(self) -> bytes:
        """The bytes with what is escaped in strings as what it stands for; empty if nothing is."""
        data = self.data
        if b"\\x" not in data and b"\\u" not in data:
            return b""
        return _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), data)

    @cached_property
    def words(self) -> frozenset[bytes]:
        """The words as they are written. O(bytes)."""
        words = frozenset(self.data.translate(_SEPARATORS).split())
        return words | frozenset(self._unescaped.translate(_SEPARATORS).split()) if self._unescaped else words

    @cached_property
    def low(self) -> frozenset[bytes]:
        """The words in lower case."""
        return frozenset([word.lower() for word in self.words])

    @cached_property
    def _meant(self) -> str:
        return (self.data + self._unescaped).decode("utf-8", "replace").replace("\\/", "/")

    @cached_property
    def _text(self) -> str:
        """The file as text."""
        return self.data.decode("utf-8", "replace")
