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
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from stemedb_analysis.rules.expression import Expression
from stemedb_analysis.rules.loosened import is_anchored, loosened
from stemedb_analysis.rules.model import Condition, Row, Selector
from stemedb_analysis.rules.names import last_part
from stemedb_analysis.rules.required import Needs, required
from stemedb_analysis.vocabulary import Vocabulary

_PART: Final = re.compile(r"\*?[A-Za-z0-9_]+\*?")
_ROOT: Final = {
    "python": re.compile(r"[A-Za-z_]\w*(?=\.)"),
    "javascript": re.compile(r"@?[A-Za-z_$][\w$/-]*(?=\.|$)"),
    "typescript": re.compile(r"@?[A-Za-z_$][\w$/-]*(?=\.|$)"),
    "go": re.compile(r"[\w.-]+(?:/[\w.-]+)*/[\w-]+(?=\.)"),
}
"""What a name begins with: a module, or the path of a package."""
_WORD: Final = re.compile(rb"[A-Za-z0-9_]+")
_SEARCHABLE: Final = re.compile(
    r"""(\(\?[is]+\))?\^?((?:["'A-Za-z]|\[[^\]^\\]+\])(?![*?{])(?:[^\^$]|\[\^)*)"""
)
"""An expression that can be looked for anywhere: it begins with a certain character, and asks of nothing else where it stands."""
_ABOUT_PLACES: Final = ("(?<", "(?!", "(?=", "\\A", "\\Z", "\\$", "\\^")

_LETTERS: Final = re.compile(r"[A-Za-z_=?&{}|<>@$]+")
"""What a value has as the file writes it, in a row: a name has dots, and a number digits, that it may not write so."""
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN: Final = re.compile(r"[A-Za-z_{}|<>=?&;:,.@*$-]+")
_TOKEN: Final = re.compile(
    r"\(\?[a-z]+\)|\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|[A-Za-z0-9_]+|\{[^}]*\}|.", re.DOTALL
)
_WORD_FIRST: Final = re.compile(r"^\\b([A-Za-z0-9_]+)(?![A-Za-z0-9_*+?{])")
"""A word that nothing stands before: that is asked last, for the word itself is quickly found."""
_OWN_WORDS: Final = ("null", "none", "nil", "true", "false")
_SIGNS: Final = {"==": (b"==", b"!="), "operator.===": (b"==", b"!=")} | {
    name: (name.encode(),) for name in ("!=", "<", "<=", ">", ">=")
}
"""How a comparison by these names may be written: in most languages, equal or not is one question."""
COMPARISONS: Final = frozenset(_SIGNS)
"""Names of what compares."""
_VALUES: Final = ("", "@value", "@receiver")
"""Roots of selectors that find a value."""
_SLICES: Final = ("@text", "@head")
"""Those that find a piece of the source."""
_NAMES: Final = ("@target", "@name", "@path", "@last")

COVERED_MIN: Final = 6
"""Alternatives for which it is worth while to ask first for what many of them share."""

TELLING_MIN: Final = 4
"""Letters of a literal that tells anything by itself."""

Test: TypeAlias = Callable[[Vocabulary], bool]


class NameNeeds(NamedTuple):
    """What a file must hold for a name to stand in it."""

    words: frozenset[bytes]
    parts: tuple[bytes, ...]
    """What may be a part of a word: it stands beside a star."""
    called: bytes = b""
    """The word that must stand where something is called, or gets another name; empty if that does not matter."""
    is_whole: bool = False
    """Whether that word is the whole name."""
    root: bytes = b""
    """What the name begins with, which must be imported or have members; empty if that does not matter."""
    language: str = ""
    """In which `root` is looked for."""
    decorator: bytes | None = None
    """The word with which something must be decorated, empty if any will do; ``None`` if nothing need be."""

    def met_by(self, vocabulary: Vocabulary) -> bool:
        """Return whether a file holds all of it."""
        return (
            self.words <= vocabulary.words
            and all(map(vocabulary.holds, self.parts))
            and (not self.root or _ROOTED[self.language](vocabulary, self.root))
            and (not self.called or vocabulary.calls(self.called, is_whole=self.is_whole))
            and (self.decorator is None or vocabulary.decorates(self.decorator))
        )


