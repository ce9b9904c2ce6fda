"""The conditions that a fact stands under: what somebody must have asked for before the code does it.

::

    if options.insecure:                       ┐
        ctx.check_hostname = False             │  conditions: options.insecure
    if verify:                                 │
        ctx = default()                        │
    else:                                      │
        ctx.verify_mode = ssl.CERT_NONE  ◀─────┘  conditions: else, verify

Read from the layout: above the fact, the lines that are indented less, each less than the one before, past the head of the function: it stands
where something around it put it, as in a class without a name. That is what people see, it is the same in all languages, and it costs a few
lines for the few facts that get so far. Code without indentation has no conditions.
"""

import re
from collections.abc import Iterator
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.source import Source

LINES_MAX: Final = 120
"""How far up is looked."""
LINE_BYTES_MAX: Final = 240
"""Of a condition."""

_OPENS: Final = re.compile(
    rb"\s*[})]*\s*(?:el(?:se)?\s*if|elif|if|else|when|case|switch|match|while|unless|try|except|catch|default)\b"
)
_ELSE: Final = re.compile(rb"\s*[})]*\s*(?:else|elif)\b")
_IF: Final = re.compile(rb"\s*[})]*\s*(?:if|elif|else\s+if)\b")
_BRACE: Final = re.compile(rb"\s*\{\s*$")
"""A brace on a line of its own belongs to the line above."""
_CHOSEN: Final = re.compile(rb"\s*[?:=](?![:?.=>])")
"""A line that goes on with what was chosen, or is assigned to, by the line above."""
_TARGET: Final = re.compile(rb"\s*(?:[\w<>\[\]*&.]+\s+)*?([\w$.]+)\s*:?=(?![=>])")
_LAX_NAME: Final = re.compile(
    r"(?i)insecure|unverif|unsafe|dangerous|(?:no|do_?not|dont|without)_?(?:verif|validat|check|trust)|skip_?|disable|bypass|(?:trust|allow|accept)_?all|all_?(?:trusting|accepting)|no_?op|permissive|bogus|blind|naive"
    r"|ignore_?|allow_?(?:un|in|self)|lax|self_?sign|untrusted|(?:allow|accept|permit)_?(?:unauth|invalid|bad)"
)
"""A function that says in its name what it leaves out is called by who wants that."""
_TERNARY: Final = re.compile(rb"\?(?![.?])|\bif\b|&&|\band\b")
_NAMELESS: Final = "lambda"
"""The last part of the name of a function that has none."""


def conditions(facts: Facts, source: Source, start: int, function: int) -> str:
    """Return the conditions that what stands at byte `start` is under, and the name of a function that tells. O(`LINES_MAX`)."""
    data = source.data
    function = named_around(facts, function)
    inside = 0 <= function < len(facts.functions)
    begin = data.rfind(b"\n", 0, start) + 1
    told = [data[max(begin, start - LINE_BYTES_MAX) : start]] if _TERNARY.search(data[begin:start]) else []
    if _CHOSEN.match(data, begin):
        told.append(_asked_above(data, begin))
    if _LAX_NAME.search(
        before := data[max(begin, start - LINE_BYTES_MAX) : start].decode("utf-8", "replace")
    ):
        told.append(before.encode())  # what it is assigned to says so
    for line in lines_around(data, start):
        target = _TARGET.match(line)
        if _OPENS.match(line) or (
            target is not None and _LAX_NAME.search(target[1].decode("utf-8", "replace"))
        ):
            told.append(line[:LINE_BYTES_MAX])
    name = facts.functions[function].name if inside else ""
    return f"{name if _LAX_NAME.search(name) else ''} {b' '.join(told).decode('utf-8', 'replace')}"


def named_around(facts: Facts, function: int) -> int:
    """Return the function that a function without a name stands in, and any other as it is. O(functions)."""
    functions = facts.functions
    while 0 <= function < len(functions) and functions[function].name.rpartition(".")[2] == _NAMELESS:
        inner = functions[function]
        outer = [
            place
            for place, one in enumerate(functions)
            if one.start <= inner.start
            and inner.end <= one.end
            and place != function
            and one.end - one.start > inner.end - inner.start
        ]
        if not outer:
            return -1
        function = min(outer, key=lambda place: functions[place].end - functions[place].start)
    return function


def lines_around(data: bytes, start: int) -> Iterator[bytes]:
    """Yield the lines that open what byte `start` stands in, the nearest first: of an ``else`` the ``if``, too. O(`LINES_MAX`)."""
    begin = data.rfind(b"\n", 0, start) + 1
    depth = _indent(data[begin:start])
    above, wants_if, wants_head = begin, False, False
    for _ in range(LINES_MAX):
        if depth == 0 or above == 0:
            break
        end = above - 1
        above = data.rfind(b"\n", 0, end) + 1
        line = data[above:end]
        if not line.strip():
            continue
        indent = _indent(line)
        if indent < depth and _BRACE.fullmatch(line):
            depth, wants_head = indent, True
            continue
        if (
            indent < depth
            or (wants_head and indent == depth)
            or (wants_if and indent == depth and _IF.match(line))
        ):
            yield line
            wants_if, wants_head = _ELSE.match(line) is not None, False
            depth = indent


def _asked_above(data: bytes, begin: int) -> bytes:
    """Return the line that asks, of a choice that goes on over the lines down to the one at `begin`."""
    line, above = b"", begin
    while above > 0 and (above == begin or _CHOSEN.match(line)):
        end = above - 1
        above = data.rfind(b"\n", 0, end) + 1
        line = data[above:end]
    return line[:LINE_BYTES_MAX]


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))
