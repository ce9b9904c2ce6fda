"""Files that could name a secret, and those that could not."""

import pytest

from stemedb_analysis.secrets.speaks import speaks_of_secrets
from stemedb_analysis.vocabulary import Vocabulary


@pytest.mark.parametrize(
    "code",
    [
        "db_password = 'k3y-X9vT2'", "apiKey: 'k3y-X9vT2'", "DB_PW = 'k3y-X9vT2'", "password1 = 'k3y-X9vT2'", "secret_ = 'k3y-X9vT2'", "{'x-api-key': 'k3y-X9vT2'}", "{'secret key base': 'k3y-X9vT2'}",
        "DriverManager.getConnection(u, 'root', 'k3y-X9vT2')", "new SecretKeySpec(b, 'AES')", "jwt.sign(p, 'k3y-X9vT2')", "id = 'AKIAQX7PLM2RT5WB3KZN'", "{'pass': 'k3y-X9vT2'}",
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
    assert speaks_of_secrets(Vocabulary(b"const pass = 'k3y-X9vT2'"), "javascript")


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
        "token == 'k3y-X9vT2'", "(token) == 'k3y-X9vT2'", "token in ('k3y-X9vT2',)", "f(token='k3y-X9vT2')", "set_password(a, 'k3y-X9vT2')", "x['token'] = 'k3y-X9vT2'", "x.token: str = 'k3y-X9vT2'",
        "env('token', 'k3y-X9vT2')", "a.token.equals('k3y-X9vT2')", "(a, token,) = 'k3y-X9vT2', 'k3y-X9vT2'", "token \\\n = 'k3y-X9vT2'", "tokens(1); f(token='k3y-X9vT2')",
        "'k3y-X9vT2' == a.token", "token = a or 'k3y-X9vT2'", "token = str('k3y-X9vT2')", "token = a if b else 'k3y-X9vT2'", "token not in ['k3y-X9vT2']", "valid_key = 'c2l0ZXZlcmlmaWNhdGlvbjE2'",
    ],
)  # fmt: skip
def test_a_name_that_a_value_can_follow_is_seen_in_python(code):
    """Behind it, whatever stands between."""
    assert speaks_of_secrets(Vocabulary(code.encode()), "python")


@pytest.mark.parametrize(
    "code",
    [
        "token = ''", "end_token = '>'", "token = state.push('heading_open')", "kinds = {'token': 'name of it'}", "{'x-api-key': kind, 'x': 'y'}",
        "SORT_KEYS = ['name', 'size']", "secret_id = f'{kind}'", "valid_key = 'known to all'", "_order_key(x, 'of a row')", "'  ' == token",
    ],
)  # fmt: skip
def test_a_name_with_nothing_behind_it_that_could_be_one_is_none_in_python(code):
    """What stands there is empty, words, or a piece of text."""
    assert not speaks_of_secrets(Vocabulary(code.encode()), "python")


@pytest.mark.parametrize(
    "code",
    [
        "token = 'k3y-' 'X9vT2'", "token = ('k3y-'\n  + 'X9vT2')", "token = 'a\\'k3y-X9vT2'", "password = 'winter'", "headers = {'Authorization': 'Bearer k3y-X9vT2bbbb'}",
        "smtp.login(user, 'winter')", "jwt.encode(payload, 'winter')", "x = '\\x74oken'; a = 'k3y'",
    ],
)  # fmt: skip
def test_a_literal_in_pieces_or_with_escapes_may_be_one(code):
    """What is not worked out is taken for one; and of passwords little can be told."""
    assert speaks_of_secrets(Vocabulary(code.encode()), "python")


@pytest.mark.parametrize(
    ("language", "code", "is_spoken"),
    [
        ("java", 'String token = "k3y-X9vT2";', True), ("java", 'if ("k3y-X9vT2".equals(token)) {}', True), ("go", "token := `k3y-X9vT2`", True),
        ("rust", 'client.basic_auth(user, Some("k3y-X9vT2"))', True), ("javascript", "cookieParser('k3y-X9vT2')", True),
        ("java", "Token token = lexer.next();", False), ("javascript", "const token = 'name of it'", False), ("go", "jwt.Parse(text)", False),
        ("rust", 'let token: Token = next("a");', False),
    ],
)  # fmt: skip
def test_in_other_languages_a_literal_near_the_name_must_be_able_to_be_one(language, code, is_spoken):
    """Before it or behind it."""
    assert speaks_of_secrets(Vocabulary(code.encode()), language) is is_spoken
