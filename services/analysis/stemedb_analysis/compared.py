r"""Where a file compares something: the lines on which a comparison stands, with those that belong to it.

::

    if token == wanted:            one line
    if (                           no part of it: nothing that is compared goes over its end
        given.signature            a part of it, since the next line begins with a sign
        == expected(               a part, and so is the next, since the bracket is open
            body)

What is compared goes on over the end of a line only within brackets or at a sign, in the languages that are parsed. So a line belongs to its
neighbour if one of them ends, or the other begins, with something that cannot end, or begin, a statement. It errs towards too many.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

BESIDE_BYTES: Final = 300
"""How far a comparison goes on before and behind its line; longer ones are no facts."""

LINE_BYTES_MAX: Final = 2000
"""Of a line that is looked at as a whole."""

_OPEN_END: Final = re.compile(rb"(?:[(\[{,\\+\-*/%|&^~<>=!.?]|\b(?:and|or|not|in|is|await|new))[ \t\r]*\Z")
_OPEN_START: Final = re.compile(rb"[ \t]*(?:[)\]},+\-*/%|&^~<>=!.?:]|(?:and|or|not|in|is)\b)")
_QUOTED_END: Final = re.compile(rb"""["'`][ \t\r]*\Z""")
_QUOTED_START: Final = re.compile(rb"""[ \t]*[A-Za-z]{0,2}["'`]""")
_NOTHING: Final = re.compile(rb"[ \t]*(?:#|//|\r?\Z)")
"""A comment, or a blank line."""
_COMMENT_BEHIND: Final = re.compile(rb"[ \t]*(?:#|//).*\Z")


def comparisons_with(word: bytes, data: bytes, low: bytes, signs: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the lines on which `word` stands, with those that belong to them, where one of `signs` is there too.

    `low` is `data` in lower case, and so is `word`. O(bytes).
    """
    at = low.find(word)
    while at >= 0:
        lines, end = _around(data, at, signs)
        if any(sign in lines for sign in signs):
            yield lines
        at = low.find(word, end)


def _around(data: bytes, at: int, signs: Sequence[bytes]) -> tuple[bytes, int]:
    """Return the lines that belong to the one of `at`, nothing if no sign is near, and where to look on; of a very long line the part around `at`."""
    begin, end = data.rfind(b"\n", 0, at) + 1, _end_of_line(data, at)
    if end - begin > LINE_BYTES_MAX:
        stop = min(end, at + BESIDE_BYTES)
        return data[max(begin, at - BESIDE_BYTES) : stop], stop
    near = max(0, begin - BESIDE_BYTES), end + BESIDE_BYTES
    if not any(data.find(sign, *near) >= 0 for sign in signs):
        return b"", end
    return data[_first(data, begin) : _last(data, begin, end)], end


def _first(data: bytes, begin: int) -> int:
    """Return where the first line begins that belongs to the one that begins at `begin`."""
    first = line = begin
    while line > 0 and begin - line < BESIDE_BYTES:
        end = line - 1
        line = data.rfind(b"\n", 0, end) + 1
        if not _NOTHING.match(data, line, end):
            if not _goes_on(data[line:end], data, first):
                break
            first = line
    return first


def _last(data: bytes, begin: int, end: int) -> int:
    """Return where the last line ends that belongs to the one at ``[begin, end)``."""
    last, line = end, data[begin:end]
    following = end
    while following < len(data) and following - end < BESIDE_BYTES:
        begin, following = following + 1, _end_of_line(data, following + 1)
        if not _NOTHING.match(data, begin, following):
            if not _goes_on(line, data, begin):
                break
            last, line = following, data[begin:following]
    return last


def _goes_on(line: bytes, data: bytes, following: int) -> bool:
    """Return whether what stands on a line may go on over its end, to the line at `following`."""
    bare = _COMMENT_BEHIND.sub(b"", line)
    if _OPEN_START.match(data, following) or _OPEN_END.search(line) or _OPEN_END.search(bare):
        return True
    # One literal in two pieces.
    is_quoted = _QUOTED_END.search(line) or _QUOTED_END.search(bare)
    return is_quoted is not None and _QUOTED_START.match(data, following) is not None


def _end_of_line(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return end if end >= 0 else len(data)
