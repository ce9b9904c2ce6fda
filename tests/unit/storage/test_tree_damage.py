"""A tree file that was cut, changed or half written: the last whole commit or an error with the place, nothing else."""

import os
import re

import pytest

from stemedb.errors import Corruption, DurabilityLost, UnsupportedFormat, WrongReplica
from stemedb.mst import EMPTY_ROOT, check, forced_levels
from stemedb.storage.tree_file import TreeFile
from stemedb.storage.tree_format import PAGE_BYTES
from support.faults import Crashed, FaultyOperations
from support.mst_levels import LEVELS

REALM = bytes(range(32))
OPTIONS = {"levels": forced_levels(LEVELS["geometric"]), "runway_bytes": PAGE_BYTES}


def opened(path, **options):
    return TreeFile.open(path, REALM, **OPTIONS, **options)


def write_small_file(path):
    """Three commits; the maps after each, and where each ends."""
    maps, ends = [{}], [2 * PAGE_BYTES]
    with opened(path, writable=True, create=True, operations=FaultyOperations()) as file:
        for i in range(1, 4):
            file.tree.merge([(bytes([j]), bytes([i])) for j in range(10 * i)])
            file.commit(b"mark %d" % i)
            maps.append(dict(file.tree.items()))
            ends.append(file.file_bytes)
    return maps, ends


def read_all(path):
    """What a new reader gets from the file: the map, checked twice over, and the meta."""
    with opened(path) as file:
        entries = dict(file.tree.items())
        assert check(file.tree).keys == len(entries)
        assert all(file.tree.get(key) == value for key, value in entries.items())
        return entries, file.last.meta


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("tree") / "map.mst"
    maps, ends = write_small_file(path)
    return path.read_bytes()[: ends[-1]], maps, ends


def test_a_file_cut_at_every_byte_opens_at_the_last_whole_commit(small_file, tmp_path):
    data, maps, ends = small_file
    path = tmp_path / "map.mst"
    path.write_bytes(data)
    lengths = [*range(ends[-3], len(data)), *range(0, ends[-3], 7)]
    for length in sorted(lengths, reverse=True):
        os.truncate(path, length)
        whole = [entries for entries, end in zip(maps, ends, strict=True) if end <= length]
        if whole:
            with opened(path) as file:
                assert dict(file.tree.items()) == whole[-1]
        else:
            with pytest.raises(Corruption, match=re.escape(str(path))):
                opened(path)


def test_a_writer_goes_on_from_any_cut(small_file, tmp_path):
    data, maps, ends = small_file
    path = tmp_path / "map.mst"
    for length in range(ends[0], ends[-1], 97):
        path.write_bytes(data[:length])
        with opened(path, writable=True, operations=FaultyOperations()) as file:
            whole = max(i for i, end in enumerate(ends) if end <= length)
            assert dict(file.tree.items()) == maps[whole]
            file.tree.insert(b"next", b"n")
            file.commit()
        assert read_all(path)[0] == {**maps[whole], b"next": b"n"}
        assert path.stat().st_size % PAGE_BYTES == 0


def test_every_changed_byte_is_noticed_or_harmless(small_file, tmp_path):
    """A reader gets one of the maps that were committed, and the newest unless its own bytes were changed."""
    data, maps, ends = small_file
    path = tmp_path / "map.mst"
    path.write_bytes(data)
    errors = fallbacks = 0
    with path.open("r+b", buffering=0) as raw:
        for at in range(len(data)):
            if data[at] == 0 and at % 16:  # padding: one byte in sixteen will do
                continue
            raw.seek(at)
            raw.write(bytes([data[at] ^ 0x20]))
            try:
                entries, _ = read_all(path)
            except (Corruption, UnsupportedFormat, WrongReplica):
                errors += 1
            else:
                assert entries in maps[-2:]
                if entries != maps[-1]:
                    assert ends[-2] <= at < ends[-1]
                    fallbacks += 1
            raw.seek(at)
            raw.write(data[at : at + 1])
    assert read_all(path) == (maps[-1], b"mark 3")
    assert errors > 50
    assert fallbacks > 100


