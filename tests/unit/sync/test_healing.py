"""When maps are compared, and when not."""

import asyncio

import pytest

from stemedb.errors import Overloaded, Unavailable
from stemedb.merkle import Checkpoint, Frontier
from stemedb.types import Digest, LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync import healing as healing_module
from stemedb_sync.healing import BEHIND_MAX, Healing, Standing, differs_for_no_reason
from stemedb_sync.peer import Peer

OWN = Standing("here", log_size=7, map_root=b"o" * 32, applied=7)


def peer(*, size=5, verified=5, map_root=b"p" * 32, applied=5, taken=7, aside=False):
    made = Peer("west", b"k" * 32, "pinned")
    frontier = Frontier().extend([bytes(32)] * verified)
    made.advance(frontier, Checkpoint("stemedb/west", LogSize(verified), frontier.root), b"")
    made.latest = Checkpoint("stemedb/west", LogSize(size), Digest(bytes(32)))
    made.lag.learn(size, 0.0)
    made.digest = sync_pb2.Digest(map_root=map_root, applied=applied, vector={"here": taken})
    if aside:
        made.set_aside("fork", 0)
    return made


def test_level_logs_and_maps_with_other_roots_differ_for_no_reason():
    assert differs_for_no_reason(OWN, peer())


@pytest.mark.parametrize(
    "changes",
    [
        {"map_root": OWN.map_root},
        {"map_root": b""},
        {"verified": 4},
        {"taken": 6},
        {"applied": 4},
        {"aside": True, "map_root": OWN.map_root},
    ],
)
def test_what_is_equal_or_on_its_way_is_left_alone(changes):
    assert not differs_for_no_reason(OWN, peer(**changes))


def test_a_map_of_ours_that_is_behind_is_left_alone():
    assert not differs_for_no_reason(OWN._replace(applied=6), peer())


def test_a_peer_set_aside_is_compared_whatever_its_log_says():
    assert differs_for_no_reason(OWN, peer(aside=True, verified=1, taken=0, applied=0))


def test_while_our_map_is_made_anew_nobody_is_compared_with():
    own = OWN._replace(log_size=BEHIND_MAX + 8)
    assert not differs_for_no_reason(own._replace(applied=7), peer(aside=True))
    assert differs_for_no_reason(own._replace(applied=8), peer(aside=True))


class Repairs:
    """Counts comparisons, and fails them on demand."""

    def __init__(self, grace_s=2.0):
        self.count, self.failures, self.done, self.error = 0, [], [], None
        self.now_s, self.takes_s = 0.0, 0.0
        self.healing = Healing(self.repair, grace_s, self.failed, self.done.append, lambda: self.now_s)

    async def repair(self, name):
        assert name == "west"
        self.count += 1
        await asyncio.sleep(0)
        self.now_s += self.takes_s
        if self.error is not None:
            raise self.error

    def failed(self, who, reason, message):
        self.failures.append((who.name, reason))

    async def at(self, now_s, one):
        self.now_s = now_s
        self.healing.consider(OWN, one, now_s)
        await asyncio.gather(*self.healing._tasks)
        return self.count


async def test_maps_are_compared_after_the_grace_period_and_then_less_and_less_often():
    repairs, one = Repairs(), peer()
    assert [await repairs.at(now, one) for now in (0.0, 1.9, 2.0, 5.9, 6.0, 13.9, 14.0)] == [
        0,
        0,
        1,
        1,
        2,
        2,
        3,
    ]
    assert repairs.done == [one] * 3


async def test_equal_roots_begin_a_new_grace_period():
    repairs, one = Repairs(), peer()
    assert await repairs.at(0.0, one) == 0
    assert await repairs.at(1.0, peer(map_root=OWN.map_root)) == 0
    assert await repairs.at(2.5, one) == 0
    assert await repairs.at(4.5, one) == 1


async def test_a_failed_comparison_is_counted_and_tried_again_later():
    repairs, one = Repairs(), peer()
    repairs.error = Unavailable("gone")
    await repairs.at(0.0, one)
    assert await repairs.at(2.0, one) == 1
    assert repairs.failures == [("west", "unavailable")]
    assert await repairs.at(6.0, one) == 2


async def test_a_comparison_that_fails_after_long_costs_its_peer_ten_times_as_long():
    repairs, one = Repairs(), peer()
    repairs.error, repairs.takes_s = Unavailable("slow"), 100.0
    await repairs.at(0.0, one)
    assert await repairs.at(2.0, one) == 1
    assert await repairs.at(1101.0, one) == 1
    await repairs.at(1101.5, peer(map_root=OWN.map_root))  # equal for a moment changes nothing about that
    assert await repairs.at(1101.9, one) == 1
    assert await repairs.at(1104.0, one) == 2


async def test_an_operators_comparison_raises_what_went_wrong():
    repairs = Repairs()
    repairs.error = Unavailable("gone")
    with pytest.raises(Unavailable):
        await repairs.healing.heal(peer())


async def test_a_comparison_for_a_leap_does_not_wait_for_a_slow_one_with_somebody_else(monkeypatch):
    monkeypatch.setattr(healing_module, "TURN_WAIT_S", 0.01)
    compared, over = [], asyncio.Event()

    async def repair(name, *_):
        if name == "slow":
            await over.wait()
        compared.append(name)
        return name

    healing = Healing(repair, 0.0, lambda *_: None, lambda _: None)
    slow = asyncio.create_task(healing.compare("slow", 1))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="another comparison"):
        await asyncio.wait_for(healing.compare("west", 1), 60)
    over.set()
    await slow
    assert await healing.compare("west", 1) == "west"
    assert compared == ["slow", "west"]
