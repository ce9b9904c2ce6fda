import json
import stat

import pytest

from stemedb.errors import Corruption, NotFound, Refused, StemeError, UnsupportedFormat, WrongReplica
from stemedb.storage.replica import ReplicaDirectory
from support.faults import Crashed, FaultyOperations

REALM = bytes(range(32))
SEED = bytes(range(32, 64))


def test_opening_gives_what_was_created(tmp_path):
    created = ReplicaDirectory.create(tmp_path / "a" / "b", "site-a", REALM, SEED)
    opened = ReplicaDirectory.open(tmp_path / "a" / "b", "site-a")
    assert opened == created
    assert (opened.name, opened.realm, opened.seed) == ("site-a", REALM, SEED)


def test_realm_and_seed_are_drawn_at_random_when_not_given(tmp_path):
    a = ReplicaDirectory.create(tmp_path / "a", "a")
    b = ReplicaDirectory.create(tmp_path / "b", "b")
    assert len({a.realm, a.seed, b.realm, b.seed}) == 4


def test_keys_are_readable_by_the_owner_only(tmp_path):
    ReplicaDirectory.create(tmp_path, "a")
    for name in ("realm.key", "replica.nk"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_secrets_stay_out_of_the_text_form_and_of_the_identity_file(tmp_path):
    directory = ReplicaDirectory.create(tmp_path, "a", REALM, SEED)
    shown = repr(directory) + (tmp_path / "replica.json").read_text()
    assert REALM.hex() not in shown
    assert repr(SEED) not in shown


def test_the_seed_is_stored_as_nkey_text(tmp_path):
    ReplicaDirectory.create(tmp_path, "a", REALM, bytes([1]) * 32)
    text = (tmp_path / "keys" / "replica.nk").read_text()
    assert text == "SUAACAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAN7EY\n"


@pytest.mark.parametrize("name", ["", "A", "-a", "a" * 33, "a.b", "ä", "a\n"])
def test_a_bad_name_is_misuse(tmp_path, name):
    with pytest.raises(ValueError, match="replica name"):
        ReplicaDirectory.create(tmp_path, name)


def test_creating_twice_is_refused_and_changes_nothing(tmp_path):
    first = ReplicaDirectory.create(tmp_path, "a")
    with pytest.raises(Refused, match="holds a replica already"):
        ReplicaDirectory.create(tmp_path, "b")
    assert ReplicaDirectory.open(tmp_path) == first


def test_a_log_without_identity_is_not_overwritten(tmp_path):
    (tmp_path / "wal").mkdir()
    (tmp_path / "wal" / "00000001.wal").write_bytes(b"records")
    with pytest.raises(Refused, match=r"no replica\.json"):
        ReplicaDirectory.create(tmp_path, "a")


def test_an_empty_or_missing_directory_holds_no_replica(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NotFound, match="stemedb up"):
            ReplicaDirectory.open(path)


def test_another_name_is_refused_with_what_to_do(tmp_path):
    ReplicaDirectory.create(tmp_path, "a")
    with pytest.raises(WrongReplica, match="holds replica a, want b: point at another data directory"):
        ReplicaDirectory.open(tmp_path, "b")


def test_an_exchanged_realm_key_is_refused(tmp_path):
    ReplicaDirectory.create(tmp_path, "a", REALM, SEED)
    (tmp_path / "keys" / "realm.key").write_bytes(bytes(32))
    with pytest.raises(WrongReplica, match=r"realm\.key"):
        ReplicaDirectory.open(tmp_path)


def test_a_newer_format_is_refused(tmp_path):
    ReplicaDirectory.create(tmp_path, "a")
    path = tmp_path / "replica.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))
    with pytest.raises(UnsupportedFormat, match="format 2"):
        ReplicaDirectory.open(tmp_path)


@pytest.mark.parametrize("name", ["replica.json", "keys/realm.key", "keys/replica.nk"])
def test_a_damaged_file_is_a_typed_error_or_harmless(tmp_path, name):
    """Every byte flipped and every truncation: the same identity and keys, or a typed error."""
    created = ReplicaDirectory.create(tmp_path, "a", REALM, SEED)
    path = tmp_path / name
    original = path.read_bytes()
    damaged = [original[:i] for i in range(len(original))]
    damaged += [original[:i] + bytes([b ^ 0x01]) + original[i + 1 :] for i, b in enumerate(original)]
    refused = 0
    for data in damaged:
        path.write_bytes(data)
        try:
            opened = ReplicaDirectory.open(tmp_path, "a")
        except StemeError:
            refused += 1
        else:
            assert (opened.name, opened.realm, opened.seed) == ("a", created.realm, created.seed)
    assert refused > len(damaged) // 2


def test_a_missing_key_is_named(tmp_path):
    ReplicaDirectory.create(tmp_path, "a")
    (tmp_path / "keys" / "replica.nk").unlink()
    with pytest.raises(Corruption, match=r"replica\.nk.*missing"):
        ReplicaDirectory.open(tmp_path)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_anywhere_in_create_leaves_all_or_nothing(tmp_path, after):
    call = 0
    while True:
        call += 1
        path = tmp_path / str(call)
        try:
            ReplicaDirectory.create(
                path, "a", REALM, SEED, operations=FaultyOperations(call, how="crash", after=after)
            )
        except Crashed:
            try:
                opened = ReplicaDirectory.open(path)
            except NotFound:
                opened = ReplicaDirectory.create(path, "a", REALM, SEED)
            assert (opened.realm, opened.seed) == (REALM, SEED)
        else:
            break
    assert call > 10
