"""The server function: bounds that hold, answers that go on where they were cut, requests that lead nowhere."""

import random

import pytest

from stemedb.errors import InvalidRequest
from stemedb.mst import KEY_BYTES_MAX, VALUE_BYTES_MAX
from stemedb.mst.reconcile import FULL_BYTES, ServerLimits, answer
from stemedb.mst.reconcile.request import Compare, Fetch, Match, Scan, encode_item, encode_request
from stemedb.mst.reconcile.server import match
from stemedb.mst.reconcile.short import Shortener
from stemedb.mst.reconcile.summary import (
    DIFFERS,
    LISTING,
    NODE,
    OPEN,
    Matched,
    Summary,
    read_compared,
    read_fetched,
    read_head,
    read_matched,
    read_scanned,
)
from support.mst_levels import LEVELS
from support.reconciling import NONCE, Transcript, assert_exact, reconcile, tree_of

LEAST = 48 << 10


def ask(tree, *items, width=8, limits=None):
    """Return the reader of the answers and how many there are."""
    befores = [(), *(item.path for item in items)]
    encoded = [encode_item(item, before) for item, before in zip(items, befores, strict=False)]
    raw = encode_request(width, NONCE, tree.root_digest, encoded)
    reply = answer(tree, raw) if limits is None else answer(tree, raw, limits)
    if limits is not None:
        assert len(reply) <= limits.reply_bytes
    return read_head(reply, len(items))


@pytest.fixture(scope="module")
def storeys():
    """A root of level 1 with keys 01, 03, …, and between them leaves of one key each."""
    level = LEVELS["two storeys"]
    return tree_of({bytes([i]): b"v%d" % i for i in range(64)}, level)


def test_a_compare_with_the_same_entries_is_answered_with_the_children_that_differ(storeys):
    shorten = Shortener(NONCE, 8)
    entries, *children = shorten.digests([storeys.root.entries_digest, *storeys.root.digests])
    children[3] = b"deranged"
    children[5] = bytes(8)
    reader, _ = ask(storeys, Compare((), 64, entries, children))
    answered = read_compared(reader, 8, len(children))
    assert answered.children == [
        (3, Summary(LISTING, 0, hashes=shorten.entries([b"\x06"], [b"v6"]))),
        (5, Summary(DIFFERS)),
    ]


@pytest.mark.parametrize(("change", "kind"), [("lower", NODE), ("entries", OPEN), ("children", OPEN)])
def test_a_compare_with_another_node_is_answered_with_what_is_there_instead(storeys, change, kind):
    """Open where the client may hold some of the entries, which at a lower level it cannot."""
    shorten = Shortener(NONCE, 8)
    entries, *children = shorten.digests([storeys.root.entries_digest, *storeys.root.digests])
    item = {
        "lower": Compare((), 63, entries, children),
        "entries": Compare((), 64, bytes(8), children),
        "children": Compare((), 64, entries, children[1:]),
    }[change]
    keys = [bytes([i]) for i in range(1, 64, 2)]
    hashes = shorten.entries(keys, [b"v%d" % key[0] for key in keys]) if kind == OPEN else ()
    reader, _ = ask(storeys, item)
    assert read_compared(reader, 8, len(item.children)) == Summary(kind, 64, entries, children, hashes)


def test_a_match_is_answered_with_what_the_client_lacks_and_what_the_node_lacks(storeys):
    shorten = Shortener(NONCE, 8)
    keys = [bytes([i]) for i in range(1, 64, 2)]
    hashes = shorten.entries(keys, [b"v%d" % key[0] for key in keys])
    theirs = [hashes[0], b"deranged", *hashes[3:]]
    reader, _ = ask(storeys, Match((), 64, theirs))
    assert read_matched(reader, 8, len(theirs)) == Matched(
        [1], [(1, (b"\x03", b"v3")), (0, (b"\x05", b"v5"))]
    )


def test_hashes_that_would_cross_are_not_matched():
    entries = [(b"a", b"1"), (b"b", b"2")]
    assert match([b"x", b"y"], [b"y", b"x"], entries) == Matched([0], [(1, (b"b", b"2"))])
    assert match([], [b"y"], entries[:1]) == Matched([], [(0, (b"a", b"1"))])
    assert match([b"x"], [], []) == Matched([0], [])


