"""The words of a file."""

from stemedb_analysis.vocabulary import Vocabulary


def test_words_are_runs_of_letters_digits_and_underscores():
    """Whatever else stands between them ends them."""
    words = Vocabulary('x-api-key $where a.b_c9 "é"'.encode()).words
    assert words == {b"x", b"api", b"key", b"where", b"a", b"b_c9"}


def test_what_is_escaped_counts_as_what_it_stands_for():
    """A key may be written so that no reader sees it."""
    vocabulary = Vocabulary(rb'{"\x65val": 1, "\u0065xec": 2}')
    assert {b"eval", b"exec"} <= vocabulary.words
    assert vocabulary.holds(b"eval")


def test_parts_are_found_within_words_and_in_any_case_if_asked():
    """A word is looked for as a whole, a part is not."""
    vocabulary = Vocabulary(b"MyRequest.args")
    assert vocabulary.holds(b"Request")
    assert not vocabulary.holds(b"request")
    assert vocabulary.holds_in_any_case(b"request")
    assert b"request" not in vocabulary.low
