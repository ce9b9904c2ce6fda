"""Secrets as they may be shown: the first characters, to find them again, and no more."""

from collections.abc import Sequence
from typing import Final

from stemedb_analysis.model import TEXT_MAX
from stemedb_analysis.secrets.words import DEFAULTS

SHOWN_MAX: Final = 4
"""Characters of a secret that are shown; of a short one a third at most."""

REPEATED_LENGTH_MIN: Final = 6
"""Of a secret that is looked for beside its place; shorter ones are words."""

MARK: Final = "…"


def redacted(secret: str) -> str:
    """Return the beginning of `secret` and an ellipsis."""
    return secret[: min(SHOWN_MAX, len(secret) // 3)] + MARK


def is_public(secret: str) -> bool:
    """Return whether everybody knows it, since it ships as a default: beside its place ``postgres`` is a word like any other."""
    return secret.lower() in DEFAULTS


def redacted_line(data: bytes, at: int, spans: Sequence[tuple[int, int]]) -> str:
    """Return the line of `data` that holds the byte `at`, every one of `spans` in it redacted; at most `TEXT_MAX` characters.

    So is whatever repeats one of them elsewhere in the line, in a comment say. A span that began on an earlier line leaves nothing of its part of the line.
    """
    begin = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    parts: list[str] = []
    place = begin
    for first, last in sorted(spans):
        if last <= place or first >= end:
            continue
        parts.append(data[place : max(place, first)].decode("utf-8", "ignore"))
        parts.append(
            redacted(data[first : min(last, end)].decode("utf-8", "ignore")) if first >= begin else MARK
        )
        place = max(place, last)
    parts.append(data[place:end].decode("utf-8", "ignore") if place < end else "")
    line = "".join(parts)
    for first, last in spans:
        secret = data[first:last].decode("utf-8", "ignore")
        if len(secret) >= REPEATED_LENGTH_MIN and not is_public(secret):
            line = line.replace(secret, redacted(secret))
    return line.strip()[:TEXT_MAX]
