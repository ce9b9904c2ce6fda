"""The last word: the root that our map would have after taking over everything that was found.

The differences are applied to the snapshot in memory, nothing is written, and the digest of the result is compared with the root
that the remote announced. The tree is a function of the map, so the two are equal exactly if the result is the remote map, entry
by entry. That settles at once whether a short digest collided, whether the server lied, and whether it left something out.

Surplus regions are cut out whole, O(height) each: to prove that the remote has nothing there, nothing there need be read.
"""

from collections.abc import Iterable, Iterator

from stemedb.mst.diff import Change
from stemedb.mst.merge import Merge, replace
from stemedb.mst.node import EMPTY_ROOT, seal
from stemedb.mst.reconcile.carve import NOTHING, carve, held, load
from stemedb.mst.reconcile.region import Region
from stemedb.mst.remove import Removal
from stemedb.mst.shape import concat
from stemedb.mst.store import NodeStore
from stemedb.mst.tree import Tree
from stemedb.mst.walk import Entry, ascending
from stemedb.types import Digest


def root_after(
    tree: Tree, missing: Iterable[Change], surplus: Iterable[Change], surplus_regions: Iterable[Region]
) -> Digest:
    """Return the root digest with `missing` taken over and the surplus left out. O(changes × height); no edit is made."""
    store = tree.store
    root = tree.root
    put: dict[bytes, bytes] = {}
    for region in surplus_regions:
        bounds = [bound for bound in (region.low, region.high) if bound is not None]
        parts, values = carve(store, held(root), bounds)
        below = NOTHING if region.low is None else parts[0]
        above = NOTHING if region.high is None else parts[-1]
        root = concat(store, load(store, below), load(store, above))
        # Entries at the bounds were cut out as well and are put back below.
        put.update((key, value) for key, value in zip(bounds, values, strict=True) if value is not None)
    put.update((change.key, change.new) for change in missing if change.new is not None)
    gone = sorted(change.key for change in surplus)
    root = Removal(store, gone).out_of(root, 0, len(gone))
    keys = sorted(put)
    merge = Merge(store, keys, [put[key] for key in keys], tree.levels(keys), replace)
    root = merge.into(root, 0, len(keys))
    return EMPTY_ROOT if root is None else seal(root)


def entries_in(store: NodeStore, region: Region) -> Iterator[Entry]:
    """Yield what we hold in a region, in key order."""
    return ascending(store, load(store, region.held), None, None)
