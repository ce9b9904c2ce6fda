"""Configuration files: what they set, where, and what kind of document they are."""

from stemedb_analysis.settings.extract import FORMATS, extract
from stemedb_analysis.settings.kinds import format_of, kind_of

__all__ = ["FORMATS", "extract", "format_of", "kind_of"]
