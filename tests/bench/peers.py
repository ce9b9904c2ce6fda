"""`make bench-peers`: the same work by public peers from PyPI and by us, side by side in one process.

Runs in an environment of its own that is made for it and thrown away (``peers.txt`` names the versions); nothing of
the peers is imported by the product. Each peer does what its own documentation shows for the job, in memory, with
random keys of equal count; where a peer needs keys of a certain form it gets such keys. The table gives
microseconds per operation, the smaller the better, and how many times ours goes into it.
"""

import os
import sqlite3
import sys
import sysconfig
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import lmdb
from rich.console import Console
from rich.table import Table

from bench.harness import best_of, measure_floors, scratch_folder
from stemedb.merkle import MemoryNodeStore, MerkleLog, verify_inclusion
from stemedb.mst import diff, memory_tree

BULK = 20_000
SINGLE = 2_000
CHANGED = 100
LINTED = 200
REALM = bytes(32)


class Row(NamedTuple):
    """One piece of work by one program, in microseconds per operation."""

    work: str
    who: str
    micros: float


def main() -> int:
    """Measure all peers and print the table."""
    warnings.simplefilter("ignore")  # the peers' own deprecations are not ours to report
    console = Console()
    rows: list[Row] = []
    for measure in (_trees, _logs, _stores, _linters):
        console.print(f"[dim]measuring {measure.__name__.strip('_')} …[/dim]")
        rows.extend(measure())
    ours = {row.work: row.micros for row in rows if row.who.startswith("StemeDB")}
    table = Table(title="the same work, µs per operation")
    for column in ("work", "who"):
        table.add_column(column)
    for column in ("µs", "× ours"):
        table.add_column(column, justify="right")
    for row in sorted(rows, key=lambda r: (r.work, r.micros)):
        table.add_row(row.work, row.who, f"{row.micros:,.2f}", f"{row.micros / ours[row.work]:.1f}")
    console.print(table)
    with scratch_folder() as scratch:
        floors = measure_floors(scratch)
    console.print("floors: " + ", ".join(f"{name} {value:.2f} µs" for name, value in floors.items()))
    return 0


def _per(count: int, run: Callable[[], object], repeats: int = 3) -> float:
    return best_of(repeats, run) / count * 1e6


def _trees() -> Iterator[Row]:
    """Bulk insert with one root at the end, insert with a root each time, and a diff."""
    keys = [os.urandom(32) for _ in range(BULK)]
    bulk, single, changes = (
        "search tree: bulk insert",
        "search tree: insert + root",
        "search tree: diff, per change",
    )

    def ours_bulk() -> None:
        tree = memory_tree(REALM)
        tree.apply([(key, key) for key in keys])
        tree.root_digest  # noqa: B018 - the property does the hashing

    yield Row(bulk, "StemeDB", _per(BULK, ours_bulk))
    tree = memory_tree(REALM)
    tree.apply([(key, key) for key in keys])

    def ours_single() -> None:
        for key in keys[:SINGLE]:
            tree.insert(os.urandom(8) + key[8:], key)
            tree.root_digest  # noqa: B018 - as above

    yield Row(single, "StemeDB", _per(SINGLE, ours_single, repeats=1))
    before, after = memory_tree(REALM), memory_tree(REALM)
    before.apply([(key, key) for key in keys])
    after.apply([(key, key[::-1] if i < CHANGED else key) for i, key in enumerate(keys)])
    before.root_digest, after.root_digest  # noqa: B018 - hash both before the clock starts
    yield Row(changes, "StemeDB", _per(CHANGED, lambda: list(diff(before, after))))
    yield from _atmst(keys, bulk, single, changes)
    yield from _arroba(bulk)


def _atmst(keys: list[bytes], bulk: str, single: str, changes: str) -> Iterator[Row]:
    from atmst.blockstore import MemoryBlockStore
    from atmst.mst.diff import mst_diff, record_diff
    from atmst.mst.node_store import NodeStore
    from atmst.mst.node_wrangler import NodeWrangler
    from cbrrr import CID

    value, other = (CID.cidv1_dag_cbor_sha256_32_from(b) for b in (b"one", b"two"))
    texts = ["k/" + key.hex() for key in keys]
    store = NodeStore(MemoryBlockStore())
    wrangler = NodeWrangler(store)
    roots = [store.get_node(None).cid]

    def insert(some: list[str], what: CID) -> None:
        root = roots[-1]
        for text in some:
            root = wrangler.put_record(root, text, what)
        roots.append(root)

    # Every put of this peer gives a root, so its bulk and its single insert are the same work.
    yield Row(bulk, "atmst", _per(BULK, lambda: insert(texts, value), repeats=1))
    more = ["k/" + os.urandom(32).hex() for _ in range(SINGLE)]
    yield Row(single, "atmst", _per(SINGLE, lambda: insert(more, value), repeats=1))
    insert(texts[:CHANGED], other)
    yield Row(
        changes, "atmst", _per(CHANGED, lambda: list(record_diff(store, *mst_diff(store, *roots[-2:]))))
    )


