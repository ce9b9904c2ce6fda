r"""Ignore patterns, as git reads them: a line of ``.gitignore`` as a regular expression.

::

    *.log          a name at any depth                   (?s:(?:.*/)?[^/]*\.log)\Z
    /build/        a directory, at the top only          (?s:build)\Z, directories
    a/**/z         any number of directories between     (?s:a/(?:.*/)?z)\Z
    !keep.log      takes in again what a line above it excluded

A pattern is matched against an entry's own path and against nothing below it: whoever walks does not enter what is excluded.

Invariants:

* Matching takes time linear in the path for each ``**`` and bracket: all ``*`` of a segment but the last are matched without looking back
  (which finds the same, since each takes the shortest), so no pattern can make a walk hang.
* What git does not match (a bracket that is not closed, a backslash at the end) matches nothing.

Source: gitignore(5) and git's wildmatch; a property test holds the two equal.
"""

import re
from typing import Final, NamedTuple

PATTERN_LENGTH_MAX: Final = 512
"""Of a line; a longer one is no path that a file could have."""
ANY_DEPTH_MAX: Final = 8
"""``**`` in one pattern."""

_CLASSES: Final = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9", "graph": r"\x21-\x7e",
    "lower": "a-z", "print": r"\x20-\x7e", "punct": r"!-/:-@\[-`{-~", "space": r"\s", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


class Pattern(NamedTuple):
    """One line."""

    expression: str
    """Matches a whole path relative to the ignore file's directory, without a slash at its end."""
    excludes: bool
    """``False`` for a line that takes in again."""
    directories_only: bool


def parse(line: str) -> Pattern | None:
    """Return the pattern of a line; ``None`` for a blank one, a comment, and what can match nothing."""
    text = _trimmed(line.rstrip("\r\n"))
    if not text or text.startswith("#") or len(text) > PATTERN_LENGTH_MAX:
        return None
    excludes = not text.startswith("!")
    text = text if excludes else text[1:]
    directories_only = text.endswith("/")
    text = text.removesuffix("/")
    anchored = "/" in text
    text = text.removeprefix("/")
    try:
        segments = _segments(text)
        if not text or segments.count("**") > ANY_DEPTH_MAX:
            return None
        expression = _path(segments)
    except _MatchesNothing:
        return None
    return Pattern(expression if anchored else f"(?:.*/)?{expression}", excludes, directories_only)


class _MatchesNothing(Exception):
    """A segment that no name can match."""


def _trimmed(line: str) -> str:
    """Return a line without the spaces at its end that no backslash keeps."""
    while line.endswith(" ") and not line.endswith("\\ "):
        line = line[:-1]
    return line


def _segments(text: str) -> list[str]:
    """Return what stands between slashes; one in a bracket parts nothing, and matches nothing either."""
    found, begin, at = [], 0, 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "/":
            found.append(text[begin : at - 1])
            begin = at
        elif character == "[":
            _, at = _bracket(text, at)
        elif character == "\\":
            at += 1
    return [*found, text[begin:]]


def _path(segments: list[str]) -> str:
    out = ""
    last = len(segments) - 1
    for number, segment in enumerate(segments):
        if segment == "**":
            out += ".+" if number == last else "(?:.*/)?"
        else:
            out += _segment(segment) + ("" if number == last else "/")
    return out


def _segment(glob: str) -> str:
    """Return the expression of what stands between two slashes."""
    chunks = [""]
    at = 0
    while at < len(glob):
        character = glob[at]
        at += 1
        if character == "*":
            chunks += [""] * (at == 1 or glob[at - 2] != "*" or chunks[-1] != "")
        elif character == "?":
            chunks[-1] += "[^/]"
        elif character == "[":
            inside, at = _bracket(glob, at)
            chunks[-1] += inside
        elif character == "\\":
            if at == len(glob):
                raise _MatchesNothing
            chunks[-1] += re.escape(glob[at])
            at += 1
        else:
            chunks[-1] += re.escape(character)
    first, *rest = chunks
    if not rest:
        return first
    *middle, end = rest
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in middle) + f"[^/]*{end}"


def _bracket(glob: str, at: int) -> tuple[str, int]:
    """Return the expression of the bracket that was opened just before `at`, and where it ends."""
    negated = glob[at : at + 1] in {"!", "^"} and bool(glob[at : at + 1])
    at += negated
    inside = ""
    first = True
    while True:
        if at >= len(glob):
            raise _MatchesNothing
        character = glob[at]
        at += 1
        if character == "]" and not first:
            break
        first = False
        if character == "[" and glob[at : at + 1] == ":" and (end := glob.find(":]", at + 1)) >= 0:
            name = glob[at + 1 : end]
            if name not in _CLASSES:
                raise _MatchesNothing
            inside += _CLASSES[name]
            at = end + 2
            continue
        low, at = _member(glob, at, character)
        if glob[at : at + 1] == "-" and glob[at + 1 : at + 2] not in {"", "]"}:
            high, at = _member(glob, at + 2, glob[at + 1])
            if low > high:
                continue
            inside += f"{re.escape(low)}-{re.escape(high)}"
        else:
            inside += re.escape(low)
    if not inside:
        if negated:
            return "[^/]", at
        raise _MatchesNothing
    return (f"[^/{inside}]" if negated else f"(?!/)[{inside}]"), at


def _member(glob: str, at: int, character: str) -> tuple[str, int]:
    if character != "\\":
        return character, at
    if at >= len(glob):
        raise _MatchesNothing
    return glob[at], at + 1
