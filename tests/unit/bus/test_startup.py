"""Waiting for the replica before a service is ready, and refusing to be the second of one kind."""

import asyncio
from types import SimpleNamespace

import nats.errors
import pytest
import structlog

from stemedb.bus import startup
from stemedb.bus.lifetime import Lifetime
from stemedb.errors import Locked, NotFound, Refused, Unavailable


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(startup, "OPEN_AGAIN_S", 0.001)


def opener(*outcomes):
    """Return an `open_it` that has these outcomes in turn, and what readiness said before each."""
    stage, said, left = SimpleNamespace(waiting_for="nats"), [], list(outcomes)

    async def open_it():
        said.append(stage.waiting_for)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return open_it, stage, said


async def test_it_opens_as_soon_as_it_can_and_says_what_is_waited_for_until_then():
    open_it, stage, said = opener(NotFound("no replica"), Unavailable("in repair"), "opened")
    assert await startup.when_there(open_it, stage, Lifetime(), structlog.get_logger()) == "opened"
    assert said == ["nats", "no replica", "in repair"]


async def test_what_waiting_does_not_mend_is_raised():
    open_it, stage, _ = opener(NotFound("no replica"), Locked("taken"))
    with pytest.raises(Locked):
        await startup.when_there(open_it, stage, Lifetime(), structlog.get_logger())


async def test_a_service_that_ends_while_it_waits_opens_nothing():
    lifetime = Lifetime()

    async def open_it():
        lifetime.stop()
        raise NotFound("no replica")

    stage = SimpleNamespace(waiting_for="")
    waiting = startup.when_there(open_it, stage, lifetime, structlog.get_logger())
    assert await asyncio.wait_for(waiting, 60) is None


class Client:
    """A bus on which somebody answers, or nobody does."""

    def __init__(self, answer):
        self.answer = answer

    async def request(self, subject, question, **_):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("nobody", [nats.errors.NoRespondersError(), nats.errors.TimeoutError()])
async def test_whom_nobody_answers_is_alone(nobody):
    await startup.alone(Client(nobody), "sync", "west", "subject")


async def test_a_second_service_of_one_name_is_refused():
    with pytest.raises(Refused, match="another sync answers for replica west"):
        await startup.alone(Client(b"digest"), "sync", "west", "subject")
