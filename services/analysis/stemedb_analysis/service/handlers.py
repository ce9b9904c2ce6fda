"""What each request is answered with; no message of the bus is seen here."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from stemedb.bus.messages import (
    AnalysisStatusReply,
    AnalysisStatusRequest,
    FindingsReply,
    FindingsRequest,
    ProjectStatus,
    ScanReply,
    ScanRequest,
)
from stemedb.errors import StemeError
from stemedb_analysis.service.contested import Watch
from stemedb_analysis.service.follower import Follower
from stemedb_analysis.service.metrics import AnalysisMetrics
from stemedb_analysis.service.reading import Reading
from stemedb_analysis.service.scans import Scans
from stemedb_analysis.service.wire import refused_claim

CONTESTED_SHOWN: Final = 20
PROJECTS_SHOWN: Final = 1000
"""Of some 100 bytes each."""


class Handlers:
    """One method per endpoint."""

    def __init__(
        self,
        follower: Follower,
        scans: Scans,
        watch: Watch,
        *,
        replica: str,
        version: str,
        metrics: AnalysisMetrics,
    ) -> None:
        self._follower = follower
        self._scans = scans
        self._watch = watch
        self._replica = replica
        self._version = version
        self._metrics = metrics

    async def scan(self, request: ScanRequest) -> ScanReply:
        """Take a scan into the queue."""
        with self._counted("scan"):
            return self._scans.submit(request)

    async def findings(self, request: FindingsRequest) -> FindingsReply:
        """Return one page of findings."""
        with self._counted("findings"):
            if request.wait_size is not None:
                await self._follower.reach(request.wait_size, request.timeout_ms / 1000)
            applied = self._follower.applied
            return await self._follower.ask(lambda reading: reading.findings(request, applied))

    async def status(self, _: AnalysisStatusRequest) -> AnalysisStatusReply:
        """Return what the service knows."""
        with self._counted("status"):
            summary = await self._follower.ask(Reading.summary)
            unreadable = await self._follower.ask(Reading.unreadable)
            projects = sorted(summary.counts.items())[:PROJECTS_SHOWN]
            return AnalysisStatusReply(
                replica=self._replica,
                version=self._version,
                applied=self._follower.applied,
                authorities=summary.authorities.total(),
                shipped=summary.shipped.total(),
                projects=tuple(
                    ProjectStatus(
                        project=name,
                        block=counts["BLOCK"],
                        flag=counts["FLAG"],
                        passed=counts["PASS"],
                        unjudged=counts["UNJUDGED"],
                    )
                    for name, counts in projects
                ),
                contested=self._watch.worst(CONTESTED_SHOWN),
                contested_count=self._watch.count,
                scans_waiting=self._scans.waiting,
                refused=summary.refused,
                refused_claims=tuple(refused_claim(*row) for row in unreadable),
            )

    @contextmanager
    def _counted(self, endpoint: str) -> Iterator[None]:
        began = time.perf_counter()
        outcome = "failed"  # by a bug, or because the service ended
        try:
            yield
            outcome = "ok"
        except StemeError as error:
            outcome = error.code
            raise
        finally:
            self._metrics.request_seconds.labels(endpoint, outcome).observe(time.perf_counter() - began)
