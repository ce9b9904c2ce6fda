"""How the things that come back from a replica look to a person: stamps, claims, receipts, ids."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from stemedb.errors import InvalidRequest

if TYPE_CHECKING:
    from stemedb.bus.messages import Stamp

CALENDAR_MS_MAX: Final = 253_402_300_799_999
"""The end of the year 9999, beyond which dates have no names; the clock's 48 bits reach further."""
ID_DIGITS: Final = 64
SHORT: Final = 12
"""Digits of an id where it is only recognised, not copied."""


def time_text(ms: int) -> str:
    """Return Unix milliseconds as ISO 8601 in UTC."""
    if ms > CALENDAR_MS_MAX:
        return f"{ms} ms after 1970"
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp_text(stamp: "Stamp") -> str:
    """Return a stamp: the time, the counter where it is not zero, and the replica that gave it."""
    counter = f"+{stamp.counter}" if stamp.counter else ""
    return f"{time_text(stamp.ms)}{counter} {stamp.origin}"


def identity(text: str) -> str:
    """Return the id of a statement as it travels; raises `InvalidRequest` unless it is 64 hexadecimal digits."""
    lowered = text.strip().lower()
    if len(lowered) != ID_DIGITS or set(lowered) - set("0123456789abcdef"):
        raise InvalidRequest("ID", f"got {text!r:.80}, want {ID_DIGITS} hexadecimal digits")
    return lowered


def counted(count: int, noun: str) -> str:
    """Return a number of things in words: ``1 claim``, ``2 claims``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def short(digest: str) -> str:
    """Return the first digits of a hexadecimal digest."""
    return f"{digest[:SHORT]}…" if len(digest) > SHORT else digest


def value_text(value: Mapping[str, Any]) -> str:
    """Return the object of an assertion: text as it is, references with an arrow, numbers and booleans in JSON's words."""
    match value.get("type"), value.get("value"):
        case "reference", target:
            return f"→ {target}"
        case "boolean", truth:
            return "true" if truth else "false"
        case _, plain:
            return str(plain)


def tier_text(tier: int) -> str:
    """Return the name of a source tier."""
    from stemedb.statements import TIERS

    return TIERS[tier].name if 0 <= tier < len(TIERS) else str(tier)


def claim_row(identity: str, stamp: "Stamp", statement: Mapping[str, Any]) -> dict[str, object]:
    """Return an assertion as the row of a table."""
    source = statement["source"]
    return {
        "subject": statement["subject"],
        "predicate": statement["predicate"],
        "value": value_text(statement["object"]),
        "confidence": statement["confidence"],
        "tier": tier_text(source["tier"]),
        "lifecycle": statement["lifecycle"],
        "agent": statement["agent"],
        "accepted": time_text(stamp.ms),
        "id": identity,
    }
