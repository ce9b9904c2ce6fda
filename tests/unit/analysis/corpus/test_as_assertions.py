"""Facts into assertions and back, through the bytes that travel."""

from stemedb.statements import Assertion, Boolean, Number, Source, Text, Value, canonical_bytes, parse
from stemedb_analysis.corpus import Reading, facts, from_assertions, to_assertion
from stemedb_analysis.registry import shipped


def assertion(subject: str, predicate: str, value: Value, tier: int = 3, **metadata: str) -> Assertion:
    return Assertion(
        subject=subject,
        predicate=predicate,
        object=value,
        confidence=1,
        source=Source(tier=tier, uri="https://example.org/policy"),
        lifecycle="approved",
        agent="acme",
        **({"metadata": metadata} if metadata else {}),
    )


def read(*statements: Assertion) -> Reading:
    return from_assertions([("ab" * 32, one) for one in statements], shipped())


def test_the_whole_corpus_survives_the_bytes_that_travel() -> None:
    statements = []
    for fact in facts():
        parsed = parse(canonical_bytes(to_assertion(fact, "stemedb")))
        assert isinstance(parsed.statement, Assertion)
        statements.append((parsed.id.hex(), parsed.statement))
    reading = from_assertions(statements, shipped())
    assert not reading.left_out
    assert [one._replace(id="") for one in reading.authorities] == [
        fact.authority._replace(id="") for fact in facts()
    ]
    assert [type(one.value) for one in reading.authorities] == [
        type(fact.authority.value) for fact in facts()
    ]


def test_loading_twice_gives_the_same_statements() -> None:
    fact = facts()[0]
    assert canonical_bytes(to_assertion(fact, "a")) == canonical_bytes(to_assertion(fact, "a"))


def test_policy_written_by_hand_is_read_with_the_registrys_comparison() -> None:
    reading = read(
        assertion("team://acme/tls/min_version", "version", Number(1.3)),
        assertion("team://acme/crypto/hash", "algorithm", Text("sha1")),
        assertion("team://acme/platform/imports/telnetlib", "allowed", Boolean(value=False)),
        assertion("tls/cert_verification", "enabled", Boolean(value=True)),
    )
    assert [(one.path, one.comparison, one.value) for one in reading.authorities] == [
        ("tls/min_version", "at_least", 1.3),
        ("crypto/hash", "none_of", ("sha1",)),
        ("imports/telnetlib", "equals", False),
        ("tls/cert_verification", "equals", True),
    ]


def test_whatever_is_no_authority_is_counted() -> None:
    reading = read(
        assertion("code://python/acme/tls/cert_verification", "enabled", Boolean(value=False)),
        assertion("rfc://1/tls/cert_verification", "enabled", Boolean(value=False), tier=4),
        assertion("pkg://pypi/blake3", "license", Text("Apache-2.0")),
        assertion("team://acme/tls/min_version", "version", Text("high")),
        assertion("team://acme/tls/min_version", "version", Number(1.2), comparison="roughly"),
        assertion("team://acme/crypto/hash", "algorithm", Text("[1")),
        assertion("team://acme/crypto/hash", "algorithm", Text("[1]")),
    )
    assert reading.authorities == []
    assert reading.left_out == {"observation": 2, "unregistered": 1, "value": 3, "comparison": 1}
    assert reading.unregistered == ["pkg://pypi/blake3 license"]


def test_the_longest_registered_tail_is_meant() -> None:
    reading = read(assertion("team://acme/emea/shop/password/hash/bcrypt", "cost", Number(12)))
    assert [one.path for one in reading.authorities] == ["password/hash/bcrypt"]
