"""The demo's chapters on several replicas: spread, cut off, damaged. Each one ends with equal roots.

::

    demo ◀──▶ demo-2 ◀──▶ demo-3        every site: nats-server, ingest, index, sync
                       ╳                   the link to the last one can be cut

What is shown are the replicas' own figures, asked of each site's own server, and every chapter checks what it claims.
"""

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stemedb.cli import drill
from stemedb.cli.embedded import Embedded
from stemedb.cli.fleet import Fleet, Moment
from stemedb.cli.importing import Importer, Line
from stemedb.cli.narration import Narrator, require
from stemedb.cli.plan import Site
from stemedb.cli.reading import short
from stemedb.errors import Fatal, Unavailable

if TYPE_CHECKING:
    from stemedb.bus.client import Client

SETTINGS: Final = {"STEMEDB_SYNC_HEARTBEAT_MS": "500", "STEMEDB_SYNC_DOWN_AFTER_MS": "2000"}
"""For a story that is told in seconds; the defaults are for years."""
SHOWN_EVERY_S: Final = 0.25
"""Between two lines of figures while replicas converge."""
CUT_LOOKS: Final = 5
CUT_LOOK_S: Final = 0.7
"""How often and how far apart the figures of a partition are shown."""
WRITE_LINES: Final = 40
WRITE_PAUSE_S: Final = 0.1
"""What each site writes in a partition: some 300 statements a second."""
NOTICED_S: Final = 30.0
"""How long index may take to start, to find the damage once its claim is asked for, and to answer again."""


