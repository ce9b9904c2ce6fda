"""Subjects: the table of the protocol, and names that cannot break out of their token."""

import pytest

from stemedb.bus.subjects import GOSSIP, Subjects
from stemedb.errors import InvalidInput
from stemedb.types import Kind


def test_the_subjects_are_those_of_the_protocol():
    s = Subjects("alpha-1")
    assert [s.assert_, s.vote, s.epoch, s.rejected, s.append, s.replicate, s.status] == [
        "stemedb.v1.alpha-1.assert",
        "stemedb.v1.alpha-1.vote",
        "stemedb.v1.alpha-1.epoch",
        "stemedb.v1.alpha-1.rejected",
        "stemedb.v1.alpha-1.ingest.append",
        "stemedb.v1.alpha-1.ingest.replicate",
        "stemedb.v1.alpha-1.ingest.status",
    ]
    assert [s.committed, s.indexed, s.get, s.query, s.prove, s.root] == [
        "stemedb.v1.alpha-1.event.committed",
        "stemedb.v1.alpha-1.event.indexed",
        "stemedb.v1.alpha-1.index.get",
        "stemedb.v1.alpha-1.index.query",
        "stemedb.v1.alpha-1.index.prove",
        "stemedb.v1.alpha-1.index.root",
    ]
    assert [s.digest, s.range, s.fetch, s.consistency, s.subtree, s.control] == [
        "stemedb.v1.alpha-1.sync.digest",
        "stemedb.v1.alpha-1.sync.range",
        "stemedb.v1.alpha-1.sync.fetch",
        "stemedb.v1.alpha-1.sync.consistency",
        "stemedb.v1.alpha-1.sync.subtree",
        "stemedb.v1.alpha-1.sync.control",
    ]
    assert GOSSIP == "stemedb.v1.digest"
    assert (s.intake_stream, s.rejected_stream) == ("STEMEDB_alpha-1_INTAKE", "STEMEDB_alpha-1_REJECTED")


def test_each_intake_subject_takes_one_kind():
    s = Subjects("a")
    assert s.intake == {s.assert_: Kind.ASSERTION, s.vote: Kind.VOTE, s.epoch: Kind.EPOCH}


@pytest.mark.parametrize("name", ["", "A", "a.b", "a*", ">", "a b", "-a", "a" * 33, "a\n", "ä"])
def test_a_name_that_is_no_token_is_refused(name):
    with pytest.raises(InvalidInput) as caught:
        Subjects(name)
    assert caught.value.field == "replica"
