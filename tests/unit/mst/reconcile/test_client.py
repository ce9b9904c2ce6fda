"""The asking side: what it sends in the plain cases, what a collision costs, and how it meets a file that is compacted."""

import random

import pytest

from stemedb.errors import NotFound
from stemedb.mst import EMPTY_ROOT
from stemedb.mst.reconcile import FULL_BYTES, Reconciliation, answer, gone
from stemedb.mst.reconcile.client import ClientLimits
from stemedb.mst.reconcile.request import Scan, decode_request
from stemedb.storage.tree_file import TreeFile
from support.mst_levels import LEVELS
from support.reconciling import NONCE, REALM, Transcript, assert_exact, pull, reconcile, run, tree_of


def random_map(seed, count):
    rng = random.Random(seed)
    return {rng.randbytes(6): rng.randbytes(4) for _ in range(count)}


def test_equal_roots_need_no_request():
    entries = random_map(1, 500)
    outcome = reconcile(tree_of(entries), tree_of(entries))
    assert outcome.proven
    assert outcome.traffic.requests == 0
    assert list(outcome.changes()) == []


def test_two_empty_maps_need_no_request():
    assert reconcile(tree_of({}), tree_of({})).traffic.rounds == 0


def test_an_empty_remote_needs_no_request_and_all_is_surplus():
    local = tree_of(random_map(1, 500))
    client = Reconciliation(local, EMPTY_ROOT, NONCE)
    assert client.finished
    assert client.requests() == []
    assert_exact(client.outcome, local, tree_of({}))


def test_an_empty_local_map_scans_in_one_round():
    local, remote = tree_of({}), tree_of(random_map(1, 3000))
    transcript = Transcript()
    outcome = reconcile(local, remote, transcript)
    assert_exact(outcome, local, remote)
    assert outcome.traffic.rounds == 1
    assert decode_request(transcript.messages[0][0]).items == [Scan((), None)]


@pytest.mark.parametrize("change", ["added", "changed", "removed"])
def test_one_key_in_many_costs_a_kilobyte_and_few_rounds(change):
    entries = random_map(1, 8000)
    local, remote = tree_of(entries), tree_of(entries)
    for key in random.Random(change).sample(sorted(entries), 8):
        edited = remote if change == "removed" else local
        edited.apply([(key, b"old" if change == "changed" else None)])
        outcome = reconcile(local, remote)
        assert_exact(outcome, local, remote)
        assert outcome.traffic.sent_bytes + outcome.traffic.received_bytes < 2000
        assert outcome.traffic.rounds <= 5
        edited.insert(key, entries[key])


def test_disjoint_maps_are_found_both_ways():
    local, remote = tree_of(random_map(1, 700)), tree_of(random_map(2, 900))
    assert_exact(reconcile(local, remote), local, remote)
    assert_exact(reconcile(remote, local), remote, local)


def test_a_single_key_against_many_and_many_against_a_single_key():
    few, many = tree_of({b"key": b"value"}), tree_of(random_map(2, 3000))
    assert_exact(reconcile(few, many), few, many)
    outcome = reconcile(many, few)
    assert_exact(outcome, many, few)
    assert outcome.traffic.sent_bytes + outcome.traffic.received_bytes < 2000  # 3000 keys are 30,000 bytes


def test_colliding_short_digests_are_repeated_at_full_width():
    """One byte of digest collides in one comparison in 256: among thousands some difference is overlooked at first."""
    ours = random_map(1, 4000)
    theirs = ours | dict.fromkeys(random.Random(2).sample(sorted(ours), 400), b"new")
    local, remote = tree_of(ours), tree_of(theirs)
    transcript = Transcript()
    outcome = reconcile(local, remote, transcript, width=1)
    assert_exact(outcome, local, remote)
    assert outcome.width == FULL_BYTES
    assert {decode_request(request).width for request, _ in transcript.messages} == {1, FULL_BYTES}


