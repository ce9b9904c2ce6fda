"""The story that the demo tells: the steps in order, and what later ones need of earlier ones.

| step | one replica | several | where |
|---|---|---|---|
| start | ✓ | ✓ | here |
| import | ✓ | other packages at each site, until all are level | here, ``replication`` |
| contradict, ask, prove | ✓ | the same answers at all sites | ``dispute`` |
| kill | ✓ | services of one site | here, ``drill`` |
| cut off | | one site, and heal it | ``replication`` |
| damage | | the map of one site | ``replication`` |
| lint | | scan code at one site, read the findings at another, flip a verdict | ``linting`` |
| stop and check | ✓ | equal roots | here |
"""

import asyncio
import json
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stemedb.cli import drill, linting, replication
from stemedb.cli.dispute import Dispute
from stemedb.cli.embedded import Embedded, running
from stemedb.cli.fleet import Fleet
from stemedb.cli.importing import Importer, Line, Rejection, describe, package_lines
from stemedb.cli.maintenance import check
from stemedb.cli.narration import Narrator, require
from stemedb.cli.output import Meter
from stemedb.cli.plan import plan
from stemedb.cli.reading import short, stamp_text
from stemedb.cli.replication import Replication
from stemedb.errors import Fatal

if TYPE_CHECKING:
    from stemedb.bus.client import Client

REPLICA: Final = "demo"
PROMISE_S: Final = 60.0
"""The demo's own promise; it takes a quarter of that on two cores with nothing else to do."""
LIMIT_S: Final = 240.0
"""Beyond it the demo hangs. A busy computer may break the promise, and the story be true all the same."""
FAVOURITES: Final = ("blake3", "lmdb", "pydantic", "pip")
"""Packages that one of the following steps may argue about: the first that is installed and names its license."""
KILLS: Final = (("ingest",), ("index",), ("ingest", "index"))
DEFAULT_REPLICAS: Final = 3


