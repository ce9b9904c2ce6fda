import os
import re

import pytest

from stemedb.errors import Corruption
from stemedb.ledger import Ledger, check, rebuild
from stemedb.ledger.state import Condition, State, read_state, write_state
from stemedb.merkle import Checkpoint, log_origin
from support.ledgers import NOW_MS, SEED, derived_bytes, edit_ids, fill, make_items, make_parsed, make_replica

IDS = [make_parsed(number).id for number in range(21)]


@pytest.fixture
def replica(tmp_path):
    """A closed ledger of 20 statements in several segments."""
    replica = make_replica(tmp_path / "replica")
    fill(replica, range(7), range(7, 8), range(8, 20), segment_bytes=700)
    return replica


def flip(path, offset):
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x01
    path.write_bytes(data)


def forge_checkpoint(replica, size, root):
    (replica.log / "checkpoint").write_bytes(Checkpoint(log_origin("here"), size, root).sign(SEED))


class TestCheck:
    def test_a_sound_ledger_has_no_problems(self, replica):
        calls = []
        report = check(replica, lambda done, total: calls.append((done, total)))
        assert report.ok
        assert report.problems == ()
        assert report.statements == 20
        assert calls[-1] == (20, 20)
        ledger = Ledger.open(replica, NOW_MS)
        assert report.root == ledger.root()
        assert check(replica) == report, "also while the writer has it open"
        ledger.close()

    def test_an_empty_ledger_has_no_problems(self, tmp_path):
        replica = make_replica(tmp_path / "empty")
        assert check(replica).ok
        fill(replica)
        assert check(replica).ok

    @pytest.mark.parametrize(
        ("plant", "problem"),
        [
            (lambda r: flip(r.log / "00", 5 * 32), r"log/00: offset 160: node 5 is not"),
            (lambda r: flip(r.log / "02", 4 * 32 + 31), r"log/02: offset 128: node 4 is not"),
            (lambda r: flip(r.log / "entries", 16 * 3 + 7), r"log/entries: offset 48: entry 3 does not lead"),
            (lambda r: flip(r.log / "entries", 16 * 19 + 15), r"entry 19 does not lead"),
            (lambda r: os.truncate(r.log / "00", 32 * 19), r"log/00: offset \d+: file ends early"),
            (lambda r: os.truncate(r.log / "entries", 16 * 19), r"log/entries: offset \d+: file ends early"),
            (lambda r: (r.log / "03").unlink(), r"log/03: offset 0: level file is missing"),
            (lambda r: (r.log / "entries").unlink(), r"log/entries: missing"),
            (lambda r: (r.log / "checkpoint").unlink(), r"log/checkpoint: missing"),
            (lambda r: flip(r.log / "checkpoint", 20), r"log/checkpoint: offset 0: "),
            (lambda r: forge_checkpoint(r, 21, bytes(32)), r"signed for 21 statements, the write-ahead log holds 20"),
            (lambda r: forge_checkpoint(r, 20, bytes(32)), r"root at 20: got 0000000000000000, want"),
            (lambda r: edit_ids(r, lambda t: t.delete(IDS[4])), r"of log index 4 is missing"),
            (lambda r: edit_ids(r, lambda t: t.delete(IDS[4])), r"holds 19 ids and says 20"),
            (lambda r: edit_ids(r, lambda t: t.put(IDS[20], bytes(8) + b"\0" * 8 + b"x")), r"holds 21 ids and says 20"),
            (lambda r: edit_ids(r, lambda t: t.put(IDS[20], bytes(8) + b"\0" * 8 + b"x")), r"ids: holds 21 statements, the write-ahead log 20"),
            (lambda r: edit_ids(r, lambda t: t.put(IDS[4], bytes(8) + t.get(IDS[4])[8:])), r"got index 0 and .* want 4"),
            (lambda r: edit_ids(r, lambda t: t.put(IDS[4], t.get(IDS[4])[:-4] + b"away")), r"away, want 4 and \d+ here"),
            (lambda r: edit_ids(r, lambda t: t.put(IDS[4], b"short")), r"data\.mdb: offset 0: value of an id"),
            (lambda r: (r.ids / "data.mdb").write_bytes(b"\xff" * 8192), r"data\.mdb: offset 0: not a sound id table"),
            (lambda r: (r.ids / "data.mdb").unlink(), r"data\.mdb: offset 0: the id table is missing"),
            (lambda r: flip(r.wal / "00000001.wal", 100), r"00000001\.wal: offset 40: checksum mismatch"),
            (lambda r: (r.wal / "committed").unlink(), r"committed: missing or damaged"),
            (lambda r: (r.log / "state").unlink(), r"log/state: the derived files were not closed"),
            (lambda r: write_state(r.log, State(Condition.REBUILDING, "")), r"log/state: the derived files were not closed"),
        ],
    )  # fmt: skip
    def test_each_planted_inconsistency_is_named(self, replica, plant, problem):
        plant(replica)
        report = check(replica)
        assert not report.ok
        assert any(re.search(problem, line) for line in report.problems), report.problems

    def test_rows_beyond_the_log_are_named(self, replica):
        with (replica.log / "entries").open("ab") as file:
            file.write(bytes(16))
        with (replica.log / "00").open("ab") as file:
            file.write(bytes(32))
        problems = check(replica).problems
        assert any("log/entries: holds 21 statements, the write-ahead log 20" in line for line in problems)
        assert any("log/00: holds 21 statements, the write-ahead log 20" in line for line in problems)

    def test_problems_are_bounded(self, tmp_path):
        replica = make_replica(tmp_path / "many")
        fill(replica, range(300))
        (replica.log / "00").write_bytes(bytes(300 * 32))
        assert len(check(replica).problems) == 100

    def test_nothing_is_changed(self, replica):
        flip(replica.log / "00", 5 * 32)
        before = {
            path: path.read_bytes()
            for path in replica.path.rglob("*")
            if path.is_file() and path.name != "lock.mdb"
        }
        check(replica)
        after = {path: path.read_bytes() for path in before}
        assert after == before


class TestRebuild:
    def test_it_gives_the_same_bytes(self, replica):
        whole = derived_bytes(replica)
        for path in (*replica.log.iterdir(), *replica.ids.iterdir()):
            if path.name != "checkpoint":
                path.unlink()
        calls = []
        assert rebuild(replica, lambda done, total: calls.append((done, total))) == 20
        assert calls[-1] == (20, 20)
        assert derived_bytes(replica) == whole
        assert check(replica).ok

    def test_in_pieces_it_gives_the_same_bytes(self, replica, monkeypatch):
        whole = derived_bytes(replica)
        monkeypatch.setattr("stemedb.ledger.ledger.CATCH_UP_RECORDS", 3)
        rebuild(replica)
        assert derived_bytes(replica) == whole
        assert check(replica).ok

    def test_interrupted_it_is_begun_again(self, replica, monkeypatch):
        monkeypatch.setattr("stemedb.ledger.ledger.CATCH_UP_RECORDS", 3)

        def interrupt(done, _):
            if done > 9:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rebuild(replica, interrupt)
        assert not check(replica).ok
        assert read_state(replica.log).condition is Condition.REBUILDING
        ledger = Ledger.open(replica, NOW_MS)
        assert all(receipt.duplicate for receipt in ledger.append(make_items(0, 20), NOW_MS))
        ledger.close()
        assert check(replica).ok

    def test_damage_in_the_log_itself_is_not_hidden(self, replica):
        flip(replica.wal / "00000001.wal", 100)
        with pytest.raises(Corruption, match=r"00000001\.wal: offset 40: checksum mismatch"):
            rebuild(replica)
