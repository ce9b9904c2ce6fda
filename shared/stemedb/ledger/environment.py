"""The LMDB environment of the id table: one handle per directory and process, whoever asks.

LMDB keeps its locks per process, so a process that opened the same environment twice would lose them when it closed
one. A ledger and its readers do meet in one process (tests, tools), so they share a handle here, which is the reason for the one
process-wide table of this library. A reader that comes first opens it read-only, and a writer that joins upgrades it.

Three of LMDB's properties are used on purpose, or guarded against:

* **Pages are written in place, unsynced** (``writemap``, ``sync=False``). A commit then costs 0.1 µs per key instead of 2.0, and
  survives the death of the process, though not of the operating system (see `stemedb.ledger.state`).
* **The file is mapped.** Pages of the map count as resident memory although they are page cache that the kernel can take back at
  any time. `Environment.trim` unmaps them when they pass a bound, so that the memory of a process stays flat. The price is
  paid only by larger tables: touching the pages again costs 5 to 7 µs per id.
* **A mapped page without room on the disk** kills the process that touches it. So the writer allocates the whole map
  beforehand, and a full disk is a typed error.
"""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import lmdb

from stemedb.errors import Corruption, DurabilityLost, Refused

MAP_BYTES_FIRST: Final = 1 << 20  # some 10,000 ids; doubled whenever it is full …
MAP_BYTES_STEP_MAX: Final = 256 << 20  # … as long as that is no larger step than this
MAPPED_BYTES_MAX: Final = (
    144 << 20
)  # resident mapped pages, 1.5 million ids, above which the map is opened anew
READERS_MAX: Final = 126  # processes and threads reading at the same time
DATA_FILE: Final = "data.mdb"
_STATM: Final = Path("/proc/self/statm")
_DAMAGE: Final = (
    lmdb.CorruptedError,
    lmdb.InvalidError,
    lmdb.PageNotFoundError,
    lmdb.PanicError,
    lmdb.VersionMismatchError,
)

T = TypeVar("T")
Transaction: TypeAlias = "lmdb.Transaction[bytes]"

_open: dict[Path, "Environment"] = {}
_open_lock: Final = threading.Lock()


class Environment:
    """A shared handle; `acquire` and `release` count its users."""

    def __init__(self, directory: Path, *, writable: bool) -> None:
        """Open the environment in `directory`; use `acquire` instead."""
        self.directory = directory
        self.writable = writable
        self._users = 1
        self._lock = threading.Lock()
        self._env = self._open()

    def read(self, ask: Callable[[Transaction], T]) -> T:
        """Return what `ask` finds in a read transaction, which sees the last commit; raises `Corruption` or `Refused`."""
        with self._lock:
            try:
                with self._begin_read() as transaction:
                    return ask(transaction)
            except lmdb.Error as error:
                raise self._explain(error) from error

    def begin_write(self) -> Transaction:
        """Return a write transaction; the caller is the one writer and ends it."""
        return self._env.begin(write=True)

    def grow(self) -> None:
        """Double the map, or nearly; raises `DurabilityLost` if the disk is full. No write transaction may be open."""
        with self._lock:
            size = self._env.info()["map_size"]
            size += min(size, MAP_BYTES_STEP_MAX)
            self._allocate(size)
            self._env.set_mapsize(size)

    def trim(self) -> None:
        """Unmap and map again if more than `MAPPED_BYTES_MAX` of mapped files are resident. No transaction may be open."""
        shared_pages = int(_STATM.read_bytes().split()[2])
        if shared_pages * os.sysconf("SC_PAGE_SIZE") > MAPPED_BYTES_MAX:
            with self._lock:
                self._env.close()
                self._env = self._open()

    def sync(self) -> None:
        """Make everything committed durable; raises `DurabilityLost`."""
        with self._lock:
            try:
                self._env.sync(True)
            except lmdb.Error as error:
                raise DurabilityLost(self.directory / DATA_FILE, "sync", OSError(str(error))) from error

    def _open(self) -> lmdb.Environment:
        path = self.directory / DATA_FILE
        if not self.writable and not path.exists():
            raise Corruption(path, 0, "the id table is missing: run `stemedb rebuild`")
        size = max(path.stat().st_size if path.exists() else 0, MAP_BYTES_FIRST)
        try:
            environment = lmdb.open(
                str(self.directory),
                map_size=size,
                readonly=not self.writable,
                create=self.writable,
                writemap=self.writable,
                sync=False,
                metasync=False,
                readahead=False,
                max_readers=READERS_MAX,
                max_spare_txns=2,
            )
        except lmdb.Error as error:
            raise self._explain(error) from error
        if self.writable:
            try:
                self._allocate(size)
            except DurabilityLost:
                environment.close()
                raise
            environment.reader_check()  # readers that were killed would keep old pages from being used again
        return environment

    def _allocate(self, size: int) -> None:
        path = self.directory / DATA_FILE
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.posix_fallocate(fd, 0, size)
        except OSError as error:
            raise DurabilityLost(path, f"allocating {size} bytes", error) from error
        finally:
            os.close(fd)

    def _begin_read(self) -> Transaction:
        try:
            return self._env.begin()
        except lmdb.MapResizedError:  # the writer, in another process, has enlarged the map
            self._env.set_mapsize(0)
            return self._env.begin()

    def _upgrade(self) -> None:
        with self._lock:
            self._env.close()
            self.writable = True
            self._env = self._open()

    def _explain(self, error: lmdb.Error) -> Corruption | Refused:
        """Return what to raise for `error`: damage, or something the operator must change."""
        path = self.directory / DATA_FILE
        if isinstance(error, _DAMAGE):
            return Corruption(path, 0, f"not a sound id table: {error}")
        if isinstance(error, lmdb.ReadersFullError):
            return Refused(f"{path}: {READERS_MAX} readers already: stop some of them")
        if os.strerror(errno.EAGAIN) in str(error):
            # The table of readers is keyed by process id, which two containers can have in common.
            return Refused(
                f"{path}: a process of the same number reads it from another process namespace: let the containers of"
                " one replica share one (`pid:` in compose, shareProcessNamespace in Kubernetes)"
            )
        return Refused(f"{path}: {error}")


def acquire(directory: Path, *, writable: bool) -> Environment:
    """Return this process's handle for `directory`, opening it if need be; raises `Corruption` if it cannot be opened."""
    key = directory.resolve()
    with _open_lock:
        environment = _open.get(key)
        if environment is None:
            environment = _open[key] = Environment(key, writable=writable)
            return environment
        if writable:  # opened anew: to write, and because a rebuild may have put new files there
            try:
                environment._upgrade()  # noqa: SLF001 - this module's own type
            except BaseException:
                del _open[key]  # it is closed now; whoever comes next opens another
                raise
        environment._users += 1  # noqa: SLF001 - as above
        return environment


def release(environment: Environment) -> None:
    """Give a handle back; the last user closes it."""
    with _open_lock:
        environment._users -= 1  # noqa: SLF001 - this module's own count
        if environment._users == 0:  # noqa: SLF001 - as above
            if _open.get(environment.directory) is environment:
                del _open[environment.directory]
            environment._env.close()  # noqa: SLF001 - as above
