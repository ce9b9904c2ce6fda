"""Losses of a whole replica's files, and how they heal: from its own log, from the peers' logs, or by way of the maps."""

import shutil

from stemedb import projection
from stemedb.bus.messages import GetRequest
from stemedb.ledger import check
from stemedb.projection.map import FILE_NAME
from stemedb.statements import parse
from support.publishing import assertion, epoch, line, lines, vote
from support.replicas import append, converged, running_sites
from support.waiting import eventually

QUICK = {"sync_heartbeat_ms": 200, "sync_tree_grace_ms": 200}


def names(replica):
    return [f"{replica}-{letter}" for letter in "ab"]


def empty(*folders):
    for folder in folders:
        shutil.rmtree(folder)
        folder.mkdir()


async def set_aside(site, peer):
    async def is_aside():
        known = await site.peer(peer.name)
        return known is not None and known.status == "set_aside"

    await eventually(is_aside)


async def test_an_emptied_index_is_made_from_the_log_and_asks_nobody(own_nats, replica, tmp_path):
    async with running_sites(names(replica), tmp_path, own_nats.url, **QUICK) as (a, b):
        await append(a, lines([assertion(i) for i in range(200)]))
        root = await converged([a, b], 200)
        b.kill("index")
        empty(b.data / "index")
        b.launch("index")
        await b.ready()
        assert await converged([a, b], 200) == root
        assert _by_tree(b, a) == 0


async def test_a_damaged_map_is_made_anew_and_what_peers_wrote_meanwhile_comes_too(
    own_nats, replica, tmp_path
):
    async with running_sites(names(replica), tmp_path, own_nats.url, **QUICK) as (a, b):
        await append(a, lines([assertion(i) for i in range(200)]))
        await converged([a, b], 200)
        b.kill("index")
        path = b.data / "index" / FILE_NAME
        path.write_bytes(b"\xff" * path.stat().st_size)
        await append(a, lines([assertion(i) for i in range(200, 300)]))
        await eventually(lambda: _verified(b, a, 300))  # the logs need no map
        b.launch("index")
        await b.ready()
        await converged([a, b], 300)
        assert b.services["index"].metrics()["stemedb_integrity_failures_total{kind=map}"] == 1
        assert path.with_name(f"{FILE_NAME}.damaged-1").exists()
        assert projection.check(b.directory).ok


def _by_tree(site, peer):
    return site.services["sync"].metrics()[f"stemedb_sync_statements_total{{path=tree,peer={peer.name}}}"]


def _verified_on_disk(site, peer, size):
    path = site.data / "sync" / "peers" / f"{peer.name}.json"
    return f"\\n{size}\\n" in path.read_text(encoding="utf-8")


async def _verified(site, peer, size):
    known = await site.peer(peer.name)
    return known is not None and known.verified == size


async def test_a_lost_log_begins_anew_comes_back_from_peers_and_is_set_aside_until_readmitted(
    own_nats, replica, tmp_path
):
    """The disk is gone, the keys were kept elsewhere: the new log breaks the promises of the old one, by design."""
    async with running_sites(names(replica), tmp_path, own_nats.url, **QUICK) as (a, b):
        target = parse(line(assertion(0))).id.hex()
        await append(a, lines([assertion(i) for i in range(300)]))
        await append(b, lines([*[assertion(i) for i in range(300, 500)], vote(target, "b"), epoch("one")]))
        root = await converged([a, b], 502)
        await eventually(lambda: _verified(a, b, 502))
        await eventually(lambda: _verified_on_disk(b, a, 502))
        b.kill()
        empty(*(b.data / folder for folder in ("wal", "log", "ids", "index")))
        b.launch()
        await b.ready()
        assert await converged([a, b], 502) == root
        await set_aside(a, b)
        # A log that has shrunk, or another of the same length: it depends on how far B has come when A first hears of it.
        assert (await a.peer(b.name)).reason in {"rollback", "fork"}
        # What it says from now on still comes, by way of the maps: statements certify themselves.
        await append(b, lines([assertion(i) for i in range(500, 600)]))
        await converged([a, b], 602)
        await eventually(lambda: _by_tree(a, b) == 100)
        await a.control("readmit", peer=b.name)
        await append(b, line(assertion(600)))
        await converged([a, b], 603)
        async with b.client() as client:
            size = (await client.status()).size
            found = await client.get(GetRequest(id=target))
        assert found.stamp.origin == a.name, "stamps of the origin came back"
        await eventually(lambda: _verified(a, b, size))
        assert (await a.peer(b.name)).status == "following"
        for site in (a, b):
            site.kill()
            assert check(site.directory).problems == ()
            assert projection.check(site.directory).problems == ()


async def test_comparing_equal_maps_on_request_moves_nothing(own_nats, replica, tmp_path):
    async with running_sites(names(replica), tmp_path, own_nats.url, **QUICK) as (a, b):
        await append(a, lines([assertion(i) for i in range(50)]))
        await converged([a, b], 50)
        await eventually(lambda: b.peer(a.name))
        await b.control("now", peer=a.name, tree=True)
        metrics = b.services["sync"].metrics()
        assert metrics[f"stemedb_sync_rounds_total{{path=tree,peer={a.name}}}"] == 1
        assert metrics[f"stemedb_sync_statements_total{{path=tree,peer={a.name}}}"] == 0
        assert metrics[f"stemedb_sync_bytes_total{{direction=in,path=tree,peer={a.name}}}"] < 150
