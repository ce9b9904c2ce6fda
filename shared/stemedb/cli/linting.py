"""The demo's last chapter: what code claims, and what authorities say about it, at sites that never saw the code.

::

    code ─scan─▶ demo ──claims──▶ demo-2 ──claims──▶ demo-3: the same findings
                                    ▲
          an authoritative claim ───┘  ──────────▶ demo-3: a verdict flips, nothing is scanned again

The shop is invented and its faults are planted; the package is one that is installed here.
"""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from stemedb.cli.fleet import Fleet
from stemedb.cli.narration import Narrator, require
from stemedb.cli.reading import short
from stemedb.errors import Fatal

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from stemedb.bus.messages import Finding, FindingEvent, ScanEvent

T = TypeVar("T")

ANALYSIS_MODULE: Final = "stemedb_analysis"
SHOP: Final = "shop"
PACKAGE: Final = "pip"
"""Installed wherever Python packages are, and old enough to hold something to talk about."""
SHOWN: Final = 4
"""Findings of the shop that are shown."""
PATIENCE_S: Final = 30.0
FILES: Final = {
    "client.py": """\
import hashlib
import ssl

import requests


def prices(url: str) -> dict:
    return requests.get(url, verify=False, timeout=5).json()


def context() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def stored(password: str) -> str:
    return hashlib.md5(password.encode()).hexdigest()
""",
    "orders.py": """\
import sqlite3

from flask import Flask, request

app = Flask(__name__)


@app.get("/orders")
def orders():
    name = request.args["customer"]
    rows = sqlite3.connect("shop.db").execute(f"SELECT * FROM orders WHERE customer = '{name}'")
    return {"orders": rows.fetchall()}


app.run(host="0.0.0.0", debug=True)
""",
    "Dockerfile": """\
FROM python:latest
COPY . /shop
CMD ["python", "/shop/orders.py"]
""",
}
CITATION: Final = "Invented Law, article 7"
NEW_DEMAND: Final = {
    "kind": "assertion",
    "subject": "law://invented/tls/min_version",
    "predicate": "version",
    "object": {"type": "number", "value": 1.3},
    "confidence": 1.0,
    "source": {"tier": 0, "uri": "https://example.org/an-invented-law"},
    "lifecycle": "approved",
    "agent": "an invented regulator",
    "metadata": {
        "comparison": "at_least",
        "citation": CITATION,
        "summary": "Connections are made with TLS 1.3 or newer.",
    },
}


def is_installed() -> bool:
    """Return whether there is an analysis service to tell of."""
    return find_spec(ANALYSIS_MODULE) is not None


def write_code(code: Path) -> None:
    """Make the directory with the code that the chapter is about."""
    shop = code / SHOP
    shop.mkdir(parents=True)
    for name, text in FILES.items():
        (shop / name).write_text(text, encoding="utf-8")
    found = find_spec(PACKAGE)
    if found is not None and found.submodule_search_locations:
        shutil.copytree(
            found.submodule_search_locations[0],
            code / PACKAGE,
            ignore=shutil.ignore_patterns("__pycache__", "*.exe"),
        )


