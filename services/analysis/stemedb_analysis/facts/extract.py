"""One file in, its facts out.

A file in which nothing is of interest is not parsed: it gives no facts, and no faults either. Whoever asks has looked at its words first
(`stemedb_analysis.vocabulary`).

Never raises for what is in a file. A file that is too long, or that its parser does not get through in time, gives no facts and a
fault that says so; syntax errors give what stands around them.
"""

import re
from functools import cache
from typing import Final

from stemedb_analysis.facts.collecting import Collecting
from stemedb_analysis.facts.depth import LEVELS_MAX, Bounded, within_levels
from stemedb_analysis.facts.go import Go
from stemedb_analysis.facts.java import Java
from stemedb_analysis.facts.javascript import JavaScript, TypeScript
from stemedb_analysis.facts.languages import PARSE_CPU_S_MAX, grammar
from stemedb_analysis.facts.model import Facts, Fault, Interest
from stemedb_analysis.facts.python import Python
from stemedb_analysis.facts.rust import Rust
from stemedb_analysis.source import Source

_WORD: Final = re.compile(r"[A-Za-z0-9_]+")
FILE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Of a file of code; longer ones are generated, and no person reads them."""

_READERS: Final[dict[str, type[Collecting]]] = {
    "python": Python,
    "rust": Rust,
    "go": Go,
    "java": Java,
    "javascript": JavaScript,
    "typescript": TypeScript,
}


def extract(source: Source, language: str, interest: Interest) -> Facts:
    """Return what a file of code says. Raises `ValueError` for a language that is none of `LANGUAGES`, never for a file.

    O(bytes); at most a second or so for each megabyte.
    """
    reader = _READERS.get(language)
    if reader is None:
        raise ValueError(f"no facts are known of {language!r}")
    if len(source.data) > FILE_BYTES_MAX:
        return Facts(language, faults=(Fault(f"longer than {FILE_BYTES_MAX} bytes", 0),))
    if interest.is_nothing:
        return Facts(language)
    dialect = "tsx" if source.file.endswith(".tsx") else language
    known = grammar(dialect)
    code = within_levels(source.data) if language == "python" else Bounded(source.data, -1)
    faults = (Fault(f"indented deeper than {LEVELS_MAX} levels", code.cut),) if code.cut >= 0 else ()
    tree = known.parse(code.data)
    if tree is None:
        return Facts(language, faults=(*faults, Fault(f"not parsed within {PARSE_CPU_S_MAX:g} s", 0)))
    facts = reader(code.data, interest, tree, known.captures(tree)).collect()
    return facts._replace(faults=(*faults, *facts.faults)) if faults else facts


def spellings(name: str, language: str) -> list[str]:
    """Return `name` as a file of `language` may write it, where it has parts that nobody writes so."""
    found = [name]
    for part, written in _READERS[language].told_by.items():
        if f".{part}." in f".{name}.":
            found = [one.replace(part, another) for one in found for another in written]
    return found


@cache
def unwritten(language: str) -> frozenset[str]:
    """Return the words that names in facts of `language` may have though the file does not write them; all others it does."""
    reader = _READERS[language]
    names = (*reader.types_of_literals.values(), *reader.implied)
    words = frozenset(word for name in names for word in _WORD.findall(name))
    # What a call gives is made of the words of the call, and of a few more.
    given = (set(_WORD.findall(what)) - set(_WORD.findall(call)) for call, what in reader.results.items())
    return words.union(*given)
