"""Replicas witness one another's logs: a promise that is broken is noticed, proved and kept."""

import shutil

from stemedb.merkle import evidence
from support.publishing import assertion, lines
from support.replicas import append, converged, running_sites, soon


async def _aside(site, other):
    peer = await site.peer(other.name)
    return peer if peer and peer.status == "set_aside" and peer.evidence else None


async def _restored_from_backup(site, backup):
    site.kill()
    shutil.rmtree(site.data)
    shutil.copytree(backup, site.data)
    site.launch("ingest", "index")
    await site.ready()


async def _backed_up(sites, tmp_path):
    """Write 100 statements at the first, back it up in order, write 100 more."""
    a, b = sites
    await append(a, lines([assertion(i) for i in range(100)]))
    await converged([a, b], 100)
    for service in ("sync", "index", "ingest"):
        a.services.pop(service).stop()
    shutil.copytree(a.data, tmp_path / "backup")
    a.launch()
    await a.ready()
    await append(a, lines([assertion(i) for i in range(100, 200)]))
    await converged([a, b], 200)
    await soon(lambda: _verified(b, a, 200))


async def _verified(site, other, size):
    peer = await site.peer(other.name)
    return peer and peer.verified == size


async def test_a_log_restored_from_an_old_backup_is_set_aside_until_it_is_readmitted(
    own_nats, replica, tmp_path
):
    names = [f"{replica}-a", f"{replica}-b"]
    async with running_sites(names, tmp_path, own_nats.url) as (a, b):
        await _backed_up((a, b), tmp_path)
        await _restored_from_backup(a, tmp_path / "backup")
        a.launch("sync")
        await a.ready()
        peer = await soon(lambda: _aside(b, a))
        assert (peer.reason, peer.equivocations, len(peer.evidence)) == ("rollback", 1, 1)
        raw = (b.data / "sync" / "evidence" / peer.evidence[0]).read_bytes()
        finding = evidence.verify(raw, trusted_key=peer.key)
        assert (finding.kind, finding.earlier.size, finding.later.size) == ("rollback", 200, 100)
        metrics = b.services["sync"].metrics()
        assert metrics[f"stemedb_sync_equivocations_total{{peer={a.name}}}"] == 1
        await converged([a, b], 200)  # a follows b all the while and has everything back
        await b.control("readmit", peer=a.name)
        await append(a, lines([assertion(i) for i in range(200, 220)]))
        await converged([a, b], 220)
        assert (await b.peer(a.name)).status == "following"


async def test_a_log_that_was_rewritten_is_proved_to_anybody(own_nats, replica, tmp_path):
    names = [f"{replica}-a", f"{replica}-b"]
    async with running_sites(names, tmp_path, own_nats.url) as (a, b):
        await _backed_up((a, b), tmp_path)
        await _restored_from_backup(a, tmp_path / "backup")
        # With its sync away nobody hears of it until its log is longer than the one that was signed before.
        await append(a, lines([assertion(i) for i in range(1000, 1150)]))
        a.launch("sync")
        await a.ready()
        peer = await soon(lambda: _aside(b, a))
        assert peer.reason == "rewrite"
        raw = (b.data / "sync" / "evidence" / peer.evidence[0]).read_bytes()
        finding = evidence.verify(raw, trusted_key=peer.key)
        assert finding.is_proof
        assert (finding.earlier.size, finding.later.size) == (200, 250)
        file = b.data / "sync" / "peers" / f"{a.name}.json"
        await soon(lambda: "set_aside" in file.read_text(encoding="utf-8"))
        b.kill("sync")
        b.launch("sync")
        await b.ready()
        assert await _aside(b, a), "the memory of a witness survives"
