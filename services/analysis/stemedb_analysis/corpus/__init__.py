"""Authority: what those with standing say, shipped as reviewed files and carried as assertions."""

from stemedb_analysis.corpus.as_assertions import (
    CORPUS_AGENT,
    Reading,
    as_claims,
    from_assertions,
    to_assertion,
)
from stemedb_analysis.corpus.lint import Complaint, lint
from stemedb_analysis.corpus.load import Fact, facts, load, parse

__all__ = [
    "CORPUS_AGENT",
    "Complaint",
    "Fact",
    "Reading",
    "as_claims",
    "facts",
    "from_assertions",
    "lint",
    "load",
    "parse",
    "to_assertion",
]
