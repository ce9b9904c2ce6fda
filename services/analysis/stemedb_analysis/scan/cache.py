"""Results of earlier scans, by the digest of what was scanned.

::

    key    16 bytes   BLAKE3 of the file's name, a zero byte, and its bytes
    value             the file's result, MessagePack

    file              {"stamp": 32 bytes, "results": {key: value, …}}       MessagePack
    stamp             BLAKE3 of the version of the program and the digest of the rules

The name is part of the key since rules look at it: the same bytes mean other things in a test, or in a compose file.

The cache lies in the user's own cache directory and never in the project: what comes with a checkout must not be able to say that its
files were scanned and found clean. A cache that cannot be read is no cache, one that cannot be written is none next time; neither is an
error. Written to a temporary name and renamed, so that two scans at a time cost no more than work done twice.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from blake3 import blake3

from stemedb_analysis.scan.result import FileResult

CACHE_BYTES_MAX: Final = 64 << 20
"""Of one project; results beyond that are worked out each time."""
DIGEST_BYTES: Final = 32
"""Of the BLAKE3 of all that follows, at the beginning of the file."""
KEY_BYTES: Final = 16

_decode: Final = msgspec.msgpack.Decoder(FileResult).decode
_encode: Final = msgspec.msgpack.Encoder().encode


class _File(msgspec.Struct):
    stamp: bytes
    results: dict[bytes, msgspec.Raw]


class Cache:
    """The results for one project; without a file it remembers nothing."""

    def __init__(self, path: Path | None, stamp: bytes) -> None:
        self._path = path
        self._stamp = stamp
        self._old: dict[bytes, Any] = {} if path is None else _load(path, stamp)
        self._new: dict[bytes, Any] = {}
        self._bytes = 0
        self._is_changed = False

    @staticmethod
    def key(file: str, data: bytes) -> bytes:
        """Return the key of a file. O(len(data))."""
        return blake3(b"%b\0%b" % (file.encode(), data)).digest(KEY_BYTES)

    def get(self, key: bytes) -> FileResult | None:
        """Return what an earlier scan made of the same bytes under the same name."""
        raw = self._old.get(key)
        if raw is None:
            return None
        try:
            result = _decode(raw)
        except ValueError:  # of msgspec, and of UTF-8
            return None
        self._keep(key, raw)
        return result

    def put(self, key: bytes, result: FileResult) -> None:
        """Remember a result."""
        if self._path is not None:
            self._is_changed = True
            self._keep(key, msgspec.Raw(_encode(result)))

    def save(self, *, whole: bool) -> None:
        """Write what is worth keeping; after a scan of the `whole` project what was not met again is forgotten."""
        if self._path is None or not (self._is_changed or (whole and len(self._new) < len(self._old))):
            return
        if not whole:
            for key, raw in self._old.items():
                self._keep(key, raw)
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            body = _encode(_File(self._stamp, self._new))
            temporary.write_bytes(blake3(body).digest() + body)
            temporary.replace(self._path)

    def _keep(self, key: bytes, raw: Any) -> None:
        size = len(bytes(raw)) + KEY_BYTES
        if key not in self._new and self._bytes + size <= CACHE_BYTES_MAX:
            self._new[key] = raw
            self._bytes += size


def directory() -> Path | None:
    """Return where the user's caches are kept; ``None`` if there is no home to keep them in."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "stemedb"
    try:
        return Path.home() / ".cache" / "stemedb"
    except RuntimeError:
        return None


def path_for(root: Path) -> Path | None:
    """Return the cache file of a project."""
    home = directory()
    return None if home is None else home / "scan" / f"{blake3(os.fsencode(root)).hexdigest(16)}.cache"


def _load(path: Path, stamp: bytes) -> dict[bytes, Any]:
    try:
        data = path.read_bytes()
        digest, body = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
        if blake3(body).digest() != digest:
            return {}
        file = msgspec.msgpack.decode(body, type=_File)
    except (OSError, ValueError):
        return {}
    return file.results if file.stamp == stamp else {}
