"""Replicas that lose something of their own: time, an index, a log, a backup's worth of history."""

import asyncio
import shutil

import pytest

from support.effort import FACTOR
from support.fleet import claims, fleet_at, identity, status
from support.publishing import vote
from support.replicas import converged
from support.waiting import eventually

MISSED = 50_000 if FACTOR > 1 else 1500
"""Statements written while one replica is down."""


async def test_a_replica_that_was_down_takes_in_all_it_missed(own_nats, tmp_path):
    async with fleet_at(dict.fromkeys(["a", "b", "c"], own_nats.url), tmp_path) as fleet:
        await fleet.publish("a", claims(0, 50))
        await fleet.settled()
        fleet["c"].kill()
        await fleet.publish("a", claims(1000, 1000 + MISSED * 2 // 3))
        await fleet.publish("b", claims(1000 + MISSED // 3, 1000 + MISSED))
        fleet["c"].launch()
        await fleet["c"].ready()
        await fleet.settled(deadline_s=120 * (1 + MISSED // 50_000))


async def test_the_same_statements_told_to_all_at_once_are_in_the_map_once(own_nats, tmp_path):
    async with fleet_at(dict.fromkeys(["a", "b", "c"], own_nats.url), tmp_path) as fleet:
        target = identity(claims(0, 1)[0])
        for round_ in range(5):
            batch = [*claims(round_ * 20, round_ * 20 + 40), vote(target, "judge", 0.1 + round_ / 10)]
            await _at_once(fleet, batch)
        await fleet.settled()


async def _at_once(fleet, batch):
    async with asyncio.TaskGroup() as group:
        for name in fleet.sites:
            group.create_task(fleet.publish(name, batch))


async def test_an_emptied_index_is_made_anew_from_the_log(own_nats, tmp_path):
    async with fleet_at(dict.fromkeys(["a", "b"], own_nats.url), tmp_path) as fleet:
        await fleet.publish("a", claims(0, 200))
        await fleet.publish("b", claims(150, 300))
        root = await fleet.settled()
        fleet["a"].kill()
        shutil.rmtree(fleet["a"].data / "index")
        fleet["a"].launch()
        await fleet["a"].ready()
        assert await fleet.settled() == root


@pytest.mark.parametrize(
    "told_twice", [0, 50]
)  # a log that is as long as the lost one, or longer by restamps
@pytest.mark.parametrize("is_known_by_its_file", [True, False])
async def test_an_emptied_wal_is_filled_from_the_peers(own_nats, tmp_path, is_known_by_its_file, told_twice):
    async with fleet_at(dict.fromkeys(["a", "b"], own_nats.url), tmp_path) as fleet:
        # Neither hears of the other's before its own are written: a log that is filled from b cannot be the one that a had.
        for site in fleet.sites.values():
            await site.control("pause")
        await fleet.publish("a", claims(0, 200))
        await fleet.publish("b", claims(200 - told_twice, 300))
        for site in fleet.sites.values():
            await site.control("resume")
        root = await fleet.settled()
        fleet["a"].kill()
        for store in ("wal", "log", "ids", "index"):
            shutil.rmtree(fleet["a"].data / store)
        if not is_known_by_its_file:
            shutil.rmtree(fleet["a"].data / "sync")
        fleet["a"].launch()
        await fleet["a"].ready()
        assert await converged(list(fleet.sites.values()), len(fleet.keys)) == root
        await _readmitted(fleet, "a", by="b")
        assert await fleet.settled() == root


async def _readmitted(fleet, name, *, by):
    """Have `by` follow the log of `name` again, which is another one than it knew."""
    await status(fleet[by], name, "set_aside")
    await fleet[by].control("readmit", peer=name)
    await status(fleet[by], name, "following")


async def test_a_replica_restored_from_an_old_backup_has_everything_back(own_nats, tmp_path):
    async with fleet_at(dict.fromkeys(["a", "b", "c"], own_nats.url), tmp_path) as fleet:
        a = fleet["a"]
        await fleet.publish("a", claims(0, 100))
        await fleet.settled()
        for service in ("sync", "index", "ingest"):
            a.services.pop(service).stop()
        shutil.copytree(a.data, tmp_path / "backup")
        a.launch()
        await a.ready()
        await fleet.publish("a", claims(100, 200))
        await fleet.publish("b", claims(180, 250))
        await fleet.settled()
        a.kill()
        shutil.rmtree(a.data)
        shutil.copytree(tmp_path / "backup", a.data)
        a.launch()
        await a.ready()
        await converged(list(fleet.sites.values()), len(fleet.keys))
        for witness in ("b", "c"):
            await _readmitted(fleet, "a", by=witness)
        await fleet.publish("a", claims(300, 320))
        await fleet.settled()


SKEWED = """
import os, time
_ns, _s, _ahead = time.time_ns, time.time, int(os.environ["TESTS_CLOCK_AHEAD_S"])
time.time_ns = lambda: _ns() + _ahead * 10**9
time.time = lambda: _s() + _ahead
"""
"""Every Python process that finds this as `sitecustomize` has a wall clock that is wrong."""


@pytest.fixture
def clock(tmp_path, monkeypatch):
    """Set the wall clock, in seconds ahead, of the services launched from now on."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SKEWED, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def ahead(seconds):
        monkeypatch.setenv("TESTS_CLOCK_AHEAD_S", str(seconds))

    ahead(0)
    return ahead


async def test_what_a_clock_hours_ahead_stamped_waits_for_ours_and_holds_up_nothing_else(
    own_nats, tmp_path, clock
):
    async with fleet_at(dict.fromkeys(["a", "b"], own_nats.url), tmp_path) as fleet:
        a, b = fleet["a"], fleet["b"]
        a.kill()
        clock(3 * 3600)
        a.launch()
        await a.ready()
        await fleet.publish("a", claims(0, 20))
        await fleet.publish("b", claims(100, 130))
        await eventually(lambda: _postponed(b, "a", 20))
        await eventually(lambda: _size(a, 50))
        assert await _size(b, 30)
        key = "stemedb_sync_failures_total{peer=a,reason=clock_drift}"
        assert b.services["sync"].metrics()[key] >= 20
        b.kill()  # three hours pass
        b.launch()
        await b.ready()
        await fleet.settled()


async def _postponed(site, name, count):
    peer = await site.peer(name)
    return peer and peer.postponed == count


async def _size(site, size):
    async with site.client() as client:
        return (await client.status()).size == size
