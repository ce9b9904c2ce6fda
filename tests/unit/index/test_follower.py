"""What the follower tells while it follows; the stores, threads and bus around it are the test's."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.logs import logger
from stemedb.errors import Corruption, Unavailable
from stemedb_index.follower import Follower
from stemedb_index.mending import MENDS_MAX
from stemedb_index.metrics import IndexMetrics
from stemedb_index.settings import IndexSettings
from stemedb_index.store import Mended, Position
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
        self.mended = None
        self.put_aside = []

    def position(self):
        return self.at

    def step(self, _):
        if self.error is not None:
            raise self.error

    def compact_if_due(self):
        return None

    def is_about_the_map(self, error):
        return error.path == "map.mst"

    def mend(self, error):
        self.put_aside.append(error)
        self.error = None
        return Mended(error, Path("map.mst.damaged-1"))


class Reads:
    """A reading thread's store on which every answer fails, while there is an error."""

    def __init__(self):
        self.error = None

    def answer(self, ask):
        if self.error is not None:
            raise self.error
        return ask("view")


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
        self.reads = Reads()
        self.registry = CollectorRegistry()
        self.follower = None

    @asynccontextmanager
    async def following(self):
        self.follower = Follower(
            self.map,
            self.reads,
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


def failures(scene):
    return scene.registry.get_sample_value("stemedb_integrity_failures_total", {"kind": "map"})


async def test_damage_that_the_writer_meets_is_counted_and_mended(scene):
    async with scene.following() as follower:
        await eventually(lambda: follower.readiness() is None)
        assert failures(scene) == 0
        scene.map.error = error = Corruption("map.mst", 4096, "rot")
        await eventually(lambda: failures(scene) == 1)
        assert scene.map.put_aside == [error]
        await eventually(lambda: follower.readiness() is None)
    assert scene.lifetime.failure is None


async def test_damage_that_a_reader_meets_is_mended_and_the_answer_is_to_ask_again(scene):
    async with scene.following() as follower:
        scene.reads.error = error = Corruption("map.mst", 4096, "rot")
        with pytest.raises(Unavailable, match="made anew from the log: rot"):
            await follower.answer(lambda view: view)
        await eventually(lambda: scene.map.put_aside == [error])
        scene.reads.error = None
        assert await follower.answer(lambda view: view) == "view"
        assert failures(scene) == 1


async def test_damage_of_the_log_is_not_mended_here(scene):
    async with scene.following() as follower:
        scene.reads.error = Corruption("00000001.wal", 4096, "rot")
        with pytest.raises(Corruption):
            await follower.answer(lambda view: view)
    assert scene.map.put_aside == []


async def test_a_disk_that_damages_every_map_ends_the_service(scene):
    def always(_):
        raise Corruption("map.mst", 0, "rot")

    scene.map.step = always
    with pytest.raises(Corruption):
        async with scene.following():
            await eventually(lambda: len(scene.map.put_aside) == MENDS_MAX)


async def test_damage_found_while_opening_is_told_like_any_other(scene):
    scene.map.mended = Mended(Corruption("map.mst", 0, "rot"), Path("map.mst.damaged-1"))
    async with scene.following():
        assert failures(scene) == 1
