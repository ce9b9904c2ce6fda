"""Text that nobody parses: the words of a file rule out nothing that is there, and no text takes long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb_analysis.plain.comments import comments
from stemedb_analysis.plain.languages import PLAIN
from stemedb_analysis.plain.reader import read
from stemedb_analysis.rules.model import FileInfo
from stemedb_analysis.scan.notes import notes
from stemedb_analysis.secrets.detect import observe
from stemedb_analysis.secrets.speaks import spoken_in_text
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

LANGUAGES = st.sampled_from(sorted(PLAIN))
PARTS = st.sampled_from(
    [
        "password", "DB_PASSWORD", "api_key", "x-api-key", "Token", "secret", "pw", ".key", "signing", "new PDO", "JWT.encode", "NetworkCredential", "Sea&Gull24",
        "q8Zr2vLk0TnX4bWc7Yd1", '"', "'", "`", "=", ":", "=>", " ", "\n", "(", ")", ",", "[", "]", "<", ">", "</", "#", "//", "/*", "*/", "--", "<!--", "-->", ";",
        "${", "}", "$", "\\", "value=", "default = ", "{", "set ", "export ", "é", "\x00", "||", "==", '"""', "ENV", "variable ",
    ]
)  # fmt: skip
TEXTS = st.lists(PARTS, max_size=40).map("".join)


@settings(max_examples=300)
@given(text=TEXTS, language=LANGUAGES)
def test_the_words_rule_out_nothing_that_is_found_without_them(text: str, language: str) -> None:
    source = Source(text.encode(), "a")
    vocabulary = Vocabulary(source.data)
    spoken = spoken_in_text(vocabulary)
    file = FileInfo("a", language)
    calls = spoken_in_text(Vocabulary(b"PDO JWT jwt NetworkCredential")).calls
    everything = read(source.data, language, vocabulary.words, calls)
    screened = read(source.data, language, spoken.names, spoken.calls)
    assert observe(everything, source, file) == observe(screened, source, file)


@settings(max_examples=300)
@given(text=TEXTS, language=LANGUAGES)
def test_what_is_read_stands_in_the_file(text: str, language: str) -> None:
    data = text.encode()
    for one in read(data, language, Vocabulary(data).words, frozenset()).texts:
        assert 0 <= one.start <= one.end <= len(data)
        assert one.value.encode() in data[one.start : one.end] or language == "notebook"
    end = 0
    for start, stop in comments(data, language):
        assert end <= start < stop <= len(data)
        end = stop


TIME_S_MAX = 5.0
"""For less than a megabyte: it takes some 0.3 s, and a way that is not linear takes minutes."""
HOSTILE = {
    "quotes": b'password = "' + b'\\"' * 300_000,
    "apostrophes": b"token='" * 100_000,
    "one long line": b"password=" + b"a1" * 400_000,
    "names": b"password " * 90_000,
    "keys": b"a-b-api_key." * 60_000,
    "comments": b"/* <!-- {- (* --[[ =begin <# secret\n" * 25_000,
    "elements": b"<password " * 80_000,
    "blocks": b'variable "db_password" {' * 30_000,
    "calls": b"new PDO(JWT.encode(" * 40_000,
    "blanks": b"password" + b" " * 800_000 + b"=",
    "no text": bytes(range(1, 256)) * 3_000,
    "base64": b"c2VjcmV0VG9rZW4/" * 50_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("language", ["ruby", "shell", "xml", "markdown", "hcl", "php", "credentials"])
def test_hostile_text_takes_little_time(kind: str, language: str) -> None:
    source = Source(HOSTILE[kind], "a")
    began = time.process_time()
    spoken = spoken_in_text(Vocabulary(source.data))
    observe(read(source.data, language, spoken.names, spoken.calls), source, FileInfo("a", language))
    notes(source.data + b"# stemedb:ignore", language)
    assert time.process_time() - began < TIME_S_MAX
