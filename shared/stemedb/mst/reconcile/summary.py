"""What a server answers: summaries of nodes and the entries that the client lacks.

A *summary* says what a node is like without its content:

=========  =======================================================================  ==================================
kind       content                                                                  bytes
=========  =======================================================================  ==================================
0 absent   there is no node                                                         0
1 differs  there is a node, and it is not the client's; ask for it by itself        0
2 node     level, number n of entries, short digests of entries block and children  1 + number + w(n+2)
3 listing  level, number n of entries, short digest of each entry                   1 + number + wn
4 open     as node, and then the short digest of each entry                         1 + number + w(2n+2)
=========  =======================================================================  ==================================

Reply:

=====  ======  =====================================================================================
1      1       format version, 1
2      1       0 answers follow, 1 the root is gone (nothing follows)
3      number  m, how many of the items are answered, from the first; 1 <= m <= items asked
4      …       the answers
=====  ======  =====================================================================================

Answers (numbers, rows and entries as in `stemedb.mst.reconcile.wire`):

=======  =========================================================================================================
compare  1 byte: 0 same level and entries; then a number of children that differ, and for each its index (as what it exceeds
         the least possible value by), the kind and the content of its summary. 1 other: a summary of the node itself
match    1 byte: 0 matched; then the ascending indices of the client's entries that the node does not have, then the number
         of entries that only the node has, each after how many matched entries have passed since the one before. 1 other
         (never an open one)
fetch    the number of entries, >= 1, and these entries: the first ones of those asked for
scan     1 byte: whether there are more; the number of entries, >= 1, and these entries
=======  =========================================================================================================

"Other" summaries are nodes, open nodes or listings. A match is answered by a listing where the entries would not fit a reply. What does not
fit is never dropped silently: items behind the m-th are asked again, and fetch and scan are continued.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from stemedb.errors import NotFound, ProofError
from stemedb.mst.level import LEVEL_MAX
from stemedb.mst.reconcile.request import VERSION
from stemedb.mst.reconcile.wire import Entry, Reader, Writer
from stemedb.mst.strict import OUTSIDE_WIDTH_MAX

ABSENT_CHILD: Final = 0
DIFFERS: Final = 1
NODE: Final = 2
LISTING: Final = 3
OPEN: Final = 4

REPLY_ENTRIES_MAX: Final = 1 << 17
"""Entries of one scan: more than a reply of usual size can hold."""

_ANSWERED: Final = 0
_GONE: Final = 1
_SAME: Final = 0
_OTHER: Final = 1


class Summary(NamedTuple):
    """A node without its content; all digests short, `children` and `hashes` (of the entries) as far as the kind has them."""

    kind: int
    level: int = 0
    entries: bytes = b""
    children: Sequence[bytes] = ()
    hashes: Sequence[bytes] = ()


class Same(NamedTuple):
    """The node has the client's level and entries; these children differ, by ascending index."""

    children: list[tuple[int, Summary]]


class Matched(NamedTuple):
    """How the client's entries and the node's lie together.

    `unmatched` are indices of the client's entries; each of `others` comes after so many matched ones since the last.
    """

    unmatched: list[int]
    others: list[tuple[int, Entry]]


class Scanned(NamedTuple):
    """Entries in key order, and whether there are more behind them."""

    entries: list[Entry]
    more: bool


def write_head(writer: Writer, answered: int) -> None:
    """Begin a reply with this many answers."""
    writer.out += bytes((VERSION, _ANSWERED))
    writer.number(answered)


def gone() -> bytes:
    """Return the reply of a server that does not have the root, or not any more."""
    return bytes((VERSION, _GONE))


def write_same(writer: Writer, children: Sequence[tuple[int, Summary]]) -> None:
    """Answer a compare with the children that differ."""
    writer.out.append(_SAME)
    writer.number(len(children))
    least = 0
    for index, summary in children:
        writer.number(index - least)
        _write_summary(writer, summary)
        least = index + 1


def write_other(writer: Writer, summary: Summary) -> None:
    """Answer a compare or a match with what the node is like instead."""
    writer.out.append(_OTHER)
    _write_summary(writer, summary)


