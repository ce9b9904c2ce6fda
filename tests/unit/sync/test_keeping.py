"""Peers' files are written soon and not too often, the last state always."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from stemedb.bus.lifetime import Lifetime
from stemedb.errors import DurabilityLost
from stemedb_sync import keeping as keeping_module
from stemedb_sync.keeping import Keeping
from stemedb_sync.peer import Peer
from support.waiting import eventually


class World:
    """A disk that notes what is written, or fails."""

    def __init__(self):
        self.written, self.error, self.lifetime, self.own_size = [], None, Lifetime(), 5
        self.keeping = Keeping(self, self, self.lifetime, lambda: self.own_size)

    async def run(self, work, *arguments):
        await asyncio.sleep(0)
        return work(*arguments)

    def write_peer(self, name, content):
        if self.error is not None:
            raise self.error
        self.written.append(content)

    @asynccontextmanager
    async def keeping_it(self):
        try:
            yield self.keeping
        finally:
            await self.keeping.close()


def peer():
    return Peer("west", b"k" * 32, "pinned")


async def test_the_first_state_is_written_at_once_and_later_ones_together(monkeypatch):
    monkeypatch.setattr(keeping_module, "SAVE_GAP_S", 0.05)
    world, one = World(), peer()
    async with world.keeping_it() as keeping:
        await keeping.save(one)
        assert len(world.written) == 1
        for sequence in range(1, 10):
            one.sequence = sequence
            await keeping.save(one)
        await eventually(lambda: len(world.written) == 2)
        assert world.written[1] == one.encode()
    assert len(world.written) == 2


async def test_what_is_not_written_yet_is_written_at_the_end():
    world, one = World(), peer()
    async with world.keeping_it() as keeping:
        await keeping.save(one)
        one.sequence = 9
        await keeping.save(one)
        assert len(world.written) == 1
    assert world.written[1:] == [one.encode()]


async def test_the_size_of_our_log_goes_along_once_it_is_known():
    world, one = World(), peer()
    await world.keeping.save_now(one)
    assert one.own_size == 5
    world.own_size = None
    await world.keeping.save_now(one)
    assert one.own_size == 5


async def test_a_disk_that_fails_ends_the_service():
    world = World()
    world.error = DurabilityLost("west.json", "write", OSError(28, "No space left on device"))
    with pytest.raises(DurabilityLost):
        await world.keeping.save_now(peer())
    assert world.lifetime.failure is world.error
