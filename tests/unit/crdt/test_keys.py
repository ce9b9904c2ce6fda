"""Keys: layouts taken apart and put together, ranges that hold exactly what they name."""

import pytest

from stemedb.crdt import (
    KEY_BYTES_MAX,
    AssertionKey,
    EpochKey,
    VoteKey,
    assertion_key,
    decode_key,
    epoch_key,
    epochs_range,
    prefix_ranges,
    subject_range,
    vote_key,
    votes_range,
)
from stemedb.errors import InvalidInput, InvalidPath
from stemedb.statements import limits

ID = bytes(range(32))
ZEROS = bytes(32)
ONES = b"\xff" * 32


def holds(ranges, key):
    return any(start <= key < end for start, end in ranges)


@pytest.mark.parametrize("id_", [ID, ZEROS, ONES])
def test_decode_undoes_every_key_function(id_):
    assert decode_key(assertion_key("rfc://7519/aud", "müss", id_)) == AssertionKey(
        "rfc://7519/aud", "müss", id_
    )
    assert decode_key(vote_key(id_, "алиса")) == VoteKey(id_, "алиса")
    assert decode_key(epoch_key("後量子", id_)) == EpochKey("後量子", id_)


def test_a_bare_subject_stands_under_custom():
    assert assertion_key("coffee/strength", "is", ID) == assertion_key("custom://coffee/strength", "is", ID)
    assert decode_key(assertion_key("coffee", "is", ID)).subject == "custom://coffee"


def test_the_subject_of_a_key_can_be_asked_for():
    """The longest bare subject grows by its scheme, and must still be a subject then."""
    key = assertion_key("x" * 1_015, "is", ID)
    assert holds([subject_range(decode_key(key).subject)], key)


def test_names_cannot_run_into_one_another():
    assert assertion_key("a://b", "cd", ID) != assertion_key("a://bc", "d", ID)
    assert vote_key(ID, "ab")[33:] == b"ab"


def test_the_longest_names_fit_a_key():
    wide = "\U0001f600"
    subject = "wide://" + wide * ((limits.SUBJECT_BYTES_MAX - 7) // 4)
    assert len(assertion_key(subject, wide * limits.PREDICATE_LENGTH_MAX, ID)) <= KEY_BYTES_MAX
    assert len(vote_key(ID, wide * limits.AGENT_LENGTH_MAX)) <= KEY_BYTES_MAX
    assert len(epoch_key(wide * limits.EPOCH_NAME_LENGTH_MAX, ID)) <= KEY_BYTES_MAX


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (b"", "first byte none"),
        (b"x" + ID, "first byte 78"),
        (b"a", "want names, 00 and a 32-byte id"),
        (b"a" + b"\x00" + ID, "want a subject, 00 and a predicate"),
        (b"a" + b"s://x" + b"\x00" + ID, "want a subject, 00 and a predicate"),
        (b"a" + b"s://x\x00p\x00q" + b"\x00" + ID, "want a subject, 00 and a predicate"),
        (b"a" + b"s://x\x00p" + b"\x01" + ID, "want names, 00 and a 32-byte id"),
        (b"a" + b"s://x\x00" + b"\x00" + ID, "predicate: got nothing"),
        (b"a" + b"\x00p" + b"\x00" + ID, "subject: got nothing"),
        (b"a" + b"bare\x00p" + b"\x00" + ID, "subject: got 'bare', want scheme://path"),
        (b"a" + b"://x\x00p" + b"\x00" + ID, "subject: got '://x', want scheme://path"),
        (b"a" + b"S://x\x00p" + b"\x00" + ID, "subject: got 'S://x', want scheme://path"),
        (b"a" + b"s://x//y\x00p" + b"\x00" + ID, "subject: got 's://x//y', want scheme://path"),
        (b"a" + b"s://\xff\x00p" + b"\x00" + ID, "subject: got 733a2f2fff, want UTF-8"),
        (b"a" + b"s://x\x00\xc3" + b"\x00" + ID, "predicate: got c3, want UTF-8"),
        (b"v", "want a 32-byte id and an agent"),
        (b"v" + ID, "want a 32-byte id and an agent"),
        (b"v" + ID + b"a\x00b", "want a 32-byte id and an agent without 00"),
        (b"v" + ID + b"\x80", "agent: got 80, want UTF-8"),
        (b"e" + ID, "want names, 00 and a 32-byte id"),
        (b"e" + b"\x00" + ID, "name: got nothing"),
        (b"e" + b"a\x00b" + b"\x00" + ID, "want a name without 00"),
        (b"e" + b"\xfe" + b"\x00" + ID, "name: got fe, want UTF-8"),
        (b"v" + ID + b"a" * KEY_BYTES_MAX, "got 4129 bytes, want at most 4096"),
    ],
)
def test_bytes_that_are_no_key_are_refused_with_the_reason(key, reason):
    with pytest.raises(InvalidInput) as caught:
        decode_key(key)
    assert caught.value.field == "key"
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: assertion_key("a://b", "p\x00q", ID),
        lambda: assertion_key("a://b", "", ID),
        lambda: assertion_key("a://b", "p", ID[:31]),
        lambda: vote_key(ID + b"x", "agent"),
        lambda: vote_key(ID, ""),
        lambda: epoch_key("a\x00b", ID),
        lambda: votes_range(b""),
        lambda: epochs_range(""),
        lambda: subject_range("a://b", "p\x00"),
    ],
)
def test_misuse_is_a_value_error(misuse):
    with pytest.raises(ValueError, match=r"got .*, want"):
        misuse()


