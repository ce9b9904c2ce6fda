"""Which store a problem is counted against."""

from types import SimpleNamespace

import pytest

from stemedb import ledger, projection
from stemedb.cli.maintenance import check
from stemedb.cli.output import Meter
from stemedb.errors import Corruption, NotFound
from stemedb.storage.replica import ReplicaDirectory

ROOT = bytes(32)


@pytest.fixture
def replica(tmp_path):
    return ReplicaDirectory.create(tmp_path / "data", "r")


def rows(replica, monkeypatch, *problems: str, tree=None) -> dict[str, dict]:
    monkeypatch.setattr(ledger, "check", lambda _replica, _progress: ledger.Report(5, ROOT, problems))

    def check_tree(_replica, _progress):
        if isinstance(tree, Exception):
            raise tree
        return tree or SimpleNamespace(keys=4, problems=(), root=ROOT, applied=5)

    monkeypatch.setattr(projection, "check", check_tree)
    return {row["store"]: row for row in check(replica, Meter())}


def test_problems_are_counted_against_the_store_they_are_in(replica, monkeypatch):
    wal, log, ids = f"{replica.wal}/00000001.wal: bad", f"{replica.log}/00: bad", f"{replica.ids}: bad"
    found = rows(replica, monkeypatch, ids, wal, log)
    assert {store: row["problems"] for store, row in found.items()} == {
        "wal": [wal],
        "log": [log],
        "ids": [ids],
        "tree": [],
    }
    assert [found[store]["ok"] for store in ("wal", "log", "ids", "tree")] == [False, False, False, True]


def test_a_path_that_only_begins_like_a_store_is_not_in_it(replica, monkeypatch):
    problem = f"{replica.path}/logbook: bad"
    assert rows(replica, monkeypatch, problem)["log"]["ok"]


def test_a_problem_with_no_place_counts_against_the_truth(replica, monkeypatch):
    assert rows(replica, monkeypatch, "something is odd")["wal"]["problems"] == ["something is odd"]


def test_a_tree_that_cannot_be_read_is_a_problem_not_an_end(replica, monkeypatch):
    found = rows(replica, monkeypatch, tree=Corruption("map.mst", 4096, "checksum mismatch"))
    assert found["tree"]["problems"] == ["map.mst: offset 4096: checksum mismatch"]


def test_a_missing_tree_is_a_problem_where_there_are_statements(replica, monkeypatch):
    found = rows(replica, monkeypatch, tree=NotFound("no map"))
    assert not found["tree"]["ok"]
    assert "rebuild" in found["tree"]["problems"][0]