def _arroba(bulk: str) -> Iterator[Row]:
    from arroba.mst import MST
    from arroba.storage import MemoryStorage
    from arroba.util import dag_cbor_cid

    value = dag_cbor_cid({"a": 1})
    names = [f"com.example.record/{os.urandom(8).hex()}" for _ in range(SINGLE)]

    def insert() -> None:
        tree = MST.create(storage=MemoryStorage())
        for name in names:
            tree = tree.add(name, value)
        tree.get_pointer()

    yield Row(bulk, f"arroba ({SINGLE:,} keys)", _per(SINGLE, insert, repeats=1))


def _logs() -> Iterator[Row]:
    """Append, append with a root each time, and inclusion proofs."""
    leaves = [os.urandom(32) for _ in range(BULK)]
    works = (
        "log: append",
        "log: append + root",
        "log: make an inclusion proof",
        "log: verify an inclusion proof",
    )
    for work, ours, peers in zip(works, _our_log(leaves), _pymerkle(leaves), strict=True):
        yield Row(work, "StemeDB", ours)
        yield Row(work, "pymerkle", peers)


def _our_log(leaves: list[bytes]) -> Iterator[float]:
    yield _per(BULK, lambda: MerkleLog(MemoryNodeStore()).append(leaves))
    log = MerkleLog(MemoryNodeStore())
    log.append(leaves)

    def append_and_root() -> None:
        for leaf in leaves[:SINGLE]:
            log.append([leaf])
            log.root()

    yield _per(SINGLE, append_and_root, repeats=1)
    size, root = log.size, log.root()
    yield _per(SINGLE, lambda: [log.inclusion_proof(i) for i in range(SINGLE)])
    proofs = [log.inclusion_proof(i) for i in range(SINGLE)]

    def verify() -> None:
        for i, proof in enumerate(proofs):
            verify_inclusion(leaves[i], i, size, proof, root)

    yield _per(SINGLE, verify)


def _pymerkle(leaves: list[bytes]) -> Iterator[float]:
    from pymerkle import InmemoryTree
    from pymerkle import verify_inclusion as verify_peer

    tree = InmemoryTree(algorithm="sha256")

    def append(some: list[bytes]) -> None:
        for leaf in some:
            tree.append_entry(leaf)

    def append_and_root() -> None:
        for leaf in leaves[:SINGLE]:
            tree.append_entry(leaf)
            tree.get_root()

    yield _per(BULK, lambda: append(leaves), repeats=1)
    yield _per(SINGLE, append_and_root, repeats=1)
    yield _per(SINGLE, lambda: [tree.prove_inclusion(i + 1) for i in range(SINGLE)], repeats=1)
    proofs, root = [tree.prove_inclusion(i + 1) for i in range(SINGLE)], tree.get_root()

    def verify() -> None:
        for i, proof in enumerate(proofs):
            verify_peer(tree.get_leaf(i + 1), root, proof)

    yield _per(SINGLE, verify, repeats=1)


def _linters() -> Iterator[Row]:
    """A line of Python, looked at with every rule: CPU, over a part of what is installed here."""
    from bandit.core import config, manager

    from stemedb_analysis.rules import load
    from stemedb_analysis.scan.file import scan_file

    found = sorted(Path(sysconfig.get_paths()["purelib"]).rglob("*.py"))
    chosen = found[:: max(1, len(found) // LINTED)]
    code = {str(file): file.read_bytes() for file in chosen}
    lines = sum(data.count(b"\n") for data in code.values())
    work = f"a line of Python, of {lines:,}: CPU of a linter"
    ruleset = load()

    def ours() -> None:
        for name, data in code.items():
            scan_file(data, name, ruleset)

    def theirs() -> None:
        bandit = manager.BanditManager(config.BanditConfig(), "file", quiet=True)
        bandit.discover_files(list(code))
        bandit.run_tests()

    for who, run in ((f"StemeDB ({len(ruleset.rules)} rules)", ours), ("bandit (all its tests)", theirs)):
        began = time.process_time()
        run()
        yield Row(work, who, (time.process_time() - began) / lines * 1e6)


def _stores() -> Iterator[Row]:
    """What an unauthenticated store takes for the same map: no digests, no proofs, no diff."""
    keys = [os.urandom(32) for _ in range(BULK)]
    work = "search tree: bulk insert"
    with scratch_folder() as scratch:
        environment = lmdb.open(f"{scratch}/lmdb", map_size=1 << 28, sync=False)

        def into_lmdb() -> None:
            with environment.begin(write=True) as transaction:
                for key in keys:
                    transaction.put(key, key)

        yield Row(work, "lmdb (no digests)", _per(BULK, into_lmdb))
        environment.close()
        connection = sqlite3.connect(f"{scratch}/sqlite")
        connection.execute("create table map (key blob primary key, value blob) without rowid")

        def into_sqlite() -> None:
            with connection:
                connection.executemany(
                    "insert or replace into map values (?, ?)", zip(keys, keys, strict=True)
                )

        yield Row(work, "sqlite (no digests)", _per(BULK, into_sqlite))
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