_ROOTED: Final[Mapping[str, Callable[[Vocabulary, bytes], bool]]] = {
    "python": Vocabulary.owns,
    "javascript": Vocabulary.reaches,
    "typescript": Vocabulary.reaches,
    "go": Vocabulary.quotes,
}
"""How a file is asked for the beginning of a name."""


def needs_of(
    pattern: str, unwritten: frozenset[str], *, called_in: str = "", decorates: bool = False
) -> NameNeeds:
    """Return what the names that `pattern` stands for need, where they are `called_in` this language, or where it `decorates`.

    The last part of a name is always written.
    """
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
    needs = NameNeeds(frozenset(words), tuple(parts))
    root = _root(pattern, called_in)
    if root and words.issuperset(_WORD.findall(root)):
        needs = needs._replace(root=root, language=called_in)
    is_word = _WORD.fullmatch(last.encode()) is not None
    if called_in == "python" and is_word:
        needs = needs._replace(called=last.encode(), is_whole=last == pattern)
    return needs._replace(decorator=last.encode() if is_word else b"") if decorates else needs


def _root(pattern: str, language: str) -> bytes:
    """Return what a name begins with that a file must be asked for by more than its words; empty if there is no such thing."""
    match = _ROOT[language].match(pattern) if language in _ROOT else None
    return match[0].encode() if match else b""


class Screen:
    """The rows of one language, asked by the words of a file."""

    def __init__(
        self,
        rows: Iterable[Row],
        unwritten: frozenset[str],
        language: str = "",
        *,
        of_flow: bool = False,
    ) -> None:
        """Rows `of_flow` about functions name what decorates them, and those about what is assigned to maybe what it is put into."""
        self._rows = tuple(rows)
        self._unwritten, self._language, self._of_flow = unwritten, language, of_flow
        self._tests: list[tuple[Test, ...] | None] = [None] * len(self._rows)
        """By row, once somebody wrote its words."""
        self._always: list[int] = []
        self._mostly: list[tuple[int, NameNeeds]] = []
        """Rows that no word brings up, with what they need."""
        self._by_word: dict[bytes, list[tuple[int, NameNeeds]]] = {}
        self._by_low_word: dict[bytes, list[tuple[int, NameNeeds]]] = {}
        for number, row in enumerate(self._rows):
            index = self._by_low_word if row.fact == "key" else self._by_word
            called_in = language if row.fact == "call" else ""
            decorates = row.fact == "function" and of_flow
            names = row.names if row.fact != "text" else ()
            for needs in dict.fromkeys(
                needs_of(name, unwritten, called_in=called_in, decorates=decorates) for name in names
            ):
                if needs.words:
                    # The longest is the rarest, mostly.
                    index.setdefault(max(needs.words, key=len), []).append((number, needs))
                else:
                    self._mostly.append((number, needs))
            if row.fact == "text":
                self._always.append(number)
        self._words = frozenset(self._by_word)
        self._low_words = frozenset(self._by_low_word)

    def live(self, vocabulary: Vocabulary) -> list[int]:
        """Return the numbers of the rows that could fit, in order. O(words of the file that rows speak of)."""
        found = set(self._always)
        found.update(number for number, needs in self._mostly if needs.met_by(vocabulary))
        for word in self._words & vocabulary.words:
            for number, needs in self._by_word[word]:
                if number not in found and needs.met_by(vocabulary):
                    found.add(number)
        for word in self._low_words & vocabulary.low:
            for number, needs in self._by_low_word[word]:
                if number not in found and needs.words <= vocabulary.low:
                    found.add(number)
        return [number for number in sorted(found) if self._passes(number, vocabulary)]

    def _passes(self, number: int, vocabulary: Vocabulary) -> bool:
        tests = self._tests[number]
        if tests is None:
            row = self._rows[number]
            tests = self._tests[number] = (
                *(_names_set(row) if self._language == "python" and not self._of_flow else ()),
                *_tests(row, self._unwritten, self._language),
            )
        return all(test(vocabulary) for test in tests)