@dataclass(slots=True)
class Replication:
    """The chapters, and what they found out. Owned by the story."""

    narrator: Narrator
    embedded: Embedded
    fleet: Fleet
    promised: set[str]
    """Ids with a receipt, from any replica: the story's own."""
    figures: dict[str, object] = field(default_factory=dict)

    async def spread(self, lines: list[Line]) -> None:
        """Import other packages at each replica, all at the same time, and watch them converge."""
        narrator = self.narrator
        shares = _shares(lines, len(self.fleet.sites))
        for site, share in zip(self.fleet.sites, shares, strict=True):
            narrator.fact(
                site.replica, f"{len(share):,} claims about {len({line.file for line in share})} packages"
            )
        narrator.fact("", "".join(f"{site.replica:<22}" for site in self.fleet.sites))
        told = Told(narrator)
        began = time.monotonic()
        async with _together() as group:
            imports = [
                group.create_task(self._import(client, share))
                for client, share in zip(self.fleet.clients, shares, strict=True)
            ]
            while not all(task.done() for task in imports):
                told.look(await self.fleet.look())
                await asyncio.sleep(SHOWN_EVERY_S / 2)
        imported = time.monotonic()
        moments = await self.fleet.level(told.look)
        level = time.monotonic()
        told.look(moments, last=True)
        require(moments[0].keys == len(lines), f"{len(lines)} claims sent, {moments[0].keys} in the map")
        narrator.holds(
            f"{len(lines):,} claims acknowledged in {imported - began:.1f} s, in all {len(moments)} replicas"
            f" {level - imported:.2f} s later: root {short(moments[0].root)}"
        )
        self.figures |= {"import_s": round(imported - began, 2), "level_after_s": round(level - imported, 2)}

    async def partition(self) -> None:
        """Cut the last site off, write at every site, heal, and watch the lag grow and fall."""
        narrator = self.narrator
        name, link = list(self.embedded.links.items())[-1]
        await link.cut()
        narrator.happens(f"the link to {name} is cut; all {len(self.fleet.sites)} replicas go on writing")
        here_name = self.fleet.sites[0].replica
        heads = (f"{here_name} has", f"{name} lacks", f"{name} has", f"{here_name} lacks")
        narrator.fact("", _columns(heads))
        stop = asyncio.Event()
        lags: list[int] = []
        async with _together() as group:
            writers = [
                group.create_task(self._write(site, client, stop))
                for site, client in zip(self.fleet.sites, self.fleet.clients, strict=True)
            ]
            began = time.monotonic()
            for _ in range(CUT_LOOKS):
                await asyncio.sleep(CUT_LOOK_S)
                here, *_, there = await self.fleet.look()
                lags.append(there.lacking[here.replica] + here.lacking[there.replica])
                self._tell_cut(time.monotonic() - began, here, there)
            stop.set()
        written = sum(task.result() for task in writers)
        require(lags[0] < lags[-1], f"the lag did not grow: {lags}")
        here, *_, there = await self.fleet.look()
        require(here.root != there.root, "a replica that was cut off heard of what the others wrote")
        await link.heal()
        healed = time.monotonic()
        falling = Falling(narrator, healed)
        moments = await self.fleet.level(falling.look)
        took = time.monotonic() - healed
        narrator.holds(
            f"healed: {written:,} statements of both sides are everywhere {took:.1f} s later,"
            f" root {short(moments[0].root)}"
        )
        self.figures |= {
            "written_while_cut": written,
            "lag_when_cut": lags,
            "level_after_cut_s": round(took, 2),
        }

    async def rot(self, identity: str, subject: str) -> None:
        """Flip one bit in the map of the last site: index finds it and makes the map anew from its own log, the peers bring the rest."""
        narrator = self.narrator
        site, client = self.fleet.sites[-1], self.fleet.clients[-1]
        index = site.process("index")
        await self.embedded.supervisor.suspend([index])
        file = site.data / "index" / "map.mst"
        copies = _flip_bit(file, bytes.fromhex(identity))
        narrator.happens(
            f"one bit of {file.name} of {site.replica} is flipped, in the entry of claim {short(identity)}"
        )
        during = await self._append_at(self.fleet.sites[0], self.fleet.clients[0], 1)
        began = time.monotonic()
        self.embedded.supervisor.resume([index])
        found, aside = await self._mended(site, client, subject)
        narrator.fact("index", f"found {found} damaged node, kept the file as {aside.name}")
        moments = await self.fleet.level()
        mended = time.monotonic() - began
        narrator.holds(
            f"started, noticed and made anew from the log within {mended:.1f} s; with the {during} claims that the others wrote"
            f" meanwhile all have {short(moments[0].root)}"
        )
        answer = await _claims(client, subject)
        require(identity in answer, f"{site.replica} lost claim {short(identity)}")
        self.figures |= {
            "copies_damaged": copies,
            "integrity_failures": found,
            "written_while_damaged": during,
            "mended_s": round(mended, 2),
        }

    async def _import(self, client: "Client", lines: list[Line]) -> None:
        importer = Importer(client, lambda _rejection: None, lambda _bytes: None, keep_ids=True)
        tally = await importer.run(lines)
        require(tally.new == len(lines), f"{len(lines)} claims sent, {tally.new} taken")
        self.promised.update(tally.acknowledged)

    async def _write(self, site: Site, client: "Client", stop: asyncio.Event) -> int:
        """Write at one site until told to stop; returns how many statements it acknowledged."""
        importer = Importer(client, lambda _rejection: None, lambda _bytes: None, keep_ids=True)
        for lines in drill.numbered(f"cut/{site.replica}", WRITE_LINES):
            await importer.run(lines)
            if stop.is_set():
                break
            await asyncio.sleep(WRITE_PAUSE_S)
        self.promised.update(importer.tally.acknowledged)
        return importer.tally.new

    async def _append_at(self, site: Site, client: "Client", batches: int) -> int:
        importer = Importer(client, lambda _rejection: None, lambda _bytes: None, keep_ids=True)
        for _, lines in zip(range(batches), drill.numbered(f"rot/{site.replica}", WRITE_LINES), strict=False):
            await importer.run(lines)
        self.promised.update(importer.tally.acknowledged)
        return importer.tally.new

    async def _mended(self, site: Site, client: "Client", subject: str) -> tuple[int, Path]:
        """Ask for the claims about ``subject`` until index answers; returns how much damage it counted, and the file it put aside."""
        try:
            async with asyncio.timeout(NOTICED_S):
                await _ask_until_answered(client, subject)
        except TimeoutError:
            raise Fatal(f"demo: index has not mended its map within {NOTICED_S:g} s") from None
        counted = await asyncio.to_thread(_integrity_failures, site.http_ports["index"])
        require(counted > 0, "index answered from a damaged map")
        aside = sorted((site.data / "index").glob("map.mst.damaged-*"))
        require(len(aside) == counted, f"index counted {counted} damaged maps and kept {len(aside)}")
        return counted, aside[-1]

    def _tell_cut(self, seconds: float, here: Moment, there: Moment) -> None:
        cells = (here.log_size, here.lacking[there.replica], there.log_size, there.lacking[here.replica])
        self.narrator.fact(
            f"{seconds:.1f} s", _columns(cells), f"unheard for {here.silent_s[there.replica]:.1f} s"
        )


