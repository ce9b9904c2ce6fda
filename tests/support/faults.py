"""System calls that fail or crash on purpose, one at a time, before or after they take effect."""

import errno
from pathlib import Path
from typing import Literal

from stemedb.storage.files import Operations


class Crashed(Exception):
    """The process is gone at this point; nothing above may catch it."""


class FaultyOperations(Operations):
    """Counts the calls that change durable state and breaks the `fail_at`-th one (1-based; 0 = none).

    ``how="error"``: the call raises ENOSPC. ``how="crash"``: `Crashed` is raised, and from every later call too, as if the process had
    died. ``after=True``: the call takes effect first. A write that fails before has no effect, or with `torn` writes its first half.
    """

    def __init__(
        self,
        fail_at: int = 0,
        *,
        how: Literal["error", "crash"] = "error",
        after: bool = False,
        torn: bool = False,
    ) -> None:
        self.fail_at = fail_at
        self.how = how
        self.after = after
        self.torn = torn
        self.calls: list[str] = []
        self.broken = False

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        if self._breaks("pwrite"):
            if self.after:
                super().pwrite(fd, data, offset)
            elif self.torn:
                super().pwrite(fd, data[: len(data) // 2], offset)
            self._break()
        return super().pwrite(fd, data, offset)

    def fdatasync(self, fd: int) -> None:  # the page cache is all these tests look at
        if self._breaks("fdatasync"):
            self._break()

    def fsync(self, fd: int) -> None:
        if self._breaks("fsync"):
            self._break()

    def truncate(self, fd: int, length: int) -> None:
        broken = self._breaks("truncate")
        if not broken or self.after:
            super().truncate(fd, length)
        if broken:
            self._break()

    def replace(self, source: Path, target: Path) -> None:
        broken = self._breaks("replace")
        if not broken or self.after:
            super().replace(source, target)
        if broken:
            self._break()

    def _breaks(self, name: str) -> bool:
        if self.broken and self.how == "crash":
            raise Crashed(name)
        self.calls.append(name)
        return len(self.calls) == self.fail_at

    def _break(self) -> None:
        self.broken = True
        if self.how == "crash":
            raise Crashed(self.calls[-1])
        raise OSError(errno.ENOSPC, "No space left on device")
