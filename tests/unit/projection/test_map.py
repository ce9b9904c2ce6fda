"""The projection: what it refuses, how it batches, when it compacts, and what readers see."""

from contextlib import closing

import pytest

from stemedb.crdt import assertion_key
from stemedb.errors import Locked, NotFound, WrongReplica
from stemedb.ledger import LedgerReader
from stemedb.merkle import EMPTY_ROOT
from stemedb.projection import Projection
from stemedb.projection import map as map_module
from stemedb.projection.map import FILE_NAME
from stemedb.storage.replica import ReplicaDirectory
from support.histories import REALM, SEED, make_replica, parsed, write
from support.statement_json import assertion, vote


def items(start, end):
    return [(parsed(assertion(subject=f"pkg://p/{n:04}")), None) for n in range(start, end)]


@pytest.fixture
def replica(tmp_path):
    return make_replica(tmp_path / "data")


@pytest.fixture
def written(replica):
    write(replica, items(0, 100))
    return replica


def test_a_new_map_is_empty_and_has_applied_nothing(replica):
    with Projection.open(replica, writable=True) as projection:
        assert (projection.applied, projection.keys, projection.mark.log_root) == (0, 0, EMPTY_ROOT)


def test_a_map_that_was_never_made_is_not_found_by_a_reader(replica):
    with pytest.raises(NotFound):
        Projection.open(replica)
    with pytest.raises(NotFound):
        Projection.open(replica, writable=True, create=False)


def test_only_one_writer_at_a_time(replica):
    with Projection.open(replica, writable=True), pytest.raises(Locked):
        Projection.open(replica, writable=True)


def test_batches_are_as_large_as_asked_and_larger_when_far_behind(written, monkeypatch):
    monkeypatch.setattr(map_module, "BATCH_ENTRIES", 8)
    monkeypatch.setattr(map_module, "CATCH_UP_ENTRIES", 20)
    monkeypatch.setattr(map_module, "READ_ENTRIES", 7)
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        sizes = [projection.step(reader).end, projection.step(reader, batch=3).end]
        while (applied := projection.step(reader)) is not None:
            sizes.append(applied.end)
        assert sizes == [20, 23, 42, 56, 67, 75, 83, 91, 99, 100]


def test_a_batch_that_is_still_being_read_can_be_given_up(written, monkeypatch):
    monkeypatch.setattr(map_module, "READ_ENTRIES", 10)
    answers = iter([False, False, True])
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        assert projection.step(reader, stop=lambda: next(answers)) is None
        assert (projection.applied, projection.keys) == (0, 0)
        assert projection.catch_up(reader) == 100


def test_a_step_tells_what_it_did(written):
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        applied = projection.step(reader, upto=60)
        assert (applied.start, applied.end, applied.changed) == (0, 60, 60)
        assert applied.root == projection.root
        assert projection.mark == (60, reader.log.root(60), reader.entry(59).record.accepted, "alpha")
        assert applied.oldest == reader.entry(0).record.accepted
        assert applied.newest == projection.mark.clock
        assert projection.step(reader, upto=60) is None


def test_catching_up_never_goes_beyond_what_was_asked(written):
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        assert projection.catch_up(reader, upto=7) == 7
        assert projection.catch_up(reader, upto=3) == 0
        assert projection.catch_up(reader, upto=1000) == 93
        assert projection.applied == 100


def test_a_reader_sees_whole_commits_only_and_follows_when_it_refreshes(written):
    with (
        closing(LedgerReader(written)) as reader,
        Projection.open(written, writable=True) as writer,
        closing(LedgerReader(written)) as other,
    ):
        writer.catch_up(reader, upto=10)
        with Projection.open(written) as follower:
            view = follower.view(other)
            writer.catch_up(reader)
            assert (follower.applied, follower.keys) == (10, 10)
            assert follower.refresh()
            assert (follower.applied, follower.root) == (100, writer.root)
            assert not follower.refresh()
            assert (view.mark.applied, view.keys) == (10, 10)  # the view stays what it was


def test_a_map_ahead_of_its_ledger_is_refused(written, tmp_path):
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        projection.catch_up(reader)
    shorter = copy_of_map(written, make_other(tmp_path, items(0, 50)))
    with (
        closing(LedgerReader(shorter)) as reader,
        Projection.open(shorter, writable=True) as projection,
        pytest.raises(WrongReplica, match="has 100 entries of alpha applied, but its ledger holds 50"),
    ):
        projection.catch_up(reader)


def test_a_ledger_with_another_history_is_refused_although_it_is_long_enough(written, tmp_path):
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        projection.catch_up(reader, upto=50)
    other = copy_of_map(written, make_other(tmp_path, items(1, 101)))
    with (
        closing(LedgerReader(other)) as reader,
        Projection.open(other, writable=True) as projection,
        pytest.raises(WrongReplica, match="log root at 50 entries: got"),
    ):
        projection.catch_up(reader)
    assert Projection.open(other).applied == 50


def test_the_map_of_another_replica_is_refused(written, tmp_path):
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        projection.catch_up(reader)
    beta = ReplicaDirectory.create(tmp_path / "beta", "beta", realm=REALM, seed=SEED)
    copy_of_map(written, beta)
    with pytest.raises(WrongReplica, match="is the map of alpha, want beta"):
        Projection.open(beta)


def test_the_map_of_another_realm_is_refused(written, tmp_path):
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        projection.catch_up(reader)
    foreign = ReplicaDirectory.create(tmp_path / "foreign", "alpha", realm=bytes(32), seed=SEED)
    copy_of_map(written, foreign)
    with pytest.raises(WrongReplica):
        Projection.open(foreign, writable=True)


def make_other(tmp_path, history):
    other = make_replica(tmp_path / "other")
    write(other, history)
    return other


def copy_of_map(source, target):
    (target.index / FILE_NAME).write_bytes((source.index / FILE_NAME).read_bytes())
    return target


def test_compaction_is_due_when_most_of_the_file_is_garbage_and_keeps_the_root(replica):
    claim = assertion()
    write(replica, [(parsed(claim), None)], items(0, 200))
    votes = [vote(assertion=parsed(claim).id.hex(), agent=f"a{n}") for n in range(60)]
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)
        assert not projection.compaction_due(8, 0)
        write(replica, [(parsed(one), None) for one in votes])
        projection.catch_up(reader, batch=1)
        assert not projection.compaction_due(8, 1 << 30)
        assert projection.compaction_due(8, 0)
        before, root = projection.file.file_bytes, projection.root
        with Projection.open(replica) as follower:
            projection.compact()
            assert projection.file.file_bytes * 4 < before
            assert (projection.root, projection.applied) == (root, 261)
            follower.refresh()
            assert follower.view(reader).root == root
        write(replica, items(300, 301))
        assert projection.catch_up(reader) == 1


def test_an_empty_map_is_never_due_for_compaction(replica):
    with Projection.open(replica, writable=True) as projection:
        assert not projection.compaction_due(1.5, 0)


def test_a_statement_is_got_with_the_stamp_in_the_map(written):
    with closing(LedgerReader(written)) as reader, Projection.open(written, writable=True) as projection:
        projection.catch_up(reader)
        statement = parsed(assertion(subject="pkg://p/0001"))
        key = assertion_key("pkg://p/0001", "license", statement.id)
        assert projection.file.snapshot().get(key) is not None
        assert projection.view(reader).get(statement.id).stamp == (reader.entry(1).record.hlc, "alpha")
