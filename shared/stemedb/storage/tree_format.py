"""The bytes of a tree file around its nodes: one header page, then commits.

::

    page 0       page 1 …                                                     end of the last commit     file end
    ┌────────┐┌──────────────────────┐┌──────────────────────┐              ┌──────────────┐
    │ header ││ head  records  0 0 0 ││ head  records  0 0 0 │      …       │ …    trailer │ 0 0 0 0 0 0 0 0
    │        ││      meta    trailer ││      meta    trailer │              │              │     runway
    └────────┘└──────────────────────┘└──────────────────────┘              └──────────────┘
                      commit 1                commit 2

Everything is a whole number of 4 KiB pages. A commit is found from its end (opening scans back over the zeros of
the runway for a trailer) or from its start (a reader that knows the last commit looks where the next one would begin).

Header (integers little-endian, here and below):

====  =====  ======================================================================
field bytes  content
====  =====  ======================================================================
1     8      ``STEMEMST``
2     4      format version, 1
3     4      page length, 4096
4     32     realm id: BLAKE3 derived key of the realm secret
5     8      created, Unix milliseconds
6     32     BLAKE3 of fields 1 to 5, keyed with the realm secret
7     …      zeros to the end of the page
====  =====  ======================================================================

Commit head:

====  =====  ======================================================================
1     8      ``STEMEcmt``
2     8      length of the whole commit in bytes, a multiple of 4096
====  =====  ======================================================================

Trailer, the last bytes of the last page of the commit; the owner's meta lies directly before it:

====  =====  ======================================================================
1     8      ``STEMEend``
2     8      commit number, from 1
3     8      offset of the commit
4     8      offset of this trailer
5     8      offset of the trailer of the commit before, 0 if there is none in this file
6     8      place of the root node, 0 if the map is empty
7     32     digest of the root node
8     8      number of keys
9     8      offset from which field 10 counts; what the commit holds before it was synced earlier
10    32     BLAKE3 of the commit from field 9 up to the meta, keyed with the realm secret
11    2      length of the meta, 0 to 1024
12    6      zeros
13    32     BLAKE3 of the meta and fields 1 to 12, keyed with the realm secret
====  =====  ======================================================================

Checksums are keyed so that no content of the map can pass for a trailer.

What this does not do: read or write files (`stemedb.storage.tree_file`), or describe nodes (`stemedb.mst`).
"""

from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Final

from blake3 import blake3

from stemedb.errors import Corruption, UnsupportedFormat, WrongReplica
from stemedb.mst import EMPTY_ROOT, Commit, NodeRef
from stemedb.types import DIGEST_BYTES, Digest

PAGE_BYTES: Final = 4096
"""What disks and page caches write at once; a commit never shares a page with an earlier one."""

VERSION: Final = 1
META_BYTES_MAX: Final = 1024
"""Room for the owner's position in its source; a commit of one key still fits two pages."""

HEAD_BYTES: Final = 16

_HEADER_MAGIC: Final = b"STEMEMST"
_HEAD_MAGIC: Final = b"STEMEcmt"
_TRAILER_MAGIC: Final = b"STEMEend"
_VERSION_AT: Final = 8
_REALM_CONTEXT: Final = "stemedb 2026 tree file realm id"

_header: Final = Struct("<8sII32sQ")
_head: Final = Struct("<8sQ")
_trailer: Final = Struct("<8sQQQQQ32sQQ32sH6x")
TRAILER_BYTES: Final = _trailer.size + DIGEST_BYTES


@dataclass(frozen=True, slots=True)
class Trailer:
    """One commit as its trailer tells it; offsets and lengths in bytes."""

    number: int
    start: int
    offset: int
    previous: int
    root: NodeRef
    covered_from: int
    covered_digest: bytes
    meta: bytes

    @property
    def end(self) -> int:
        """The offset behind the commit: where the next one will begin."""
        return self.offset + TRAILER_BYTES

    @property
    def covered_to(self) -> int:
        """The offset up to which `covered_digest` counts."""
        return self.offset - len(self.meta)

    @property
    def commit(self) -> Commit:
        """What the owner of a tree is told about it."""
        return Commit(self.offset, self.root.digest, self.root.count, self.meta)


def realm_id(realm: bytes) -> bytes:
    """Return the public name of a realm: tells nothing about the secret."""
    return blake3(realm, derive_key_context=_REALM_CONTEXT).digest()


