"""The rules of the comparison: what follows from each answer about a region.

Every answer either settles its region or splits it into smaller ones::

    same, child i differs     ──▶ region of child i, between our own keys (they are the remote's too)
    a node, the same entries  ──▶ regions of the children whose short digests differ
    a node, other entries     ──▶ match its entries
    an open node              ──▶ what we hold is carved along the entries that both have; between them, children that
                                  differ, or entries to fetch with the children around them
    the entries of a node     ──▶ those that differ are found; what we hold is carved along its keys; regions of the
                                  children whose short digests differ from those of the parts
    nothing there             ──▶ what we hold there is surplus
    everything there          ──▶ found, we hold nothing

*Exactness.* Let R be the remote map, restricted to a region, and L ours. The rules keep: every key on which R and L differ
is found, or lies in a region that is still asked about, unless two different things have the same short digest.
For a leaf it holds because its entries become known exactly. For a higher node with keys k1 < … < kn it holds because R is the
n entries and the n + 1 children, and L the values at k1 … kn and the n + 1 parts between them; a part is the canonical
tree of its entries, so it may be left out exactly if its digest is the child's. And nothing is found that does not differ:
entries are compared in full before they are recorded.

*Termination.* The level of the remote node sinks with every split, and in between a region is asked about at most four times (compare,
match, match at the level learned, fetch), apart from fetches and scans that are continued, each with at least one entry more.
An answer that would break this is refused.

*Contradictions.* Two different things with the same short digest can lead to keys out of order or outside of their interval even if the
server is honest. Such an answer is a `Contradiction`: under short digests a reason to begin again at full width, where it is a lie.

What this does not do: count, cut or begin again (`stemedb.mst.reconcile.client`).
"""

from collections.abc import Sequence

from stemedb.mst.diff import Change
from stemedb.mst.level import LEVEL_MAX
from stemedb.mst.node import Node, seal
from stemedb.mst.reconcile import summary
from stemedb.mst.reconcile.carve import carve, digest_of, held, load, rows_at
from stemedb.mst.reconcile.region import Ask, CompareAsk, FetchAsk, MatchAsk, Region, ScanAsk
from stemedb.mst.reconcile.short import Shortener
from stemedb.mst.reconcile.summary import Matched, Same, Summary
from stemedb.mst.reconcile.wire import Entry, Reader
from stemedb.mst.store import entries_of
from stemedb.mst.tree import Tree


