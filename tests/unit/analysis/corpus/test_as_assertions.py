"""Facts into assertions and back, through the bytes that travel."""

import pytest

from stemedb.statements import Assertion, Boolean, Number, Source, Text, Value, canonical_bytes, parse
from stemedb_analysis.corpus import Reading, facts, from_assertions, to_assertion
from stemedb_analysis.corpus.as_assertions import CORPUS_AGENT, as_claims, nearest, resembles_policy
from stemedb_analysis.model import Refused
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
    assert [(one.subject, one.reason) for one in reading.refused] == [
        ("pkg://pypi/blake3", "unregistered"),
        ("team://acme/tls/min_version", "value"),
        ("team://acme/tls/min_version", "comparison"),
        ("team://acme/crypto/hash", "value"),
        ("team://acme/crypto/hash", "value"),
    ]
    assert reading.refused[1].why == "got 'high', want a number for tls/min_version version"


def test_what_cannot_be_read_is_told_with_what_may_have_been_meant() -> None:
    concepts = shipped()
    typed = Refused("team://shop/tls/cert_verificatoin", "enabled", "unregistered", "")
    assert nearest(typed, concepts)[0] == "tls/cert_verification enabled"
    deep = typed._replace(subject="team://acme/emea/shop/tls/cert_verificatoin")
    assert nearest(deep, concepts)[0] == "tls/cert_verification enabled"
    bare = typed._replace(subject="tls/cert_verificatoin")
    assert nearest(bare, concepts)[0] == "tls/cert_verification enabled"
    assert nearest(typed._replace(subject="team://shop/tls/min_version", reason="value"), concepts) == ()


@pytest.mark.parametrize(
    ("subject", "predicate", "is_meant"),
    [
        ("team://shop/tls/cert_verificatoin", "enabled", True),
        ("team://shop/tsl/cert_verification", "enabled", True),
        ("team://shop/tls/cert_verification", "enabld", True),
        ("team://shop/tlss/certs", "enabled", True),  # in a team's name and with a word of the registry
        ("rfc://8996/tls/min_verison", "version", True),
        ("team://shop/lunch/menu", "is", False),
        ("pkg://pypi/blake3", "license", False),
        ("pkg://pypi/blake3", "version", False),
        ("tea/colour", "is", False),
    ],
)
def test_of_all_the_claims_of_a_store_those_count_that_seem_to_be_about_code(
    subject: str, predicate: str, *, is_meant: bool
) -> None:
    (refused,) = read(assertion(subject, predicate, Boolean(value=True))).refused
    assert resembles_policy(refused, shipped()) is is_meant


def test_the_shipped_corpus_as_claims_is_what_loading_it_publishes() -> None:
    claims = as_claims(shipped())
    statements = [parse(canonical_bytes(to_assertion(fact, CORPUS_AGENT))) for fact in facts()]
    assert [(claim.id, claim.statement) for claim in claims] == [
        (one.id, one.statement) for one in statements
    ]


def test_the_longest_registered_tail_is_meant() -> None:
    reading = read(assertion("team://acme/emea/shop/password/hash/bcrypt", "cost", Number(12)))
    assert [one.path for one in reading.authorities] == ["password/hash/bcrypt"]
