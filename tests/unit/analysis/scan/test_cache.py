"""The cache of results: what is not as it was written counts for nothing."""

from stemedb_analysis.scan.cache import Cache
from stemedb_analysis.scan.result import FileResult

STAMP = b"s" * 32
RESULT = FileResult("a.py", "python", 3, faults=("line 1: not understood",))


def written(path):
    """Return the key of a result, kept in a cache at `path`."""
    cache = Cache(path, STAMP)
    key = cache.key("a.py", b"x")
    cache.put(key, RESULT)
    cache.save(whole=True)
    return key


def test_a_result_comes_back_under_the_same_stamp_only(tmp_path):
    key = written(tmp_path / "c")
    assert Cache(tmp_path / "c", STAMP).get(key) == RESULT
    assert Cache(tmp_path / "c", b"t" * 32).get(key) is None


def test_a_cache_with_any_byte_changed_or_cut_off_is_none(tmp_path):
    path = tmp_path / "c"
    key = written(path)
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :])
        assert Cache(path, STAMP).get(key) is None
        path.write_bytes(data[:at])
        assert Cache(path, STAMP).get(key) is None
