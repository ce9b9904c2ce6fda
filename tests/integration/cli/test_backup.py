"""``stemedb backup`` and ``stemedb restore`` as commands: files, pipes, and what they refuse."""

import os
import subprocess
import sys

import pytest

from stemedb import projection
from support.command import NOWHERE, stemedb
from support.ledgers import fill, make_replica


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The directory of a replica with 30 statements, and with a map."""
    replica = make_replica(tmp_path_factory.mktemp("original") / "data")
    fill(replica, range(30))
    projection.rebuild(replica)
    return replica.path


@pytest.fixture(scope="module")
def archive(data, tmp_path_factory):
    file = tmp_path_factory.mktemp("backups") / "here.tar"
    done = stemedb("backup", file, "--data", data)
    assert done.code == 0, done.err
    return file


def pipe(*arguments, stdin=b""):
    command = [sys.executable, "-m", "stemedb.cli", *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, check=True, env={**os.environ, **NOWHERE}
    )


def test_what_was_restored_is_said_and_is_the_same(data, archive, tmp_path):
    done = stemedb("restore", archive, "--data", tmp_path / "new", "--json")
    assert done.code == 0, done.err
    rows = {row["store"]: row for row in stemedb("fsck", "--data", data, "--json").records}
    facts = done.record
    assert (facts["replica"], facts["statements"], facts["data"]) == ("here", 30, str(tmp_path / "new"))
    assert (facts["log_root"], facts["map_root"]) == (rows["log"]["root"], rows["tree"]["root"])
    assert "`stemedb sync readmit here` is run at each of them" in done.err


def test_an_archive_is_its_owners_alone_and_is_never_written_over(data, archive):
    assert archive.stat().st_mode & 0o077 == 0
    before = archive.read_bytes()
    done = stemedb("backup", archive, "--data", data)
    assert done.code == 78
    assert "exists already" in done.err
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_a_pipe_out_of_one_place_and_into_another(data, tmp_path):
    made = pipe("backup", "-", "--data", data)
    assert b"30 statements of here" in made.stderr
    restored = pipe("restore", "-", "--data", tmp_path / "new", stdin=made.stdout)
    assert b"statements  30" in restored.stdout


def test_another_replica_is_made_of_it_under_another_name(archive, tmp_path):
    done = stemedb("restore", archive, "--as", "copy", "--data", tmp_path / "new", "--json")
    assert (done.record["replica"], "readmit" in done.err) == ("copy", False)
    assert stemedb("fsck", "--data", tmp_path / "new", "--replica", "copy").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--replica", "other"], 78, "is of replica here, want other"),
        (["--as", "Not A Name"], 2, "--as: got 'Not A Name'"),
        (["--as", "here"], 1, "neither the original's nor a peer's"),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_nothing_is_restored(
    archive, tmp_path, arguments, code, words
):
    done = stemedb("restore", archive, *arguments, "--data", tmp_path / "new")
    assert (done.code, words in done.err) == (code, True), done.err
    assert not (tmp_path / "new" / "replica.json").exists()


def test_a_cut_archive_a_missing_one_and_a_used_directory_are_refused(archive, data, tmp_path):
    (tmp_path / "cut.tar").write_bytes(archive.read_bytes()[:4000])
    cut = stemedb("restore", tmp_path / "cut.tar", "--data", tmp_path / "a")
    assert (cut.code, "not a whole backup" in cut.err or "the archive ends" in cut.err) == (1, True), cut.err
    missing = stemedb("restore", tmp_path / "none.tar", "--data", tmp_path / "b")
    assert (missing.code, "none.tar: No such file" in missing.err) == (78, True), missing.err
    used = stemedb("restore", archive, "--data", data)
    assert (used.code, "is not empty" in used.err) == (78, True), used.err
