"""Making a replica from a backup, in steps that leave either a whole replica or none.

::

    archive ── unpack ──▶ DIR/.restoring/     a whole data directory, its log and ids made anew and compared
                              │  become       (only if it is to be another replica: new name, new key)
                              ▼
                          settle ── rename each store up ── replica.json last ──▶ DIR

Invariants
    * Nothing is written over: the directory must be empty, save for what an unfinished restore left in ``.restoring``.
    * ``replica.json`` comes last. Until then no service takes the directory for a replica, and the restore can begin again.
    * The log that was signed for in the archive is the log that is restored: size and root are compared with the checkpoint.

Of an archive only the names listed in `stemedb.ledger.backup` are unpacked, and they are taken for names, never for paths: it may
come from anywhere. It is trusted for nothing that is not compared, save the keys in it.
"""

import json
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final

from stemedb.errors import Corruption, InvalidInput, Refused, UnsupportedFormat, WrongReplica
from stemedb.ledger.backup import FORMAT, MANIFEST_NAME, MODE, SMALL_BYTES_MAX, Manifest
from stemedb.ledger.ledger import Ledger, Progress
from stemedb.ledger.rebuilding import rebuild
from stemedb.ledger.signed import FILE_NAME as CHECKPOINT_NAME
from stemedb.storage.files import atomic_replace, fdatasync, fsync_dir, open_for_writing, pwrite_all
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import LogSize
from stemedb.wal.segment import SEGMENT_BYTES
from stemedb.wal.writer import BATCH_BYTES_MAX

STAGING_NAME: Final = ".restoring"
STORES: Final = ("wal", "log", "ids", "index", "sync", "keys")
TOLERATED: Final = frozenset({STAGING_NAME, "lost+found"})  # the second is every new file system's own
SEGMENT_BYTES_MAX: Final = SEGMENT_BYTES + BATCH_BYTES_MAX  # a segment's first batch may pass its size
CHUNK_BYTES: Final = 1 << 20

_SMALL: Final = re.compile(
    r"replica\.json|keys/(realm\.key|replica\.nk)|sync/(peers|evidence)/[a-z0-9][a-z0-9-]{0,63}\.json"
    rf"|log/{CHECKPOINT_NAME}|wal/committed",
    re.ASCII,
)
_SEGMENT: Final = re.compile(r"wal/[0-9]{8}\.wal", re.ASCII)


def unpack(
    archive: BinaryIO, path: Path, expected_name: str | None = None, progress: Progress | None = None
) -> tuple[ReplicaDirectory, Manifest]:
    """Unpack `archive` below `path` and return the replica as it is staged there, with its ledger made anew, and what the archive says.

    The map is still to be made, then `settle`. Raises `Refused` if `path` is not empty, `InvalidInput` if `archive` is no
    backup or is cut short, `WrongReplica` if it is not one of the expected replica, `UnsupportedFormat`, and `Corruption` if
    what is in it contradicts itself. O(log).
    """
    staging = _stage(path)
    wal_bytes = 0
    try:
        with tarfile.open(fileobj=archive, mode="r|") as tar:
            manifest = _manifest(tar)
            if expected_name not in {None, manifest.name}:
                raise WrongReplica(f"the backup is of replica {manifest.name}, want {expected_name}")
            while (member := tar.next()) is not None:
                wal_bytes += _unpack(tar, member, staging)
    except (tarfile.TarError, EOFError) as error:
        raise InvalidInput("", f"not a whole backup: {error}") from error
    if wal_bytes != manifest.wal_bytes:
        raise InvalidInput("", f"not a whole backup: got {wal_bytes} bytes of log, want {manifest.wal_bytes}")
    for store in ("wal", "log", "ids", "index"):
        (staging / store).mkdir(exist_ok=True)
    if not (staging / "replica.json").exists():
        raise InvalidInput("", "not a whole backup: it holds no replica.json")
    replica = ReplicaDirectory.open(staging, manifest.name)
    size = rebuild(replica, progress)
    if size != manifest.size:
        raise Corruption(replica.wal, 0, f"got {size} statements, want {manifest.size} of the backup")
    return replica, manifest


