"""The directory of one replica: who it is, its two keys, and where each store lives.

::

    <data directory>/
      replica.json       1. format version, name, realm id, time of creation; present = the replica exists
      keys/realm.key     2. 32 bytes, mode 0600: the secret that all replicas of a realm share (map levels)
      keys/replica.nk    3. Ed25519 seed as nkey text ("SU…"), mode 0600: signs this replica's checkpoints
      wal/  log/  ids/   4. the ledger: the truth and what is derived from it
      index/             5. the map

The *realm id* in ``replica.json`` is BLAKE3(realm secret) in hex: it names the realm without giving the secret away, and
tells at once when a key file was exchanged.

Invariants
    * ``replica.json`` is written last. A crash before it leaves a directory that holds no replica and can be used again.
    * Creating never overwrites: not a replica, and not a directory whose ``wal/`` holds segments but has lost its
      ``replica.json``.

The directory holds no lock of its own: each store has exactly one writer and locks itself.
"""

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import nkeys
from blake3 import blake3

from stemedb.errors import Corruption, NotFound, Refused, UnsupportedFormat, WrongReplica
from stemedb.storage.files import SYSTEM, Operations, atomic_replace, fsync_dir
from stemedb.types import REPLICA_NAME_PATTERN

FORMAT: Final = 1
REALM_BYTES: Final = 32
SEED_BYTES: Final = 32
_IDENTITY_BYTES_MAX: Final = 4096  # replica.json is some 200 bytes; more is not ours


