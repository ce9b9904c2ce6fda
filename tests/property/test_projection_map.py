"""The map is a function of the set of log entries: batches, crashes and repeats leave no trace in it."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemedb.crdt import join
from stemedb.ledger import LedgerReader
from stemedb.mst import memory_tree
from stemedb.projection import Projection
from stemedb.projection.map import FILE_NAME
from support.effort import examples
from support.histories import REALM, histories, make_replica, naive_map, write

STEPS = st.lists(
    st.tuples(st.sampled_from(("go on", "reopen", "crash", "restore")), st.integers(1, 9)), max_size=12
)


def naive_root(entries):
    tree = memory_tree(REALM)
    for key, value in entries.items():
        tree.insert(key, value)
    return tree.root_digest


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), STEPS)
def test_any_batching_with_any_crashes_gives_the_naive_map(history, steps):
    with tempfile.TemporaryDirectory() as scratch:
        replica = make_replica(Path(scratch) / "data")
        write(replica, history)
        backup = Path(scratch) / "backup.mst"
        reader = LedgerReader(replica)
        projection = Projection.open(replica, writable=True)
        try:
            for what, count in steps:
                upto = min(projection.applied + count, reader.size)
                if what == "crash":
                    # The process dies after merging and before committing.
                    projection.file.tree.merge(list(naive_map(reader, upto).items()), join)
                    projection.close()
                    projection = Projection.open(replica, writable=True)
                elif what == "reopen":
                    projection.close()
                    projection = Projection.open(replica, writable=True)
                elif what == "restore" and backup.exists():
                    # An older copy of the file is put back.
                    projection.close()
                    shutil.copy(backup, replica.index / FILE_NAME)
                    projection = Projection.open(replica, writable=True)
                else:
                    projection.catch_up(reader, upto=upto, batch=max(1, count // 2))
                    shutil.copy(replica.index / FILE_NAME, backup)
                expected = naive_map(reader, projection.applied)
                assert dict(projection.file.snapshot().items()) == expected
                assert projection.keys == len(expected)
            projection.catch_up(reader)
            assert projection.applied == reader.size
            assert projection.root == naive_root(naive_map(reader, reader.size))
        finally:
            projection.close()
            reader.close()