def encode_header(realm: bytes, created_ms: int) -> bytes:
    """Return the header page."""
    fields = _header.pack(_HEADER_MAGIC, VERSION, PAGE_BYTES, realm_id(realm), created_ms)
    return (fields + _keyed(realm, fields)).ljust(PAGE_BYTES, b"\0")


def check_header(page: bytes, realm: bytes, path: Path) -> None:
    """Raise `Corruption`, `UnsupportedFormat` or `WrongReplica` unless this is our header."""
    size = _header.size
    if len(page) < size + DIGEST_BYTES:
        raise Corruption(path, 0, f"header ends early: got {len(page)} bytes, want {PAGE_BYTES}")
    magic, version, page_bytes, realm_of_file, _ = _header.unpack_from(page)
    if magic != _HEADER_MAGIC:
        raise Corruption(path, 0, f"not a tree file: got {magic.hex()}, want {_HEADER_MAGIC.hex()}")
    if version != VERSION:
        raise UnsupportedFormat(
            f"{path}: tree format version {version}, this software reads {VERSION}: install the newer release"
        )
    if realm_of_file != realm_id(realm):
        raise WrongReplica(
            f"{path}: belongs to another realm: got {realm_of_file.hex()[:8]}, want {realm_id(realm).hex()[:8]}"
        )
    got, want = page[size : size + DIGEST_BYTES], _keyed(realm, page[:size])
    if got != want or page_bytes != PAGE_BYTES:
        raise Corruption(path, size, f"header checksum mismatch: got {got.hex()[:8]}, want {want.hex()[:8]}")


def encode_head(length: int) -> bytes:
    """Return the head of a commit of `length` bytes."""
    return _head.pack(_HEAD_MAGIC, length)


def head_length(data: bytes) -> int | None:
    """Return the length of the commit that begins with these bytes, or None if none begins here."""
    if len(data) < HEAD_BYTES:
        return None
    magic, length = _head.unpack_from(data)
    return length if magic == _HEAD_MAGIC and length and length % PAGE_BYTES == 0 else None


def commit_length(records_bytes: int, meta_bytes: int) -> int:
    """Return how long a commit with so many bytes of records and meta is."""
    used = HEAD_BYTES + records_bytes + meta_bytes + TRAILER_BYTES
    return -(-used // PAGE_BYTES) * PAGE_BYTES


def encode_trailer(trailer: Trailer, realm: bytes) -> bytes:
    """Return the meta and the trailer, the last bytes of a commit."""
    root = trailer.root
    fields = trailer.meta + _trailer.pack(
        _TRAILER_MAGIC,
        trailer.number,
        trailer.start,
        trailer.offset,
        trailer.previous,
        root.place,
        root.digest,
        root.count,
        trailer.covered_from,
        trailer.covered_digest,
        len(trailer.meta),
    )
    return fields + _keyed(realm, fields)


def decode_trailer(page: bytes, page_end: int, realm: bytes) -> Trailer | None:
    """Return the trailer at the end of this page, or None if there is no whole one.

    Requires ``len(page) == PAGE_BYTES`` and `page_end` to be the offset of its end in the file.
    """
    at = len(page) - TRAILER_BYTES
    if page[at : at + 8] != _TRAILER_MAGIC:
        return None
    _, number, start, offset, previous, place, digest, count, covered_from, covered, meta_bytes = (
        _trailer.unpack_from(page, at)
    )
    if meta_bytes > META_BYTES_MAX or offset != page_end - TRAILER_BYTES:
        return None
    if page[-DIGEST_BYTES:] != _keyed(realm, page[at - meta_bytes : -DIGEST_BYTES]):
        return None
    return Trailer(
        number,
        start,
        offset,
        previous,
        NodeRef(place, Digest(digest), count),
        covered_from,
        covered,
        page[at - meta_bytes : at],
    )


def covered_digest(realm: bytes, *parts: bytes) -> bytes:
    """Return the checksum of the part of a commit that its trailer covers."""
    hasher = blake3(key=realm)
    for part in parts:
        hasher.update(part)
    return hasher.digest()


EMPTY_REF: Final = NodeRef(0, EMPTY_ROOT, 0)


def _keyed(realm: bytes, data: bytes) -> bytes:
    return blake3(data, key=realm).digest()
