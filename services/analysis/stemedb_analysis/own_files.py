"""The files that a project keeps for the linter, in ``.stemedb``: read if they are files.

A checkout may hold anything under these names. Reading a pipe waits for somebody to write, and a directory is no text; both are said to be wrong
as any other content is.
"""

from pathlib import Path

from stemedb.errors import InvalidInput


def read_own(path: Path, bytes_max: int = -1) -> bytes:
    """Return the bytes of a file, of one with more than `bytes_max` no more than these. Raises `InvalidInput` if it is no file, `OSError` if it cannot be read."""
    if path.exists() and not path.is_file():
        raise InvalidInput(str(path), "got something else, want a file")
    with path.open("rb") as opened:
        return opened.read(bytes_max)
