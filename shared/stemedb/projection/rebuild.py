"""Making the file of the map anew: from the log, when it is lost or damaged; from itself, when most of it is garbage.

::

    rebuild   log ──▶ .map.mst.rebuild ── durable ── rename over map.mst ── fsync of the directory
    compact   map.mst's living nodes ──▶ a new file ── rename

Both hold the lock of the file from beginning to end, so they never meet a running index service (`Locked`). Readers
go on with the file that they have open and follow at their next refresh.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from stemedb.ledger import LedgerReader
from stemedb.projection.map import FILE_NAME, Projection
from stemedb.storage.files import SYSTEM, WriterLock, fsync_dir
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Digest

REBUILD_NAME: Final = f".{FILE_NAME}.rebuild"

Progress = Callable[[int, int], None]
"""Called now and then with how many entries are done, and of how many."""


def rebuild(replica: ReplicaDirectory, progress: Progress | None = None) -> Digest:
    """Make the map from the whole log, put it in the place of the old one, and return its root.

    Durable when it returns; the old file, whatever state it is in, is not read. Raises Locked while an index service runs.
    O(log).
    """
    path = replica.index / FILE_NAME
    made = replica.index / REBUILD_NAME
    replica.index.mkdir(exist_ok=True)
    lock = WriterLock(path.with_name(f"{path.name}.lock"))
    try:
        with build(replica, made, None, progress) as projection:
            root = projection.root
        # If we crash here, the old file stands, and the next rebuild begins by removing the new one.
        SYSTEM.replace(made, path)
        # If we crash here, either file may be found: the old one is as good or bad as before.
        fsync_dir(replica.index)
    finally:
        remove(made)
        lock.close()
    return root


def build(
    replica: ReplicaDirectory, path: Path, upto: int | None = None, progress: Progress | None = None
) -> Projection:
    """Return the map of the first `upto` log entries, by default of all, made in a new file at `path`.

    The caller closes it. Everything but the file's name is durable.
    """
    remove(path)
    projection = Projection.open(replica, writable=True, path=path)
    try:
        with closing(LedgerReader(replica)) as reader:
            total = reader.size if upto is None else upto
            while projection.step(reader, total) is not None:
                if progress is not None:
                    progress(projection.applied, total)
    except BaseException:
        projection.close()
        raise
    return projection


def remove(path: Path) -> None:
    """Take away a scratch file and its lock."""
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.lock").unlink(missing_ok=True)


def compact(replica: ReplicaDirectory) -> tuple[int, int]:
    """Rewrite the file of the map with its living nodes only; return its bytes before and after.

    Durable when it returns. Raises Locked while an index service runs, NotFound without a map. O(keys).
    """
    with Projection.open(replica, writable=True, create=False) as projection:
        before = projection.file.file_bytes
        projection.compact()
        return before, projection.file.file_bytes
