"""Files that could name a secret, and those that could not."""

import pytest

from stemedb_analysis.secrets.speaks import speaks_of_secrets
from stemedb_analysis.vocabulary import Vocabulary


@pytest.mark.parametrize(
    "code",
    [
        "db_password = 'x'", "apiKey: 'x'", "DB_PW = 'x'", "password1 = 'x'", "secret_ = 'x'", "{'x-api-key': 'x'}", "{'secret key base': 'x'}",
        "DriverManager.getConnection(u, 'root', 'x')", "new SecretKeySpec(b, 'AES')", "jwt.sign(p, 'x')", "id = 'AKIAQX7PLM2RT5WB3KZN'", "{'pass': 'x'}",
    ],
)  # fmt: skip
def test_a_name_for_a_secret_is_seen(code):
    """However it is written."""
    assert speaks_of_secrets(Vocabulary(code.encode()), "python")


@pytest.mark.parametrize(
    "code",
    [
        "for name in names:\n    pass",
        "monkey = 'x'",
        "path = 'x'",
        "tokenizer = 'x'",
        "author = 'x'",
        "id = 'AKIA'",
    ],
)
def test_words_that_only_sound_like_one_are_none(code):
    """The statement `pass` is none either."""
    assert not speaks_of_secrets(Vocabulary(code.encode()), "python")


def test_pass_is_a_name_where_it_is_no_statement():
    """In other languages."""
    assert speaks_of_secrets(Vocabulary(b"const pass = 'x'"), "javascript")


@pytest.mark.parametrize(
    "code",
    [
        "f(token, 1)", "token.kind = 'x'", "# the token of it", "return f(token)\nx = 1", "x[token]\ny", "# bypass'", "_token_kind = 1; a_token",
        "token = kind", "set_token(a, 'x')", "def set_password(a):\n    'Sets it.'", "valid_key = 'x'", "the 'app' key",
    ],
)  # fmt: skip
def test_a_name_that_no_value_can_follow_is_none_in_python(code):
    """A word alone makes no secret."""
    assert not speaks_of_secrets(Vocabulary(code.encode()), "python")


@pytest.mark.parametrize(
    "code",
    [
        "token == 'x'", "(token) == 'x'", "token in ('x',)", "f(token='x')", "set_password(a, 'x')", "x['token'] = 'y'", "x.token: str = 'y'",
        "env('token', 'x')", "a.token.equals('x')", "(a, token,) = 'x', 'y'", "token \\\n = 'x'", "tokens(1); f(token='x')",
        "'x' == a.token", "token = a or 'x'", "token = str('x')", "token = a if b else 'x'", "token not in ['x']", "valid_key = 'c2l0ZXZlcmlmaWNhdGlvbjE2'",
    ],
)  # fmt: skip
def test_a_name_that_a_value_can_follow_is_seen_in_python(code):
    """Behind it, whatever stands between."""
    assert speaks_of_secrets(Vocabulary(code.encode()), "python")
