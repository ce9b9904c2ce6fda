"""SARIF 2.1.0: what the standard and GitHub ask for."""

import json
import re

from stemedb_analysis.model import Hop, Span
from stemedb_analysis.report import sarif
from support.reporting import HOSTILE, item, report


def run_of(made):
    log = json.loads(sarif.render(made))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def test_a_result_has_place_level_fingerprints_and_rank():
    (result,) = run_of(report(item()))["results"]
    assert result["level"] == "error"
    assert result["ruleId"] == "tls-verify"
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "shop/client.py", "uriBaseId": "SRCROOT", "index": 0}
    assert physical["region"] == {
        "startLine": 5,
        "startColumn": 9,
        "endLine": 5,
        "endColumn": 40,
        "snippet": {"text": "\treturn requests.get(url, verify=False)"},
    }
    assert physical["contextRegion"]["startLine"] == 3
    assert re.fullmatch(r"[0-9a-f]{1,16}:1", result["partialFingerprints"]["primaryLocationLineHash"])
    assert result["rank"] == 86.0
    assert "RFC 9110" in result["message"]["text"]


def test_a_rule_has_help_level_tags_precision_and_severity():
    (rule,) = run_of(report(item()))["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"]["precision"] == "high"
    assert (rule["properties"]["measuredPrecision"], rule["properties"]["measuredOn"]) == (0.973, 37)
    assert "precision 0.97 of 37 (3 its own); 16 look-alikes spared" in rule["help"]["text"]
    assert rule["properties"]["security-severity"] == "7.2"
    assert rule["properties"]["tags"] == ["security", "tls", "external/cwe/cwe-295"]
    assert "[RFC 9110 §4.3.4](https://www.rfc-editor.org/" in rule["help"]["markdown"]
    for member in ("shortDescription", "fullDescription"):
        assert rule[member]["text"].endswith(".")
    assert rule["helpUri"].startswith("https://")


def test_columns_are_characters():
    assert run_of(report(item()))["columnKind"] == "unicodeCodePoints"


def test_what_was_set_aside_is_there_with_its_reason():
    inline, acknowledged, open_ = run_of(
        report(
            item("inline", acknowledged="the lab"),
            item("acknowledged", acknowledged="accepted (ann)", span=Span(5, 10, 5, 40)),
            item(span=Span(5, 11, 5, 40)),
        )
    )["results"]
    assert inline["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "the lab"}]
    assert acknowledged["suppressions"][0]["kind"] == "external"
    assert open_["suppressions"] == []


def test_states_are_told_only_where_there_was_a_baseline():
    assert "baselineState" not in run_of(report(item()))["results"][0]
    new, known = run_of(report(item(), item(state="unchanged"), is_compared=True))["results"]
    assert (new["baselineState"], known["baselineState"]) == ("new", "unchanged")


def test_the_way_from_source_to_sink_is_a_code_flow():
    (result,) = run_of(report(item(hops=(Hop(4, 11, "url"), Hop(5, 9, "get")))))["results"]
    (thread,) = result["codeFlows"][0]["threadFlows"]
    assert [one["location"]["physicalLocation"]["region"]["startLine"] for one in thread["locations"]] == [
        4,
        5,
    ]


def test_names_of_files_are_addresses():
    run = run_of(report(HOSTILE))
    assert run["artifacts"][0]["location"]["uri"] == "shop/%3Cb%3E%26%22%27.py"


def test_what_could_not_be_scanned_is_a_notification():
    (note,) = run_of(report())["invocations"][0]["toolExecutionNotifications"]
    assert "too large" in note["message"]["text"]


def test_every_index_points_at_what_it_names():
    run = run_of(report(item(), HOSTILE, item(rule="other", file="b.py")))
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    files = [artifact["location"]["uri"] for artifact in run["artifacts"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert files[place["index"]] == place["uri"]
