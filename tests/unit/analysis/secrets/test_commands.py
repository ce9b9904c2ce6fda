"""Secrets in commands and statements."""

import random
import string

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import Facts, Interest
from stemedb_analysis.model import Observation
from stemedb_analysis.rules.model import FileInfo
from stemedb_analysis.secrets.detect import observe
from stemedb_analysis.source import Source

_SOURCE = random.Random(5)
DRAWN = "".join(_SOURCE.choice(string.ascii_letters + string.digits) for _ in range(32))


def observed(text: str) -> list[Observation]:
    source = Source(text.encode(), "a.py")
    facts = extract(source, "python", Interest(texts=True))
    return observe(facts, source, FileInfo("a.py", "python"))


def found(line: str) -> list[Observation]:
    source = Source(f"{line}\n".encode(), "a")
    return observe(Facts("python"), source, FileInfo("a", "python"))


@pytest.mark.parametrize(
    "line",
    [
        "sshpass -p Zk29dkq6 ssh deploy@h",
        "PGPASSWORD=Zk29dkq6 psql -h db",
        "app --db-password=Zk29dkq6 serve",
        "curl -fsS -u deploy:Zk29dkq6 https://h/x",
        "mysql -uroot -pZk29dkq6 < dump.sql",
        "redis-cli -h db -a Zk29dkq6 ping",
        "docker login -u ci -p Zk29dkq6 registry",
        "openssl pkcs12 -export -passout pass:Zk29dkq6",
        "echo root:Zk29dkq6 | chpasswd",
        "CREATE USER app IDENTIFIED BY 'Zk29dkq6';",
        "ALTER ROLE app WITH LOGIN PASSWORD 'Zk29dkq6';",
        'dsn := "app:Zk29dkq6@tcp(db:3306)/orders"',
        f'curl -H "Authorization: Bearer {DRAWN}" https://h',
        f'curl -H "X-Api-Key: {DRAWN}" https://h',
        f"app --api-key {DRAWN}",
    ],
)
def test_what_stands_where_a_secret_is_given_is_one(line: str) -> None:
    observations = found(line)
    assert [one.path for one in observations] == ["secrets/hardcoded"]
    assert "Zk29dkq6" not in observations[0].text
    assert DRAWN not in observations[0].text


@pytest.mark.parametrize(
    "line",
    [
        'sshpass -p "$PASSWORD" ssh deploy@h',
        "PGPASSWORD=${DB_PASSWORD} psql",
        "PGPASSWORD=$(cat /run/secrets/db) psql",
        "app --password-file /run/secrets/db --password",
        "use --password PASSWORD to sign in",
        "curl -u deploy:$TOKEN https://h/x",
        "mysql -uroot -p < dump.sql",
        "mysql --port 3306 -pass",
        "redis-cli -a $REDIS ping",
        "openssl pkcs12 -passout pass:$PASS -in a",
        "CREATE USER app IDENTIFIED BY '{password}';",
        "ALTER ROLE app PASSWORD %s",
        "user@tcp(db:3306)/orders",
        'curl -H "Authorization: Bearer $TOKEN" https://h',
        "Authorization: Bearer <token>",
        "--api-key KEY   the key of the service",
    ],
)
def test_what_the_shell_puts_there_and_words_are_none(line: str) -> None:
    assert found(line) == []


def test_a_header_in_documentation_shows_how_one_looks() -> None:
    """In a string of several lines that goes somewhere it is one, and stays as sure as any."""
    header = f"POST /x HTTP/1.1\nAuthorization: Bearer {DRAWN}"
    said = observed(f'def f():\n    """An example:\n\n{header}\n    """\n')
    sent = observed(f'REQUEST = """{header}\n"""\n')
    assert [one.confidence for one in said] == [0.45]
    assert [one.confidence for one in sent] == [0.9]
