"""Secrets as they may be shown: the first characters, to find them again, and no more."""

from collections.abc import Iterable
from typing import Final

from stemedb_analysis.model import TEXT_MAX

SHOWN_MAX: Final = 4
"""Characters of a secret that are shown; of a short one a third at most."""

MARK: Final = "…"


def redacted(secret: str) -> str:
    """Return the beginning of `secret` and an ellipsis."""
    return secret[: min(SHOWN_MAX, len(secret) // 3)] + MARK


def redacted_line(data: bytes, at: int, spans: Iterable[tuple[int, int]]) -> str:
    """Return the line of `data` that holds the byte `at`, every one of `spans` in it redacted; at most `TEXT_MAX` characters.

    A span that began on an earlier line leaves nothing of its part of the line.
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
    return "".join(parts).strip()[:TEXT_MAX]