class Story:
    """One telling."""

    def __init__(self, narrator: Narrator, data: Path, replicas: int = DEFAULT_REPLICAS) -> None:
        self.narrator = narrator
        self.data = data
        self.figures: dict[str, object] = {}
        self._code = data / "code" if replicas > 1 and linting.is_installed() else None
        self._plan = plan(
            data, REPLICA, replicas, own_servers=True, settings=replication.SETTINGS, code=self._code
        )
        self._site = self._plan.sites[0]
        self._promised: set[str] = set()

    @property
    def options(self) -> str:
        """What `stemedb up` needs to be told of the replicas of this story."""
        count = len(self._plan.sites)
        return f" --replicas {count} --nats-per-replica" if count > 1 else ""

    async def tell(self) -> None:
        """Tell everything that happens while the replica runs; it is stopped when this returns."""
        narrator = self.narrator
        count = len(self._plan.sites)
        of = "one replica" if count == 1 else f"{count} replicas"
        more = "" if count == 1 else ", a partition, a damaged file"
        narrator.title(f"StemeDB: {of}, real claims, contradictions, a proof, a crash{more}")
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._tell()
        except TimeoutError:
            raise Fatal(f"the demo is not done after {LIMIT_S:.0f} s") from None

    async def _tell(self) -> None:
        from stemedb.bus.client import Client

        narrator = self.narrator
        count = len(self._plan.sites)
        several = count > 1
        narrator.step(
            f"Start {count} sites, each with a NATS server, {', '.join(self._plan.services)}"
            if several
            else "Start a replica: a NATS server, ingest and index"
        )
        if self._code is not None:
            linting.write_code(self._code)
        async with running(self._plan, lambda _event: None) as embedded:
            self._tell_start(embedded)
            async with await Client.connect(self._site.nats_url, REPLICA) as client:
                if several:
                    await self._tell_replicas(client, embedded)
                else:
                    await self._tell_one(client, embedded)
            self._pids = list(embedded.pids().values())
            narrator.step("Stop, and check every byte on disk")
            self._stopping = time.monotonic()

    async def _tell_one(self, client: "Client", embedded: Embedded) -> None:
        narrator = self.narrator
        narrator.step("Import what the installed Python packages say about themselves")
        subject = await self._import(client)
        await self._tell_core(client, subject)
        narrator.step("Kill the services with SIGKILL while claims are being published")
        await self._crash(client, embedded, KILLS)

    async def _tell_replicas(self, client: "Client", embedded: Embedded) -> None:
        narrator = self.narrator
        async with Fleet.connected(self._plan.sites) as fleet:
            chapters = Replication(narrator, embedded, fleet, self._promised)
            narrator.step(
                "Import what the installed Python packages say about themselves, other ones at each site"
            )
            lines = list(package_lines())
            await chapters.spread(lines)
            self.figures |= {"packages": len({line.file for line in lines}), "claims": len(lines)}
            subject = _subject(lines)
            proven = await self._tell_core(client, subject, fleet)
            narrator.step("Kill services of one site with SIGKILL while claims are being published there")
            await self._crash(client, embedded, KILLS[:1] + KILLS[2:])
            await fleet.level()
            narrator.step("Cut one site off, and write at all of them")
            await chapters.partition()
            narrator.step("Flip a bit in the map of one site")
            await chapters.rot(proven, subject)
            self.figures |= chapters.figures
            if self._code is None:
                narrator.aside("The analysis service is not installed: the story ends here without it.")
            else:
                await self._lint(fleet, self._code)
            # What one site promised a moment ago is in the others' logs only once they have heard of it.
            await fleet.level()

    async def _lint(self, fleet: Fleet, code: Path) -> None:
        self.narrator.step("Scan a shop full of planted faults, and a package, for what they claim")
        lint = linting.Linting(self.narrator, fleet, code, self._promised)
        await lint.tell()
        self.figures |= lint.figures

    async def _tell_core(self, client: "Client", subject: str, fleet: Fleet | None = None) -> str:
        """Tell of contradictions, lenses and the proof; returns the id of the claim that was proven."""
        narrator = self.narrator
        name = subject.removeprefix("pkg://pypi/").replace("/", " ")
        narrator.step(f"Contradict one of them with three invented claims: the license of {name}")
        clients = [client] if fleet is None else fleet.clients
        dispute = Dispute(narrator, clients, self._site, self.data, self._promised)
        await dispute.contradict(subject)
        if fleet is not None:
            await fleet.level()
            narrator.holds("each was published at another site, and all sites have all of them")
        narrator.step("Ask through three lenses")
        proven = await dispute.ask(subject)
        if fleet is not None:
            await dispute.agree(subject)
            narrator.holds(f"the same three answers at all {len(fleet.clients)} sites")
        narrator.step("Prove one claim to somebody who does not trust us")
        await dispute.prove(proven)
        self.figures |= dispute.figures
        return proven

    def _tell_start(self, embedded: Embedded) -> None:
        narrator = self.narrator
        for site, server in zip(self._plan.sites, self._plan.servers, strict=True):
            names = [server.name, *(site.process(service) for service in site.http_ports)]
            pids = ", ".join(f"{name.rpartition('.')[2]} {embedded.supervisor.pid(name)}" for name in names)
            narrator.fact(site.replica if len(self._plan.sites) > 1 else "bus", site.nats_url, pids)
        narrator.fact("data", str(self.data), f"ready after {narrator.seconds:.1f} s")

    def afterwards(self) -> None:
        """Tell what is left when the replica has stopped: no process, and files that agree with one another."""
        took = time.monotonic() - self._stopping
        require(not any(Path(f"/proc/{pid}").exists() for pid in self._pids), "a process is left over")
        self.narrator.holds(f"stopped in {took:.2f} s, no process is left")
        self._fsck()

    async def _import(self, client: "Client") -> str:
        narrator = self.narrator
        lines = list(package_lines())
        rejected: list[Rejection] = []
        importer = Importer(client, rejected.append, lambda _bytes: None, keep_ids=True)
        started = time.monotonic()
        tally = await importer.run(lines)
        seconds = time.monotonic() - started
        require(not rejected, f"a claim was rejected: {describe(rejected[0]) if rejected else ''}")
        require(tally.new == len(lines), f"{len(lines)} claims sent, {tally.new} taken")
        self._promised.update(tally.acknowledged)
        packages = len({line.file for line in lines})
        narrator.fact(
            "claims",
            f"{tally.new:,} about {packages} packages",
            f"{tally.new / seconds:,.0f} a second, durable when acknowledged",
        )
        again = await Importer(client, rejected.append, lambda _bytes: None).run(lines[:500])
        require(again.new == 0, "importing again made new statements")
        await self._show_state(client, tally.acknowledged[-1])
        narrator.holds(
            f"importing {again.known} of them again added nothing: the id is the digest of what is said"
        )
        self.figures |= {"packages": packages, "claims": tally.new}
        return _subject(lines)

    async def _show_state(self, client: "Client", identity: str) -> None:
        from stemedb.bus.messages import GetRequest, RootRequest

        log = await client.status()
        found = await client.get(GetRequest(id=identity, wait_size=log.size, timeout_ms=8000))
        index = await client.root(RootRequest(wait_size=log.size, timeout_ms=8000))
        narrator = self.narrator
        narrator.fact("receipt", f"id {short(identity)}  log index {found.index}", stamp_text(found.stamp))
        narrator.fact("log", f"{log.size:,} statements, root {short(log.root)}")
        narrator.fact("map", f"{index.keys:,} entries,    root {short(index.root)}")
        self.figures |= {"log_root": log.root, "map_root": index.root}

    async def _crash(self, client: "Client", embedded: Embedded, kills: tuple[tuple[str, ...], ...]) -> None:
        from stemedb.bus.client import Client

        narrator = self.narrator

        def on_kill(names: str, seconds: float) -> None:
            narrator.happens(f"kill -9 {names}: written and read again after {seconds:.1f} s")

        async with await Client.connect(self._site.nats_url, REPLICA, timeout_s=drill.ANSWER_S) as publisher:
            exercise = drill.Drill(publisher, embedded.supervisor)
            named = tuple(tuple(self._site.process(name) for name in names) for names in kills)
            await exercise.run(named, on_kill)
        receipts, stored = len(exercise.acknowledged), len(exercise.stored)
        narrator.fact(
            "promised",
            f"{receipts:,} by receipt of ingest, {stored:,} by JetStream",
            "while services were dying",
        )
        promised = exercise.acknowledged | exercise.stored
        size = await drill.drained(client)
        mapped = await drill.in_the_map(client, drill.SUBJECT, size)
        drill.account(promised, mapped, "the map")
        logged = logged_ids(self._site.data)
        drill.account(promised | self._promised, logged, "the log")
        narrator.holds(
            f"all {len(promised):,} are in the map and in the log, and with all before all {len(promised | self._promised):,}"
        )
        narrator.holds(f"none of the {len(logged):,} statements is there twice")
        self.figures |= {
            "acknowledged_while_killing": len(promised),
            "kills": len(kills),
            "log_size": len(logged),
        }
        self._promised |= promised

    def _fsck(self) -> None:
        from stemedb.storage.replica import ReplicaDirectory

        roots: set[str] = set()
        for site in self._plan.sites:
            logged = logged_ids(site.data)
            drill.account(self._promised, logged, f"the log of {site.replica}")
            rows = {row["store"]: row for row in check(ReplicaDirectory.open(site.data), Meter())}
            for row in rows.values():
                require(row["ok"], f"fsck: {row['store']}: {'; '.join(row['problems'])}")
            ids = rows["ids"]["checked"]
            require(ids == len(logged), f"fsck: {ids} ids, {len(logged)} statements were there")
            roots.add(rows["tree"]["root"])
            counts = ", ".join(f"{row['checked']:,} {row['what']}" for row in rows.values())
            whose = f"fsck of {site.replica}" if len(self._plan.sites) > 1 else "fsck"
            self.narrator.holds(f"{whose}: {counts}: all agree")
        require(len(roots) == 1, f"the maps have different roots: {sorted(roots)}")
        if len(self._plan.sites) > 1:
            self.narrator.holds(
                f"all {len(self._promised):,} acknowledged statements are in every log, and all maps have the root"
                f" {short(roots.pop())}"
            )


def logged_ids(data: Path) -> list[str]:
    """Return the ids of the statements in a replica's log, in its order; restamps are no statements."""
    from stemedb.ledger import LedgerReader
    from stemedb.storage.replica import ReplicaDirectory
    from stemedb.wal import RESTAMP

    with closing(LedgerReader(ReplicaDirectory.open(data))) as reader:
        entries = reader.statements(0, reader.size)
        return [entry.id.hex() for entry in entries if entry.record.kind != RESTAMP]


def _subject(lines: list[Line]) -> str:
    """Return the package to argue about: the first favourite that names its license, else the first that does."""
    licensed = [line.file for line in lines if json.loads(line.raw)["predicate"] == "license"]
    require(bool(licensed), "no installed package names its license")
    return next((s for name in FAVOURITES for s in licensed if s.split("/")[3] == name), licensed[0])
