"""When the pull loop asks again; what it reads and acknowledges is tested with a real server."""

import asyncio
from types import SimpleNamespace

import pytest

from stemedb.bus import intake as intake_module
from stemedb.bus.intake import BUFFER_COUNT_MAX, HEARTBEAT_S, SILENCE, Intake


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(intake_module, "time", made)
    monkeypatch.setattr(intake_module, "TEND_S", 0)
    return made


class Scene:
    """An intake over a connection that takes everything and answers nothing."""

    def __init__(self):
        self.declared = 0
        client = SimpleNamespace(
            max_payload=1 << 20,
            is_connected=True,
            stats={"reconnects": 0},
            new_inbox=lambda: "inbox",
            publish=self._nothing,
            subscribe=self._nothing,
        )
        self.intake = Intake(client, "stream", "consumer", declare=self._declare, arrived=lambda: None)

    async def _nothing(self, *_, **__):
        return None

    async def _declare(self):
        self.declared += 1

    async def tend(self, turns=5):
        tending = asyncio.create_task(self.intake.tend())
        for _ in range(turns):
            await asyncio.sleep(0)
        tending.cancel()


def message():
    return SimpleNamespace(subject="s", data=b"x", reply="r", headers=None)


async def test_silence_makes_it_ask_again(clock):
    scene = Scene()
    await scene.intake.open()
    clock.now += SILENCE * HEARTBEAT_S + 1
    await scene.tend()
    assert scene.declared == 2


async def test_a_backlog_that_is_worked_on_is_no_silence(clock):
    """With a full buffer nothing is asked for, and so no heartbeat comes."""
    scene = Scene()
    await scene.intake.open()
    for _ in range(BUFFER_COUNT_MAX):
        await scene.intake._on_message(message())
    for _ in range(5):
        clock.now += SILENCE * HEARTBEAT_S - 1
        assert len(scene.intake.take(100, 1 << 20)) == 100
        clock.now += 2
        await scene.tend()
    assert scene.declared == 1
