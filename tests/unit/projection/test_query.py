"""Queries: their bounds, what they refuse, and how a page ends when it may read no more."""

import json
from contextlib import ExitStack, closing

import pytest

from stemedb.errors import InvalidRequest, NotFound, Overloaded, Unavailable
from stemedb.ledger import LedgerReader
from stemedb.merkle import EMPTY_ROOT
from stemedb.projection import Projection, Query, verify_proof_file
from stemedb.projection import query as query_module
from stemedb.projection import resolve as resolve_module
from support.histories import make_replica, parsed, write
from support.statement_json import assertion, epoch, vote


@pytest.fixture
def view_of(tmp_path):
    """Return a function from statements to a view of the map that they make."""
    with ExitStack() as stack:

        def make(*statements):
            replica = make_replica(tmp_path / "data")
            write(replica, [(parsed(statement), None) for statement in statements])
            reader = stack.enter_context(closing(LedgerReader(replica)))
            projection = stack.enter_context(Projection.open(replica, writable=True))
            projection.catch_up(reader)
            return projection.view(reader)

        yield make


def contenders(subject, count, **changes):
    return [
        assertion(subject=subject, object={"type": "number", "value": n}, **changes) for n in range(count)
    ]


def all_pages(view, **fields):
    pages, cursor = [], None
    while not pages or cursor is not None:
        pages.append(view.query(Query(cursor=cursor, **fields)))
        cursor = pages[-1].cursor
    return pages


