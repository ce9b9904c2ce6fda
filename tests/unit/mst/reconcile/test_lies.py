"""A server that lies: each lie is a typed error, found with bounded work, or an outcome that does not claim to be proven."""

import random
from functools import wraps
from itertools import count

import pytest

from stemedb.errors import InvalidRequest, ProofError
from stemedb.mst.reconcile import Reconciliation, answer, summary
from stemedb.mst.reconcile.client import ClientLimits
from stemedb.mst.reconcile.request import (
    Compare,
    Fetch,
    Match,
    Scan,
    decode_request,
    encode_item,
    encode_request,
)
from stemedb.mst.reconcile.summary import LISTING, NODE, OPEN, Matched, Scanned, Summary
from stemedb.mst.reconcile.wire import Writer
from support.mst_levels import LEVELS
from support.reconciling import NONCE, assert_exact, reconcile, run, tree_of

WIDTH = 32
NO_ANSWERS = b"\x01\x00\x00"


def maps():
    """Two maps that make every kind of item: additions, updates and removals at all levels, and a subtree of one side."""
    rng = random.Random(11)
    ours = {rng.randbytes(4): rng.randbytes(3) for _ in range(1200)}
    theirs = dict(ours)
    for key in rng.sample(sorted(ours), 120):
        theirs[key] = b"changed"
    for key in rng.sample(sorted(ours), 60):
        theirs.pop(key, None)
    theirs |= {rng.randbytes(4): b"new" for _ in range(60)} | {
        b"\xf0" + rng.randbytes(4): b"" for _ in range(90)
    }
    return ours, theirs


@pytest.fixture(scope="module")
def trees():
    ours, theirs = maps()
    return tree_of(ours), tree_of(theirs)


def liar(remote, lie):
    """A server that answers one item per reply, with what `lie(item, writer)` writes unless that returns False."""

    def server(raw):
        request = decode_request(raw)
        item = request.items[0]
        writer = Writer()
        summary.write_head(writer, 1)
        if lie(item, writer) is not False:
            return bytes(writer.out)
        honest = encode_request(request.width, request.nonce, request.root, [encode_item(item, ())])
        try:
            return answer(remote, honest)
        except InvalidRequest:  # the client asked for something that only the lie had promised
            return NO_ANSWERS

    return server


def digests(number, width=WIDTH):
    return [bytes([i % 255 + 1]) * width for i in range(number)]


def about(kind):
    """Make a lie about items of one kind only."""

    def decorate(lie):
        @wraps(lie)
        def of_kind(item, writer):
            return lie(item, writer) if isinstance(item, kind) else False

        return of_kind

    return decorate


@about(Compare)
def over_wide(_item, writer):
    summary.write_other(writer, Summary(NODE, 1, bytes(WIDTH), digests(1026)))


@about(Compare)
def over_deep(item, writer):
    child = Summary(NODE, item.level, bytes(WIDTH), digests(3))
    summary.write_same(writer, [(0, child)])


@about(Compare)
def beyond_all_levels(_item, writer):
    writer.out += bytes((1, NODE, 65, 1)) + bytes(WIDTH * 3)


@about(Compare)
def a_listing_above_the_leaves(item, writer):
    summary.write_same(writer, [(0, Summary(LISTING, item.level - 1 or 1, hashes=digests(3)))])


@about(Compare)
def an_absent_node_that_was_just_announced(_item, writer):
    writer.out += bytes((1, summary.ABSENT_CHILD))


@about(Compare)
def a_child_that_is_on_neither_side(item, writer):
    at = next((i for i, child in enumerate(item.children) if child == bytes(WIDTH)), None)
    if at is None:
        return False
    summary.write_same(writer, [(at, Summary(summary.ABSENT_CHILD))])
    return None


@about(Compare)
def a_node_where_nobody_has_one(item, writer):
    at = next((i for i, child in enumerate(item.children) if child == bytes(WIDTH)), None)
    if at is None or item.level < 2:
        return False
    summary.write_same(writer, [(at, Summary(NODE, 1, bytes(WIDTH), digests(3)))])
    return None


@about(Compare)
def a_child_beyond_the_last(item, writer):
    summary.write_same(writer, [(len(item.children), Summary(summary.DIFFERS))])


