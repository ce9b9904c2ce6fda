"""Checking the map against the log, making it anew, and compacting it."""

from contextlib import closing

import pytest

from stemedb.crdt import assertion_key, encode_stamp, vote_key
from stemedb.errors import Corruption, Locked, NotFound
from stemedb.ledger import LedgerReader
from stemedb.projection import Projection, check, compact, rebuild
from stemedb.projection import check as check_function
from stemedb.projection.check import PROBLEMS_MAX
from stemedb.projection.map import FILE_NAME
from stemedb.projection.meta import encode_mark
from stemedb.types import Hlc, Stamp
from support.histories import damage_first_node, make_replica, parsed, write
from support.statement_json import assertion, epoch, vote

CLAIM = parsed(assertion())
BALLOT = parsed(vote(assertion=CLAIM.id.hex()))
CLAIMS = [parsed(assertion(subject=f"pkg://p/{n:04}")) for n in range(200)]


@pytest.fixture
def replica(tmp_path):
    directory = make_replica(tmp_path / "data")
    write(directory, [(item, None) for item in (CLAIM, BALLOT, parsed(epoch()), *CLAIMS)])
    with closing(LedgerReader(directory)) as reader, Projection.open(directory, writable=True) as projection:
        projection.catch_up(reader, batch=50)
    return directory


def edit(replica, *edits):
    """Change the map behind the back of the log, in a commit that looks like any other."""
    with Projection.open(replica, writable=True) as projection:
        projection.file.tree.apply(edits)
        projection.file.commit(encode_mark(projection.mark))


def only_the_map_is_there(replica):
    return sorted(path.name for path in replica.index.iterdir()) == [FILE_NAME, f"{FILE_NAME}.lock"]


def test_a_sound_map_has_no_problems(replica):
    report = check(replica)
    assert report.ok
    assert (report.applied, report.log_size, report.keys) == (203, 203, 203)
    assert report.root == Projection.open(replica).root
    assert only_the_map_is_there(replica)


def test_a_map_that_is_behind_is_sound(replica):
    write(replica, [(parsed(assertion(subject="later")), None)])
    report = check(replica)
    assert report.ok
    assert (report.applied, report.log_size) == (203, 204)


def test_every_wrong_entry_is_named(replica):
    stamp = encode_stamp(Stamp(Hlc(1), "zulu"))
    edit(
        replica,
        (assertion_key("pkg://p/0007", "license", CLAIMS[7].id), None),
        (assertion_key("pkg://p/0008", "license", CLAIMS[8].id), stamp),
        (assertion_key("pkg://never", "license", CLAIMS[9].id), stamp),
        (vote_key(CLAIM.id, "alice"), None),
    )
    problems = check(replica).problems
    assert [problem.split(": ")[0] for problem in problems] == [
        f"assertion {CLAIMS[9].id.hex()[:12]} about pkg://never license",
        f"assertion {CLAIMS[7].id.hex()[:12]} about pkg://p/0007 license",
        f"assertion {CLAIMS[8].id.hex()[:12]} about pkg://p/0008 license",
        f"vote of alice on {CLAIM.id.hex()[:12]}",
    ]
    assert [problem.split(": ")[1][:7] for problem in problems] == [
        "in the ",
        "missing",
        "got 000",
        "missing",
    ]
    assert only_the_map_is_there(replica)


def test_more_problems_than_anybody_reads_are_cut_short(replica):
    edit(replica, *((assertion_key(f"pkg://p/{n:04}", "license", CLAIMS[n].id), None) for n in range(100)))
    problems = check(replica).problems
    assert len(problems) == PROBLEMS_MAX + 1
    assert "`stemedb rebuild`" in problems[-1]


def test_a_key_that_no_statement_makes_is_named_too(replica):
    edit(replica, (b"zzz", b"1"))
    assert check(replica).problems == ("key 7a7a7a: in the map, but not made by the log",)


def test_rot_in_the_file_is_found_and_rebuilding_repairs_it(replica):
    path = replica.index / FILE_NAME
    compact(replica)
    write(replica, [(parsed(assertion(subject="zoo://z")), None)])
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)
        root = projection.root
    damage_first_node(replica)
    (problem,) = check(replica).problems
    assert str(path) in problem
    assert "offset" in problem
    assert rebuild(replica) == root
    assert check(replica).ok
    assert only_the_map_is_there(replica)


def test_a_changed_byte_in_the_last_commit_is_reported_though_the_map_still_opens(replica):
    path = replica.index / FILE_NAME
    with Projection.open(replica) as projection:
        last, applied = projection.file.last, projection.applied
    data = bytearray(path.read_bytes())
    data[last.offset + 8] ^= 1
    path.write_bytes(data)
    report = check(replica)
    assert report.applied < applied
    assert len(report.problems) == 1
    assert "bytes after the last whole commit" in report.problems[0]
    assert f"applies the log again from {report.applied}" in report.problems[0]


def test_a_lost_or_unreadable_file_is_rebuilt_too(replica):
    path = replica.index / FILE_NAME
    root = Projection.open(replica).root
    path.unlink()
    with pytest.raises(NotFound):
        check(replica)
    assert rebuild(replica) == root
    path.write_bytes(b"rubbish")
    with pytest.raises(Corruption):
        check(replica)
    assert rebuild(replica) == root


def test_rebuilding_tells_how_far_it_is(replica):
    seen = []
    rebuild(replica, lambda done, total: seen.append((done, total)))
    assert seen == [(203, 203)]
    seen.clear()
    check(replica, lambda done, total: seen.append((done, total)))
    assert seen == [(203, 203)]


def test_what_a_killed_rebuild_left_is_no_obstacle(replica):
    (replica.index / f".{FILE_NAME}.rebuild").write_bytes(b"half")
    root = Projection.open(replica).root
    assert rebuild(replica) == root


def test_nothing_is_rebuilt_or_compacted_under_a_running_writer(replica):
    with Projection.open(replica, writable=True):
        with pytest.raises(Locked):
            rebuild(replica)
        with pytest.raises(Locked):
            compact(replica)


def test_a_reader_follows_a_rebuild(replica):
    with closing(LedgerReader(replica)) as reader, Projection.open(replica) as follower:
        before = follower.root
        rebuild(replica)
        follower.refresh()
        assert follower.root == before
        assert follower.view(reader).get(CLAIM.id).index == 0


def test_compacting_keeps_the_map_and_shrinks_the_file(replica):
    root = Projection.open(replica).root
    before, after = compact(replica)
    assert after < before
    assert after == (replica.index / FILE_NAME).stat().st_size
    assert Projection.open(replica).root == root
    assert check_function(replica).ok


def test_without_a_map_there_is_nothing_to_compact(tmp_path):
    with pytest.raises(NotFound):
        compact(make_replica(tmp_path / "empty"))
