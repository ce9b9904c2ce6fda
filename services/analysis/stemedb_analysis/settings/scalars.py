"""Scalars of YAML, JSON and TOML: escapes undone, plain words typed as the format types them."""

import re
from typing import Final

_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r?\n[ \t]*)|(.))", re.DOTALL
)
_SIMPLE: Final = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "e": "\x1b", "0": "\0",
    "_": "\xa0", "N": "\x85", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][\d_]*)")
_RADIX: Final = re.compile(r"0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.\d[\d_]*|\d[\d_]*\.[\d_]*|\d[\d_]*(?=[eE]))(?:[eE][-+]?\d+)?")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}

DIGITS_MAX: Final = 40
"""Of a number; longer runs of digits are identifiers and stay text."""


def unescape(text: str) -> str:
    """Return `text` with the escapes of double quotes undone; an escape that nobody knows gives its character."""
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"
    return "" if match[4] else _SIMPLE.get(match[5], match[5])


def plain(text: str) -> bool | int | float | str | None:
    """Return the value of an unquoted word by the core schema of YAML 1.2; ``yes`` and ``010`` stay text."""
    word = text.lower()
    if word in _WORDS and text in {word, word.upper(), word.capitalize()}:
        return _WORDS[word]
    if text[0] not in "+-.0123456789" or len(text) > DIGITS_MAX:
        return text
    return number(text, text)


def number(text: str, otherwise: str) -> int | float | str:
    """Return the number that `text` writes, or `otherwise`."""
    if len(text) > DIGITS_MAX:
        return otherwise
    if _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    if _RADIX.fullmatch(text):
        return int(text.replace("_", ""), 0)
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    return otherwise
