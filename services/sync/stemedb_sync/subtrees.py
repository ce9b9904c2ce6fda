"""Our own map, as the tree path needs it: snapshots to compare with, answers to what peers ask about it.

::

    peer                                   here
    question about nothing      ──▶        the newest commit: root, place in the file, keys, how much of the log it has
    question about that commit  ──▶        the snapshot at that place ─▶ stemedb.mst.reconcile.answer
    the commit is gone          ◀──        `gone`: after a compaction old places mean nothing, begin again with the newest

Stateless: the peer says which commit it asks about, and the file finds it by its place, so a comparison may go on over
many commits of ours, through restarts of this process, or with another peer that has the same root. What one question may cost is
bounded by `stemedb.mst.reconcile` (bytes in and out, nodes read); how many wait is bounded by the endpoint.

The map is index's, which repairs it from the log. If it is missing or damaged we say `Unavailable` and look again at the next
question: the tail path needs no map and goes on. Damage is told on: index mends what it reads itself, and may not have come to that node.

The methods block and belong to one thread.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from stemedb.errors import Corruption, NotFound, Unavailable
from stemedb.ledger import LedgerReader
from stemedb.mst import Tree
from stemedb.mst.reconcile import answer
from stemedb.projection import Projection
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Digest, LogSize, StatementId
from stemedb.v1 import sync_pb2

CACHE_BYTES: Final = 16 << 20
"""Nodes kept decoded: the upper levels of a map of millions, which every comparison walks through."""

T = TypeVar("T")


class Body(NamedTuple):
    """A statement that our ledger holds."""

    canonical: bytes
    signature: bytes


class Subtrees:
    """Readers of our map and ledger for the tree path. Belongs to its own thread."""

    def __init__(
        self, replica: ReplicaDirectory, reader: LedgerReader, damaged: Callable[[Corruption], None]
    ) -> None:
        self._replica = replica
        self._reader = reader
        self.damaged = damaged
        self._map: Projection | None = None

    @classmethod
    def open(
        cls, replica: ReplicaDirectory, damaged: Callable[[Corruption], None] = lambda _: None
    ) -> "Subtrees":
        """Open the ledger; raises `Unavailable` while it waits for ingest to repair it. The map may come later.

        `damaged` is told what is found wrong with the map, on the thread that finds it.
        """
        return cls(replica, LedgerReader(replica), damaged)

    def answer(self, request: sync_pb2.SubtreeRequest) -> bytes:
        """Return a protobuf ``SubtreeReply``; raises `InvalidRequest` for a bad question, `Unavailable` without a map."""
        return bytes(self._with_map(lambda projection: _reply(projection, request)).SerializeToString())

    def snapshot(self) -> Tree:
        """Return our map at its last commit; raises `Unavailable` without one."""
        return self._with_map(lambda projection: projection.file.snapshot())

    def applied(self) -> LogSize:
        """Return how much of our log is in the map; raises `Unavailable` without one."""
        return self._with_map(lambda projection: projection.applied)

    def bodies(self, ids: Sequence[StatementId]) -> dict[StatementId, Body]:
        """Return those of the statements `ids` that our ledger holds."""
        self._reader.refresh()
        found: dict[StatementId, Body] = {}
        for id_ in ids:
            index = self._reader.find(id_)
            if index is not None:
                record = self._reader.entry(index).record
                found[id_] = Body(record.canonical, record.signature)
        return found

    def close(self) -> None:
        """Let the files go."""
        self._reader.close()
        self._forget()

    def _with_map(self, use: Callable[[Projection], T]) -> T:
        try:
            if self._map is None:
                self._map = Projection.open(self._replica, cache_bytes=CACHE_BYTES)
            self._map.refresh()
            return use(self._map)
        except NotFound:
            self._forget()
            raise Unavailable(
                f"{self._replica.name}: there is no map yet: index makes it from the log"
            ) from None
        except Corruption as error:
            self._forget()
            self.damaged(error)
            raise Unavailable(f"{self._replica.name}: the map is damaged: {error.message}") from error

    def _forget(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None


def _reply(projection: Projection, request: sync_pb2.SubtreeRequest) -> sync_pb2.SubtreeReply:
    last = projection.file.last
    if not request.question:
        return sync_pb2.SubtreeReply(
            root=last.digest, offset=last.offset, keys=last.count, applied=projection.applied
        )
    reply = sync_pb2.SubtreeReply(root=request.root, offset=request.offset)
    tree = _commit(projection, request.offset, Digest(request.root))
    if tree is None:
        reply.gone = True
    else:
        reply.answer = answer(tree, request.question)
    return reply


def _commit(projection: Projection, offset: int, root: Digest) -> Tree | None:
    """Return the commit with this place and root, if it is there; a peer may ask for any."""
    if offset >= projection.file.file_bytes:
        return None
    try:
        return projection.file.at(offset, root)
    except (NotFound, ValueError):  # ValueError: no commit ends there, in this file or any
        return None
