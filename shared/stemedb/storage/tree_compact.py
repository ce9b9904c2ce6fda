"""New tree files, put in place whole: the first one, and the compacted one.

::

    write and sync .name.new ── rename over name ── fsync of the directory
                             ▲                   ▲
       a crash here leaves the old file          a crash here leaves the new file
       and a stray one, which the next writer removes

Compaction copies the nodes that the last root needs in post-order, so a range of keys lies together in the new file,
leaf beside leaf. Digests stay as they are, places are new. Memory is bounded by one piece of output and one path.
"""

import time
from contextlib import suppress
from pathlib import Path

from stemedb.errors import DurabilityLost
from stemedb.mst.node import Node
from stemedb.storage.files import AppendFile, Operations, fsync_dir
from stemedb.storage.tree_format import EMPTY_REF, PAGE_BYTES, Trailer, encode_header
from stemedb.storage.tree_store import FileNodeStore
from stemedb.storage.tree_write import CommitWriter
from stemedb.types import Digest


def create_file(path: Path, realm: bytes, operations: Operations) -> None:
    """Make a file that holds one commit, the empty map; durable when it returns. Raises `DurabilityLost`."""
    nothing = Trailer(0, PAGE_BYTES, 0, 0, EMPTY_REF, 0, b"", b"")
    _publish(path, realm, None, nothing, operations)


def compact_file(
    store: FileNodeStore, last: Trailer, realm: bytes, path: Path, operations: Operations
) -> None:
    """Replace the file by one that holds only the commit `last`; durable when it returns. O(keys).

    Raises `DurabilityLost`, or `Corruption` if a node is damaged: the old file then stands.
    """
    _publish(path, realm, store, last, operations)


def discard_unfinished(path: Path) -> None:
    """Remove the new file that a killed compaction left beside `path`: it may be as large. Requires the writer's lock."""
    with suppress(OSError):  # it costs space and nothing else
        _temporary(path).unlink(missing_ok=True)


def _publish(
    path: Path, realm: bytes, store: FileNodeStore | None, last: Trailer, operations: Operations
) -> None:
    try:
        _write_and_rename(path, realm, store, last, operations)
    finally:
        discard_unfinished(path)  # after a full disk above all, this one must not stay the reason


def _write_and_rename(
    path: Path, realm: bytes, store: FileNodeStore | None, last: Trailer, operations: Operations
) -> None:
    temporary = _temporary(path)
    header = encode_header(realm, time.time_ns() // 1_000_000)
    file = AppendFile.create(temporary, header, runway_bytes=0, operations=operations)
    try:
        # The copy is the same commit, so it keeps its number; no earlier one is in the new file.
        before = Trailer(max(last.number - 1, 0), PAGE_BYTES, 0, 0, EMPTY_REF, 0, b"", b"")
        writer = CommitWriter(file, realm, before, operations)
        root = None
        if store is not None and last.root.place:
            root = _copy(store, writer, last.root.place, last.root.digest)
        writer.finish(root, last.root.count, last.meta)
        # If we crash here, the old file stands; the next writer removes the stray one.
        try:
            operations.replace(temporary, path)
        except OSError as error:
            raise DurabilityLost(path, "replace", error) from error
        # If we crash here, either name may be found: both files hold the last commit.
        fsync_dir(path.parent, operations)
    finally:
        file.close()


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _copy(store: FileNodeStore, writer: CommitWriter, place: int, digest: Digest) -> Node:
    node = store.read(place, digest)
    node.ref = node.entries_ref = 0
    children, digests = node.children, node.digests
    if children is not None and digests is not None:
        for i, child in enumerate(children):
            if type(child) is int and child:
                children[i] = _copy(store, writer, child, digests[i]).ref
    writer.add(node)
    writer.flush_if_large()
    return node
