"""Rows that ask for what else is done with the same thing."""

from stemedb_analysis.rules import load
from stemedb_analysis.rules.model import Sample
from stemedb_analysis.rules.test import observe

RULES = load(samples=True)


def seen(rule_id: str, code: str) -> list[object]:
    rule = RULES.rules[rule_id]
    return [one.value for one in observe(RULES.only(rule), rule, Sample("java", code, None))]


def body(code: str) -> str:
    return f"import java.security.KeyPairGenerator;\nclass A {{ void f() throws Exception {{ {code} }} }}"


def test_same_tells_two_generators_of_one_function_apart():
    code = body(
        'KeyPairGenerator a = KeyPairGenerator.getInstance("RSA"); a.initialize(3072);'
        ' KeyPairGenerator b = KeyPairGenerator.getInstance("DH"); b.initialize(1024);'
    )
    assert seen("dh-key-size", code) == [1024]


def test_each_that_a_condition_chooses_between_is_observed():
    code = 'import java.security.Signature;\nclass A { void f(boolean b) throws Exception { Signature.getInstance(b ? "MD5withRSA" : "SHA256withRSA"); } }'
    assert sorted(map(str, seen("signature-hash", code))) == ["md5", "sha256"]
