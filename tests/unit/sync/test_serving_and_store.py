"""What one replica serves from its ledger, and what another makes of it: real ledgers, no bus."""

import pytest

from stemedb.errors import Corruption, InvalidRequest, Locked
from stemedb.ledger import Ledger, LedgerReader
from stemedb.merkle import EMPTY_ROOT, Frontier, verify_consistency
from stemedb.types import Digest, LogSize, Stamp
from stemedb.v1 import bulk_pb2, sync_pb2
from stemedb_sync.page import decode
from stemedb_sync.serving import FETCH_COUNT_MAX, Serving
from stemedb_sync.store import Arrival, Store, handover_requests
from support.ledgers import NOW_MS, make_items, make_parsed, make_replica


@pytest.fixture
def served(tmp_path):
    """A ledger of 12 statements; 3 to 5 came from east, and 3 was restamped."""
    replica = make_replica(tmp_path / "west", "west")
    ledger = Ledger.open(replica, NOW_MS)
    ledger.append(make_items(0, 3), NOW_MS)
    ledger.append(make_items(3, 6, Stamp(7 << 16, "east")), NOW_MS)
    ledger.append(make_items(6, 11), NOW_MS)
    ledger.append(make_items(3, 4, Stamp(5 << 16, "north")), NOW_MS)
    ledger.close()
    serving = Serving.open(replica)
    yield serving
    serving.close()


@pytest.fixture
def here(tmp_path):
    """Our own replica, empty."""
    replica = make_replica(tmp_path / "here", "here")
    Ledger.open(replica, NOW_MS).close()
    return replica


def page_of(serving, start=0, end=12, **fields):
    request = sync_pb2.RangeRequest(replica="here", start=start, end=end, **fields)
    return decode(serving.range(request), start, end)


def test_a_page_holds_what_began_here_and_names_the_rest(served):
    page = page_of(served)
    assert page.end == 12
    assert [bool(canonical) for canonical in page.canonicals] == [True] * 3 + [False] * 3 + [True] * 5 + [
        False
    ]
    assert page.ids == [make_parsed(i).id for i in (*range(11), 3)]
    assert page.origins == ["west"] * 3 + ["east"] * 3 + ["west"] * 5 + ["north"]
    assert served.log_state().size == 12
    assert Frontier().extend(page.ids).root == Frontier().extend(page_of(served, inline_all=True).ids).root


def test_a_page_is_cut_at_the_bytes_that_the_asker_takes(served):
    assert page_of(served, inline_bytes_max=1).end == 1
    assert page_of(served, start=4, end=9).end == 9


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 4), (0, 13), (12, 13)])
def test_a_range_that_the_log_does_not_have_is_refused(served, start, end):
    with pytest.raises(InvalidRequest):
        served.range(sync_pb2.RangeRequest(start=start, end=end))


def fetch(serving, **fields):
    return sync_pb2.FetchReply.FromString(serving.fetch(sync_pb2.FetchRequest(**fields)))


def test_statements_are_fetched_by_index_with_the_stamp_they_have_now(served):
    reply = fetch(served, indices=[11, 4, 0])
    assert [s.canonical for s in reply.statements] == [make_parsed(i).canonical for i in (3, 4, 0)]
    assert [(s.stamp.ms, s.stamp.origin) for s in reply.statements][:2] == [(5, "north"), (7, "east")]
    assert list(reply.positions) == [0, 1, 2]
    assert not reply.cut


def test_statements_are_fetched_by_id_and_unknown_ones_left_out(served):
    reply = fetch(served, ids=make_parsed(99).id + make_parsed(3).id)
    assert list(reply.positions) == [1]
    assert reply.statements[0].stamp.origin == "north"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"indices": [12]},
        {"indices": [0] * (FETCH_COUNT_MAX + 1)},
        {"ids": b"x" * 31},
        {"ids": bytes(32) * (FETCH_COUNT_MAX + 1)},
    ],
    ids=["nothing", "beyond", "too many", "half an id", "too many ids"],
)
def test_a_fetch_beyond_the_limits_is_refused(served, fields):
    with pytest.raises(InvalidRequest):
        fetch(served, **fields)


def test_the_consistency_of_two_sizes_is_proved(served):
    request = sync_pb2.ConsistencyRequest(old_size=5, new_size=12)
    reply = sync_pb2.ConsistencyReply.FromString(served.consistency(request))
    ids = page_of(served).ids
    proof = [Digest(reply.proof[at : at + 32]) for at in range(0, len(reply.proof), 32)]
    assert reply.old_root == Frontier().extend(ids[:5]).root
    verify_consistency(LogSize(5), LogSize(12), reply.old_root, Frontier().extend(ids).root, proof)
    assert reply.frontier == b"".join(Frontier().extend(ids).digests)


