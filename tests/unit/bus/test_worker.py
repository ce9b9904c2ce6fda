"""The store's one thread."""

import asyncio
import threading

import pytest

from stemedb.bus.worker import Worker
from support.waiting import eventually


async def test_jobs_run_one_at_a_time_in_order_on_one_other_thread():
    seen = []

    def job(number):
        seen.append((number, threading.get_ident()))
        return number

    async with Worker("test") as worker:
        assert await asyncio.gather(*(worker.run(job, i) for i in range(50))) == list(range(50))
    assert [number for number, _ in seen] == list(range(50))
    assert len({thread for _, thread in seen} | {threading.get_ident()}) == 2


async def test_what_a_job_raises_is_raised_to_its_caller():
    def job():
        raise KeyError("x")

    async with Worker("test") as worker:
        with pytest.raises(KeyError):
            await worker.run(job)
        assert await worker.run(int, "7") == 7


async def test_begun_work_is_finished_when_its_caller_is_cancelled():
    begun, gate, done = threading.Event(), threading.Event(), []

    def job():
        begun.set()
        gate.wait()
        done.append(1)

    async with Worker("test") as worker:
        task = asyncio.create_task(worker.run(job))
        await eventually(begun.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()
    assert done == [1]
