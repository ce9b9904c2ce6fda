"""The tree path as it runs: two whole replicas whose maps of a million entries differ by a hundred.

The first replica is made in this process, through the ledger and the projection. The second is a copy of its files under another name and
key. Then each takes in fifty statements of its own, and each one's memory of the other says that it has verified all of the other's log: nothing
that the tail would fetch, and only comparing the maps shows what is missing. That is what a volume restored to an older state looks like.

Measured is from asking both to compare (``stemedb sync now --tree``) until both maps have one root.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing

from bench.bench_index import write_log
from bench.harness import Context, Figure
from bench.publisher import statement
from stemedb.ledger import Ledger, LedgerReader
from stemedb.merkle import Checkpoint, log_origin
from stemedb.merkle.note import public_key
from stemedb.projection import Projection
from stemedb.projection.meta import decode_mark, encode_mark
from stemedb.statements import parse
from stemedb.storage.replica import ReplicaDirectory
from stemedb.storage.tree_file import TreeFile
from stemedb_sync.peer import Peer
from support.nats import running_server
from support.replicas import REALM, Site, converged, roots

STATEMENTS = int(os.environ.get("STEMEDB_BENCH_STATEMENTS", "1000000"))
OWN = 50
NAMES = ("west", "east")
LATER_MS = 3_600_000
"""Nothing is compared before it is asked for."""
DEADLINE_S = 120.0


def figures(context: Context) -> Iterator[Figure]:
    """Yield seconds and bytes of a repair in both directions."""
    with running_server(context.scratch / "nats") as server:
        west, east = (
            Site(name, context.scratch / name, server.url, {"sync_tree_grace_ms": LATER_MS}) for name in NAMES
        )
        _fill(west)
        _copy(west, east)
        for number, site in enumerate((west, east)):
            _append(site, range(number * OWN, (number + 1) * OWN))
        for site, other in ((west, east), (east, west)):
            _trust(site, other)
        try:
            seconds, kilobytes = asyncio.run(_repaired([west, east]))
        finally:
            for site in (west, east):
                site.kill()
    entries = f"{STATEMENTS // 1000}k"
    aim = 0.5 if STATEMENTS == 1_000_000 else None
    yield Figure(f"sync: tree repair of {2 * OWN} in {entries}, both ways, until one root", seconds, "s", aim)
    yield Figure(f"sync: tree repair of {2 * OWN} in {entries}, wire, statements included", kilobytes, "KB")


def _fill(site: Site) -> None:
    """Make the replica: its ledger, and its map from that."""
    replica = ReplicaDirectory.create(site.data, site.name, REALM)
    write_log(replica, STATEMENTS)
    _project(replica)


def _copy(site: Site, other: Site) -> None:
    """Make `other` a replica of its own with the same log and map."""
    replica = ReplicaDirectory.create(other.data, other.name, REALM)
    for folder in ("wal", "log", "ids", "index"):
        shutil.copytree(site.data / folder, other.data / folder, dirs_exist_ok=True)
    (replica.log / "checkpoint").unlink()  # signed by the first one
    path = replica.index / "map.mst"
    with TreeFile.open(path, REALM, writable=True) as file:
        mark = decode_mark(file.last.meta, path, file.last.offset)
        file.commit(encode_mark(mark._replace(replica=other.name)))


def _append(site: Site, numbers: range) -> None:
    """Take in statements that the other one lacks."""
    now_ms = time.time_ns() // 1_000_000
    with closing(Ledger.open(site.directory, now_ms)) as ledger:
        ledger.append([(parse(statement(number)), None) for number in numbers], now_ms)
    _project(site.directory)


def _project(replica: ReplicaDirectory) -> None:
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)


def _trust(site: Site, other: Site) -> None:
    """Have `site` remember that it verified all of the log of `other`."""
    key = public_key(other.directory.seed)
    with closing(LedgerReader(other.directory)) as reader:
        note, frontier = reader.checkpoint(), reader.log.frontier()
    peer = Peer(
        other.name, key, "first_use", note, Checkpoint.open(note, log_origin(other.name), key), frontier
    )
    folder = site.data / "sync" / "peers"
    folder.mkdir(parents=True)
    (folder / f"{other.name}.json").write_bytes(peer.encode())


async def _repaired(sites: list[Site]) -> tuple[float, float]:
    for site in sites:
        site.launch()
    for site in sites:
        await site.ready()
    assert len(await roots(sites)) == len(sites), "the maps must differ before"
    started = time.perf_counter()
    await asyncio.gather(*(site.control("now", tree=True) for site in sites))
    await converged(sites, STATEMENTS + 2 * OWN, deadline_s=DEADLINE_S)
    seconds = time.perf_counter() - started
    moved = [_tree_bytes(site) for site in sites]
    return seconds, max(moved) / 1000


def _tree_bytes(site: Site) -> float:
    """Return the bytes of its questions, of those that it was asked, and of all answers."""
    samples = site.services["sync"].metrics().items()
    return sum(
        value
        for name, value in samples
        if name.startswith("stemedb_sync_bytes_total{") and "path=tree" in name
    )
