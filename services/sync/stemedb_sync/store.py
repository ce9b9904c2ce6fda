"""What happens on the pulling thread: pages are taken apart, and what is known of each peer is kept.

::

    page ─▶ ids ─▶ frontier grows          the witness needs every entry
              └──▶ known here? ─ no ─▶ sent with the page? ─ yes ─▶ to ingest
                     │ yes                     │ no ─▶ fetch
                     ▼
                   same stamp ─▶ nothing to do;  a stamp that moves its map value ─▶ to ingest, with our own copy

``sync/`` in the replica's directory: one file per peer, replaced as a whole; one per piece of evidence, never touched again; and
``paused`` while the operator wants nothing pulled. This process is its one writer. The methods block and belong to one thread.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

from stemedb.bus.columns import ORIGINS_MAX, Row, pack
from stemedb.errors import Corruption
from stemedb.ledger import LedgerReader
from stemedb.merkle import Frontier
from stemedb.storage.files import WriterLock, atomic_replace, fsync_dir
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Kind, Stamp, StatementId
from stemedb.v1 import bulk_pb2
from stemedb_sync.page import Page

PEER_FILE_BYTES_MAX: Final = 1 << 20
"""A note, 63 digests and 10,000 indices are some hundred KiB."""

HANDOVER_BYTES_MAX: Final = 768 * 1024
"""Statements of one request to ingest: with stamps and framing it stays below the default ``max_payload``."""


class Arrival(NamedTuple):
    """A statement to hand to ingest."""

    index: int  # type: ignore[assignment]  # the field's noun, above tuple.index
    """In the log of the peer it came from."""
    canonical: bytes
    signature: bytes
    stamp: Stamp


class Handover(NamedTuple):
    """A request to ingest."""

    indices: Sequence[int]
    """Of its statements, in the log of the peer they came from."""
    request: bytes
    """A protobuf ``ReplicateRequest``."""


class Sifted(NamedTuple):
    """What a page comes to."""

    frontier: Frontier
    """After its last entry."""
    whole: Handover | None
    """The page as it is, where every statement was sent and none is known: nothing is packed again then."""
    arrivals: list[Arrival]
    missing: list[int]
    """Offsets in the page of statements that are neither here nor in the page."""
    restamps: int = 0
    """Entries that move the stamp of a statement which is here, or may move that of one earlier in the page."""


class Store:
    """The pulling thread's view of our ledger, and the files about peers."""

    def __init__(self, replica: ReplicaDirectory, reader: LedgerReader, lock: WriterLock) -> None:
        self._replica = replica
        self._reader = reader
        self._lock = lock
        self._peers = replica.path / "sync" / "peers"
        self._evidence = replica.path / "sync" / "evidence"
        self._paused = replica.path / "sync" / "paused"

    @classmethod
    def open(cls, replica: ReplicaDirectory) -> Self:
        """Be the one sync process of the replica; raises `Locked`, or `Unavailable` while its ledger waits for repair."""
        for folder in ("peers", "evidence"):
            (replica.path / "sync" / folder).mkdir(parents=True, exist_ok=True)
        lock = WriterLock(replica.path / "sync" / "lock")
        try:
            return cls(replica, LedgerReader(replica), lock)
        except BaseException:
            lock.close()
            raise

    def sift(self, page: Page, frontier: Frontier) -> Sifted:
        """Return what of `page` is to be handed to ingest, and the frontier after it.

        Requires ``frontier.size == page.start``.
        """
        assert frontier.size == page.start, f"frontier at {frontier.size}, page at {page.start}"
        self._reader.refresh()
        known = self._reader.known(page.ids)
        unknown = [id_ for id_ in page.ids if id_ not in known]
        restamps = len(unknown) - len(set(unknown))
        if not known and all(page.canonicals):
            whole = Handover(range(page.start, page.end), _encode(page.columns))
            return Sifted(frontier.extend(page.ids), whole, [], [], restamps)
        new = tuple.__new__
        arrivals: list[Arrival] = []
        missing: list[int] = []
        signatures, unsigned = page.signatures, b""
        columns = zip(page.ids, page.canonicals, page.clocks, page.origins, strict=True)
        for offset, (id_, canonical, clock, origin) in enumerate(columns):
            here = known.get(id_)
            stamp = new(Stamp, (clock, origin))
            if here is not None:
                if here.stamp != stamp:
                    restamp = self._restamp(here.index, here.stamp, stamp)
                    if restamp is not None:
                        arrivals.append(restamp._replace(index=page.start + offset))
                        restamps += 1
            elif not canonical:
                missing.append(offset)
            else:
                signature = signatures.get(offset, unsigned) if signatures else unsigned
                arrivals.append(new(Arrival, (page.start + offset, canonical, signature, stamp)))
        return Sifted(frontier.extend(page.ids), None, arrivals, missing, restamps)

    def still_missing(self, ids: Sequence[StatementId]) -> set[StatementId]:
        """Return those of `ids` that our ledger does not hold by now."""
        self._reader.refresh()
        known = self._reader.known(ids)
        return {id_ for id_ in ids if id_ not in known}

    def _restamp(self, index: int, here: Stamp, there: Stamp) -> Arrival | None:
        """Return our own copy of entry `index` under the peer's stamp if that one wins the join, else ``None``."""
        if index >= self._reader.size:
            return None  # it became durable a moment ago; whoever reads that entry again sees it
        record = self._reader.entry(index).record
        wins = there > here if record.kind == Kind.VOTE else there < here
        return Arrival(index, record.canonical, record.signature, there) if wins else None

    def own_size(self) -> int:
        """Return the size of our own log."""
        return self._reader.refresh()

    def peer_files(self) -> dict[str, bytes]:
        """Return the file of every peer, by name; raises `Corruption` for one that cannot be ours."""
        found: dict[str, bytes] = {}
        for path in sorted(self._peers.glob("*.json")):
            if path.stat().st_size > PEER_FILE_BYTES_MAX:
                raise Corruption(path, PEER_FILE_BYTES_MAX, "longer than any peer's file: remove it")
            found[path.stem] = path.read_bytes()
        return found

    def write_peer(self, name: str, content: bytes) -> None:
        """Replace the file of peer `name`; durable when it returns."""
        atomic_replace(self._peers / f"{name}.json", content)

    def is_paused(self) -> bool:
        """Return whether the operator paused pulling, in this life of the service or an earlier one."""
        return self._paused.exists()

    def write_paused(self, paused: bool) -> None:
        """Remember whether pulling is paused; durable when it returns."""
        if paused:
            atomic_replace(self._paused, b"stemedb sync resume\n")  # whoever finds it learns what ends it
        else:
            self._paused.unlink(missing_ok=True)
            # If we crash here, the file may be back: paused longer than wanted, which readiness and digests show.
            fsync_dir(self._paused.parent)

    def write_evidence(self, name: str, content: bytes) -> Path:
        """Keep evidence about peer `name` in a file of its own and return its path; durable when it returns."""
        number = len(list(self._evidence.glob(f"{name}-[0-9]*.json"))) + 1
        while (path := self._evidence / f"{name}-{number}.json").exists():
            number += 1
        atomic_replace(path, content)
        return path

    def path_of(self, name: str) -> Path:
        """Return where the file of peer `name` is."""
        return self._peers / f"{name}.json"

    def close(self) -> None:
        """Let the files go."""
        self._reader.close()
        self._lock.close()


def handover_requests(arrivals: Sequence[Arrival], count_max: int) -> list[Handover]:
    """Return requests to ingest of at most `count_max` statements each."""
    made: list[Handover] = []
    part: list[Arrival] = []
    origins: set[str] = set()
    room = HANDOVER_BYTES_MAX
    for arrival in arrivals:
        length = len(arrival.canonical) + len(arrival.signature)
        origins.add(arrival.stamp.origin)
        if part and (room < length or len(part) == count_max or len(origins) > ORIGINS_MAX):
            made.append(_handover(part))
            part, origins, room = [], {arrival.stamp.origin}, HANDOVER_BYTES_MAX
        part.append(arrival)
        room -= length
    if part:
        made.append(_handover(part))
    return made


def _handover(part: Sequence[Arrival]) -> Handover:
    rows = [Row(canonical, signature, hlc, origin) for _, canonical, signature, (hlc, origin) in part]
    return Handover([arrival.index for arrival in part], _encode(pack(rows)))


def _encode(columns: bulk_pb2.Columns) -> bytes:
    return bytes(bulk_pb2.ReplicateRequest(columns=columns).SerializeToString())
