"""Values and the join."""

from itertools import product

import pytest

from stemedb.clocks import HLC_MAX, pack
from stemedb.crdt import (
    VALUE_BYTES_MAX,
    VoteValue,
    assertion_key,
    decode_stamp,
    decode_vote,
    encode_stamp,
    encode_vote,
    epoch_key,
    join,
    vote_key,
)
from stemedb.errors import InvalidInput
from stemedb.types import Stamp

ID = bytes(range(32))
LOW, HIGH = bytes(32), b"\xff" * 32
EARLY, LATE = Stamp(pack(10, 0), "north"), Stamp(pack(10, 1), "east")


def test_stamps_survive_encoding():
    for stamp in (EARLY, LATE, Stamp(0, "a"), Stamp(HLC_MAX, "z" * 32)):
        assert decode_stamp(encode_stamp(stamp)) == stamp
        assert decode_vote(encode_vote(stamp, ID)) == VoteValue(stamp, ID)
        assert len(encode_vote(stamp, ID)) <= VALUE_BYTES_MAX


def test_bytes_sort_as_stamps_do():
    stamps = [
        Stamp(h, o) for h in (0, 1, 255, 256, HLC_MAX) for o in ("0", "a", "a-", "a-b", "a0", "ab", "b")
    ]
    for one, other in product(stamps, stamps):
        assert (one < other) == (encode_stamp(one) < encode_stamp(other))
        assert (one < other) <= (encode_vote(one, HIGH) < encode_vote(other, LOW))


@pytest.mark.parametrize("origin", ["", "-a", "A", "a_b", "a" * 33, "ä", "a\x00"])
def test_an_origin_that_is_no_replica_name_is_refused(origin):
    with pytest.raises(ValueError, match=r"stamp: origin: got .*, want"):
        encode_stamp(Stamp(1, origin))
    with pytest.raises(InvalidInput):
        decode_stamp(bytes(8) + origin.encode())


@pytest.mark.parametrize("hlc", [-1, HLC_MAX + 1])
def test_a_clock_beyond_its_bits_is_refused(hlc):
    with pytest.raises(ValueError, match=r"stamp: hlc: got .*, want 0\.\."):
        encode_stamp(Stamp(hlc, "north"))


@pytest.mark.parametrize(
    "value",
    [
        b"",
        ID,
        b"\x00" + ID,
        bytes(8) + b"\x00" + ID,
        bytes(8) + b"north" + b"\x01" + ID,
        bytes(8) + b"north" + b"\x00" + ID[:31],
        bytes(8) + b"no\x00th" + b"\x00" + ID,
    ],
)
def test_bytes_that_are_no_vote_value_are_refused(value):
    with pytest.raises(InvalidInput, match=r"vote value|stamp"):
        decode_vote(value)


def test_a_vote_needs_an_id_of_32_bytes():
    with pytest.raises(ValueError, match="vote id: got 31 bytes, want 32"):
        encode_vote(EARLY, ID[:31])


@pytest.mark.parametrize("key", [assertion_key("a://b", "p", ID), epoch_key("e", ID)])
def test_assertions_and_epochs_count_from_their_first_acceptance(key):
    early, late = encode_stamp(EARLY), encode_stamp(LATE)
    assert join(key, early, late) == join(key, late, early) == early


def test_the_last_vote_lives():
    key = vote_key(ID, "alice")
    early, late = encode_vote(EARLY, HIGH), encode_vote(LATE, LOW)
    assert join(key, early, late) == join(key, late, early) == late


def test_two_votes_with_one_stamp_are_settled_by_the_larger_id():
    key = vote_key(ID, "alice")
    assert join(key, encode_vote(EARLY, LOW), encode_vote(EARLY, HIGH)) == encode_vote(EARLY, HIGH)


@pytest.mark.parametrize("key", [b"", b"x", b"\x00"])
def test_a_key_of_no_kind_has_no_join(key):
    with pytest.raises(InvalidInput, match="want a, v or e"):
        join(key, b"1", b"2")
