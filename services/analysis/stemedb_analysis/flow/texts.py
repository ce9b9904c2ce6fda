"""What the text of a file says where no expression does: of conditions, of comparisons and of how functions begin.

Each place is looked at once, however often the bodies of a file are walked.
"""

import re
from functools import lru_cache
from typing import Final

from stemedb_analysis.facts.model import Function
from stemedb_analysis.flow.model import Tongue
from stemedb_analysis.source import Source

GUARD_BYTES: Final = 400
"""Of a condition, what is looked at."""
HEAD_BYTES: Final = 600
"""Of a function, where its parameters stand."""

CLASS_BYTES_MAX: Final = 4000
"""Of a class, what is looked at for the types of its fields."""

_DECLARED: Final = re.compile(r"\b(\w+)\s*:\s*(?:Annotated\[\s*)?([A-Z]\w*)")
_SIGNATURE_END: Final = re.compile(r"\)\s*(?:->[^\n]*)?:\s*\n")
_ENUMERATION: Final = re.compile(r"\bclass\s+\w+\([^)]*Enum\b")
_BROKEN: Final = re.compile(r"\s*\n\s*([.)\]])|(?<=[(\[])\s*\n\s*")
"""Line ends before a member or behind an opening, as formatters put them."""
_COMPARISON: Final = re.compile(r"[^=!<>]==|!=|===|\bis\b|\bnot\b|\bin\b|[^-=<>]<[^<=]|[^->=]>[^>=]|^!")
_TEXT: Final = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_ONE_TEXT: Final = re.compile(
    rf"\(?\s*(?:{_TEXT}\s*(?:\.equals(?:IgnoreCase)?\(\s*[\w.$]+\s*\)|={{2,3}}\s*[\w.$]+)"
    rf"|[\w.$]+\s*(?:\.equals(?:IgnoreCase)?\(\s*{_TEXT}\s*\)|={{2,3}}\s*{_TEXT}))\s*\)?"
)
_CHOICE: Final = re.compile(r"\bif\b|\?|\bor\b|\|\||\band\b|\bawait\b|\bfor\b|=>|\{")


class Texts:
    """What the text of a file says of conditions and parameters; shared by the bodies of the file, since they are walked more than once."""

    def __init__(self, tongue: Tongue, source: Source) -> None:
        self._tongue = tongue
        self._source = source
        self._guards: dict[tuple[int, int], tuple[tuple[str, frozenset[str]], ...]] = {}
        self._comparisons: dict[tuple[int, int], bool] = {}
        self._heads: dict[int, tuple[str, frozenset[str]]] = {}

    def slice(self, start: int, end: int) -> str:
        """Return the text of the bytes ``[start, end)``."""
        return self._source.slice(start, end)

    def ruled_out(self, start: int, end: int) -> tuple[tuple[str, frozenset[str]], ...]:
        """Return the names that the condition at ``[start, end)`` speaks of, and the harm that it rules out for each."""
        known = self._guards.get((start, end))
        if known is None:
            # A condition over several lines is one; a comment within it is text like any other.
            text = _BROKEN.sub(r"\1", self._source.slice(start, min(end, start + GUARD_BYTES)))
            known = self._guards[start, end] = tuple(
                (next((group for group in match.groups() if group), ""), says.clears)
                for says in self._tongue.guards
                if says.might_fit(text)
                for match in says.pattern.finditer(text)
            )
        return known

    def is_one_text(self, start: int, end: int) -> bool:
        """Return whether the condition at ``[start, end)`` asks for nothing but whether a name is one text."""
        return _ONE_TEXT.fullmatch(self._source.slice(start, min(end, start + GUARD_BYTES))) is not None

    def edited(self, start: int, end: int) -> frozenset[str]:
        """Return the kinds of harm that are gone once the pattern at ``[start, end)`` was replaced in a text."""
        text = self._source.slice(start, min(end, start + GUARD_BYTES))
        return frozenset(
            kind for says in self._tongue.edits if says.pattern.search(text) for kind in says.clears
        )

    def is_comparison(self, start: int, end: int) -> bool:
        """Return whether what stands at ``[start, end)`` is true or false, and nothing else."""
        known = self._comparisons.get((start, end))
        if known is None:
            text = self._source.slice(start, end)
            known = _COMPARISON.search(text) is not None and _CHOICE.search(text) is None
            self._comparisons[start, end] = known
        return known

    def head(self, function: Function) -> tuple[str, frozenset[str]]:
        """Return how a function begins, and the parameters that can only be numbers or the like."""
        known = self._heads.get(function.start)
        if known is None:
            head = self._source.slice(function.start, function.start + HEAD_BYTES) if function.params else ""
            signature = _SIGNATURE_END.search(head)
            if signature is not None:
                head = head[: signature.end()]
            above = self._decorations(function) if function.decorators and function.params else ""
            harmless = (
                self._harmless(head) | self._harmless(above) | self._harmless_fields(function.params, head)
            )
            known = self._heads[function.start] = (head, harmless)
        return known

    def _decorations(self, function: Function) -> str:
        """Return what stands before a function up to the nearest blank line: its decorators."""
        before = self._source.slice(max(0, function.start - HEAD_BYTES), function.start)
        return before.rpartition("\n\n")[2]

    def _harmless(self, text: str) -> frozenset[str]:
        """Return the names that `text` declares as numbers or the like."""
        return frozenset(
            group
            for match in _all_of(self._tongue.harmless_types.pattern).finditer(text)
            for group in match.groups()
            if group
        )

    def _harmless_fields(self, params: tuple[str, ...], head: str) -> frozenset[str]:
        """Return ``name.field`` for what a class of this file declares as a number or the like, and ``name`` for one that is an enumeration."""
        found: set[str] = set()
        for name, declared in _DECLARED.findall(head) if ":" in head else ():
            body = self._class_body(declared) if name in params else None
            if body is None:
                continue
            if _ENUMERATION.search(body.partition("\n")[0]):
                found.add(name)
            else:
                found |= {f"{name}.{field}" for field in self._harmless(body)}
        return frozenset(found)

    def _class_body(self, name: str) -> str | None:
        """Return the head and fields of the class `name` of this file, ``None`` if there is none. O(bytes)."""
        data = self._source.data
        if f"class {name}".encode() not in data:
            return None
        at = re.search(rb"^class " + re.escape(name.encode()) + rb"\b", data, re.MULTILINE)
        if at is None:
            return None
        text = self._source.slice(at.start(), min(len(data), at.start() + CLASS_BYTES_MAX))
        end = re.search(r"\n(?=[^\s#])", text)
        return text[: end.start()] if end else text


@lru_cache(maxsize=16)
def _all_of(pattern: str) -> re.Pattern[str]:
    """Return the expression that finds, at each place, the name that `pattern` could be said of there."""
    return re.compile("(?=" + pattern.replace("NAME", r"([A-Za-z_$][\w$]*+)") + ")")
