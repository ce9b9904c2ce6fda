r"""Escapes in string literals, as JavaScript, Go, Java and Rust share them: ``\n``, ``\x41``, ``\u0041``, ``\u{41}``, ``\101``."""

import re
from typing import Final

_ESCAPE: Final = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|([0-7]{3})|(\r?\n[ \t]*)|(.))",
    re.DOTALL,
)
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "a": "\a"}


def unescape(text: str, *, keeps_unknown: bool = False) -> str:
    """Return the text that a literal stands for, given what is between its quotes.

    The backslash of an escape that means nothing is dropped, or kept if `keeps_unknown` (Python).
    """
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_python_character if keeps_unknown else _character, text)


def _python_character(match: re.Match[str]) -> str:
    letter = match[7]
    if letter is not None and letter not in _LETTERS and letter not in "\\'\"":
        return match[0]
    return _character(match)


def _character(match: re.Match[str]) -> str:
    braced, four, two, eight, octal, line_end, letter = match.groups()
    digits = braced or four or two or eight
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"
    if octal:
        return chr(int(octal, 8))
    return "" if line_end else _LETTERS.get(letter, letter)
