"""Settings that do not fit are refused by name; pulling keeps to its pace and lets ingest go first."""

import asyncio

import pytest

from stemedb.errors import Refused
from stemedb.merkle.note import public_key
from stemedb.statements import encode_public_key
from stemedb_sync import pacing
from stemedb_sync.pacing import LOOK_EVERY, PENDING_MAX, RESTAMPS_MIN, RESTAMPS_PER_S, Allowance, Pace
from stemedb_sync.settings import SyncSettings

KEY = encode_public_key(public_key(bytes(32)))


def test_no_list_means_that_anybody_may_be_a_peer(monkeypatch):
    monkeypatch.delenv("STEMEDB_SYNC_PEERS", raising=False)
    assert SyncSettings.load().allowed is None


def test_a_list_pins_names_to_keys(monkeypatch):
    monkeypatch.setenv("STEMEDB_SYNC_PEERS", f"west:{KEY}, east:{KEY},")
    assert SyncSettings.load().allowed == {"west": KEY, "east": KEY}


@pytest.mark.parametrize("text", ["west", "west:", "west:U123", f"We.st:{KEY}", f":{KEY}", KEY])
def test_a_list_that_does_not_parse_is_refused_with_the_name_of_the_setting(monkeypatch, text):
    monkeypatch.setenv("STEMEDB_SYNC_PEERS", text)
    with pytest.raises(Refused, match="STEMEDB_SYNC_PEERS"):
        SyncSettings.load()


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, monkeypatch):
        self.now_s = 100.0
        monkeypatch.setattr(pacing.time, "monotonic", lambda: self.now_s)
        monkeypatch.setattr(pacing.asyncio, "sleep", self.sleep)

    async def sleep(self, seconds):
        self.now_s += seconds


async def test_pulling_keeps_to_the_rate_of_the_setting(monkeypatch):
    clock = Clock(monkeypatch)

    async def pending():
        return 0

    pace = Pace(1000, pending)
    for _ in range(100):
        await pace.take(100)
    assert 100.0 + 9.5 <= clock.now_s <= 100.0 + 10.0


async def test_without_a_rate_nothing_waits(monkeypatch):
    clock = Clock(monkeypatch)

    async def pending():
        return PENDING_MAX

    pace = Pace(0, pending)
    for _ in range(100):
        await pace.take(LOOK_EVERY)
    assert clock.now_s == 100.0


async def test_pulling_waits_while_ingest_has_a_queue_but_not_for_ever(monkeypatch):
    clock = Clock(monkeypatch)
    queue = [PENDING_MAX + 1] * 3 + [0]

    async def pending():
        return queue.pop(0) if queue else PENDING_MAX + 1

    pace = Pace(0, pending)
    await pace.take(LOOK_EVERY)
    assert clock.now_s == pytest.approx(100.0 + 3 * pacing.YIELD_S)
    await pace.take(LOOK_EVERY)
    assert clock.now_s <= 101.0
    await asyncio.wait_for(pace.take(1), 60)


async def test_a_peer_may_move_as_many_stamps_as_there_are_keys_and_then_waits_for_more(monkeypatch):
    clock = Clock(monkeypatch)
    held = 3 * RESTAMPS_MIN
    allowance = Allowance(lambda: held, lambda: clock.now_s)
    assert all(allowance.fits("west", RESTAMPS_MIN) for _ in range(3))
    assert not allowance.fits("west", 1)
    assert allowance.fits("east", held), "each peer has its own"
    started = clock.now_s
    for _ in range(10):
        await allowance.wait("west", 100)
    assert clock.now_s - started == pytest.approx(1000 / RESTAMPS_PER_S)
    clock.now_s += 50 / RESTAMPS_PER_S
    assert allowance.fits("west", 50)
    assert not allowance.fits("west", 1)


def test_a_small_replica_allows_some_stamps_too():
    allowance = Allowance(lambda: 0, lambda: 0.0)
    assert allowance.fits("west", RESTAMPS_MIN)
    assert not allowance.fits("west", 1)
