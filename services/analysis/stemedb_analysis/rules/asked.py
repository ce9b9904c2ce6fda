"""The conditions that a fact stands under: what somebody must have asked for before the code does it.

::

    if options.insecure:                       ┐
        ctx.check_hostname = False             │  conditions: options.insecure
    if verify:                                 │
        ctx = default()                        │
    else:                                      │
        ctx.verify_mode = ssl.CERT_NONE  ◀─────┘  conditions: else, verify

Read from the layout: above the fact, the lines that are indented less, each less than the one before, up to the head of the function. That
is what people see, it is the same in all languages, and it costs a few lines for the few facts that get so far. Code without
indentation has no conditions.
"""

import re
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
_LAX_NAME: Final = re.compile(
    r"(?i)insecure|unverif|unsafe|no_?verif|skip_?|disable|trust_?all|ignore_?|lax|selfsigned|self_signed|untrusted"
)
"""A function that says in its name what it leaves out is called by who wants that."""
_TERNARY: Final = re.compile(rb"\?(?![.?])|\bif\b|&&|\band\b")


def conditions(facts: Facts, source: Source, start: int, function: int) -> str:
    """Return the conditions that what stands at byte `start` is under, and the name of a function that tells. O(`LINES_MAX`)."""
    data = source.data
    inside = 0 <= function < len(facts.functions)
    floor = facts.functions[function].start if inside else 0
    begin = data.rfind(b"\n", 0, start) + 1
    told = [data[max(begin, start - LINE_BYTES_MAX) : start]] if _TERNARY.search(data[begin:start]) else []
    if _LAX_NAME.search(
        before := data[max(begin, start - LINE_BYTES_MAX) : start].decode("utf-8", "replace")
    ):
        told.append(before.encode())  # what it is assigned to says so
    depth = _indent(data[begin:start])
    above, wants_if = begin, False
    for _ in range(LINES_MAX):
        if depth == 0 or above <= floor or above == 0:
            break
        end = above - 1
        above = data.rfind(b"\n", 0, end) + 1
        line = data[above:end]
        if not line.strip():
            continue
        indent = _indent(line)
        if indent < depth or (wants_if and indent == depth and _IF.match(line)):
            if _OPENS.match(line):
                told.append(line[:LINE_BYTES_MAX])
            wants_if = _ELSE.match(line) is not None
            depth = indent
    name = facts.functions[function].name if inside else ""
    return f"{name if _LAX_NAME.search(name) else ''} {b' '.join(told).decode('utf-8', 'replace')}"


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))
