import errno
import os

import pytest

from stemedb.clocks import pack
from stemedb.clocks.hlc import DRIFT_MS_MAX
from stemedb.errors import ClockDrift, Corruption, DurabilityLost, Locked
from stemedb.ledger import Ledger, LedgerReader, check, rebuild
from stemedb.ledger.ids import IdTable
from stemedb.ledger.state import Condition, State, current_boot, read_state, write_state
from stemedb.merkle import Checkpoint, MemoryNodeStore, MerkleLog, log_origin
from stemedb.merkle.note import public_key
from stemedb.statements import sign
from stemedb.types import Stamp
from support.faults import Crashed, FaultyOperations
from support.ledgers import (
    NOW_MS,
    SEED,
    abandon,
    derived_bytes,
    fill,
    log_ids,
    make_items,
    make_parsed,
    make_replica,
    wal_records,
)


@pytest.fixture
def replica(tmp_path):
    return make_replica(tmp_path / "replica")


@pytest.fixture
def ledger(replica):
    ledger = Ledger.open(replica, NOW_MS)
    yield ledger
    ledger.close()


def naive_root(numbers):
    log = MerkleLog(MemoryNodeStore())
    log.append([make_parsed(number).id for number in numbers])
    return log.root()


class TestAppend:
    def test_a_new_ledger_is_empty(self, ledger):
        assert (ledger.size, ledger.root(), ledger.recovered) == (0, naive_root([]), None)
        assert ledger.append([], NOW_MS) == []

    def test_receipts_come_in_order_with_index_and_stamp(self, ledger):
        receipts = ledger.append(make_items(0, 3), NOW_MS) + ledger.append(make_items(3, 5), NOW_MS + 1)
        assert [receipt.id for receipt in receipts] == [make_parsed(number).id for number in range(5)]
        assert [receipt.index for receipt in receipts] == [0, 1, 2, 3, 4]
        assert not any(receipt.duplicate for receipt in receipts)
        assert {receipt.stamp.origin for receipt in receipts} == {"here"}
        hlcs = [receipt.stamp.hlc for receipt in receipts]
        assert hlcs == sorted(set(hlcs))
        assert pack(NOW_MS, 0) <= hlcs[0]
        assert pack(NOW_MS + 1, 0) == hlcs[3]
        assert (ledger.size, ledger.root()) == (5, naive_root(range(5)))

    def test_a_known_statement_gets_the_receipt_it_had(self, ledger):
        first = ledger.append(make_items(0, 4), NOW_MS)
        again = ledger.append(make_items(2, 6), NOW_MS + 5)
        assert [receipt.duplicate for receipt in again] == [True, True, False, False]
        assert [receipt.index for receipt in again] == [2, 3, 4, 5]
        assert [receipt.stamp for receipt in again[:2]] == [receipt.stamp for receipt in first[2:]]
        assert ledger.size == 6

    def test_repeats_within_a_batch_are_one_statement(self, ledger):
        ledger.append(make_items(0, 1), NOW_MS)
        a, b, c = (make_parsed(number) for number in range(3))
        receipts = ledger.append([(b, None), (a, None), (b, None), (c, None), (a, None), (c, None)], NOW_MS)
        assert [(receipt.index, receipt.duplicate) for receipt in receipts] == [
            (1, False), (0, True), (1, True), (2, False), (0, True), (2, True),
        ]  # fmt: skip
        assert receipts[2].stamp == receipts[0].stamp

    def test_a_batch_of_known_statements_writes_nothing(self, replica, ledger):
        ledger.append(make_items(0, 3), NOW_MS)
        before = (ledger.checkpoint(), (replica.wal / "committed").read_bytes(), derived_bytes(replica))
        assert all(receipt.duplicate for receipt in ledger.append(make_items(0, 3), NOW_MS))
        assert before == (
            ledger.checkpoint(),
            (replica.wal / "committed").read_bytes(),
            derived_bytes(replica),
        )

    def test_a_record_holds_what_came(self, replica, ledger):
        parsed = make_parsed(7)
        parsed = parsed._replace(signature=sign(parsed.id, SEED))
        stamp = Stamp(pack(NOW_MS - 5, 3), "elsewhere")
        receipt = ledger.append([(parsed, stamp)], NOW_MS)[0]
        assert receipt.stamp == stamp
        (record,) = wal_records(replica)
        assert (record.kind, record.canonical, record.signature) == (
            parsed.kind,
            parsed.canonical,
            parsed.signature,
        )
        assert (record.hlc, record.origin) == stamp
        assert record.accepted > stamp.hlc


