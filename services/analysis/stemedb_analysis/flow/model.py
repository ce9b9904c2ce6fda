"""What is known of input: where it comes from, and what makes it harmless.

::

    source ──▶ assign ──▶ concat ──▶ format ──▶ sink            a path: hops, and a finding that may block
                 │          │
                 └─ sanitizer, guard: not for this kind of harm any more

Sources and sanitizers are in ``data/sources.yaml`` and ``data/sanitizers.yaml``; sinks are the rows of flow rules (``data/*.yaml``, in the
format of RULES.md)::

    - id: sql-injection
      observes: sql/parameterized enabled
      flow: sql                          # the kind of harm; sanitizers name it
      value: false                       # what is observed when input gets there
      match:
        python:
          - call: "*.execute"
            read: 0|sql                  # the argument that input must not reach
            dynamic: 0.5                 # text put together there without known input: less sure, and no path
          - function: "*.route"          # what a function decorated so returns
            read: "@value"

The pass is flow-sensitive and forgetful: it follows calls of functions of the same file (`visits`) and knows no other file. What it cannot
follow, it drops; whoever wants certainty across a program needs another tool.
"""

import re
from typing import Final, NamedTuple

from stemedb_analysis.rules.names import NameIndex

ALL: Final = "*"
"""Of kinds of harm: every one."""
WEAK: Final = 0.6
"""Factor for input from who runs the program: arguments and environment."""
OWN_CHOICE: Final = frozenset(
    {"path", "ssrf", "redirect", "regex", "reflection", "command", "header", "object", "log"}
)
"""Harm that such input does nobody: who runs a program says which files it reads, which hosts it asks and which editor it starts."""
UNFOLLOWED: Final = 0.8
"""Factor for what comes back from a function that was given input and could not be followed: it may return something else."""
NAMES_MAX: Final = 20_000
"""Names that are remembered."""


KINDS: Final = frozenset(
    {"sql", "nosql", "nosqlscript", "shell", "command", "code", "ldap", "xpath", "template", "deserialization", "path", "ssrf", "redirect", "xss", "log",
     "regex", "reflection", "session", "header", "object", "mail", "cors", "archive", "upload", "detail", "option"}
)  # fmt: skip
"""All kinds of harm that rules speak of."""


class Tame(NamedTuple):
    """Names whose reading gives input that cannot do some kinds of harm: the text of a query cannot be a document, a stream no path."""

    names: re.Pattern[str]
    cleared: frozenset[str]
    only: frozenset[str] = frozenset()
    """If there are any, what is read does these kinds of harm alone, and what is read elsewhere does none of them."""


class Sources:
    """The names whose reading is input; remembers what it was asked, since the same names come again and again."""

    def __init__(
        self,
        strong: re.Pattern[str],
        weak: re.Pattern[str],
        excepted: re.Pattern[str],
        tame: tuple[Tame, ...] = (),
    ) -> None:
        """`excepted` are names that are none of them, although one of the patterns fits."""
        self._strong = strong
        self._weak = weak
        self._excepted = excepted
        self._tame = tame
        self.special = frozenset().union(*(one.only for one in tame))
        """Kinds of harm that only some sources do."""
        self._known: dict[str, float] = {}

    def cleared(self, name: str) -> frozenset[str]:
        """Return the kinds of harm that what `name` reads cannot do. O(rows); asked of input alone."""
        fitting = [one for one in self._tame if one.names.fullmatch(name)]
        cleared = self.special if not any(one.only for one in fitting) else frozenset()
        return cleared.union(*(one.cleared for one in fitting))

    def member_cleared(self, member: str) -> frozenset[str]:
        """Return the kinds of harm that a `member` of what carries input cannot do: a stream is no path."""
        return frozenset().union(*(one.cleared for one in self._tame if one.names.fullmatch(f"~.{member}")))

    def factor(self, name: str) -> float:
        """Return 1.0 if `name` is input from outside, `WEAK` if it is from who runs the program, 0 if it is none."""
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= NAMES_MAX:
                self._known.clear()
            known = 1.0 if self._strong.fullmatch(name) else WEAK if self._weak.fullmatch(name) else 0.0
            if known and self._excepted.fullmatch(name):
                known = 0.0
            self._known[name] = known
        return known


class Params(NamedTuple):
    """Parameters that carry input: of functions with such a decorator, or written so."""

    holds: tuple[str, ...]
    """Words of which `written` needs one; empty if it may need none."""
    decorators: tuple[str, ...]
    """Patterns; empty if the function does not matter."""
    written: re.Pattern[str] | None
    """What the head of the function says of the parameter, ``NAME`` standing for it."""
    excluded: frozenset[str]
    label: str
    cleared: frozenset[str] = frozenset()
    """Kinds of harm that such a parameter cannot do."""
    head: re.Pattern[str] | None = None
    """What the head of the function says at its beginning; ``None`` if that does not matter."""


class Sanitizer(NamedTuple):
    """What a call by some name clears."""

    kinds: frozenset[str]
    says: re.Pattern[str] | None = None
    """What its source text must hold."""
    excluded: re.Pattern[str] | None = None
    """What its source text must not hold: ``text.parse::<Url>()`` makes an address of whatever it gets."""
    others: tuple[str, ...] = ()
    """Patterns of names that are none, though they fit."""


class Says(NamedTuple):
    """What is written, and the kinds of harm that it rules out."""

    pattern: re.Pattern[str]
    clears: frozenset[str]
    signs: tuple[str, ...]
    """One of these stands in every text that fits; looking for them is cheap. Empty if nobody has said."""

    def might_fit(self, text: str) -> bool:
        """Return whether it is worth while to look closer."""
        return not self.signs or any(sign in text for sign in self.signs)


class Tongue(NamedTuple):
    """What is known of one language."""

    hint: re.Pattern[bytes]
    """Of the bytes of a file: without it nothing in it is input."""
    sources: "Sources"
    names: tuple[str, ...]
    """The patterns of `sources`."""
    params: tuple[Params, ...]
    sanitizers: NameIndex[Sanitizer]
    documents: frozenset[str]
    """Calls that make a document of a text."""
    limited: tuple[tuple[re.Pattern[str], frozenset[str]], ...]
    """Names whose reading is input that cannot do some kinds of harm: the path of a page leads nowhere else."""
    renewed: frozenset[str]
    """Last parts of names behind those that are what the client wrote after all."""
    minted: frozenset[str]
    """Last parts of names behind an upload that the server chose: where it was put."""
    carriers: frozenset[str]
    """Last parts of calls whose result carries what their arguments carried; or the last two: ``Paths.get``."""
    adders: frozenset[str]
    """Last parts of methods that put their arguments into what they are called on."""
    fillers: frozenset[str]
    """Last parts of calls that put what they read into their arguments: ``json.Unmarshal(data, &order)``, ``stream.read_line(&mut line)``."""
    guards: tuple[Says, ...]
    """What a condition may say of a variable (``NAME``), and which kinds of harm that rules out."""
    edits: tuple[Says, ...]
    """What is replaced in a text, by the source of the call's arguments, and which kinds of harm are gone with it."""
    outgoing: tuple[re.Pattern[str], re.Pattern[str]]
    """How the functions begin that send a request themselves, and the names by which they read it: what they send is no input."""
    harmless_types: re.Pattern[str]
    """What the head of a function says of a parameter that can only be a number or the like."""
    harmless_members: frozenset[str]
    """Members that are numbers, whatever they are members of."""
