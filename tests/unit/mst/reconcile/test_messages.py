"""Requests and replies in bytes: read back as written, and refused with a typed error in every other form."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb.errors import InvalidRequest, NotFound, ProofError
from stemedb.mst import KEY_BYTES_MAX
from stemedb.mst.reconcile import Reconciliation, answer, gone, requested_root
from stemedb.mst.reconcile.request import (
    REQUEST_BYTES_MAX,
    Compare,
    Fetch,
    Match,
    Scan,
    decode_request,
    encode_item,
    encode_request,
)
from stemedb.mst.reconcile.wire import Reader, Writer, common_prefix
from support.effort import examples
from support.reconciling import NONCE, Transcript, reconcile, tree_of

ROOT = bytes(range(32))
ITEMS = [
    Compare((), 3, b"eeee", [b"aaaa", bytes(4), b"cccc"]),
    Match((0, 5), 0, []),
    Match((0, 5, 700), 2, [b"1111", b"2222"]),
    Fetch((0, 6), [0, 1, 9, 1023]),
    Scan((1,), None),
    Scan((2,), b""),
    Scan((2, 1), bytes(KEY_BYTES_MAX)),
]


def encoded(items, width=4):
    paths = [(), *(item.path for item in items)]
    return encode_request(width, NONCE, ROOT, [encode_item(i, p) for i, p in zip(items, paths, strict=False)])


def session(**options):
    """Every kind of request and reply between two trees, as the requests and replies that passed."""
    rng = random.Random(3)
    entries = {rng.randbytes(4): rng.randbytes(3) for _ in range(1500)}
    keys = rng.sample(sorted(entries), 60)
    theirs = entries | dict.fromkeys(keys[:20], b"new") | {rng.randbytes(4): b"" for _ in range(20)}
    theirs |= {b"\xff\xff" + rng.randbytes(3): b"beyond all others" for _ in range(40)}
    for key in keys[20:40]:
        del theirs[key]
    local, remote = tree_of(entries), tree_of(theirs)
    transcript = Transcript()
    reconcile(local, remote, transcript, **options)
    return local, remote, transcript.messages


def test_a_request_is_read_back_as_it_was_written():
    request = decode_request(encoded(ITEMS))
    assert request.items == ITEMS
    assert (request.width, request.nonce, request.root) == (4, NONCE, ROOT)
    assert requested_root(encoded(ITEMS)) == ROOT


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "version: got 0 bytes"),
        (b"\x02" + encoded(ITEMS)[1:], "version: got 2"),
        (b"\x01\x00" + encoded(ITEMS)[2:], "width of short digests: got 0"),
        (b"\x01\x21" + encoded(ITEMS)[2:], "width of short digests: got 33"),
        (encode_request(8, NONCE, ROOT, []), "number of items: got 0"),
        (encoded(ITEMS) + b"\x00", "1 bytes left over"),
        (encoded(ITEMS[::-1]), "path: not behind"),
        (encoded([Fetch((), [])]), "indices: got none"),
        (encoded([Fetch((), [1024])]), "indices: got 1024"),
        (encoded([Scan((), bytes(KEY_BYTES_MAX + 1))]), "bytes of key: got 4098"),
        (encoded([Match((), 65, [])]), "level: got 65"),
        (encoded([Compare((), 0, b"eeee", [b"aaaa", b"bbbb"])]), "level: got 0"),
        (encoded([Compare((), 1, b"eeee", [b"aaaa"])]), "width of node: got 0"),
        (encoded([Compare((), 1, b"eeee", [b"aaaa"] * 1026)]), "width of node: got 1025"),
        (encoded([Match((), 0, [b"hash"] * 1025)]), "width of node: got 1025"),
        (encoded([Scan((1025,), None)]), "child index: got 1025"),
        (encoded([Scan((1,) * 65, None)]), "rest of path: got 65"),
        (encode_request(8, NONCE, ROOT, [b"\x05\x00\x00"]), "operation: got 5"),
        (encode_request(8, NONCE, ROOT, [b"\x04\x00\x01\x80\x00\x00"]), "not in its shortest form"),
        (encode_request(8, NONCE, ROOT, [b"\x04\x00\x01" + b"\xff" * 20]), "child index: got more than"),
        (bytes(REQUEST_BYTES_MAX + 1), "want at most 524288"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused_with_the_reason(raw, reason):
    with pytest.raises(InvalidRequest, match=reason):
        decode_request(raw)


def test_a_path_must_share_as_much_as_it_can():
    items = [encode_item(Scan((1, 2), None), ()), encode_item(Scan((1, 3), None), ())]
    with pytest.raises(InvalidRequest, match="shortest form"):
        decode_request(encode_request(8, NONCE, ROOT, items))


def test_a_request_cut_anywhere_is_refused():
    raw = encoded(ITEMS[:6])
    for end in range(len(raw)):
        with pytest.raises(InvalidRequest):
            decode_request(raw[:end])


def test_a_request_with_any_bit_flipped_is_answered_or_refused_but_never_breaks_the_server():
    _, remote, messages = session()
    request = next(r for r, _ in messages if {type(i) for i in decode_request(r).items} >= {Match, Compare})
    refused = 0
    rng = random.Random(0)
    for at in [*range(80), *rng.sample(range(len(request)), min(len(request), 300))]:
        damaged = bytearray(request)
        damaged[at] ^= 1 << rng.randrange(8)
        try:
            answer(remote, bytes(damaged))
        except InvalidRequest:
            refused += 1
    assert refused > 10


def test_a_reply_cut_anywhere_is_refused():
    local, remote, messages = session()
    for number, (_, reply) in enumerate(messages):
        for end in {*range(20), *range(0, len(reply), 101), len(reply) - 1}:
            with pytest.raises(ProofError):
                replayed(local, remote, number, reply[: min(end, len(reply) - 1)])


def test_a_reply_with_any_bit_flipped_is_refused_or_leads_to_the_same_result():
    """A digest that is wrong costs a look at a subtree that does not differ; whatever else is wrong must be noticed."""
    local, remote, messages = session(width=32)
    rng = random.Random(0)
    refused = 0
    for number, (_, reply) in enumerate(messages):
        for at in {*range(min(40, len(reply))), *rng.sample(range(len(reply)), min(len(reply), 30))}:
            damaged = bytearray(reply)
            damaged[at] ^= 1 << rng.randrange(8)
            try:
                outcome = replayed(local, remote, number, bytes(damaged))
            except (ProofError, NotFound):
                refused += 1
            except InvalidRequest:
                refused += 1  # the honest server's: an index that was flipped is asked for, and leads nowhere
            else:
                assert applied(local, outcome) == dict(remote.items())
    assert refused > 100


def replayed(local, remote, number, raw):
    """The outcome if message `number` of the session is answered by `raw` and all others by the server."""
    sent = iter(range(1 << 30))

    def server(request):
        return raw if next(sent) == number else answer(remote, request)

    return reconcile(local, remote, server=server, width=32)


def applied(local, outcome):
    entries = dict(local.items())
    for key, _, new in outcome.changes():
        if new is None:
            del entries[key]
        else:
            entries[key] = new
    return entries


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_a_typed_error_on_both_sides(raw):
    with pytest.raises(InvalidRequest):
        decode_request(raw)
    local = tree_of({bytes([i]): b"" for i in range(60)})
    client = Reconciliation(local, ROOT, NONCE)
    client.requests()
    try:
        client.fold(0, raw)
    except (ProofError, NotFound):
        return
    assert raw[:3] == b"\x01\x00\x01"


def test_the_reply_of_a_server_without_the_root_is_not_found():
    tree = tree_of({b"a": b"1"})
    assert answer(tree, encoded([Scan((), None)])) == gone()
    assert answer(tree_of({}), encoded([Scan((), None)])) == gone()
    client = Reconciliation(tree, ROOT, NONCE)
    client.requests()
    with pytest.raises(NotFound, match="the root is gone"):
        client.fold(0, gone())


@given(
    st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=5)), max_size=8), st.integers(0, 1 << 40)
)
def test_entries_and_numbers_are_read_back(entries, number):
    writer = Writer()
    for entry in entries:
        writer.entry(*entry)
    writer.number(number)
    reader = Reader(bytes(writer.out), ProofError)
    assert [reader.entry() for _ in entries] == entries
    assert reader.number("number", 1 << 40) == number
    reader.end()


@given(st.binary(max_size=40), st.binary(max_size=8), st.binary(max_size=8))
def test_the_common_prefix_is_the_longest(stem, left, right):
    count = common_prefix(stem + left, stem + right)
    assert (stem + left)[:count] == (stem + right)[:count]
    assert (stem + left)[count : count + 1] != (stem + right)[count : count + 1] or count == min(
        len(stem + left), len(stem + right)
    )


def test_a_key_that_shares_more_than_it_says_is_refused():
    writer = Writer()
    writer.entry(b"abc", b"")
    writer.out += b"\x01\x02bd\x00"
    reader = Reader(bytes(writer.out), ProofError)
    reader.entry()
    with pytest.raises(ProofError, match="shares more"):
        reader.entry()
