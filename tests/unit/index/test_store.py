"""The two threads' stores, without threads: opening, compacting, and keeping memory flat."""

from contextlib import closing

import pytest

from stemedb.errors import Corruption, Locked, NotFound, Unavailable, WrongReplica
from stemedb.ledger import Ledger, LedgerReader
from stemedb.projection import Projection, Query, compact
from stemedb_index import store as store_module
from stemedb_index.settings import IndexSettings
from stemedb_index.store import Reading, Writing
from support.histories import NOW_MS, damage_first_node, make_replica, parsed, write
from support.statement_json import assertion


def never():
    return False


@pytest.fixture
def settings(tmp_path):
    return IndexSettings(
        replica="alpha", data_dir=tmp_path / "data", index_compact_bytes_min=1 << 20, index_compact_ratio=4
    )


@pytest.fixture
def replica(settings):
    return make_replica(settings.data_dir)


def claim(number):
    return parsed(assertion(subject=f"pkg://p/{number:05}"))


def test_without_a_replica_there_is_nothing_to_open(settings):
    for kind in (Writing, Reading):
        with pytest.raises(NotFound):
            kind.open(settings)


def test_a_ledger_that_must_be_repaired_is_unavailable_and_leaves_no_lock(settings, replica):
    write(replica, [(claim(0), None)])
    (replica.log / "state").write_text('{"format": 1, "condition": "open", "boot": "another"}\n')
    with pytest.raises(Unavailable):
        Writing.open(settings)
    write(replica)  # ingest comes and repairs it
    with closing(Writing.open(settings)) as writing:
        assert writing.position().lag == 1


def test_a_second_writer_is_refused_and_leaves_nothing_open(settings, replica):
    with closing(Writing.open(settings)) as writing:
        with pytest.raises(Locked):
            Writing.open(settings)
        assert writing.step(never) is None


def test_position_tells_how_far_the_map_is_behind(settings, replica):
    write(replica, [(claim(n), None) for n in range(5)])
    with closing(Writing.open(settings)) as writing:
        assert (writing.position().applied, writing.position().lag) == (0, 5)
        assert writing.step(never).end == 5
        assert (writing.position().keys, writing.position().lag) == (5, 0)
        assert writing.step(never) is None


def test_the_file_is_compacted_when_most_of_it_is_garbage_and_readers_follow(settings, replica):
    with closing(Ledger.open(replica, NOW_MS)) as ledger, closing(Writing.open(settings)) as writing:
        ledger.append([(claim(n), None) for n in range(300)], NOW_MS)
        writing.step(never)
        assert writing.compact_if_due() is None
        with closing(Reading.open(settings)) as reading:
            compacted = None
            for number in range(300, 600):
                ledger.append([(claim(number), None)], NOW_MS)
                writing.step(never)
                compacted = compacted or writing.compact_if_due()
            assert compacted is not None
            assert compacted.before_bytes >= 1 << 20 > 4 * compacted.after_bytes
            assert reading.answer(lambda view: view.keys) == 600
            assert reading.answer(lambda view: view.get(claim(599).id).index) == 599
            assert reading.readings().file_bytes == writing.readings().file_bytes


def test_the_id_table_is_mapped_anew_when_too_much_of_it_is_resident(settings, replica, monkeypatch):
    write(replica, [(claim(n), None) for n in range(5)])
    with closing(Writing.open(settings)) as writing:
        writing.step(never)
        with closing(Reading.open(settings)) as reading:
            monkeypatch.setattr(store_module, "MAPPED_BYTES_MAX", 0)
            held = []
            for number in range(5):
                assert reading.answer(lambda view, n=number: view.get(claim(n).id).index) == number
                held.append(reading._reader)
            assert len(set(map(id, held))) == 5


