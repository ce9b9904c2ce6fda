"""What somebody may have meant who wrote a name that there is not: the few names that are like it, or none.

Two ways to be like: nearly the same letters (``hash-algoritm``), or most of the same words in whatever order (``verify-tls``). A name that only
happens to share some letters is no help to anybody, so it is not offered.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

NEAREST_MAX: Final = 3
NAME_MAX: Final = 200
"""Characters of a name beyond which nobody mistyped one."""
LETTERS_MIN: Final = 0.75
"""Share of the letters that are the same in the same order."""
WORDS_MIN: Final = 0.66
"""Share of the words of both that are the same."""
_WORD: Final = re.compile(r"[a-z0-9]+")
_FILLERS: Final = frozenset({"rule", "rules", "no", "such", "my", "own", "the"})


def nearest(written: str, known: Iterable[str], most: int = NEAREST_MAX) -> tuple[str, ...]:
    """Return at most `most` of the names that are like the one that was `written`, the most alike first. O(names × their length)."""
    name = written.lower()
    if not name or len(name) > NAME_MAX:
        return ()
    words = _words(name)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(name)
    ranked = []
    for one in set(known):
        lower = one.lower()
        matcher.set_seq1(lower)
        letters = (
            matcher.ratio()
            if matcher.real_quick_ratio() >= LETTERS_MIN and matcher.quick_ratio() >= LETTERS_MIN
            else 0.0
        )
        other = _words(lower)
        shared = len(words & other) / (len(words | other) or 1)
        if letters >= LETTERS_MIN or shared >= WORDS_MIN:
            ranked.append((-max(letters, shared), one))
    return tuple(one for _, one in sorted(ranked)[:most])


def hint(written: str, known: Iterable[str]) -> str:
    """Return the nearest names as the end of a sentence; empty if there are none."""
    names = nearest(written, known)
    return f"; nearest: {', '.join(names)}" if names else ""


def _words(name: str) -> frozenset[str]:
    return frozenset(_WORD.findall(name)) - _FILLERS
