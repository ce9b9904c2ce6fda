"""The store: bodies in, receipts and refusals out, in order, without a bus."""

import pytest

from stemedb.clocks import pack
from stemedb.clocks.hlc import DRIFT_MS_MAX
from stemedb.errors import Locked, WrongReplica
from stemedb.ledger import Receipt
from stemedb.statements import SigningPolicy, parse
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Kind, Stamp
from stemedb_ingest.store import Body, Bundle, Canonical, Refusal, Store
from support.publishing import assertion, epoch, line, lines

NOW = 1_700_000_000_000


@pytest.fixture
def store(tmp_path):
    made = Store.open(tmp_path, "unit", SigningPolicy(), NOW)
    yield made
    made.close()


def test_a_missing_directory_becomes_a_replica_and_is_opened_again(tmp_path):
    for expected in (0, 1):
        store = Store.open(tmp_path, "unit", SigningPolicy(), NOW)
        assert store.state().size == expected
        store.commit([Body(line(assertion(1)), None)], NOW)
        store.close()


def test_another_replica_and_a_second_writer_are_refused(store, tmp_path):
    with pytest.raises(WrongReplica):
        Store.open(tmp_path, "other", SigningPolicy(), NOW)
    with pytest.raises(Locked):
        Store.open(tmp_path, "unit", SigningPolicy(), NOW)


def test_a_new_replica_takes_the_realm_it_is_given_and_keeps_it(tmp_path):
    realm, other = bytes(range(32)), bytes(32)
    Store.open(tmp_path, "unit", SigningPolicy(), NOW, realm).close()
    assert ReplicaDirectory.open(tmp_path).realm == realm
    for wanted in (realm, None):
        Store.open(tmp_path, "unit", SigningPolicy(), NOW, wanted).close()
    with pytest.raises(WrongReplica, match="STEMEDB_REALM_KEY"):
        Store.open(tmp_path, "unit", SigningPolicy(), NOW, other)
    assert ReplicaDirectory.open(tmp_path).realm == realm


def test_outcomes_follow_the_order_of_each_body(store):
    mixed = b"\n".join([b"{}", line(assertion(1)), b"x", line(assertion(2)), b"[]"])
    commit = store.commit([Body(line(assertion(0)), None), Body(mixed, None), Body(b"", None)], NOW)
    assert [type(o) for o in commit.outcomes(0)] == [Receipt]
    assert [type(o) for o in commit.outcomes(1)] == [Refusal, Receipt, Refusal, Receipt, Refusal]
    assert [o.line for o in commit.outcomes(1) if isinstance(o, Refusal)] == [0, 2, 4]
    assert [o.original for o in commit.outcomes(2)] == [b""]
    assert [o.index for o in commit.outcomes(1) if isinstance(o, Receipt)] == [1, 2]
    assert (commit.before, commit.size) == (0, 3)
    assert commit.root == store.state().root


def test_counts_tell_kind_and_outcome(store):
    store.commit([Body(line(assertion(0)), None)], NOW)
    works = [
        Body(lines([assertion(0), assertion(1), assertion(1)]), Kind.ASSERTION),
        Body(line(epoch("e")), Kind.EPOCH),
        Body(b"{}", Kind.VOTE),
        Body(b"{}", None),
    ]
    counts = store.commit(works, NOW).counts
    assert {pair: count for pair, count in counts.items() if count} == {
        ("assertion", "accepted"): 1,
        ("assertion", "duplicate"): 2,
        ("epoch", "accepted"): 1,
        ("vote", "rejected"): 1,
        ("unknown", "rejected"): 1,
    }


def test_nothing_to_take_in_changes_nothing(store):
    commit = store.commit([Body(b"{}", None)], NOW)
    assert (commit.before, commit.size, list(commit.receipts)) == (0, 0, [])


def test_the_body_of_another_kind_than_its_subject_is_refused(store):
    [refusal] = store.commit([Body(line(epoch("e")), Kind.VOTE)], NOW).outcomes(0)
    assert isinstance(refusal, Refusal)


def test_a_policy_that_asks_for_signatures_is_asked_of_bodies_and_bundles(tmp_path):
    store = Store.open(tmp_path, "unit", SigningPolicy(required=True), NOW)
    canonical = parse(line(assertion(1))).canonical
    works = [Body(line(assertion(1)), None), Bundle([Canonical(canonical, b"", None)])]
    commit = store.commit(works, NOW)
    store.close()
    assert [next(commit.outcomes(position)).field for position in (0, 1)] == ["signature", "signature"]
    assert commit.size == 0


def test_one_stamp_too_far_ahead_does_not_stop_the_others(store):
    canonical = [parse(line(assertion(i))).canonical for i in range(3)]
    ahead = Stamp(pack(NOW + DRIFT_MS_MAX + 1, 0), "far")
    just = Stamp(pack(NOW + DRIFT_MS_MAX, 0), "far")
    bundle = Bundle(
        [
            Canonical(canonical[0], b"", ahead),
            Canonical(canonical[1], b"", just),
            Canonical(canonical[2], b"", None),
        ]
    )
    first, second, third = store.commit([bundle], NOW).outcomes(0)
    assert (first.code, first.field) == ("clock_drift", "stamp")
    assert second.stamp == just
    assert third.stamp.origin == "unit"
    assert third.stamp > second.stamp
