"""Archives are unpacked inside of their directory, within bounds; what cannot be is refused and never a fault of ours."""

import io
import random
import tarfile
import zlib

import pytest

from stemedb.errors import InvalidRequest
from stemedb_analysis.service import uploads
from stemedb_analysis.service.uploads import unpack

FILE_BYTES = 50_000


def archive(*members, mode="w"):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode=mode) as opened:
        for member in members:
            data = b""
            if isinstance(member, tuple):
                name, data = member
                member = tarfile.TarInfo(name)  # noqa: PLW2901 - a name and bytes are short for it
                member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    return written.getvalue()


def link(name, target, kind):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.fixture
def unpacked(tmp_path):
    def run(data):
        place, tree = tmp_path / "archive", tmp_path / "tree"
        place.write_bytes(data)
        tree.mkdir()
        unpack(place, tree)
        return {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}

    return run


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_files_come_out_of_any_kind_of_archive(unpacked, mode):
    assert unpacked(archive(("a.py", b"x = 1\n"), ("b/c.py", b""), mode=mode)) == {"a.py", "b/c.py"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_left_out(unpacked, kind):
    assert unpacked(archive(link("l.py", "/etc/passwd", kind), ("a.py", b"x"))) == {"a.py"}


@pytest.mark.parametrize("name", ["../out.py", "a/../../out.py"])
def test_a_name_that_leads_out_is_refused(unpacked, tmp_path, name):
    with pytest.raises(InvalidRequest):
        unpacked(archive((name, b"x")))
    assert not (tmp_path / "out.py").exists()


def test_what_unpacks_to_too_much_is_refused(unpacked, monkeypatch):
    monkeypatch.setattr(uploads, "UNPACKED_BYTES_MAX", 10)
    with pytest.raises(InvalidRequest, match="more than 10 bytes"):
        unpacked(archive(("a.py", b"12345"), ("b.py", b"123456")))


def test_too_many_members_are_refused(unpacked, monkeypatch):
    monkeypatch.setattr(uploads, "MEMBERS_MAX", 2)
    with pytest.raises(InvalidRequest, match="2 members"):
        unpacked(archive(("a", b""), ("b", b""), ("c", b"")))


@pytest.mark.parametrize("mode", ["w:bz2", "w:xz"])
def test_an_archive_that_is_damaged_in_its_middle_is_refused(unpacked, mode):
    data = bytearray(archive(("a.py", random.Random(1).randbytes(FILE_BYTES)), mode=mode))
    middle = len(data) // 2
    data[middle : middle + 2000] = b"\xff" * 2000
    with pytest.raises(InvalidRequest, match="not an archive"):
        unpacked(bytes(data))


def test_a_gzip_stream_that_breaks_off_into_nonsense_is_refused(unpacked):
    packer = zlib.compressobj(wbits=31)
    whole = archive(("a.py", b"x" * FILE_BYTES))
    begun = packer.compress(whole[: FILE_BYTES // 2]) + packer.flush(zlib.Z_FULL_FLUSH)
    with pytest.raises(InvalidRequest, match="not an archive"):
        unpacked(begun + b"\xff" * 100)  # no block has the type 3
