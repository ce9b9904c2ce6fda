"""Writing one commit.

A commit up to 4 MiB is one buffer, one write, one fdatasync. A larger one is written in pieces that are synced before its
last page is written, so that opening never has to check more than one piece::

    small    [ head  records  zeros  meta  trailer ]  sync
              └──── covered by the trailer ───┘
    large    [ head  records ] [ records ] … [ records ] [ head again ]  sync  [ zeros  meta  trailer ]  sync

The head says how long the commit is, for readers that look for the next one. A large commit gets it last: its first
write leaves zeros there.
"""

from typing import Final

from stemedb.mst import EMPTY_ROOT, NodeRef
from stemedb.mst.node import Node
from stemedb.mst.pack import Packing
from stemedb.storage.files import AppendFile, Operations, pwrite_all
from stemedb.storage.tree_format import (
    HEAD_BYTES,
    TRAILER_BYTES,
    Trailer,
    commit_length,
    covered_digest,
    encode_head,
    encode_trailer,
)
from stemedb.types import Digest

PIECE_BYTES: Final = 4 << 20
"""What opening may have to read and hash to trust the last commit: about three milliseconds."""


class CommitWriter:
    """One commit on its way into a file; used once. Any error leaves the commit unwritten and the file to be reopened."""

    def __init__(self, file: AppendFile, realm: bytes, last: Trailer, operations: Operations) -> None:
        """Begin at the end of the file. `last` is the commit before."""
        self._file = file
        self._realm = realm
        self._last = last
        self._operations = operations
        self._start = file.end
        self._flushed = False
        self._packing = Packing(file.end + HEAD_BYTES)

    @property
    def nodes(self) -> list[Node]:
        """The nodes packed so far and not yet flushed."""
        return self._packing.nodes

    def add(self, node: Node) -> int:
        """Pack what is new under this node and return its place."""
        return self._packing.add(node)

    def flush_if_large(self) -> None:
        """Write the packed records out if there is a piece of them, and forget their nodes. Not durable yet."""
        if self._packing.offset - max(self._file.end, self._start + HEAD_BYTES) >= PIECE_BYTES:
            self._flush()
            self._packing.nodes.clear()

    def finish(self, root: Node | None, count: int, meta: bytes) -> Trailer:
        """Write the rest and the trailer; the commit is durable when it returns. Raises `DurabilityLost`.

        Requires ``len(meta) <= META_BYTES_MAX``.
        """
        ref = NodeRef(0, EMPTY_ROOT, 0)
        if root is not None:
            place = self.add(root)
            assert root.digest is not None
            ref = NodeRef(place, Digest(root.digest), count)
        start, file = self._start, self._file
        records_bytes = self._packing.offset - start - HEAD_BYTES
        length = commit_length(records_bytes, len(meta))
        padding = bytes(length - HEAD_BYTES - records_bytes - len(meta) - TRAILER_BYTES)
        if self._flushed or records_bytes > PIECE_BYTES:
            self._flush()
            pwrite_all(file.fd, encode_head(length), start, file.path, self._operations)
            # If we crash here, nothing names these records and the next writer cuts them off.
            file.sync()
            covered = padding
        else:
            covered = b"".join((encode_head(length), *self._packing.records, padding))
        trailer = Trailer(
            number=self._last.number + 1,
            start=start,
            offset=start + length - TRAILER_BYTES,
            previous=self._last.offset,
            root=ref,
            covered_from=file.end,
            covered_digest=covered_digest(self._realm, covered),
            meta=meta,
        )
        file.append(covered + encode_trailer(trailer, self._realm))
        # If we crash here, the trailer may be on disk without all it covers: its checksum fails, and the last commit stands.
        file.sync()
        # If we crash here, the commit is there.
        return trailer

    def _flush(self) -> None:
        pending: list[bytes] = [] if self._flushed else [bytes(HEAD_BYTES)]
        pending_bytes = 0
        for record in self._packing.records:
            pending.append(record)
            pending_bytes += len(record)
            if pending_bytes >= PIECE_BYTES:
                self._file.append(b"".join(pending))
                pending, pending_bytes = [], 0
        self._file.append(b"".join(pending))
        self._packing.records.clear()
        self._flushed = True
