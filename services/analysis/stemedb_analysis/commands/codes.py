"""Exit codes of the commands that check code: what a script or a pipeline goes by.

``scan`` has codes of its own, since its answer is a verdict: a program that falls over must not look like one that found something.
"""

from typing import Final

CLEAN: Final = 0
"""No finding that blocks."""
BLOCKED: Final = 1
"""At least one."""
USAGE: Final = 2
"""The command line, or a file that it names, is not right."""
NOTHING: Final = 3
"""No file was scanned, so nothing can be said."""
INTERNAL: Final = 4
"""The scan could not be carried out."""

EPILOGUE: Final = (
    """Exit codes: 0 no BLOCK, 1 at least one BLOCK, 2 usage, 3 nothing was scanned, 4 the scan failed."""
)
