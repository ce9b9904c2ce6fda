"""A backup of a replica, made while it runs: one tar archive of what cannot be computed again.

::

     manifest.json           1. what this is: format, name, realm, statements, bytes of the write-ahead log, time
     replica.json  keys/     2. who the replica is. The archive holds its secrets: keep it like a private key
     sync/peers/*.json       3. what it knows of its peers, and the evidence against them
     sync/evidence/*.json
     log/checkpoint          4. what it has signed
     wal/committed           5. how far the write-ahead log is durable: the mark of `stemedb.wal.committed`
     wal/00000001.wal …      6. its segments, the newest one up to that mark

Nothing is stopped and no lock is taken. Files that are replaced as a whole are read at once; the write-ahead log only grows. What
remains is that each part must not claim more than the next one holds, and that is a matter of order: sync notes that it has
taken something in *after* ingest has answered, and ingest signs a checkpoint *after* the records are durable. So 3 is read
first, then 4, then 5, and 6 is what 5 says.

``log/``, ``ids/`` and ``index/`` are derived and left out: copying them consistently would need their writers to wait, and
making them anew, which a restore does, is also the proof that the backup is good.

Every record is parsed and its checksum computed before it is copied: rot is found when there is still an original to mend.
What this does not do: increments. Sealed segments never change, so a tool that copies only new files serves for that.
"""

import io
import json
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from stemedb.errors import Corruption, NotFound, Unavailable
from stemedb.ledger.ledger import Progress
from stemedb.ledger.signed import FILE_NAME as CHECKPOINT_NAME
from stemedb.ledger.signed import read_note
from stemedb.merkle import Checkpoint, log_origin
from stemedb.merkle.note import public_key
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import LogSize
from stemedb.wal import Reader
from stemedb.wal.committed import Committed, encode_committed
from stemedb.wal.segment import list_segments, segment_path

FORMAT: Final = "stemedb/backup/v1"
MANIFEST_NAME: Final = "manifest.json"
IDENTITY_NAMES: Final = ("replica.json", "keys/realm.key", "keys/replica.nk")
SMALL_BYTES_MAX: Final = 16 << 20  # of every file but a segment; the largest, evidence, is some hundred KiB
RECORDS_AT_ONCE: Final = 8192
MODE: Final = 0o600


class Manifest(NamedTuple):
    """What an archive holds."""

    name: str
    """Of the replica."""
    realm_id: str
    size: LogSize
    """How many entries its log had."""
    wal_bytes: int
    created_ms: int

    def encode(self) -> bytes:
        """Return the bytes of ``manifest.json``."""
        fields = {
            "format": FORMAT,
            "name": self.name,
            "realm": self.realm_id,
            "statements": self.size,
            "wal_bytes": self.wal_bytes,
            "created_ms": self.created_ms,
        }
        return json.dumps(fields, indent=1).encode() + b"\n"


def back_up(replica: ReplicaDirectory, archive: BinaryIO, progress: Progress | None = None) -> Manifest:
    """Write a backup of `replica` to `archive`, which need not be seekable, and return what it holds.

    The services may run and write meanwhile. `progress` is called with bytes of the log done and in all. Raises `Unavailable` if the ledger
    must be repaired by its writer first, `Corruption` if a record or the checkpoint is damaged, `OSError` if `archive` cannot be
    written: it is worthless then. O(log).
    """
    small = {name: _read(replica.path / name) for name in IDENTITY_NAMES}
    small |= {str(path.relative_to(replica.path)): _read(path) for path in _about_peers(replica.path)}
    signed = _checkpoint(replica)
    if signed is not None:
        small[f"log/{CHECKPOINT_NAME}"] = signed
    mark = _committed(replica, signed)
    small["wal/committed"] = encode_committed(mark)
    _require_sound(replica, mark.size)
    lengths = _lengths(replica.wal, mark)
    total = sum(lengths.values())
    manifest = Manifest(replica.name, replica.realm_id, mark.size, total, time.time_ns() // 1_000_000)
    done = 0
    with tarfile.open(fileobj=archive, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name, data in [(MANIFEST_NAME, manifest.encode()), *small.items()]:
            tar.addfile(_member(name, len(data), manifest), io.BytesIO(data))
        for segment, length in lengths.items():
            path = segment_path(replica.wal, segment)
            with path.open("rb") as file:
                tar.addfile(_member(f"wal/{path.name}", length, manifest), file)
            done += length
            if progress is not None:
                progress(done, total)
    return manifest


def _about_peers(replica: Path) -> Iterator[Path]:
    for folder in ("peers", "evidence"):
        yield from sorted((replica / "sync" / folder).glob("[!.]*.json"))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(SMALL_BYTES_MAX + 1)
    if len(data) > SMALL_BYTES_MAX:
        raise Corruption(path, SMALL_BYTES_MAX, f"the file goes on, want at most {SMALL_BYTES_MAX} bytes")
    return data


def _checkpoint(replica: ReplicaDirectory) -> bytes | None:
    try:
        return read_note(replica)
    except NotFound:
        return None


def _committed(replica: ReplicaDirectory, signed: bytes | None) -> Committed:
    """Return how far the write-ahead log is durable; raises `Unavailable` if the mark is behind what was signed for."""
    with closing(Reader(replica.wal)) as reader:
        mark = reader.committed()
    promised = 0
    if signed is not None:
        promised = Checkpoint.open(signed, log_origin(replica.name), public_key(replica.seed)).size
    lost = not mark.segment and replica.wal.is_dir() and bool(list_segments(replica.wal))
    if lost or mark.size < promised:
        raise Unavailable(
            f"{replica.wal}: the mark of what is durable was lost when the system stopped: start ingest once"
        )
    return mark


def _require_sound(replica: ReplicaDirectory, size: int) -> None:
    """Read the first `size` records; raises `Corruption` where one is damaged."""
    with closing(Reader(replica.wal)) as reader:
        position, done = None, 0
        while done < size:
            run = reader.read_run(position, records_max=min(RECORDS_AT_ONCE, size - done))
            if not run.records:
                path = segment_path(replica.wal, run.segment)
                raise Corruption(path, run.next.offset, f"no record for log index {done}")
            done, position = done + len(run.records), run.next


def _lengths(directory: Path, mark: Committed) -> dict[int, int]:
    """Return how many bytes of each segment are to be copied."""
    sealed = {segment: segment_path(directory, segment).stat().st_size for segment in range(1, mark.segment)}
    return sealed | ({mark.segment: mark.end} if mark.segment else {})


def _member(name: str, length: int, manifest: Manifest) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = length, MODE, manifest.created_ms // 1000
    return member
