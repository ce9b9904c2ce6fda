"""What a corpus that loads may still have wrong: the facts held against one another and against the rules.

| complaint | meaning |
|---|---|
| duplicate | two facts of one source demand the same of the same thing |
| contradiction | two facts of one tier cannot both hold |
| unobservable | no rule can observe what the fact speaks of, and it does not say why it stands: it would never meet anything |
| observable | it says why it stands without a rule, and there is one |
| unchecked | nobody has seen the cited place; the reason is repeated |
| citation | it names no document, or a fact about a weakness has no number to look up |
| url | it is no https address |

`unchecked` is told, not held against the corpus: `Complaint.serious` is false for it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from stemedb_analysis.corpus.load import Fact
from stemedb_analysis.model import Authority, Typed
from stemedb_analysis.registry import VALUELESS, Comparison, holds

What: TypeAlias = Literal[
    "duplicate", "contradiction", "unobservable", "observable", "unchecked", "citation", "url"
]

_URL: Final = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(?:/[^\s<>\"]*)?")
_CITATION: Final = re.compile(r"[A-Za-z].*")
CITATION_LENGTH_MIN: Final = 5


class Complaint(NamedTuple):
    """One thing wrong with one fact."""

    what: What
    place: str
    id: str
    message: str

    @property
    def serious(self) -> bool:
        """Whether the corpus should not be shipped with it."""
        return self.what != "unchecked"


def lint(facts: Sequence[Fact], observable: Iterable[tuple[str, str]] | None = None) -> list[Complaint]:
    """Return what is wrong, in the order of the facts.

    `observable` are the (path, predicate) pairs that some rule can observe; ``None`` leaves that question out.
    """
    seen = None if observable is None else frozenset(observable)
    complaints: list[Complaint] = []
    earlier: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        authority = fact.authority
        key = (authority.path, authority.predicate)
        complaints += _alone(fact)
        if seen is not None and key not in seen and not fact.unobserved_reason:
            complaints.append(_say("unobservable", fact, f"no rule observes {key[0]} {key[1]}"))
        if seen is not None and key in seen and fact.unobserved_reason:
            complaints.append(_say("observable", fact, f"a rule observes {key[0]} {key[1]}"))
        for other in earlier.get(key, ()):
            complaints += _pair(fact, other)
        earlier.setdefault(key, []).append(fact)
    return complaints


def _say(what: What, fact: Fact, message: str) -> Complaint:
    return Complaint(what, fact.place, fact.authority.id, message)


def _alone(fact: Fact) -> list[Complaint]:
    found = []
    citation, url = fact.authority.citation, fact.authority.url
    if len(citation) < CITATION_LENGTH_MIN or not _CITATION.match(citation):
        found.append(_say("citation", fact, f"got {citation!r}, want a document and the place in it"))
    elif fact.source.startswith("rfc://") and "§" not in citation:
        found.append(_say("citation", fact, f"got {citation!r}, want the section of the RFC"))
    if not _URL.fullmatch(url):
        found.append(_say("url", fact, f"got {url!r:.80}, want an https address"))
    if not fact.checked:
        found.append(_say("unchecked", fact, fact.unchecked_reason))
    return found


def _pair(fact: Fact, other: Fact) -> list[Complaint]:
    mine, theirs = fact.authority, other.authority
    if fact.source == other.source and (mine.comparison, mine.value) == (theirs.comparison, theirs.value):
        return [_say("duplicate", fact, f"says the same as {theirs.id} ({other.place})")]
    if mine.tier == theirs.tier and _excludes(mine, theirs):
        return [
            _say(
                "contradiction",
                fact,
                f"{mine.comparison} {mine.value!r} cannot hold together with {theirs.comparison} {theirs.value!r}"
                f" of {theirs.id} ({other.place})",
            )
        ]
    return []


def _excludes(left: Authority, right: Authority) -> bool:
    """Return whether no value can satisfy both: neither one that they name nor one beside or between those."""
    return not any(
        all(holds(cast("Comparison", one.comparison), one.value, value) for one in (left, right))
        for value in _candidates(left, right)
    )


def _candidates(left: Authority, right: Authority) -> list[Typed]:
    named: list[Typed] = [
        value
        for one in (left, right)
        if one.comparison not in VALUELESS
        for value in (one.value if isinstance(one.value, tuple) else (one.value,))
    ]
    if not named or isinstance(named[0], bool):
        return [True, False]
    if isinstance(named[0], str):
        return [*named, "", "none of these"]
    numbers = [value for value in named if isinstance(value, int | float)]
    return [*numbers, min(numbers) - 1, max(numbers) + 1, (min(numbers) + max(numbers)) / 2]
