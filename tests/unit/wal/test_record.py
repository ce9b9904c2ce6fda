import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb.types import Hlc
from stemedb.wal.record import (
    RECORD_CANONICAL_BYTES_MAX,
    RESTAMP,
    Record,
    Stop,
    check,
    encode_batch,
    parse,
    record_bytes,
)
from support.records import SIGNATURE, make_record, make_records

records = st.builds(
    Record,
    kind=st.integers(1, 3),
    hlc=st.integers(0, 2**64 - 1).map(Hlc),
    origin=st.text("abcdefghij0123456789-", min_size=1, max_size=32),
    accepted=st.integers(0, 2**64 - 1).map(Hlc),
    canonical=st.binary(min_size=1, max_size=200),
    signature=st.sampled_from([b"", SIGNATURE]),
)


@given(st.lists(records, max_size=8), st.integers(0, 1000).map(lambda n: n * 8), st.integers(0, 1000))
def test_what_is_encoded_is_parsed(batch, offset, number):
    batch.sort(key=lambda record: record.accepted)
    data, offsets = encode_batch(batch, offset, number)
    found = parse(data, offset, number, 100)
    assert (found.records, found.offsets, found.stop) == (batch, offsets, Stop.LIMIT)
    assert found.stop_offset == offset + len(data)
    assert found.next_number == number + len(batch)
    assert all(o % 8 == 0 for o in offsets)
    assert len(data) == sum(map(record_bytes, batch))


def test_parsing_stops_at_the_wanted_number():
    data, offsets = encode_batch(make_records(0, 5), 40, 0)
    found = parse(data, 40, 0, 2)
    assert found.records == make_records(0, 2)
    assert (found.stop, found.stop_offset) == (Stop.LIMIT, offsets[2])


@pytest.mark.parametrize("zeros", [1, 7, 8, 39, 40, 4096])
def test_zeros_are_the_end(zeros):
    data, _ = encode_batch(make_records(0, 2), 40, 0)
    found = parse(data + bytes(zeros), 40, 0, 100)
    assert (len(found.records), found.stop, found.stop_offset) == (2, Stop.END, 40 + len(data))


def test_every_truncation_asks_for_more_or_ends_exactly():
    data, offsets = encode_batch(make_records(0, 4), 0, 0)
    for length in range(len(data)):
        found = parse(data[:length], 0, 0, 100)
        whole = sum(end <= length for end in [*offsets[1:], len(data)])
        assert len(found.records) == whole
        assert found.stop is (Stop.LIMIT if length in offsets else Stop.MORE)


def test_every_flipped_bit_is_noticed():
    data, offsets = encode_batch(make_records(0, 4), 0, 0)
    for at in range(len(data)):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
            found = parse(flipped, 0, 0, 100)
            damaged = max(i for i, offset in enumerate(offsets) if offset <= at)
            assert found.records == make_records(0, damaged)
            assert found.stop in {Stop.DAMAGE, Stop.MORE}


def test_a_sound_record_in_the_wrong_place_is_damage():
    first, _ = encode_batch(make_records(0, 1), 40, 0)
    moved = parse(first, 48, 1, 10)
    assert (moved.stop, moved.reason) == (Stop.DAMAGE, "record number: got 0, want 1")
    late, _ = encode_batch(make_records(0, 1), 80, 0)
    assert parse(late, 40, 0, 10).reason == "batch offset: got 80, want at most 40"
    backwards, _ = encode_batch([make_record(5), make_record(4)], 40, 0)
    assert parse(backwards, 40, 0, 10).reason == "accepted: got 1004, want at least 1005"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": 0}, "kind: got 0"),
        ({"kind": 4}, "kind: got 4"),
        ({"origin": ""}, "origin"),
        ({"origin": "ä"}, "origin"),
        ({"origin": "a" * 33}, "origin"),
        ({"canonical": b""}, "canonical: got 0 bytes"),
        ({"canonical": bytes(RECORD_CANONICAL_BYTES_MAX + 1)}, "canonical: got"),
        ({"signature": b"x"}, "signature: got 1 bytes, want 0 or 96"),
        ({"kind": RESTAMP, "canonical": bytes(31)}, "restamp: got 31 bytes and a signature of 0"),
        ({"kind": RESTAMP, "canonical": bytes(32), "signature": SIGNATURE}, "a signature of 96, want an id"),
    ],
)
def test_what_cannot_be_written_is_misuse(change, message):
    with pytest.raises(ValueError, match=message):
        check(make_record(0)._replace(**change))


def test_the_largest_record_is_parsed():
    record = make_record(0)._replace(canonical=b"x" * RECORD_CANONICAL_BYTES_MAX)
    check(record)
    data, _ = encode_batch([record], 0, 0)
    assert parse(data, 0, 0, 1).records == [record]


def test_a_restamp_is_an_id_without_a_statement():
    restamp = make_record(0)._replace(kind=RESTAMP, canonical=bytes(range(32)), signature=b"")
    check(restamp)
    data, _ = encode_batch([restamp], 40, 0)
    assert parse(data, 40, 0, 1).records == [restamp]


@pytest.mark.parametrize("change", [{"canonical": bytes(33)}, {"signature": SIGNATURE}])
def test_a_restamp_of_something_else_than_an_id_is_damage(change):
    """Its checksum holds, so only a faulty writer can have made it."""
    restamp = make_record(0)._replace(**{"kind": RESTAMP, "canonical": bytes(32), "signature": b""} | change)
    data, _ = encode_batch([restamp], 40, 0)
    found = parse(data, 40, 0, 1)
    assert (found.stop, found.reason) == (Stop.DAMAGE, "restamp: want an id of 32 bytes and no signature")
