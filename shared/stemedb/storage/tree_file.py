"""One Merkle Search Tree in one file: a single writer, any number of readers, every commit a snapshot.

The file only grows. A commit appends the nodes that changed, then a trailer that names the new root; nothing that
an older root needs is touched (`stemedb.storage.tree_format` has the bytes)::

    writer   tree.merge(…) ── commit(meta) ──▶ one write ── one fdatasync ──▶ durable
    reader   refresh() ──▶ a newer trailer? ──▶ snapshot()           as many as wanted, each on its own root
    writer   compact() ──▶ what the last root needs, in a new file ── rename ──▶ readers reopen at their next refresh

Invariants

1. A commit is either whole (its trailer and all it names) or not there. The file always holds at least one.
2. `meta` and root travel in the same commit: a position in a source kept there can never disagree with the map.
3. Whoever holds a snapshot keeps it, across later commits and across compaction, in any process.
4. After a commit that did not finish the writer raises `DurabilityLost` for ever; opened anew, the file is at the commit
   before, or at that one.
5. What a writer goes on from is durable. A reader may see a commit some moments before it is.

What this does not do: it does not take two writers (`Locked`), and it does not shrink by itself (`compact`).
"""

import os
from errno import EIO
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from stemedb.errors import DurabilityLost, NotFound, Refused
from stemedb.mst import Commit, Levels, NodeRef, Tree
from stemedb.mst.node import Node
from stemedb.storage.files import SYSTEM, AppendFile, Operations, WriterLock
from stemedb.storage.tree_compact import compact_file, create_file, discard_unfinished
from stemedb.storage.tree_format import META_BYTES_MAX, PAGE_BYTES, Trailer, check_header
from stemedb.storage.tree_scan import last_commit, next_commit, trailer_at
from stemedb.storage.tree_store import CacheStats, FileNodeStore
from stemedb.storage.tree_write import CommitWriter
from stemedb.types import Digest

RUNWAY_BYTES: Final = 512 << 10
"""Zeros written ahead: sixty commits of one key go into them, and a large commit does not pay much for new ones."""

CACHE_BYTES: Final = 128 << 20
"""Default bound of the node cache: the blocks of a million entries of a hundred bytes, nearly."""


