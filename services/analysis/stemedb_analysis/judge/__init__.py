"""From observations and authorities to findings."""

from stemedb_analysis.judge.coverage import Coverage
from stemedb_analysis.judge.judge import Judge
from stemedb_analysis.judge.score import DEFAULT_THRESHOLDS, Thresholds, explanation
from stemedb_analysis.judge.standing import Standing, standing

__all__ = ["DEFAULT_THRESHOLDS", "Coverage", "Judge", "Standing", "Thresholds", "explanation", "standing"]
