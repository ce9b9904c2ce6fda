"""Why a decoder refused: its errors as a field and a short reason.

The decoder stops at the first fault and says where in its own way (``Expected `int` <= 5 - at `$.source.tier` ``).
Here that becomes ``source.tier`` and ``want integer <= 5``. This runs for refused input only, so it may look at the
input a second time where the decoder kept something back: the key of a metadata entry, the byte of bad UTF-8.

The decoder's message quotes the sender, who may quote the decoder: a lifecycle of ``x - at `$.agent`` must not be taken
for a fault in ``agent``. So the place is what the message *ends* with, which the sender never writes, except after the
name of an unknown member; that name is taken out first, as the longest that leaves one of our own places.

What it does not do: it decides nothing. Whatever comes in here is refused already.
"""

import json
import re
from typing import Final

import msgspec

from stemedb.errors import InvalidStatement
from stemedb.statements import limits
from stemedb.statements.model import LIFECYCLES, RELATIONS
from stemedb.types import Kind

_QUOTED_LENGTH_MAX: Final = 64

_PLACE: Final = re.compile(r" - at (?:`key` in )?`\$([a-z_.\[\]0-9]*)`\Z")
_UNKNOWN: Final = re.compile(
    r"Object contains unknown field `(.*?)`(?: - at `\$\.(object|source|signature)`)?", re.DOTALL
)
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")
_NOT_OF: Final = re.compile(r"Expected (.*), got (.*)", re.DOTALL)
_NOT_WITHIN: Final = re.compile(r"Expected (.*)", re.DOTALL)
_NOT_AMONG: Final = re.compile(r"Invalid (?:enum )?value (.*)", re.DOTALL)
_AT_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_LONE_SURROGATE: Final = re.compile(
    rb"(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F])"
)

_WORDS: Final = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "int | float": "number",
}

_ONE_OF: Final = {
    "kind": tuple(kind.wire for kind in Kind),
    "object.type": ("text", "number", "boolean", "reference"),
    "lifecycle": LIFECYCLES,
    "relation": RELATIONS,
}

_FORMS: Final = {
    "digest": "an algorithm, a colon and pairs of lower-case hexadecimal digits",
    "key": "a public nkey, U and 55 characters of base32",
    "value": "base64url of 64 bytes without padding",
}
_ID_FORM: Final = "64 lower-case hexadecimal digits"


def explain(error: Exception, raw: bytes, kind: Kind | None) -> InvalidStatement:
    """Return the refusal that a decoder's `error` over `raw` comes to, where a statement of `kind` was wanted."""
    if isinstance(error, RecursionError):
        return InvalidStatement("", "nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return InvalidStatement("", _bad_utf8(raw))
    if isinstance(error, msgspec.ValidationError):
        return _broken_rule(str(error), raw, kind)
    return InvalidStatement("", _not_json(str(error), raw))


def quoted(name: str) -> str:
    """Return a name from the sender fit for a message: printable and short."""
    shown = name if name.isprintable() else ascii(name)[1:-1]
    return shown if len(shown) <= _QUOTED_LENGTH_MAX else f"{shown[: _QUOTED_LENGTH_MAX - 1]}…"


def _bad_utf8(raw: bytes) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"not utf-8: {error.reason} (byte {error.start})"
    raise AssertionError("the decoder refused valid utf-8")


def _not_json(message: str, raw: bytes) -> str:
    at_byte = _AT_BYTE.search(message)
    place = raw[int(at_byte[1]) :] if at_byte else b""
    if place.startswith((b"NaN", b"Inf", b"nan", b"inf")):
        return (
            f"not json: {message.removeprefix('JSON is malformed: ')}: NaN and Infinity are no json numbers"
        )
    if _LONE_SURROGATE.search(raw):
        return "not json: a lone surrogate is no character"
    return f"not json: {message.removeprefix('JSON is malformed: ')}".replace("Input data", "input")


def _broken_rule(message: str, raw: bytes, kind: Kind | None) -> InvalidStatement:
    if unknown := _UNKNOWN.fullmatch(message):
        return InvalidStatement(_join(unknown[2] or "", quoted(unknown[1])), "unknown member")
    place = _PLACE.search(message)
    what, field = (message[: place.start()], place[1].removeprefix(".")) if place else (message, "")
    if missing := _MISSING.fullmatch(what):
        return InvalidStatement(_join(field, missing[1]), "missing")
    if field.startswith("metadata"):
        field = _bad_metadata_entry(raw)
    if field == "kind" and (other := _NOT_AMONG.fullmatch(what)):
        if kind is not None:
            return InvalidStatement(field, f"got {quoted(other[1])}, want {kind.wire}")
        if other[1].strip("'") in _ONE_OF["kind"]:  # a kind there is, but another one than it said before
            return InvalidStatement(field, "is there twice")
    return InvalidStatement(field, _reason(what, field))


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _reason(what: str, field: str) -> str:
    if "matching regex" in what:
        return f"want {_FORMS.get(field.rpartition('.')[2], _ID_FORM)}"
    if outside := _NOT_AMONG.fullmatch(what):
        return f"got {quoted(outside[1])}, want {' or '.join(_ONE_OF[field])}"
    if mistyped := _NOT_OF.fullmatch(what):
        return f"got {_in_words(mistyped[2])}, want {_in_words(mistyped[1])}"
    if beyond := _NOT_WITHIN.fullmatch(what):
        return f"want {_in_words(beyond[1])}"
    return what[:1].lower() + what[1 : limits.REASON_LENGTH_MAX]


def _in_words(types: str) -> str:
    return re.sub(r"`([^`]*)`", lambda name: _WORDS.get(name[1], name[1]), types)


def _bad_metadata_entry(raw: bytes) -> str:
    """Return ``metadata.<key>`` of the first entry that breaks a bound; ``metadata`` if none is to blame."""
    try:
        metadata = json.loads(raw)["metadata"]
    except (ValueError, RecursionError):
        return "metadata"  # the rest of the input is broken too
    if isinstance(metadata, dict):
        for key, value in metadata.items():
            if not (
                isinstance(value, str)
                and 1 <= len(key) <= limits.METADATA_KEY_LENGTH_MAX
                and len(value) <= limits.METADATA_VALUE_LENGTH_MAX
            ):
                return f"metadata.{quoted(key)}"
    return "metadata"
