"""Text put together: what the pieces before and around input make of it.

::

    "https://api.example/v1/" + input       the host is written: no request goes elsewhere, no redirect either
    base + "/users/" + input                the same, though nobody knows the base
    "/items/" + input                       a redirect stays on this site
    "https://" + input                      input is the host

    Sprintf("%d", input)   a number          Sprintf("%q", input)   quoted: no line break is left
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.flow.taints import Taint
from stemedb_analysis.rules.names import last_part

SSRF: Final = "ssrf"
REDIRECT: Final = "redirect"
ANYTHING: Final = "\0"
"""Stands for a piece that nobody knows and that is no input."""

_HOST: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[^/?#\\]+[/?#]|\0[^/?#\\]*[/?#]", re.IGNORECASE)
_OWN: Final = re.compile(r"/[^/\\]")
_VERB: Final = re.compile(r"%[-+# 0]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(\[\d+\])?([a-zA-Z%])")
_QUOTED: Final = frozenset({"log", "header", "mail"})
_FORMATS: Final = frozenset(
    {"Sprintf", "Errorf", "Fprintf", "Printf", "Infof", "Warnf", "Warningf", "Debugf", "Fatalf", "Panicf", "Tracef", "Logf"}
)  # fmt: skip
"""Last parts of Go's calls that take a format."""


def settled(prefix: str) -> frozenset[str]:
    """Return the kinds of harm that input behind `prefix` cannot do."""
    if _HOST.match(prefix):
        return frozenset({SSRF, REDIRECT})
    return frozenset({REDIRECT}) if _OWN.match(prefix) else frozenset()


def joined(pieces: list[tuple[Expr, Taint | None]]) -> list[Taint | None]:
    """Return what the pieces of a text carry, each told what stands before it."""
    prefix = ""
    found: list[Taint | None] = []
    for piece, taint in pieces:
        is_host = _is_own_host(piece)
        # Whoever asked this host is sent to this host: trusting its name is another matter.
        kinds = frozenset({REDIRECT}) if is_host else settled(prefix)
        told = (
            taint._replace(cleared=taint.cleared | kinds) if taint is not None and taint.is_input else taint
        )
        if is_host:
            prefix += "host/"
        else:
            prefix += str(piece.value) if piece.kind in {"str", "int"} else ANYTHING
        found.append(told)
    return found


def _is_own_host(piece: Expr) -> bool:
    if piece.kind == "call" and isinstance(piece.value, Call) and len(piece.value.args) == 1:
        piece = piece.value.args[0].value
    return piece.kind == "name" and str(piece.value).endswith(".Host")


def formatted(call: Call, taint_of: Callable[[Expr], Taint | None]) -> list[Taint | None] | None:
    """Return what the arguments of a call with a format carry into the text; ``None`` if it has no format that is known."""
    form = next((arg.value for arg in call.args[:2] if arg.value.kind == "str"), None)
    if form is None or last_part(call.name) not in _FORMATS:
        return None
    pieces: list[tuple[Expr, Taint | None]] = []
    for verb, text_before, value in _holes(call, form):
        pieces.append((Expr("str", text_before, form.start, form.end), None))
        carried = taint_of(value)
        kinds = _cleared_by(verb)
        if carried is not None and kinds:
            carried = None if "*" in kinds else carried._replace(cleared=carried.cleared | kinds)
        pieces.append((value, carried))
    return joined(pieces)


def cleared_in_format(call: Call, value: Expr) -> frozenset[str]:
    """Return what the verb of a format rules out for one of its arguments: everything (``*``) for a number."""
    form = next((arg.value for arg in call.args[:2] if arg.value.kind == "str"), None)
    if form is None or last_part(call.name) not in _FORMATS:
        return frozenset()
    return next((_cleared_by(verb) for verb, _, one in _holes(call, form) if one is value), frozenset())


def _holes(call: Call, form: Expr) -> Iterator[tuple[str, str, Expr]]:
    values = [arg.value for arg in call.args]
    values = values[values.index(form) + 1 :]
    text, place, number = str(form.value), 0, 0
    for match in _VERB.finditer(text):
        if match[2] == "%":
            continue
        number = int(match[1][1:-1]) - 1 if match[1] else number
        if 0 <= number < len(values):
            yield match[2], text[place : match.start()], values[number]
        place = match.end()
        number += 1


def _cleared_by(verb: str) -> frozenset[str]:
    if verb in "dtfeEgGUcboxXTp":
        return frozenset({"*"})
    return _QUOTED if verb == "q" else frozenset()
