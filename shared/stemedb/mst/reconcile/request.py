"""What a client asks: a list of items, each about one node of one root.

A node is named by its *path*, the child indices from the root down to it. With the root digest that is a full name which costs
a byte per level and needs no index at the server: it walks down, as in every other read. An item says what the
client holds in the interval of that node, so that the answer can be about the difference:

=======  ================================  ==========================================================
item     tells                             asks for
=======  ================================  ==========================================================
compare  level, entries, children          the children that differ, each by its own summary
match    level, every entry of that level  the entries of the node that are not among them, in full
fetch    entry indices                     these entries, in full
scan     the last key it got, if any       all entries of the subtree behind it, in full
=======  ================================  ==========================================================

Request:

=====  ======  =================================================================================
field  bytes   content
=====  ======  =================================================================================
1      1       format version, 1
2      1       w, the width of short digests, 1 to 32
3      16      nonce
4      32      root digest
5      number  items, >= 1
6      …       the items, paths ascending
=====  ======  =================================================================================

Item (numbers and rows as in `stemedb.mst.reconcile.wire`):

=====  ========  =============================================================================
1      1         1 compare, 2 match, 3 fetch, 4 scan
2      number    path components shared with the item before
3      numbers   how many more components, and these
4      1         compare, match: level (from 1, from 0)
5      number    compare, match: n, the number of entries (from 1, from 0); fetch: indices
6      w         compare: short digest of the entries block
7      w(n+1)    compare: short digests of the children, zeros where there is none
8      wn        match: short digests of the entries
9      numbers   fetch: each index as what it exceeds its least possible value by
10     number    scan: 0 from the beginning, or one more than the bytes of the key; then the key
=====  ========  =============================================================================

What this does not do: answer (`stemedb.mst.reconcile.server`), or decide what to ask (`stemedb.mst.reconcile.client`).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from stemedb.errors import InvalidRequest
from stemedb.mst.block import KEY_BYTES_MAX
from stemedb.mst.level import LEVEL_MAX
from stemedb.mst.reconcile.short import FULL_BYTES, NONCE_BYTES
from stemedb.mst.reconcile.wire import Reader, Writer
from stemedb.mst.strict import OUTSIDE_WIDTH_MAX
from stemedb.types import DIGEST_BYTES, Digest

VERSION: Final = 1
ITEMS_MAX: Final = 8192
"""Items of one request: a request of usual size cannot hold more that say anything."""

REQUEST_BYTES_MAX: Final = 512 << 10
"""Half of what a NATS server lets pass by default, so that the envelope around it never matters."""

Path = tuple[int, ...]

_COMPARE: Final = 1
_MATCH: Final = 2
_FETCH: Final = 3
_SCAN: Final = 4


class Compare(NamedTuple):
    """What a node above level 0 looks like at the client; all digests short."""

    path: Path
    level: int
    entries: bytes
    children: Sequence[bytes]


class Match(NamedTuple):
    """The short digests of all entries of one level that the client holds there, in key order."""

    path: Path
    level: int
    hashes: Sequence[bytes]


class Fetch(NamedTuple):
    """Entries of the node that the client wants in full, by ascending index."""

    path: Path
    indices: Sequence[int]


class Scan(NamedTuple):
    """Everything under the node, behind the key `after` if there is one."""

    path: Path
    after: bytes | None


Item = Compare | Match | Fetch | Scan


class Request(NamedTuple):
    """A request that is well formed."""

    width: int
    nonce: bytes
    root: Digest
    items: list[Item]


def encode_request(width: int, nonce: bytes, root: Digest, items: Sequence[bytes]) -> bytes:
    """Return the request of these encoded items."""
    writer = Writer()
    writer.out += bytes((VERSION, width)) + nonce + root
    writer.number(len(items))
    return b"".join((writer.out, *items))


def encode_item(item: Item, before: Path) -> bytes:
    """Return the item, behind one with the path `before`."""
    writer = Writer()
    path = item.path
    shared = _shared(before, path)
    writer.out.append(_OPERATIONS[type(item)])
    for number in (shared, len(path) - shared, *path[shared:]):
        writer.number(number)
    if isinstance(item, Compare):
        writer.out.append(item.level)
        writer.number(len(item.children) - 1)
        writer.row((item.entries, *item.children))
    elif isinstance(item, Match):
        writer.out.append(item.level)
        writer.number(len(item.hashes))
        writer.row(item.hashes)
    elif isinstance(item, Fetch):
        writer.ascending(item.indices)
    else:
        writer.number(0 if item.after is None else len(item.after) + 1)
        writer.out += item.after or b""
    return bytes(writer.out)


def requested_root(raw: bytes) -> Digest:
    """Return the root that a request is about, without looking at its items; raise `InvalidRequest`. O(1)."""
    return _head(raw)[3]


def decode_request(raw: bytes) -> Request:
    """Return the request; raise `InvalidRequest` unless it is well formed and within all bounds."""
    reader, width, nonce, root = _head(raw)
    items: list[Item] = []
    before: Path | None = None
    for _ in range(reader.number("number of items", ITEMS_MAX, 1)):
        item = _item(reader, width, before)
        before = item.path
        items.append(item)
    reader.end()
    return Request(width, nonce, root, items)


_OPERATIONS: Final = {Compare: _COMPARE, Match: _MATCH, Fetch: _FETCH, Scan: _SCAN}


def _head(raw: bytes) -> tuple[Reader, int, bytes, Digest]:
    if len(raw) > REQUEST_BYTES_MAX:
        raise _wrong(f"got {len(raw)} bytes, want at most {REQUEST_BYTES_MAX}")
    reader = Reader(raw, _wrong)
    version = reader.take("version", 1)[0]
    if version != VERSION:
        raise reader.wrong(f"version: got {version}, want {VERSION}")
    width = reader.number("width of short digests", FULL_BYTES, 1)
    nonce = reader.take("nonce", NONCE_BYTES)
    return reader, width, nonce, Digest(reader.take("root", DIGEST_BYTES))


def _item(reader: Reader, width: int, before: Path | None) -> Item:
    operation = reader.number("operation", _SCAN, _COMPARE)
    path = _path(reader, before)
    if operation == _COMPARE:
        level = reader.number("level", LEVEL_MAX, 1)
        count = reader.number("width of node", OUTSIDE_WIDTH_MAX, 1)
        entries, *children = reader.row("digests", count + 2, width)
        return Compare(path, level, entries, children)
    if operation == _MATCH:
        level = reader.number("level", LEVEL_MAX)
        count = reader.number("width of node", OUTSIDE_WIDTH_MAX)
        return Match(path, level, reader.row("hashes", count, width))
    if operation == _FETCH:
        indices = reader.ascending("indices", OUTSIDE_WIDTH_MAX, OUTSIDE_WIDTH_MAX)
        if not indices:
            raise reader.wrong("indices: got none")
        return Fetch(path, indices)
    length = reader.number("bytes of key", KEY_BYTES_MAX + 1)
    return Scan(path, reader.take("key", length - 1) if length else None)


def _path(reader: Reader, before: Path | None) -> Path:
    last = before or ()
    shared = reader.number("shared path", len(last))
    count = reader.number("rest of path", LEVEL_MAX - shared)
    rest = [reader.number("child index", OUTSIDE_WIDTH_MAX) for _ in range(count)]
    path = (*last[:shared], *rest)
    if before is not None and (path < before or _shared(before, path) != shared):
        raise reader.wrong("path: not behind the one before, in the shortest form")
    return path


def _shared(left: Path, right: Path) -> int:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count


def _wrong(reason: str) -> InvalidRequest:
    return InvalidRequest("subtree request", reason)
