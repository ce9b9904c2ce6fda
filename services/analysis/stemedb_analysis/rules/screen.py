r"""Which rows could fit in a file, told by its words alone.

::

    requests.{get,post}                                          needs the words `requests` and `get`, or `requests` and `post`;
                                                                 in Python `get` or `post` where it may be called (`called`)
    *Cipher.getInstance                                          the word `getInstance`, and `Cipher` within some word
    uses: flask flask.*                                          the word `flask` besides
    where: {"0": {source: "[\"']\s*select\s"}}                 a place besides where the expression finds something
    where: {"0": {matches: "^/(?:var/)?tmp/"}}                   `tmp` besides, in any case and within any word

A screen never drops a row that would fit: it asks only for what the row cannot do without, and takes for given what it does not understand.
It rests on a promise of the facts: names are made of words that the file writes, and of a few that a language adds by itself
(`facts.extract.unwritten`, such as ``java.lang``). A test holds the extractors to it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from stemedb_analysis.rules.model import Condition, Row, Selector
from stemedb_analysis.rules.names import last_part
from stemedb_analysis.vocabulary import Vocabulary

_PART: Final = re.compile(r"\*?[A-Za-z0-9_]+\*?")
_WORD: Final = re.compile(r"[A-Za-z0-9_]+")
_SEARCHABLE: Final = re.compile(
    r"""(\(\?[is]+\))?\^?((?:["'A-Za-z]|\[[^\]^\\]+\])(?![*?{])(?:[^\^$]|\[\^)*)"""
)
"""An expression that can be looked for anywhere: it begins with a certain character, and asks of nothing else where it stands."""
_ABOUT_PLACES: Final = ("(?<", "(?!", "(?=", "\\A", "\\Z", "\\$", "\\^")

_TOKEN: Final = re.compile(
    r"\(\?[a-z]+\)|\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|(?P<letters>[A-Za-z0-9_]+)|\{[^}]*\}|.", re.DOTALL
)
_WORD_FIRST: Final = re.compile(r"^\\b([A-Za-z0-9_]+)(?![A-Za-z0-9_*+?{])")
"""A word that nothing stands before: that is asked last, for the word itself is quickly found."""
_OWN_WORDS: Final = ("null", "none", "nil", "true", "false")
COMPARISONS: Final = frozenset({"==", "!="})
"""Names of what compares; a row about one says in ``@text`` which words of at least three letters its operands have, in every alternative."""
_WORDS_OF_NAMES: Final = re.compile(r"(?<!\\)[A-Za-z]{3,}")
_FLAGS: Final = re.compile(r"\(\?[a-z]+\)")
_QUANTIFIERS: Final = ("*", "?", "{", "+")

Test: TypeAlias = Callable[[Vocabulary], bool]


class Needs(NamedTuple):
    """What a file must hold for a name to stand in it."""

    words: frozenset[bytes]
    parts: tuple[bytes, ...]
    """What may be a part of a word: it stands beside a star."""
    called: bytes = b""
    """The word that must stand where something is called, or gets another name; empty if that does not matter."""
    is_whole: bool = False
    """Whether that word is the whole name."""

    def met_by(self, vocabulary: Vocabulary) -> bool:
        """Return whether a file holds all of it."""
        return (
            self.words <= vocabulary.words
            and all(map(vocabulary.holds, self.parts))
            and (not self.called or vocabulary.calls(self.called, is_whole=self.is_whole))
        )


def needs_of(pattern: str, unwritten: frozenset[str], *, is_called: bool = False) -> Needs:
    """Return what the names that `pattern` stands for need, in Python where it `is_called`. The last part of a name is always written."""
    last = last_part(pattern)
    head = len(pattern) - len(last)
    words: set[bytes] = set()
    parts: list[bytes] = []
    for match in _PART.finditer(pattern):
        word = match[0].strip("*")
        if word in unwritten and match.start() < head:
            continue
        if word == match[0]:
            words.add(word.encode())
        else:
            parts.append(word.encode())
    if is_called and _WORD.fullmatch(last):
        return Needs(frozenset(words), tuple(parts), last.encode(), last == pattern)
    return Needs(frozenset(words), tuple(parts))


class Screen:
    """The rows of one language, asked by the words of a file."""

    def __init__(self, rows: Iterable[Row], unwritten: frozenset[str], language: str = "") -> None:
        self._rows = tuple(rows)
        self._tests = [tuple(_tests(row, unwritten)) for row in self._rows]
        self._always: list[int] = []
        self._by_word: dict[bytes, list[tuple[int, Needs]]] = {}
        self._by_low_word: dict[bytes, list[tuple[int, Needs]]] = {}
        for number, row in enumerate(self._rows):
            index = self._by_low_word if row.fact == "key" else self._by_word
            is_called = row.fact == "call" and language == "python"
            names = row.names if row.fact != "text" else ()
            for needs in dict.fromkeys(needs_of(name, unwritten, is_called=is_called) for name in names):
                if needs.words:
                    # The longest is the rarest, mostly.
                    index.setdefault(max(needs.words, key=len), []).append((number, needs))
                else:
                    self._always.append(number)
            if row.fact == "text":
                self._always.append(number)
        self._words = frozenset(self._by_word)
        self._low_words = frozenset(self._by_low_word)

    def live(self, vocabulary: Vocabulary) -> list[int]:
        """Return the numbers of the rows that could fit, in order. O(words of the file that rows speak of)."""
        found = set(self._always)
        for word in self._words & vocabulary.words:
            for number, needs in self._by_word[word]:
                if number not in found and needs.met_by(vocabulary):
                    found.add(number)
        for word in self._low_words & vocabulary.low:
            for number, needs in self._by_low_word[word]:
                if number not in found and needs.words <= vocabulary.low:
                    found.add(number)
        return [number for number in sorted(found) if all(test(vocabulary) for test in self._tests[number])]


def _tests(row: Row, unwritten: frozenset[str]) -> Iterator[Test]:
    """Yield what else a file must be for a row to fit."""
    if row.uses:
        yield _any_of([needs_of(name, unwritten) for name in row.uses])
    if row.fact == "text":
        pieces = [piece.encode() for piece in _WORD.findall(row.screen)]
        yield lambda vocabulary: all(map(vocabulary.holds_in_any_case, pieces))
        test = _any_pieces(
            [
                [piece.lower().encode() for piece in pieces_of(one) if _is_written(piece, unwritten)]
                for name in row.names
                for one in alternatives_of(name)
            ]
        )
        if test is not None:
            yield test
    if COMPARISONS.issuperset(row.names):
        yield from _of_comparison(row)
    if row.read.selector is not None and row.read.absent is None:
        yield from _found(row.read.selector)
    for condition in row.where:
        test = _test(condition, unwritten)
        if test is not None:
            yield test
        if not condition.op.startswith("not_") and condition.op not in {"absent", "present"}:
            yield from _found(condition.selector)


def _of_comparison(row: Row) -> Iterator[Test]:
    """Yield what the operands of a comparison must be called: nothing else tells one from all the others of a file."""
    for condition in row.where:
        if condition.selector.root == "@text" and condition.op == "matches":
            assert isinstance(condition.operand, re.Pattern)
            words = _WORDS_OF_NAMES.findall(_FLAGS.sub("", condition.operand.pattern))
            yield _any_part([word.lower().encode() for word in words])


def _any_part(parts: list[bytes]) -> Test:
    return lambda vocabulary: any(map(vocabulary.holds_in_any_case, parts))


def _test(condition: Condition, unwritten: frozenset[str]) -> Test | None:
    """Return what a file must be for a condition to hold anywhere in it, ``None`` if its words do not tell."""
    op, operand = condition.op, condition.operand
    if condition.selector.root not in {"", "@value", "@receiver"}:
        return None
    if op == "name" and isinstance(operand, tuple):
        return _any_of([needs_of(str(name), unwritten) for name in operand])
    if op == "source" and isinstance(operand, re.Pattern):
        return _searched(operand.pattern)
    if op == "matches" and isinstance(operand, re.Pattern):
        return _any_pieces(
            [
                [piece.lower().encode() for piece in pieces_of(one) if _is_written(piece, unwritten)]
                for one in alternatives_of(operand.pattern)
            ]
        )
    texts = (operand,) if op == "is" else operand if op == "in" and isinstance(operand, tuple) else ()
    if texts and all(isinstance(text, str) for text in texts):
        return _any_text([str(text) for text in texts])
    return None


def _found(selector: Selector) -> Iterator[Test]:
    """Yield tests of whether the keywords and keys that a selector goes by are there."""
    for step in selector.steps:
        if not any(key == "*" or key.lstrip("-").isdigit() for key in step):
            yield _any_key([key.encode() for key in step])


def _any_key(keys: list[bytes]) -> Test:
    return lambda vocabulary: any(map(vocabulary.holds, keys))


def _any_of(needs: list[Needs]) -> Test:
    return lambda vocabulary: any(one.met_by(vocabulary) for one in needs)


def _any_pieces(wanted: list[list[bytes]]) -> Test | None:
    """Test whether all pieces of one of some expressions are there; ``None`` if one of them has none."""
    if not all(wanted):
        return None
    return lambda vocabulary: any(all(map(vocabulary.holds_in_any_case, pieces)) for pieces in wanted)


def _is_written(piece: str, unwritten: frozenset[str]) -> bool:
    """Return whether a text that holds `piece` is written so in the file: numbers may not be, nor the language's own nothing (`select.texts`)."""
    return (
        not any(piece.lower() in word for word in _OWN_WORDS)
        and not any(letter.isdigit() for letter in piece)
        and not any(piece in word for word in unwritten)
    )


def alternatives_of(pattern: str) -> list[str]:
    """Return the expressions of which `pattern` finds one: ``a`` and ``b`` of ``^(?:a|b)$`` as of ``a|b``; all of it if it offers no choice."""
    inner = _FLAGS.sub("", pattern, count=1).removeprefix("^")
    inner = inner[:-1] if inner.endswith("$") and not inner.endswith("\\$") else inner
    if inner.startswith("(?:") and inner.endswith(")") and _closing(inner) == len(inner) - 1:
        inner = inner[3:-1]
    found: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(inner):
        depth += token[0].startswith("(") - (token[0] == ")")
        if token[0] == "|" and depth == 0:
            found.append(inner[start : token.start()])
            start = token.end()
    return [*found, inner[start:]] if found else [pattern]


def _closing(pattern: str) -> int:
    """Return where the group ends that `pattern` begins with."""
    depth = 0
    for token in _TOKEN.finditer(pattern):
        depth += token[0].startswith("(") - (token[0] == ")")
        if depth == 0:
            return token.start()
    return -1


def pieces_of(pattern: str) -> list[str]:
    """Return pieces of words that every text holds which an expression finds; of what is optional, repeated or in a group it tells none."""
    pieces: list[str] = []
    depth = 0
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if text == "|" and depth == 0:
            return []
        if not _FLAGS.fullmatch(text):
            depth += text.startswith("(") - (text == ")")
        if token["letters"] and depth == 0:
            # What is repeated or optional is the last letter alone.
            pieces.append(text[:-1] if pattern[token.end() : token.end() + 1] in _QUANTIFIERS else text)
    return [piece for piece in pieces if piece]


def alternatives(pattern: str) -> list[str]:
    """Return the expressions that a pattern without flags lets one choose from, each so that it is looked for by its first letters.

    One by one they are found in a tenth of the time that all of them together take.
    """
    found, depth = [""], 0
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        depth += text.startswith("(") - (text == ")")
        if text == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += text
    return [_WORD_FIRST.sub(r"\1(?<!\\w\1)", one) for one in found]


def _any_text(texts: list[str]) -> Test:
    """Test whether the words of one of some texts are there, in any case: the text may be put together of several."""
    wanted = [frozenset(word.lower().encode() for word in _WORD.findall(text)) for text in texts]
    return lambda vocabulary: any(words <= vocabulary.low for words in wanted)


def _searched(pattern: str) -> Test | None:
    match = _SEARCHABLE.fullmatch(pattern)
    if match is None or any(sign in pattern for sign in _ABOUT_PLACES):
        return None
    anywhere = re.compile(f"{match[1] or ''}{match[2]}")
    return lambda vocabulary: vocabulary.finds(anywhere)