class Descent:
    """One walk down two trees at one width of short digests; `asks` is what is to be asked next."""

    def __init__(self, tree: Tree, shorten: Shortener) -> None:
        self._store = tree.store
        self._levels = tree.levels
        self._shorten = shorten
        self.asks: list[Ask] = []
        self.missing: list[Change] = []
        self.surplus: list[Change] = []
        self.surplus_regions: list[Region] = []
        tree.root_digest  # noqa: B018 - hashes what is not hashed yet
        self._visit(Region((), LEVEL_MAX + 1, None, None, held(tree.root)))

    def fold(self, ask: Ask, reader: Reader) -> None:
        """Take the answer to `ask`.

        Raises `ProofError` if it is malformed, `Contradiction` if it does not agree with what is known already.
        """
        if isinstance(ask, CompareAsk):
            self._compared(ask, reader)
        elif isinstance(ask, MatchAsk):
            self._matched(ask, reader)
        elif isinstance(ask, FetchAsk):
            self._fetched(ask, reader)
        else:
            self._scanned(ask, reader)

    def _visit(self, region: Region) -> None:
        """Ask about a region where the remote has something that we do not."""
        node = load(self._store, region.held)
        if node is None:
            self.asks.append(ScanAsk(region, None))
        elif node.children is None:
            self.asks.append(MatchAsk(region, 0, None))
        else:
            seal(node)
            self.asks.append(CompareAsk(region))

    def _compared(self, ask: CompareAsk, reader: Reader) -> None:
        region = ask.region
        node = load(self._store, region.held)
        assert node is not None
        assert node.digests is not None
        answer = summary.read_compared(reader, self._shorten.width, len(node.digests))
        if isinstance(answer, Summary):
            self._summary(region, answer)
            return
        assert isinstance(answer, Same)
        if answer.children and node.level >= region.below:
            raise region.contradiction(f"level: got {node.level}, want below {region.below}")
        keys, _ = entries_of(node)
        for index, child in answer.children:
            self._summary(_own_child(region, node, keys, index), child)

    def _matched(self, ask: MatchAsk, reader: Reader) -> None:
        region = ask.region
        keys, values = ask.rows(self._store)
        answer = summary.read_matched(reader, self._shorten.width, len(keys))
        if isinstance(answer, Matched):
            gone = set(answer.unmatched)
            ours = [row for i, row in enumerate(zip(keys, values, strict=True)) if i not in gone]
            entries: list[Entry] = []
            at = 0
            for gap, other in answer.others:
                entries += ours[at : at + gap]
                at += gap
                entries.append(other)
            entries += ours[at:]
            self._check_levels(region, ask.level, [entry for _, entry in answer.others])
            self._settle(region, ask.level, entries, ask.children)
        elif ask.children is None:
            self._summary(region, answer)
        elif answer.kind == summary.LISTING and answer.level == ask.level:
            self._open(region, ask.level, answer.hashes, ask.children)
        else:
            raise region.contradiction(f"level: got {answer.level}, want {ask.level}")

    def _fetched(self, ask: FetchAsk, reader: Reader) -> None:
        wanted = ask.wanted
        entries = summary.read_fetched(reader, len(wanted))
        self._check_levels(ask.region, ask.level, entries)
        for index, entry in zip(wanted, entries, strict=False):
            ask.found[index - ask.first] = entry
        if len(entries) < len(wanted):
            self.asks.append(ask)
            return
        found = [entry for entry in ask.found if entry is not None]
        self._settle(ask.region, ask.level, found, ask.children, ask.first)

    def _scanned(self, ask: ScanAsk, reader: Reader) -> None:
        region = ask.region
        entries, more = summary.read_scanned(reader)
        region.check(entries)
        if ask.after is not None and entries[0][0] <= ask.after:
            raise region.contradiction("scan: does not go on behind the last key")
        self.missing += [Change(key, None, value) for key, value in entries]
        if more:
            self.asks.append(ScanAsk(region, entries[-1][0]))

    def _summary(self, region: Region, theirs: Summary) -> None:
        """Follow what the server says about its node of this region."""
        if theirs.kind >= summary.NODE and theirs.level >= region.below:
            raise region.contradiction(f"level: got {theirs.level}, want below {region.below}")
        if theirs.kind == summary.ABSENT_CHILD:
            self._surplus(region)
        elif theirs.kind == summary.DIFFERS:
            self._visit(region)
        elif theirs.kind != summary.LISTING:
            self._node(region, theirs)
        elif theirs.level:
            raise region.contradiction(f"listing of level {theirs.level}: want a node")
        else:
            self._leaf(region, theirs.hashes)

    def _node(self, region: Region, theirs: Summary) -> None:
        node = load(self._store, region.held)
        if node is None:
            self.asks.append(ScanAsk(region, None))
            return
        digests, children = node.digests, tuple(theirs.children)
        if digests is not None and node.level == theirs.level and len(digests) == len(children):
            seal(node)
            assert node.entries_digest is not None
            if self._shorten.digest(node.entries_digest) == theirs.entries:
                keys, _ = entries_of(node)
                for i, short in enumerate(self._shorten.digests(digests)):
                    if short != children[i]:
                        self._child(_own_child(region, node, keys, i), children[i])
                return
        if theirs.kind == summary.OPEN:
            self._open(region, theirs.level, theirs.hashes, children)
        else:
            self.asks.append(MatchAsk(region, theirs.level, children))

    def _leaf(self, region: Region, hashes: Sequence[bytes]) -> None:
        """Find our entries among those of a leaf, and fetch the others."""
        found = self._found(region, 0, hashes)
        children = (self._shorten.absent,) * (len(hashes) + 1)
        if None in found:
            self.asks.append(FetchAsk(region, 0, 0, found, children))
        else:
            self._settle(region, 0, [entry for entry in found if entry is not None], children)

    def _open(self, region: Region, level: int, hashes: Sequence[bytes], children: tuple[bytes, ...]) -> None:
        """Go on between the entries of a higher node that we have; where some are unknown, fetch them first."""
        if len(children) != len(hashes) + 1:
            raise region.contradiction(f"got {len(hashes)} entries, want {len(children) - 1}")
        found = self._found(region, level, hashes)
        known = [i for i, entry in enumerate(found) if entry is not None]
        keys = [entry[0] for entry in found if entry is not None]
        parts, _ = carve(self._store, region.held, keys)
        shorts = self._shorten.digests([digest_of(part) for part in parts])
        bounds = [None, *keys, None]
        starts = [0, *(i + 1 for i in known)]
        ends = [*known, len(found)]
        for at, (first, end, part) in enumerate(zip(starts, ends, parts, strict=True)):
            if first == end:
                if shorts[at] != children[first]:
                    below = region.child(first, level, bounds[at], bounds[at + 1], part)
                    self._child(below, children[first])
            else:
                between = region.part(bounds[at], bounds[at + 1], part)
                unknown: list[Entry | None] = [None] * (end - first)
                self.asks.append(FetchAsk(between, level, first, unknown, children[first : end + 1]))

    def _found(self, region: Region, level: int, hashes: Sequence[bytes]) -> list[Entry | None]:
        """Return the entries of a remote node that we hold as well, None in the places of the others."""
        keys, values = rows = rows_at(self._store, load(self._store, region.held), level)
        where = {short: i for i, short in enumerate(self._shorten.entries(*rows))}
        found: list[Entry | None] = []
        passed = 0
        for short in hashes:
            i = where.get(short, -1)
            if i < passed:
                found.append(None)
            else:
                found.append((keys[i], values[i]))
                passed = i + 1
        return found

    def _settle(
        self,
        region: Region,
        level: int,
        entries: list[Entry],
        children: tuple[bytes, ...] | None,
        first: int = 0,
    ) -> None:
        """Compare what the remote node holds in the region, now known exactly, and go on with its children.

        `children` are their short digests, None for a leaf; `first` is the index of the first one.
        """
        if children is None:
            children = (self._shorten.absent,) * (len(entries) + 1)
        if len(children) != len(entries) + 1:
            raise region.contradiction(f"got {len(entries)} entries, want {len(children) - 1}")
        region.check(entries)
        node = load(self._store, region.held)
        if not level and node is not None and node.children is None:
            self._settle_leaves(node, entries)
            return
        keys = [key for key, _ in entries]
        parts, values = carve(self._store, region.held, keys)
        self.missing += [
            Change(key, ours, theirs)
            for (key, theirs), ours in zip(entries, values, strict=True)
            if ours != theirs
        ]
        shorts = self._shorten.digests([digest_of(part) for part in parts])
        bounds = [None, *keys, None]
        for i, (short, part) in enumerate(zip(shorts, parts, strict=True)):
            if short != children[i]:
                below = region.child(first + i, level, bounds[i], bounds[i + 1], part)
                self._child(below, children[i])

    def _settle_leaves(self, node: Node, entries: list[Entry]) -> None:
        ours = dict(zip(*entries_of(node), strict=True))
        for key, value in entries:
            old = ours.pop(key, None)
            if old != value:
                self.missing.append(Change(key, old, value))
        self.surplus += [Change(key, value, None) for key, value in ours.items()]

    def _child(self, region: Region, theirs: bytes) -> None:
        """Go on with a child whose short digest differs from that of what we hold."""
        if theirs == self._shorten.absent:
            self._surplus(region)
        else:
            self._visit(region)

    def _surplus(self, region: Region) -> None:
        """Note that the remote has nothing in this region; only leaves are spelled out."""
        node = load(self._store, region.held)
        if node is None:
            raise region.contradiction("differs, yet nothing is there on either side")
        if node.children is None:
            self.surplus += [Change(key, value, None) for key, value in zip(*entries_of(node), strict=True)]
        else:
            self.surplus_regions.append(region)

    def _check_levels(self, region: Region, level: int, entries: Sequence[Entry]) -> None:
        for (key, _), got in zip(entries, self._levels([key for key, _ in entries]), strict=True):
            if got != level:
                raise region.contradiction(f"key {key.hex()[:16]}: stands at level {got}, want {level}")


def _own_child(region: Region, node: Node, keys: list[bytes], index: int) -> Region:
    """Return the region of a child between the keys of our node, which are those of the remote node too."""
    assert node.children is not None
    assert node.digests is not None
    low = keys[index - 1] if index else None
    high = keys[index] if index < len(keys) else None
    return region.child(index, node.level, low, high, (node.children[index], node.digests[index]))