@about(Compare)
def nothing_differs(_item, writer):
    summary.write_same(writer, [])


@about(Compare)
def random_digests(item, writer):
    summary.write_other(writer, Summary(NODE, item.level, bytes(WIDTH), digests(len(item.children))))


@about(Compare)
def open_with_random_hashes(item, writer):
    children = digests(len(item.children))
    hashes = digests(len(children) - 1)
    summary.write_other(writer, Summary(OPEN, item.level, bytes(WIDTH), children, hashes))


@about(Match)
def open_in_answer_to_a_match(item, writer):
    summary.write_other(writer, Summary(OPEN, item.level or 1, bytes(WIDTH), digests(3), digests(2)))


@about(Match)
def all_matched(_item, writer):
    summary.write_matched(writer, Matched([], []))


@about(Match)
def another_level_again_and_again(item, writer):
    summary.write_other(writer, Summary(NODE, item.level + 1, bytes(WIDTH), digests(3)))


@about(Match)
def unsorted_separators(_item, writer):
    summary.write_matched(writer, Matched([], [(0, (b"\x80b", b"")), (0, (b"\x80a", b""))]))


@about(Match)
def a_separator_outside_of_the_interval(item, writer):
    if not item.path:
        return False
    summary.write_matched(writer, Matched([], [(len(item.hashes), (b"\xff" * 50, b""))]))
    return None


@about(Match)
def more_matched_entries_than_asked_about(item, writer):
    summary.write_matched(writer, Matched([], [(len(item.hashes) + 1, (b"key", b""))]))


@about(Match)
def unmatched_entries_that_were_not_asked_about(item, writer):
    summary.write_matched(writer, Matched([len(item.hashes)], []))


@about(Match)
def no_entries_at_all(item, writer):
    summary.write_matched(writer, Matched(list(range(len(item.hashes))), []))


@about(Match)
def a_leaf_without_entries(item, writer):
    if item.level:
        return False
    summary.write_matched(writer, Matched(list(range(len(item.hashes))), []))
    return None


@about(Match)
def a_listing_of_another_width(item, writer):
    if not item.level:
        return False
    summary.write_other(writer, Summary(LISTING, item.level, hashes=digests(1000)))
    return None


@about(Fetch)
def more_entries_than_fetched(item, writer):
    summary.write_entries(writer, [(bytes([i % 256]) * 9, b"") for i in range(len(item.indices) + 1)])


@about(Fetch)
def an_empty_fetch(_item, writer):
    summary.write_entries(writer, [])


@about(Fetch)
def a_fetched_entry_of_another_level(item, writer):
    level = tree_of({}).levels
    keys = [key for key in (b"%d" % i for i in range(400)) if level([key])[0] == 1]
    summary.write_entries(writer, [(key, b"") for key in sorted(keys)[: len(item.indices)]])


@about(Scan)
def an_unsorted_scan(_item, writer):
    summary.write_scanned(writer, Scanned([(b"\xf0b", b""), (b"\xf0a", b"")], more=False))


@about(Scan)
def a_scan_outside_of_the_interval(_item, writer):
    summary.write_scanned(writer, Scanned([(b"\xff" * 50, b"")], more=False))


@about(Scan)
def an_empty_scan_with_more_to_come(_item, writer):
    writer.out += bytes((1, 0))


@about(Scan)
def a_scan_that_starts_over(item, writer):
    if item.after is None:
        return False
    summary.write_scanned(writer, Scanned([(item.after, b"")], more=True))
    return None


def values_are_wrong(remote):
    """A server whose every entry has another value than under the root it speaks for."""
    other = tree_of({key: value + b"!" for key, value in remote.items()})

    def server(raw):
        request = decode_request(raw)
        items = []
        before = ()
        for item in request.items:
            items.append(encode_item(item, before))
            before = item.path
        return answer(other, encode_request(request.width, request.nonce, other.root_digest, items))

    return server