def test_a_fetch_and_a_scan_give_entries_in_full(storeys):
    reader, answered = ask(storeys, Scan((), b"\x3c"), Fetch((0,), [0]))
    assert answered == 2
    assert read_scanned(reader) == ([(bytes([i]), b"v%d" % i) for i in range(0x3D, 0x40)], False)
    assert read_fetched(reader, 1) == [(b"\x00", b"v0")]
    reader.end()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (Scan((40,), None), "leads nowhere"),
        (Scan((0, 0), None), "leads nowhere"),
        (Scan((32,), None), "leads nowhere"),
        (Fetch((), [31, 32]), "index: got 32, want below 32"),
        (Scan((), b"\x3f"), "nothing behind this key"),
    ],
)
def test_what_is_not_there_is_an_invalid_request(storeys, item, reason):
    with pytest.raises(InvalidRequest, match=reason):
        ask(storeys, item)


def large_maps(count):
    """Maps with entries as large as they may be: three hundred do not fit a reply of one megabyte."""
    rng = random.Random(4)
    ours = {rng.randbytes(8): b"" for _ in range(count)}
    theirs = {key + bytes(KEY_BYTES_MAX - 8): bytes(VALUE_BYTES_MAX) for key in ours}
    return ours, theirs


@pytest.mark.parametrize("level", ["flat", "two storeys", "quarters", "geometric"])
@pytest.mark.parametrize("width", [8, FULL_BYTES])
def test_entries_that_do_not_fit_one_reply_are_listed_and_fetched_in_parts(level, width):
    ours, theirs = large_maps(60)
    local, remote = tree_of(ours, LEVELS[level]), tree_of(theirs, LEVELS[level])
    transcript = Transcript()
    limits = ServerLimits(reply_bytes=80_000)
    outcome = reconcile(local, remote, transcript, width=width, server_limits=limits)
    assert_exact(outcome, local, remote)
    assert all(len(reply) <= limits.reply_bytes for _, reply in transcript.messages)
    assert outcome.traffic.rounds > 3


def test_a_scan_that_does_not_fit_one_reply_is_continued():
    _, theirs = large_maps(60)
    local, remote = tree_of({}), tree_of(theirs)
    transcript = Transcript()
    outcome = reconcile(local, remote, transcript, server_limits=ServerLimits(reply_bytes=100_000))
    assert_exact(outcome, local, remote)
    assert all(len(reply) <= 100_000 for _, reply in transcript.messages)


def test_replies_keep_their_bound_at_every_width_and_the_first_item_is_always_answered():
    rng = random.Random(9)
    remote = tree_of({rng.randbytes(8): rng.randbytes(40) for _ in range(5000)})
    root = remote.root
    items = [Compare((), root.level, bytes(FULL_BYTES), [b"x" * FULL_BYTES] * len(root.digests))]
    items += [Scan((i,), None) for i, digest in enumerate(root.digests) if digest != bytes(32)]
    for reply_bytes in (LEAST, LEAST + 1000, 100_000):
        _, answered = ask(remote, *items, width=FULL_BYTES, limits=ServerLimits(reply_bytes=reply_bytes))
        assert 1 <= answered < len(items)


def test_nodes_read_are_bounded():
    """Past the bound children are named without a summary, and further items are left for the next request."""
    rng = random.Random(9)
    remote = tree_of({rng.randbytes(8): rng.randbytes(4) for _ in range(20_000)})
    shorten = Shortener(NONCE, 8)
    entries = shorten.digest(remote.root.entries_digest)
    wrong = [b"x" * 8] * len(remote.root.digests)
    reader, _ = ask(remote, Compare((), remote.root.level, entries, wrong), limits=ServerLimits(nodes=2))
    kinds = [child.kind for _, child in read_compared(reader, 8, len(wrong)).children]
    assert kinds[:2] == [NODE, NODE]
    assert set(kinds[2:]) == {DIFFERS}
    _, answered = ask(remote, *(Scan((i,), None) for i in range(4)), limits=ServerLimits(nodes=2))
    assert answered == 2
