"""What a rule is, once read and checked.

::

    Rule ── id, title, help, path + predicate of the registry
     └── Row ── languages × (which fact, names) ── conditions ── what value is observed, how sure

A rule is one claim; its rows are the ways in which languages and libraries make it. Rows know nothing of one another: each fact that a
row fits gives an observation, and the same claim at the same place is kept once, the surest first.

Everything here is plain, frozen and made at load time; `match` only reads it.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

from stemedb_analysis.judge.measure import Measure
from stemedb_analysis.model import Typed

FactKind: TypeAlias = Literal["call", "assign", "key", "import", "text", "function", "setting", "block"]
FACT_KINDS: Final[tuple[FactKind, ...]] = (
    "call", "assign", "key", "import", "text", "function", "setting", "block",
)  # fmt: skip

LITERAL: Final = 0.95
"""Confidence in what stands in the code as a literal."""
CONSTANT: Final = 0.90
"""Confidence in a value found by name elsewhere in the function or module."""
FALLBACK: Final = 0.75
"""Confidence in what holds unless the environment says otherwise."""
DEFAULT: Final = 0.40
"""Confidence in the default of a parameter: callers may give another."""
TEST_FACTOR: Final = 0.5
"""In a test file."""
UNLIKELY_FACTOR: Final = 0.3
"""Where the words around tell of another purpose: an MD5 in ``etag``."""

UNSAID_FACTOR: Final = 0.85
"""Where no word around tells of the purpose that makes it matter: an MD5 of something."""
ASKED_FACTOR: Final = 0.5
"""Where the code does it only if somebody asked for it: ``if options.insecure``, ``case "md5":``."""

GROUPS: Final = {"typescript": "javascript"}
"""Languages that share their libraries: a row for the one holds for the other."""


class FileInfo(NamedTuple):
    """What is known of a file besides its content."""

    file: str
    """Relative to the project's root, with ``/``."""
    language: str
    """A language of facts, or the format of a configuration file."""
    kind: str = ""
    """compose, kubernetes, workflow, dockerfile, nginx, requirements, package-json, …; empty if it is just a file of its format."""
    in_test: bool = False


Step: TypeAlias = tuple[str, ...]
"""Alternatives for one step of a selector: keywords, keys, positions in digits, or ``*`` for any."""


class Selector(NamedTuple):
    """Where in a fact a value stands: ``verify|3``, ``*.agent.rejectUnauthorized``, ``@last``."""

    root: str
    """``@value``, ``@last``, ``@name``, ``@receiver``, ``@target``, ``@count``, ``@text``, ``@function``; empty for arguments."""
    steps: tuple[Step, ...]
    text: str
    """As written."""


class Condition(NamedTuple):
    """One condition on what a selector finds."""

    selector: Selector
    op: str
    operand: object


class Read(NamedTuple):
    """How the observed value is got."""

    selector: Selector | None
    convert: str
    mapping: tuple[tuple[str, Typed], ...]
    """Pattern of the text or name in lower case → value; the first that fits."""
    each: bool
    scale: float
    value: Typed | None
    """The value if nothing is read."""
    absent: Typed | None
    """The value if the selector finds nothing and nothing can hide it (no splat)."""
    unknown: Typed | None
    """The value if what is found is no constant."""


class Row(NamedTuple):
    """One way to make the claim."""

    fact: FactKind
    names: tuple[str, ...]
    """Patterns, their braces expanded."""
    languages: tuple[str, ...]
    read: Read
    confidence: float
    roles: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    unless: tuple["Row", ...] = ()
    """Rows that, if one fits in the same scope, take this one away."""
    beside: tuple["Row", ...] = ()
    """Rows one of which must fit in the same scope."""
    along: tuple["Row", ...] = ()
    """Rows each of which must fit in the same scope (``with``)."""
    same: bool = False
    """Of a row in `unless`, `beside` or `along`: only what is called on, or handed, what the fact's result goes to, or stands in one chain with it."""
    scope: Literal["function", "file"] = "function"
    uses: tuple[str, ...] = ()
    """Patterns of imports, one of which the file must have."""
    near: str = ""
    """A word list of which one word must be near by."""
    unlikely: str = ""
    """A word list of which no word should be near by: confidence × `UNLIKELY_FACTOR`."""
    likely: str = ""
    """A word list of which one word should be near by: confidence × `UNSAID_FACTOR` without."""
    asked: str = ""
    """A word list of which no word should be in the conditions that the fact is under: confidence × `ASKED_FACTOR`."""
    named: bool = False
    """Whether a choice, a table or a maker around that names the observed value takes from the confidence: × `ASKED_FACTOR`."""
    kinds: tuple[str, ...] = ()
    """Kinds of files, if not all."""
    lacks: tuple[str, ...] = ()
    """Of a block: settings that it has not."""
    has: tuple[str, ...] = ()
    """Of a block: settings that it has."""
    last: bool = False
    """Of settings: only the last of the file counts."""
    dynamic: float = 0.0
    """Of a row of a flow rule: the confidence where text is put together there, though no input was seen to reach it; 0 to keep still."""
    screen: str = ""
    """Of a text: a literal in lower case that it must hold before the pattern is tried."""


class Sample(NamedTuple):
    """A piece of code that comes with a rule to hold it to its word."""

    language: str
    """A language, a format, or the name of a file."""
    code: str
    value: Typed | None
    """What must be observed; of a near-miss: what may be observed. ``None``: anything, or of a near-miss nothing."""


class Rule(NamedTuple):
    """One claim and all its ways to be made."""

    id: str
    title: str
    help: str
    path: str
    predicate: str
    rows: tuple[Row, ...]
    confidence: float
    tags: tuple[str, ...]
    precision: float | None
    """What the rule says of itself; can only lower what was measured."""
    file: str
    """Where it was read from."""
    examples: tuple[Sample, ...] = ()
    near_misses: tuple[Sample, ...] = ()
    flow: str = ""
    """What kind of harm input does in its rows, if it is a rule about input: ``sql``, ``path``, …"""
    measured: Measure | None = None
    """How often it was right, as far as somebody looked."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages and formats that it speaks of, sorted."""
        return tuple(sorted({language for row in self.rows for language in row.languages}))
