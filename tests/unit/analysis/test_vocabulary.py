"""The words of a file."""

import re

import pytest

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


def test_what_is_compared_is_looked_for_where_a_sign_stands():
    """On its line and those that belong to it, not elsewhere."""
    finds = re.compile("(?i)token")
    assert Vocabulary(b"if TOKEN == x: ...").compares(b"token", (b"==", b"!="), finds)
    assert Vocabulary(b"if (\n  f(token)\n  == x\n): ...").compares(b"token", (b"==",), finds)
    assert not Vocabulary(b"token = x\na == b").compares(b"token", (b"==",), finds)
    assert not Vocabulary(b"tokens == b").compares(b"token", (b"==",), re.compile("token$"))


def test_a_member_is_called_behind_a_dot_or_by_the_name_that_an_import_gave_it():
    """A function of the same name that nobody imported is another."""
    assert Vocabulary(b"os.open(p)").calls(b"open", is_whole=False)
    assert Vocabulary(b"(os\n  .\n  open(p))").calls(b"open", is_whole=False)
    assert Vocabulary(b"from os import (\n  path,\n  open,  # it\n)\nopen(p)").calls(b"open", is_whole=False)
    commented = b'from os import (\n  path,  # noqa: F401 - it\'s "kept"\n  open,\n)\nopen(p)'
    assert Vocabulary(commented).calls(b"open", is_whole=False)
    assert Vocabulary(b"from os import *\nopen(p)").calls(b"open", is_whole=False)
    assert not Vocabulary(b"import os\nf = 1\nopen(p)").calls(b"open", is_whole=False)
    assert Vocabulary(b"open(p)").calls(b"open", is_whole=True)


def test_signs_that_are_escaped_make_no_words():
    """Letters that are do."""
    assert not Vocabulary(rb"x = '\x1b[0m\u00e9'").has_escapes
    assert Vocabulary(rb"x = '\x65val'").has_escapes


@pytest.mark.parametrize(
    ("code", "is_there"),
    [
        ("import axios from 'axios'", True), ("const h = require('node:http')", True), ("axios\n  .get(x)", True), ("axios?.get(x)", True), ("axios. get(x)", True), ("axios.\n  get(x)", True), ("axios // it\n  .get(x)", True),
        ("f(client = axios) {}", True), ("const get = axios;", True), ("// what axios said. Then more", False), ("my_axios.get(x)", False), ("'axiosed'", True),
    ],
)  # fmt: skip
def test_a_module_of_javascript_is_reached_where_it_is_imported_or_has_members(code, is_there):
    """Prose reaches nothing; a longer module that begins so may be it."""
    word = b"http" if "http" in code else b"axios"
    assert Vocabulary(code.encode()).reaches(word) is is_there


def test_the_path_of_a_package_stands_in_quotes_alone():
    """In any of the quotes."""
    assert Vocabulary(b'import h "net/http"').quotes(b"net/http")
    assert not Vocabulary(b'import "net/http/httptest" // net/http').quotes(b"net/http")


def test_a_slash_may_be_escaped_in_a_literal():
    """As JSON and JavaScript allow."""
    assert Vocabulary(rb"'http:\/\/a'").finds_in_literals(re.compile("http://a"))
    assert not Vocabulary(rb"'http:\/\/a'").finds(re.compile("http://a"))


def test_a_very_long_line_is_looked_at_in_parts():
    """What is compared is short, and the whole line would be read again for each word."""
    line = b" and ".join(b"token == given%d" % number for number in range(300))
    assert Vocabulary(line).compares(b"token", (b"==",), re.compile(r"token == given299\b"))
    assert not Vocabulary(b"token" + b" x" * 1500 + b" == y").compares(
        b"token", (b"==",), re.compile("token")
    )
