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


def test_what_decorates_stands_behind_a_sign_or_goes_by_another_name_there():
    """A method that is only called like a decorator decorates nothing."""
    assert Vocabulary(b"@app.get('/')\ndef f(): ...").decorates(b"get")
    assert Vocabulary(b'#[actix_web::get("/")]').decorates(b"get")
    assert Vocabulary(b"from app import get as g\n@g('/')\ndef f(): ...").decorates(b"get")
    assert not Vocabulary(b"@cached\ndef f(): return x.get(1)").decorates(b"get")
    assert not Vocabulary(b"x.get(1)").decorates(b"")


def test_a_part_stands_beside_a_sign_if_both_are_near():
    """As near as what is compared can be."""
    assert Vocabulary(b"if TOKEN == x: ...").holds_beside(b"token", [b"==", b"!="])
    assert not Vocabulary(b"token = x" + b" " * 400 + b"a == b").holds_beside(b"token", [b"=="])