@pytest.mark.parametrize("subject", ["", "A://b", "a://b//c", "a://b/", "a://b\x00c", "://x", "rfc://"])
def test_a_subject_that_is_no_path_is_refused(subject):
    with pytest.raises(InvalidPath):
        subject_range(subject)


def test_a_subject_range_holds_all_predicates_and_nothing_else():
    bounds = [subject_range("rfc://7519/aud")]
    assert holds(bounds, assertion_key("rfc://7519/aud", "p", ZEROS))
    assert holds(bounds, assertion_key("rfc://7519/aud", "\U0010ffff", ONES))
    for other in (
        "rfc://7519/au",
        "rfc://7519/audi",
        "rfc://7519/aud/x",
        "rfc://7519/aud ",
        "rfc://7519/aud-x",
    ):
        assert not holds(bounds, assertion_key(other, "p", ID))


def test_a_predicate_narrows_a_subject_range():
    bounds = [subject_range("rfc://7519/aud", "must")]
    assert holds(bounds, assertion_key("rfc://7519/aud", "must", ZEROS))
    assert holds(bounds, assertion_key("rfc://7519/aud", "must", ONES))
    for other in ("mus", "must_not", "must ", "a"):
        assert not holds(bounds, assertion_key("rfc://7519/aud", other, ID))


def test_a_prefix_holds_the_path_and_all_below_but_not_its_neighbours():
    bounds = prefix_ranges("rfc://7519/aud")
    for inside in ("rfc://7519/aud", "rfc://7519/aud/x", "rfc://7519/aud/x/y", "rfc://7519/aud/\U0010ffff"):
        assert holds(bounds, assertion_key(inside, "p", ONES))
    for outside in (
        "rfc://7519",
        "rfc://7519/audi",
        "rfc://7519/aud-x",
        "rfc://7519/aud0",
        "rfc://7519/auc",
        "x://7519/aud",
    ):
        assert not holds(bounds, assertion_key(outside, "p", ID))


def test_the_ranges_of_a_prefix_are_ordered_and_apart():
    (first_start, first_end), (second_start, second_end) = prefix_ranges("rfc://7519")
    assert first_start < first_end <= second_start < second_end


def test_a_scheme_is_a_prefix_of_all_its_paths():
    (bounds,) = prefix_ranges("rfc://")
    assert holds([bounds], assertion_key("rfc://!", "p", ZEROS))
    assert holds([bounds], assertion_key("rfc://\U0010ffff/x", "p", ONES))
    for outside in ("rfc+x://a", "rf://a", "rfcs://a", "coffee"):
        assert not holds([bounds], assertion_key(outside, "p", ID))


@pytest.mark.parametrize("prefix", ["", "://", "RFC://", "rfc:///", "rfc://7519/", "rfc://7519//x"])
def test_a_prefix_that_is_neither_path_nor_scheme_is_refused(prefix):
    with pytest.raises(InvalidPath):
        prefix_ranges(prefix)


@pytest.mark.parametrize("id_", [ZEROS, ID, ONES])
def test_a_votes_range_holds_every_agent_of_one_assertion(id_):
    bounds = [votes_range(id_)]
    assert holds(bounds, vote_key(id_, "\x01"))
    assert holds(bounds, vote_key(id_, "\U0010ffff" * 9))
    for other in {ZEROS, ID, ONES, ID[:31] + b"\x20", ID[:31] + b"\x1e"} - {id_}:
        assert not holds(bounds, vote_key(other, "a"))
    assert not holds(bounds, assertion_key("a://b", "p", id_))


def test_an_epochs_range_holds_all_epochs_or_those_of_one_name():
    assert holds([epochs_range()], epoch_key("\x01", ZEROS))
    assert holds([epochs_range()], epoch_key("\U0010ffff", ONES))
    assert not holds([epochs_range()], vote_key(ID, "a"))
    assert not holds([epochs_range()], assertion_key("a://b", "p", ID))
    assert holds([epochs_range("audit")], epoch_key("audit", ONES))
    assert not holds([epochs_range("audit")], epoch_key("audit-2", ZEROS))