def _tests(row: Row, unwritten: frozenset[str], language: str) -> Iterator[Test]:
    """Yield what else a file must be for a row to fit, what is quickly told before the rest."""
    if row.uses:
        yield _any_of([needs_of(name, unwritten) for name in row.uses])
    yield from _beside(row, unwritten)
    if row.read.selector is not None and row.read.absent is None:
        yield from _found(row.read.selector, language)
    for condition in row.where:
        if _wants_something(condition):
            yield from _found(condition.selector, language)
    if row.fact == "text":
        yield from _written(row)
    for condition in row.where:
        yield from _test(condition, unwritten)
    if row.fact == "call" and not COMPARISONS.isdisjoint(row.names):
        for condition in row.where:
            yield from _compared(condition, row.names)


def _beside(row: Row, unwritten: frozenset[str]) -> Iterator[Test]:
    """Yield tests of whether the calls and imports may be there that a row asks for besides."""
    for wanted in (row.beside, *((one,) for one in row.along)):
        if wanted and all(one.fact in {"call", "import"} for one in wanted):
            yield _any_of([needs_of(name, unwritten) for one in wanted for name in one.names])


def _written(row: Row) -> Iterator[Test]:
    """Yield tests of whether a literal may be there of which a row about text speaks."""
    pieces = _WORD.findall(row.screen.encode())
    yield lambda vocabulary: all(map(vocabulary.holds_in_any_case, pieces))
    yield from _held(frozenset(one for name in row.names for one in _of_text(required(name))))
    if all(map(is_anchored, row.names)):
        # A literal begins behind its quote, or where the first line of a block of text does.
        expressions = [loosened(name, r"[\"'`]\s*") for name in row.names]
        yield lambda vocabulary: any(map(vocabulary.finds_in_literals, expressions))


def _names_set(row: Row) -> Iterator[Test]:
    """Yield a test of whether something gets a value by one of the names of a row about that, in Python."""
    if row.fact in {"key", "assign"}:
        names = (
            [name.lower() for name in row.names]
            if row.fact == "key"
            else [last_part(name).lower() for name in row.names]
        )
        if all(map(_KEY.fullmatch, names)):
            words = [name.encode() for name in names]
            yield lambda vocabulary: any(map(vocabulary.sets, words))


def _wants_something(condition: Condition) -> bool:
    """Return whether a condition fails where its selector finds nothing."""
    if condition.op in {"absent", "present"}:
        return condition.operand is (condition.op == "present")
    return not condition.op.startswith("not_")


def _needed(condition: Condition) -> Needs:
    assert isinstance(condition.operand, Expression)
    return required(condition.operand.pattern)


def _test(condition: Condition, unwritten: frozenset[str]) -> Iterator[Test]:
    """Yield what a file must be for a condition to hold anywhere in it; nothing if its words do not tell."""
    op, operand, root = condition.op, condition.operand, condition.selector.root
    if op in {"source", "matches"} and isinstance(operand, Expression):
        if root in _SLICES or (op == "source" and root in _VALUES):
            yield from _held(_needed(condition))
        elif root in _VALUES or root in _NAMES:
            yield from _held(_of_value(_needed(condition), unwritten))
        if op == "source" and root in _VALUES:
            yield from _searched(operand.pattern)
        return
    if root not in _VALUES:
        return
    if op == "name" and isinstance(operand, tuple):
        yield _any_of([needs_of(str(name), unwritten) for name in operand])
    texts = (operand,) if op == "is" else operand if op == "in" and isinstance(operand, tuple) else ()
    if texts and all(isinstance(text, str) for text in texts):
        yield _any_text([str(text) for text in texts])


