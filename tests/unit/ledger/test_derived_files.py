"""Row files, level files, entries and the state mark."""

import os

import pytest

from stemedb.errors import Corruption, UnsupportedFormat
from stemedb.ledger.entries import EntryFile, encode_entries
from stemedb.ledger.node_files import NodeFiles
from stemedb.ledger.row_file import RowFile
from stemedb.ledger.state import Condition, State, current_boot, read_state, write_state
from stemedb.merkle import MemoryNodeStore, MerkleLog
from stemedb.wal import Position


def leaves(count):
    return [bytes([number]) * 32 for number in range(count)]


class TestRowFile:
    def test_rows_are_where_they_were_appended(self, tmp_path):
        file = RowFile(tmp_path / "rows", 4, writable=True)
        file.append(b"aaaabbbb")
        file.append(b"cccc")
        assert (file.count, file.measure()) == (3, 3)
        assert file.get(1) == b"bbbb"
        assert file.get_range(1, 3) == b"bbbbcccc"
        file.close()
        file.close()

    def test_part_of_a_row_does_not_count_and_is_overwritten(self, tmp_path):
        (tmp_path / "rows").write_bytes(b"aaaabb")
        file = RowFile(tmp_path / "rows", 4, writable=True)
        assert file.count == 1
        file.append(b"cccc")
        assert (tmp_path / "rows").read_bytes() == b"aaaacccc"
        file.close()

    def test_cutting_drops_rows_and_parts(self, tmp_path):
        (tmp_path / "rows").write_bytes(b"aaaabbbbcc")
        file = RowFile(tmp_path / "rows", 4, writable=True)
        file.cut(2)
        assert (tmp_path / "rows").read_bytes() == b"aaaabbbb"
        file.cut(0)
        assert file.measure() == 0
        file.close()

    def test_reading_beyond_the_end_is_corruption(self, tmp_path):
        (tmp_path / "rows").write_bytes(b"aaaabb")
        file = RowFile(tmp_path / "rows", 4, writable=False)
        with pytest.raises(Corruption, match="offset 4: row 1: got 2 bytes, want 4"):
            file.get(1)
        with pytest.raises(Corruption, match="offset 0: file ends early: got 6 bytes, want 8"):
            file.get_range(0, 2)
        file.close()

    def test_a_replaced_file_is_noticed(self, tmp_path):
        path = tmp_path / "rows"
        path.write_bytes(b"aaaa")
        file = RowFile(path, 4, writable=False)
        assert not file.is_replaced()
        path.rename(tmp_path / "old")
        assert file.is_replaced()
        path.write_bytes(b"bbbb")
        assert file.is_replaced()
        file.close()


class TestNodeFiles:
    @pytest.mark.parametrize("batches", [[9], [1] * 9, [3, 5, 1]])
    def test_files_hold_what_memory_holds(self, tmp_path, batches):
        store, log = MemoryNodeStore(), NodeFiles(tmp_path, writable=True)
        in_memory, on_disk = MerkleLog(store), MerkleLog(log)
        start = 0
        for count in batches:
            for merkle in (in_memory, on_disk):
                merkle.append(leaves(9)[start : start + count])
            start += count
        for level, count in ((0, 9), (1, 4), (2, 2), (3, 1)):
            assert (tmp_path / f"{level:02d}").read_bytes() == store.get_range(level, 0, count)
        assert log.is_whole()
        log.close()
        reader = NodeFiles(tmp_path, writable=False)
        assert MerkleLog(reader).root() == in_memory.root()
        reader.close()

    def test_a_writer_that_died_between_levels_leaves_what_cutting_repairs(self, tmp_path):
        log = NodeFiles(tmp_path, writable=True)
        MerkleLog(log).append(leaves(8))
        os.truncate(tmp_path / "00", 5 * 32 + 7)
        assert (log.measure(), log.is_whole()) == (5, True)
        log.cut(5)
        assert [(tmp_path / f"{level:02d}").stat().st_size // 32 for level in range(4)] == [5, 2, 1, 0]
        again = MerkleLog(log)
        again.append(leaves(8)[5:])
        reference = MerkleLog(MemoryNodeStore())
        reference.append(leaves(8))
        assert again.root() == reference.root()
        log.close()

    @pytest.mark.parametrize("level", [1, 2, 3])
    def test_a_level_that_lost_nodes_is_not_whole(self, tmp_path, level):
        log = NodeFiles(tmp_path, writable=True)
        MerkleLog(log).append(leaves(8))
        os.truncate(tmp_path / f"{level:02d}", ((8 >> level) - 1) * 32)
        assert not log.is_whole()
        log.close()

    def test_a_missing_file_is_named_to_a_reader(self, tmp_path):
        reader = NodeFiles(tmp_path, writable=False)
        assert reader.measure() == 0
        with pytest.raises(Corruption, match=r"/00: offset 0: level file is missing"):
            reader.get(0, 0)

    def test_a_reader_shows_what_it_is_told(self, tmp_path):
        log = NodeFiles(tmp_path, writable=True)
        MerkleLog(log).append(leaves(8))
        reader = NodeFiles(tmp_path, writable=False)
        reader.show(3)
        assert (reader.size(), reader.measure()) == (3, 8)
        reader.close()
        log.close()


class TestEntries:
    def test_the_row_is_segment_offset_and_time_big_endian(self):
        row = encode_entries([Position(1, 40)], [0x0123456789ABCDEF])
        assert row.hex() == "00000001000000280123456789abcdef"

    def test_positions_and_times(self, tmp_path):
        file = EntryFile(tmp_path, writable=True)
        times = [10, 10, 20, 30, 30, 30]
        file.append(encode_entries([Position(1, 8 * n) for n in range(6)], times))
        assert [file.position(n) for n in range(6)] == [Position(1, 8 * n) for n in range(6)]
        assert [file.accepted(n) for n in range(6)] == times
        for hlc in range(5, 40):
            for size in range(7):
                want = next((n for n in range(size) if times[n] >= hlc), size)
                assert file.first_since(hlc, size) == want
        file.close()


class TestState:
    @pytest.mark.parametrize(
        ("state", "believable"),
        [
            (State(Condition.CLOSED, "now"), True),
            (State(Condition.CLOSED, "then"), True),
            (State(Condition.OPEN, "now"), True),
            (State(Condition.OPEN, "then"), False),
            (State(Condition.OPEN, ""), False),
            (State(Condition.REBUILDING, "now"), False),
            (State(Condition.ABSENT, "now"), False),
        ],
    )
    def test_when_the_files_are_believed(self, tmp_path, state, believable):
        if state.condition is not Condition.ABSENT:
            write_state(tmp_path, state)
            assert read_state(tmp_path) == state
        assert state.is_believable("now") == believable

    def test_an_unknown_boot_equals_no_boot(self):
        assert not State(Condition.OPEN, "").is_believable("")

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"[]", b'{"format":1}', b'{"format":1,"condition":"new","boot":""}']
    )
    def test_an_unreadable_file_is_no_state(self, tmp_path, content):
        (tmp_path / "state").write_bytes(content)
        assert read_state(tmp_path).condition is Condition.ABSENT

    def test_a_missing_file_is_no_state(self, tmp_path):
        assert read_state(tmp_path).condition is Condition.ABSENT

    def test_a_newer_format_is_refused(self, tmp_path):
        (tmp_path / "state").write_bytes(b'{"format":2,"condition":"open","boot":""}')
        with pytest.raises(UnsupportedFormat, match="format 2"):
            read_state(tmp_path)

    def test_the_running_boot_is_the_same_when_asked_twice(self):
        assert current_boot() == current_boot()
