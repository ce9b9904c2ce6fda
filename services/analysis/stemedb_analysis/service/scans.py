"""Scans: asked for, queued, run one at a time, and their observations published.

::

    request ─▶ queue ─▶ files ─▶ observations ─▶ plan against what stands ─▶ ingest.append ─▶ taken in ─▶ event.scan "done"
                          └─▶ event.scan "running", twice a second

Crash points: a scan that was cut off is forgotten, whoever wanted it asks again. What it published stands, and the
next scan of the project publishes the rest.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import nats.errors
import orjson
from structlog.typing import FilteringBoundLogger

from stemedb.bus.client import Client
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import FindingsRequest, ScanEvent, ScanReply, ScanRequest
from stemedb.errors import InvalidRequest, NotFound, Overloaded, StemeError, Unavailable
from stemedb_analysis.judge import imports
from stemedb_analysis.model import Authority
from stemedb_analysis.observed import Observed
from stemedb_analysis.scan.cache import Cache
from stemedb_analysis.scan.result import Scan, Tally
from stemedb_analysis.scan.run import run
from stemedb_analysis.scan.worker import Worker
from stemedb_analysis.service.follower import Follower
from stemedb_analysis.service.metrics import AnalysisMetrics
from stemedb_analysis.service.settings import AnalysisSettings
from stemedb_analysis.service.uploads import unpacked
from stemedb_analysis.walk import Input, locate, read_tree

WAITING_MAX: Final = 16
"""Scans that wait; each is a request somebody will look at."""

PROGRESS_S: Final = 0.5
APPEND_STATEMENTS: Final = 500
APPEND_BYTES_MAX: Final = 512 << 10
"""Of one request to ingest."""

TAKEN_IN_S: Final = 30.0
"""For the log to come back to us with what was published."""


class _Stopped(Exception):
    """The service ends while a scan runs."""


class _Waiting(NamedTuple):
    name: str
    request: ScanRequest


class _Progress:
    """What a scan has met so far; written by its thread, read by the event loop."""

    def __init__(self, lifetime: Lifetime) -> None:
        self._lifetime = lifetime
        self.tally = Tally()

    def watch(self, inputs: Iterable[Input]) -> Iterator[Input]:
        """Yield the inputs; raises `_Stopped` once the service ends."""
        for one in inputs:
            if self._lifetime.ending:
                raise _Stopped
            yield one


class Scans:
    """The queue and the one scan that runs; belongs to the event loop."""

    def __init__(
        self,
        client: Client,
        follower: Follower,
        settings: AnalysisSettings,
        *,
        metrics: AnalysisMetrics,
        lifetime: Lifetime,
        log: FilteringBoundLogger,
    ) -> None:
        self._client = client
        self._follower = follower
        self._root = settings.analysis_root
        self._jobs = settings.analysis_jobs
        self._metrics = metrics
        self._lifetime = lifetime
        self._log = log
        self._queue: deque[_Waiting] = deque()
        self._is_busy = False
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Scans that wait or run."""
        return len(self._queue) + self._is_busy

    def submit(self, request: ScanRequest) -> ScanReply:
        """Take a scan into the queue. Raises `InvalidRequest`, `NotFound` or `Overloaded`."""
        if request.path is not None:
            self._inside(request.path)
        if len(self._queue) >= WAITING_MAX:
            raise Overloaded(f"{WAITING_MAX} scans wait already; try again later")
        reply = ScanReply(scan=secrets.token_hex(8), ahead=self.waiting)
        self._queue.append(_Waiting(reply.scan, request))
        self._metrics.scans_waiting.set(self.waiting)
        self._wake.set()
        return reply

    async def run(self) -> None:
        """Run scans until cancelled."""
        while True:
            while self._queue:
                self._is_busy = True
                await self._one(self._queue.popleft())
                self._is_busy = False
                self._metrics.scans_waiting.set(self.waiting)
            self._wake.clear()
            await self._wake.wait()

    def _inside(self, path: str) -> Path:
        root = self._root.resolve()
        try:
            wanted = (root / path).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            raise NotFound(f"{path}: not below the directory that analysis was given") from None
        if not wanted.is_relative_to(root):
            raise InvalidRequest("path", f"{path} leads out of the directory that analysis was given")
        return wanted

    async def _one(self, waiting: _Waiting) -> None:
        name, request = waiting
        event = ScanEvent(
            replica=self._client.subjects.replica, scan=name, project=request.project, state="running"
        )
        began = time.perf_counter()
        try:
            event = await self._scan(event, request)
        except _Stopped:
            return
        except StemeError as error:
            event = event.model_copy(update={"state": "failed", "reason": error.message})
        except Exception as error:  # noqa: BLE001 - a bug in one rule must not end what judges all other code
            self._log.exception("bug", scan=name, project=request.project)
            event = event.model_copy(
                update={
                    "state": "failed",
                    "reason": f"a bug of ours: {type(error).__name__}; the log has more",
                }
            )
        self._metrics.scans.labels(event.state).inc()
        self._metrics.scan_seconds.observe(time.perf_counter() - began)
        self._log.info("scan ended", **event.model_dump(exclude={"replica"}))
        await self._publish(event)

    async def _scan(self, event: ScanEvent, request: ScanRequest) -> ScanEvent:
        async with self._tree(request) as tree:
            progress = _Progress(self._lifetime)
            telling = asyncio.create_task(self._tell(event, progress))
            try:
                authorities = await self._follower.ask(lambda reading: reading.authorities)
                scan = await asyncio.to_thread(self._observe, tree, progress, authorities)
            finally:
                telling.cancel()
        tally = scan.tally
        if tally.is_empty:
            raise NotFound("nothing was scanned: no file in a language that the linter reads")
        self._metrics.files.labels("scanned").inc(tally.scanned)
        self._metrics.files.labels("skipped").inc(tally.seen - tally.scanned)
        self._metrics.files.labels("faulty").inc(tally.faulty)
        published = await self._store(request, scan)
        counts = await self._follower.ask(
            lambda reading: reading.findings(
                FindingsRequest(project=request.project, limit=1), self._follower.applied
            )
        )
        return event.model_copy(
            update={
                "state": "done",
                "files": tally.scanned,
                "lines": tally.lines,
                "skipped": tally.seen - tally.scanned,
                "observations": len(scan.observations),
                "published": published,
                "block": counts.block,
                "flag": counts.flag,
                "unjudged": counts.unjudged,
            }
        )

    @asynccontextmanager
    async def _tree(self, request: ScanRequest) -> AsyncIterator[Path]:
        if request.path is not None:
            yield self._inside(request.path)  # it may have gone while it waited
        else:
            assert request.object is not None, "the message has one of the two"
            async with unpacked(self._client.nats, request.object) as tree:
                yield tree

    def _observe(self, tree: Path, progress: _Progress, authorities: Sequence[Authority]) -> Scan:
        """Scan, on a thread of its own. The rules are the shipped ones, and the policies on imports those that stand: code does not choose its judge."""
        place = locate([tree])
        place = place._replace(root=tree if tree.is_dir() else tree.parent)
        modules = imports.demanded(authorities)
        scan = run(
            progress.watch(read_tree(place)),
            Worker(None, imports=modules),
            jobs=self._jobs,
            cache=Cache(None, b""),
            whole=False,
            tally=progress.tally,
        )
        scan.observations.extend(
            imports.unmet(authorities, scan.observations, scan.tally.languages, place.root)
        )
        return scan

    async def _store(self, request: ScanRequest, scan: Scan) -> int:
        """Publish what the store does not say yet and wait until it comes back; return how many statements that were."""
        status = await self._client.status()
        await self._follower.reach(status.size, TAKEN_IN_S)
        observed = [Observed(request.project, one) for one in scan.observations]
        statements = await self._follower.ask(lambda reading: reading.plan(request.project, observed))
        if not request.publish:
            return len(statements)
        for body in bodies(statements):
            reply = await self._client.append(body)
            for error in reply.errors[:1]:
                raise Unavailable(f"ingest refused an observation: {error.field}: {error.message}")
            status = status.model_copy(update={"size": reply.size})
        await self._follower.reach(status.size, TAKEN_IN_S)
        self._metrics.published.inc(len(statements))
        return len(statements)

    async def _tell(self, event: ScanEvent, progress: _Progress) -> None:
        while True:
            tally = progress.tally
            await self._publish(
                event.model_copy(
                    update={
                        "files": tally.scanned,
                        "lines": tally.lines,
                        "skipped": tally.seen - tally.scanned,
                    }
                )
            )
            await asyncio.sleep(PROGRESS_S)

    async def _publish(self, event: ScanEvent) -> None:
        with suppress(nats.errors.Error):  # events may be lost; the findings can be asked for
            await self._client.nats.publish(self._client.subjects.scanned, event.encode())


def bodies(statements: Iterable[dict[str, object]]) -> Iterator[bytes]:
    """Yield NDJSON bodies of at most `APPEND_STATEMENTS` statements and about `APPEND_BYTES_MAX` bytes."""
    lines: list[bytes] = []
    size = 0
    for statement in statements:
        line = orjson.dumps(statement)
        if lines and (size + len(line) > APPEND_BYTES_MAX or len(lines) == APPEND_STATEMENTS):
            yield b"\n".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"\n".join(lines)
