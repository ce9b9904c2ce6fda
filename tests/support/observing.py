"""Observations and authorities for tests that need some."""

from stemedb_analysis.model import Authority, Observation, Span


def observation(
    path="tls/cert_verification", predicate="enabled", value=False, *, confidence=0.95, line=3, **fields
):
    """Return an observation of one line of ``app.py``."""
    return Observation(
        **{
            "path": path,
            "predicate": predicate,
            "value": value,
            "file": "app.py",
            "span": Span(line, 5, line, 20),
            "text": "verify=False",
            "confidence": confidence,
            "rule": "tls-certificate-verification",
            "language": "python",
            "statement": f"{line:016x}",
        }
        | fields
    )


def authority(path="tls/cert_verification", predicate="enabled", value=True, *, tier=0, **fields):
    """Return an authority that demands `value`."""
    return Authority(
        **{
            "id": f"t{tier}",
            "path": path,
            "predicate": predicate,
            "comparison": "equals",
            "value": value,
            "tier": tier,
            "confidence": 1.0,
            "citation": "RFC 9110 §4.3.4",
            "url": "https://www.rfc-editor.org/rfc/rfc9110#section-4.3.4",
            "summary": "A client verifies the identity of the service.",
        }
        | fields
    )
