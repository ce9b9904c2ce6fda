"""The two threads' stores, without threads: opening, compacting, and keeping memory flat."""

from contextlib import closing

import pytest

from stemedb.errors import Locked, NotFound, Unavailable
from stemedb.ledger import Ledger
from stemedb_index import store as store_module
from stemedb_index.settings import IndexSettings
from stemedb_index.store import Reading, Writing
from support.histories import NOW_MS, make_replica, parsed, write
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
