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
from functools import cached_property
from typing import Final

from stemedb_analysis.called import may_be_called

_SEPARATORS: Final = bytes(
    code if (chr(code).isalnum() and code < 128) or code == ord("_") else ord(" ") for code in range(256)
)
_ESCAPE: Final = re.compile(rb"\\(?:x|u00|u\{)([0-7][0-9A-Fa-f])\}?")


class Vocabulary:
    """What words stand in a file, and other questions of its bytes as a whole. Each is worked out when it is first asked."""

    def __init__(self, data: bytes) -> None:
        """`data` is UTF-8, as `Source` has it."""
        self.data = data
        self._parts: dict[bytes, bool] = {}
        self._low_parts: dict[bytes, bool] = {}
        self._called: dict[tuple[bytes, bool], bool] = {}
        self._found: dict[re.Pattern[str], bool] = {}

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
            known = self._low_parts[part] = part in self._lowered
        return known

    def calls(self, word: bytes, *, is_whole: bool) -> bool:
        """Return whether a file of Python may call what has a name that ends with `word`, or is `word` where that `is_whole`."""
        known = self._called.get((word, is_whole))
        if known is None:
            known = self.has_escapes or may_be_called(self.data, word, is_whole=is_whole)
            self._called[word, is_whole] = known
        return known

    def finds(self, expression: re.Pattern[str]) -> bool:
        """Return whether an expression finds something in the text."""
        known = self._found.get(expression)
        if known is None:
            known = self._found[expression] = expression.search(self._text) is not None
        return known

    @property
    def has_escapes(self) -> bool:
        """Whether something is escaped in strings: then words may stand where their bytes do not."""
        return bool(self._unescaped)

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
    def _text(self) -> str:
        """The file as text."""
        return self.data.decode("utf-8", "replace")
