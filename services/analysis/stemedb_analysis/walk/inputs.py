"""What a walk hands on: files with their bytes, and what it passed over with the reason.

::

    a directory ┐
    the index   ├─▶ Input(file, data) … Input(file, reason="vendored") … ─▶ scan
    a revision  ┘

Both come in one stream and in one order, so that whoever counts has seen everything there was. A walk holds one file at a time and the
names of the directories it stands in; nothing grows with the number of files.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

FILE_BYTES_MAX: Final = 2 << 20
"""Above any file that a person writes; a larger one is data or generated, and is reported by name."""

TREE_DEPTH_MAX: Final = 128
"""Directories within one another; deeper trees are made by mistake or with intent."""

IGNORED: Final = "ignored"
VENDORED: Final = "vendored"
TOOL: Final = "tool's own"
GENERATED: Final = "generated"
MINIFIED: Final = "minified"
DENSE: Final = "minified by its long lines"
BUNDLED: Final = "bundled with what it imports"
LOCK: Final = "lock file"
BINARY: Final = "binary"
HUGE: Final = "too large"
SYMLINK: Final = "symbolic link"
SPECIAL: Final = "not a file"
UNREADABLE: Final = "unreadable"
CHANGED: Final = "changed while read"
TOO_DEEP: Final = "too deep"
NO_LANGUAGE: Final = "no known language"
FAILED: Final = "scan failed"

REASONS: Final = (
    IGNORED, VENDORED, TOOL, GENERATED, MINIFIED, DENSE, BUNDLED, LOCK, BINARY, HUGE, SYMLINK, SPECIAL, UNREADABLE, CHANGED, TOO_DEEP, NO_LANGUAGE, FAILED,
)  # fmt: skip
"""Every reason for which a file or a whole directory is passed over."""

WORTH_A_NAME: Final = frozenset({DENSE, BUNDLED, HUGE, UNREADABLE, CHANGED, TOO_DEEP, FAILED})
"""Reasons that one did not ask for: such files are named in the reports, the others only counted."""

LineRanges = Sequence[tuple[int, int]]
"""Half-open ranges of line numbers, ascending and apart."""


class Input(NamedTuple):
    """One file, or one entry that was passed over."""

    file: str
    """Relative to the project's root, with ``/``; a directory that was passed over ends with ``/``."""
    data: bytes = b""
    reason: str = ""
    """Why it was passed over, one of `REASONS`; empty if it is to be scanned."""
    lines: LineRanges | None = None
    """The lines that a change touched; ``None`` means all of them."""
