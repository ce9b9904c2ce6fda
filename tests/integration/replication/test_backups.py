"""``stemedb backup`` of a replica that goes on writing, and what becomes of it among peers."""

import asyncio
import shutil
from contextlib import closing

from stemedb.ledger import LedgerReader
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import StatementId
from support.command import stemedb_process
from support.fleet import claims, fleet_at, status
from support.publishing import lines
from support.replicas import Site, converged, soon

BATCH = 25


async def run(*arguments, **options):
    """Run the command in a process of its own while the services go on; fail with its words if it fails."""
    done = await asyncio.to_thread(stemedb_process, *arguments, "--json", **options)
    assert done.code == 0, done.err
    return done


def unknown(directory, ids):
    """Return how many of `ids` the replica in `directory` lacks."""
    with closing(LedgerReader(ReplicaDirectory.open(directory))) as reader:
        return len(ids) - len(reader.known(list(ids)))


async def test_a_backup_while_it_writes_holds_all_that_was_acknowledged_when_it_began(own_nats, tmp_path):
    async with fleet_at(dict.fromkeys(["a", "b"], own_nats.url), tmp_path) as fleet:
        stop = asyncio.Event()
        acknowledged = set()

        async def write_at_a():
            number = 0
            async with fleet["a"].client() as client:
                while not stop.is_set():
                    reply = await client.append(lines(claims(number, number + BATCH)))
                    acknowledged.update(StatementId(bytes.fromhex(one.id)) for one in reply.receipts)
                    number += BATCH

        async def write_at_b():
            number = 1_000_000
            while not stop.is_set():
                await fleet.publish("b", claims(number, number + BATCH))
                number += BATCH

        async with asyncio.TaskGroup() as group:
            group.create_task(write_at_a())
            group.create_task(write_at_b())
            backups = []
            for number in range(2):
                await soon(lambda: acknowledged)
                promised = set(acknowledged)
                archive = tmp_path / f"{number}.tar"
                made = (await run("backup", archive, "--data", fleet["a"].data)).record
                backups.append((archive, made["statements"], promised))
            await soon(lambda: acknowledged > promised)  # it goes on writing
            stop.set()
        for number, (archive, statements, promised) in enumerate(backups):
            target = tmp_path / f"restored-{number}"
            restored = (await run("restore", archive, "--data", target)).record
            assert restored["statements"] == statements >= len(promised)
            assert unknown(target, promised) == 0
            assert all(row["ok"] for row in (await run("fsck", "--data", target)).records)


async def test_a_backup_becomes_another_replica_that_nobody_mistrusts(own_nats, tmp_path):
    async with fleet_at(dict.fromkeys(["a", "b"], own_nats.url), tmp_path) as fleet:
        await fleet.publish("a", claims(0, 300))
        await fleet.settled()
        archive = tmp_path / "a.tar"
        await run("backup", archive, "--data", fleet["a"].data)
        await fleet.publish("a", claims(300, 400))
        await fleet.publish("b", claims(400, 450))
        copy = Site("copy", tmp_path / "copy", own_nats.url, fleet["a"].settings)
        await run("restore", archive, "--as", "copy", "--data", copy.data)
        fleet.sites["copy"] = copy
        copy.launch()
        await copy.ready()
        await fleet.publish("copy", claims(450, 480))
        await fleet.settled()
        for site in fleet.sites.values():
            for other in fleet.sites.keys() - {site.name}:
                assert (await site.peer(other)).status == "following"
        counters = copy.services["sync"].metrics()
        assert not any(
            value for name, value in counters.items() if name.startswith("stemedb_sync_equivocations_total")
        )


async def test_a_restored_replica_gets_everything_back_and_is_followed_again_once_readmitted(
    own_nats, tmp_path
):
    async with fleet_at(dict.fromkeys(["a", "b"], own_nats.url), tmp_path) as fleet:
        await fleet.publish("a", claims(0, 100))
        archive = tmp_path / "a.tar"
        await run("backup", archive, "--data", fleet["a"].data)
        await fleet.publish("a", claims(100, 200))
        await fleet.settled()
        fleet["a"].kill()
        shutil.rmtree(fleet["a"].data)
        done = await run("restore", archive, "--data", fleet["a"].data)
        assert "`stemedb sync readmit a`" in done.err
        fleet["a"].launch()
        await fleet["a"].ready()
        await converged(list(fleet.sites.values()), len(fleet.keys))
        await status(fleet["b"], "a", "set_aside")
        await fleet["b"].control("readmit", peer="a")
        await status(fleet["b"], "a", "following")
        await fleet.settled()
