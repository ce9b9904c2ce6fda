"""A known statement under another stamp: what the log, the receipts, the id table and the map make of it."""

from contextlib import closing

import pytest

from stemedb.clocks import pack
from stemedb.crdt import decode_stamp, map_entry
from stemedb.errors import Corruption
from stemedb.ledger import Ledger, LedgerReader, check, rebuild
from stemedb.ledger.ids import IdTable
from stemedb.projection import Projection
from stemedb.statements import parse
from stemedb.types import Kind, Stamp
from stemedb.wal import RESTAMP
from support.ledgers import NOW_MS, abandon, edit_ids, make_parsed, make_replica, wal_records
from support.statement_json import assertion, encode, vote

CLAIM, VOTE, EPOCH = parse(encode(assertion())), parse(encode(vote())), make_parsed(0)


def at(ms, origin="there"):
    return Stamp(pack(NOW_MS + ms, 0), origin)


@pytest.fixture
def replica(tmp_path):
    return make_replica(tmp_path / "replica")


@pytest.fixture
def ledger(replica):
    ledger = Ledger.open(replica, NOW_MS)
    yield ledger
    ledger.close()


def take(ledger, *items):
    return ledger.append(list(items), NOW_MS)


@pytest.mark.parametrize(
    ("statement", "offered", "wanted"),
    [
        (CLAIM, -9, True),
        (CLAIM, 9, False),
        (EPOCH, -9, True),
        (EPOCH, 9, False),
        (VOTE, -9, False),
        (VOTE, 9, True),
    ],
)
def test_the_join_decides_which_stamp_a_known_statement_keeps(replica, ledger, statement, offered, wanted):
    take(ledger, (statement, at(0)), (make_parsed(7), None))
    receipt = take(ledger, (statement, at(offered)))[0]
    stamp = at(offered) if wanted else at(0)
    assert receipt == (statement.id, 0, True, stamp, wanted)
    with closing(LedgerReader(replica)) as reader:
        assert reader.size == ledger.size == 2 + wanted
        assert reader.find(statement.id) == 0
        assert reader.known([statement.id]) == {statement.id: (0, stamp)}
    assert check(replica).problems == ()


def test_a_restamp_is_an_entry_with_the_statements_id_as_its_leaf(replica, ledger):
    take(ledger, (CLAIM, at(0)))
    take(ledger, (CLAIM, at(-1)))
    with closing(LedgerReader(replica)) as reader:
        statement, restamp = reader.statements(0, 2)
        assert restamp == reader.entry(1)
        assert (restamp.id, restamp.record.kind, restamp.record.canonical) == (CLAIM.id, RESTAMP, CLAIM.id)
        assert reader.log.leaves(0, 2) == [CLAIM.id, CLAIM.id]
        assert restamp.record.accepted > statement.record.accepted
        restated = reader.restated([statement, restamp])
    assert restated[0] == statement
    assert restated[1].index == 1
    assert restated[1].record.canonical == CLAIM.canonical
    assert (restated[1].record.hlc, restated[1].record.origin) == at(-1)


def test_the_same_stamp_or_none_changes_nothing(ledger):
    take(ledger, (CLAIM, at(0)), (VOTE, at(0)))
    receipts = take(ledger, (CLAIM, at(0)), (VOTE, at(0)), (CLAIM, None), (VOTE, None))
    assert [(receipt.duplicate, receipt.restamped, receipt.stamp) for receipt in receipts] == [
        (True, False, at(0))
    ] * 4
    assert ledger.size == 2


def test_new_statements_and_restamps_share_a_commit(replica, ledger):
    take(ledger, (CLAIM, at(0)))
    receipts = take(ledger, (EPOCH, None), (CLAIM, at(-3)), (VOTE, at(5)), (CLAIM, at(-2)))
    assert [(receipt.index, receipt.duplicate, receipt.restamped) for receipt in receipts] == [
        (1, False, False),
        (0, True, True),
        (2, False, False),
        (0, True, True),
    ]
    assert [record.kind for record in wal_records(replica)] == [1, 3, 2, RESTAMP]
    assert receipts[1].stamp == receipts[3].stamp == at(-3)
    assert check(replica).problems == ()
    assert check(replica).restamps == 1


def test_stamps_that_meet_in_one_batch_are_joined_without_a_restamp(ledger):
    receipts = take(
        ledger, (CLAIM, at(0)), (VOTE, at(0)), (CLAIM, at(-4)), (VOTE, at(4)), (EPOCH, None), (EPOCH, at(2))
    )
    assert [(receipt.duplicate, receipt.restamped, receipt.stamp) for receipt in receipts] == [
        (False, False, at(-4)),
        (False, False, at(4)),
        (True, False, at(-4)),
        (True, False, at(4)),
        (False, False, at(2)),
        (True, False, at(2)),
    ]
    assert ledger.size == 3


