"""Cursors: they carry a key back to their own question and to no other."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb.crdt import KEY_BYTES_MAX
from stemedb.errors import InvalidRequest
from stemedb.projection.cursor import CURSOR_TEXT_MAX, decode_cursor, encode_cursor


@given(st.binary(), st.binary(min_size=1, max_size=200))
def test_a_cursor_brings_its_key_back(question, key):
    cursor = encode_cursor(question, key)
    assert decode_cursor(cursor, question) == key
    assert cursor.isascii()
    assert cursor.isprintable()


def test_the_longest_key_fits():
    cursor = encode_cursor(b"q", b"k" * KEY_BYTES_MAX)
    assert len(cursor) <= CURSOR_TEXT_MAX
    assert decode_cursor(cursor, b"q") == b"k" * KEY_BYTES_MAX


def test_a_cursor_of_another_question_is_refused():
    with pytest.raises(InvalidRequest, match="another query") as caught:
        decode_cursor(encode_cursor(b"one", b"key"), b"two")
    assert caught.value.field == "cursor"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "AQ",
        "é",
        "A",
        " " + encode_cursor(b"q", b"key"),
        encode_cursor(b"q", b"key") + "=",
        base64.urlsafe_b64encode(b"\x02" + b"12345678" + b"key").rstrip(b"=").decode(),
        "A" * (CURSOR_TEXT_MAX + 1),
    ],
    ids=range(9),
)
def test_what_is_no_cursor_is_an_invalid_request(text):
    with pytest.raises(InvalidRequest) as caught:
        decode_cursor(text, b"q")
    assert caught.value.field == "cursor"
