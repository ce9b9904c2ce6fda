"""The rules about statements written out once more, plainly and slowly, over plain JSON values."""

import re
import unicodedata
from typing import Any

RELATIONS = {"corrects", "refines", "retracts", "replaces"}
LIFECYCLES = {"proposed", "under_review", "approved", "deprecated", "rejected"}


def is_valid(statement: Any) -> bool:
    """Whether an unsigned statement keeps all rules."""
    if not isinstance(statement, dict):
        return False
    kinds = {"assertion": _is_assertion, "vote": _is_vote, "epoch": _is_epoch}
    kind = statement.get("kind")
    return isinstance(kind, str) and kind in kinds and kinds[kind](statement)


def _is_assertion(a: dict[str, Any]) -> bool:
    required = {"kind", "subject", "predicate", "object", "confidence", "source", "lifecycle", "agent"}
    optional = {"asserted_at", "supersedes", "relation", "epoch", "metadata"}
    return (
        _has(a, required, optional)
        and _is_path(a["subject"])
        and _is_name(a["predicate"], 128)
        and _is_name(a["agent"], 256)
        and _is_object(a["object"])
        and _is_number(a["confidence"], 0, 1)
        and _is_source(a["source"])
        and a["lifecycle"] in LIFECYCLES
        and ("asserted_at" not in a or _is_integer(a["asserted_at"], 0, 2**48 - 1))
        and ("supersedes" in a) == ("relation" in a)
        and ("supersedes" not in a or _are_ids(a["supersedes"]))
        and ("relation" not in a or (isinstance(a["relation"], str) and a["relation"] in RELATIONS))
        and ("epoch" not in a or _is_id(a["epoch"]))
        and ("metadata" not in a or _is_metadata(a["metadata"]))
    )


def _is_vote(v: dict[str, Any]) -> bool:
    return (
        _has(v, {"kind", "assertion", "agent", "weight"}, {"cast_at"})
        and _is_id(v["assertion"])
        and _is_name(v["agent"], 256)
        and _is_number(v["weight"], -1, 1)
        and ("cast_at" not in v or _is_integer(v["cast_at"], 0, 2**48 - 1))
    )


def _is_epoch(e: dict[str, Any]) -> bool:
    return (
        _has(e, {"kind", "name"}, {"supersedes", "relation"})
        and _is_name(e["name"], 256)
        and ("supersedes" in e) == ("relation" in e)
        and ("supersedes" not in e or _is_id(e["supersedes"]))
        and ("relation" not in e or (isinstance(e["relation"], str) and e["relation"] in RELATIONS))
    )


def _has(value: dict[str, Any], required: set[str], optional: set[str]) -> bool:
    return required <= set(value) <= required | optional


def _is_path(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    scheme, rest = value.split("://", 1) if "://" in value else ("custom", value)
    if len(f"{scheme}://{rest}".encode()) > 1024:
        return False
    segments = rest.split("/")
    return (
        re.fullmatch(r"[a-z][a-z0-9+.-]{0,31}", scheme) is not None
        and len(segments) <= 64
        and all(segment and not _has_control(segment) for segment in segments)
    )


def _is_name(value: Any, longest: int) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= longest
        and value == value.strip()
        and not _has_control(value)
    )


def _has_control(value: str) -> bool:
    return any(unicodedata.category(character) == "Cc" for character in value)


def _is_object(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"type", "value"}:
        return False
    content = value["value"]
    match value["type"]:
        case "text":
            return isinstance(content, str) and len(content.encode()) <= 32768
        case "number":
            return _is_number(content, float("-inf"), float("inf")) and (
                abs(content) <= 2**53 - 1 or (isinstance(content, float) and abs(content) >= 1e21)
            )
        case "boolean":
            return isinstance(content, bool)
        case "reference":
            return isinstance(content, str) and 0 < len(content) <= 2048 and not _has_control(content)
        case _:
            return False


def _is_source(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _has(value, {"tier", "uri"}, {"digest"})
        and _is_integer(value["tier"], 0, 5)
        and isinstance(value["uri"], str)
        and 0 < len(value["uri"]) <= 2048
        and not _has_control(value["uri"])
        and ("digest" not in value or _is_digest(value["digest"]))
    )


def _is_digest(value: Any) -> bool:
    return (
        isinstance(value, str)
        and re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}:([0-9a-f]{2}){1,64}", value) is not None
    )


def _is_metadata(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= 64
        and all(0 < len(key) <= 128 and not _has_control(key) for key in value)
        and all(isinstance(text, str) and len(text) <= 4096 for text in value.values())
    )


def _are_ids(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= 64
        and all(_is_id(item) for item in value)
        and len(set(value)) == len(value)
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_integer(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
