"""What a client does around one request; whether it is answered is a matter for a real server."""

import asyncio
from types import SimpleNamespace

import nats.errors
import pytest

from stemedb.bus.client import Client


class Bus:
    """A connection that answers, or fails, when it is cancelled: as `asyncio.wait_for` does on a bad day of Python 3.11."""

    max_payload = 1 << 20

    def __init__(self, outcome):
        self.outcome = outcome
        self.asked = asyncio.Event()

    async def request(self, subject, body, **_):
        self.asked.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if isinstance(self.outcome, Exception):
                raise self.outcome from None
            return self.outcome


@pytest.mark.parametrize(
    "outcome", [SimpleNamespace(headers=None, data=b"answer"), nats.errors.TimeoutError()]
)
async def test_a_cancellation_that_comes_with_the_answer_is_not_lost(outcome):
    bus = Bus(outcome)

    async def for_ever():
        while True:
            await Client(bus, "west").call("a.b.c.d", b"")

    task = asyncio.create_task(for_ever())
    await bus.asked.wait()
    task.cancel()
    done, _ = await asyncio.wait((task,), timeout=60)
    assert done
    assert task.cancelled()


async def test_a_request_made_while_a_task_winds_up_is_answered():
    answered = SimpleNamespace(headers=None, data=b"answer")

    async def request(subject, body, **_):
        return answered

    bus = SimpleNamespace(max_payload=100, request=request)
    begun = asyncio.Event()

    async def winding_up():
        try:
            begun.set()
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return await Client(bus, "west").call("a.b.c.d", b"")

    task = asyncio.create_task(winding_up())
    await begun.wait()
    task.cancel()
    assert await task == b"answer"
