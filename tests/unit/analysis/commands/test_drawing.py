"""A report on a terminal: words stay whole, code stays as it is."""

import io

from rich.console import Console
from rich.text import Text

from stemedb_analysis.commands.scan import _wrapped

NARROW = Console(width=30, file=io.StringIO())


def lines(text):
    return [line.plain.rstrip() for line in _wrapped(Text(text), NARROW)]


def test_a_sentence_is_broken_between_words_and_stays_indented():
    assert lines("         anyone on the path can pose as it, and nobody knows") == [
        "         anyone on the path",
        "         can pose as it, and",
        "         nobody knows",
    ]


def test_what_fits_code_and_addresses_are_left_as_they_are():
    for text in (
        "    short enough",
        "    13 │     return requests.get(url, verify=False)",
        "       │            ───────────────────────────────",
        "         https://example.org/a/long/address/of/a/page",
    ):
        assert lines(text) == [text]


def test_styles_stay_with_their_words():
    text = Text.assemble(
        ("       ✗ wants true", "red"), ("  standard", "magenta"), ("  RFC 9110 §4.3.4", "bold")
    )
    assert {span.style for line in _wrapped(text, NARROW) for span in line.spans} == {
        "red",
        "magenta",
        "bold",
    }
