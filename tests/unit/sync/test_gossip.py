"""When digests are sent, and what is in them."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import structlog

from stemedb.bus.metrics import registry
from stemedb.bus.subjects import GOSSIP
from stemedb.errors import NotFound
from stemedb.merkle.note import public_key
from stemedb.types import Digest, LogSize
from stemedb_sync.digest import open_unverified, verify
from stemedb_sync.gossip import Gossip
from stemedb_sync.metrics import SyncMetrics
from stemedb_sync.serving import LogState, MapState
from support.ledgers import SEED, make_replica
from support.waiting import eventually


def opened(data):
    """Return the digest in `data`, its signature verified."""
    signed, digest = open_unverified(data)
    verify(signed, public_key(SEED))
    return digest


class World:
    """A bus and a ledger that are variables."""

    def __init__(self, path, **timing):
        self.sent = []
        self.size, self.map = 7, MapState(Digest(b"r" * 32), 5, LogSize(6))
        self.vector = {"west": 3}
        metrics = SyncMetrics.register(registry("sync", "here", "1"), list)
        self.gossip = Gossip(
            make_replica(path),
            "1",
            b"realm678",
            client=self,
            log_state=self.log_state,
            map_state=self.map_state,
            vector=lambda: self.vector,
            metrics=metrics,
            log=structlog.get_logger(),
            **{"heartbeat_s": 60.0, "debounce_s": 0.01} | timing,
        )

    async def publish(self, subject, data):
        assert subject == GOSSIP
        self.sent.append(opened(data))

    async def log_state(self):
        if self.size is None:
            raise NotFound("no checkpoint yet")
        return LogState(LogSize(self.size), b"note %d" % self.size)

    async def map_state(self):
        return self.map

    @asynccontextmanager
    async def speaking(self):
        task = asyncio.create_task(self.gossip.run())
        try:
            yield self.gossip
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_the_first_digest_comes_at_once_and_says_where_we_stand(tmp_path):
    world = World(tmp_path)
    async with world.speaking():
        await eventually(lambda: world.sent)
    (digest,) = world.sent
    assert (digest.replica, digest.realm, digest.key) == ("here", b"realm678", public_key(SEED))
    assert (digest.checkpoint, digest.map_root, digest.map_keys, digest.applied) == (
        b"note 7",
        b"r" * 32,
        5,
        6,
    )
    assert (dict(digest.vector), digest.paused) == ({"west": 3}, False)


async def test_changes_of_the_log_within_the_debounce_share_one_digest(tmp_path):
    world = World(tmp_path, debounce_s=0.05)
    async with world.speaking() as gossip:
        await eventually(lambda: world.sent)
        for size in (8, 9, 10):
            world.size = size
            gossip.grown()
            await asyncio.sleep(0)
        await eventually(lambda: len(world.sent) == 2)
    assert [digest.checkpoint for digest in world.sent] == [b"note 7", b"note 10"]


async def test_a_moved_vector_is_told_a_little_later(tmp_path):
    world = World(tmp_path)
    async with world.speaking() as gossip:
        await eventually(lambda: world.sent)
        world.vector = {"west": 4}
        gossip.touch()
        gossip.touch()
        await eventually(lambda: len(world.sent) == 2)
    assert dict(world.sent[1].vector) == {"west": 4}


async def test_the_heartbeat_goes_on_while_nothing_happens_and_finds_what_no_event_told(tmp_path):
    world = World(tmp_path, heartbeat_s=0.02)
    async with world.speaking():
        await eventually(lambda: len(world.sent) >= 3)
        world.map = world.map._replace(keys=99)
        world.size = 70
        await eventually(lambda: world.sent[-1].map_keys == 99 and world.sent[-1].checkpoint == b"note 70")


async def test_sequences_grow_and_those_of_a_later_start_are_larger(tmp_path):
    first, second = World(tmp_path / "1"), None
    digests = [await first.gossip.digest() for _ in range(3)]
    await asyncio.sleep(0.002)
    second = World(tmp_path / "2")
    digests.append(await second.gossip.digest())
    sequences = [opened(data).sequence for data in digests]
    assert sequences == sorted(set(sequences))


async def test_a_replica_without_a_log_is_silent_and_speaks_once_it_has_one(tmp_path):
    world = World(tmp_path)
    world.size = None
    with pytest.raises(NotFound):
        await world.gossip.digest()
    async with world.speaking() as gossip:
        world.size = 1
        gossip.grown()
        await eventually(lambda: world.sent)


async def test_our_own_state_is_known_before_we_speak_if_there_is_one(tmp_path):
    world = World(tmp_path)
    await world.gossip.look()
    assert (world.gossip.log_state.size, world.gossip.map_state, world.sent) == (7, world.map, [])
    before = World(tmp_path / "before")
    before.size = None
    await before.gossip.look()
    assert (before.gossip.log_state, before.gossip.map_state) == (None, None)


async def test_an_answer_holds_the_nonce_of_the_question_and_gossip_none(tmp_path):
    world = World(tmp_path)
    assert opened(await world.gossip.digest(b"nonce")).nonce == b"nonce"
    assert opened(await world.gossip.digest()).nonce == b""
