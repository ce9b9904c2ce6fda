import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.facts.model import Arg, Assign, Call, Expr, Facts, Function, Import, Setting, Text
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules import FileInfo, RuleSet
from stemedb_analysis.rules.parse import parse_rules
from stemedb_analysis.rules.words import Words, cut
from stemedb_analysis.source import Source

WORDS = {"secret": ["token", "api key"], "checksum": ["etag"]}


def rules(match, observes="tls/cert_verification enabled", **fields):
    rule = {
        "id": "r",
        "title": "t",
        "help": "h",
        "observes": observes,
        "match": match,
        "examples": {},
        "near_misses": {},
    }
    return RuleSet(parse_rules([rule | fields], "x.yaml", shipped(), WORDS), Words(WORDS))


def text(value, origin="literal"):
    kinds = {bool: "bool", int: "int", str: "str", type(None): "none"}
    return Expr(kinds[type(value)], value, 0, 1, origin)


def call(name, *args, start=0, function=-1, **keywords):
    given = [Arg(None, one) for one in args] + [Arg(key, one) for key, one in keywords.items()]
    return Call(name, tuple(given), start, start + 1, function)


def observe(ruleset, facts, *, code="x", in_test=False, language="python", kind=""):
    return ruleset.observe(facts, Source(code.encode(), "f"), FileInfo("f", language, kind, in_test))


def values(ruleset, *calls, **more):
    return [one.value for one in observe(ruleset, Facts("python", calls=calls), **more)]


VERIFY = rules({"python": [{"call": "requests.get", "read": "verify|3", "as": "truth"}]})


def test_a_keyword_or_a_position_is_read():
    assert values(VERIFY, call("requests.get", verify=text(False))) == [False]
    assert values(VERIFY, call("requests.get", text(1), text(1), text(1), text(False))) == [False]
    assert values(VERIFY, call("requests.get", text(1))) == []
    assert values(VERIFY, call("other.get", verify=text(False))) == []


@pytest.mark.parametrize(
    ("origin", "in_test", "want"),
    [("literal", False, 0.95), ("constant", False, 0.9), ("default", False, 0.4), ("literal", True, 0.475)],
)
def test_confidence_comes_from_evidence(origin, in_test, want):
    facts = Facts("python", calls=(call("requests.get", verify=text(False, origin)),))
    (seen,) = observe(VERIFY, facts, in_test=in_test)
    assert seen.confidence == want


def test_absence_is_claimed_only_where_no_splat_can_hide_it():
    ruleset = rules({"python": [{"call": "a.b", "read": "timeout", "map": {"null": False, "*": True}, "absent": False}]},
                    "net/client_timeout set")  # fmt: skip
    assert values(ruleset, call("a.b")) == [False]
    assert values(ruleset, Call("a.b", (Arg("**", Expr("name", "options", 0, 1)),), 0, 1)) == []
    assert values(ruleset, call("a.b", timeout=text(None))) == [False]
    assert values(ruleset, call("a.b", timeout=text(3))) == [True]


def test_a_star_looks_into_options_however_deep():
    ruleset = rules({"javascript": [{"call": "f", "read": "*.rejectUnauthorized", "as": "bool"}]})
    inner = Expr("dict", ((text("rejectUnauthorized"), text(False)),), 0, 1)
    options = Expr("dict", ((text("agent"), inner),), 0, 1)
    facts = Facts("javascript", calls=(call("f", text("u"), options),))
    assert [one.value for one in observe(ruleset, facts, language="javascript")] == [False]


def test_what_is_unknown_is_not_observed_unless_the_row_says_so():
    name = Expr("name", "flag", 0, 1)
    assert values(VERIFY, call("requests.get", verify=name)) == []
    ruleset = rules({"python": [{"call": "a.b", "read": "0", "as": "bool", "unknown": True}]})
    assert values(ruleset, call("a.b", name)) == [True]


def test_the_surest_of_two_rows_is_kept():
    ruleset = rules(
        {
            "python": [
                {"call": "*.b", "value": False, "confidence": 0.5},
                {"call": "a.b", "value": False, "confidence": 0.9},
            ]
        }
    )
    (seen,) = observe(ruleset, Facts("python", calls=(call("a.b"),)))
    assert seen.confidence == 0.9


def test_unless_looks_in_the_same_function_or_the_whole_file():
    functions = (Function("f", (), 0, 9), Function("g", (), 9, 18))
    made, safe = call("make", function=0), call("protect", function=1)
    for scope, want in (("function", [False]), ("file", [])):
        row = {"call": "make", "value": False, "unless": {"call": "protect"}, "scope": scope}
        facts = Facts("python", calls=(made, safe), functions=functions)
        assert [one.value for one in observe(rules({"python": [row]}), facts)] == want


def test_near_needs_a_word_and_unlikely_lowers_confidence():
    near = rules({"python": [{"call": "f", "value": False, "near": "secret"}]})
    assert values(near, call("f", start=12), code="reset_token=f()") == [False]
    assert values(near, call("f", start=4), code="dice=f()") == []
    unlikely = rules({"python": [{"call": "f", "value": False, "unlikely": "checksum"}]})
    (seen,) = observe(unlikely, Facts("python", calls=(call("f", start=5),)), code="etag=f()")
    assert seen.confidence == round(0.95 * 0.3, 4)


