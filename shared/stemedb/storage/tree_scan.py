"""Finding commits in a tree file.

Two ways in, for two moments::

    opening      …│ commit 8 │ commit 9 │ 0 0 0 0 0 0 0 0 0 0 0    from the file's end back over zeros to a trailer
                                      ◀─────────────────────
    refreshing   …│ commit 8 │ commit 9 │ 0 0                      from the end of the last known commit forward
                             ├─────────▶├ ?

A commit counts only if its trailer is whole and the part of it that was not synced before matches the trailer's checksum. If we
crashed while writing a commit, some of its pages may be missing, and the commit before it is the last one: it was
synced before the writing began.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stemedb.errors import Corruption
from stemedb.storage.tree_format import (
    HEAD_BYTES,
    PAGE_BYTES,
    TRAILER_BYTES,
    Trailer,
    covered_digest,
    decode_trailer,
    head_length,
)

_STRETCH_BYTES: Final = 256 << 10  # read back in stretches of this; a runway is sixteen of them
_ZEROS: Final = bytes(_STRETCH_BYTES)


@dataclass(frozen=True, slots=True)
class Found:
    """The last whole commit, and how many bytes after it belong to none (0 after a clean end)."""

    trailer: Trailer
    torn_bytes: int


def last_commit(fd: int, path: Path, realm: bytes) -> Found:
    """Return the last whole commit of the file; raise `Corruption` if there is none. O(bytes after it)."""
    size = os.fstat(fd).st_size
    used = 0  # the end of the last page that is not zero
    end = size // PAGE_BYTES * PAGE_BYTES
    if size > end and any(os.pread(fd, size - end, end)):
        used = size
    while end > PAGE_BYTES:
        start = max(PAGE_BYTES, end - _STRETCH_BYTES)
        stretch = os.pread(fd, end - start, start)
        if stretch != _ZEROS[: len(stretch)]:
            for at in range(len(stretch) - PAGE_BYTES, -1, -PAGE_BYTES):
                page = stretch[at : at + PAGE_BYTES]
                if not any(page):
                    continue
                page_end = start + at + PAGE_BYTES
                used = max(used, page_end)
                trailer = decode_trailer(page, page_end, realm)
                if trailer is not None and _is_whole(fd, trailer, realm):
                    return Found(trailer, max(used - trailer.end, 0))
        end = start
    raise Corruption(path, PAGE_BYTES, f"no whole commit in {size} bytes")


def next_commit(fd: int, after: Trailer, realm: bytes) -> Trailer | None:
    """Return the commit that begins where `after` ends, or None if it is not (wholly) there yet.

    For a reader beside a living writer: what the page cache shows behind a whole trailer is whole. It may not be durable yet.
    """
    length = head_length(os.pread(fd, HEAD_BYTES, after.end))
    if length is None:
        return None
    end = after.end + length
    page = os.pread(fd, PAGE_BYTES, end - PAGE_BYTES)
    if len(page) < PAGE_BYTES:
        return None
    trailer = decode_trailer(page, end, realm)
    return trailer if trailer is not None and trailer.number == after.number + 1 else None


def trailer_at(fd: int, offset: int, realm: bytes) -> Trailer | None:
    """Return the trailer at `offset`, or None if there is no whole one. Requires an offset out of a `Commit`."""
    end = offset + TRAILER_BYTES
    if offset < PAGE_BYTES or end % PAGE_BYTES:
        raise ValueError(f"commit offset {offset}: not the place of a trailer")
    page = os.pread(fd, PAGE_BYTES, end - PAGE_BYTES)
    return decode_trailer(page, end, realm) if len(page) == PAGE_BYTES else None


def _is_whole(fd: int, trailer: Trailer, realm: bytes) -> bool:
    length = trailer.covered_to - trailer.covered_from
    if not PAGE_BYTES <= trailer.start <= trailer.covered_from or length < 0:
        return False
    # A new writer may cut a torn commit off at this very moment: what is not there any more is not whole.
    covered = os.pread(fd, length, trailer.covered_from)
    return covered_digest(realm, covered) == trailer.covered_digest
