"""However the entries of a history arrive, the map is the same: order, repetition, batching and detours do not matter."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb.crdt import (
    assertion_key,
    decode_key,
    decode_stamp,
    decode_vote,
    encode_stamp,
    encode_vote,
    epoch_key,
    epochs_range,
    join,
    map_entry,
    prefix_ranges,
    subject_range,
    vote_key,
    votes_range,
)
from stemedb.errors import InvalidInput
from stemedb.statements.model import Assertion, Epoch, Source, Text, Vote
from stemedb.statements.paths import ConceptPath
from stemedb.types import Kind, Stamp
from support.effort import examples

few_ids = st.sampled_from([bytes([n]) * 32 for n in (0, 1, 0x2F, 0xFF)])
stamps = st.builds(Stamp, st.integers(0, 3) | st.just(2**64 - 1), st.sampled_from(["a", "a-b", "ab", "b"]))
subjects = st.sampled_from(
    ["s://a", "s://a/b", "s://a/b/c", "s://a/bc", "s://a-b", "s://a0", "t://a", "a", "a/b"]
)
predicates = st.sampled_from(["p", "pq", "p/", "\U0010ffff"])
agents = st.sampled_from(["x", "xy", "\U0010ffff"])
names = st.sampled_from(["e", "ee", "é"])


def claim(subject, predicate):
    return Assertion(
        subject=subject,
        predicate=predicate,
        object=Text("v"),
        confidence=1,
        source=Source(0, "u"),
        lifecycle="approved",
        agent="x",
    )


assertion_entries = st.builds(
    lambda subject, predicate, id_, stamp: map_entry(Kind.ASSERTION, claim(subject, predicate), id_, stamp),
    subjects,
    predicates,
    few_ids,
    stamps,
)
vote_entries = st.builds(
    lambda target, agent, id_, stamp: map_entry(
        Kind.VOTE, Vote(assertion=target.hex(), agent=agent, weight=1), id_, stamp
    ),
    few_ids,
    agents,
    few_ids,
    stamps,
)
epoch_entries = st.builds(
    lambda name, id_, stamp: map_entry(Kind.EPOCH, Epoch(name=name), id_, stamp), names, few_ids, stamps
)
histories = st.lists(assertion_entries | vote_entries | epoch_entries, max_size=30)


def take_in(state, entries):
    for key, value in entries:
        state[key] = join(key, state[key], value) if key in state else value
    return state


def reference(history):
    """What the design's table says, worked out from decoded values and all of the history at once."""
    grouped = {}
    for key, value in history:
        grouped.setdefault(key, []).append(value)
    state = {}
    for key, values in grouped.items():
        if key.startswith(b"v"):
            stamp, vote = max(decode_vote(value) for value in values)
            state[key] = encode_vote(stamp, vote)
        else:
            state[key] = encode_stamp(min(decode_stamp(value) for value in values))
    return state


@given(entry=assertion_entries | vote_entries | epoch_entries, data=st.data())
@settings(max_examples=examples(100), deadline=None)
def test_the_join_is_commutative_associative_and_idempotent(entry, data):
    key, a = entry
    values = (
        st.builds(encode_vote, stamps, few_ids) if key.startswith(b"v") else st.builds(encode_stamp, stamps)
    )
    b, c = data.draw(values), data.draw(values)
    assert join(key, a, b) == join(key, b, a)
    assert join(key, join(key, a, b), c) == join(key, a, join(key, b, c))
    assert join(key, a, a) == a
    assert join(key, a, b) in {a, b}


@given(history=histories, data=st.data())
@settings(max_examples=examples(120), deadline=None)
def test_any_order_with_any_repetition_gives_the_map_of_the_set(history, data):
    again = data.draw(st.lists(st.sampled_from(history), max_size=10)) if history else []
    delivered = data.draw(st.permutations(history + again))
    assert take_in({}, delivered) == reference(history)


@given(history=histories, data=st.data())
@settings(max_examples=examples(120), deadline=None)
def test_batches_joined_on_their_own_first_give_the_same_map(history, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(history)), max_size=4)))
    batches = [history[start:end] for start, end in pairwise([0, *cuts, len(history)])]
    state = {}
    for batch in data.draw(st.permutations(batches)):
        take_in(state, sorted(take_in({}, batch).items()))
    assert state == reference(history)


@given(history=histories, data=st.data())
@settings(max_examples=examples(120), deadline=None)
def test_replicas_that_saw_parts_and_merge_pairwise_end_level(history, data):
    count = data.draw(st.integers(2, 4))
    replicas = [{} for _ in range(count)]
    for entry in history:
        holders = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
        for holder in holders:
            take_in(replicas[holder], [entry])
    pairs = data.draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=6))
    for target, source in pairs:
        take_in(replicas[target], list(replicas[source].items()))
    # Whatever was gossiped so far, one round along the line and back levels all.
    line = [*pairwise(range(count)), *pairwise(reversed(range(count)))]
    for source, target in line:
        take_in(replicas[target], list(replicas[source].items()))
    assert all(replica == reference(history) for replica in replicas)


@given(subject=subjects, predicate=predicates, prefix=subjects, other=predicates, id_=few_ids)
@settings(max_examples=examples(200), deadline=None)
def test_ranges_agree_with_concept_paths(subject, predicate, prefix, other, id_):
    key = assertion_key(subject, predicate, id_)
    here, there = ConceptPath.parse(subject), ConceptPath.parse(prefix)

    def inside(*ranges):
        return sum(start <= key < end for start, end in ranges)

    assert inside(subject_range(prefix)) == (here == there)
    assert inside(subject_range(prefix, other)) == (here == there and predicate == other)
    assert inside(*prefix_ranges(prefix)) == there.is_prefix_of(here)
    assert inside(*prefix_ranges("s://")) == (here.scheme == "s")
    assert not inside(epochs_range(), votes_range(id_))


@given(target=few_ids, other=few_ids, agent=agents, name=names, wanted=names)
@settings(max_examples=examples(100), deadline=None)
def test_votes_and_epochs_are_found_by_their_ranges(target, other, agent, name, wanted):
    start, end = votes_range(other)
    assert (start <= vote_key(target, agent) < end) == (target == other)
    start, end = epochs_range(wanted)
    assert (start <= epoch_key(name, target) < end) == (name == wanted)


@given(
    key=st.binary(max_size=80)
    | st.builds(lambda k, r: k + r, st.sampled_from([b"a", b"v", b"e"]), st.binary())
)
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes_are_a_key_or_refused(key):
    try:
        parts = decode_key(key)
    except InvalidInput:
        return
    remade = {"AssertionKey": assertion_key, "VoteKey": vote_key, "EpochKey": epoch_key}[type(parts).__name__]
    assert remade(*parts) == key