@dataclass(slots=True)
class Told:
    """Lines of figures while replicas converge, not too many of them."""

    narrator: Narrator
    began: float = field(default_factory=time.monotonic)
    shown: float = -1.0

    def look(self, moments: Sequence[Moment], *, last: bool = False) -> None:
        """Show a line with the entries and the root of every map, if it is time for one."""
        now = time.monotonic()
        if not last and now - self.shown < SHOWN_EVERY_S:
            return
        self.shown = now
        cells = "".join(f"{f'{one.keys:,}':>6} {one.root[:8]:<15}" for one in moments)
        behind = max(one.behind for one in moments)
        oldest = max(one.behind_s for one in moments)
        self.narrator.fact(f"{now - self.began:.2f} s", cells, f"behind by {behind:,}, {oldest:.2f} s")


@dataclass(slots=True)
class Falling:
    """Lines of figures after a partition: the lag as it falls."""

    narrator: Narrator
    healed: float
    before: int = -1

    def look(self, moments: Sequence[Moment]) -> None:
        """Show a line whenever what is lacking has changed."""
        here, there = moments[0], moments[-1]
        lacking = here.lacking[there.replica] + there.lacking[here.replica]
        if lacking == self.before:
            return
        self.before = lacking
        self.narrator.fact(
            f"healed {time.monotonic() - self.healed:.1f} s",
            _columns(
                (here.log_size, here.lacking[there.replica], there.log_size, there.lacking[here.replica])
            ),
        )


@asynccontextmanager
async def _together() -> AsyncIterator[asyncio.TaskGroup]:
    """Yield a group of tasks whose first failure comes out as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _columns(cells: Sequence[int | str]) -> str:
    return "".join(f"{cell if isinstance(cell, str) else f'{cell:,}':>15}" for cell in cells)


def _shares(lines: list[Line], count: int) -> list[list[Line]]:
    """Deal the packages out in turn."""
    packages = {line.file: None for line in lines}
    owner = {package: number % count for number, package in enumerate(packages)}
    return [[line for line in lines if owner[line.file] == number] for number in range(count)]


def _flip_bit(file: Path, where: bytes) -> int:
    """Flip the first bit of ``where`` in every copy of it that the file holds, older ones too; return how many."""
    raw = file.read_bytes()
    places = list(_places(raw, where))
    require(bool(places), f"{file.name} does not hold the claim")
    with file.open("r+b") as stream:
        for place in places:
            stream.seek(place)
            stream.write(bytes([where[0] ^ 0x80]))
    return len(places)


def _places(raw: bytes, where: bytes) -> Iterator[int]:
    place = raw.find(where)
    while place >= 0:
        yield place
        place = raw.find(where, place + 1)


def _integrity_failures(port: int) -> int:
    """Return what the metrics of an index service say of damaged maps."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return sum(
        int(float(line.rpartition(" ")[2]))
        for line in text.splitlines()
        if line.startswith("stemedb_integrity_failures_total{")
    )


async def _ask_until_answered(client: "Client", subject: str) -> None:
    """Ask for the claims about ``subject`` as soon as somebody is there to answer."""
    while True:
        try:
            await _claims(client, subject)
        except Unavailable:
            await asyncio.sleep(0.02)
        else:
            return


async def _claims(client: "Client", subject: str) -> set[str]:
    from stemedb.bus.messages import QueryRequest

    return {claim.id for claim in (await client.query(QueryRequest(subject=subject))).claims}
