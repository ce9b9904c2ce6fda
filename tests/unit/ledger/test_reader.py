import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import support.ledgers
from stemedb.errors import Corruption, NotFound, Unavailable
from stemedb.ledger import Ledger, LedgerReader, check, rebuild
from stemedb.ledger.state import Condition, State, write_state
from stemedb.merkle import verify_inclusion
from support.ledgers import NOW_MS, abandon, edit_ids, fill, make_items, make_parsed, make_replica


@pytest.fixture
def replica(tmp_path):
    return make_replica(tmp_path / "replica")


@pytest.fixture
def filled(replica):
    """A replica of 20 statements in several segments."""
    fill(replica, range(7), range(7, 8), range(8, 20), segment_bytes=700)
    return replica


@pytest.fixture
def reader(filled):
    reader = LedgerReader(filled)
    yield reader
    reader.close()


IDS = [make_parsed(number).id for number in range(20)]


class TestReading:
    def test_a_ledger_never_written_is_empty(self, replica):
        reader = LedgerReader(replica)
        assert (reader.size, reader.refresh(), reader.log.size) == (0, 0, 0)
        assert reader.statements(0, 0) == []
        assert reader.find(IDS[0]) is None
        assert reader.between(0, 2**63) == (0, 0)
        with pytest.raises(NotFound, match="no checkpoint yet"):
            reader.checkpoint()
        reader.close()

    def test_every_range_of_statements(self, reader):
        for start in range(0, 21, 3):
            for end in range(start, 21, 2):
                entries = reader.statements(start, end)
                assert [entry.index for entry in entries] == list(range(start, end))
                assert [entry.id for entry in entries] == IDS[start:end]
                assert [entry.record.canonical for entry in entries] == [
                    make_parsed(number).canonical for number in range(start, end)
                ]

    @pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 2), (0, 21), (21, 21)])
    def test_a_range_beyond_the_log_is_misuse(self, reader, start, end):
        with pytest.raises(ValueError, match=r"within \[0, 20\)"):
            reader.statements(start, end)

    def test_single_entries_and_ids(self, reader):
        for index, key in enumerate(IDS):
            assert reader.entry(index) == reader.statements(index, index + 1)[0]
            assert reader.find(key) == index
        assert reader.find(make_parsed(20).id) is None

    def test_known_ids_come_with_index_and_stamp_and_unknown_ones_are_left_out(self, reader):
        known = reader.known([IDS[3], make_parsed(20).id, IDS[19]])
        assert {key: place.index for key, place in known.items()} == {IDS[3]: 3, IDS[19]: 19}
        records = {index: reader.entry(index).record for index in (3, 19)}
        assert all(place.stamp == (records[place.index].hlc, "here") for place in known.values())

    def test_a_ledger_never_written_knows_no_id(self, replica):
        assert LedgerReader(replica).known(IDS) == {}

    def test_entries_between_two_times(self, reader):
        accepted = [entry.record.accepted for entry in reader.statements(0, 20)]
        for low in range(-1, 22):
            for high in range(low, 22):
                start, end = (accepted[0] + offset for offset in (low, high))
                want = [index for index, hlc in enumerate(accepted) if start <= hlc < end]
                first, last = reader.between(start, end)
                assert list(range(first, last)) == want

    def test_the_log_proves_what_the_checkpoint_signs(self, reader):
        for index, key in enumerate(IDS):
            verify_inclusion(key, index, 20, reader.log.inclusion_proof(index), reader.log.root())


