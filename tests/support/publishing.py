"""Statements to publish in tests, as the JSON that travels."""

import json
from typing import Any

ASSERTION: dict[str, Any] = {
    "kind": "assertion",
    "subject": "pkg://pypi/blake3",
    "predicate": "license",
    "object": {"type": "text", "value": "MIT"},
    "confidence": 0.9,
    "source": {"tier": 4, "uri": "https://example.org/blake3"},
    "lifecycle": "approved",
    "agent": "tests",
}


def assertion(number: int, **changes: Any) -> dict[str, Any]:
    """Return an assertion that differs from those of other numbers."""
    return ASSERTION | {"subject": f"pkg://pypi/package-{number}"} | changes


def vote(assertion_id: str, agent: str = "tests", weight: float = 1.0) -> dict[str, Any]:
    """Return a vote."""
    return {"kind": "vote", "assertion": assertion_id, "agent": agent, "weight": weight}


def epoch(name: str) -> dict[str, Any]:
    """Return an epoch."""
    return {"kind": "epoch", "name": name}


def line(statement: dict[str, Any]) -> bytes:
    """Return a statement as one line of JSON."""
    return json.dumps(statement).encode()


def lines(statements: list[dict[str, Any]]) -> bytes:
    """Return statements as NDJSON."""
    return b"\n".join(line(statement) for statement in statements)
