"""Does input reach a dangerous call? Source to sink, inside one function."""

from stemedb_analysis.flow.load import load_knowledge
from stemedb_analysis.flow.model import Knowledge
from stemedb_analysis.flow.observe import FlowRules

__all__ = ["FlowRules", "Knowledge", "load_knowledge"]
