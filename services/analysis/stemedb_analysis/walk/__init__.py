"""The walk: from a place to files with their bytes, and a reason for everything passed over."""

from stemedb_analysis.walk.changes import touches
from stemedb_analysis.walk.git import read_changes, read_revision, read_staged, reader
from stemedb_analysis.walk.inputs import (
    FILE_BYTES_MAX,
    NO_LANGUAGE,
    REASONS,
    UNREADABLE,
    WORTH_A_NAME,
    Input,
    LineRanges,
)
from stemedb_analysis.walk.root import Place, locate
from stemedb_analysis.walk.tree import read_tree

__all__ = [
    "FILE_BYTES_MAX",
    "NO_LANGUAGE",
    "REASONS",
    "UNREADABLE",
    "WORTH_A_NAME",
    "Input",
    "LineRanges",
    "Place",
    "locate",
    "read_changes",
    "read_revision",
    "read_staged",
    "read_tree",
    "reader",
    "touches",
]