@dataclass(slots=True)
class Heard:
    """Events of one subject, as they come."""

    decode: "Callable[[bytes], ScanEvent | FindingEvent]"
    events: "list[ScanEvent | FindingEvent]" = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, message: "Msg") -> None:
        """Keep one."""
        self.events.append(self.decode(message.data))
        self.moved.set()

    async def until(self, what: str, found: "Callable[[ScanEvent | FindingEvent], T | None]") -> T:
        """Return the first thing that ``found`` makes of an event; raises `Fatal` after `PATIENCE_S`."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    self.moved.clear()
                    for event in self.events:
                        made = found(event)
                        if made is not None:
                            return made
                    await self.moved.wait()
        except TimeoutError:
            raise Fatal(f"demo: {what}: nothing heard within {PATIENCE_S:.0f} s") from None


@dataclass(slots=True)
class Linting:
    """The chapter, and what it found out. Owned by the story."""

    narrator: Narrator
    fleet: Fleet
    code: Path
    promised: set[str]
    """Ids with a receipt, from any replica: the story's own."""
    figures: dict[str, object] = field(default_factory=dict)

    async def tell(self) -> None:
        """Scan at the first site, look at the last one, and let a claim from the middle flip a verdict there."""
        narrator = self.narrator
        here, there = self.fleet.sites[0], self.fleet.sites[-1]
        await self._load_corpus()
        for project in (SHOP, PACKAGE):
            if (self.code / project).is_dir():
                await self._scan(project)
        await self.fleet.level()
        narrator.step(f"Read the findings at {there.replica}, which has never seen the code")
        found = await self._agreed()
        for finding in found[:SHOWN]:
            self._show(finding)
        narrator.holds(
            f"{here.replica} and {there.replica} judge the same {len(found)} findings of the shop alike"
        )
        await self._flip()

    async def _load_corpus(self) -> None:
        """Publish the shipped corpus at the first site, as a person would: with the command."""
        site = self.fleet.sites[0]
        began = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "stemedb.cli",
            "--json",
            "--nats",
            site.nats_url,
            "--replica",
            site.replica,
        ]
        process = await asyncio.create_subprocess_exec(
            *command, "corpus", "load", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        require(process.returncode == 0, f"corpus load: {err.decode(errors='replace').strip()}")
        ids = [json.loads(line)["id"] for line in out.splitlines()]
        self.promised.update(ids)
        self.narrator.fact(
            "corpus",
            f"{len(ids)} demands of standards and vendors, each with its citation",
            f"published in {time.monotonic() - began:.1f} s",
        )
        self.figures["authorities"] = len(ids)

    async def _scan(self, project: str) -> None:
        from stemedb.bus.messages import ScanEvent, ScanRequest

        client = self.fleet.clients[0]
        heard = Heard(ScanEvent.decode)
        subscription = await client.nats.subscribe(client.subjects.scanned, cb=heard.take)
        await client.nats.flush()
        began = time.monotonic()
        reply = await client.scan(ScanRequest(project=project, path=project))

        def ended(event: "ScanEvent | FindingEvent") -> "ScanEvent | None":
            return (
                event
                if isinstance(event, ScanEvent) and event.scan == reply.scan and event.state != "running"
                else None
            )

        done = await heard.until(f"scan of {project}", ended)
        await subscription.unsubscribe()
        require(done.state == "done", f"scan of {project}: {done.reason}")
        self.narrator.fact(
            f"scan {project}",
            f"{done.files:,} files, {done.lines:,} lines: {done.observations:,} claims, of which"
            f" {done.block} to block and {done.flag} to flag",
            f"{time.monotonic() - began:.1f} s with publishing",
        )
        self.figures[f"scan_{project}"] = {
            "files": done.files,
            "lines": done.lines,
            "observations": done.observations,
            "block": done.block,
            "flag": done.flag,
        }

    async def _agreed(self) -> "list[Finding]":
        """Return the shop's findings, weightiest first, once first and last site have the same."""
        from stemedb.bus.messages import FindingsRequest

        sizes = [(await client.status()).size for client in self.fleet.clients]
        pages = [
            (
                await client.findings(
                    FindingsRequest(project=SHOP, limit=500, wait_size=size, timeout_ms=20_000)
                )
            ).findings
            for client, size in zip(self.fleet.clients, sizes, strict=True)
        ]
        require(bool(pages[0]), "no finding in a shop full of faults")
        require(all(page == pages[0] for page in pages), "two sites judge the same observations differently")
        return sorted(pages[0], key=lambda finding: (-finding.score, finding.file, finding.line))

    async def _flip(self) -> None:
        """Publish a demand at another site and hear the verdict change at the last one."""
        from stemedb.bus.messages import FindingEvent

        narrator = self.narrator
        there = self.fleet.clients[-1]
        middle = self.fleet.sites[len(self.fleet.sites) // 2]
        heard = Heard(FindingEvent.decode)
        subscription = await there.nats.subscribe(there.subjects.found, cb=heard.take)
        await there.nats.flush()
        began = time.monotonic()
        reply = await self.fleet.clients[len(self.fleet.sites) // 2].append(json.dumps(NEW_DEMAND).encode())
        require(not reply.errors, "the new demand was refused")
        self.promised.add(reply.receipts[0].id)

        def flipped(event: "ScanEvent | FindingEvent") -> "FindingEvent | None":
            is_ours = isinstance(event, FindingEvent) and event.project == SHOP and event.after == "BLOCK"
            return event if is_ours else None  # type: ignore[return-value]  # as just looked

        event = await heard.until("a verdict that flips", flipped)
        seconds = time.monotonic() - began
        await subscription.unsubscribe()
        finding = event.finding
        require(finding is not None and finding.path == "tls/min_version", "another verdict flipped")
        assert finding is not None
        narrator.fact("published", f"at {middle.replica}: {CITATION}", "TLS 1.3 or newer")
        narrator.fact(
            "heard",
            f"at {there.subjects.replica}: {event.before} → {event.after}  {finding.file}:{finding.line}",
        )
        narrator.holds(
            f"the verdict flipped at another site {seconds * 1000:.0f} ms later, and nothing was scanned again"
        )
        self.figures["verdict_flipped_ms"] = round(seconds * 1000)

    def _show(self, finding: "Finding") -> None:
        opinion = finding.opinions[0]
        self.narrator.fact(
            finding.verdict,
            f"{finding.file}:{finding.line}  {finding.path} {finding.predicate} = {finding.value}",
        )
        self.narrator.aside(
            f"{opinion.summary} {opinion.citation} (tier {opinion.tier}, {short(opinion.id)})"
        )
