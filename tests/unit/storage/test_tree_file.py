"""A tree in a file: commits, readers, snapshots, compaction, the cache."""

import os
import random
import re

import pytest

from stemedb.errors import (
    Corruption,
    DurabilityLost,
    Locked,
    NotFound,
    Refused,
    UnsupportedFormat,
    WrongReplica,
)
from stemedb.mst import EMPTY_ROOT, check, diff, forced_levels, memory_tree
from stemedb.storage.tree_file import TreeFile
from stemedb.storage.tree_format import META_BYTES_MAX, PAGE_BYTES
from stemedb.storage.tree_write import PIECE_BYTES
from support.faults import FaultyOperations
from support.mst_levels import LEVELS

REALM = bytes(range(32))
OPTIONS = {"levels": forced_levels(LEVELS["geometric"]), "runway_bytes": 4 * PAGE_BYTES}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "map.mst"


def writer(path, **options):
    return TreeFile.open(path, REALM, writable=True, create=True, **OPTIONS, **options)


def reader(path, **options):
    return TreeFile.open(path, REALM, **OPTIONS, **options)


def batch(start, end, value=b"v"):
    return [(bytes([i % 256, i // 256]), value) for i in range(start, end)]


def test_a_new_file_holds_the_empty_map(path):
    with writer(path) as file:
        assert file.last.digest == EMPTY_ROOT
        assert (file.last.count, file.last.meta, file.recovered_bytes) == (0, b"", 0)
    assert path.stat().st_size == 2 * PAGE_BYTES
    with reader(path) as file:
        assert list(file.tree.items()) == []


def test_a_commit_is_there_after_reopening_with_its_meta(path):
    with writer(path) as file:
        file.tree.merge(batch(0, 300))
        commit = file.commit(b"applied 300")
        file.tree.insert(b"dropped", b"")
    with writer(path) as file:
        assert file.last == commit
        assert (commit.count, commit.meta) == (300, b"applied 300")
        assert list(file.tree.items()) == sorted(batch(0, 300))
        assert check(file.tree).keys == 300


def test_a_commit_is_one_write_and_one_sync_of_whole_pages(path):
    operations = FaultyOperations()
    with writer(path, operations=operations) as file:
        file.tree.merge(batch(0, 20))
        file.commit()
        before = file.file_bytes
        operations.calls.clear()
        file.tree.insert(b"k", b"v")
        file.commit(bytes(META_BYTES_MAX))
        assert operations.calls == ["pwrite", "fdatasync"]
        assert file.file_bytes % PAGE_BYTES == 0
        assert file.file_bytes - before == PAGE_BYTES
        assert path.stat().st_size >= file.file_bytes


def test_committing_nothing_new_writes_nothing(path):
    operations = FaultyOperations()
    with writer(path, operations=operations) as file:
        file.tree.merge(batch(0, 20))
        commit = file.commit(b"m")
        operations.calls.clear()
        assert file.tree.merge(batch(0, 20)) == 0
        assert file.commit(b"m") == commit
        assert operations.calls == []
        assert file.commit(b"n") != commit


def test_the_first_entries_are_committed_with_the_meta_of_the_empty_map(path):
    with writer(path) as file:
        file.tree.merge(batch(0, 20))
        assert file.commit().count == 20
        file.tree.apply([(key, None) for key, _ in batch(0, 20)])
        assert file.commit().digest == EMPTY_ROOT
    with reader(path) as file:
        assert len(file.tree) == 0


def test_a_meta_beyond_its_bound_is_refused(path):
    with writer(path) as file, pytest.raises(ValueError, match="at most 1024"):
        file.commit(bytes(META_BYTES_MAX + 1))


def test_a_reader_sees_commits_only_when_it_looks(path):
    with writer(path) as file, reader(path) as other:
        assert other.refresh() is False
        for i in range(5):
            file.tree.merge(batch(i * 50, i * 50 + 50))
            file.commit(bytes([i]))
        assert len(other.tree) == 0
        assert other.refresh() is True
        assert other.last == file.last
        assert dict(other.tree.items()) == dict(batch(0, 250))
        assert other.refresh() is False
        assert file.refresh() is False


def test_a_snapshot_stays_while_the_tree_goes_on(path):
    with writer(path) as file:
        file.tree.merge(batch(0, 100))
        file.commit()
        snapshot = file.snapshot()
        file.tree.merge(batch(0, 200, b"w"))
        assert dict(file.snapshot().items()) == dict(batch(0, 100))
        file.commit()
        assert dict(snapshot.items()) == dict(batch(0, 100))
        assert dict(file.snapshot().items()) == dict(batch(0, 200, b"w"))
        assert len(list(diff(snapshot, file.snapshot()))) == 200
    assert snapshot.get(b"\x05\x00") == b"v"


def test_a_snapshot_and_a_reader_cannot_be_edited(path):
    with writer(path) as file, reader(path) as other:
        for tree in (file.snapshot(), other.tree):
            with pytest.raises(ValueError, match="read-only"):
                tree.insert(b"k", b"v")
            with pytest.raises(ValueError, match="read-only"):
                tree.apply([(b"k", None)])
        with pytest.raises(ValueError, match="read-only"):
            other.commit()
        with pytest.raises(ValueError, match="reading only"):
            other.compact()


def test_earlier_commits_can_be_opened_until_compaction(path):
    with writer(path) as file:
        commits = []
        for i in range(10):
            file.tree.merge(batch(0, 30 * i + 30, bytes([i])))
            commits.append(file.commit())
        for i, commit in enumerate(commits):
            tree = file.at(commit.offset, commit.digest)
            assert dict(tree.items()) == dict(batch(0, 30 * i + 30, bytes([i])))
            assert len(tree) == commit.count
        with pytest.raises(NotFound, match=f"offset {commits[0].offset}: no commit with root"):
            file.at(commits[0].offset, commits[1].digest)
        with pytest.raises(ValueError, match="not the place of a trailer"):
            file.at(commits[0].offset + 1, commits[0].digest)
        file.compact()
        for commit in commits[:-1]:
            with pytest.raises(NotFound, match="no commit with root"):
                file.at(commit.offset, commit.digest)


def test_compaction_keeps_the_map_and_drops_the_past(path):
    with writer(path) as file, reader(path) as other:
        for i in range(30):
            file.tree.merge(batch(0, 300, bytes([i])))
            file.commit(b"mark")
        other.refresh()
        snapshot, before = file.snapshot(), file.file_bytes
        old = file.last
        commit = file.compact()
        assert (commit.digest, commit.count, commit.meta) == (old.digest, old.count, old.meta)
        assert file.file_bytes < before / 10
        assert check(file.tree).keys == 300
        assert check(snapshot).keys == 300
        assert dict(other.tree.items()) == dict(batch(0, 300, bytes([29])))
        assert other.refresh() is False  # the same commit, in another file
        file.tree.insert(b"after", b"compaction")
        file.commit()
        assert other.refresh() is True
        assert other.tree.get(b"after") == b"compaction"
        assert check(other.tree).keys == 301
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["map.mst", "map.mst.lock"]


def test_an_editing_handle_from_before_compaction_or_closing_cannot_commit(path):
    with writer(path) as file:
        file.tree.merge(batch(0, 100))
        file.commit()
        before = file.tree
        file.compact()
        before.insert(b"k", b"v")
        with pytest.raises(ValueError, match="not any more"):
            before.commit()
        file.tree.insert(b"l", b"w")
        file.commit()
        assert check(file.tree).keys == 101
        last = file.tree
    with pytest.raises(ValueError, match="not any more"):
        last.commit()


def test_compaction_wants_edits_committed_first(path):
    with writer(path) as file:
        file.tree.insert(b"k", b"v")
        with pytest.raises(ValueError, match="commit before compacting"):
            file.compact()


def test_a_commit_larger_than_one_piece_is_found_again(path):
    rng = random.Random(1)
    entries = [(rng.randbytes(32), bytes(2000)) for _ in range(6000)]
    operations = FaultyOperations()
    with writer(path, operations=operations) as file:
        file.tree.merge(entries)
        operations.calls.clear()
        commit = file.commit(b"large")
        assert commit.offset > 2 * PIECE_BYTES
        assert operations.calls.count("fdatasync") == 2
        with reader(path) as other:
            assert other.last == commit
            assert check(other.tree).keys == 6000
        file.compact()
        assert file.last.digest == commit.digest
        assert check(file.tree).keys == 6000


def test_a_second_writer_is_locked_out_until_the_first_is_closed(path):
    with writer(path):
        with pytest.raises(Locked, match=f"pid {os.getpid()}"):
            writer(path)
        reader(path).close()
    writer(path).close()


def test_a_missing_file_is_not_created_unasked(path):
    with pytest.raises(NotFound):
        reader(path)
    with pytest.raises(NotFound):
        TreeFile.open(path, REALM, writable=True)
    with pytest.raises(ValueError, match="create needs writable"):
        TreeFile.open(path, REALM, create=True)
    assert not path.exists()


def test_a_file_of_another_realm_is_refused(path):
    writer(path).close()
    with pytest.raises(WrongReplica, match="another realm"):
        TreeFile.open(path, bytes(32), **OPTIONS)


def test_a_file_of_a_newer_format_is_refused(path):
    writer(path).close()
    data = bytearray(path.read_bytes())
    data[8] = 2
    path.write_bytes(data)
    with pytest.raises(UnsupportedFormat, match="version 2"):
        reader(path)


def test_something_else_is_no_tree_file(path):
    path.write_bytes(b"PK\3\4" + bytes(PAGE_BYTES * 3))
    with pytest.raises(Corruption, match="not a tree file"):
        reader(path)


def test_a_value_that_looks_like_a_trailer_is_not_taken_for_one(path):
    """The last page of a torn commit may end with whatever a value holds: even with a trailer of this very file."""
    with writer(path) as file:
        file.tree.insert(b"k", b"v")
        commit = file.commit()
        end = file.file_bytes
        trailer = path.read_bytes()[commit.offset : end]
    with path.open("r+b") as raw:
        raw.seek(end + PAGE_BYTES - len(trailer))
        raw.write(trailer)
    with writer(path) as file:
        assert file.last == commit
        assert file.recovered_bytes == PAGE_BYTES


def test_the_cache_keeps_to_its_bound_and_counts(path):
    bound = 40_000
    with writer(path, cache_bytes=bound) as file:
        file.tree.merge([(bytes([i % 256, i // 256]), bytes(50)) for i in range(5000)])
        file.commit()
        for _ in range(3):
            for key, _ in batch(0, 5000):
                assert file.snapshot().get(key) == bytes(50)
            assert file.stats.bytes <= bound + 10_000  # a node is counted when it is in
        assert file.stats.misses > 100
    with reader(path) as other:
        assert sum(1 for _ in other.tree.items()) == 5000
        misses = other.stats.misses
        assert misses == other.stats.nodes
        assert sum(1 for _ in other.tree.items()) == 5000
        assert other.stats.misses == misses
        assert other.stats.hits > 0


def test_replaced_nodes_leave_the_cache_when_they_are_committed(path):
    with writer(path) as file:
        file.tree.merge(batch(0, 2000))
        file.commit()
        held = file.stats
        for i in range(200):
            file.tree.insert(bytes([i]), b"x")
            file.commit()
        assert file.stats.nodes < held.nodes * 1.1
        assert file.stats.misses == 0


def test_the_root_is_that_of_a_tree_in_memory(path):
    entries = batch(0, 1000)
    tree = memory_tree(REALM, levels=OPTIONS["levels"])
    tree.merge(entries)
    with writer(path) as file:
        file.tree.merge(entries)
        assert file.commit().digest == tree.root_digest
        assert list(diff(tree, file.tree)) == []


def test_opening_for_writing_syncs_the_commit_it_goes_on_from(path):
    """The process before may have died between writing a commit and syncing it: then the page cache is all that holds it."""
    with writer(path) as file:
        file.tree.merge(batch(0, 10))
        commit = file.commit()
    operations = FaultyOperations()
    with writer(path, operations=operations) as file:
        assert operations.calls == ["fdatasync"]
        assert file.commit() == commit
    operations = FaultyOperations(fail_at=1)
    with pytest.raises(DurabilityLost, match="fdatasync failed"):
        writer(path, operations=operations)


def test_a_failed_compaction_gives_its_disk_space_back(path):
    operations = FaultyOperations()
    with writer(path, operations=operations) as file:
        file.tree.merge(batch(0, 300))
        file.commit()
        operations.fail_at = len(operations.calls) + 4
        with pytest.raises(DurabilityLost, match="No space left"):
            file.compact()
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["map.mst", "map.mst.lock"]


def test_what_a_killed_compaction_left_is_removed_by_the_next_writer(path):
    writer(path).close()
    stray = path.with_name(".map.mst.new")
    stray.write_bytes(bytes(PAGE_BYTES))
    reader(path).close()
    assert stray.exists()
    writer(path).close()
    assert not stray.exists()


def test_a_reader_whose_file_is_gone_is_told_so(path):
    writer(path).close()
    with reader(path) as file:
        path.unlink()
        with pytest.raises(NotFound, match=re.escape(f"{path}: no tree file")):
            file.refresh()
        assert list(file.snapshot().items()) == []


def test_a_file_that_may_not_be_opened_is_refused_with_what_to_do(path, monkeypatch):
    writer(path).close()

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", denied)
    with pytest.raises(Refused, match="Permission denied: run as the owner"):
        reader(path)


def test_a_reader_tells_what_follows_the_last_whole_commit_until_there_is_a_newer_one(path):
    with writer(path) as file:
        file.tree.merge(batch(0, 10))
        file.commit()
        end = file.file_bytes
    with path.open("r+b") as raw:
        raw.seek(end)
        raw.write(b"half a commit")
    with reader(path) as file:
        assert file.recovered_bytes == 0
        assert file.trailing_bytes == PAGE_BYTES
        with writer(path) as other:
            assert other.recovered_bytes == PAGE_BYTES
            assert other.trailing_bytes == 0
            other.tree.insert(b"k", b"v")
            other.commit()
        assert file.refresh()
        assert file.trailing_bytes == 0


def test_a_reader_follows_a_file_that_became_shorter_than_what_it_knows(path):
    with writer(path) as file:
        first = file.commit(b"first")
        end = file.file_bytes
        file.tree.merge(batch(0, 10))
        file.commit(b"second")
    with reader(path) as file:
        os.truncate(path, end)
        assert file.refresh()
        assert file.last == first


def test_a_reader_goes_back_if_the_commit_it_knows_was_cut_off_and_others_took_its_place(path):
    """A writer cuts off what it finds damaged; a reader may have met it while it was whole."""
    with writer(path) as file:
        file.commit(b"first")
        end = file.file_bytes
        file.tree.merge(batch(0, 300))
        file.commit(b"second, long")
    with reader(path) as file:
        with path.open("r+b") as raw:
            raw.seek(file.last.offset)
            raw.write(b"rot")
        with writer(path) as other:
            assert (other.file_bytes, other.last.meta) == (end, b"first")
            other.tree.insert(b"k", b"v")
            last = other.commit(b"second, short")
            assert path.stat().st_size >= file.file_bytes
            assert file.refresh()
            assert file.last == last
            assert list(file.tree.items()) == [(b"k", b"v")]
            assert not file.refresh()
