import errno
import os
import subprocess
import sys

import pytest

from stemedb.errors import Corruption, DurabilityLost, Locked
from stemedb.storage.files import AppendFile, WriterLock, atomic_replace, fsync_dir, pread_exact
from support.faults import Crashed, FaultyOperations


def test_a_replaced_file_holds_the_new_bytes_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "file"
    atomic_replace(path, b"old")
    atomic_replace(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_failed_replacement_leaves_old_or_new(tmp_path, call, after, durable):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    operations = FaultyOperations(call, after=after, torn=True)
    if call > (4 if durable else 2):
        atomic_replace(path, b"new one", durable=durable, operations=operations)
    else:
        with pytest.raises(DurabilityLost, match=r"replace failed|fsync failed"):
            atomic_replace(path, b"new one", durable=durable, operations=operations)
    assert path.read_bytes() in {b"old", b"new one"}


def test_a_missing_directory_cannot_be_synced(tmp_path):
    with pytest.raises(DurabilityLost, match="fsync failed: No such file"):
        fsync_dir(tmp_path / "missing")


def test_reading_past_the_end_is_corruption_with_the_place(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345678")
    with path.open("rb") as file:
        assert pread_exact(file.fileno(), 4, 4, path) == b"5678"
        with pytest.raises(Corruption, match=r"file: offset 4: file ends early: got 4 bytes, want 5"):
            pread_exact(file.fileno(), 5, 4, path)


class TestWriterLock:
    def test_a_second_writer_is_told_who_the_first_is(self, tmp_path):
        with WriterLock(tmp_path / "lock"), pytest.raises(Locked, match=rf"pid {os.getpid()}\)"):
            WriterLock(tmp_path / "lock")

    def test_a_lock_given_back_can_be_taken_again(self, tmp_path):
        lock = WriterLock(tmp_path / "lock")
        lock.close()
        lock.close()
        WriterLock(tmp_path / "lock").close()

    def test_a_full_disk_is_a_typed_error_and_leaves_no_lock(self, tmp_path, monkeypatch):
        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("os.pwrite", full)
            with pytest.raises(DurabilityLost, match="lock: lock failed: No space left"):
                WriterLock(tmp_path / "lock")
        WriterLock(tmp_path / "lock").close()

    def test_a_killed_owner_leaves_no_lock(self, tmp_path):
        program = (
            "import sys; from pathlib import Path; from stemedb.storage.files import WriterLock\n"
            "lock = WriterLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "lock")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as owner:
            assert owner.stdout.readline() == b"held\n"
            with pytest.raises(Locked, match=f"pid {owner.pid}"):
                WriterLock(tmp_path / "lock")
            owner.kill()
            owner.wait()
            WriterLock(tmp_path / "lock").close()


class TestAppendFile:
    def test_appended_bytes_follow_one_another_and_zeros_follow_them(self, tmp_path):
        file = AppendFile.create(tmp_path / "f", b"head", runway_bytes=64)
        assert [file.append(b"abc"), file.append(b"de")] == [4, 7]
        file.sync()
        file.close()
        data = (tmp_path / "f").read_bytes()
        assert data[:9] == b"headabcde"
        assert len(data) > 9
        assert not any(data[9:])

    def test_appending_within_the_runway_does_not_change_the_length(self, tmp_path):
        file = AppendFile.create(tmp_path / "f", b"head", runway_bytes=64)
        length = os.fstat(file.fd).st_size
        file.append(bytes(range(60)))
        assert os.fstat(file.fd).st_size == length
        file.append(b"xxxxx")
        assert os.fstat(file.fd).st_size == file.end + 64
        file.close()

    def test_clearing_the_tail_cuts_what_follows_the_end(self, tmp_path):
        path = tmp_path / "f"
        path.write_bytes(b"good" + b"torn" * 9)
        file = AppendFile(path, os.open(path, os.O_RDWR), 4, runway_bytes=8)
        file.clear_tail()
        file.append(b"x")
        file.close()
        assert path.read_bytes() == b"goodx" + bytes(8)

    @pytest.mark.parametrize("after", [False, True])
    def test_after_a_failure_nothing_is_written_any_more(self, tmp_path, after):
        operations = FaultyOperations()
        file = AppendFile.create(tmp_path / "f", b"head", runway_bytes=64, operations=operations)
        operations.fail_at, operations.after = len(operations.calls) + 2, after
        file.append(b"one")
        with pytest.raises(DurabilityLost, match="fdatasync failed: No space left"):
            file.sync()
        for attempt in (lambda: file.append(b"two"), file.sync, file.clear_tail):
            with pytest.raises(DurabilityLost, match="fdatasync"):
                attempt()
        file.close()
        assert b"two" not in (tmp_path / "f").read_bytes()

    def test_creation_syncs_header_and_name_before_it_returns(self, tmp_path):
        operations = FaultyOperations()
        AppendFile.create(tmp_path / "f", b"head", operations=operations).close()
        assert operations.calls == ["pwrite", "fdatasync", "fsync"]

    def test_clearing_the_tail_is_synced(self, tmp_path):
        operations = FaultyOperations()
        file = AppendFile.create(tmp_path / "f", b"head", operations=operations)
        file.clear_tail()
        file.close()
        assert operations.calls[3:] == ["truncate", "fdatasync"]

    @pytest.mark.parametrize("call", [1, 2, 3])
    def test_a_failed_creation_is_reported(self, tmp_path, call):
        with pytest.raises(DurabilityLost):
            AppendFile.create(tmp_path / "f", b"head", operations=FaultyOperations(call))

    def test_the_crash_seam_stays_crashed(self, tmp_path):
        operations = FaultyOperations(1, how="crash")
        for _ in range(2):
            with pytest.raises(Crashed):
                AppendFile.create(tmp_path / "f", b"head", operations=operations)