LIES = [
    (over_wide, "width of node: got 1025"),
    (over_deep, r"level: got (\d+), want below \1"),
    (beyond_all_levels, "level: got 65"),
    (a_listing_above_the_leaves, "listing of level"),
    (an_absent_node_that_was_just_announced, "kind of summary"),
    (a_child_that_is_on_neither_side, "nothing is there on either side"),
    (a_leaf_without_entries, "without entries"),
    (a_listing_of_another_width, "got 1000 entries, want"),
    (a_child_beyond_the_last, "child index"),
    (nothing_differs, "lead to root"),
    (
        open_with_random_hashes,
        "number of answers|lead to root|is not above|outside the interval|stands at level",
    ),
    (
        open_in_answer_to_a_match,
        "level: got|lead to root|kind of summary|outside the interval|without entries|is not above",
    ),
    (all_matched, "lead to root|got . entries, want|without entries"),
    (another_level_again_and_again, "level: got"),
    (unsorted_separators, "is not above|stands at level"),
    (a_separator_outside_of_the_interval, "outside the interval|stands at level"),
    (more_matched_entries_than_asked_about, "matched entries: got"),
    (unmatched_entries_that_were_not_asked_about, "unmatched entries: got|number of unmatched"),
    (no_entries_at_all, "without entries|entries, want"),
    (more_entries_than_fetched, "number of entries"),
    (an_empty_fetch, "number of entries: got 0"),
    (a_fetched_entry_of_another_level, "stands at level 1, want 0"),
    (an_unsorted_scan, "is not above"),
    (a_scan_outside_of_the_interval, "outside the interval"),
    (an_empty_scan_with_more_to_come, "number of entries: got 0"),
]


@pytest.mark.parametrize(("lie", "reason"), LIES, ids=lambda case: getattr(case, "__name__", ""))
def test_a_lie_is_a_proof_error(trees, lie, reason):
    local, remote = trees
    with pytest.raises(ProofError, match=reason):
        reconcile(local, remote, server=liar(remote, lie), width=WIDTH)


def test_the_same_server_without_a_lie_is_believed(trees):
    local, remote = trees
    outcome = reconcile(local, remote, server=liar(remote, lambda *_: False), width=WIDTH)
    assert_exact(outcome, local, remote)


@pytest.mark.parametrize("lie", [nothing_differs, all_matched, no_entries_at_all, an_unsorted_scan])
def test_under_short_digests_a_contradiction_is_given_one_more_chance_at_full_width(trees, lie):
    local, remote = trees
    widths = []

    def server(raw):
        widths.append(decode_request(raw).width)
        return liar(remote, lie)(raw)

    with pytest.raises(ProofError):
        reconcile(local, remote, server=server)
    assert set(widths) == {6, WIDTH}


def test_digests_of_a_tree_that_is_not_there_do_not_lead_to_the_root(trees):
    local, remote = trees
    with pytest.raises(ProofError):
        reconcile(local, remote, server=liar(remote, random_digests), width=WIDTH)


def test_wrong_values_do_not_lead_to_the_announced_root(trees):
    local, remote = trees
    with pytest.raises(ProofError, match="lead to root"):
        reconcile(local, remote, server=values_are_wrong(remote))


def test_a_node_as_high_as_ours_below_a_lower_one_is_refused():
    """Our key 05 stands above all of theirs, in the interval of a child of theirs."""
    level = LEVELS["stairs"]
    theirs = {b"\x02": b"", b"\x41": b"", b"\x42\x01": b"", b"\x43": b""}
    ours = {b"\x02": b"", b"\x05": b"", b"\x41": b"", b"\x43": b""}
    local, remote = tree_of(ours, level), tree_of(theirs, level)
    assert_exact(reconcile(local, remote, width=WIDTH), local, remote)

    @about(Compare)
    def same(item, writer):
        if not item.path:
            return False
        summary.write_same(writer, [(1, Summary(summary.DIFFERS))])
        return None

    with pytest.raises(ProofError, match="level: got 5, want below 2"):
        reconcile(local, remote, server=liar(remote, same), width=WIDTH)


def test_a_node_is_promised_where_nobody_has_one_and_then_not_there_to_scan():
    level = LEVELS["quarters"]
    theirs = {bytes([i]): b"" for i in range(256)}
    ours = {key: value for key, value in theirs.items() if key != b"\x91"}
    local, remote = tree_of(ours, level), tree_of(theirs, level)
    with pytest.raises(ProofError, match="number of answers: got 0"):
        reconcile(local, remote, server=liar(remote, a_node_where_nobody_has_one), width=WIDTH)


