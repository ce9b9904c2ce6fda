"""The names that may have been meant are like the one that was written, or there are none."""

import pytest

from stemedb_analysis.nearest import nearest
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules.load import load


@pytest.fixture(scope="module")
def known():
    return [*load().rules, *(path for path, _ in shipped())]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hash-algoritm", "hash-algorithm"),
        ("algorithm-hash", "hash-algorithm"),
        ("crypto/hsah", "crypto/hash"),
        ("tls/verification", "tls/cert_verification"),
        ("Command-Injection", "command-injection"),
        ("sqlinjection", "sql-injection"),
    ],
)
def test_what_was_meant_is_among_them(written, meant, known):
    assert meant in nearest(written, known)


@pytest.mark.parametrize("written", ["no-such-rule", "foo", "E501", "my-own-rule", "", "-", "x" * 5000])
def test_what_is_like_nothing_has_none(written, known):
    assert nearest(written, known) == ()


def test_there_are_few_and_always_the_same(known):
    found = nearest("client-timeout-second", known)
    assert 1 <= len(found) <= 3
    assert nearest("client-timeout-second", list(reversed(known))) == found
