"""Lives of a tree's writer on a disk that forgets what was not synced: nothing durable is lost, nothing is mixed.

Each history is drawn from a seed. In every life the writer goes on from what it finds and dies in the middle of a call; then any of the
pages that were not synced are lost. What is found is one commit, whole, and not older than the last that was promised.
"""

import random

import pytest

from stemedb.mst import check
from stemedb.storage.tree_file import TreeFile
from support.outages import ForgetfulOperations, Outage

REALM = bytes(range(32))
PIECE_BYTES = 16 << 10
"""A large commit, which is written in pieces, has some 800 entries here."""


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr("stemedb.storage.tree_write.PIECE_BYTES", PIECE_BYTES)


def edit(rng, model):
    """Draw a batch: mostly small, sometimes larger than a piece; return it with what it makes of the map."""
    puts = [(rng.randbytes(2), rng.randbytes(20)) for _ in range(rng.choice([1, 5, 800]))]
    gone = list(model)[: rng.choice([0, 3])]
    after = {**model, **dict(puts)}
    for key in gone:
        del after[key]
    return [*puts, *((key, None) for key in gone)], after


@pytest.mark.parametrize("seed", range(60))
def test_what_was_promised_survives_any_outage(tmp_path, seed):
    rng, path, operations = random.Random(seed), tmp_path / "map.mst", ForgetfulOperations()
    TreeFile.open(path, REALM, writable=True, create=True, operations=operations).close()
    maps, promised = [{}], 0
    for _ in range(4):
        operations.stop_after(rng.randrange(1, rng.choice([3, 14])))  # some lives are very short
        runway_bytes = rng.choice([4096, 65_536])
        try:
            with TreeFile.open(
                path, REALM, writable=True, runway_bytes=runway_bytes, operations=operations
            ) as file:
                found = int(file.last.meta or 0)
                assert found >= promised
                promised = found  # what a writer goes on from is durable
                del maps[found + 1 :]
                while True:
                    edits, after = edit(rng, maps[-1])
                    maps.append(after)
                    file.tree.apply(edits)
                    promised = int(file.commit(b"%d" % (len(maps) - 1)).meta)
        except Outage:
            pass
        share = rng.choice([0.0, 0.1, 0.5, 0.9])  # without any loss it was the process that died
        if share:
            operations.lose(lambda share=share: rng.random() < share)
        operations.stop_after(None)
        with TreeFile.open(path, REALM) as file:
            found = int(file.last.meta or 0)
            assert promised <= found < len(maps)
            assert dict(file.tree.items()) == maps[found]
            assert check(file.tree).root == file.last.digest
