"""A whole scan: the same at any number of workers, with and without a cache."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from stemedb_analysis.model import Observation, Span
from stemedb_analysis.scan import limits
from stemedb_analysis.scan import run as run_module
from stemedb_analysis.scan.cache import Cache
from stemedb_analysis.scan.result import FileResult, Note, Tally
from stemedb_analysis.scan.run import run
from stemedb_analysis.walk import Input


def observation(file, line):
    return Observation("a/b", "is", True, file, Span(line, 1, line, 4), "BAD", 0.9, "rule", "python", "00")


class Worker:
    """Observes every line that says BAD, and counts the files that it was given."""

    def __init__(self):
        self.given = []

    def __call__(self):
        def work(file, data):
            self.given.append(file)
            if data.startswith(b"FAIL"):
                return FileResult(file, faults=("oh",))
            if data.startswith(b"?"):
                return FileResult(file, skipped="no known language")
            lines = data.decode().split("\n")
            found = tuple(observation(file, number) for number, line in enumerate(lines, 1) if "BAD" in line)
            notes = (Note("ignore", "rule", "why", 1, 1),) if "NOTE" in lines[0] else ()
            return FileResult(file, "python", len(lines), found, notes, timings=(("rules", 0.5),))

        return work


def inputs(count=40, size=8000):
    yield Input("node_modules/", reason="vendored")
    for number in range(count):
        text = "NOTE BAD\nok\nBAD" if number % 3 == 0 else "?" if number % 7 == 0 else "ok"
        yield Input(
            f"{number:03}.py", text.encode() + b"\n" + b"x" * size, lines=((1, 2),) if number == 3 else None
        )
    yield Input("huge.json", reason="too large")


def scan(jobs=1, cache=None, **sizes):
    return run(inputs(**sizes), Worker(), jobs=jobs, cache=cache or Cache(None, b""), whole=True)


def test_the_same_at_any_number_of_workers_and_in_this_process(monkeypatch):
    found = [scan(jobs) for jobs in (1, 2, 3)]
    monkeypatch.setattr(run_module, "INLINE_BYTES_MAX", 1 << 30)
    found.append(scan())
    assert found[0].observations
    assert all(one == found[0] for one in found)


def test_observations_keep_the_order_of_the_files():
    files = [one.file for one in scan(2).observations]
    assert files == sorted(files)


def test_everything_seen_is_counted():
    tally = scan(2).tally
    assert tally.seen == 42
    assert tally.scanned + sum(tally.skipped.values()) == tally.seen
    assert tally.skipped == {"vendored": 1, "no known language": 4, "too large": 1}
    assert tally.named == [("huge.json", "too large")]
    assert tally.languages == {"python": tally.scanned}


def test_notes_and_changed_lines_travel_with_their_file():
    found = scan(2)
    assert set(found.notes) == {f"{number:03}.py" for number in range(0, 40, 3)}
    assert found.changed == {"003.py": ((1, 2),)}


def test_what_took_the_time_is_summed_up():
    assert scan(size=1, count=3).timings == {"rules": 1.5}


def test_small_inputs_are_scanned_in_this_process():
    worker = Worker()
    run(inputs(3, 10), worker, jobs=4, cache=Cache(None, b""), whole=True)
    assert worker.given == ["000.py", "001.py", "002.py"]


def loops():
    def work(file, data):
        while data.startswith(b"loop"):
            re.match(r"(a+)+$", "a" * 18 + "b")
        return FileResult(file, "python", 1)

    return work


def test_a_small_file_has_a_limit_too(monkeypatch):
    monkeypatch.setattr(limits, "FILE_CPU_S", 0.2)
    given = [Input("a.py", b"ok"), Input("b.py", b"loop"), Input("c.py", b"ok")]
    tally = run(given, loops, jobs=1, cache=Cache(None, b""), whole=True).tally
    assert tally.scanned == 2
    assert ("b.py", "took more than 0.2 s of a processor") in tally.faults


def test_a_thread_that_cannot_be_interrupted_leaves_files_to_workers():
    worker = Worker()
    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(run, inputs(3, 10), worker, jobs=1, cache=Cache(None, b""), whole=True)
        assert done.result().tally.scanned == 3
    assert worker.given == []


def test_who_hands_in_a_tally_sees_it_grow():
    tally = Tally()
    seen = []

    def watched():
        for one in inputs(400):
            seen.append((tally.scanned, tally.lines))
            yield one

    run(watched(), Worker(), jobs=1, cache=Cache(None, b""), whole=True, tally=tally)
    assert seen[0] == (0, 0)
    assert 0 < seen[-1][0] < tally.scanned
    assert 0 < seen[-1][1] < tally.lines


def cached(tmp_path, worker, count, *, stamp=b"1", whole=True, size=10):
    return run(inputs(count, size), worker, jobs=1, cache=Cache(tmp_path / "c", stamp), whole=whole)


def test_known_files_are_not_scanned_again(tmp_path):
    first, second = Worker(), Worker()
    before = cached(tmp_path, first, 5)
    after = cached(tmp_path, second, 5)
    assert second.given == []
    assert after.observations == before.observations
    assert after.notes == before.notes
    assert after.tally.cached == after.tally.scanned == before.tally.scanned


def test_a_file_that_changed_is_scanned_again_and_so_is_one_that_moved(tmp_path):
    cached(tmp_path, Worker(), 5)
    worker = Worker()
    changed = [
        Input("000.py", b"BAD"),
        Input("elsewhere.py", next(i for i in inputs(2, 10) if i.file == "001.py").data),
    ]
    run(changed, worker, jobs=1, cache=Cache(tmp_path / "c", b"1"), whole=False)
    assert worker.given == ["000.py", "elsewhere.py"]


def test_other_rules_or_another_version_know_nothing(tmp_path):
    cached(tmp_path, Worker(), 3)
    worker = Worker()
    cached(tmp_path, worker, 3, stamp=b"2")
    assert len(worker.given) == 3


@pytest.mark.parametrize(("whole", "again"), [(True, 2), (False, 0)])
def test_a_scan_of_the_whole_project_forgets_what_is_gone_and_a_part_does_not(tmp_path, whole, again):
    cached(tmp_path, Worker(), 5)
    cached(tmp_path, Worker(), 3, whole=whole)
    worker = Worker()
    cached(tmp_path, worker, 5)
    assert len(worker.given) == again


def test_what_failed_is_told_by_name_and_tried_again(tmp_path):
    for _ in range(2):
        worker = Worker()
        found = run([Input("a.py", b"FAIL")], worker, jobs=1, cache=Cache(tmp_path / "c", b"1"), whole=True)
        assert worker.given == ["a.py"]
        assert found.tally.is_empty
        assert found.tally.named == [("a.py", "scan failed")]
        assert found.tally.faults == [("a.py", "oh")]


@pytest.mark.parametrize("content", [b"", b"\x00", b"no cache at all", b"\x81\xa5stamp\xc4\x011"])
def test_a_cache_that_cannot_be_read_is_no_cache(tmp_path, content):
    (tmp_path / "c").write_bytes(content)
    worker = Worker()
    cached(tmp_path, worker, 2)
    assert len(worker.given) == 2


def test_every_truncation_of_a_cache_is_survived(tmp_path):
    cached(tmp_path, Worker(), 2)
    whole = (tmp_path / "c").read_bytes()
    for size in range(0, len(whole), 7):
        (tmp_path / "c").write_bytes(whole[:size])
        assert len(cached(tmp_path, Worker(), 2).observations) == 2


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "c").mkdir()
    assert cached(tmp_path, Worker(), 2).observations


def test_a_cache_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("stemedb_analysis.scan.cache.CACHE_BYTES_MAX", 400)
    cached(tmp_path, Worker(), 30)
    assert (tmp_path / "c").stat().st_size < 1000
