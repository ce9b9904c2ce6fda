"""What a worker is made with: the rules, inherited where it is forked, loaded where it is started afresh."""

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stemedb_analysis.scan.result import FileResult

OUR_FAULT: Final = "the scan of this file failed, which is a fault of ours"
FAULT_MAX: Final = 300
"""Characters of a fault."""

if TYPE_CHECKING:
    from stemedb_analysis.rules.ruleset import RuleSet


@cache
def shipped_rules() -> "RuleSet":
    """Return the shipped rules, read once in a process: what is forked from it has them, and what they have compiled."""
    from stemedb_analysis.rules.load import load  # noqa: PLC0415 - takes longer than the rest, and not every scan needs it

    return load(None)


class Worker:
    """Makes the function that scans one file; travels to a fresh process without the rules."""

    def __init__(
        self,
        project: Path | None,
        ruleset: "RuleSet | None" = None,
        *,
        profile: bool = False,
        imports: Collection[str] = (),
    ) -> None:
        """`imports` are the modules that policies speak of; `project` is the root that may have rules of its own, ``None`` for the shipped ones alone; `ruleset` is what was loaded from it, if it was."""
        self._project = project
        self._ruleset = ruleset
        self._profile = profile
        self._imports = frozenset(imports)

    def ruleset(self) -> "RuleSet":
        """Return the rules, loaded when they are first asked for. Raises `InvalidInput`."""
        # Where every file is known from an earlier scan, neither rules nor parsers are needed, and they take longer to load than the rest.
        if self._ruleset is None:
            if self._project is None:
                self._ruleset = shipped_rules().looking_for(self._imports)
            else:
                from stemedb_analysis.rules.load import load  # noqa: PLC0415 - as said above

                self._ruleset = load(self._project, imports=self._imports)
        return self._ruleset

    def __call__(self) -> Callable[[str, bytes], FileResult]:
        """Return the function; from then on rules and parsers are in memory."""
        from stemedb_analysis.scan.file import scan_file  # noqa: PLC0415 - as said above

        ruleset = self.ruleset()

        def work(file: str, data: bytes) -> FileResult:
            try:
                return scan_file(data, file, ruleset, profile=self._profile)
            except Exception as error:  # noqa: BLE001 - a fault of ours in one rule must not cost a scan of other files
                return FileResult(file, faults=(f"{OUR_FAULT}: {type(error).__name__}: {error}"[:FAULT_MAX],))

        return work

    def __getstate__(self) -> dict[str, object]:
        return {
            "_project": self._project,
            "_ruleset": None,
            "_profile": self._profile,
            "_imports": self._imports,
        }
