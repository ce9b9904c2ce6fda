"""A backup holds the truth as it was at one moment, and a restore gives back exactly that or nothing."""

import io
import json
import tarfile
import threading

import pytest

from stemedb.errors import (
    Corruption,
    InvalidInput,
    Refused,
    StemeError,
    Unavailable,
    UnsupportedFormat,
    WrongReplica,
)
from stemedb.ledger import Ledger, back_up, become, check, settle, unpack
from stemedb.ledger.restoring import STAGING_NAME
from stemedb.merkle import Checkpoint, log_origin
from stemedb.merkle.note import public_key
from stemedb.storage.replica import ReplicaDirectory
from support.ledgers import NOW_MS, fill, make_items, make_replica

PEER = b'{"format": 1, "name": "there"}\n'


@pytest.fixture
def replica(tmp_path):
    """A closed ledger of 20 statements in several segments, with a peer's file and evidence."""
    replica = make_replica(tmp_path / "replica")
    fill(replica, range(7), range(7, 8), range(8, 20), segment_bytes=700)
    for name in ("peers/there.json", "evidence/there-1.json"):
        path = replica.path / "sync" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PEER)
    (replica.path / "sync" / "peers" / ".there.json.new").write_bytes(b"half a file")
    return replica


def archive_of(replica):
    archive = io.BytesIO()
    manifest = back_up(replica, archive)
    return archive.getvalue(), manifest


def restore(data, path, **options):
    staged, _ = unpack(io.BytesIO(data), path, **options)
    return settle(staged, path)