def test_a_changed_byte_of_an_older_commit_is_found_where_it_is(tmp_path):
    """Nodes of earlier commits that the last root still uses: their digests, not a trailer, vouch for them."""
    path = tmp_path / "map.mst"
    with opened(path, writable=True, create=True) as file:
        file.tree.merge([(bytes([i]), b"value %d" % i) for i in range(256)])
        file.commit()
        start, end = 2 * PAGE_BYTES, file.file_bytes
        file.tree.insert(b"\xff", b"new")
        file.commit()
    data = bytearray(path.read_bytes())
    found = 0
    for at in range(start + 16, end - 200, 23):
        changed = bytearray(data)
        changed[at] ^= 1
        path.write_bytes(changed)
        try:
            with opened(path) as file:
                entries = dict(file.tree.items())
        except Corruption:
            found += 1
        else:
            assert entries == {**{bytes([i]): b"value %d" % i for i in range(255)}, b"\xff": b"new"}
    assert found > 300


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("how", ["error", "crash"])
def test_a_failure_of_any_call_leaves_the_commit_before_or_this_one(tmp_path, how, after, torn):
    """Commits go on until the n-th call that changes the disk fails; then the file is opened anew."""
    for fail_at in range(1, 60):
        path = tmp_path / f"{how}-{after}-{torn}-{fail_at}" / "map.mst"
        path.parent.mkdir()
        operations = FaultyOperations(fail_at, how=how, after=after, torn=torn)
        maps = [{}]
        try:
            with opened(path, writable=True, create=True, operations=operations) as file:
                for i in range(1, 8):
                    file.tree.merge([(bytes([i, j]), bytes(100)) for j in range(3 * i)])
                    maps.append(dict(file.tree.items()))
                    file.commit(bytes([i]))
                    if i == 5:
                        file.compact()
        except (DurabilityLost, Crashed):
            pass
        else:
            assert fail_at > len(operations.calls)
            break
        committed = len(maps) - 1
        with opened(path, writable=True, create=True) as file:
            entries = dict(file.tree.items())
            assert entries in maps[max(committed - 1, 0) :]
            assert check(file.tree).keys == len(entries)
            file.tree.insert(b"after", b"it")
            file.commit()
        assert read_all(path)[0] == {**entries, b"after": b"it"}
    else:
        pytest.fail("the failures never ran out")
    assert fail_at > 20


def test_after_a_failed_sync_nothing_more_is_promised(tmp_path):
    path = tmp_path / "map.mst"
    with opened(path, writable=True, create=True) as file:
        file.tree.insert(b"k", b"v")
        file.commit()
    operations = FaultyOperations(3)
    with opened(path, writable=True, operations=operations) as file:
        file.tree.insert(b"l", b"w")
        for reason in ("fdatasync failed", "did not finish", "did not finish"):
            with pytest.raises(DurabilityLost, match=reason):
                file.commit()
    assert operations.calls == ["fdatasync", "pwrite", "fdatasync"]


@pytest.mark.parametrize("after", [False, True])
def test_after_a_failed_compaction_nothing_is_committed_to_either_file(tmp_path, after):
    path = tmp_path / "map.mst"
    operations = FaultyOperations()
    with opened(path, writable=True, create=True, operations=operations) as file:
        file.tree.merge([(bytes([i]), b"v") for i in range(50)])
        file.commit(b"kept")
        operations.calls.clear()
        operations.fail_at, operations.after = 6, after
        with pytest.raises(DurabilityLost, match="replace failed"):
            file.compact()
        assert operations.calls[-1] == "replace"
        file.tree.insert(b"more", b"v")
        with pytest.raises(DurabilityLost, match="did not finish"):
            file.commit()
    entries, meta = read_all(path)
    assert (len(entries), meta) == (50, b"kept")


