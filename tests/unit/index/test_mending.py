"""A damaged map is put aside under a name of its own, a bounded number of times."""

import pytest

from stemedb.errors import Corruption
from stemedb_index.mending import DAMAGED_MAX, MENDS_MAX, MENDS_WITHIN_S, Patience, put_aside


def test_damaged_files_are_numbered_on_and_only_the_newest_are_kept(tmp_path):
    path = tmp_path / "map.mst"
    (tmp_path / "map.mst.damaged-notes").write_text("by somebody else")
    for number in range(1, DAMAGED_MAX + 3):
        path.write_text(str(number))
        assert put_aside(path).name == f"map.mst.damaged-{number}"
        assert not path.exists()
    kept = {one.name: one.read_text() for one in tmp_path.iterdir()}
    newest = range(3, DAMAGED_MAX + 3)
    assert kept == {f"map.mst.damaged-{n}": str(n) for n in newest} | {
        "map.mst.damaged-notes": "by somebody else"
    }


def test_patience_ends_with_the_error_and_comes_back_with_time():
    patience, error = Patience(), Corruption("map.mst", 7, "rot")
    for number in range(MENDS_MAX):
        patience.spend(error, float(number))
    with pytest.raises(Corruption) as caught:
        patience.spend(error, 10.0)
    assert caught.value is error
    patience.spend(error, MENDS_WITHIN_S + 1)
