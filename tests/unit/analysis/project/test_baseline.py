"""A baseline knows findings by their statements, whatever line they move to."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb.errors import InvalidInput
from stemedb_analysis.model import Span
from stemedb_analysis.project.baseline import Baseline, Key, compare, decode, encode, load, record
from support.reporting import finding

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
keys = st.builds(Key, texts, texts, texts, texts)


def states(findings, baseline):
    return [one.state for one in compare(findings, baseline)[0]]


def test_what_was_recorded_is_unchanged_wherever_it_moves():
    known = record([finding()])
    assert states([finding(span=Span(99, 1, 99, 5))], known) == ["unchanged"]


@pytest.mark.parametrize("change", [{"file": "b.py"}, {"path": "a/b"}, {"rule": "r"}, {"statement": "1"}])
def test_another_file_path_rule_or_statement_is_new(change):
    assert states([finding(**change)], record([finding()])) == ["new"]


def test_of_equal_findings_as_many_as_were_known_are():
    assert states([finding()] * 3, record([finding()] * 2)) == ["unchanged", "unchanged", "new"]


def test_what_is_no_more_is_gone_with_its_count():
    _, gone = compare([finding()], record([finding()] * 3 + [finding(statement="1")]))
    assert sorted(gone.values()) == [1, 2]


def test_the_file_is_sorted_and_one_entry_a_line():
    lines = encode(record([finding(file=name) for name in "cab"])).splitlines()
    assert [json.loads(line.rstrip(","))["file"] for line in lines[1:-1]] == ["a", "b", "c"]
    assert "line" not in json.loads(lines[1].rstrip(","))


@given(st.dictionaries(keys, st.integers(1, 5), max_size=6))
def test_what_is_written_is_read_again(counts):
    baseline = Counter(counts)
    assert decode(encode(baseline)) == baseline
    assert encode(decode(encode(baseline))) == encode(baseline)


def test_an_empty_baseline_is_one_too():
    assert decode(encode(Baseline())) == Baseline()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<<<<<<< HEAD", "merge left half done"),
        ("[]", "no baseline"),
        ('{"format": "stemedb/baseline/2"}', "want the format"),
        ('{"format": "stemedb/baseline/1"}', "want a list"),
        ('{"format": "stemedb/baseline/1", "findings": [{"file": "a"}]}', "entry 1: want the members"),
        (
            '{"format": "stemedb/baseline/1", "findings": [{"file": "a", "path": "b", "rule": "c", "statement": "d", "count": 0}]}',
            "count of 1 or more",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_place(text, reason):
    with pytest.raises(InvalidInput, match=reason):
        decode(text)


def test_a_fingerprint_is_the_key_s_own():
    one = Key("a", "b", "c", "d")
    assert one.fingerprint == Key("a", "b", "c", "d").fingerprint
    assert (
        len(
            {
                one.fingerprint,
                one._replace(file="ab", path="").fingerprint,
                Key("b", "a", "c", "d").fingerprint,
            }
        )
        == 3
    )


def test_a_file_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("stemedb_analysis.project.baseline.BASELINE_BYTES_MAX", 10)
    (tmp_path / "b.json").write_text(encode(Baseline()))
    with pytest.raises(InvalidInput, match="more than 10 bytes"):
        load(tmp_path / "b.json")