def test_who_knows_nothing_yet_gets_the_frontier_alone(served):
    reply = sync_pb2.ConsistencyReply.FromString(
        served.consistency(sync_pb2.ConsistencyRequest(old_size=0, new_size=7))
    )
    frontier = Frontier().extend(page_of(served).ids[:7])
    assert (reply.old_root, reply.proof, reply.frontier) == (
        EMPTY_ROOT,
        b"",
        b"".join(frontier.digests),
    )


@pytest.mark.parametrize(("old", "new"), [(0, 0), (6, 5), (5, 13)])
def test_sizes_that_the_log_never_had_are_refused(served, old, new):
    with pytest.raises(InvalidRequest):
        served.consistency(sync_pb2.ConsistencyRequest(old_size=old, new_size=new))


def test_a_new_page_of_whole_statements_is_handed_over_as_it_came(served, here):
    store = Store.open(here)
    page = page_of(served, 6, 11)
    sifted = store.sift(page, Frontier().extend(page_of(served, 0, 6).ids))
    assert sifted.frontier.size == 11
    assert (list(sifted.whole.indices), sifted.arrivals, sifted.missing) == ([6, 7, 8, 9, 10], [], [])
    assert bulk_pb2.ReplicateRequest.FromString(sifted.whole.request).columns == page.columns
    store.close()


def test_a_mixed_page_is_sifted_into_arrivals_and_missing(served, here):
    ledger = Ledger.open(here, NOW_MS)
    ledger.append(make_items(1, 2, Stamp(page_of(served).clocks[1], "west")), NOW_MS)
    ledger.close()
    store = Store.open(here)
    page = page_of(served)
    sifted = store.sift(page, Frontier())
    assert [arrival.index for arrival in sifted.arrivals] == [0, 2, 6, 7, 8, 9, 10]
    assert sifted.missing == [3, 4, 5, 11]
    assert sifted.restamps == 1, "3 comes twice, and we have neither"
    assert store.still_missing([make_parsed(1).id, make_parsed(2).id]) == {make_parsed(2).id}
    store.close()


def test_a_known_statement_is_handed_over_again_only_under_a_stamp_that_wins(served, here):
    ledger = Ledger.open(here, NOW_MS)
    ledger.append(make_items(0, 1, Stamp(1 << 16, "here")), NOW_MS)  # ours is earlier
    ledger.append(make_items(3, 4, Stamp(6 << 16, "here")), NOW_MS)  # between east's and north's
    ledger.close()
    store = Store.open(here)
    sifted = store.sift(page_of(served), Frontier())
    assert sifted.restamps == 1, "what is known and stays as it is moves nothing"
    arrivals = {arrival.index: arrival for arrival in sifted.arrivals}
    assert 0 not in arrivals
    assert 3 not in arrivals
    assert arrivals[11] == Arrival(11, make_parsed(3).canonical, b"", Stamp(5 << 16, "north"))
    store.close()


def test_handovers_hold_no_more_than_ingest_takes():
    arrivals = [Arrival(i, b"x" * 300_000, b"", Stamp(i, "west")) for i in range(5)]
    assert [list(h.indices) for h in handover_requests(arrivals, 2000)] == [[0, 1], [2, 3], [4]]
    small = [arrival._replace(canonical=b"x") for arrival in arrivals]
    assert [list(h.indices) for h in handover_requests(small, 3)] == [[0, 1, 2], [3, 4]]
    assert handover_requests([], 3) == []


def test_one_process_writes_what_is_known_of_peers(here):
    store = Store.open(here)
    with pytest.raises(Locked):
        Store.open(here)
    store.write_peer("west", b"{}")
    assert store.peer_files() == {"west": b"{}"}
    first, second = (store.write_evidence("west", content) for content in (b"1", b"2"))
    assert (first.name, second.name, first.read_bytes()) == ("west-1.json", "west-2.json", b"1")
    assert store.own_size() == 0
    store.write_peer("west", bytes(2 << 20))
    with pytest.raises(Corruption, match=r"west\.json"):
        store.peer_files()
    store.close()


def test_a_replica_without_map_has_no_map_state(served, here):
    assert served.map_state() is None
    assert LedgerReader(here).size == 0
