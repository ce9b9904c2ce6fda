"""A replica that forgot a peer but holds what is in its log does not read that log again."""

import shutil

from stemedb_sync.leap import LEAP_ENTRIES_MIN
from support.publishing import assertion, lines
from support.replicas import append, converged, level, running_sites, soon

COUNT = LEAP_ENTRIES_MIN
NEWS = 50
PAGE = 1000


async def _told(site, start, end):
    for at in range(start, end, PAGE):
        await append(site, lines([assertion(i) for i in range(at, min(at + PAGE, end))]))


def _bytes(site, peer, path):
    metrics = site.services["sync"].metrics()
    return sum(
        metrics[f"stemedb_sync_bytes_total{{direction={way},path={path},peer={peer.name}}}"]
        for way in ("in", "out")
    )


async def _verified(site, other, size):
    peer = await site.peer(other.name)
    return peer and peer.verified == size


async def test_a_long_log_of_which_little_is_missing_is_leapt_over_and_then_followed(
    own_nats, replica, tmp_path
):
    names = [f"{replica}-a", f"{replica}-b"]
    async with running_sites(names, tmp_path, own_nats.url) as (a, b):
        await _told(a, 0, COUNT)
        await converged([a, b], COUNT)
        await level([a, b])
        read = _bytes(b, a, "tail")
        b.kill("sync")
        shutil.rmtree(b.data / "sync")  # all that b knew of a
        await _told(a, COUNT, COUNT + NEWS)
        b.launch("sync")
        await b.ready()
        await soon(lambda: _verified(b, a, COUNT + NEWS))
        await converged([a, b], COUNT + NEWS)
        metrics = b.services["sync"].metrics()
        assert metrics[f"stemedb_sync_rounds_total{{path=leap,peer={a.name}}}"] == 1
        assert metrics[f"stemedb_sync_statements_total{{path=tree,peer={a.name}}}"] == NEWS
        leapt = _bytes(b, a, "tree") + _bytes(b, a, "tail")
        assert leapt * 20 < read
        # From there it is a witness like any other, from entry to entry.
        await _told(a, COUNT + NEWS, COUNT + 2 * NEWS)
        await converged([a, b], COUNT + 2 * NEWS)
        await level([a, b])
        metrics = b.services["sync"].metrics()
        assert metrics[f"stemedb_sync_statements_total{{path=tail,peer={a.name}}}"] == NEWS
        assert metrics[f"stemedb_sync_equivocations_total{{peer={a.name}}}"] == 0
