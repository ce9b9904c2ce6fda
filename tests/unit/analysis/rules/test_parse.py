import copy

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules.parse import parse_rules

GOOD = {
    "id": "one",
    "title": "One",
    "help": "Why.",
    "observes": "tls/cert_verification enabled",
    "match": {"python": [{"call": "requests.get", "read": "verify", "as": "truth"}]},
    "examples": {"python": ["import requests\nrequests.get(u, verify=False)"]},
    "near_misses": {"python": ["# a", "b = 'c'", {"code": "d", "value": True}]},
}


def parse(rule):
    return parse_rules([rule], "code/x.yaml", shipped(), {"secret": []})


def changed(**fields):
    return copy.deepcopy(GOOD) | fields


def row(**fields):
    return changed(match={"python": [{"call": "a.b", "value": False} | fields]})


def test_a_good_rule_is_read_with_its_samples():
    (rule,) = parse(GOOD)
    assert (rule.id, rule.path, rule.predicate) == ("one", "tls/cert_verification", "enabled")
    assert rule.languages == ("python",)
    assert [sample.value for sample in rule.near_misses] == [None, None, True]


def test_javascript_means_typescript_too():
    (rule,) = parse(changed(match={"javascript": [{"key": "x", "as": "bool"}]}))
    assert rule.languages == ("javascript", "typescript")


def test_braces_and_blanks_list_names():
    (rule,) = parse(row(call="a.{b,c} d.e"))
    assert sorted(rule.rows[0].names) == ["a.b", "a.c", "d.e"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (changed(observes="tls/cert_verificatoin enabled"), "code/x.yaml: one: observes: .*nearest: tls/cert_verification enabled"),
        (changed(observes="tls/cert_verification on"), "nearest: tls/cert_verification enabled"),
        (changed(titel="x"), "got the key 'titel', want title"),
        (changed(id="Not good"), "want words of a-z"),
        (changed(match={"pyton": []}), "got the language 'pyton', want python"),
        (changed(match={"python": []}), "match: no rows"),
        (changed(confidence=1.5), "confidence: got 1.5, want a number from 0 to 1"),
        ({key: value for key, value in GOOD.items() if key != "help"}, "lacks help"),
        (row(value="no"), "value: got 'no', want a boolean"),
        (row(**{"as": "boool"}), "as: got 'boool', want bool"),
        (changed(match={"python": [{"call": "a.b", "read": "@lst"}]}), "got '@lst', want @last"),
        (row(read="verify"), "got 'read' and 'value'"),
        (row(where={"0": {"mathces": "x"}}), "got the test 'mathces', want matches"),
        (row(where={"0": {"matches": "("}}), "no regular expression"),
        (row(where={"0": {"matches": "x" * 501}}), "at most 500 characters"),
        (row(near="secert"), "near: got 'secert', want secret"),
        (row(assign="x"), "got 2 of call, assign"),
        (row(call="a.{b,c"), "a brace without its partner"),
        (row(call="a.*"), "want the last part without a star"),
        (row(call="{a,b,c,d,e,f,g,h}" * 4), "stands for more than 2000 names"),
        (row(scope="world"), "scope: got 'world'"),
        (changed(near_misses={"python": [{"code": 3}]}), "got 3, want code as text"),
        (changed(near_misses={"python": [{"code": "x", "value": 3}]}), "near_misses: python: value: got 3, want a boolean"),
        (changed(match={"python": ["x"]}), "row 1: got a str, want a mapping"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(rule, message):
    with pytest.raises(InvalidInput, match=message):
        parse(rule)


def test_two_rules_of_one_id_are_refused():
    with pytest.raises(InvalidInput, match=r"code/x\.yaml: one: two rules of one id"):
        parse_rules([GOOD, GOOD], "code/x.yaml", shipped(), {})


@pytest.mark.parametrize("document", [None, 3, {"rule": []}, "text"])
def test_a_document_of_another_shape_is_refused(document):
    with pytest.raises(InvalidInput, match=r"code/x\.yaml: want a list of rules"):
        parse_rules(document, "code/x.yaml", shipped(), {})