def test_collisions_that_contradict_one_another_are_repeated_at_full_width():
    for seed in range(30):
        ours, theirs = random_map(seed, 60), random_map(seed + 1000, 60)
        local, remote = tree_of(ours, LEVELS["flat"]), tree_of(theirs, LEVELS["flat"])
        assert_exact(reconcile(local, remote, width=1), local, remote)


def test_a_root_that_vanishes_between_rounds_is_not_found_and_the_new_one_is_reached():
    ours = random_map(1, 3000)
    theirs = ours | random_map(2, 50)
    local, before, after = tree_of(ours), tree_of(theirs), tree_of(theirs | random_map(3, 50))
    client = Reconciliation(local, before.root_digest, NONCE)
    for index, request in enumerate(client.requests()):
        client.fold(index, answer(before, request))
    requests = client.requests()
    assert answer(after, requests[0]) == gone()
    with pytest.raises(NotFound):
        client.fold(0, answer(after, requests[0]))
    assert_exact(reconcile(local, after), local, after)


def test_replicas_in_files_with_a_small_cache_converge(tmp_path):
    def join(_key, old, new):
        return min(old, new)

    entries = random_map(1, 2000)
    files = []
    for name, own in (("left", random_map(2, 150)), ("right", random_map(3, 150))):
        file = TreeFile.open(tmp_path / name, REALM, writable=True, create=True, cache_bytes=20_000)
        file.tree.merge(
            [*entries.items(), *own.items(), *dict.fromkeys(sorted(entries)[:40], name.encode()).items()]
        )
        file.commit()
        files.append(file)
    left, right = files
    snapshots = [file.snapshot() for file in files]
    outcomes = [reconcile(*snapshots), reconcile(*reversed(snapshots))]
    assert_exact(outcomes[0], *snapshots)
    for file, outcome in zip(files, outcomes, strict=True):
        assert pull(file.tree, outcome, join) == 190 - 40 * (file is left)
        file.commit()
    assert left.tree.root_digest == right.tree.root_digest
    assert reconcile(left.snapshot(), right.snapshot()).traffic.requests == 0
    for file in files:
        file.close()


def test_the_snapshot_is_not_changed_by_proving(tmp_path):
    ours = random_map(1, 800)
    local, remote = tree_of(ours), tree_of(random_map(2, 800))
    root = local.root
    outcome = reconcile(local, remote)
    assert local.root is root
    assert dict(local.items()) == ours
    assert_exact(outcome, local, remote)


def test_surplus_without_end_is_kept_as_regions_and_proven_unread():
    """Where the remote has nothing at all, what we hold there is not even looked at until somebody asks."""
    ours = random_map(1, 5000)
    theirs = {key: value for key, value in ours.items() if key < b"\x08" or key > b"\xf8"}
    local, remote = tree_of(ours), tree_of(theirs)
    limits = ClientLimits(differences=2000)
    outcome = reconcile(local, remote, limits=limits)
    assert_exact(outcome, local, remote)
    assert len(list(outcome.surplus())) > 4000


def test_many_differences_are_pulled_in_several_proven_or_partial_steps():
    ours, theirs = random_map(1, 300), random_map(2, 6000)
    local, remote = tree_of(ours), tree_of(ours | theirs)
    limits = ClientLimits(differences=500, requests_per_round=1, request_bytes=2000)
    steps = 0
    while local.root_digest != remote.root_digest:
        outcome = reconcile(local, remote, limits=limits)
        assert outcome.missing
        pull(local, outcome, lambda _key, _old, new: new)
        steps += 1
        assert steps < 40
    assert steps > 1


def test_requests_of_a_round_may_be_answered_in_any_order_by_any_peer_with_the_root():
    local, remote = tree_of(random_map(1, 3000)), tree_of(random_map(1, 3000) | random_map(5, 300))
    limits = ClientLimits(request_bytes=1500)
    client = Reconciliation(local, remote.root_digest, NONCE, limits=limits)
    mirror = tree_of(dict(remote.items()))
    turn = iter(range(1 << 20))
    outcome = run(client, lambda request: answer((remote, mirror)[next(turn) % 2], request))
    assert_exact(outcome, local, remote)
    assert outcome.traffic.requests > outcome.traffic.rounds