def test_a_commit_interrupted_while_it_was_laid_out_is_not_taken_up_again(tmp_path, monkeypatch):
    path = tmp_path / "map.mst"
    with opened(path, writable=True, create=True) as file:
        file.tree.merge([(bytes([i]), b"v") for i in range(50)])

        def interrupted(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr("stemedb.storage.tree_write.covered_digest", interrupted)
        with pytest.raises(KeyboardInterrupt):
            file.commit()
        monkeypatch.undo()
        with pytest.raises(DurabilityLost, match="an earlier commit or compaction did not finish"):
            file.commit()
    assert read_all(path) == ({}, b"")


def test_a_crash_between_write_and_sync_may_lose_any_pages_of_the_commit(tmp_path):
    """Whatever subset of the last commit's pages reached the disk, the commit before it is found, or this one if all did."""
    path = tmp_path / "map.mst"
    with opened(path, writable=True, create=True) as file:
        file.tree.merge([(bytes([i, j]), bytes(60)) for i in range(16) for j in range(16)])
        start = file.file_bytes
        file.commit()
        end = file.file_bytes
    data = path.read_bytes()
    pages = range(start, end, PAGE_BYTES)
    assert len(pages) >= 5
    for subset in range(1 << len(pages)):
        torn = bytearray(data)
        for i, at in enumerate(pages):
            if not subset >> i & 1:
                torn[at : at + PAGE_BYTES] = bytes(PAGE_BYTES)
        path.write_bytes(torn)
        entries, _ = read_all(path)
        complete = bytes(torn) == data
        assert len(entries) == (256 if complete else 0)
        with opened(path, writable=True, operations=FaultyOperations()) as file:
            assert file.recovered_bytes == 0 if complete or not subset else file.recovered_bytes > 0


def test_no_whole_commit_at_all_is_corruption(tmp_path):
    path = tmp_path / "map.mst"
    write_small_file(path)
    path.write_bytes(path.read_bytes()[:PAGE_BYTES] + bytes(10 * PAGE_BYTES))
    with pytest.raises(Corruption, match="no whole commit"):
        opened(path)


def test_nodes_overwritten_with_zeros_are_corruption_in_every_snapshot(tmp_path):
    path = tmp_path / "map.mst"
    with opened(path, writable=True, create=True) as file:
        assert file.tree.root_digest == EMPTY_ROOT
        file.tree.merge([(bytes([i]), b"") for i in range(100)])
        commit = file.commit()
        with path.open("r+b") as raw:
            raw.seek(2 * PAGE_BYTES)
            raw.write(bytes(PAGE_BYTES))
        file.tree.insert(b"another", b"")
        file.commit()
    with opened(path) as file:
        with pytest.raises(Corruption, match="node"):
            dict(file.tree.items())
        with pytest.raises(Corruption, match="node"):
            dict(file.at(commit.offset, commit.digest).items())


def test_after_a_failed_commit_of_a_new_meta_the_old_one_is_not_promised_either(tmp_path):
    path = tmp_path / "map.mst"
    operations = FaultyOperations()
    with opened(path, writable=True, create=True, operations=operations) as file:
        file.commit(b"first")
        operations.fail_at = len(operations.calls) + 2
        with pytest.raises(DurabilityLost, match="fdatasync failed"):
            file.commit(b"second")
        with pytest.raises(DurabilityLost, match="did not finish"):
            file.commit(b"first")


def test_a_file_cut_while_a_reader_looks_for_its_last_commit_gives_the_one_before(tmp_path, monkeypatch):
    """A new writer cuts a torn commit off, perhaps at the moment at which a reader checks it."""
    path = tmp_path / "map.mst"
    _, ends = write_small_file(path)
    pread, armed = os.pread, []

    def late(fd, length, offset):
        if offset == ends[-2] and not armed:
            armed.append(True)
            os.truncate(path, ends[-2])
        return pread(fd, length, offset)

    monkeypatch.setattr("os.pread", late)
    with opened(path) as file:
        assert armed
        assert file.last.meta == b"mark 2"