def endless_scan(item, writer):
    """Every answer to a scan goes on where the last one ended, for ever."""
    start = item.after or b""
    number = int.from_bytes(start or bytes(8), "big")
    summary.write_scanned(
        writer, Scanned([((number + i).to_bytes(8, "big"), b"") for i in range(1, 101)], more=True)
    )


def test_an_endless_scan_is_caught_by_the_number_of_keys_announced():
    remote = tree_of(maps()[1])
    with pytest.raises(ProofError, match=r"entries, want at most the \d+ announced"):
        reconcile(tree_of({}), remote, server=liar(remote, endless_scan), keys_max=len(remote))


def test_an_endless_scan_without_an_announced_number_ends_at_the_limit_and_is_not_proven():
    remote = tree_of(maps()[1])
    limits = ClientLimits(differences=5_000)
    outcome = reconcile(tree_of({}), remote, server=liar(remote, endless_scan), limits=limits)
    assert not outcome.proven
    assert len(outcome.missing) == 5_100


def test_a_scan_that_repeats_its_last_key_is_refused():
    local, remote = tree_of({}), tree_of(maps()[1])
    first = count()

    def server(raw):
        item = decode_request(raw).items[0]
        writer = Writer()
        summary.write_head(writer, 1)
        if not next(first):
            summary.write_scanned(writer, Scanned([(b"a", b"")], more=True))
        else:
            a_scan_that_starts_over(item, writer)
        return bytes(writer.out)

    with pytest.raises(ProofError, match="does not go on behind the last key"):
        reconcile(local, remote, server=server, width=WIDTH)


def test_a_reply_that_answers_nothing_is_refused(trees):
    local, remote = trees
    with pytest.raises(ProofError, match="number of answers: got 0"):
        reconcile(local, remote, server=lambda _: NO_ANSWERS)


def test_a_reply_that_answers_more_than_asked_is_refused(trees):
    local, remote = trees
    with pytest.raises(ProofError, match="number of answers: got 2"):
        reconcile(local, remote, server=lambda _: b"\x01\x00\x02")


def test_an_oversized_reply_is_refused_unread(trees):
    local, remote = trees
    with pytest.raises(ProofError, match="got 1001 bytes, want at most 1000"):
        reconcile(local, remote, server=lambda _: bytes(1001), limits=ClientLimits(reply_bytes=1000))


def test_a_server_that_answers_one_item_at_a_time_runs_out_of_rounds(trees):
    local, remote = trees
    with pytest.raises(ProofError, match="not done after 20 rounds"):
        reconcile(local, remote, server=liar(remote, lambda *_: False), limits=ClientLimits(rounds=20))


def test_traffic_has_a_bound_and_what_was_found_until_then_is_kept(trees):
    local, remote = trees
    outcome = reconcile(
        local, remote, limits=ClientLimits(request_bytes=2000, requests_per_round=1, traffic_bytes=9000)
    )
    assert not outcome.proven
    assert outcome.traffic.sent_bytes + outcome.traffic.received_bytes < 9000 + 100_000
    theirs = dict(remote.items())
    assert outcome.missing
    assert all(theirs[change.key] == change.new for change in outcome.missing)


def test_after_a_lie_the_request_stays_open_and_the_client_does_not_go_on(trees):
    local, remote = trees
    client = Reconciliation(local, remote.root_digest, NONCE, width=WIDTH)
    client.requests()
    with pytest.raises(ProofError):
        client.fold(0, b"\x01\x00\x01\x07")
    with pytest.raises(ValueError, match="still open"):
        client.requests()
    assert not client.finished


def test_misuse_is_a_value_error(trees):
    local, remote = trees
    for options in ({"width": 0}, {"width": 33}):
        with pytest.raises(ValueError, match="width"):
            Reconciliation(local, remote.root_digest, NONCE, **options)
    with pytest.raises(ValueError, match="nonce"):
        Reconciliation(local, remote.root_digest, b"short")
    client = Reconciliation(local, remote.root_digest, NONCE)
    with pytest.raises(ValueError, match="not open"):
        client.fold(0, b"")
    with pytest.raises(ValueError, match="not finished"):
        client.outcome  # noqa: B018 - the property raises
    run(client, lambda raw: answer(remote, raw))
    assert client.requests() == []