def write_matched(writer: Writer, matched: Matched) -> None:
    """Answer a match."""
    writer.out.append(_SAME)
    writer.ascending(matched.unmatched)
    writer.number(len(matched.others))
    for gap, (key, value) in matched.others:
        writer.number(gap)
        writer.entry(key, value)


def write_entries(writer: Writer, entries: Sequence[Entry]) -> None:
    """Answer a fetch."""
    writer.number(len(entries))
    for key, value in entries:
        writer.entry(key, value)


def write_scanned(writer: Writer, scanned: Scanned) -> None:
    """Answer a scan."""
    writer.out.append(scanned.more)
    write_entries(writer, scanned.entries)


def read_head(raw: bytes, asked: int) -> tuple[Reader, int]:
    """Return the reader of the answers and their number. Raises `NotFound` if the root is gone, else `ProofError`."""
    reader = Reader(raw, _wrong)
    version = reader.number("version", 0xFF)
    if version != VERSION:
        raise reader.wrong(f"version: got {version}, want {VERSION}")
    if reader.number("status", _GONE) == _GONE:
        reader.end()
        raise NotFound("subtree reply: the root is gone")
    return reader, reader.number("number of answers", asked, 1)


def read_compared(reader: Reader, width: int, count: int) -> Same | Summary:
    """Return the answer to a compare of a node with `count` children; raise `ProofError`."""
    if reader.number("answer", _OTHER) == _OTHER:
        return _read_other(reader, width)
    children: list[tuple[int, Summary]] = []
    least = 0
    for _ in range(reader.number("number of children", count)):
        index = least + reader.number("child index", count)
        if index >= count:
            raise reader.wrong(f"child index: got {index}, want below {count}")
        children.append((index, _read_summary(reader, width)))
        least = index + 1
    return Same(children)


def read_matched(reader: Reader, width: int, count: int) -> Matched | Summary:
    """Return the answer to a match of `count` entries; raise `ProofError`."""
    if reader.number("answer", _OTHER) == _OTHER:
        return _read_other(reader, width)
    unmatched = reader.ascending("unmatched entries", count, count)
    left = count - len(unmatched)
    others: list[tuple[int, Entry]] = []
    for _ in range(reader.number("number of entries", OUTSIDE_WIDTH_MAX - left)):
        gap = reader.number("matched entries", left)
        left -= gap
        others.append((gap, reader.entry()))
    return Matched(unmatched, others)


def read_fetched(reader: Reader, count: int) -> list[Entry]:
    """Return the answer to a fetch of `count` entries; raise `ProofError`."""
    return _read_entries(reader, count)


def read_scanned(reader: Reader) -> Scanned:
    """Return the answer to a scan; raise `ProofError`."""
    more = reader.number("whether there is more", 1)
    return Scanned(_read_entries(reader, REPLY_ENTRIES_MAX), bool(more))


def _write_summary(writer: Writer, summary: Summary) -> None:
    kind, level, entries, children, hashes = summary
    writer.out.append(kind)
    if kind < NODE:
        return
    writer.out.append(level)
    if kind == LISTING:
        writer.number(len(hashes))
    else:
        writer.number(len(children) - 1)
        writer.row((entries, *children))
    writer.row(hashes)


def _read_other(reader: Reader, width: int) -> Summary:
    summary = _read_summary(reader, width)
    if summary.kind < NODE:
        raise reader.wrong(f"kind of summary: got {summary.kind}, want {NODE} to {OPEN}")
    return summary


def _read_summary(reader: Reader, width: int) -> Summary:
    kind = reader.number("kind of summary", OPEN)
    if kind < NODE:
        return Summary(kind)
    level = reader.number("level", LEVEL_MAX, int(kind != LISTING))
    count = reader.number("width of node", OUTSIDE_WIDTH_MAX, 1)
    if kind == LISTING:
        return Summary(LISTING, level, hashes=reader.row("hashes", count, width))
    entries, *children = reader.row("digests", count + 2, width)
    hashes = reader.row("hashes", count, width) if kind == OPEN else ()
    return Summary(kind, level, entries, children, hashes)


def _read_entries(reader: Reader, count: int) -> list[Entry]:
    return [reader.entry() for _ in range(reader.number("number of entries", count, 1))]


def _wrong(reason: str) -> ProofError:
    return ProofError(f"subtree reply: {reason}")
