"""Answering a request: a function of a snapshot and the request, with nothing kept in between.

The server compares for the client where it can. To a node that looks as the client's does it answers with summaries of those
children that differ, one level further down, so that every reply moves the comparison two levels: the request carries the
digests of one level, the reply those of the next::

    request    compare at path (2, 0): level 3, entries e, children  a  b  c  d          the client's
    snapshot                   (2, 0): level 3, entries e, children  a  B  c  D          ours
    reply      same; 1: node, level 2, entries …, children …; 3: differs

Bounds, all per request: items and bytes in (`decode_request`), nodes read, bytes out. A reply ends at the first item that does
not fit; a child whose summary does not fit is named without it. The first item is always answered, so asking again always
gets further.

What this does not do: find the snapshot. The caller looks for the one with `requested_root` and hands it in; if there is none,
because a commit or a compaction replaced it, the answer is `gone()`.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from stemedb.errors import InvalidRequest
from stemedb.mst.block import HEAD, KEY_BYTES_MAX, VALUE_BYTES_MAX
from stemedb.mst.node import ABSENT, Node
from stemedb.mst.reconcile import summary
from stemedb.mst.reconcile.request import Compare, Fetch, Item, Match, Path, Request, Scan, decode_request
from stemedb.mst.reconcile.short import Shortener
from stemedb.mst.reconcile.summary import Matched, Scanned, Summary
from stemedb.mst.reconcile.wire import ENTRY_OVERHEAD_MAX, Entry, Writer
from stemedb.mst.store import child_of, entries_of
from stemedb.mst.strict import OUTSIDE_WIDTH_MAX
from stemedb.mst.tree import Tree
from stemedb.mst.walk import ascending

REPLY_BYTES_MAX: Final = 512 << 10
"""Half of what a NATS server lets pass by default, so that the envelope around it never matters."""

NODES_MAX: Final = 16_384
"""Nodes read for one request: half a second when every one comes from the disk."""

_ITEM_RESERVE: Final = 64 + 4 * (OUTSIDE_WIDTH_MAX + 1) + KEY_BYTES_MAX + VALUE_BYTES_MAX
"""What an item takes at the least: names of all children of the widest node, or one of the longest entries."""


class ServerLimits(NamedTuple):
    """The bounds on answering one request. Requires ``reply_bytes >= 48 KiB``, one item at full width."""

    reply_bytes: int = REPLY_BYTES_MAX
    nodes: int = NODES_MAX


USUAL: Final = ServerLimits()


def answer(tree: Tree, raw: bytes, limits: ServerLimits = USUAL) -> bytes:
    """Return the reply from this snapshot; `gone()` if it is of another root.

    Raises `InvalidRequest` for a malformed request or a path that leads nowhere, `Corruption` for a damaged node.
    O(items × height) nodes, at most ``limits.nodes`` and one item more.
    """
    request = decode_request(raw)
    if tree.root is None or request.root != tree.root_digest:
        return summary.gone()
    return _Answering(tree, tree.root, request, limits).reply()


class _Answering:
    """One request being answered."""

    def __init__(self, tree: Tree, root: Node, request: Request, limits: ServerLimits) -> None:
        self._store = tree.store
        self._items = request.items
        self._shorten = Shortener(request.nonce, request.width)
        self._reply_bytes = limits.reply_bytes
        # Below this many bytes an item may begin: whatever it is, its least answer then fits.
        self._begin_max = limits.reply_bytes - _ITEM_RESERVE - request.width * (OUTSIDE_WIDTH_MAX + 2)
        self._nodes_left = limits.nodes
        self._out = Writer()
        self._way: list[Node] = [root]  # the nodes on the path of the last item
        self._path: Path = ()

    def reply(self) -> bytes:
        answered = 0
        for item in self._items:
            if answered and (len(self._out) > self._begin_max or self._nodes_left <= 0):
                break
            if not self._answer(item, first=not answered):
                break
            answered += 1
        head = Writer()
        summary.write_head(head, answered)
        return bytes(head.out + self._out.out)

    def _answer(self, item: Item, *, first: bool) -> bool:
        """Write the answer; False if it should rather stand in the next reply."""
        node = self._locate(item.path)
        if isinstance(item, Compare):
            self._compare(node, item)
        elif isinstance(item, Match):
            return self._match(node, item, first=first)
        elif isinstance(item, Fetch):
            self._fetch(node, item)
        else:
            self._scan(node, item)
        return True

    def _compare(self, node: Node, item: Compare) -> None:
        digests = node.digests
        if digests is None or node.level != item.level or len(digests) != len(item.children):
            self._instead(node, item)
            return
        assert node.entries_digest is not None
        if self._shorten.digest(node.entries_digest) != item.entries:
            self._instead(node, item)
            return
        room = self._begin_max - len(self._out)
        children: list[tuple[int, Summary]] = []
        shorts = self._shorten.digests(digests)
        absent = self._shorten.absent
        for i, (ours, theirs) in enumerate(zip(shorts, item.children, strict=True)):
            if ours == theirs:
                continue
            if digests[i] == ABSENT:
                child = Summary(summary.ABSENT_CHILD)
            elif theirs == absent or room <= 0 or self._nodes_left <= 0:
                # Where the client has nothing, digests are of no use to it: it will scan.
                child = Summary(summary.DIFFERS)
            else:
                below = self._child(node, i)
                # Over-wide summaries go by themselves, with the reserve of an item of their own.
                size = self._summary_bytes(below)
                child = self._summary(below) if size <= room else Summary(summary.DIFFERS)
                room -= size
            children.append((i, child))
        summary.write_same(self._out, children)

    def _instead(self, node: Node, item: Compare) -> None:
        """Answer a compare with what the node is like; open, if the client may hold some of its entries."""
        instead = self._summary(node)
        if instead.kind == summary.NODE and node.level <= item.level:
            hashes = self._shorten.entries(*entries_of(node))
            if (
                len(self._out) + self._summary_bytes(node) + self._shorten.width * len(hashes)
                <= self._begin_max
            ):
                instead = instead._replace(kind=summary.OPEN, hashes=hashes)
        summary.write_other(self._out, instead)

    def _match(self, node: Node, item: Match, *, first: bool) -> bool:
        if node.level != item.level:
            summary.write_other(self._out, self._summary(node))
            return True
        keys, values = entries_of(node)
        matched = match(
            item.hashes, self._shorten.entries(keys, values), list(zip(keys, values, strict=True))
        )
        size = sum(len(key) + len(value) + 2 * ENTRY_OVERHEAD_MAX for _, (key, value) in matched.others)
        if len(self._out) + size > self._begin_max:
            if not first:
                return False
            summary.write_other(self._out, self._listing(node))
        else:
            summary.write_matched(self._out, matched)
        return True

    def _fetch(self, node: Node, item: Fetch) -> None:
        keys, values = entries_of(node)
        if item.indices[-1] >= len(keys):
            raise InvalidRequest("subtree request", f"index: got {item.indices[-1]}, want below {len(keys)}")
        room = self._begin_max - len(self._out)
        entries: list[Entry] = []
        for index in item.indices:
            entries.append((keys[index], values[index]))
            room -= len(keys[index]) + len(values[index]) + ENTRY_OVERHEAD_MAX
            if room <= 0:
                break
        summary.write_entries(self._out, entries)

    def _scan(self, node: Node, item: Scan) -> None:
        start = None if item.after is None else item.after + b"\x00"
        room = self._begin_max - len(self._out)
        entries: list[Entry] = []
        walk = islice(ascending(self._store, node, start, None), summary.REPLY_ENTRIES_MAX)
        for entry in walk:
            entries.append(entry)
            room -= len(entry[0]) + len(entry[1]) + ENTRY_OVERHEAD_MAX
            if room <= 0:
                break
        if not entries:
            raise InvalidRequest("subtree request", "scan: nothing behind this key")
        more = next(ascending(self._store, node, entries[-1][0] + b"\x00", None), None) is not None
        summary.write_scanned(self._out, Scanned(entries, more))

    def _locate(self, path: Path) -> Node:
        """Return the node at `path`, walking on from what the path shares with the one before."""
        way = self._way
        shared = 0
        for a, b in zip(self._path, path, strict=False):
            if a != b:
                break
            shared += 1
        del way[shared + 1 :]
        for index in path[shared:]:
            node = way[-1]
            if node.digests is None or index >= len(node.digests) or node.digests[index] == ABSENT:
                raise InvalidRequest("subtree request", f"path {path}: leads nowhere")
            way.append(self._child(node, index))
        self._path = path
        return way[-1]

    def _child(self, node: Node, index: int) -> Node:
        self._nodes_left -= 1
        child = child_of(self._store, node, index)
        assert child is not None
        return child

    def _summary(self, node: Node) -> Summary:
        if node.digests is None:
            return self._listing(node)
        assert node.entries_digest is not None
        entries, *digests = self._shorten.digests([node.entries_digest, *node.digests])
        return Summary(summary.NODE, node.level, entries, digests)

    def _listing(self, node: Node) -> Summary:
        return Summary(summary.LISTING, node.level, hashes=self._shorten.entries(*entries_of(node)))

    def _summary_bytes(self, node: Node) -> int:
        count: int = HEAD.unpack_from(node.body)[2]
        return 8 + self._shorten.width * (count + 2)


def match(theirs: Sequence[bytes], ours: Sequence[bytes], entries: Sequence[Entry]) -> Matched:
    """Return how the client's hashes and ours lie together, both in key order.

    Equal entries stand in the same order on both sides, so a pair that would cross an earlier one is a collision and is
    treated as no pair: the entry is sent in full, which is never wrong.
    """
    where = {short: i for i, short in enumerate(theirs)}
    unmatched: list[int] = []
    others: list[tuple[int, Entry]] = []
    passed = gap = 0
    for short, entry in zip(ours, entries, strict=True):
        i = where.get(short, -1)
        if i < passed:
            others.append((gap, entry))
            gap = 0
        else:
            unmatched.extend(range(passed, i))
            passed = i + 1
            gap += 1
    unmatched.extend(range(passed, len(theirs)))
    return Matched(unmatched, others)
