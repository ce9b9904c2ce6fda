"""What reports quote: the lines as they were observed, and no secret."""

import pytest

from stemedb_analysis.model import Span
from stemedb_analysis.report.sources import Sources
from support.reporting import observation

TEXT = b'a = 1\nkey = "s3cr3t-s3cr3t"; get(key, verify=False)\nlast = """one\ntwo\nthree"""\n'
KEY = observation(file="a.py", path="secrets/hardcoded", span=Span(2, 8, 2, 21))


def quoted(span, text, *hidden):
    sources = Sources(lambda _: TEXT)
    sources.hide(hidden)
    return [
        (line.number, line.text, line.text[line.start : line.end])
        for line in sources.excerpt("a.py", span, text, context=1)
    ]


def test_a_secret_is_shown_by_its_first_characters_whoever_quotes_its_line():
    assert quoted(Span(2, 24, 2, 46), "get(key, verify=False)", KEY)[1] == (
        2,
        'key = "s3cr…"; get(key, verify=False)',
        "get(key, verify=False)",
    )
    assert quoted(KEY.span, 'key = "s3cr…"', KEY)[1][2] == "s3cr…"
    assert "s3cr3t" not in repr(quoted(Span(1, 1, 1, 6), "a = 1", KEY))


def test_of_a_secret_of_several_lines_only_the_beginning_is_shown():
    long = KEY._replace(span=Span(3, 11, 5, 6))
    shown = [text for _, text, _ in quoted(Span(3, 1, 5, 9), "last", long)]
    assert not any(word in text for text in shown for word in ("two", "three"))


def test_other_paths_hide_nothing():
    assert quoted(KEY.span, "key", KEY._replace(path="a/b"))[1][2] == "s3cr3t-s3cr3t"


@pytest.mark.parametrize("span", [Span(99, 1, 99, 5), Span(1, 1, 1, 3)])
def test_what_is_no_longer_there_is_quoted_from_the_observation(span):
    assert [line[1:] for line in quoted(span, "gone(now)")] == [("gone(now)", "gone(now)")]


def test_of_a_very_long_line_the_part_around_the_finding_is_quoted():
    """With the marks where they belong; both ends may be cut."""
    line = "x" * 1000 + "md5(a)" + "y" * 1000
    sources = Sources(lambda _: f"{line}\nshort\n".encode())
    (quoted_line, _) = sources.excerpt("a.py", Span(1, 1001, 1, 1007), "md5(a)", context=1)
    assert quoted_line.text[quoted_line.start : quoted_line.end] == "md5(a)"
    assert len(quoted_line.text) == 202
    assert (quoted_line.text[0], quoted_line.text[-1]) == ("…", "…")
    (first, *_) = sources.excerpt("a.py", Span(1, 1, 1, 2007), line, context=0)
    assert (first.start, first.end, first.text[-1]) == (0, 200, "…")


def test_a_line_beside_a_finding_is_cut_at_its_end():
    sources = Sources(lambda _: ("z" * 500 + "\nmd5(a)\n").encode())
    before, marked = sources.excerpt("a.py", Span(2, 1, 2, 7), "md5(a)", context=1)
    assert (before.text, before.is_marked) == ("z" * 200 + "…", False)
    assert marked.is_marked
