import pytest

from stemedb_analysis.rules.names import NameIndex, expand, fits, last_part


def test_braces_multiply():
    assert sorted(expand("a.{b,c}.{d,e}")) == ["a.b.d", "a.b.e", "a.c.d", "a.c.e"]


@pytest.mark.parametrize(
    ("pattern", "name", "want"),
    [
        ("a.b", "a.b", True), ("a.b", "a.bc", False), ("*.b", "x.y.b", True), ("*.b", "b", False), ("?.b", "?.b", True),
        ("?.b", "x.b", False), ("github.com/x*.Parse", "github.com/x/v5.Parse", True), ("a.b", "axb", False), ("a*", "a\nb", True),
    ],
)  # fmt: skip
def test_a_star_is_any_run_and_a_question_mark_itself(pattern, name, want):
    assert fits(pattern, name) is want


def test_an_index_finds_what_trying_every_pattern_finds():
    patterns = ["a.b", "*.b", "a.*.c", "b", "?.b", "x*.b"]
    index = NameIndex()
    for pattern in patterns:
        index.add([pattern], pattern)
    for name in ["a.b", "b", "?.b", "a.x.c", "a.c", "xyz.b", "q", "x.y.b"]:
        assert sorted(index.find(name)) == sorted(pattern for pattern in patterns if fits(pattern, name))
        if index.find(name):
            assert last_part(name) in index.last_parts()
