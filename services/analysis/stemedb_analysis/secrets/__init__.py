"""Secrets in source and configuration: found by shape, by name and entropy, by default; never shown."""

from stemedb_analysis.secrets.detect import observe
from stemedb_analysis.secrets.redact import redacted
from stemedb_analysis.secrets.rules import RULES

__all__ = ["RULES", "observe", "redacted"]
