"""A disk that forgets: after an outage only synced bytes are certain, and of the others any pages may be there."""

import os
from collections.abc import Callable
from pathlib import Path

from stemedb.storage.files import Operations

PAGE_BYTES = 4096


class Outage(Exception):
    """The power is gone at this point; nothing above may catch it."""


class ForgetfulOperations(Operations):
    """Takes effect as usual, and remembers what every page held when its file was last synced.

    After `stop_after`, that many calls take effect; the last of them raises `Outage`, and so does every later one,
    without effect. `lose` then puts old pages back; without it only the process died. Names of files are not forgotten.
    """

    def __init__(self) -> None:
        self._left: int | None = None
        self._old: dict[str, tuple[int, dict[int, bytes]]] = {}  # per path: length and pages at the last sync

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        self._count()
        self._remember(fd, offset // PAGE_BYTES, -(-(offset + len(data)) // PAGE_BYTES))
        written = super().pwrite(fd, data, offset)
        self._fail_if_due()
        return written

    def truncate(self, fd: int, length: int) -> None:
        self._count()
        self._remember(fd, length // PAGE_BYTES, -(-os.fstat(fd).st_size // PAGE_BYTES))
        super().truncate(fd, length)
        self._fail_if_due()

    def fdatasync(self, fd: int) -> None:
        self._count()
        self._old.pop(_path(fd), None)
        self._fail_if_due()

    def fsync(self, fd: int) -> None:
        self.fdatasync(fd)

    def stop_after(self, calls: int | None) -> None:
        """Begin a new life that ends with the `calls`-th call, ``None`` for never."""
        self._left = calls

    def lose(self, is_lost: Callable[[], bool]) -> None:
        """Go back, page by page where `is_lost` says so, to what was synced."""
        for path, (length, pages) in self._old.items():
            fd = os.open(path, os.O_RDWR)
            try:
                if is_lost():
                    os.ftruncate(fd, length)
                for page, old in pages.items():
                    if is_lost():
                        size = os.fstat(fd).st_size
                        os.pwrite(fd, old.ljust(PAGE_BYTES, b"\0"), page * PAGE_BYTES)
                        os.ftruncate(fd, max(size, page * PAGE_BYTES + len(old)))
            finally:
                os.close(fd)
        self._old.clear()

    def _remember(self, fd: int, start: int, end: int) -> None:
        _, pages = self._old.setdefault(_path(fd), (os.fstat(fd).st_size, {}))
        for page in range(start, end):
            if page not in pages:
                pages[page] = os.pread(fd, PAGE_BYTES, page * PAGE_BYTES)

    def _count(self) -> None:
        if self._left is not None:
            if self._left == 0:
                raise Outage
            self._left -= 1

    def _fail_if_due(self) -> None:
        if self._left == 0:
            raise Outage


def _path(fd: int) -> str:
    return str(Path(f"/proc/self/fd/{fd}").readlink())