class TestClock:
    def test_stamps_that_came_along_are_absorbed(self, ledger):
        ahead = Stamp(pack(NOW_MS + 1000, 7), "elsewhere")
        receipts = ledger.append([(make_parsed(0), ahead), (make_parsed(1), None)], NOW_MS)
        assert receipts[0].stamp == ahead
        assert receipts[1].stamp.hlc > ahead.hlc

    def test_a_stamp_too_far_ahead_is_refused_and_leaves_no_trace(self, replica, ledger):
        ledger.append(make_items(0, 1), NOW_MS)
        last = ledger.clock.last
        far = Stamp(pack(NOW_MS + DRIFT_MS_MAX + 1, 0), "elsewhere")
        with pytest.raises(ClockDrift):
            ledger.append([(make_parsed(1), None), (make_parsed(2), far)], NOW_MS)
        assert (ledger.size, ledger.clock.last) == (1, last)
        assert len(wal_records(replica)) == 1
        assert ledger.append(make_items(1, 2), NOW_MS)[0].index == 1

    @pytest.mark.parametrize(
        "stamp", [Stamp(-1, "elsewhere"), Stamp(1, "Else where"), Stamp(2**64, "elsewhere")]
    )
    def test_what_is_no_stamp_is_misuse_and_leaves_no_trace(self, ledger, stamp):
        with pytest.raises(ValueError, match="stamp"):
            ledger.append([(make_parsed(0), None), (make_parsed(1), stamp)], NOW_MS)
        assert ledger.size == 0
        assert not ledger.append(make_items(0, 2), NOW_MS)[0].duplicate

    def test_a_wall_clock_that_steps_back_across_a_restart_does_not_take_stamps_back(self, replica):
        first = fill(replica, range(3))
        ledger = Ledger.open(replica, NOW_MS - 10_000)
        later = ledger.append(make_items(3, 4), NOW_MS - 10_000)
        ledger.close()
        assert later[0].stamp > first[-1].stamp
        assert [record.accepted for record in wal_records(replica)] == sorted(
            record.accepted for record in wal_records(replica)
        )


class TestCheckpoint:
    def test_it_signs_size_and_root_after_every_append(self, replica, ledger):
        for size in (2, 3, 7):
            ledger.append(make_items(0, size), NOW_MS)
            note = (replica.log / "checkpoint").read_bytes()
            assert note == ledger.checkpoint()
            checkpoint = Checkpoint.open(note, log_origin("here"), public_key(SEED))
            assert (checkpoint.size, checkpoint.root) == (size, naive_root(range(size)))

    def test_a_log_that_contradicts_it_is_refused(self, replica):
        fill(replica, range(5))
        other = Checkpoint(log_origin("here"), 4, naive_root(range(1, 5))).sign(SEED)
        (replica.log / "checkpoint").write_bytes(other)
        for rebuilding in (False, True):
            with pytest.raises(Corruption, match=r"log/checkpoint: .*another root at size 4 than was signed"):
                Ledger.open(replica, NOW_MS, rebuild=rebuilding)

    def test_a_damaged_one_is_named(self, replica):
        fill(replica, range(5))
        path = replica.log / "checkpoint"
        note = path.read_bytes()
        path.write_bytes(note.replace(b"5", b"4", 1))
        with pytest.raises(Corruption, match=r"log/checkpoint: offset 0: .*does not verify"):
            Ledger.open(replica, NOW_MS)
        path.unlink()
        ledger = Ledger.open(replica, NOW_MS)
        assert path.read_bytes() == note == ledger.checkpoint()
        ledger.close()


