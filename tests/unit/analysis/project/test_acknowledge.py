"""Acknowledgements: what they cover, how long, and that they are assertions."""

from datetime import date

import pytest

from stemedb.errors import InvalidInput
from stemedb.statements import canonical_bytes, parse
from stemedb_analysis.model import PROJECT, Span
from stemedb_analysis.project import acknowledge as ack
from stemedb_analysis.project.acknowledge import Acknowledgement
from stemedb_analysis.project.baseline import Key
from support.reporting import finding

TODAY = date(2026, 11, 20)
ONE = Acknowledgement("path", "tls/cert_verification", "a lab", "ann", "tls/cert_verification")


def is_covered(one, **changes):
    _, closed = ack.acknowledge([finding(**changes)], [one], TODAY)
    return bool(closed)


@pytest.mark.parametrize(
    ("one", "covered"),
    [
        (ONE, True),
        (ONE._replace(what="tls/min_version"), False),
        (ONE._replace(scope="rule", what="tls-verify"), True),
        (ONE._replace(scope="rule", what="tls/cert_verification"), False),
        (ONE._replace(scope="finding", what=Key.of(finding().observation).fingerprint), True),
        (ONE._replace(scope="finding", what="0" * 16), False),
        (ONE._replace(file="shop/client.py"), True),
        (ONE._replace(file="shop"), True),
        (ONE._replace(file="sho"), False),
        (ONE._replace(until=TODAY), True),
        (ONE._replace(until=date(2026, 11, 19)), False),
    ],
)
def test_what_it_covers(one, covered):
    assert is_covered(one) is covered


def test_the_reason_tells_who_and_until_when():
    _, (closed,) = ack.acknowledge([finding()], [ONE._replace(until=TODAY)], TODAY)
    assert closed.acknowledged == "a lab (ann, until 2026-11-20)"


@pytest.mark.parametrize("one", [ONE, ONE._replace(scope="rule", what="r", file="a/b.py", until=TODAY)])
def test_it_is_an_assertion_and_back(one):
    parsed = parse(canonical_bytes(ack.statement(one, "shop")))
    assert ack.read(parsed.statement, "place") == one


KNOWN = {"tls-verify", "tls/cert_verification", "hash-algorithm"}
OWN = ONE._replace(line=3, written='{"agent":"ann"}')


def told(*accepted, findings=None, is_whole=True):
    said = ack.complaints(
        [finding()] if findings is None else findings, accepted, TODAY, KNOWN, is_whole=is_whole
    )
    return [(one.observation.rule, one.observation.value) for one in said]


def test_one_that_covers_something_and_is_not_over_is_not_told():
    assert told(OWN) == []


def test_one_that_covers_nothing_is_told_at_its_line():
    assert told(OWN, findings=[]) == [
        ("acknowledgement-unused", "covers nothing: path tls/cert_verification")
    ]
    (one,) = ack.complaints([finding("PASS", 0.1)], [OWN], TODAY, KNOWN, is_whole=True)
    assert (one.verdict, one.observation.file) == ("FLAG", ".stemedb/acknowledgements.ndjson")
    assert one.observation.span == Span(3, 1, 3, 16)
    assert one.observation.text == OWN.written


def test_one_whose_rule_is_gone_says_so_with_the_nearest():
    gone = OWN._replace(scope="rule", what="hash-algoritm", file="a.py")
    assert told(gone) == [
        (
            "acknowledgement-unused",
            "covers nothing: rule hash-algoritm in a.py, and there is no such rule; nearest: hash-algorithm",
        )
    ]


def test_one_that_is_over_is_told_whether_or_not_it_would_cover_something():
    over = OWN._replace(until=date(2026, 11, 19))
    said = [("acknowledgement-expired", "was good until 2026-11-19: path tls/cert_verification")]
    assert told(over) == said
    assert told(over, findings=[]) == said


def test_a_part_of_a_project_tells_only_why_a_finding_is_back():
    over = OWN._replace(until=date(2026, 11, 19))
    assert told(OWN, over, findings=[], is_whole=False) == []
    assert [rule for rule, _ in told(OWN, over, is_whole=False)] == ["acknowledgement-expired"]


def test_what_a_pack_accepts_may_be_for_another_project():
    assert told(ONE, ONE._replace(until=date(2026, 11, 19)), findings=[]) == []
    (one,) = ack.complaints(
        [finding()], [ONE._replace(until=date(2026, 11, 19))], TODAY, KNOWN, is_whole=True
    )
    assert (one.observation.rule, one.observation.file) == ("acknowledgement-expired", PROJECT)


def test_two_that_cover_the_same_are_both_of_use():
    assert told(OWN, OWN._replace(scope="rule", what="tls-verify", line=4)) == []


def test_what_is_read_knows_its_line(tmp_path):
    for what in ("b", "a"):
        ack.add(tmp_path / ".stemedb", ack.statement(ONE._replace(what=what), "shop"))
    lines = (tmp_path / ".stemedb" / ack.NAME).read_text().splitlines()
    assert [(one.line, one.written) for one in ack.load(tmp_path / ".stemedb")] == list(enumerate(lines, 1))


def test_the_file_is_sorted_and_says_a_thing_once(tmp_path):
    for what in ("b", "a", "b"):
        ack.add(tmp_path / ".stemedb", ack.statement(ONE._replace(what=what), "shop"))
    assert [one.what for one in ack.load(tmp_path / ".stemedb")] == ["a", "b"]


def test_no_file_accepts_nothing(tmp_path):
    assert ack.load(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [("{", "line 1"), ('{"kind":"epoch","name":"x"}', "is no assertion"), ("null", "line 1")],
)
def test_a_line_that_is_none_is_refused_with_its_place(tmp_path, line, reason):
    (tmp_path / ack.NAME).write_text(line)
    with pytest.raises(InvalidInput, match=reason):
        ack.load(tmp_path)


def test_another_assertion_is_refused(tmp_path):
    other = ack.statement(ONE, "shop")
    (tmp_path / ack.NAME).write_bytes(canonical_bytes(other).replace(b'"acknowledged"', b'"other"'))
    with pytest.raises(InvalidInput, match="is no acknowledgement"):
        ack.load(tmp_path)
