"""A tree file behind an event loop: one thread writes, another reads, the loop does neither.

File work blocks, and a tree has one writer, so the front owns two workers and hands every call to one of them::

    await front.merge(…)   ──▶ writing thread   tree.merge ── commit ──▶ the next snapshot
    await front.get(…)     ──▶ reading thread   the last snapshot
    await front.page(…)    ──▶                  the same

Invariants: an edit is durable when its call returns, and every read that begins afterwards sees it; edits apply whole and in
the order of the calls; a read sees one commit, however long it takes, and never waits for an edit.

What this does not do: follow a source or keep a position in it, as the index does with two handles and threads of its own
around `stemedb.projection`. This is for programs that keep a map of their own.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Final, Self, TypeVar

from stemedb.bus.worker import Worker
from stemedb.mst import Commit, MapProof, Tree, prove
from stemedb.mst.merge import Join, replace
from stemedb.storage.tree_file import CACHE_BYTES, TreeFile

T = TypeVar("T")
Entry = tuple[bytes, bytes]

PAGE_ENTRIES_MAX: Final = 10_000
"""Entries in a page at most: some milliseconds of reading, so that no reader keeps the others waiting."""


class TreeFront:
    """A tree file that is open for writing, for coroutines; opened with `TreeFront.open`, used from one event loop."""

    def __init__(self, file: TreeFile, writing: Worker, reading: Worker) -> None:
        """Serve the file, which belongs to the thread of `writing` from here on."""
        self._file = file
        self._writing = writing
        self._reading = reading
        self._snapshot = file.snapshot()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, realm: bytes, *, create: bool = False, cache_bytes: int = CACHE_BYTES
    ) -> AsyncIterator[Self]:
        """Open the file as its one writer, and close it in the end; raises what `TreeFile.open` does."""
        async with Worker("tree-writing") as writing, Worker("tree-reading") as reading:
            file = await writing.run(
                TreeFile.open, path, realm, writable=True, create=create, cache_bytes=cache_bytes
            )
            try:
                yield cls(file, writing, reading)
            finally:
                await writing.run(file.close)

    @property
    def last(self) -> Commit:
        """The last commit."""
        return self._file.last

    @property
    def snapshot(self) -> Tree:
        """A read-only tree of the last commit, for `read` and other threads; its methods block."""
        return self._snapshot

    async def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None. Raises `Corruption`."""
        return await self._reading.run(self._snapshot.get, key)

    async def page(self, start: bytes | None, end: bytes | None, limit: int) -> list[Entry]:
        """Return the first `limit` entries with ``start <= key < end``. Requires ``0 <= limit <= PAGE_ENTRIES_MAX``."""
        if not 0 <= limit <= PAGE_ENTRIES_MAX:
            raise ValueError(f"limit: got {limit}, want 0 to {PAGE_ENTRIES_MAX}")
        return await self.read(lambda tree: list(islice(tree.items(start, end), limit)))

    async def prove(self, key: bytes) -> tuple[Commit, MapProof]:
        """Return a proof of what the map says about `key`, and the commit that it is about."""
        commit, tree = self._file.last, self._snapshot
        return commit, await self._reading.run(prove, tree, key)

    async def read(self, question: Callable[[Tree], T]) -> T:
        """Return what `question` makes of the last commit; asked on the reading thread."""
        return await self._reading.run(question, self._snapshot)

    async def apply(self, edits: Iterable[tuple[bytes, bytes | None]], meta: bytes = b"") -> Commit:
        """Set or (with None) remove keys, with the owner's bytes; durable when it returns. Raises as `TreeFile.commit`."""
        return await self._edit(lambda tree: tree.apply(edits), meta)

    async def merge(self, entries: Sequence[Entry], join: Join = replace, meta: bytes = b"") -> Commit:
        """Put entries in through `join`, with the owner's bytes; durable when it returns. Raises as `TreeFile.commit`."""
        return await self._edit(lambda tree: tree.merge(entries, join), meta)

    async def compact(self) -> Commit:
        """Rewrite the file with what the last commit needs; durable when it returns. Reads go on meanwhile."""
        return await self._change(self._file.compact)

    async def _edit(self, edit: Callable[[Tree], int], meta: bytes) -> Commit:
        def work() -> Commit:
            edit(self._file.tree)
            return self._file.commit(meta)

        return await self._change(work)

    async def _change(self, work: Callable[[], Commit]) -> Commit:
        def whole() -> Commit:
            commit = work()
            self._snapshot = (
                self._file.snapshot()
            )  # here, so that a caller that was cancelled changes nothing of it
            return commit

        return await self._writing.run(whole)
