"""Settings of the analysis service, beside those that every service has."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from stemedb.bus.settings import ServiceSettings
from stemedb_analysis.judge import DEFAULT_THRESHOLDS, Thresholds


class AnalysisSettings(ServiceSettings):
    """What the operator may decide about scans and verdicts."""

    analysis_root: Path = Path("/code")
    """Where code is mounted, read-only; a scan names a path below it."""
    analysis_jobs: Annotated[int, Field(ge=1, le=64)] = 2
    """Processes of one scan."""
    analysis_block: Annotated[float, Field(gt=0, le=1)] = DEFAULT_THRESHOLDS.block
    analysis_flag: Annotated[float, Field(gt=0, le=1)] = DEFAULT_THRESHOLDS.flag
    """Scores from which on a contradiction blocks, or is flagged."""
    analysis_poll_ms: Annotated[int, Field(ge=10, le=60_000)] = 1000
    """How often the log is looked at when no event says that it grew; events are fast and may be lost."""
    analysis_sweep_s: Annotated[float, Field(ge=1, le=86_400)] = 600.0
    """How often the whole store is looked through for contested claims; what changes is looked at as it changes."""

    @model_validator(mode="after")
    def _ordered(self) -> "AnalysisSettings":
        if self.analysis_flag > self.analysis_block:
            raise ValueError("the threshold of FLAG is above that of BLOCK")
        return self

    @property
    def thresholds(self) -> Thresholds:
        """The two scores."""
        return Thresholds(self.analysis_block, self.analysis_flag)