@dataclass(frozen=True, slots=True)
class ReplicaDirectory:
    """An opened data directory; a value: it holds no file open."""

    path: Path
    name: str
    realm: bytes = field(repr=False)
    """The realm secret, 32 bytes."""
    seed: bytes = field(repr=False)
    """The Ed25519 seed of this replica, 32 bytes."""
    created_ms: int

    @classmethod
    def create(
        cls,
        path: Path | str,
        name: str,
        realm: bytes | None = None,
        seed: bytes | None = None,
        *,
        operations: Operations = SYSTEM,
    ) -> Self:
        """Make a replica in `path` (made if missing); durable when it returns.

        Requires a `name` of ``[a-z0-9][a-z0-9-]{0,31}``, and 32 bytes of `realm` and of `seed` where given; what is not
        given is drawn from the system's randomness. Raises `ValueError`, `Refused` if a replica is there already, or
        `DurabilityLost`.
        """
        _check_name(name)
        realm = secrets.token_bytes(REALM_BYTES) if realm is None else realm
        seed = secrets.token_bytes(SEED_BYTES) if seed is None else seed
        if len(realm) != REALM_BYTES or len(seed) != SEED_BYTES:
            raise ValueError(f"realm and seed: got {len(realm)} and {len(seed)} bytes, want 32 each")
        directory = cls(Path(path), name, realm, seed, time.time_ns() // 1_000_000)
        directory.path.mkdir(parents=True, exist_ok=True)
        with _exclusive(directory.path):
            directory._require_unused()
            directory._write(operations)
        return directory

    @classmethod
    def open(cls, path: Path | str, expected_name: str | None = None) -> Self:
        """Open the replica in `path`, and insist on its name if one is expected.

        Raises `NotFound`, `WrongReplica`, `UnsupportedFormat`, or `Corruption` of an identity or key file.
        """
        path = Path(path)
        name, realm_id, created_ms = _read_identity(path / "replica.json")
        if expected_name is not None and name != expected_name:
            raise WrongReplica(
                f"{path}: holds replica {name}, want {expected_name}: point at another data directory, or run as {name}"
            )
        realm = _read_key(path / "keys" / "realm.key")
        if len(realm) != REALM_BYTES:
            raise Corruption(path / "keys" / "realm.key", 0, f"got {len(realm)} bytes, want {REALM_BYTES}")
        if blake3(realm).hexdigest() != realm_id:
            raise WrongReplica(
                f"{path}: keys/realm.key is not the key of realm {realm_id[:8]} named in replica.json: put the right key back"
            )
        return cls(path, name, realm, _read_seed(path / "keys" / "replica.nk"), created_ms)

    def rename(self, name: str, seed: bytes | None = None, *, operations: Operations = SYSTEM) -> Self:
        """Make the replica in this directory another one of its realm: with this name, and with a key of its own.

        Requires what `create` requires, and that no service runs. For a copy, which must not speak as its original;
        whatever the old key has signed here is to be removed first. Durable when it returns; raises `DurabilityLost`.
        """
        _check_name(name)
        seed = secrets.token_bytes(SEED_BYTES) if seed is None else seed
        renamed = type(self)(self.path, name, self.realm, seed, time.time_ns() // 1_000_000)
        renamed._write(operations)  # noqa: SLF001 - our own kind
        return renamed

    @property
    def realm_id(self) -> str:
        """BLAKE3 of the realm secret, 64 hex digits; safe to show."""
        return blake3(self.realm).hexdigest()

    @property
    def wal(self) -> Path:
        """Where the write-ahead log lives."""
        return self.path / "wal"

    @property
    def log(self) -> Path:
        """Where the Merkle log lives."""
        return self.path / "log"

    @property
    def ids(self) -> Path:
        """Where the table from statement id to log index lives."""
        return self.path / "ids"

    @property
    def index(self) -> Path:
        """Where the map lives."""
        return self.path / "index"

    def _require_unused(self) -> None:
        if (self.path / "replica.json").exists():
            raise Refused(f"{self.path}: holds a replica already: open it, or use another data directory")
        if self.wal.is_dir() and any(self.wal.iterdir()):
            raise Refused(
                f"{self.path}: has a write-ahead log but no replica.json: restore that file from a copy, or use another data directory"
            )

    def _write(self, operations: Operations) -> None:
        keys = self.path / "keys"
        keys.mkdir(mode=0o700, exist_ok=True)
        for store in (self.wal, self.log, self.ids, self.index):
            store.mkdir(exist_ok=True)
        atomic_replace(keys / "realm.key", self.realm, mode=0o600, operations=operations)
        text = nkeys.encode_seed(self.seed, nkeys.PREFIX_BYTE_USER)
        atomic_replace(keys / "replica.nk", bytes(text) + b"\n", mode=0o600, operations=operations)
        fsync_dir(self.path, operations)
        # If we crash here, keys exist but no replica does: the next create replaces them.
        identity = {
            "format": FORMAT,
            "name": self.name,
            "realm": self.realm_id,
            "created_ms": self.created_ms,
        }
        atomic_replace(
            self.path / "replica.json",
            json.dumps(identity, indent=1).encode() + b"\n",
            operations=operations,
        )
        fsync_dir(self.path.parent, operations)


def _check_name(name: str) -> None:
    if re.fullmatch(REPLICA_NAME_PATTERN, name, re.ASCII) is None:
        raise ValueError(f"replica name: got {name!r}, want {REPLICA_NAME_PATTERN}")


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Let one process at a time create in `path`; waits for the other, which takes milliseconds."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _read_identity(path: Path) -> tuple[str, str, int]:
    try:
        with path.open("rb") as file:
            raw = file.read(_IDENTITY_BYTES_MAX)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"{path.parent}: holds no replica: create one with `stemedb up`") from None
    try:
        identity = json.loads(raw)
    except ValueError as error:
        raise Corruption(path, 0, f"not JSON: {error}") from error
    if not isinstance(identity, dict):
        raise Corruption(path, 0, "not a JSON object")
    version = identity.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise UnsupportedFormat(f"{path}: format {version}, this software knows up to {FORMAT}: upgrade it")
    name, realm_id, created_ms = (identity.get(key) for key in ("name", "realm", "created_ms"))
    if version != FORMAT or not isinstance(name, str) or not isinstance(realm_id, str):
        raise Corruption(path, 0, "format, name or realm is missing or malformed")
    if not isinstance(created_ms, int) or re.fullmatch(REPLICA_NAME_PATTERN, name, re.ASCII) is None:
        raise Corruption(path, 0, "name or created_ms is missing or malformed")
    return name, realm_id, created_ms


def _read_key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Corruption(path, 0, "key file is missing: restore it from a copy") from None


def _read_seed(path: Path) -> bytes:
    text = _read_key(path).strip()
    try:
        prefix, seed = nkeys.decode_seed(text)
        intact = (
            nkeys.encode_seed(bytes(seed), prefix) == text
        )  # decoding alone does not look at the checksum
    except (nkeys.NkeysError, ValueError) as error:
        raise Corruption(path, 0, f"not an nkey seed: {type(error).__name__}") from error
    if not intact:
        raise Corruption(path, 0, "nkey seed: checksum mismatch")
    return bytes(seed)
