"""The two calls that keep memory flat do what they say on this system."""

import mmap

from stemedb_index.memory import give_back, mapped_bytes


def test_mapped_files_are_counted_while_they_are_mapped(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(8 << 20))
    before = mapped_bytes()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert not any(mapped[0 : len(mapped) : 4096])  # touches every page
        assert mapped_bytes() - before >= 6 << 20
    assert mapped_bytes() - before < 6 << 20


def test_giving_back_is_always_possible():
    give_back()
