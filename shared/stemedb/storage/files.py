"""Files whose bytes survive: the few system calls that durability rests on, each wrapped once.

A write is durable when three things have reached the disk: the bytes, the file's length and extents, and the
directory entry that names it. ::

    bytes      pwrite ── fdatasync ──▶ disk
    metadata   length and extents     fdatasync writes them too, but only *if they changed*
    name       create, rename ── fsync of the directory ──▶ disk

The second line is why an `AppendFile` keeps a **runway**: zero bytes written ahead of the records. Appending into
the runway changes neither length nor extents, so an ``fdatasync`` costs one write instead of a journal commit
(about half the time on ext4). ::

    0             end            runway end = file length
    ├── records ──┤├─── zeros ───┤

Invariants
    * Everything before ``end`` was written by `AppendFile.append`, everything after it is zero or was torn off by a crash.
    * After a failed write or sync the durable state is unknown: `DurabilityLost` is raised, and again for each
      later attempt on the same `AppendFile`. Nobody retries.
    * A file replaced by `atomic_replace` is seen whole, old or new, by every reader and after every crash.

All writing goes through an `Operations` object, so that a test can make each call fail before or after it takes
effect. Reading needs no such seam. Nothing here knows what the bytes mean.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from stemedb.errors import Corruption, DurabilityLost, Locked

RUNWAY_BYTES: Final = 1 << 20  # larger ones measured no faster, and writing them stalls an append for longer
RUNWAY_BYTES_FIRST: Final = 64 << 10  # a small file starts with less: as much as it holds, but at least this
_MODE: Final = 0o644
_PID_BYTES_MAX: Final = 20  # decimal digits of a process id, with room


class Operations:
    """The system calls that change durable state; tests replace them one by one."""

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        """Write at `offset`; return how many bytes were taken."""
        return os.pwrite(fd, data, offset)

    def fdatasync(self, fd: int) -> None:
        """Make the bytes and the length of the file durable."""
        os.fdatasync(fd)

    def fsync(self, fd: int) -> None:
        """Make a file with all its metadata, or a directory, durable."""
        os.fsync(fd)

    def truncate(self, fd: int, length: int) -> None:
        """Set the length of the file."""
        os.ftruncate(fd, length)

    def replace(self, source: Path, target: Path) -> None:
        """Give `source` the name `target`, atomically."""
        os.replace(source, target)  # noqa: PTH105 - the system call itself


SYSTEM: Final = Operations()


@contextmanager
def _durability(path: Path, operation: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DurabilityLost(path, operation, error) from error


def open_for_writing(path: Path, *, truncated: bool = False) -> int:
    """Open `path` for reading and writing, making it if it is missing; raise `DurabilityLost` if that fails.

    With `truncated` whatever it held is gone. The name of a new file is durable only after `fsync_dir`.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if truncated else 0)
    with _durability(path, "open"):
        return os.open(path, flags, _MODE)


def pread_exact(fd: int, length: int, offset: int, path: Path) -> bytes:
    """Return exactly `length` bytes at `offset`; raise `Corruption` if the file ends before.

    Requires ``length >= 0`` and ``offset >= 0``.
    """
    data = os.pread(fd, length, offset)
    while len(data) < length:
        more = os.pread(fd, length - len(data), offset + len(data))
        if not more:
            raise Corruption(path, offset, f"file ends early: got {len(data)} bytes, want {length}")
        data += more
    return data


def pwrite_all(fd: int, data: bytes, offset: int, path: Path, operations: Operations = SYSTEM) -> None:
    """Write all of `data` at `offset`; raise `DurabilityLost` if that fails. Not durable until synced."""
    try:  # written out, since a context manager would cost as much as the call
        written = operations.pwrite(fd, data, offset)
        while written < len(data):
            written += operations.pwrite(fd, data[written:], offset + written)
    except OSError as error:
        raise DurabilityLost(path, "write", error) from error


def fdatasync(fd: int, path: Path, operations: Operations = SYSTEM) -> None:
    """Make what was written to `fd` durable; raise `DurabilityLost` if that fails."""
    with _durability(path, "fdatasync"):
        operations.fdatasync(fd)


def truncate(fd: int, length: int, path: Path, operations: Operations = SYSTEM) -> None:
    """Set the length of the file; raise `DurabilityLost` if that fails. Not durable until synced."""
    with _durability(path, "truncate"):
        operations.truncate(fd, length)


def fsync_dir(path: Path, operations: Operations = SYSTEM) -> None:
    """Make the names in directory `path` durable; raise `DurabilityLost` if that fails."""
    with _durability(path, "fsync"):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            operations.fsync(fd)
        finally:
            os.close(fd)


