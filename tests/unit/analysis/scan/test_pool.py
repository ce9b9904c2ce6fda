"""Workers: order, deaths, hangs, and what is left afterwards."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from stemedb_analysis.scan import limits
from stemedb_analysis.scan import pool as pool_module
from stemedb_analysis.scan.pool import Pool
from stemedb_analysis.scan.result import FileResult
from stemedb_analysis.scan.worker import Worker


def make():
    def work(file, data):
        if data == b"die":
            os._exit(1)
        if data == b"hang":
            signal.pause()
        while data == b"loop":
            pass
        if data == b"slow":
            time.sleep(0.05)
        return FileResult(file, "python", len(data))

    return work


def run(chunks, jobs=2):
    with Pool(make, jobs) as pool:
        return [
            [(one.file, one.lines, bool(one.faults)) for one in results] for results in pool.results(chunks)
        ]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_the_order_of_the_chunks_whoever_is_slow(jobs):
    chunks = [[("0", b"slow"), ("1", b"a")], [("2", b"bb")], [("3", b"ccc"), ("4", b"dddd")]]
    assert run(chunks, jobs) == [
        [("0", 4, False), ("1", 1, False)],
        [("2", 2, False)],
        [("3", 3, False), ("4", 4, False)],
    ]


def test_a_file_that_kills_its_worker_is_a_fault_and_its_neighbours_are_scanned():
    chunks = [[("a", b"x"), ("b", b"die"), ("c", b"x")], [("d", b"die")], [("e", b"x")]]
    assert run(chunks) == [
        [("a", 1, False), ("b", 0, True), ("c", 1, False)],
        [("d", 0, True)],
        [("e", 1, False)],
    ]


def faults(chunks):
    with Pool(make, 1) as pool:
        return [one.faults for results in pool.results(chunks) for one in results]


def test_a_file_that_takes_too_much_is_given_up_and_its_neighbours_are_scanned(monkeypatch):
    monkeypatch.setattr(limits, "FILE_CPU_S", 0.2)
    chunks = [[("a", b"x"), ("b", b"loop")], [("c", b"x")]]
    assert faults(chunks) == [(), ("took more than 0.2 s of a processor",), ()]


def test_a_worker_that_does_nothing_any_more_is_given_up(monkeypatch):
    monkeypatch.setattr(pool_module, "CHUNK_S", 0.2)
    assert faults([[("a", b"hang")]]) == [("took more than 0.2 s",)]


def test_no_worker_outlives_the_pool_even_when_nobody_asks_for_the_rest():
    with Pool(make, 2) as pool:
        next(pool.results([[(str(number), b"x")] for number in range(20)]))
        pids = [worker.process.pid for worker in pool._workers]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_chunks_are_taken_only_as_fast_as_they_are_worked_on():
    taken = []

    def chunks():
        for number in range(100):
            taken.append(number)
            yield [(str(number), b"x")]

    with Pool(make, 2) as pool:
        next(pool.results(chunks()))
        assert len(taken) <= 2 * pool_module.AHEAD + 1


def test_nothing_to_do_starts_no_worker():
    with Pool(make, 3) as pool:
        assert list(pool.results([])) == []
        assert pool._workers == []


def test_a_pool_needs_a_worker():
    with pytest.raises(ValueError, match="at least 1"):
        Pool(make, 0)


def test_a_process_with_threads_has_its_workers_forked_by_one_that_knows_the_rules():
    """Started afresh, each would take a second to be ready."""
    took = []

    def scan():
        for _ in range(2):
            began = time.perf_counter()
            with Pool(Worker(None), 1) as pool:
                (results,) = pool.results([[("a.py", b"import hashlib\nhashlib.md5(x)\n")]])
            took.append(time.perf_counter() - began)
            assert [one.rule for one in results[0].observations] == ["hash-algorithm"]

    with ThreadPoolExecutor(1) as threads:
        threads.submit(scan).result()
    assert took[1] < took[0]  # the first one starts the process that forks