def _found(selector: Selector, language: str) -> Iterator[Test]:
    """Yield tests of whether the keywords and keys that a selector goes by are there."""
    for step in selector.steps:
        if not any(key == "*" or key.lstrip("-").isdigit() for key in step):
            yield _any_key([key.encode() for key in step], language)


def _any_key(keys: list[bytes], language: str) -> Test:
    words = [(key, frozenset(_WORD.findall(key))) for key in keys]
    holds = Vocabulary.keys if language == "python" else Vocabulary.holds
    return lambda vocabulary: any(
        needed <= vocabulary.words and holds(vocabulary, key) for key, needed in words
    )


def _any_of(needs: list[NameNeeds]) -> Test:
    return lambda vocabulary: any(one.met_by(vocabulary) for one in needs)


def _held(needs: Needs) -> Iterator[Test]:
    """Yield a test of whether all literals of one of some alternatives are there; nothing if one of them asks for none."""
    if frozenset() in needs:
        return
    # Long ones are rare, mostly.
    wanted = [sorted(map(str.encode, one), key=len, reverse=True) for one in needs]
    if len(wanted) >= COVERED_MIN:
        first = _cover(needs)
        yield lambda vocabulary: any(map(vocabulary.holds_in_any_case, first))
    yield lambda vocabulary: any(all(map(vocabulary.holds_in_any_case, one)) for one in wanted)


def _compared(condition: Condition, names: Sequence[str]) -> Iterator[Test]:
    """Yield a test of whether a condition could hold of what is compared by one of `names`, signs and calls."""
    is_told = condition.op in {"matches", "source"} and condition.selector.root == "@text"
    is_told = is_told or (condition.op == "source" and condition.selector.root == "")
    if not is_told or not isinstance(condition.operand, Expression):
        return
    needs = required(condition.operand.pattern)
    if frozenset() in needs:
        return
    signs = tuple(sign for name in names for sign in _SIGNS.get(name, (last_part(name).encode(),)))
    expression, words = loosened(condition.operand.pattern), _cover(needs)
    yield lambda vocabulary: any(vocabulary.compares(word, signs, expression) for word in words)


def _cover(needs: Needs) -> list[bytes]:
    """Return a few literals of which each alternative asks for one."""
    left, found = set(needs), []
    while left:
        counts = Counter(literal for one in left for literal in one)
        best = max(counts, key=lambda one: (len(one) >= TELLING_MIN, counts[one], len(one), one))
        found.append(best.encode())
        left = {one for one in left if best not in one}
    return found


def _of_value(needs: Needs, unwritten: frozenset[str]) -> Needs:
    """Return what is left of `needs` if they are those of a value: of its text the file writes the words, and maybe not as they follow one another."""
    return frozenset(
        frozenset(
            word for literal in one for word in _LETTERS.findall(literal) if _is_written(word, unwritten)
        )
        for one in needs
    )


def _of_text(needs: Needs) -> Needs:
    """Return what is left of `needs` if they are those of a string literal: nobody escapes letters and the signs of other languages."""
    return frozenset(
        frozenset(piece for literal in one for piece in _PLAIN.findall(literal)) for one in needs
    )


def _is_written(word: str, unwritten: frozenset[str]) -> bool:
    """Return whether a value that holds `word` has it from the file: the language's own nothing may be written otherwise (`select.texts`)."""
    return not any(word in own for own in _OWN_WORDS) and not any(word in own.lower() for own in unwritten)


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
    wanted = [frozenset(_WORD.findall(text.lower().encode())) for text in texts]
    return lambda vocabulary: any(words <= vocabulary.low for words in wanted)


def _searched(pattern: str) -> Iterator[Test]:
    match = _SEARCHABLE.fullmatch(pattern)
    if match is not None and not any(sign in pattern for sign in _ABOUT_PLACES):
        anywhere = re.compile(f"{match[1] or ''}{match[2]}")
        yield lambda vocabulary: vocabulary.finds(anywhere)
