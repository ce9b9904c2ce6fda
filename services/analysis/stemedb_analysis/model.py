"""What travels through a scan: positions, observations, findings.

::

    facts ─▶ rules ─▶ Observation ─▶ judge (with authorities) ─▶ Finding ─▶ reports
                          │
                          └─▶ assertions of tier 4 or 5, when published

Plain tuples: they travel between processes, into JSON and back.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

Typed: TypeAlias = bool | int | float | str
"""A value as observed or as demanded. Comparisons are between values of one type of the registry, never between texts."""

Verdict: TypeAlias = Literal["BLOCK", "FLAG", "PASS"]

Judgement: TypeAlias = Literal["BLOCK", "FLAG", "PASS", "UNJUDGED"]
"""A verdict, or that nobody was there to give one."""


class Span(NamedTuple):
    """Where something stands: lines and columns from 1, columns in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


PROJECT: Final = "."
"""Stands where a file's name would, in what is said of the project as a whole."""

WHOLE: Final = Span(1, 1, 1, 1)
"""The place, in a file or in the project, of what is said of all of it: no line is at fault, so none is shown."""


class Hop(NamedTuple):
    """One station on the way from a source to a sink."""

    line: int
    column: int
    text: str


class Observation(NamedTuple):
    """A claim that the code makes: *here*, `path` has `predicate` = `value`."""

    path: str
    """The tail path, as in the registry: ``tls/cert_verification``."""
    predicate: str
    value: Typed
    file: str
    """Relative to the project's root, with ``/``."""
    span: Span
    text: str
    """The matched text: the first line of it, at most `TEXT_MAX` characters."""
    confidence: float
    rule: str
    language: str
    statement: str
    """16 hex digits of the BLAKE3 of the enclosing statement without its white space: survives a move to other lines."""
    in_test: bool = False
    hops: tuple[Hop, ...] = ()

    @property
    def place(self) -> str:
        """Where it is, for people: file, line and column, as far as it has them."""
        if self.span != WHOLE:
            return f"{self.file}:{self.span.line}:{self.span.column}"
        return "the project" if self.file == PROJECT else self.file


TEXT_MAX = 200


class Authority(NamedTuple):
    """What somebody with standing says about a path and predicate."""

    id: str
    """The statement's id (hex), where a replica has a say; the corpus's own name for the fact otherwise."""
    path: str
    predicate: str
    comparison: str
    """One of `stemedb_analysis.registry.COMPARISONS`."""
    value: Typed | tuple[Typed, ...]
    tier: int
    confidence: float
    citation: str
    url: str
    summary: str
    """One sentence of ours: what is demanded and why."""
    lifecycle: str = "approved"
    languages: tuple[str, ...] = ()
    """Languages and formats that it speaks of, as a vendor does of its own; empty means all."""

    def speaks_of(self, language: str) -> bool:
        """Whether what code in this language claims is its business."""
        return not self.languages or language in self.languages


class Refused(NamedTuple):
    """A claim that would be an authority and cannot be read as one."""

    subject: str
    predicate: str
    reason: str
    """``unregistered``, ``value`` or ``comparison``."""
    why: str
    """What is wrong with it; empty for what is not in the registry."""


class Opinion(NamedTuple):
    """One authority's view of one observation."""

    authority: Authority
    agrees: bool
    """Whether what was observed is as it demands."""
    score: float
    speaks: bool = True
    """Whether it says anything of this value: a list of what is forbidden does not of what is not on it."""


class Finding(NamedTuple):
    """An observation and what was made of it."""

    observation: Observation
    verdict: Verdict
    score: float
    opinions: tuple[Opinion, ...]
    """Those that met it, the weightiest first; empty if no authority speaks of it."""
    acknowledged: str = ""
    """The reason, if a person accepted it."""
    state: Literal["new", "unchanged", "absent"] = "new"
    """Against the baseline."""

    @property
    def spoken(self) -> tuple[Opinion, ...]:
        """The opinions that say something of the value, which is what people and programs are told."""
        return tuple(one for one in self.opinions if one.speaks)

    @property
    def judgement(self) -> Judgement:
        """The verdict, where there is one: what met no authority has passed nothing."""
        return self.verdict if self.opinions or self.verdict != "PASS" else "UNJUDGED"
