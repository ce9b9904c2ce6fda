"""Traffic, rounds and processor time of the tree path: both sides in one process, statements themselves not counted.

Maps of random 32-byte keys and values, and of keys and values as the index has them. A third of the differences are keys that only the
remote has, a third other values, a third keys that only we have. Bytes are requests and replies together, means over
several draws; rounds are the most of any draw; processor time is that of client and server together, proof included.
"""

import random
import time
from collections.abc import Callable, Iterator

from bench.harness import Context, Figure
from stemedb.mst import Tree, memory_tree
from stemedb.mst.reconcile import NONCE_BYTES, Outcome, Reconciliation, answer

COUNT = 100_000
LARGE = 1_000_000
SEED = 20_261_121
REALM = bytes(range(32))

Entry = tuple[bytes, bytes]
Draw = Callable[[random.Random], Entry]


def figures(context: Context) -> Iterator[Figure]:
    """Measure at a hundred thousand keys, at a million, and with realistic keys."""
    yield from _of_map("100k", COUNT, _random_entry, {100: (60, 5)}, seconds_max=0.02)
    yield from _of_map(
        "1M", LARGE, _random_entry, {1: (1.4, 5), 100: (104, 5), 10_000: (3000, None)}, seconds_max=0.5
    )
    yield from _of_map("100k real", COUNT, _real_entry, {1: (None, None), 100: (None, None)})


def _of_map(
    name: str,
    count: int,
    draw: Draw,
    aims: dict[int, tuple[float | None, int | None]],
    seconds_max: float | None = None,
) -> Iterator[Figure]:
    rng = random.Random(SEED)
    entries = [draw(rng) for _ in range(count)]
    remote = memory_tree(REALM)
    remote.merge(entries)
    for changes, (kilobytes_max, rounds_max) in aims.items():
        bytes_, rounds, seconds = [], [], []
        for _ in range({1: 60, 100: 8}.get(changes, 2)):
            local = _changed(remote, rng, entries, changes, draw)
            started = time.process_time()
            outcome = _run(local, remote, rng.randbytes(NONCE_BYTES))
            seconds.append(time.process_time() - started)
            traffic = outcome.traffic
            bytes_.append(traffic.sent_bytes + traffic.received_bytes)
            rounds.append(traffic.rounds)
            assert outcome.proven
            assert len(outcome.missing) + sum(1 for _ in outcome.surplus()) == changes
        what = f"tree path, {changes:,} of {name}"
        yield Figure(f"{what}, traffic", sum(bytes_) / len(bytes_) / 1000, "KB", kilobytes_max)
        yield Figure(f"{what}, rounds", max(rounds), "", rounds_max)
        yield Figure(
            f"{what}, processor",
            min(seconds) * 1e3,
            "ms",
            seconds_max * 1e3 if seconds_max and changes == 100 else None,
        )
    again = _run(remote, remote, bytes(NONCE_BYTES))
    yield Figure(f"tree path, equal maps of {name}, requests", again.traffic.requests, "", 0)


def _run(local: Tree, remote: Tree, nonce: bytes) -> Outcome:
    client = Reconciliation(local, remote.root_digest, nonce)
    while not client.finished:
        for index, request in enumerate(client.requests()):
            client.fold(index, answer(remote, request))
    return client.outcome


def _changed(tree: Tree, rng: random.Random, entries: list[Entry], changes: int, draw: Draw) -> Tree:
    """Return a map with so many differences, sharing all other nodes; a single one is a key that we lack."""
    third = changes // 3
    keys = [key for key, _ in rng.sample(entries, changes - third)]
    other = Tree(tree.store, REALM)
    other._root, other._count = tree.root, len(tree)
    other.apply(
        [
            *(draw(rng) for _ in range(third)),
            *((key, b"another value") for key in keys[:third]),
            *((key, None) for key in keys[third:]),
        ]
    )
    other.root_digest  # noqa: B018 - hashed before, as committed trees are
    return other


def _random_entry(rng: random.Random) -> Entry:
    return rng.randbytes(32), rng.randbytes(32)


def _real_entry(rng: random.Random) -> Entry:
    subject = b"acode://python/project-%d/tls/%d/cert_verification" % (rng.randrange(500), rng.randrange(40))
    return subject + b"\0value_type\0" + rng.randbytes(32), rng.randbytes(8) + b"replica-a"