class TestReopening:
    def test_everything_is_there_again(self, replica):
        receipts = fill(replica, range(3), range(2, 9))
        ledger = Ledger.open(replica, NOW_MS)
        assert (ledger.size, ledger.root()) == (9, naive_root(range(9)))
        again = ledger.append(make_items(0, 9), NOW_MS)
        assert [(r.id, r.index, r.stamp) for r in again] == [
            (r.id, r.index, r.stamp) for r in receipts if not r.duplicate
        ]
        ledger.close()
        assert check(replica).ok

    def test_a_second_writer_is_refused(self, replica, ledger):
        with pytest.raises(Locked, match=str(os.getpid())):
            Ledger.open(replica, NOW_MS)
        with pytest.raises(Locked):
            rebuild(replica)

    def test_the_state_says_whether_it_is_open(self, replica):
        """An outage while it is open must not leave the word of an earlier close."""
        for _ in range(2):
            ledger = Ledger.open(replica, NOW_MS)
            assert read_state(replica.log) == State(Condition.OPEN, current_boot())
            ledger.close()
            assert read_state(replica.log).condition is Condition.CLOSED

    def test_closing_twice_does_nothing(self, replica):
        ledger = Ledger.open(replica, NOW_MS)
        ledger.close()
        ledger.close()
        with pytest.raises(AssertionError, match="closed"):
            ledger.append(make_items(0, 1), NOW_MS)

    @pytest.mark.parametrize("boot", ["same", "other"])
    def test_derived_files_cut_at_any_place_are_brought_forward(self, replica, boot):
        """As a process leaves them that dies within a commit (same boot), and as an outage leaves them (other boot)."""
        fill(replica, range(3), range(3, 7), range(7, 12), segment_bytes=400)
        whole, ids = derived_bytes(replica), log_ids(replica)
        for name, content in whole.items():
            for length in range(0, len(content), 24):
                ledger = Ledger.open(replica, NOW_MS, operations=FaultyOperations())
                abandon(ledger)
                if boot == "other":
                    write_state(replica.log, State(Condition.OPEN, "of yesterday"))
                os.truncate(replica.log / name, length)
                ledger = Ledger.open(replica, NOW_MS, operations=FaultyOperations())
                assert (ledger.size, ledger.root()) == (12, naive_root(range(12)))
                assert derived_bytes(replica) == whole
                ledger.close()
        assert log_ids(replica) == ids
        assert check(replica).ok

    @pytest.mark.parametrize(
        ("leaves", "entries"), [(12, 5), (3, 7), (7, 3), (5, 5), (0, 4), (4, 0), (11, 12)]
    )
    def test_each_file_is_brought_forward_from_its_own_length(self, replica, monkeypatch, leaves, entries):
        fill(replica, range(12))
        whole = derived_bytes(replica)
        ledger = Ledger.open(replica, NOW_MS, operations=FaultyOperations())
        abandon(ledger)
        os.truncate(replica.log / "00", leaves * 32)
        os.truncate(replica.log / "entries", entries * 16)
        monkeypatch.setattr(
            "stemedb.ledger.ledger.remove_derived", lambda _: pytest.fail("computed all again")
        )
        monkeypatch.setattr("stemedb.ledger.ledger.CATCH_UP_RECORDS", 5)
        ledger = Ledger.open(replica, NOW_MS, operations=FaultyOperations())
        ledger.close()
        assert derived_bytes(replica) == whole
        assert check(replica).ok

    def test_after_another_boot_nothing_derived_is_believed(self, replica):
        fill(replica, range(9))
        whole = derived_bytes(replica)
        ledger = Ledger.open(replica, NOW_MS)
        abandon(ledger)
        for name, content in whole.items():
            (replica.log / name).write_bytes(bytes(len(content)))
        (replica.ids / "data.mdb").write_bytes(os.urandom(8192))
        write_state(replica.log, State(Condition.OPEN, "of yesterday"))
        ledger = Ledger.open(replica, NOW_MS)
        assert ledger.root() == naive_root(range(9))
        assert all(receipt.duplicate for receipt in ledger.append(make_items(0, 9), NOW_MS))
        ledger.close()
        assert derived_bytes(replica) == whole
        assert check(replica).ok

    def test_a_state_of_another_boot_is_believed_if_it_was_closed(self, replica, monkeypatch):
        fill(replica, range(3))
        monkeypatch.setattr("stemedb.ledger.ledger.current_boot", lambda: "tomorrow")
        rebuilt = []
        monkeypatch.setattr("stemedb.ledger.ledger.remove_derived", rebuilt.append)
        Ledger.open(replica, NOW_MS).close()
        assert rebuilt == []
        assert read_state(replica.log) == State(Condition.CLOSED, "tomorrow")

    @pytest.mark.parametrize(
        "damage", ["missing level", "rows of zeros", "garbage ids", "entries elsewhere", "last entry earlier"]
    )
    def test_derived_damage_that_shows_on_opening_is_repaired(self, replica, damage):
        fill(replica, range(9))
        whole = derived_bytes(replica)
        if damage == "missing level":
            (replica.log / "02").unlink()
        elif damage == "rows of zeros":
            (replica.log / "00").write_bytes(bytes(9 * 32))
        elif damage == "garbage ids":
            (replica.ids / "data.mdb").write_bytes(b"\xff" * 8192)
        elif damage == "entries elsewhere":
            (replica.log / "entries").write_bytes(b"\x00\x00\x00\x09" * 4 * 9)
        else:
            (replica.log / "entries").write_bytes(whole["entries"][:-16] + whole["entries"][:16])
        ledger = Ledger.open(replica, NOW_MS)
        assert ledger.root() == naive_root(range(9))
        ledger.close()
        assert derived_bytes(replica) == whole
        assert check(replica).ok

    def test_acknowledged_records_that_vanished_are_corruption(self, replica):
        """The log and its mark are cut to an earlier batch, as by a disk that lied: checkpoint and entries know better."""
        fill(replica, range(3))
        earlier = {path.name: path.read_bytes() for path in replica.wal.iterdir()}
        fill(replica, range(3, 8))
        for name, content in earlier.items():
            (replica.wal / name).write_bytes(content)
        with pytest.raises(
            Corruption,
            match=r"00000001\.wal: offset \d+: the log ends after 3 statements, log/checkpoint is signed for 8",
        ):
            Ledger.open(replica, NOW_MS)
        write_state(replica.log, State(Condition.OPEN, "of yesterday"))
        with pytest.raises(Corruption, match="acknowledged records are missing"):
            Ledger.open(replica, NOW_MS)
        write_state(replica.log, State(Condition.CLOSED, ""))
        (replica.log / "checkpoint").unlink()
        with pytest.raises(Corruption, match="the derived files know 8"):
            Ledger.open(replica, NOW_MS)


