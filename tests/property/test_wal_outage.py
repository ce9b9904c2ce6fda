"""The write-ahead log through power failures: whatever was acknowledged is there, whatever pages were forgotten."""

import shutil
import tempfile
from functools import partial
from pathlib import Path
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from stemedb.wal import Reader, Writer
from support.effort import examples
from support.outages import ForgetfulOperations, Outage
from support.records import make_records

SEGMENT_BYTES = 60_000
OPTIONS = {"segment_bytes": SEGMENT_BYTES, "runway_bytes": 20_000}


def read_all(path):
    reader, position, records = Reader(path), None, []
    while (run := reader.read_run(position)).records:
        records += run.records
        position = run.next
    reader.close()
    return records


def live(path, batches, operations):
    """Open the log and append batches until it is over; return how many records are acknowledged."""
    acknowledged, writer = 0, None
    try:
        writer = Writer.open(path, operations=operations, **OPTIONS)
        acknowledged = writer.size
        for count, bytes_each in batches:
            writer.append(make_records(acknowledged, acknowledged + count, size=bytes_each))
            acknowledged += count
    except Outage:
        pass
    if writer is not None:
        writer._release()
    return acknowledged


TWO_SEGMENTS = [(60, 900), (60, 900)]


@example(
    lives=[([(3, 100)], 6, None), ([], None, 1.0)], seed=0
)  # found after a death, told to readers, then an outage
@example(lives=[(TWO_SEGMENTS, 13, 0.5)], seed=1)  # an outage within the first batch of a segment
@example(lives=[(TWO_SEGMENTS, 14, 0.5)], seed=2)  # as above
@example(lives=[(TWO_SEGMENTS, 14, 0.5)], seed=3)  # as above
@settings(max_examples=examples(100), deadline=None)
@given(
    lives=st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(1, 60), st.integers(20, 900)), max_size=6),
            st.integers(1, 16) | st.none(),
            st.sampled_from([None, 0.0, 0.2, 0.5, 0.8, 1.0]),
        ),
        min_size=1,
        max_size=6,
    ),
    seed=st.integers(0, 2**32),
)
def test_what_was_acknowledged_or_seen_survives_every_death_and_outage(lives, seed):
    """Each life ends in the middle of some call: the process dies (``None``), or a share of all unsynced pages is lost."""
    random, folder = Random(seed), Path(tempfile.mkdtemp(prefix="stemedb-wal-"))
    operations, certain = ForgetfulOperations(), 0
    try:
        for batches, calls, share in lives:
            operations.stop_after(calls)
            certain = max(certain, live(folder, batches, operations), len(read_all(folder)))
            if share is not None:
                operations.lose(partial(lambda share: random.random() < share, share))
        operations.stop_after(None)
        size = live(folder, [], operations)
        found = read_all(folder)
        assert len(found) == size >= certain
        assert [record.accepted for record in found] == list(range(1000, 1000 + size))
    finally:
        shutil.rmtree(folder)
