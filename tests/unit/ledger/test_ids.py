import hashlib

import lmdb
import pytest

from stemedb.errors import Corruption, DurabilityLost, Refused
from stemedb.ledger.ids import IdTable, Known, encode_value
from stemedb.types import Stamp


def key(number):
    return hashlib.sha256(b"%d" % number).digest()


def rows(start, end):
    return [(key(number), encode_value(number, 1000 + number, b"here")) for number in range(start, end)]


@pytest.fixture
def table(tmp_path):
    table = IdTable(tmp_path / "ids", writable=True)
    yield table
    table.close()


def test_the_value_is_index_and_stamp_big_endian():
    assert encode_value(258, 3, b"here").hex() == "0000000000000102000000000000000368657265"


def test_staged_rows_are_invisible_until_committed(table):
    assert table.stage(rows(0, 5), 5)
    assert (table.get(key(0)), table.size(), table.counts()) == (None, 0, (0, 0))
    table.commit()
    assert table.get(key(3)) == Known(3, Stamp(1003, "here"))
    assert (table.size(), table.counts()) == (5, (5, 5))


def test_discarded_rows_are_gone(table):
    assert table.stage(rows(0, 5), 5)
    table.discard()
    table.discard()
    assert table.counts() == (0, 0)
    assert table.stage(rows(0, 1), 1)
    table.commit()
    assert table.counts() == (1, 1)


def test_a_batch_with_a_known_id_is_not_staged(table):
    table.replay(rows(0, 5), 5)
    assert not table.stage(rows(4, 9), 9)
    assert table.counts() == (5, 5)
    assert table.get_all([key(4), key(5)]) == {key(4): Known(4, Stamp(1004, "here"))}


def test_replaying_twice_is_replaying_once(table):
    table.replay(rows(0, 5), 5)
    table.replay(rows(3, 8), 8)
    assert table.counts() == (8, 8)


@pytest.mark.parametrize("batch", [1, 700, 30_000])
def test_the_table_grows_as_needed(table, batch):
    """One large transaction, or many small ones whose pages are freed and used again."""
    total = max(30_000, batch) if batch > 1 else 300
    for start in range(0, total, batch):
        assert table.stage(rows(start, min(start + batch, total)), min(start + batch, total))
        table.commit()
    assert table.counts() == (total, total)
    assert all(table.get(key(number)).index == number for number in range(0, total, 97))


def test_a_reader_beside_the_writer_sees_commits_and_keeps_the_table_open(tmp_path):
    writer = IdTable(tmp_path / "ids", writable=True)
    reader = IdTable(tmp_path / "ids", writable=False)
    writer.replay(rows(0, 20_000), 20_000)
    assert reader.get(key(19_999)).index == 19_999
    writer.close()
    assert reader.get(key(7)).index == 7
    again = IdTable(tmp_path / "ids", writable=True)
    again.replay(rows(20_000, 20_001), 20_001)
    assert reader.size() == 20_001
    again.close()
    reader.close()
    reader.close()


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Corruption, match=r"data\.mdb: offset 0: the id table is missing"):
        IdTable(tmp_path, writable=False)


class Broken:
    """An LMDB handle of which every transaction fails."""

    def __init__(self, error):
        self.error = error

    def begin(self, **_):
        raise self.error

    def close(self):
        pass


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            lmdb.Error("mdb_txn_begin: Resource temporarily unavailable"),
            Refused,
            "share one .`pid:` in compose",
        ),
        (lmdb.ReadersFullError("mdb_txn_begin: MDB_READERS_FULL"), Refused, "126 readers already"),
        (lmdb.Error("mdb_txn_begin: Permission denied"), Refused, "Permission denied"),
        (lmdb.CorruptedError("mdb_get: MDB_CORRUPTED"), Corruption, "not a sound id table: mdb_get"),
    ],
)
def test_what_lmdb_says_is_told_apart(table, monkeypatch, error, kind, message):
    with monkeypatch.context() as patch:
        patch.setattr(table._environment, "_env", Broken(error))
        with pytest.raises(kind, match=message):
            table.get(key(0))


class Transaction:
    """A transaction of which one method fails."""

    def __init__(self, failing, error=lmdb.DiskError):
        self.failing = failing
        self.error = error

    def _call(self, name):
        if name == self.failing:
            raise self.error("disk on fire")

    def cursor(self):
        self._call("cursor")

    def commit(self):
        self._call("commit")

    def abort(self):
        pass


def test_a_map_that_is_full_only_at_the_commit_grows_and_keeps_the_rows(table):
    """Committing may need pages of its own, after every put found room."""
    before = table.path.stat().st_size
    assert table.stage(rows(0, 5), 5)
    table._staged.abort()
    table._staged = Transaction("commit", lmdb.MapFullError)
    table.commit()
    assert table.counts() == (5, 5)
    assert table.path.stat().st_size == 2 * before


def test_a_failed_put_is_durability_lost(table, monkeypatch):
    monkeypatch.setattr(table._environment, "begin_write", lambda: Transaction("cursor"))
    with pytest.raises(DurabilityLost, match=r"data\.mdb: put failed: disk on fire"):
        table.stage(rows(0, 1), 1)


def test_a_failed_commit_is_durability_lost(table):
    table._staged = Transaction("commit")
    with pytest.raises(DurabilityLost, match=r"data\.mdb: commit failed: disk on fire"):
        table.commit()
    assert table.stage(rows(0, 1), 1)


def test_garbage_is_named_and_leaves_nothing_open(tmp_path):
    (tmp_path / "data.mdb").write_bytes(b"\xff" * 8192)
    for _ in range(2):
        with pytest.raises(Corruption, match=r"data\.mdb"):
            IdTable(tmp_path, writable=True)
    (tmp_path / "data.mdb").unlink()
    IdTable(tmp_path, writable=True).close()
