"""Places and texts of a file, whatever its bytes are."""

import codecs

import pytest

from stemedb_analysis.model import TEXT_MAX, Span
from stemedb_analysis.source import Source


def test_lines_and_columns_count_from_one_in_characters():
    source = Source("a\nжж = 1\n".encode())
    start = source.data.index(b"=")
    assert source.span(start, start + 1) == Span(2, 4, 2, 5)


def test_a_span_may_cross_lines():
    assert Source(b"ab\ncd\nef").span(1, 7) == Span(1, 2, 3, 2)


def test_offsets_beyond_the_end_mean_the_end():
    assert Source(b"ab\n").span(1, 99) == Span(1, 2, 2, 1)
    assert Source(b"").span(5, 9) == Span(1, 1, 1, 1)


def test_a_byte_order_mark_is_no_column():
    source = Source(codecs.BOM_UTF8 + b"ab")
    assert source.span(4, 5) == Span(1, 2, 1, 3)
    assert source.line_text(1) == "ab"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_belong_to_no_line(end):
    source = Source(f"ab{end}cd{end}".encode())
    assert [source.line_text(number) for number in (1, 2, 3, 4, 0)] == ["ab", "cd", "", "", ""]
    assert source.line_count == 2


def test_a_last_line_without_an_end_counts():
    assert Source(b"a\nb").line_count == 2
    assert Source(b"").line_count == 0


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xe9 \xff", "café ÿ"),
        ("naïve".encode("utf-16"), "naïve"),
        (codecs.BOM_UTF16_BE + "ж".encode("utf-16-be"), "ж"),
    ],
)
def test_other_encodings_are_written_anew_as_utf8(data, text):
    assert Source(data).data.decode("utf-8") == text


def test_a_slice_leaves_out_characters_cut_in_half():
    source = Source("жa".encode())
    assert source.slice(1, 3) == "a"


def test_an_excerpt_is_the_first_line_and_bounded():
    assert Source(b"ab\ncd").excerpt(0, 5) == "ab"
    assert len(Source(b"a" * 1000).excerpt(0, 1000)) == TEXT_MAX


def test_a_statement_is_the_same_wherever_it_moves_to():
    one = Source(b"x = f(1)\n")
    other = Source(b"# moved\nif y:\n    x  =  f(1)\n")
    at = other.data.index(b"f(1)")
    assert one.statement(4, 8) == other.statement(at, at + 4)
    assert len(one.statement(4, 8)) == 16


def test_different_statements_differ():
    source = Source(b"x = f(1)\nx = f(2)\n")
    assert source.statement(4, 8) != source.statement(13, 17)


def test_a_file_is_read_under_its_own_or_another_name(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"x")
    assert Source.read(path, "b.py").file == "b.py"
    assert Source.read(path).file == path.as_posix()
