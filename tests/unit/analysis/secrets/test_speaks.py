"""Files that could name a secret, and those that could not."""

import pytest

from stemedb_analysis.secrets.speaks import speaks_of_secrets
from stemedb_analysis.vocabulary import Vocabulary


@pytest.mark.parametrize(
    "code",
    [
        "db_password = 'x'", "apiKey: 'x'", "DB_PW = 'x'", "password1 = 'x'", "secret_ = 'x'", "{'x-api-key': 'x'}", "{'secret key base': 'x'}",
        "DriverManager.getConnection(u, 'root', 'x')", "new SecretKeySpec(b, 'AES')", "jwt.sign(p, 'x')", "id = 'AKIA'", "{'pass': 'x'}",
    ],
)  # fmt: skip
def test_a_name_for_a_secret_is_seen(code):
    """However it is written."""
    assert speaks_of_secrets(Vocabulary(code.encode()), "python")


@pytest.mark.parametrize(
    "code", ["for name in names:\n    pass", "monkey = 'x'", "path = 'x'", "tokenizer = 'x'", "author = 'x'"]
)
def test_words_that_only_sound_like_one_are_none(code):
    """The statement `pass` is none either."""
    assert not speaks_of_secrets(Vocabulary(code.encode()), "python")


def test_pass_is_a_name_where_it_is_no_statement():
    """In other languages."""
    assert speaks_of_secrets(Vocabulary(b"const pass = 'x'"), "javascript")