def values(claims):
    return sorted(claim.statement().object.value for claim in claims)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (Query(limit=0), "limit"),
        (Query(limit=1001), "limit"),
        (Query(subject="a", prefix="a"), "prefix"),
        (Query(subject=""), "subject"),
        (Query(subject="a//b"), "subject"),
        (Query(prefix="NO://a"), "prefix"),
        (Query(prefix="a\x00b"), "prefix"),
        (Query(predicate=""), "predicate"),
        (Query(predicate="a\x00"), "predicate"),
        (Query(lifecycle=frozenset({"done"})), "lifecycle"),
        (Query(lens="nosuch"), "lens"),
        (Query(cursor="zzz"), "cursor"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_answered_is_refused_with_its_field(view_of, query, field):
    with pytest.raises(InvalidRequest) as caught:
        view_of().query(query)
    assert caught.value.field == field


def test_an_empty_map_answers_with_an_empty_page(view_of):
    page = view_of().query(Query())
    assert (page.claims, page.groups, page.cursor, page.truncated) == ((), (), None, False)
    assert page.mark.applied == 0


def test_a_full_last_page_has_no_cursor(view_of):
    view = view_of(*contenders("a", 4))
    assert [len(page.claims) for page in all_pages(view, limit=2)] == [2, 2]


def test_a_page_that_may_read_no_more_says_so_and_goes_on(view_of, monkeypatch):
    monkeypatch.setattr(query_module, "SCAN_MAX", 5)
    view = view_of(*contenders("a", 9, predicate="other"), *contenders("b", 3))
    pages = all_pages(view, predicate="license")
    assert [len(page.claims) for page in pages] == [0, 1, 2]
    assert [page.truncated for page in pages] == [True, True, False]
    assert values(claim for page in pages for claim in page.claims) == [0, 1, 2]


def test_with_a_lens_the_same_bound_ends_pages_between_groups(view_of, monkeypatch):
    monkeypatch.setattr(query_module, "SCAN_MAX", 5)
    view = view_of(*(claim for n in range(6) for claim in contenders(f"s{n}", 3)))
    pages = all_pages(view, lens="recency")
    assert [len(page.groups) for page in pages] == [2, 2, 2]
    assert all(group.claims == 3 for page in pages for group in page.groups)


def test_a_group_too_large_to_resolve_is_shown_unresolved_and_passed(view_of, monkeypatch):
    monkeypatch.setattr(resolve_module, "GROUP_CLAIMS_MAX", 4)
    view = view_of(*contenders("a", 4), *contenders("b", 9), *contenders("c", 1))
    (page,) = all_pages(view, lens="recency")
    assert [(group.subject, group.resolution is None) for group in page.groups] == [
        ("custom://a", False),
        ("custom://b", True),
        ("custom://c", False),
    ]
    assert page.groups[1].winner is None


def test_a_group_of_too_many_bytes_is_shown_unresolved(view_of, monkeypatch):
    monkeypatch.setattr(resolve_module, "GROUP_BYTES_MAX", 5000)
    long = {"type": "text", "value": "x" * 6000}
    view = view_of(assertion(subject="a", object=long), assertion(subject="b"))
    (page,) = all_pages(view, lens="recency")
    assert [group.resolution is None for group in page.groups] == [True, False]


def test_more_votes_than_a_lens_may_see_leave_the_group_unresolved(view_of, monkeypatch):
    monkeypatch.setattr(resolve_module, "GROUP_BALLOTS_MAX", 3)
    claim = assertion()
    votes = [vote(assertion=parsed(claim).id.hex(), agent=f"a{n}") for n in range(4)]
    (group,) = view_of(claim, *votes).query(Query(lens="votes")).groups
    assert (group.claims, group.resolution, group.winner) == (1, None, None)


@pytest.mark.parametrize("lens", [None, "recency"])
def test_a_page_ends_before_it_outgrows_a_message(view_of, lens):
    long = [
        assertion(subject=f"s{n}", object={"type": "text", "value": f"{n:02}" + "x" * 30_000})
        for n in range(40)
    ]
    pages = all_pages(view_of(*long), limit=100, lens=lens)
    assert len(pages) > 2
    assert [page.truncated for page in pages] == [True] * (len(pages) - 1) + [False]
    assert sum(len(page.claims) + len(page.groups) for page in pages) == 40
    for page in pages:
        size = sum(len(claim.json()) for claim in page.claims)
        size += sum(
            len(json.dumps(group.resolution.as_dict())) + len(group.winner.json()) for group in page.groups
        )
        assert size < query_module.PAGE_BYTES_MAX


def test_more_epochs_than_a_lens_may_see_are_overload(view_of, monkeypatch):
    monkeypatch.setattr(resolve_module, "EPOCHS_MAX", 1)
    view = view_of(assertion(), epoch(name="one"), epoch(name="two"))
    with pytest.raises(Overloaded, match="more than 1 epochs"):
        view.query(Query(lens="epoch(recency)"))
    assert len(view.query(Query(lens="recency")).groups) == 1


def test_only_the_last_vote_of_an_agent_counts(view_of):
    claims = contenders("a", 2)
    ids = [parsed(claim).id for claim in claims]
    ballots = [
        vote(assertion=ids[0].hex(), agent="alice", weight=1),
        vote(assertion=ids[0].hex(), agent="alice", weight=-1),
        vote(assertion=ids[1].hex(), agent="bob", weight=0.5),
    ]
    (group,) = view_of(*claims, *ballots).query(Query(lens="votes")).groups
    assert group.winner.id == ids[1]


def test_the_lifecycle_filter_comes_before_the_lens(view_of):
    approved = assertion(object={"type": "text", "value": "old"})
    proposed = assertion(object={"type": "text", "value": "new"}, lifecycle="proposed")
    view = view_of(approved, proposed)
    (group,) = view.query(Query(lens="recency", lifecycle=frozenset({"approved"}))).groups
    assert (group.claims, group.winner.id) == (1, parsed(approved).id)
    assert view.query(Query(lens="recency", lifecycle=frozenset({"deprecated"}))).groups == ()


def test_a_cursor_may_be_used_with_another_limit_and_with_no_other_question(view_of):
    view = view_of(*contenders("a", 6))
    cursor = view.query(Query(subject="a", limit=2)).cursor
    assert len(view.query(Query(subject="custom://a", limit=5, cursor=cursor)).claims) == 4
    with pytest.raises(InvalidRequest, match="another query"):
        view.query(Query(prefix="a", cursor=cursor))
    with pytest.raises(InvalidRequest, match="another query"):
        view.query(Query(subject="a", lens="recency", cursor=cursor))


def test_getting_what_is_not_there_is_not_found(view_of):
    with pytest.raises(NotFound, match="000000000000"):
        view_of().get(bytes(32))


def test_a_replaced_vote_is_got_with_the_stamp_it_was_logged_under(view_of):
    old, new = (vote(weight=weight) for weight in (0, 1))
    view = view_of(old, new)
    assert view.get(parsed(old).id).stamp < view.get(parsed(new).id).stamp


def test_what_the_map_has_not_taken_in_cannot_be_proven_yet(tmp_path):
    replica = make_replica(tmp_path / "data")
    write(replica, [(parsed(claim), None) for claim in contenders("a", 2)])
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader, upto=1)
        second = parsed(contenders("a", 2)[1])
        for prove in (lambda view: view.prove(second.id), lambda view: view.prove_statement(second)):
            with pytest.raises(Unavailable, match="entry 1 is not in the map yet"):
                prove(projection.view(reader))


def test_a_checkpoint_that_is_newer_than_the_readers_view_of_the_log_is_no_obstacle(tmp_path):
    replica = make_replica(tmp_path / "data")
    first, second = (parsed(claim) for claim in contenders("a", 2))
    write(replica, [(first, None)])
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)
        view = projection.view(reader)
        write(replica, [(second, None)])
        proof = view.prove(first.id)
        assert proof.log is not None
        assert (proof.log.size, view.mark.applied) == (2, 1)
        verified = verify_proof_file(proof.encode())
        assert (verified.log.size, verified.map.size) == (2, 1)


def test_a_checkpoint_that_does_not_cover_the_entry_is_unavailable(tmp_path):
    replica = make_replica(tmp_path / "data")
    first, second = (parsed(claim) for claim in contenders("a", 2))
    write(replica, [(first, None)])
    old = (replica.log / "checkpoint").read_bytes()
    write(replica, [(second, None)])
    (replica.log / "checkpoint").write_bytes(old)
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)
        assert projection.view(reader).prove(first.id).log.size == 1
        with pytest.raises(Unavailable, match="the checkpoint has 1 entries"):
            projection.view(reader).prove(second.id)


def test_the_state_of_a_log_that_was_never_written_has_no_checkpoint(tmp_path):
    replica = make_replica(tmp_path / "data")
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        assert projection.view(reader).log_state() == (0, EMPTY_ROOT, None)
