"""What happens on the serving thread: pages, statements and proofs for peers, from the ledger as it is on disk.

Nothing is kept between requests, so a peer may ask anything in any order, of any of several sync processes. Each request
is bounded: entries and bytes of a page, statements of a fetch. The methods block and belong to one thread.
"""

from typing import Any, Final, NamedTuple, Self

from google.protobuf.message import DecodeError

from stemedb.clocks import unpack
from stemedb.errors import Corruption, InvalidRequest, NotFound
from stemedb.ledger import Entry, LedgerReader
from stemedb.merkle import MerkleLog
from stemedb.projection import Projection
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import DIGEST_BYTES, Digest, LogIndex, LogSize, Stamp, StatementId
from stemedb.v1 import base_pb2, ingest_pb2, sync_pb2
from stemedb_sync.page import PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, STATEMENT_KINDS, encode

FETCH_COUNT_MAX: Final = 2000
"""Statements of one fetch: as many as one request to ``ingest.append`` takes."""

READ_ENTRIES: Final = 250
"""Entries read at once: at 64 KiB each they are 16 MiB, which is what a page of large statements may cost for a moment."""


class LogState(NamedTuple):
    """Where our own log stands."""

    size: LogSize
    checkpoint: bytes


class MapState(NamedTuple):
    """Where our own map stands."""

    root: Digest
    keys: int
    applied: LogSize


class Serving:
    """Readers of ledger and map for what peers ask. Belongs to the serving thread."""

    def __init__(self, replica: ReplicaDirectory, reader: LedgerReader) -> None:
        self._replica = replica
        self._reader = reader
        self._map: Projection | None = None

    @classmethod
    def open(cls, replica: ReplicaDirectory) -> Self:
        """Open the ledger; raises `Unavailable` while it waits for ingest to repair it."""
        return cls(replica, LedgerReader(replica))

    def log_state(self) -> LogState:
        """Return where our log stands; raises `NotFound` before the first checkpoint."""
        return LogState(self._reader.refresh(), self._reader.checkpoint())

    def map_state(self) -> MapState | None:
        """Return where our map stands, or ``None`` while there is none that can be read.

        A map that is lost or damaged is index's to make anew from the log, which peers go on reading meanwhile.
        """
        try:
            if self._map is None:
                self._map = Projection.open(self._replica, cache_bytes=1 << 20)
            self._map.refresh()
        except (NotFound, Corruption):
            if self._map is not None:
                self._map.close()
                self._map = None
            return None
        return MapState(self._map.root, self._map.keys, self._map.applied)

    def range(self, request: sync_pb2.RangeRequest) -> bytes:
        """Return a page of entries from ``request.start`` on; raises `InvalidRequest`."""
        start, end = request.start, request.end
        size = self._reader.refresh()
        if not start < end <= size:
            raise InvalidRequest("end", f"got [{start}, {end}) of a log of {size}, want start < end <= size")
        end = min(end, start + PAGE_ENTRIES_MAX)
        bytes_max = min(request.inline_bytes_max or PAGE_BYTES_MAX, PAGE_BYTES_MAX)
        entries: list[Entry] = []
        room = bytes_max
        while len(entries) < end - start and room > 0:
            at = start + len(entries)
            more = self._reader.statements(at, min(end, at + READ_ENTRIES))
            room -= sum([len(entry.record.canonical) for entry in more])  # an estimate: not all is sent
            entries += more
        return encode(
            entries,
            self._replica.name,
            bytes_max=bytes_max,
            inline_all=request.inline_all,
            ids_only=request.ids_only,
        )

    def fetch(self, request: sync_pb2.FetchRequest) -> bytes:
        """Return statements by log index or id, as many as fit; raises `InvalidRequest`."""
        self._reader.refresh()
        wanted = self._by_id(request.ids) if request.ids else self._by_index(list(request.indices))
        known = self._reader.known([id_ for _, _, id_ in wanted])
        reply = sync_pb2.FetchReply()
        room = PAGE_BYTES_MAX
        for position, index, id_ in wanted:
            record = self._reader.entry(index).record
            room -= len(record.canonical) + len(record.signature) + DIGEST_BYTES
            if room < 0 and reply.positions:
                reply.cut = True
                break
            reply.positions.append(position)
            stamp = known[id_].stamp
            reply.statements.append(canonical_statement(record.canonical, record.signature, stamp))
        return bytes(reply.SerializeToString())

    def consistency(self, request: sync_pb2.ConsistencyRequest) -> bytes:
        """Return the proof that our log of one size begins that of another, and the frontier there; raises `InvalidRequest`."""
        old, new = LogSize(request.old_size), LogSize(request.new_size)
        size = self._reader.refresh()
        if not 0 <= old <= new <= size or not new:
            raise InvalidRequest(
                "new_size",
                f"got {old} and {new} of a log of {size}, want 0 <= old <= new <= size and new > 0",
            )
        log: MerkleLog = self._reader.log
        reply = sync_pb2.ConsistencyReply(
            old_root=log.root(old),
            proof=b"".join(log.consistency_proof(old, new)),
            frontier=b"".join(log.frontier(new).digests),
        )
        return bytes(reply.SerializeToString())

    def close(self) -> None:
        """Let the files go."""
        self._reader.close()
        if self._map is not None:
            self._map.close()

    def _by_index(self, indices: list[int]) -> list[tuple[int, LogIndex, StatementId]]:
        size = self._reader.size
        if not indices or len(indices) > FETCH_COUNT_MAX or max(indices) >= size:
            raise InvalidRequest("indices", f"want 1 to {FETCH_COUNT_MAX} indices below {size}")
        found: list[tuple[int, LogIndex, StatementId]] = []
        for position, index in enumerate(indices):
            entry = self._reader.entry(index)
            place: LogIndex | None = entry.index
            if entry.record.kind not in STATEMENT_KINDS:
                place = self._reader.find(entry.id)  # a restamp: its statement stands further up
            if place is not None:
                found.append((position, place, entry.id))
        return found

    def _by_id(self, ids: bytes) -> list[tuple[int, LogIndex, StatementId]]:
        if len(ids) % DIGEST_BYTES or len(ids) > FETCH_COUNT_MAX * DIGEST_BYTES:
            raise InvalidRequest(
                "ids", f"got {len(ids)} bytes, want 32 for each of at most {FETCH_COUNT_MAX}"
            )
        wanted = [StatementId(ids[at : at + DIGEST_BYTES]) for at in range(0, len(ids), DIGEST_BYTES)]
        found = [(position, self._reader.find(id_), id_) for position, id_ in enumerate(wanted)]
        return [(position, index, id_) for position, index, id_ in found if index is not None]


def canonical_statement(canonical: bytes, signature: bytes, stamp: Stamp) -> ingest_pb2.CanonicalStatement:
    """Return a statement with its stamp as it travels."""
    ms, counter = unpack(stamp.hlc)
    return ingest_pb2.CanonicalStatement(
        canonical=canonical,
        signature=signature,
        stamp=base_pb2.Stamp(ms=ms, counter=counter, origin=stamp.origin),
    )


def parse_request(message: Any, data: bytes) -> Any:
    """Return the protobuf request in `data`; raises `InvalidRequest`."""
    try:
        return message.FromString(data)
    except DecodeError as error:
        raise InvalidRequest("", f"not a protobuf {message.__name__}: {error}") from None
