"""What one file may take of a processor, where it is scanned in this process.

A timer of the processor's time interrupts whoever scans it, expressions included; parsers have limits of their own
(`stemedb_analysis.facts.languages`). Only the main thread can be interrupted: elsewhere, files are for workers.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

from stemedb_analysis.scan.result import FileResult

FILE_CPU_S: Final = 10.0
"""A thousand times what a file takes. Not of the clock: what a busy computer makes slow is not at fault."""

Work = Callable[[str, bytes], FileResult]


class _TooLong(BaseException):
    """Is no `Exception`, so that nobody on the way takes it for an error of a rule."""


def can_interrupt() -> bool:
    """Return whether `limited` works here."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def limited(work: Work) -> Work:
    """Return `work` with the limit: a file that takes more is a fault of its own. Requires `can_interrupt`."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise _TooLong

    def guarded(file: str, data: bytes) -> FileResult:
        before = signal.signal(signal.SIGPROF, interrupt)
        try:
            signal.setitimer(signal.ITIMER_PROF, FILE_CPU_S)
            try:
                return work(file, data)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        except _TooLong:
            return FileResult(file, faults=(too_long(),))
        finally:
            signal.signal(signal.SIGPROF, before)

    return guarded


def too_long() -> str:
    """Return the fault of a file that took more."""
    return f"took more than {FILE_CPU_S:g} s of a processor"