class TestFailure:
    """Each call that changes durable state fails once, before and after it takes effect."""

    BATCHES = (range(3), range(2, 4), range(4, 9), range(9, 10))

    def run(self, replica, operations):
        """Append until something breaks; return the numbers acknowledged."""
        acknowledged, ledger, lost = set(), None, None
        try:
            ledger = Ledger.open(replica, NOW_MS, segment_bytes=500, operations=operations)
            for batch in self.BATCHES:
                ledger.append([(make_parsed(number), None) for number in batch], NOW_MS)
                acknowledged |= set(batch)
            ledger.close()
        except DurabilityLost as error:
            lost = error
        except Crashed:
            pass
        if lost is not None:
            assert lost.errno == errno.ENOSPC
            if ledger is not None and not ledger._closed:
                with pytest.raises(DurabilityLost):
                    ledger.append(make_items(50, 51), NOW_MS)
        if ledger is not None and not ledger._closed:
            abandon(ledger)
        return acknowledged

    @pytest.mark.parametrize("how", ["error", "crash"])
    @pytest.mark.parametrize(("after", "torn"), [(False, False), (False, True), (True, False)])
    def test_what_was_acknowledged_is_there_after_any_single_failure(self, tmp_path, how, after, torn):
        total = FaultyOperations()
        assert self.run(make_replica(tmp_path / "0"), total) == set(range(10))
        assert len(total.calls) > 40
        for call in range(1, len(total.calls) + 1):
            replica = make_replica(tmp_path / str(call))
            acknowledged = self.run(replica, FaultyOperations(call, how=how, after=after, torn=torn))
            if torn and (replica.log / "checkpoint").exists():
                # Half a note means the operating system stopped, which the state would tell by another boot.
                write_state(replica.log, State(Condition.OPEN, "of yesterday"))
            ledger = Ledger.open(replica, NOW_MS, segment_bytes=500, operations=FaultyOperations())
            kept = {make_parsed(number).id for number in acknowledged}
            assert kept <= set(log_ids(replica))
            ledger.append(make_items(0, 12), NOW_MS)
            assert ledger.size == 12
            ledger.close()
            assert check(replica).problems == ()


class TestIdTableGrowth:
    def test_the_map_grows_while_a_reader_looks(self, replica, ledger):
        reader = LedgerReader(replica)
        size = (replica.ids / "data.mdb").stat().st_size
        for start in range(0, 24_000, 4_000):
            receipts = ledger.append(make_items(start, start + 4_000), NOW_MS)
            reader.refresh()
            assert reader.find(receipts[-1].id) == start + 3_999
        assert (replica.ids / "data.mdb").stat().st_size > size
        assert reader.find(make_parsed(0).id) == 0
        reader.close()

    def test_unmapping_loses_nothing(self, replica, ledger, monkeypatch):
        monkeypatch.setattr("stemedb.ledger.environment.MAPPED_BYTES_MAX", 0)
        monkeypatch.setattr("stemedb.ledger.ids.TRIM_EVERY", 2)
        for start in range(0, 30, 3):
            ledger.append(make_items(start, start + 3), NOW_MS)
        assert all(receipt.duplicate for receipt in ledger.append(make_items(0, 30), NOW_MS))

    def test_a_full_disk_is_a_typed_error(self, replica, ledger, monkeypatch):
        def full(fd, offset, length):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("os.posix_fallocate", full)
        for start in range(0, 8_000, 4_000):
            ledger.append(make_items(start, start + 4_000), NOW_MS)
        with pytest.raises(DurabilityLost, match=r"data\.mdb: allocating .* No space left"):
            ledger.append(make_items(8_000, 20_000), NOW_MS)
        with pytest.raises(DurabilityLost):
            ledger.append(make_items(0, 1), NOW_MS)


def test_a_table_read_only_first_can_be_written_by_the_same_process(replica):
    fill(replica, range(3))
    readable = IdTable(replica.ids, writable=False)
    assert readable.get(make_parsed(0).id).index == 0
    ledger = Ledger.open(replica, NOW_MS)
    ledger.append(make_items(3, 4), NOW_MS)
    assert readable.get(make_parsed(3).id).index == 3
    ledger.close()
    assert readable.get(make_parsed(3).id).index == 3
    readable.close()