class TreeFile:
    """A tree kept in a file. The writing instance belongs to one thread; snapshots may be read from any."""

    def __init__(
        self,
        path: Path,
        realm: bytes,
        *,
        lock: WriterLock | None,
        cache_bytes: int,
        levels: Levels | None,
        runway_bytes: int,
        operations: Operations,
    ) -> None:
        """Open an existing file; use `TreeFile.open`."""
        self.path = path
        self.recovered_bytes = 0
        self.trailing_bytes = 0
        self._realm = realm
        self._lock = lock
        self._cache_bytes = cache_bytes
        self._levels = levels
        self._runway_bytes = runway_bytes
        self._operations = operations
        self._file: AppendFile | None = None
        self._in_doubt = False
        self._store, self._last, self.tree = self._load()

    @classmethod
    def open(
        cls,
        path: Path,
        realm: bytes,
        *,
        writable: bool = False,
        create: bool = False,
        cache_bytes: int = CACHE_BYTES,
        levels: Levels | None = None,
        runway_bytes: int = RUNWAY_BYTES,
        operations: Operations = SYSTEM,
    ) -> Self:
        """Open the file at its last whole commit. Requires ``len(realm) == 32``; `create` needs `writable`.

        Raises `NotFound` (and not `create`), `Locked` (another writer), `WrongReplica` (another realm),
        `UnsupportedFormat`, `Refused` (no permission), `Corruption`, or `DurabilityLost`. What follows the last whole
        commit belongs to one that a crash left unfinished, or that was damaged since: a writer cuts it off, and
        `recovered_bytes` says how much; for a reader, who may also have met a commit in the making, `trailing_bytes` does.
        """
        if create and not writable:
            raise ValueError("create needs writable")
        lock = WriterLock(path.with_name(f"{path.name}.lock")) if writable else None
        try:
            if not path.exists():
                if not create:
                    raise NotFound(f"{path}: no tree file")
                create_file(path, realm, operations)
            if writable:
                discard_unfinished(path)
            return cls(
                path,
                realm,
                lock=lock,
                cache_bytes=cache_bytes,
                levels=levels,
                runway_bytes=runway_bytes,
                operations=operations,
            )
        except BaseException:
            if lock is not None:
                lock.close()
            raise

    @property
    def last(self) -> Commit:
        """The last commit this instance knows of."""
        return self._last.commit

    @property
    def stats(self) -> CacheStats:
        """Counters of the node cache."""
        return self._store.stats

    @property
    def file_bytes(self) -> int:
        """How long the file is up to the end of the last known commit."""
        return self._last.end

    def commit(self, meta: bytes = b"") -> Commit:
        """Make the tree as it is now durable together with `meta`; see `Tree.commit`.

        Requires ``len(meta) <= 1024``. One write and one fdatasync, unless the commit exceeds 4 MiB. Without edits
        and with the same meta nothing is written. Raises `DurabilityLost`.
        """
        return self.tree.commit(meta)

    def snapshot(self) -> Tree:
        """Return a read-only tree of the last known commit. O(1)."""
        return self._tree_at(self._store, self._last.root)

    def refresh(self) -> bool:
        """Look for newer commits, as a reader; return whether there was one. The writer is always up to date.

        Also follows a compaction. Snapshots taken before stay as they are. Raises `NotFound` if the file is gone.
        O(new commits).
        """
        if self._lock is not None:
            return False
        before = self._last
        if self._replaced():
            self._store, self._last, self.tree = self._load()
        else:
            while (newer := next_commit(self._store.fd, self._last, self._realm)) is not None:
                self._last = newer
            if self._last is not before:
                self.trailing_bytes = 0
                self.tree = self.snapshot()
        return (self._last.number, self._last.root.digest) != (before.number, before.root.digest)

    def at(self, offset: int, digest: Digest) -> Tree:
        """Return a read-only tree of an earlier commit of this file, as its `Commit` named it.

        Raises `NotFound` if no commit with that root is there, as after a compaction, or `Corruption` of its root.
        """
        trailer = trailer_at(self._store.fd, offset, self._realm)
        if trailer is None or trailer.root.digest != digest:
            raise NotFound(
                f"{self.path}: offset {offset}: no commit with root {digest.hex()[:8]} (any more): take a newer one"
            )
        return self._tree_at(self._store, trailer.root)

    def compact(self) -> Commit:
        """Rewrite the file with only what the last commit needs; return that commit in the new file.

        Requires a writer without uncommitted edits. Durable when it returns. Older roots are gone, except from snapshots
        that are held; an editing handle taken before cannot commit any more: take `tree` anew. O(keys).
        """
        if self._lock is None:
            raise ValueError(f"{self.path}: opened for reading only")
        if self.tree.root_digest != self._last.root.digest:
            raise ValueError(f"{self.path}: commit before compacting")
        # If the rename was done but not made durable, a commit to the file we have open could be one that nobody finds.
        self._in_doubt = True
        compact_file(self._store, self._last, self._realm, self.path, self._operations)
        self._store.detach()
        self._store, self._last, self.tree = self._load()
        self._in_doubt = False
        return self.last

    def close(self) -> None:
        """Give up the lock and the file. Uncommitted edits are dropped; snapshots stay readable."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._store.detach()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _load(self) -> tuple[FileNodeStore, Trailer, Tree]:
        """Open whatever file has our name now, at its last whole commit."""
        writable = self._lock is not None
        try:
            fd = os.open(self.path, (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC)
        except FileNotFoundError:
            raise NotFound(f"{self.path}: no tree file") from None
        except PermissionError as error:
            raise Refused(f"{self.path}: {error.strerror}: run as the owner of the data directory") from error
        store = FileNodeStore(fd, self.path, self._cache_bytes, self._commit if writable else None)
        check_header(os.pread(fd, PAGE_BYTES, 0), self._realm, self.path)
        found = last_commit(fd, self.path, self._realm)
        tree = self._tree_at(store, found.trailer.root, read_only=not writable)
        self.trailing_bytes = found.torn_bytes
        if writable:
            if self._file is not None:
                self._file.close()
            self._file = AppendFile(
                self.path,
                os.dup(fd),
                found.trailer.end,
                runway_bytes=self._runway_bytes,
                operations=self._operations,
            )
            if found.torn_bytes:
                self._file.clear_tail()
                self.recovered_bytes += found.torn_bytes
                self.trailing_bytes = 0
            else:
                self._file.sync()  # whoever wrote the last commit may have died before its sync
        return store, found.trailer, tree

    def _tree_at(self, store: FileNodeStore, root: NodeRef, *, read_only: bool = True) -> Tree:
        return Tree(store, self._realm, root, levels=self._levels, read_only=read_only)

    def _commit(self, root: Node | None, count: int, meta: bytes) -> Commit:
        if len(meta) > META_BYTES_MAX:
            raise ValueError(f"meta: got {len(meta)} bytes, want at most {META_BYTES_MAX}")
        if self._file is None:
            raise ValueError(f"{self.path}: closed")
        if self._in_doubt:
            raise DurabilityLost(
                self.path, "commit", OSError(EIO, "an earlier commit or compaction did not finish")
            )
        last = self._last
        written = root is None or root.ref > 0  # a new root has no place yet, and an empty map none at all
        if written and meta == last.meta and last.root.place == (0 if root is None else root.ref):
            return last.commit
        # Packing gives nodes their places before they are written, so after any interruption they must not be used again.
        self._in_doubt = True
        writer = CommitWriter(self._file, self._realm, last, self._operations)
        self._last = writer.finish(root, count, meta)
        self._in_doubt = False
        self._store.keep(writer.nodes)
        return self._last.commit

    def _replaced(self) -> bool:
        """Whether our name has another file now, or ours has lost the commit we know: a writer cuts off a damaged one."""
        try:
            named = self.path.stat()
        except FileNotFoundError:
            raise NotFound(f"{self.path}: no tree file") from None
        held = os.fstat(self._store.fd)
        if (named.st_ino, named.st_dev) != (held.st_ino, held.st_dev):
            return True
        return trailer_at(self._store.fd, self._last.offset, self._realm) != self._last
