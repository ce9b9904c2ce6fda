"""Speed and size of the Merkle Search Tree: random 32-byte keys with 32-byte values, in memory and in a file."""

import gc
import random
import time
from collections.abc import Callable, Iterator
from itertools import islice

from bench.harness import Context, Figure, best_of
from stemedb.mst import Tree, diff, memory_tree, prove, verify_proof
from stemedb.storage.tree_file import TreeFile

COUNT = 100_000
LARGE = 1_000_000
BATCH = 1_000
CHANGES = 100
SEED = 20_261_120
CACHE_BYTES = 128 << 20
REALM = bytes(range(32))

Entry = tuple[bytes, bytes]


def figures(context: Context) -> Iterator[Figure]:
    """Measure in memory, in a file of 100k keys, in a file of a million keys."""
    rng = random.Random(SEED)
    entries = _entries(rng, COUNT)
    gc.collect()
    gc.freeze()  # as the services do: what lives as long as the process is not walked by every collection
    try:
        yield from _in_memory(rng, entries)
        yield from _in_a_file(context, rng, entries)
        yield from _in_a_large_file(context, rng)
    finally:
        gc.unfreeze()


def _in_memory(rng: random.Random, entries: list[Entry]) -> Iterator[Figure]:
    yield _per(COUNT, "MST bulk insert incl. root, 100k", best_of(10, lambda: _bulk(entries)), 1.5, "hash")
    tree = _bulk(entries)
    single = _best_single(20, lambda: _one_by_one(tree, _entries(rng, BATCH // 5)))
    yield _per(BATCH // 5, "MST insert + root one at a time, in 100k", single, 20.0, "hash")

    keys = [key for key, _ in entries]
    rng.shuffle(keys)
    tree = _bulk(entries)
    get = tree.get
    yield _per(COUNT, "MST get in memory, 100k", best_of(8, lambda: [get(key) for key in keys]), 1.2, "hash")

    changed = _bulk(entries)
    changed.apply(_changes(rng, keys))
    changed.root_digest  # noqa: B018 - hashed before, as committed trees are
    elapsed = best_of(7, lambda: list(diff(tree, changed)))
    yield Figure("MST exact diff, 100 of 100k", elapsed * 1e3, "ms", 2.5)

    root, some = tree.root_digest, keys[:BATCH]
    proofs = [prove(tree, key) for key in some]
    yield _per(BATCH, "MST proof, make", best_of(5, lambda: [prove(tree, key) for key in some]))
    elapsed = best_of(5, lambda: [verify_proof(root, k, p) for k, p in zip(some, proofs, strict=True)])
    yield _per(BATCH, "MST proof, verify", elapsed)
    yield Figure("MST proof, size", sum(len(n) for p in proofs for n in p.nodes) / BATCH / 1024, "KiB")


def _in_a_file(context: Context, rng: random.Random, entries: list[Entry]) -> Iterator[Figure]:
    path = context.scratch / "small.mst"
    keys = [key for key, _ in entries]
    rng.shuffle(keys)
    with TreeFile.open(path, REALM, writable=True, create=True) as file:
        file.tree.merge(entries)
        file.commit()
        yield Figure("MST bytes per key on disk after bulk build", file.file_bytes / COUNT, "B", 85.0)

        # Cold: each run has a new reader that has read nothing but the root.
        elapsed = _best_single(3, lambda: _timed_gets(TreeFile.open(path, REALM), keys))
        yield _per(COUNT, "MST get cold, with digest check, 100k", elapsed, 3.5, "hash")
        get = file.snapshot().get
        yield _per(
            COUNT, "MST get warm, from a file, 100k", best_of(8, lambda: [get(k) for k in keys]), 1.2, "hash"
        )
        elapsed = best_of(3, lambda: sum(1 for _ in file.snapshot().items()))
        yield _per(COUNT, "MST scan of all entries", elapsed)

        before = file.file_bytes
        shortest = _best_single(300, lambda: _durable_insert(file, *_entries(rng, 1)))
        yield Figure("MST one-key durable commit, in 100k", shortest * 1e6, "µs", 150.0, floor="sync")
        yield Figure(
            "MST bytes appended by a one-key commit", (file.file_bytes - before) / 300 / 1024, "KiB", 10.0
        )


def _in_a_large_file(context: Context, rng: random.Random) -> Iterator[Figure]:
    path = context.scratch / "large.mst"
    with TreeFile.open(path, REALM, writable=True, create=True, cache_bytes=CACHE_BYTES) as file:
        started = time.perf_counter()
        file.tree.merge(_entries(rng, LARGE))
        file.commit()
        elapsed = time.perf_counter() - started
        yield _per(LARGE, "MST bulk build of 1M keys, durable", elapsed)
        batches = [_entries(rng, BATCH) for _ in range(32)]
        gc.freeze()
        for batch in islice(batches, 2):  # the cache fills
            _durable_batch(file, batch)
        elapsed = min(_durable_batch(file, batch) for batch in batches[2:])
        yield _per(BATCH, "MST batch of 1,000 into 1M, durable", elapsed, 15.0, "hash")
    elapsed = best_of(5, lambda: TreeFile.open(path, REALM).snapshot().root_digest)
    yield Figure("MST open a tree of 1M keys", elapsed * 1e3, "ms", 5.0)
    with TreeFile.open(path, REALM, writable=True) as file:
        started = time.perf_counter()
        file.compact()
        yield _per(len(file.tree), "MST compaction of 1M keys", time.perf_counter() - started)


def _entries(rng: random.Random, count: int) -> list[Entry]:
    return [(rng.randbytes(32), rng.randbytes(32)) for _ in range(count)]


def _changes(rng: random.Random, keys: list[bytes]) -> list[tuple[bytes, bytes | None]]:
    """Return as many additions as updates and removals."""
    third = CHANGES // 3
    added = _entries(rng, CHANGES - 2 * third)
    return [*added, *((k, b"new") for k in keys[:third]), *((k, None) for k in keys[third : 2 * third])]


def _bulk(entries: list[Entry]) -> Tree:
    tree = memory_tree(REALM)
    tree.merge(entries)
    tree.root_digest  # noqa: B018 - the hashing is what is measured
    return tree


def _one_by_one(tree: Tree, entries: list[Entry]) -> float:
    started = time.perf_counter()
    for key, value in entries:
        tree.insert(key, value)
        tree.root_digest  # noqa: B018 - as above
    return time.perf_counter() - started


def _timed_gets(file: TreeFile, keys: list[bytes]) -> float:
    get = file.snapshot().get
    started = time.perf_counter()
    for key in keys:
        get(key)
    return time.perf_counter() - started


def _durable_insert(file: TreeFile, entry: Entry) -> float:
    started = time.perf_counter()
    file.tree.insert(*entry)
    file.commit()
    return time.perf_counter() - started


def _durable_batch(file: TreeFile, batch: list[Entry]) -> float:
    started = time.perf_counter()
    file.tree.merge(batch)
    file.commit()
    return time.perf_counter() - started


def _best_single(repeats: int, run: Callable[[], float]) -> float:
    return min(run() for _ in range(repeats))


def _per(count: int, name: str, seconds: float, aim: float | None = None, floor: str | None = None) -> Figure:
    return Figure(name, seconds / count * 1e6, "µs", aim, floor="hash" if floor else None)
