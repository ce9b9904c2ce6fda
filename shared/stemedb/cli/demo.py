"""``stemedb demo``: the main job on real input, with a crash in the middle, in under a minute.

It is a story and a check at once: every step looks at what it claims, and one that does not hold ends the demo with
an error and an exit code other than 0. Everything happens in a temporary directory, on free ports of the
loopback interface, with the same processes that ``stemedb up`` runs.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from stemedb.cli import drill, exits
from stemedb.cli.embedded import Embedded, running
from stemedb.cli.importing import Importer, Rejection, describe, package_lines
from stemedb.cli.maintenance import check
from stemedb.cli.narration import Narrator
from stemedb.cli.output import Meter, bytes_text
from stemedb.cli.plan import HOST, plan
from stemedb.cli.reading import short, stamp_text, tier_text, value_text
from stemedb.cli.session import Session
from stemedb.errors import Fatal, Refused, StemeError

if TYPE_CHECKING:
    from stemedb.bus.client import Client
    from stemedb.bus.messages import Receipt

REPLICA: Final = "demo"
LIMIT_S: Final = 60.0
"""The demo's own promise; it takes a quarter of that."""
LENSES: Final = ("authority", "votes", "skeptic")
FAVOURITES: Final = ("blake3", "lmdb", "pydantic", "pip")
"""Packages that one of the following steps may argue about: the first that is installed and names its license."""
INVENTED: Final = (
    ("Apache-2.0", 0.9, 2, "vendor-handbook"),
    ("CC0-1.0", 0.8, 0, "court-ruling"),
    ("GPL-3.0-only", 0.6, 5, "forum-thread"),
)
"""Value, confidence, tier, agent: the strongest source and the loudest crowd say different things."""
VOTES: Final = 5
KILLS: Final = (("ingest",), ("index",), ("ingest", "index"))


def demo(
    context: typer.Context,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the replica in this new or empty directory.")
    ] = None,
) -> None:
    """Show the whole thing at work on real claims: a replica, three lenses, a proof, a crash. Under a minute."""
    session = Session.of(context)
    with ExitStack() as stack:
        if keep is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stemedb-demo-")))
        elif keep.exists() and any(keep.iterdir()):
            raise exits.with_hint(Refused(f"{keep}: is not empty"), "choose a new directory")
        else:
            data = keep.resolve()
        narrator = Narrator(session.output)
        story = Story(narrator, data)
        try:
            asyncio.run(story.tell())
            story.afterwards()
        except StemeError as error:
            again = "run it again with `--keep DIR`, and read DIR/run/*.log"
            raise exits.with_hint(error, again if keep is None else f"read {data}/run/*.log") from None
    if session.output.as_json:
        session.output.record({**story.figures, "seconds": round(narrator.seconds, 1)})
        return
    kept = (
        f"look around with `stemedb up --replica {REPLICA} --data {keep}`"
        if keep
        else "its temporary directory is gone"
    )
    narrator.title(f"Everything held, in {narrator.seconds:.1f} s; {kept}.")