def atomic_replace(
    path: Path, data: bytes, *, mode: int = 0o644, durable: bool = True, operations: Operations = SYSTEM
) -> None:
    """Put `data` into the file `path`, so that old or new is seen, never a mixture.

    Durable when it returns, unless `durable` is false: then a crash of the operating system may leave the old file,
    or on some file systems an empty one, so only derived files are written that way. One writer per path.
    """
    temporary = path.with_name(f".{path.name}.new")
    with _durability(path, "replace"):
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            os.fchmod(fd, mode)
            written = 0
            while written < len(data):
                written += operations.pwrite(fd, data[written:], written)
            if durable:
                operations.fsync(fd)
        finally:
            os.close(fd)
        # If we crash here, the old file stands and the temporary one is overwritten next time.
        operations.replace(temporary, path)
        # If we crash here, either name may be found: both files are whole.
    if durable:
        fsync_dir(path.parent, operations)


class WriterLock:
    """The right to write a store: an exclusive lock on a small file that also names the owner's process id.

    The kernel drops the lock when the process ends, however it ends. Taking it never waits.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock, creating the file if needed; raise `Locked`, naming the owner, if another holds it.

        Raises `DurabilityLost` if the file cannot be written.
        """
        self.path = path
        fd = open_for_writing(path)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
        except BlockingIOError:
            owner = os.pread(fd, _PID_BYTES_MAX, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise Locked(
                f"{path}: another process writes here (pid {owner}): stop it first, or use another data directory"
            ) from None
        except OSError as error:  # a full disk: the lock must not stay taken by a descriptor that nobody has
            os.close(fd)
            raise DurabilityLost(path, "lock", error) from error
        self._fd = fd

    def close(self) -> None:
        """Give the lock back; closing twice does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AppendFile:
    """A file that grows at its end, with a zero-filled runway; one owner, not thread-safe."""

    def __init__(
        self,
        path: Path,
        fd: int,
        end: int,
        *,
        runway_bytes: int = RUNWAY_BYTES,
        operations: Operations = SYSTEM,
    ) -> None:
        """Adopt `fd`, open for reading and writing, whose records end at `end`.

        Bytes after `end` must be zero already: see `clear_tail`.
        """
        self.path = path
        self.end = end
        self._fd = fd
        self._runway_bytes = runway_bytes
        self._runway_end = os.fstat(fd).st_size
        self._operations = operations
        self._lost: DurabilityLost | None = None

    @classmethod
    def create(
        cls, path: Path, header: bytes, *, runway_bytes: int = RUNWAY_BYTES, operations: Operations = SYSTEM
    ) -> Self:
        """Make a new file that begins with `header`; bytes and name are durable when it returns.

        Whatever had the name is overwritten. Raises `DurabilityLost`.
        """
        fd = open_for_writing(path, truncated=True)
        file = cls(path, fd, 0, runway_bytes=runway_bytes, operations=operations)
        try:
            file.append(header)
            # If we crash here, the file is empty, or its header is torn: its opener must treat both as "not there".
            file.sync()
            fsync_dir(path.parent, operations)
        except DurabilityLost:
            file.close()
            raise
        return file

    @property
    def fd(self) -> int:
        """The descriptor, for reading."""
        return self._fd

    def append(self, data: bytes) -> int:
        """Write `data` at the end and return its offset. Durable only after `sync`; raises `DurabilityLost`."""
        self._require_intact()
        offset = self.end
        try:
            missing = offset + len(data) - self._runway_end
            if missing > 0:
                # One write for records and new runway: the sync that follows pays the metadata once.
                end = offset + len(data)
                runway = min(self._runway_bytes, max(end, RUNWAY_BYTES_FIRST))
                pwrite_all(self._fd, data + bytes(runway), offset, self.path, self._operations)
                self._runway_end = end + runway
            else:
                pwrite_all(self._fd, data, offset, self.path, self._operations)
        except DurabilityLost as error:
            self._lost = error
            raise
        self.end = offset + len(data)
        return offset

    def sync(self) -> None:
        """Make everything appended so far durable; raises `DurabilityLost`."""
        self._require_intact()
        try:
            fdatasync(self._fd, self.path, self._operations)
        except DurabilityLost as error:
            self._lost = error
            raise

    def clear_tail(self) -> None:
        """Cut everything after `end` and make that durable: what a crash tore must not be met again."""
        self._require_intact()
        try:
            truncate(self._fd, self.end, self.path, self._operations)
            self._runway_end = self.end
            fdatasync(self._fd, self.path, self._operations)
        except DurabilityLost as error:
            self._lost = error
            raise

    def close(self) -> None:
        """Close the file without syncing; closing twice does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _require_intact(self) -> None:
        if self._lost is not None:
            raise self._lost
