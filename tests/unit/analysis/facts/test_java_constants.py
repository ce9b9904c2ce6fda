"""Java: what is known before the program runs, and what a call is made on."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import Call, Facts, Interest
from stemedb_analysis.source import Source


def facts(text: str) -> Facts:
    return extract(Source(text.encode()), "java", Interest())


def given(text: str) -> list[object]:
    """The first argument of the calls of ``use``, in order."""
    found = facts(f'class A {{ static final String K = "k"; void f(boolean b, String p) {{ {text} }} }}')
    return [
        (one.args[0].value.kind, one.args[0].value.value)
        for one in found.calls
        if one.name.rpartition(".")[2] == "use"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('use("AES/" + "ECB");', ("str", "AES/ECB")),
        ('use("salt".getBytes(UTF_8));', ("bytes", b"salt")),
        ("use(K.toCharArray());", ("str", "k")),
        ('use(String.format("%s/%s", "AES", "GCM"));', ("str", "AES/GCM")),
        ('use("a".concat(K));', ("str", "ak")),
        ('use(" TLS ".trim().toLowerCase());', ("str", "tls")),
        ('use(new String("x"));', ("str", "x")),
        ('use(Integer.parseInt("12"));', ("int", 12)),
        ('use(Boolean.parseBoolean("true"));', ("bool", True)),
        ('use(java.util.Base64.getDecoder().decode("AQID"));', ("bytes", b"\x01\x02\x03")),
        ('use("ab".repeat(2));', ("str", "abab")),
    ],
)
def test_calls_on_constants_give_constants(text, expected):
    assert given(text) == [expected]


@pytest.mark.parametrize(
    "text",
    ["use(p.trim());", 'use(String.format("%s", p));', 'use(Integer.parseInt("x"));', "use(new byte[8]);"],
)
def test_calls_on_anything_else_stay_calls(text):
    assert [kind for kind, _ in given(text)] == ["call"]


def test_a_method_that_gives_constants_is_one_of_them():
    found = facts(
        'class A { void f() { use(pick(1)); } String pick(int n) { if (n > 1) return "a"; return "b"; } }'
    )
    value = next(one for one in found.calls if one.name == "use").args[0].value
    assert value.kind == "other"
    assert sorted(one.value for one in value.value) == ["a", "b"]


def test_a_method_that_gives_a_parameter_is_none():
    found = facts("class A { void f(String s) { use(same(s)); } String same(String s) { return s; } }")
    assert isinstance(next(one for one in found.calls if one.name == "use").args[0].value.value, Call)


def test_what_a_constant_rules_out_is_no_fact():
    found = facts(
        "class A { static final boolean OLD = false; void f() { if (OLD) { weak(); } else { strong(); } } }"
    )
    assert [one.name for one in found.calls] == ["strong"]


def test_a_method_of_the_file_gives_what_it_is_declared_to_give():
    found = facts(
        "import javax.naming.directory.DirContext;\nclass A { DirContext open() { return null; } void f() { open().search(q); } }"
    )
    assert "javax.naming.directory.DirContext.search" in [one.name for one in found.calls]


def test_an_annotation_tells_what_it_is_written_at():
    found = facts("class A { @Size(min = 5) private String password; void f(@Size(min = 2) String nick) {} }")
    assert [one.result for one in found.calls if one.role == "decorator"] == ["password", "nick"]