class Story:
    """The steps in order, and what later ones need of earlier ones."""

    def __init__(self, narrator: Narrator, data: Path) -> None:
        self.narrator = narrator
        self.data = data
        self.figures: dict[str, object] = {}
        self._plan = plan(data, REPLICA)
        (self._site,) = self._plan.sites
        self._promised: set[str] = set()

    async def tell(self) -> None:
        """Tell everything that happens while the replica runs; it is stopped when this returns."""
        narrator = self.narrator
        narrator.title("StemeDB: one replica, real claims, contradictions, a proof, a crash")
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._tell()
        except TimeoutError:
            raise Fatal(f"the demo is not done after {LIMIT_S:.0f} s") from None

    async def _tell(self) -> None:
        from stemedb.bus.client import Client

        narrator = self.narrator
        narrator.step("Start a replica: a NATS server, ingest and index")
        async with running(self._plan, lambda _event: None) as embedded:
            pids = ", ".join(f"{name} {pid}" for name, pid in embedded.pids().items())
            narrator.fact("bus", self._site.nats_url)
            narrator.fact("processes", pids, f"ready after {narrator.seconds:.1f} s")
            narrator.fact("data", str(self.data))
            async with await Client.connect(self._site.nats_url, REPLICA) as client:
                narrator.step("Import what the installed Python packages say about themselves")
                subject = await self._import(client)
                name = subject.removeprefix("pkg://pypi/").replace("/", " ")
                narrator.step(f"Contradict one of them with three invented claims: the license of {name}")
                await self._contradict(client, subject)
                narrator.step("Ask through three lenses")
                proven = await self._lenses(client, subject)
                narrator.step("Prove one claim to somebody who does not trust us")
                await self._prove(client, proven)
                narrator.step("Kill the services with SIGKILL while claims are being published")
                await self._crash(client, embedded)
            self._pids = list(embedded.pids().values())
            narrator.step("Stop, and check every byte on disk")
            self._stopping = time.monotonic()

    def afterwards(self) -> None:
        """Tell what is left when the replica has stopped: no process, and files that agree with one another."""
        took = time.monotonic() - self._stopping
        _require(not any(Path(f"/proc/{pid}").exists() for pid in self._pids), "a process is left over")
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
        _require(not rejected, f"a claim was rejected: {describe(rejected[0]) if rejected else ''}")
        _require(tally.new == len(lines), f"{len(lines)} claims sent, {tally.new} taken")
        self._promised.update(tally.acknowledged)
        packages = len({line.file for line in lines})
        narrator.fact(
            "claims",
            f"{tally.new:,} about {packages} packages",
            f"{tally.new / seconds:,.0f} a second, durable when acknowledged",
        )
        again = await Importer(client, rejected.append, lambda _bytes: None).run(lines[:500])
        _require(again.new == 0, "importing again made new statements")
        await self._show_state(client, tally.acknowledged[-1])
        narrator.holds(
            f"importing {again.known} of them again added nothing: the id is the digest of what is said"
        )
        self.figures |= {"packages": packages, "claims": tally.new}
        licensed = [line.file for line in lines if json.loads(line.raw)["predicate"] == "license"]
        _require(bool(licensed), "no installed package names its license")
        return next((s for name in FAVOURITES for s in licensed if s.split("/")[3] == name), licensed[0])

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

    async def _contradict(self, client: "Client", subject: str) -> None:
        for real in await self._claims(client, subject):
            self._tell_claim(real, "its own metadata")
        receipts = await self._append(client, [_claim(subject, *invented) for invented in INVENTED])
        _vendor, court, forum = (receipt.id for receipt in receipts)
        votes = [_vote(forum, f"reader-{number}", 1) for number in range(VOTES)]
        await self._append(client, [*votes, _vote(court, "reader-0", -1)])
        for invented, heard in zip(INVENTED, ("", "1 vote against", f"{VOTES} votes for"), strict=True):
            self._tell_claim(_claim(subject, *invented), heard)

    def _tell_claim(self, claim: dict[str, Any], detail: str) -> None:
        value = value_text(claim["object"])
        figures = f"{value:<24} confidence {claim['confidence']:<6}{claim['agent']:<15}"
        self.narrator.fact(tier_text(claim["source"]["tier"]), figures, detail)

    async def _lenses(self, client: "Client", subject: str) -> str:
        from stemedb.bus.messages import QueryRequest

        size = (await client.status()).size
        answers: dict[str, dict[str, Any]] = {}
        for name in LENSES:
            request = QueryRequest(
                subject=subject, predicate="license", lens=name, wait_size=size, timeout_ms=8000
            )
            (group,) = (await client.query(request)).groups
            assert group.resolution is not None
            answers[name] = group.resolution
            self._tell_resolution(group.resolution)
        _require(_value(answers["authority"]) == "CC0-1.0", "authority did not follow the strongest source")
        _require(_value(answers["votes"]) == "GPL-3.0-only", "votes did not follow the votes")
        _require(answers["skeptic"]["winner"] is None, "the skeptic picked something")
        _require(answers["skeptic"]["disagreement"] > 0, "the skeptic saw no disagreement")
        self.figures["lenses"] = {name: _value(answer) for name, answer in answers.items()}
        return str(answers["authority"]["winner"])

    def _tell_resolution(self, resolution: dict[str, Any]) -> None:
        value = _value(resolution)
        verdict = "picks nothing" if value is None else value
        figures = f"score {resolution['score']:.3g}, " if value is not None else ""
        self.narrator.fact(
            resolution["lens"], verdict, f"{figures}disagreement {resolution['disagreement']:.2f}"
        )
        self.narrator.aside(resolution["formula"])

    async def _prove(self, client: "Client", identity: str) -> None:
        from stemedb.bus.messages import ProveRequest
        from stemedb.statements import public_key
        from stemedb.storage.replica import ReplicaDirectory

        narrator = self.narrator
        size = (await client.status()).size
        proof = (await client.prove(ProveRequest(id=identity, wait_size=size, timeout_ms=8000))).proof
        file = self.data / "claim.proof"
        file.write_text(json.dumps(proof, indent=1) + "\n", encoding="utf-8")
        path, nodes = len(proof["log"]["path"]), len(proof["map"]["nodes"])
        size_text = bytes_text(file.stat().st_size)
        narrator.fact(
            "proof",
            f"{file.name}, {size_text}",
            f"{path} digests to the log root, {nodes} nodes to the map root",
        )
        key = public_key(ReplicaDirectory.open(self.data).seed)
        code, words = await _verify(file, key)
        _require(code == exits.OK, f"the proof does not verify: {words}")
        narrator.holds("verified by another process: no server, only the file and the replica's public key")
        forged = self.data / "forged.proof"
        text = file.read_text(encoding="utf-8")
        forged.write_text(text.replace("CC0-1.0", "MIT-0.0", 1), encoding="utf-8")
        _require(forged.read_text(encoding="utf-8") != text, "nothing was forged")
        code, words = await _verify(forged, key)
        _require(code == exits.WRONG, "a forged proof was believed")
        narrator.holds("one word changed in a copy: refused")
        narrator.aside(words.removeprefix("error: "))

    async def _crash(self, client: "Client", embedded: Embedded) -> None:
        from stemedb.bus.client import Client
        from stemedb.ledger import LedgerReader
        from stemedb.storage.replica import ReplicaDirectory

        narrator = self.narrator

        def on_kill(names: str, seconds: float) -> None:
            narrator.happens(f"kill -9 {names}: written and read again after {seconds:.1f} s")

        async with await Client.connect(self._site.nats_url, REPLICA, timeout_s=drill.ANSWER_S) as publisher:
            exercise = drill.Drill(publisher, embedded.supervisor)
            await exercise.run(KILLS, on_kill)
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
        with closing(LedgerReader(ReplicaDirectory.open(self.data))) as reader:
            logged = [entry.id.hex() for entry in reader.statements(0, reader.size)]
        drill.account(promised | self._promised, logged, "the log")
        narrator.holds(
            f"all {len(promised):,} are in the map and in the log, and with the import all {len(promised | self._promised):,}"
        )
        narrator.holds(f"none of the {len(logged):,} statements is there twice")
        self.figures |= {
            "acknowledged_while_killing": len(promised),
            "kills": len(KILLS),
            "log_size": len(logged),
        }
        self._size = len(logged)

    def _fsck(self) -> None:
        from stemedb.storage.replica import ReplicaDirectory

        rows = list(check(ReplicaDirectory.open(self.data), Meter()))
        for row in rows:
            _require(row["ok"], f"fsck: {row['store']}: {'; '.join(row['problems'])}")
        _require(
            rows[0]["checked"] == self._size, f"fsck: {rows[0]['checked']} records, {self._size} were there"
        )
        counts = ", ".join(f"{row['checked']:,} {row['what']}" for row in rows)
        self.narrator.holds(f"fsck: {counts}: all agree")

    async def _claims(self, client: "Client", subject: str) -> list[dict[str, Any]]:
        from stemedb.bus.messages import QueryRequest

        page = await client.query(QueryRequest(subject=subject, predicate="license"))
        return [claim.statement for claim in page.claims]

    async def _append(self, client: "Client", statements: list[dict[str, Any]]) -> "tuple[Receipt, ...]":
        reply = await client.append(b"\n".join(json.dumps(statement).encode() for statement in statements))
        _require(not reply.errors, f"rejected: {reply.errors}")
        self._promised.update(receipt.id for receipt in reply.receipts)
        return reply.receipts


def _claim(subject: str, value: str, confidence: float, tier: int, agent: str) -> dict[str, Any]:
    return {
        "kind": "assertion",
        "subject": subject,
        "predicate": "license",
        "object": {"type": "text", "value": value},
        "confidence": confidence,
        "source": {"tier": tier, "uri": f"demo:{agent}"},
        "lifecycle": "approved",
        "agent": agent,
    }


def _vote(assertion: str, agent: str, weight: int) -> dict[str, Any]:
    return {"kind": "vote", "assertion": assertion, "agent": agent, "weight": weight}


def _value(resolution: dict[str, Any]) -> str | None:
    return None if resolution["value"] is None else value_text(resolution["value"])


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Fatal(f"demo: {otherwise}")


async def _verify(file: Path, key: str) -> tuple[int, str]:
    """Run ``stemedb verify`` as somebody else would: another process, told of no server. Returns code and last words."""
    command = [sys.executable, "-m", "stemedb.cli", "verify", str(file), "--key", key]
    environment = {**os.environ, "STEMEDB_NATS_URL": f"nats://{HOST}:1"}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (errors.decode().splitlines() or [""])[0]
