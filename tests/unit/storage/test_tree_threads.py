"""Snapshots read by several threads while their writer goes on editing, committing and compacting."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from stemedb.storage.tree_file import TreeFile
from support.faults import FaultyOperations

REALM = bytes(range(32))
KEYS = [b"key %d" % i for i in range(1500)]
READERS = 3


@pytest.fixture
def quick_switches():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.parametrize("cache_bytes", [1, 60_000, 10 << 20])
def test_every_snapshot_stays_whole_whatever_the_cache_drops(tmp_path, cache_bytes, quick_switches):
    path = tmp_path / "map.mst"
    with TreeFile.open(
        path, REALM, writable=True, create=True, cache_bytes=cache_bytes, operations=FaultyOperations()
    ) as file:
        file.tree.merge([(key, b"0") for key in KEYS])
        file.commit(b"0")
        snapshots = [(file.snapshot(), b"0")]
        ended = False

        def read(start):
            reads = 0
            while not ended or reads < 2:
                snapshot, value = snapshots[-1]
                for key in KEYS[start::97]:
                    assert snapshot.get(key) == value
                assert {found for _, found in snapshot.items(KEYS[start], reverse=start == 1)} == {value}
                reads += 1
            return reads

        with ThreadPoolExecutor(READERS) as pool:
            readers = [pool.submit(read, start) for start in range(READERS)]
            try:
                for i in range(1, 25):
                    value = b"%d" % i
                    file.tree.merge([(key, value) for key in KEYS])
                    file.commit(value)
                    if i % 8 == 0:
                        file.compact()
                    snapshots.append((file.snapshot(), value))
            finally:
                ended = True
            assert all(reader.result() >= 2 for reader in readers)
        for snapshot, value in snapshots:
            assert {found for _, found in snapshot.items()} == {value}