def test_a_likely_word_that_is_missing_lowers_confidence_a_little():
    ruleset = rules({"python": [{"call": "f", "value": False, "likely": "secret"}]})

    def confidence(code):
        place = code.index("f(")
        facts = Facts("python", calls=(call("f", start=place),))
        (seen,) = observe(ruleset, facts, code=code)
        return seen.confidence

    assert confidence("token = f(x)") == 0.95
    assert confidence("number = f(x)") == pytest.approx(0.95 * 0.85, abs=1e-4)


def test_a_word_that_only_stands_behind_is_weaker_evidence():
    ruleset = rules({"python": [{"call": "f", "value": False, "near": "secret"}]})

    def confidence(code):
        (seen,) = observe(ruleset, Facts("python", calls=(call("f", start=4),)), code=code)
        return seen.confidence

    assert confidence("x = f(x)\nuse(x, token)") == pytest.approx(0.95 * 0.85, abs=1e-4)


def test_the_keys_above_a_key_tell_nothing_of_it():
    ruleset = rules({"python": [{"call": "f", "value": False, "near": "secret"}]})

    def seen(code):
        place = code.index("f(")
        return observe(ruleset, Facts("python", calls=(call("f", start=place),)), code=code)

    assert seen("x = {\n  'token': t,\n  'r': f(1),\n}") == []
    assert len(seen("x = {\n  'a': t,\n  'token': f(1),\n}")) == 1
    assert len(seen("token = join(\n  f(1),\n)")) == 1


def test_a_conversion_gives_what_the_registry_wants():
    with pytest.raises(InvalidInput, match="want what gives a boolean"):
        rules(
            {"python": [{"call": "f", "read": "0", "as": "mode"}]}, observes="fs/permissions world_writable"
        )


def test_each_gives_one_observation_for_each_element():
    ruleset = rules(
        {"python": [{"call": "f", "read": "algorithms", "each": True, "as": "lower"}]},
        "crypto/hash algorithm",
    )
    listed = Expr("list", (text("MD5"), text("SHA1")), 0, 1)
    assert values(ruleset, call("f", algorithms=listed)) == ["md5", "sha1"]


def test_keys_are_compared_without_case_and_targets_with():
    ruleset = rules({"python": [{"key": "sslVerify", "as": "bool"}, {"assign": "app.DEBUG", "as": "bool"}]})
    facts = Facts(
        "python",
        assigns=(
            Assign("x.SSLVERIFY", "SSLVERIFY", text(False), 0, 1),
            Assign("app.debug", "debug", text(True), 5, 6),
        ),
    )
    assert [one.value for one in observe(ruleset, facts)] == [False]
    assert ruleset.interest.keys == {"sslverify", "debug"}


def test_imports_and_texts_are_facts_too():
    ruleset = rules(
        {
            "python": [
                {"import": "telnetlib*", "value": False},
                {"text": "^BEGIN", "screen": "begin", "value": True},
            ]
        }
    )
    facts = Facts(
        "python",
        imports=(Import("telnetlib.Telnet", "T", 0, 1),),
        texts=(Text("BEGIN KEY", "assigned", "k", 2, 3),),
    )
    assert [one.value for one in observe(ruleset, facts)] == [False, True]


def settings(*pairs):
    return Facts(
        "yaml",
        settings=tuple(
            Setting(tuple(path.split("/")), value, n, n + 1) for n, (path, value) in enumerate(pairs)
        ),
    )


def test_a_setting_is_matched_by_path_kind_and_neighbours():
    ruleset = rules(
        {
            "yaml": [
                {
                    "setting": "services/*/privileged",
                    "as": "bool",
                    "kind": "compose",
                    "where": {"image": {"present": True}},
                }
            ]
        }
    )
    facts = settings(
        ("services/a/image", "x"), ("services/a/privileged", True), ("services/b/privileged", True)
    )
    assert [one.value for one in observe(ruleset, facts, language="yaml", kind="compose")] == [True]
    assert observe(ruleset, facts, language="yaml", kind="kubernetes") == []


def test_a_block_is_seen_for_what_it_lacks_in_its_own_document():
    ruleset = rules(
        {"yaml": [{"block": "services/*", "has": "image", "lacks": "healthcheck", "value": False}]}
    )
    facts = settings(
        ("services/a/image", "x"), ("services/a/healthcheck/test", "y"), ("services/b/image", "x"),
        ("---1/services/a/image", "x"),
    )  # fmt: skip
    assert [one.span.column for one in observe(ruleset, facts, language="yaml", code="x" * 20)] == [3, 4]


def test_the_document_itself_is_a_block():
    ruleset = rules(
        {
            "dockerfile": [
                {"block": "", "lacks": "user", "value": False},
                {"setting": "**/USER", "map": {"root": True}, "last": True},
            ]
        }
    )
    facts = Facts("dockerfile", settings=(Setting(("FROM",), "x", 0, 1),))
    assert [one.value for one in observe(ruleset, facts, language="dockerfile")] == [False]
    facts = Facts("dockerfile", settings=(Setting(("USER",), "root", 0, 1), Setting(("USER",), "app", 2, 3)))
    assert observe(ruleset, facts, language="dockerfile") == []


def test_names_are_cut_into_words():
    assert cut("resetTokens_v2 APIKey") == " reset token v api key "
