"""Rules: reviewed data that says which facts are which claims. RULES.md tells how to write one."""

from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.model import FileInfo, Rule
from stemedb_analysis.rules.ruleset import RuleSet

__all__ = ["FileInfo", "Rule", "RuleSet", "load"]
