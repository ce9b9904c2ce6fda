"""A damaged map: put aside, and made anew from the log.

::

    map.mst ── a digest, a header or a commit does not match ─▶ map.mst.damaged-2      kept to be looked at, `DAMAGED_MAX` of them
                                                            └─▶ map.mst, empty ─▶ the log, batch by batch ─▶ level again

The map is a function of the log, so the file that comes out has the root that the damaged one should have had; nothing is taken from
the damaged one. It happens at start, when the file does not open, and on the way, when either thread reads a node whose bytes are not those of
its digest. Meanwhile answers come from as much of the log as is in the map again, and say how much that is.

What it does not do: it does not look for damage that nobody reads (`stemedb fsck` does), and it does not go on for ever: a disk that
damages `MENDS_MAX` maps within `MENDS_WITHIN_S` is not one to write a further map to.
"""

from collections import deque
from pathlib import Path
from typing import Final

from stemedb.errors import Corruption
from stemedb.storage.files import SYSTEM, fsync_dir

DAMAGED_MAX: Final = 3
"""Damaged files that are kept, the newest: each is as large as the map."""

MENDS_MAX: Final = 3
MENDS_WITHIN_S: Final = 3600.0


class Patience:
    """How often a map may be made anew."""

    def __init__(self) -> None:
        self._mended_s: deque[float] = deque()

    def spend(self, error: Corruption, now_s: float) -> None:
        """Note that the map is made anew because of `error`; raise that if it happens too often."""
        while self._mended_s and now_s - self._mended_s[0] > MENDS_WITHIN_S:
            self._mended_s.popleft()
        if len(self._mended_s) >= MENDS_MAX:
            raise error
        self._mended_s.append(now_s)


def put_aside(path: Path) -> Path:
    """Rename the damaged file at `path` and return its new name; the oldest beyond `DAMAGED_MAX` are removed.

    Requires that this process holds the file's lock, or that nobody does. Durable when it returns.
    """
    kept = sorted(_numbered(path))
    aside = _named(path, kept[-1] + 1 if kept else 1)
    SYSTEM.replace(path, aside)
    # If we crash here, there is no map, or the damaged one is found again: the next start makes one, or comes here again.
    fsync_dir(path.parent)
    for number in kept[: max(0, len(kept) + 1 - DAMAGED_MAX)]:
        _named(path, number).unlink(missing_ok=True)
    return aside


def _numbered(path: Path) -> list[int]:
    names = [
        one.name.removeprefix(f"{path.name}.damaged-") for one in path.parent.glob(f"{path.name}.damaged-*")
    ]
    return [int(name) for name in names if name.isdecimal()]


def _named(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged-{number}")
