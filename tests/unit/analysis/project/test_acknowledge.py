"""Acknowledgements: what they cover, how long, and that they are assertions."""

from datetime import date

import pytest

from stemedb.errors import InvalidInput
from stemedb.statements import canonical_bytes, parse
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
