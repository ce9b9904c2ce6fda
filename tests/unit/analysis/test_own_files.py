"""Files of `.stemedb/` that are none."""

import os

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.own_files import read_own
from stemedb_analysis.rules import load


def test_a_file_is_read_as_far_as_asked(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert read_own(tmp_path / "a") == b"abc"
    assert read_own(tmp_path / "a", 2) == b"ab"


def test_a_directory_or_a_pipe_is_refused_at_once(tmp_path):
    """Nobody waits for a writer."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(InvalidInput, match="want a file"):
            read_own(path)


def test_a_rule_file_that_is_a_pipe_is_refused(tmp_path):
    folder = tmp_path / ".stemedb" / "rules"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "x.yaml")
    with pytest.raises(InvalidInput, match=r"x\.yaml"):
        load(tmp_path)
