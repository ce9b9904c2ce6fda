"""Statements as plain JSON values, to take apart and break."""

import json
from typing import Any

ID = "0123456789abcdef" * 4
OTHER_ID = "fedcba9876543210" * 4


def assertion(**changes: Any) -> dict[str, Any]:
    """Return a full and valid assertion with some members changed; a value of ``...`` leaves the member out."""
    return _changed(
        {
            "kind": "assertion",
            "subject": "pkg://pypi/blake3/1.0.11",
            "predicate": "license",
            "object": {"type": "text", "value": "Apache-2.0"},
            "confidence": 0.95,
            "source": {"tier": 2, "uri": "https://pypi.org/project/blake3/"},
            "lifecycle": "approved",
            "agent": "metadata-reader",
        },
        changes,
    )


def vote(**changes: Any) -> dict[str, Any]:
    """Return a valid vote with some members changed."""
    return _changed({"kind": "vote", "assertion": ID, "agent": "alice", "weight": 0.5}, changes)


def epoch(**changes: Any) -> dict[str, Any]:
    """Return a valid epoch with some members changed."""
    return _changed({"kind": "epoch", "name": "audit-2026"}, changes)


def encode(value: object) -> bytes:
    """Return JSON as a publisher would write it: members in their order, white space after separators."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = {**members, **changes}
    return {name: value for name, value in merged.items() if value is not ...}
