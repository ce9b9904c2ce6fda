"""Real replicas on a real bus: what is published at one is everywhere, whatever restarts in between."""

import pytest

from stemedb.bus import exit_codes
from stemedb.bus.messages import GetRequest
from stemedb.ledger import Ledger
from stemedb.merkle.note import public_key
from stemedb.statements import encode_public_key, parse
from support.publishing import assertion, epoch, line, lines, vote
from support.replicas import Site, append, converged, level, running_sites, soon


def names(replica, count):
    return [f"{replica}-{letter}" for letter in "abc"[:count]]


async def test_three_replicas_take_over_what_each_is_told_and_a_second_look_moves_nothing(
    own_nats, replica, tmp_path
):
    async with running_sites(names(replica, 3), tmp_path, own_nats.url) as sites:
        a, b, c = sites
        target = parse(line(assertion(1))).id.hex()
        await append(a, lines([assertion(i) for i in range(300)]))
        await append(b, lines([assertion(i) for i in range(300, 500)]))
        await append(c, lines([epoch("one"), vote(target, "c"), vote(target, "d")]))
        await converged(sites, 503)
        await level(sites)
        before = [site.services["sync"].metrics() for site in sites]
        for site in sites:
            await site.control("now")
        for site, old in zip(sites, before, strict=True):
            new = site.services["sync"].metrics()
            assert {key: new[key] for key in new if "sync_statements_total" in key} == {
                key: old[key] for key in old if "sync_statements_total" in key
            }
            assert all(value == 0 for key, value in new.items() if "equivocations_total" in key)
        found = []
        for site in sites:
            async with site.client() as client:
                found.append((await client.get(GetRequest(id=target))).stamp)
        assert [stamp.origin for stamp in found] == [a.name] * 3, "the stamp of the origin came along"
        assert len(set(found)) == 1


async def test_the_same_statements_published_at_two_replicas_are_there_once(own_nats, replica, tmp_path):
    async with running_sites(names(replica, 2), tmp_path, own_nats.url) as sites:
        a, b = sites
        same = lines([assertion(i) for i in range(200)])
        await append(a, same)
        await append(b, same)
        await append(b, line(assertion(200)))
        await converged(sites, 201)  # equal stamps too: the earlier acceptance wins everywhere
        await level(sites)


async def test_sync_goes_on_from_where_it_was_after_kill_9(own_nats, replica, tmp_path):
    async with running_sites(names(replica, 2), tmp_path, own_nats.url) as (a, b):
        await append(a, lines([assertion(i) for i in range(400)]))
        await converged([a, b], 400)
        await soon(lambda: _verified_on_disk(b, a.name, 400))
        b.kill("sync")
        await append(a, lines([assertion(i) for i in range(400, 600)]))
        b.launch("sync")
        await b.ready()
        await converged([a, b], 600)
        statements = b.services["sync"].metrics()
        assert statements[f"stemedb_sync_statements_total{{path=tail,peer={a.name}}}"] == 200
        assert (await b.peer(a.name)).verified == 600


def _verified_on_disk(site, peer, size):
    content = (site.data / "sync" / "peers" / f"{peer}.json").read_text(encoding="utf-8")
    return f"\\n{size}\\n" in content


async def test_a_paused_replica_pulls_nothing_and_says_so_until_it_resumes(own_nats, replica, tmp_path):
    async with running_sites(names(replica, 2), tmp_path, own_nats.url) as (a, b):
        await soon(lambda: b.peer(a.name))
        await b.control("pause")
        await append(a, lines([assertion(i) for i in range(50)]))
        await soon(lambda: _lag(b, a, 50))
        assert (await b.peer(a.name)).verified == 0
        peer = await soon(lambda: _status(a, b, "paused"))
        assert peer.behind_statements == 50
        key = f"{{peer={a.name}}}"
        metrics = b.services["sync"].metrics()
        assert metrics["stemedb_sync_lag_statements" + key] == 50
        assert metrics["stemedb_sync_lag_seconds" + key] > 0
        assert metrics["stemedb_sync_paused"] == 1
        b.kill("sync")
        b.launch("sync")
        await b.ready()
        await soon(lambda: _lag(b, a, 50))
        assert (await b.peer(a.name)).verified == 0, "a pause survives a restart"
        await b.control("resume")
        await converged([a, b], 50)
        await level([a, b])
        metrics = b.services["sync"].metrics()
        assert metrics["stemedb_sync_lag_statements" + key] == 0
        assert metrics["stemedb_sync_lag_seconds" + key] == 0
        assert metrics["stemedb_sync_roots_equal" + key] == 1


async def _lag(site, other, statements):
    peer = await site.peer(other.name)
    return peer if peer and peer.lag_statements == statements else None


async def _status(site, other, status):
    peer = await site.peer(other.name)
    return peer if peer and peer.status == status else None


async def test_statements_reach_a_replica_that_never_meets_their_origin(own_nats, replica, tmp_path):
    async with running_sites(names(replica, 3), tmp_path, own_nats.url) as (a, b, c):
        c.kill("sync")
        await append(a, lines([assertion(i) for i in range(100)]))
        await converged([a, b], 100)
        a.kill()
        c.launch("sync")
        await c.ready()
        await converged([b, c], 100)
        assert await soon(lambda: _status(b, a, "down"))


@pytest.mark.parametrize("listed", [True, False])
async def test_with_an_allow_list_only_its_keys_are_peers(own_nats, replica, tmp_path, listed):
    a_name, b_name = names(replica, 2)
    async with running_sites([a_name, b_name], tmp_path, own_nats.url) as (a, b):
        b.kill("sync")
        key = encode_public_key(public_key(a.directory.seed if listed else b.directory.seed))
        b.settings["sync_peers"] = f"{a_name}:{key}"
        b.launch("sync")
        await b.ready()
        await append(a, line(assertion(1)))
        if listed:
            await converged([a, b], 1)
            assert (await b.peer(a_name)).trust == "pinned"
        else:
            refused = "stemedb_sync_failures_total{peer=unknown,reason=unknown_key}"
            await soon(lambda: b.services["sync"].metrics().get(refused))
            assert await b.peer(a_name) is None
            async with b.client() as client:
                assert (await client.status()).size == 0


async def test_a_second_sync_of_the_same_name_is_refused_whatever_its_directory(own_nats, replica, tmp_path):
    async with running_sites(names(replica, 1), tmp_path, own_nats.url) as (a,):
        twin = Site.create(a.name, tmp_path / "twin", own_nats.url)
        Ledger.open(twin.directory, 1).close()
        twin.launch("sync")
        service = twin.services["sync"]
        try:
            assert await soon(service.process.poll) == exit_codes.CONFIG
            assert "another sync answers" in service.stderr
        finally:
            twin.kill()