def become(staged: ReplicaDirectory, name: str) -> ReplicaDirectory:
    """Make the staged replica another one, of the same realm and with the same statements: a new name and a new key.

    Requires a valid `name`. What its original has signed does not bind it. Raises `InvalidInput` if `name` is that of the
    original or of a peer it knows: two that speak under one name contradict one another.
    """
    if name == staged.name or (staged.path / "sync" / "peers" / f"{name}.json").exists():
        raise InvalidInput("name", f"got {name!r}, want one that is neither the original's nor a peer's")
    (staged.log / CHECKPOINT_NAME).unlink()
    renamed = staged.rename(name)
    Ledger.open(renamed, 0).close()  # signs
    return renamed


def settle(staged: ReplicaDirectory, path: Path) -> ReplicaDirectory:
    """Move the staged replica to `path` and return it there; durable when it returns. Nobody may have it open."""
    for store in STORES:
        if (staged.path / store).exists():
            (staged.path / store).rename(path / store)
    fsync_dir(path)
    # If we crash here, the stores stand without a replica.json: no service starts, and the next restore is refused.
    (staged.path / "replica.json").rename(path / "replica.json")
    fsync_dir(path)
    shutil.rmtree(staged.path)
    return ReplicaDirectory.open(path, staged.name)


def _stage(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    found = sorted({entry.name for entry in path.iterdir()} - TOLERATED)
    if found:
        raise Refused(f"{path}: is not empty, it holds {found[0]}: restore into a new directory")
    staging = path / STAGING_NAME
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    return staging


def _manifest(tar: tarfile.TarFile) -> Manifest:
    """Return what the first member says."""
    first = tar.next()
    if first is None or first.name != MANIFEST_NAME or not first.isreg() or first.size > SMALL_BYTES_MAX:
        raise InvalidInput("", f"not a backup: it does not begin with {MANIFEST_NAME}")
    try:
        fields = json.loads(b"".join(_chunks(tar, first)))
        version = fields["format"]
        if version != FORMAT and str(version).startswith("stemedb/backup/"):
            raise UnsupportedFormat(f"backup: got format {version}, this software knows {FORMAT}: upgrade it")
        manifest = Manifest(
            str(fields["name"]),
            str(fields["realm"]),
            LogSize(int(fields["statements"])),
            int(fields["wal_bytes"]),
            int(fields["created_ms"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(MANIFEST_NAME, f"not one of a backup: {type(error).__name__}: {error}") from error
    if version != FORMAT:
        raise InvalidInput(MANIFEST_NAME, f"got format {version!r}, want {FORMAT}")
    return manifest


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, staging: Path) -> int:
    """Write one member to where it belongs and return how many bytes of log it is; durable when it returns."""
    segment = _SEGMENT.fullmatch(member.name) is not None
    if not member.isreg() or not (segment or _SMALL.fullmatch(member.name)):
        raise InvalidInput(member.name[:100], "not a file of a backup")
    if member.size > (SEGMENT_BYTES_MAX if segment else SMALL_BYTES_MAX):
        raise InvalidInput(member.name, f"got {member.size} bytes, more than such a file can have")
    path = staging / member.name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if path.parent.name == "keys" else 0o755)
    if not segment:
        mode = MODE if path.parent.name == "keys" else 0o644
        atomic_replace(path, b"".join(_chunks(tar, member)), mode=mode)
        return 0
    fd = open_for_writing(path, truncated=True)
    with open(fd, "rb+", buffering=0) as file:  # noqa: PTH123 - adopts the descriptor, and closes it
        offset = 0
        for chunk in _chunks(tar, member):
            pwrite_all(file.fileno(), chunk, offset, path)
            offset += len(chunk)
        fdatasync(file.fileno(), path)
    fsync_dir(path.parent)
    return member.size


def _chunks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield the bytes of a regular member; raises `InvalidInput` if the archive ends before."""
    source: IO[bytes] | None = tar.extractfile(member)
    assert source is not None, "a regular member has bytes"
    left = member.size
    while left:
        chunk = source.read(min(CHUNK_BYTES, left))
        if not chunk:
            raise InvalidInput(member.name, f"the archive ends {left} bytes before the end of the file")
        left -= len(chunk)
        yield chunk