def test_a_restamp_survives_reopening_crashes_and_rebuilding(replica, ledger):
    take(ledger, (CLAIM, at(0)), (EPOCH, at(0)))
    take(ledger, (CLAIM, at(-1)))
    take(ledger, (CLAIM, at(-2)), (EPOCH, at(-2)))
    root = ledger.root()
    ledger.close()
    assert rebuild(replica) == 5
    with closing(Ledger.open(replica, NOW_MS)) as again:
        assert (again.size, again.root()) == (5, root)
        assert take(again, (CLAIM, at(-2)), (EPOCH, at(-1))) == [
            (CLAIM.id, 0, True, at(-2), False),
            (EPOCH.id, 1, True, at(-2), False),
        ]
    assert check(replica).problems == ()


def test_ids_that_are_behind_the_log_catch_up_with_its_restamps(replica, ledger, monkeypatch):
    """The writer dies between the Merkle nodes and the ids, once in the middle of a batch's worth of restamps."""
    take(ledger, (CLAIM, at(0)))
    monkeypatch.setattr(IdTable, "commit", lambda table: table.discard())
    take(ledger, (CLAIM, at(-1)), (EPOCH, at(0)))
    monkeypatch.undo()
    abandon(ledger)
    with closing(Ledger.open(replica, NOW_MS)) as again:
        assert take(again, (CLAIM, None), (EPOCH, None)) == [
            (CLAIM.id, 0, True, at(-1), False),
            (EPOCH.id, 1, True, at(0), False),
        ]
    assert check(replica).problems == ()


@pytest.mark.parametrize(("statement", "ms"), [(CLAIM, -5), (VOTE, 5), (EPOCH, -5)])
def test_the_map_has_the_stamp_of_the_restamp_and_proofs_of_the_statement_hold(
    replica, ledger, statement, ms
):
    take(ledger, (statement, at(0)), (make_parsed(8), None))
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)
        before = projection.root
        take(ledger, (statement, at(ms)))
        projection.catch_up(reader)
        assert projection.root != before
        assert projection.applied == 3
        key, value = map_entry(statement.kind, statement.statement, statement.id, at(ms))
        assert dict(projection.file.snapshot().items())[key] == value
        view = projection.view(reader)
        found = view.get(statement.id)
        assert (found.index, found.kind, found.stamp, found.canonical) == (
            0,
            statement.kind,
            at(ms),
            statement.canonical,
        )
        proof = view.prove(statement.id)
    assert proof.log is not None
    assert (proof.log.index, proof.log.size) == (0, 3)


def test_a_vote_that_lost_shows_the_stamp_it_has_by_now(replica, ledger):
    later = parse(encode(vote(weight=1)))
    take(ledger, (VOTE, at(0)), (later, at(9)))
    take(ledger, (VOTE, at(5)))
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)
        (value,) = dict(projection.file.snapshot().items()).values()
        assert decode_stamp(value.split(b"\0" + later.id)[0]) == at(9)
        assert projection.view(reader).get(VOTE.id).stamp == at(5)
        assert projection.view(reader).get(VOTE.id).kind is Kind.VOTE


class TestDamage:
    @pytest.fixture(autouse=True)
    def restamped(self, replica, ledger):
        take(ledger, (CLAIM, at(0)), (EPOCH, at(0)))
        take(ledger, (CLAIM, at(-1)))
        ledger.close()

    def test_a_lost_restamp_in_the_id_table_is_named(self, replica):
        edit_ids(replica, lambda t: t.put(CLAIM.id, t.get(EPOCH.id)))
        edit_ids(replica, lambda t: t.put(CLAIM.id, bytes(8) + t.get(CLAIM.id)[8:]))
        (problem,) = check(replica).problems
        assert f"want {at(-1).hlc} there of the restamp at log index 2" in problem

    def test_a_stamp_that_no_restamp_gave_is_named(self, replica):
        edit_ids(replica, lambda t: t.put(EPOCH.id, t.get(CLAIM.id)))
        edit_ids(replica, lambda t: t.put(EPOCH.id, bytes(7) + b"\x01" + t.get(EPOCH.id)[8:]))
        (problem,) = check(replica).problems
        assert f"got index 1 and stamp {at(-1).hlc} there, want 1 and {at(0).hlc} there" in problem

    def test_an_id_that_points_at_its_restamp_is_named_and_not_applied(self, replica):
        edit_ids(replica, lambda t: t.put(CLAIM.id, (2).to_bytes(8, "big") + t.get(CLAIM.id)[8:]))
        problems = check(replica).problems
        assert any("restamped at log index 2, its statement stands at 2" in problem for problem in problems)
        with (
            closing(LedgerReader(replica)) as reader,
            Projection.open(replica, writable=True) as projection,
            pytest.raises(Corruption, match="restamped at log index 2, no statement stands before it"),
        ):
            projection.catch_up(reader)

    def test_a_restamp_of_an_unknown_id_is_corruption(self, replica):
        with closing(IdTable(replica.ids, writable=True)) as table:
            with pytest.raises(Corruption, match="the log restamps it, the table lacks it"):
                table.stage([], 4, [(bytes(32), b"stamp")])
            assert table.size() == 3