def test_a_ledger_that_cannot_be_opened_anew_is_tried_again(settings, replica, monkeypatch):
    write(replica, [(claim(0), None)])
    with closing(Writing.open(settings)) as writing:
        writing.step(never)
        with closing(Reading.open(settings)) as reading:
            state = replica.log / "state"
            believed = state.read_text()
            state.write_text('{"format": 1, "condition": "rebuilding", "boot": "another"}\n')
            with monkeypatch.context() as patched:
                patched.setattr(store_module, "MAPPED_BYTES_MAX", 0)
                with pytest.raises(Unavailable):
                    reading.answer(lambda view: view.keys)
            state.write_text(believed)
            assert reading.answer(lambda view: view.get(claim(0).id).index) == 0


def test_memory_is_given_back_after_a_large_batch_and_not_after_a_small_one(settings, replica, monkeypatch):
    given = []
    monkeypatch.setattr(store_module, "give_back", lambda: given.append(True))
    monkeypatch.setattr(store_module, "LARGE_BATCH", 4)
    with closing(Writing.open(settings)) as writing:
        write(replica, [(claim(n), None) for n in range(3)])
        writing.step(never)
        assert not given
        write(replica, [(claim(n), None) for n in range(3, 8)])
        writing.step(never)
        assert given


def overwrite(path):
    path.write_bytes(b"\xff" * path.stat().st_size)


def test_a_map_that_does_not_open_is_put_aside_and_made_anew(settings, replica):
    write(replica, [(claim(n), None) for n in range(50)])
    with closing(Writing.open(settings)) as writing:
        writing.step(never)
        assert writing.mended is None
    with closing(Projection.open(replica)) as projection:
        root = projection.root
    overwrite(replica.index / "map.mst")
    with closing(Writing.open(settings)) as writing:
        assert writing.is_about_the_map(writing.mended.error)
        assert writing.mended.aside.read_bytes().startswith(b"\xff")
        assert writing.position().applied == 0
        writing.step(never)
    with closing(Projection.open(replica)) as projection:
        assert projection.root == root


def test_a_map_of_another_replica_is_not_taken_for_damage(settings, replica):
    other = make_replica(settings.data_dir.parent / "other")
    write(other, [(claim(0), None)])
    with closing(Projection.open(other, writable=True)) as projection, closing(LedgerReader(other)) as reader:
        projection.catch_up(reader)
    other_file = (other.index / "map.mst").read_bytes()
    write(replica, [(claim(1), None)])
    replica.index.mkdir(exist_ok=True)
    (replica.index / "map.mst").write_bytes(other_file)
    with closing(Writing.open(settings)) as writing, pytest.raises(WrongReplica):
        writing.step(never)
    assert [one.name for one in replica.index.glob("*damaged*")] == []


def test_damage_on_the_way_is_mended_and_a_reader_follows(settings, replica):
    write(replica, [(claim(n), None) for n in range(399)])
    with closing(Writing.open(settings)) as writing:
        writing.step(never)
    compact(replica)
    write(replica, [(claim(399), None)])
    with closing(Writing.open(settings)) as writing:
        writing.step(never)
    with closing(Projection.open(replica)) as projection:
        root = projection.root
    damage_first_node(replica)
    with closing(Writing.open(settings)) as writing, closing(Reading.open(settings)) as reading:
        with pytest.raises(Corruption) as caught:
            reading.answer(lambda view: view.query(Query(limit=400)))
        assert writing.is_about_the_map(caught.value)
        mended = writing.mend(caught.value)
        assert mended.aside.exists()
        assert reading.answer(lambda view: view.mark.applied) == 0
        writing.step(never)
        assert reading.answer(lambda view: view.mark.applied) == 400
        assert len(reading.answer(lambda view: view.query(Query(limit=400))).claims) == 400
    with closing(Projection.open(replica)) as projection:
        assert projection.root == root


def test_while_the_file_is_exchanged_readers_are_told_to_come_again(settings, replica):
    write(replica, [(claim(0), None)])
    with closing(Writing.open(settings)), closing(Reading.open(settings)) as reading:
        path = replica.index / "map.mst"
        path.rename(path.with_suffix(".away"))
        with pytest.raises(Unavailable, match="made anew"):
            reading.answer(lambda view: view.mark)
        path.with_suffix(".away").rename(path)
        assert reading.answer(lambda view: view.mark.applied) == 0
