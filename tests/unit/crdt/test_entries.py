"""The batch function makes what the careful single functions make."""

from stemedb.crdt import (
    assertion_key,
    encode_stamp,
    encode_vote,
    epoch_key,
    map_entries,
    map_entry,
    vote_key,
)
from stemedb.statements.model import Assertion, Epoch, Source, Text, Vote
from stemedb.types import Kind, Stamp

A, V, E, TARGET = (bytes([letter]) * 32 for letter in b"AVET")
STAMP = Stamp(77 << 16, "north")


def claim(subject, predicate="license"):
    return Assertion(
        subject=subject,
        predicate=predicate,
        object=Text("MIT"),
        confidence=1,
        source=Source(2, "https://example.org"),
        lifecycle="approved",
        agent="alice",
    )


VOTE = Vote(assertion=TARGET.hex(), agent="bøb", weight=1)
EPOCH = Epoch(name="audit")


def test_a_batch_gives_what_the_single_functions_give_in_the_same_order():
    items = [
        (Kind.VOTE, VOTE, V, STAMP),
        (Kind.ASSERTION, claim("pkg://pypi/blake3"), A, STAMP),
        (Kind.ASSERTION, claim("coffee", "größe"), A, STAMP),
        (Kind.EPOCH, EPOCH, E, STAMP),
        (Kind.VOTE, VOTE, V, STAMP),
    ]
    vote = (vote_key(TARGET, "bøb"), encode_vote(STAMP, V))
    assert map_entries(items) == [
        vote,
        (assertion_key("pkg://pypi/blake3", "license", A), encode_stamp(STAMP)),
        (assertion_key("coffee", "größe", A), encode_stamp(STAMP)),
        (epoch_key("audit", E), encode_stamp(STAMP)),
        vote,
    ]
    assert [map_entry(*item) for item in items] == map_entries(items)


def test_an_empty_batch_gives_nothing():
    assert map_entries([]) == []
