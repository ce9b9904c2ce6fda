"""What a file says, as typed facts: the layer between the parsers and the rules."""

from stemedb_analysis.facts.extract import extract

__all__ = ["extract"]
