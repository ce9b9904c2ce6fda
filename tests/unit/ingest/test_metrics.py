"""What ingest reports of its disk, and what is there from the start."""

import pytest
from prometheus_client import CollectorRegistry

from stemedb_ingest.metrics import FOLDERS, DiskCollector, IngestMetrics


@pytest.fixture
def registry():
    return CollectorRegistry()


def test_each_folder_is_shown_with_what_the_disk_gave_it(tmp_path, registry):
    (tmp_path / "wal").mkdir()
    (tmp_path / "wal" / "00000001.wal").write_bytes(b"x" * 100_000)
    (tmp_path / "sync" / "peers").mkdir(parents=True)
    (tmp_path / "sync" / "peers" / "west.json").write_bytes(b"x" * 100_000)
    with (tmp_path / "wal" / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 30)
    registry.register(DiskCollector(tmp_path))
    taken = {
        folder: registry.get_sample_value("stemedb_ingest_folder_bytes", {"folder": folder})
        for folder in FOLDERS
    }
    assert 100_000 <= taken["wal"] < 1 << 20, "a hole takes nothing"
    assert 100_000 <= taken["sync"] < 1 << 20, "files in folders below count"
    assert taken["ids"] == taken["index"] == taken["log"] == 0, "what is not there takes nothing"


def test_what_is_left_of_the_disk_is_shown(tmp_path, registry):
    registry.register(DiskCollector(tmp_path))
    free = registry.get_sample_value("stemedb_ingest_disk_free_bytes")
    assert 0 < free <= registry.get_sample_value("stemedb_ingest_disk_bytes")


def test_outcomes_start_at_zero_so_that_the_first_one_is_a_rise(registry):
    IngestMetrics.register(registry, lambda: 0)
    for outcome in ("accepted", "duplicate", "rejected"):
        labels = {"kind": "assertion", "outcome": outcome}
        assert registry.get_sample_value("stemedb_ingest_statements_total", labels) == 0
