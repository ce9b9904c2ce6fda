"""Whatever a file holds, the detector returns, and what it returns shows no secret."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb_analysis.rules.model import FileInfo
from stemedb_analysis.secrets.detect import FOUND_MAX, observe
from stemedb_analysis.secrets.redact import MARK
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.source import Source

PARTS = st.sampled_from(
    [
        b"password=", b"API_KEY=", b"postgres://a:", b"@host/x", b"://", b"AKIA", b"ghp_", b"eyJ", b"-----BEGIN PRIVATE KEY-----", b"Server=a;Password=",
        b"\n", b" ", b"'", b'"', b"\xff", b"\x00", b"${X}", b"changeme", b"SK", b"Q~", b".", b"=", b"\xc3\xa9",
    ]
)  # fmt: skip
RANDOM = st.text(string.ascii_letters + string.digits + "-_+/", min_size=4, max_size=48).map(str.encode)


@settings(max_examples=100)
@given(parts=st.lists(st.one_of(PARTS, RANDOM), max_size=20))
def test_any_file_is_borne_and_places_are_in_it(parts: list[bytes]) -> None:
    source = Source(b"".join(parts), ".env")
    found = observe(extract(source, "env"), source, FileInfo(".env", "env"))
    assert len(found) <= FOUND_MAX + 1
    for one in found:
        assert 1 <= one.span.line <= one.span.end_line <= max(1, source.line_count)
        assert 0 < one.confidence <= 1
        assert MARK in one.text


@settings(max_examples=50)
@given(secret=st.text(string.ascii_letters + string.digits, min_size=16, max_size=60))
def test_no_secret_is_shown(secret: str) -> None:
    text = f'DB_PASSWORD="{secret}" # {secret}\nURL=postgres://app:{secret}@db.acme/x\nBOTH="{secret}" # {secret[:-1]}\n'
    source = Source(text.encode(), ".env")
    for one in observe(extract(source, "env"), source, FileInfo(".env", "env")):
        assert secret not in one.text
