"""What the follower tells while it follows; the stores, threads and bus around it are the test's."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.logs import logger
from stemedb.errors import Unavailable
from stemedb_index.follower import Follower
from stemedb_index.metrics import IndexMetrics
from stemedb_index.settings import IndexSettings
from stemedb_index.store import Position
from support.waiting import eventually


class Thread:
    """Runs at once what a worker would run on its thread, as long as the gate is open."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, work, *args):
        await self.gate.wait()
        return work(*args)


class Map:
    """A map that has nothing to apply, or cannot look."""

    def __init__(self):
        self.at = Position(0, 0, 0)
        self.error = None

    def position(self):
        return self.at

    def step(self, _):
        if self.error is not None:
            raise self.error

    def compact_if_due(self):
        return None


class Bus:
    """A connection that takes everything."""

    async def subscribe(self, *_, **__):
        return None

    async def publish(self, *_, **__):
        return None


class Scene:
    """A follower and what is around it."""

    def __init__(self):
        self.map, self.thread, self.lifetime = Map(), Thread(), Lifetime()
        self.registry = CollectorRegistry()
        self.follower = None

    @asynccontextmanager
    async def following(self):
        self.follower = Follower(
            self.map,
            None,
            (self.thread, self.thread),
            client=Bus(),
            settings=IndexSettings(index_poll_ms=1),
            metrics=IndexMetrics.register(self.registry, dict),
            lifetime=self.lifetime,
            log=logger(),
        )
        running = asyncio.create_task(self.follower.run())
        try:
            yield self.follower
        finally:
            self.thread.gate.set()
            self.lifetime.stop()
            await running


@pytest.fixture
def scene():
    return Scene()


async def test_the_lag_is_told_before_the_first_batch_is_done(scene):
    scene.map.at = Position(applied=3, log_size=10, keys=2)
    scene.thread.gate.clear()
    async with scene.following() as follower:
        await eventually(lambda: scene.registry.get_sample_value("stemedb_index_lag_statements") == 7)
        assert follower.readiness() == "the map has taken in 3 of 10 entries"


async def test_it_is_not_ready_while_the_ledger_cannot_be_read(scene):
    async with scene.following() as follower:
        await eventually(lambda: follower.readiness() is None)
        scene.map.error = Unavailable("the ledger is being rebuilt")
        await eventually(lambda: follower.readiness() == "the ledger is being rebuilt")
        scene.map.error = None
        await eventually(lambda: follower.readiness() is None)
