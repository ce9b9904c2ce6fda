"""The archive of a backup, format v1, as it was written once: it must restore for ever."""

import io
import json
import tarfile
from pathlib import Path

from stemedb.ledger import back_up, check, settle, unpack
from support.ledgers import REALM, SEED

ARCHIVE = Path(__file__).parent / "v1.tar"
ROOT = "f326e47a2b3a84a8374377948dd530386685a8b514995684eb6c9cfa62febc48"


def restored(path):
    with ARCHIVE.open("rb") as archive:
        staged, manifest = unpack(archive, path)
    return settle(staged, path), manifest


def test_it_restores_to_the_log_it_was_made_of(tmp_path):
    replica, manifest = restored(tmp_path / "new")
    assert (manifest.name, manifest.size, manifest.wal_bytes) == ("here", 5, 480)
    assert (replica.name, replica.realm, replica.seed) == ("here", REALM, SEED)
    report = check(replica)
    assert (report.statements, report.root.hex(), report.problems) == (5, ROOT, ())
    assert json.loads((replica.path / "sync" / "peers" / "there.json").read_bytes())["name"] == "there"


def test_a_backup_of_it_has_the_same_members_with_the_same_bytes(tmp_path):
    replica, _ = restored(tmp_path / "new")
    again = io.BytesIO()
    back_up(replica, again)

    def members(file):
        with tarfile.open(fileobj=file) as tar:
            return [(one.name, one.mode, tar.extractfile(one).read()) for one in tar]

    with ARCHIVE.open("rb") as file:
        (manifest, *rest), (manifest_again, *rest_again) = (
            members(file),
            members(io.BytesIO(again.getvalue())),
        )
    assert rest == rest_again
    without_time = [json.loads(one[2]) | {"created_ms": 0} for one in (manifest, manifest_again)]
    assert without_time[0] == without_time[1]