def members(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def archive(contents, **changes):
    """Return an archive of `contents`; `changes` are attributes of every member."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, data in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for key, value in changes.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


def nothing_was_restored(path):
    return not path.exists() or {entry.name for entry in path.iterdir()} <= {STAGING_NAME}


class TestBackup:
    def test_a_restored_replica_is_the_same_log_under_the_same_keys(self, replica, tmp_path):
        data, manifest = archive_of(replica)
        restored = restore(data, tmp_path / "new")
        assert restored == ReplicaDirectory(
            tmp_path / "new", replica.name, replica.realm, replica.seed, replica.created_ms
        )
        assert (manifest.name, manifest.realm_id, manifest.size) == ("here", replica.realm_id, 20)
        assert check(restored) == check(replica)
        for name in ("peers/there.json", "evidence/there-1.json"):
            assert (restored.path / "sync" / name).read_bytes() == PEER
        assert (restored.path / "keys" / "replica.nk").stat().st_mode & 0o077 == 0
        assert not (tmp_path / "new" / STAGING_NAME).exists()
        ledger = Ledger.open(restored, NOW_MS)
        assert ledger.append(make_items(20, 21), NOW_MS)[0].index == 20
        ledger.close()

    def test_only_what_cannot_be_computed_is_in_it_and_only_its_owner_may_read_it(self, replica):
        data, manifest = archive_of(replica)
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            assert {member.mode for member in tar} == {0o600}
            names = tar.getnames()
        segments = sorted(f"wal/{path.name}" for path in replica.wal.glob("*.wal"))
        assert names == [
            "manifest.json",
            *("replica.json", "keys/realm.key", "keys/replica.nk"),
            *("sync/peers/there.json", "sync/evidence/there-1.json"),
            *("log/checkpoint", "wal/committed"),
            *segments,
        ]
        assert len(segments) > 2
        assert manifest.wal_bytes == sum(len(members(data)[name]) for name in segments)

    def test_an_empty_replica_has_a_backup_too(self, tmp_path):
        replica = make_replica(tmp_path / "replica")
        restored = restore(archive_of(replica)[0], tmp_path / "never-opened")
        assert check(restored).statements == 0
        fill(replica)
        assert check(restore(archive_of(replica)[0], tmp_path / "opened")).ok

    def test_what_the_writer_appends_after_it_began_is_not_in_it(self, replica, tmp_path):
        ledger = Ledger.open(replica, NOW_MS)
        ledger.append(make_items(20, 25), NOW_MS)
        root = ledger.root()
        data, manifest = archive_of(replica)
        ledger.append(make_items(25, 40), NOW_MS)
        report = check(restore(data, tmp_path / "new"))
        ledger.close()
        assert (manifest.size, report.statements, report.root) == (25, 25, root)
        assert report.ok

    def test_while_the_writer_appends_every_backup_is_whole_and_none_goes_back(self, replica, tmp_path):
        stop = threading.Event()
        roots = {}

        def write():
            ledger = Ledger.open(replica, NOW_MS, segment_bytes=4096)
            number = 20
            while not stop.is_set() and number < 4000:
                ledger.append(make_items(number, number + 5), NOW_MS)
                number += 5
                roots[number] = ledger.root()
            ledger.close()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            made = [archive_of(replica) for _ in range(12)]
        finally:
            stop.set()
            writer.join()
        sizes = [manifest.size for _, manifest in made]
        assert sizes == sorted(sizes)
        for number, (data, manifest) in enumerate(made[::4]):
            report = check(restore(data, tmp_path / str(number)))
            assert report.ok
            assert report.root == roots.get(manifest.size, report.root)
            assert report.statements == manifest.size

    def test_a_damaged_record_is_found_and_not_copied(self, replica):
        segment = sorted(replica.wal.glob("*.wal"))[1]
        data = bytearray(segment.read_bytes())
        data[100] ^= 1
        segment.write_bytes(data)
        with pytest.raises(Corruption, match=segment.name):
            archive_of(replica)

    def test_a_lost_mark_must_be_repaired_first(self, replica):
        (replica.wal / "committed").unlink()
        with pytest.raises(Unavailable, match="start ingest once"):
            archive_of(replica)

    def test_a_mark_behind_the_checkpoint_must_be_repaired_first(self, replica):
        early = (replica.wal / "committed").read_bytes()
        fill(replica, range(20, 25))
        (replica.wal / "committed").write_bytes(early)
        with pytest.raises(Unavailable, match="start ingest once"):
            archive_of(replica)


class TestRestore:
    def test_a_directory_that_is_not_empty_is_refused_and_left_alone(self, replica, tmp_path):
        data, _ = archive_of(replica)
        target = tmp_path / "used"
        target.mkdir()
        (target / "notes.txt").write_text("mine", encoding="utf-8")
        with pytest.raises(Refused, match=r"is not empty, it holds notes\.txt"):
            restore(data, target)
        assert [entry.name for entry in target.iterdir()] == ["notes.txt"]
        with pytest.raises(Refused, match="is not empty"):
            restore(data, replica.path)

    def test_an_unfinished_restore_is_begun_again(self, replica, tmp_path):
        data, _ = archive_of(replica)
        target = tmp_path / "new"
        (target / "lost+found").mkdir(parents=True)
        with pytest.raises(InvalidInput):
            unpack(io.BytesIO(data[: len(data) // 2]), target)
        assert not (target / "replica.json").exists()
        assert check(restore(data, target)).statements == 20

    def test_another_replica_than_the_expected_one_is_refused(self, replica, tmp_path):
        data, _ = archive_of(replica)
        with pytest.raises(WrongReplica, match="of replica here, want there"):
            restore(data, tmp_path / "new", expected_name="there")
        assert nothing_was_restored(tmp_path / "new")

    def test_cut_short_anywhere_it_is_refused(self, replica, tmp_path):
        data, _ = archive_of(replica)
        whole = len(data.rstrip(b"\0"))
        for end in [*range(0, whole, 512), whole - 1]:
            with pytest.raises((InvalidInput, Corruption)):
                unpack(io.BytesIO(data[:end]), tmp_path / "new")

    def test_with_any_byte_flipped_it_is_refused_or_the_same_log(self, replica, tmp_path):
        data, _ = archive_of(replica)
        root = check(replica).root
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            places = {member.name: (member.offset, member.offset_data + member.size) for member in tar}
        for name, (start, end) in places.items():
            if name.startswith("sync/"):
                continue  # sync looks at these itself when it opens them
            for offset in range(start, end, 37):
                damaged = bytearray(data)
                damaged[offset] ^= 0x10
                try:
                    staged, _ = unpack(io.BytesIO(damaged), tmp_path / "new")
                except StemeError:
                    continue
                report = check(staged)
                assert (report.root, report.problems) == (root, ()), (name, offset - start)

    @pytest.mark.parametrize(
        "name", ["../x", "/etc/x", "wal/../../x", "keys/other", "index/map.mst", "sync/peers/../x.json"]
    )
    def test_names_that_no_backup_has_are_refused(self, replica, tmp_path, name):
        contents = members(archive_of(replica)[0])
        with pytest.raises(InvalidInput, match="not a file of a backup"):
            unpack(io.BytesIO(archive(contents | {name: b"x"})), tmp_path / "new")
        assert nothing_was_restored(tmp_path / "new")

    def test_links_are_refused(self, replica, tmp_path):
        contents = members(archive_of(replica)[0])
        made = io.BytesIO(archive({"manifest.json": contents.pop("manifest.json")}).rstrip(b"\0"))
        made.seek(0, io.SEEK_END)
        made.write(bytes(-made.tell() % 512))
        made.write(archive({"wal/00000001.wal": b""}, type=tarfile.SYMTYPE, linkname="/etc/passwd"))
        with pytest.raises(InvalidInput, match="not a file of a backup"):
            unpack(io.BytesIO(made.getvalue()), tmp_path / "new")

    @pytest.mark.parametrize(
        ("change", "error", "words"),
        [
            ({"format": "stemedb/backup/v2"}, UnsupportedFormat, "upgrade it"),
            ({"format": "something"}, InvalidInput, "want stemedb/backup/v1"),
            ({"name": "other"}, WrongReplica, "holds replica here"),
            ({"statements": 19}, Corruption, "want 19 of the backup"),
            ({"wal_bytes": 1}, InvalidInput, "not a whole backup"),
            ({"statements": "many"}, InvalidInput, "ValueError"),
        ],
    )
    def test_a_manifest_that_says_something_else_is_refused(self, replica, tmp_path, change, error, words):
        contents = members(archive_of(replica)[0])
        changed = json.dumps(json.loads(contents["manifest.json"]) | change).encode()
        with pytest.raises(error, match=words):
            unpack(io.BytesIO(archive(contents | {"manifest.json": changed})), tmp_path / "new")
        assert nothing_was_restored(tmp_path / "new")

    @pytest.mark.parametrize("data", [b"", b"no archive at all", bytes(10240)])
    def test_what_is_no_archive_is_refused(self, tmp_path, data):
        with pytest.raises(InvalidInput, match=r"not a (whole )?backup"):
            unpack(io.BytesIO(data), tmp_path / "new")

    def test_a_log_that_is_not_the_signed_one_is_refused(self, replica, tmp_path):
        signed = members(archive_of(replica)[0])["log/checkpoint"]
        other = make_replica(tmp_path / "other")
        fill(other, range(100, 120))
        exchanged = members(archive_of(other)[0]) | {"log/checkpoint": signed}
        with pytest.raises(Corruption, match="than was signed"):
            unpack(io.BytesIO(archive(exchanged)), tmp_path / "new")


class TestBecome:
    def test_another_replica_has_the_statements_and_a_name_and_key_of_its_own(self, replica, tmp_path):
        staged, _ = unpack(io.BytesIO(archive_of(replica)[0]), tmp_path / "new")
        made = settle(become(staged, "copy"), tmp_path / "new")
        assert made == ReplicaDirectory.open(tmp_path / "new", "copy")
        assert (made.realm, made.seed != replica.seed) == (replica.realm, True)
        assert check(made).root == check(replica).root
        note = (made.log / "checkpoint").read_bytes()
        assert Checkpoint.open(note, log_origin("copy"), public_key(made.seed)).size == 20
        assert check(made).ok

    @pytest.mark.parametrize("name", ["here", "there"])
    def test_the_name_of_the_original_or_of_a_peer_is_refused(self, replica, tmp_path, name):
        staged, _ = unpack(io.BytesIO(archive_of(replica)[0]), tmp_path / "new")
        with pytest.raises(InvalidInput, match="neither the original's nor a peer's"):
            become(staged, name)
        assert nothing_was_restored(tmp_path / "new")
