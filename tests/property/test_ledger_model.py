"""The ledger against a list and a dict, through reopenings, crashes, torn tails and lost derived files."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stemedb.clocks import pack
from stemedb.ledger import Ledger, LedgerReader, check
from stemedb.ledger.state import Condition, State, write_state
from stemedb.merkle import MemoryNodeStore, MerkleLog
from stemedb.types import Stamp
from stemedb.wal import RESTAMP
from stemedb.wal.record import Record, encode_batch
from support.effort import examples
from support.faults import FaultyOperations
from support.ledgers import NOW_MS, abandon, make_parsed, make_replica

NUMBERS = st.integers(0, 40)
STAMPS = st.none() | st.builds(
    Stamp,
    st.integers(-5000, 5000).map(lambda ahead: pack(NOW_MS + ahead, 0)),
    st.sampled_from(["elsewhere", "there"]),
)


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="stemedb-ledger-"))
        self.replica = make_replica(self.folder / "replica")
        self.log: list[tuple[bytes, Stamp]] = []  # the model: ids with stamps, in log order
        self.places: dict[bytes, int] = {}
        self.stamps: dict[bytes, Stamp] = {}
        self.now_ms = NOW_MS
        self.segment_bytes = 1 << 20

    @initialize(segment_bytes=st.sampled_from([300, 2000, 1 << 20]))
    def start(self, segment_bytes):
        self.segment_bytes = segment_bytes
        self.open()
        self.reader = LedgerReader(self.replica)

    def open(self):
        self.ledger = Ledger.open(
            self.replica, self.now_ms, segment_bytes=self.segment_bytes, operations=FaultyOperations()
        )

    @rule(batch=st.lists(st.tuples(NUMBERS, STAMPS), max_size=8), step_ms=st.integers(-50, 50))
    def append(self, batch, step_ms):
        self.now_ms += step_ms
        last = self.ledger.clock.last
        receipts = self.ledger.append([(make_parsed(number), stamp) for number, stamp in batch], self.now_ms)
        assert len(receipts) == len(batch)
        offered = {}
        for number, stamp in batch:
            offered.setdefault(make_parsed(number).id, []).append(stamp)
        # Epochs keep the smallest of their stamps. One that is given here is larger than all that came along.
        smallest = {key: min((s for s in stamps if s), default=None) for key, stamps in offered.items()}
        first_to_move = [
            key
            for key, stamp in ((make_parsed(number).id, stamp) for number, stamp in batch)
            if stamp and key in self.stamps and stamp < self.stamps[key]
        ]
        moved = {key: smallest[key] for key in first_to_move}
        for (number, _), receipt in zip(batch, receipts, strict=True):
            key = make_parsed(number).id
            duplicate = key in self.places
            if not duplicate:
                self.places[key] = len(self.log)
                self.log.append((key, receipt.stamp))
                self.stamps[key] = receipt.stamp
                assert smallest[key] in {None, receipt.stamp}
                if smallest[key] is None:
                    assert receipt.stamp.origin == "here"
                    assert receipt.stamp.hlc > last
            stamp = moved.get(key, self.stamps[key])
            assert receipt == (key, self.places[key], duplicate, stamp, key in moved)
        self.log += sorted(moved.items(), key=lambda move: first_to_move.index(move[0]))
        self.stamps |= moved

    @rule()
    def close_and_open(self):
        self.ledger.close()
        self.open()

    @rule(
        lost=st.dictionaries(st.sampled_from(["00", "01", "02", "entries"]), st.floats(0, 1), max_size=4),
        ids=st.sampled_from(["kept", "gone", "older"]),
        same_boot=st.booleans(),
    )
    def crash(self, lost, ids, same_boot):
        """The process dies; derived files fall back to an earlier length, after an outage also to garbage."""
        abandon(self.ledger)
        reader_lives = (
            same_boot and not lost
        )  # an outage ends readers, and the death of a writer takes nothing they saw
        if not reader_lives:
            self.reader.close()
        for name, share in lost.items():
            path = self.replica.log / name
            if path.exists():
                length = int(path.stat().st_size * share)
                os.truncate(path, length)
                if not same_boot and length:
                    with path.open("r+b") as file:
                        file.write(b"\xaa" * min(length, 48))
        older = self.folder / "older.mdb"
        if not same_boot and ids == "gone":
            (self.replica.ids / "data.mdb").unlink()
        elif not same_boot and ids == "older" and older.exists():
            shutil.copy(older, self.replica.ids / "data.mdb")
        if not same_boot:
            write_state(self.replica.log, State(Condition.OPEN, "of yesterday"), FaultyOperations())
        self.open()
        if not reader_lives:
            self.reader = LedgerReader(self.replica)
        shutil.copy(self.replica.ids / "data.mdb", older)

    @rule(kept=st.integers(0, 200), numbers=st.lists(NUMBERS, min_size=1, max_size=3, unique=True))
    def crash_within_a_commit(self, kept, numbers):
        """Some bytes of a batch reach the disk and it is never acknowledged: whole records of it may appear."""
        fresh = [number for number in numbers if make_parsed(number).id not in self.places]
        end, segment = self.ledger._writer.committed.end, self.ledger._writer.committed.segment
        header, count = self.ledger._writer._header, self.ledger._writer._count
        hlc = self.ledger.clock.tick(self.now_ms)
        abandon(self.ledger)
        records = [Record(3, hlc, "here", hlc, make_parsed(number).canonical, b"") for number in fresh]
        data, _ = encode_batch(records, end, count)
        path = self.replica.wal / f"{segment:08d}.wal"
        with path.open("r+b") as file:
            file.seek(end)
            file.write(data[:kept])
        self.open()
        survived = self.ledger.size - len(self.log)
        assert 0 <= survived <= len(fresh)
        assert header.first_index + count == len(self.log)
        for number in fresh[:survived]:
            key = make_parsed(number).id
            self.places[key] = len(self.log)
            self.log.append((key, Stamp(hlc, "here")))
            self.stamps[key] = Stamp(hlc, "here")

    @rule()
    def check_files(self):
        assert check(self.replica).problems == ()

    @invariant()
    def reader_sees_the_model(self):
        if not hasattr(self, "reader"):
            return
        size = self.reader.refresh()
        assert size == self.ledger.size == len(self.log)
        entries = self.reader.statements(0, size)
        assert [(entry.id, Stamp(entry.record.hlc, entry.record.origin)) for entry in entries] == self.log
        accepted = [entry.record.accepted for entry in entries]
        assert accepted == sorted(accepted)
        naive = MerkleLog(MemoryNodeStore())
        naive.append([key for key, _ in self.log])
        assert self.ledger.root() == self.reader.log.root() == naive.root()
        for key, place in self.places.items():
            assert self.reader.find(key) == place
        known = self.reader.known(list(self.places))
        assert known == {key: (place, self.stamps[key]) for key, place in self.places.items()}
        restamps = {entry.index for entry in entries if entry.record.kind == RESTAMP}
        assert restamps == set(range(size)) - set(self.places.values())

    def teardown(self):
        if hasattr(self, "reader"):
            self.reader.close()
            self.ledger.close()
            report = check(self.replica)
        shutil.rmtree(self.folder)
        if hasattr(self, "reader"):
            assert report.problems == ()


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=examples(25), stateful_step_count=25, deadline=None)