class TestFollowing:
    def test_what_is_appended_is_seen_after_a_refresh(self, replica):
        ledger, reader = Ledger.open(replica, NOW_MS), LedgerReader(replica)
        for size in (3, 4, 12):
            ledger.append(make_items(0, size), NOW_MS)
            before = reader.size
            assert reader.find(IDS[size - 1]) is None
            assert (before, reader.refresh(), reader.size) == (before, size, size)
            assert reader.log.root() == ledger.root()
            assert reader.find(IDS[size - 1]) == size - 1
            assert [entry.id for entry in reader.statements(before, size)] == IDS[before:size]
            assert reader.checkpoint() == ledger.checkpoint()
        reader.close()
        ledger.close()

    def test_a_rebuilt_ledger_is_followed(self, filled, reader):
        rebuild(filled)
        ledger = Ledger.open(filled, NOW_MS)
        ledger.append(make_items(20, 23), NOW_MS)
        assert reader.refresh() == 23
        assert reader.log.root() == ledger.root()
        assert reader.find(make_parsed(22).id) == 22
        ledger.close()

    def test_a_reader_sees_nothing_of_a_half_made_commit(self, replica, monkeypatch):
        """Between any two steps of an append the reader has the state before, or all of it."""
        ledger, reader = Ledger.open(replica, NOW_MS), LedgerReader(replica)
        ledger.append(make_items(0, 5), NOW_MS)
        seen = []

        def look(*_):
            seen.append(reader.refresh())
            assert [entry.id for entry in reader.statements(0, reader.size)] == IDS[: reader.size]
            assert reader.log.size == reader.size
            assert all(reader.find(key) == index for index, key in enumerate(IDS[: reader.size]))

        for owner, name in (
            (ledger._writer, "append_checked"),
            (ledger._derived.log, "append"),
            (ledger._derived.ids, "commit"),
            (ledger._derived._entries, "append"),
            (ledger._signed, "write"),
        ):
            self.surround(monkeypatch, owner, name, look)
        ledger.append(make_items(5, 11), NOW_MS)
        assert seen == [5, 5, 5, 5, 5, 5, 5, 11, 11, 11]
        reader.close()
        ledger.close()

    @staticmethod
    def surround(monkeypatch, owner, name, look):
        original = getattr(owner, name)

        def method(_, *arguments):
            look()
            result = original(*arguments)
            look()
            return result

        kind = type(owner)
        monkeypatch.setattr(kind, name, method)

    @pytest.mark.parametrize("condition", [Condition.OPEN, Condition.REBUILDING])
    def test_files_not_repaired_yet_are_unavailable(self, filled, condition):
        write_state(filled.log, State(condition, "of yesterday"))
        with pytest.raises(Unavailable, match="start ingest, or wait for it"):
            LedgerReader(filled)
        Ledger.open(filled, NOW_MS).close()
        reader = LedgerReader(filled)
        assert reader.size == 20
        reader.close()


class TestDamage:
    """A flip of every byte of every derived file: the right answer or `Corruption`, never a wrong one."""

    @pytest.mark.parametrize("name", ["00", "01", "02", "03", "04", "entries"])
    def test_of_rows(self, filled, name):
        path = filled.log / name
        data = path.read_bytes()
        for at in range(len(data)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :])
            reader = LedgerReader(filled)
            for ask in (
                lambda: [entry.id for entry in reader.statements(0, 20)],  # noqa: B023 - used within the round
                lambda: [reader.entry(index).id for index in range(20)],  # noqa: B023 - as above
            ):
                try:
                    assert ask() == IDS
                except Corruption:
                    assert name in {"00", "entries"}
            reader.close()
            if at % 16 == 0:
                assert not check(filled).ok

    def test_of_an_id_that_leads_elsewhere(self, filled, reader):
        edit_ids(filled, lambda t: t.put(IDS[7], t.get(IDS[8])))
        with pytest.raises(Corruption, match=r"ids: offset 0: id [0-9a-f]{16}: index 8 holds"):
            reader.find(IDS[7])

    def test_of_a_short_file(self, filled, reader):
        os.truncate(filled.log / "00", 19 * 32)
        with pytest.raises(Corruption, match=r"log/00: offset 608"):
            reader.entry(19)


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from stemedb.ledger import Ledger
from stemedb.storage import ReplicaDirectory
from support.ledgers import NOW_MS, make_items
ledger = Ledger.open(ReplicaDirectory.open(Path(sys.argv[1])), NOW_MS, segment_bytes=20_000)
while True:
    receipts = ledger.append(make_items(ledger.size - ledger.size % 2, ledger.size + 7), NOW_MS)
    sys.stdout.write(f"{receipts[-1].index + 1}\\n")
    sys.stdout.flush()
"""


def test_another_process_follows_a_writer_that_is_killed_and_restarted(replica):
    """Everything acknowledged is there, once and in order, however often the writer dies in the middle."""
    reader, seen = LedgerReader(replica), []
    tests = str(Path(support.ledgers.__file__).parent.parent)
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(replica.path), tests], stdout=subprocess.PIPE, text=True
        ) as process:
            acknowledged, goal = 0, len(seen) + 300
            while acknowledged < goal:
                acknowledged = int(process.stdout.readline())
                size = reader.refresh()
                seen += [entry.id for entry in reader.statements(len(seen), size)]
                assert all(reader.find(key) is not None for key in seen[-3:])
            process.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *map(int, process.stdout.read().split("\n")[:-1])])
        size = reader.refresh()
        seen += [entry.id for entry in reader.statements(len(seen), size)]
        ledger = Ledger.open(replica, NOW_MS, segment_bytes=20_000)
        assert acknowledged <= ledger.size
        assert len(seen) <= ledger.size
        abandon(ledger)
    reader.refresh()
    seen += [entry.id for entry in reader.statements(len(seen), reader.size)]
    reader.close()
    assert seen == [make_parsed(number).id for number in range(len(seen))]
    assert check(replica).ok
