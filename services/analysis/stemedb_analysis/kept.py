"""What YAML said, kept as JSON: reading rules, registry and corpus anew takes ten times as long as a small scan.

::

    files ── the digest of all of them ──▶ <cache>/stemedb/rules/<digest>.json    there: read, ~1 ms
                                                                                not there: read the files, and write it

It holds the documents and nothing that was made of them: they are checked like the files whenever they are read. It is never more than a shortcut:
without a writable directory, and after any doubt, the files are read.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import orjson
from blake3 import blake3


def kept(
    texts: Mapping[str, bytes], read: Callable[[Mapping[str, bytes]], dict[str, object]], shape: bytes
) -> dict[str, object]:
    """Return what `read` makes of `texts`, from the cache if it is there; `shape` moves whenever `read` makes something else of them."""
    if not texts:
        return {}
    place = _place(texts, shape)
    if place is not None:
        known = _read(place, texts.keys())
        if known is not None:
            return known
    documents = read(texts)
    if place is not None:
        _write(place, documents)
    return documents


def cache_folder() -> Path:
    """Return where this user's documents are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "stemedb" / "rules"


def _place(texts: Mapping[str, bytes], shape: bytes) -> Path | None:
    digest = blake3(shape)
    for name, text in texts.items():
        digest.update(f"\0{name}\0{len(text)}\0".encode())
        digest.update(text)
    try:
        return cache_folder() / f"{digest.hexdigest(length=16)}.json"
    except RuntimeError:  # no home
        return None


def _read(place: Path, names: Iterable[str]) -> dict[str, object] | None:
    try:
        known = orjson.loads(place.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return known if isinstance(known, dict) and list(known) == list(names) else None


def _write(place: Path, documents: Mapping[str, object]) -> None:
    partial = place.with_suffix(f".{os.getpid()}.tmp")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(orjson.dumps(documents, option=orjson.OPT_NON_STR_KEYS))
        partial.replace(place)
    except (
        OSError,
        TypeError,
    ):  # nowhere to write, or a date that YAML made: then the files are read each time
        with contextlib.suppress(OSError):  # what is left over is named after the process, and never read
            partial.unlink(missing_ok=True)
