"""The composition root: what the service is made of, opened in order and closed in reverse.

::

    http port ─▶ bus ─▶ the world's thread ─▶ endpoints ─▶ "ready" ─▶ follower, scans, watch

At the end: endpoints take no more, a scan that runs is given up, the bus is flushed. There is nothing to close on disk: all that
is kept is in the log.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import version

from stemedb.bus import connection, endpoints, health, logs
from stemedb.bus.client import Client
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import AnalysisStatusRequest, FindingsRequest, ScanRequest
from stemedb.bus.metrics import registry
from stemedb.bus.startup import alone
from stemedb.bus.subjects import Subjects
from stemedb.bus.worker import Worker
from stemedb_analysis import registry as concepts
from stemedb_analysis.judge.imports import RULE_PREFIX
from stemedb_analysis.judge.measure import is_precise
from stemedb_analysis.rules import load
from stemedb_analysis.rules.own import all_rules
from stemedb_analysis.service.contested import Watch
from stemedb_analysis.service.follower import Follower
from stemedb_analysis.service.handlers import Handlers
from stemedb_analysis.service.metrics import AnalysisMetrics
from stemedb_analysis.service.reading import Reading
from stemedb_analysis.service.scans import Scans
from stemedb_analysis.service.settings import AnalysisSettings

SERVICE = "analysis"


@dataclass(slots=True)
class _Stage:
    """How far the service has come up."""

    client: Client | None = None
    follower: Follower | None = None

    def readiness(self) -> str | None:
        if self.client is None or self.follower is None:
            return "nats: not connected yet"
        return connection.is_ready(self.client.nats) or self.follower.readiness()


async def serve(settings: AnalysisSettings, lifetime: Lifetime) -> None:
    """Run the service until its lifetime ends. Raises what makes it impossible to run."""
    log = logs.logger(service=SERVICE, replica=settings.replica)
    installed = version("stemedb-analysis")
    metrics_registry = registry(SERVICE, settings.replica, installed)
    metrics = AnalysisMetrics.register(metrics_registry)
    stage = _Stage()
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            health.serve(settings.http_host, settings.http_port, metrics_registry, stage.readiness)
        )
        connected = await stack.enter_async_context(
            connection.connected(settings, service=SERVICE, lifetime=lifetime, log=log)
        )
        subjects = Subjects(settings.replica)
        await alone(
            connected,
            SERVICE,
            settings.replica,
            subjects.analysis_status,
            AnalysisStatusRequest().encode(),
        )
        client = Client(connected, settings.replica)
        stage.client = client
        worker = await stack.enter_async_context(Worker("analysis-world"))
        shipped, rules = concepts.shipped(), await worker.run(lambda: all_rules(load()))

        def may_block(rule: str) -> bool:
            known = rules.get(rule)
            if known is None:
                # One made of a policy is exact; one of somebody's project, or newer than ours, is one that we did not measure.
                return rule.startswith(RULE_PREFIX)
            return is_precise(known.measured)

        follower = Follower(
            client,
            worker,
            lambda: Reading(shipped, settings.thresholds, may_block),
            poll_s=settings.analysis_poll_ms / 1000,
            metrics=metrics,
            lifetime=lifetime,
            log=log,
        )
        stage.follower = follower
        scans = Scans(client, follower, settings, metrics=metrics, lifetime=lifetime, log=log)
        watch = Watch(client, settings.analysis_sweep_s, metrics, log)
        follower.on_touched = watch.note
        handlers = Handlers(
            follower, scans, watch, replica=settings.replica, version=installed, metrics=metrics
        )
        await stack.enter_async_context(
            endpoints.serve(
                connected,
                (
                    endpoints.typed("scan", subjects.scan, ScanRequest, handlers.scan),
                    endpoints.typed("findings", subjects.findings, FindingsRequest, handlers.findings),
                    endpoints.typed(
                        "status", subjects.analysis_status, AnalysisStatusRequest, handlers.status
                    ),
                ),
                service=SERVICE,
                version=installed,
                replica=settings.replica,
                lifetime=lifetime,
                log=log,
            )
        )
        log.info("ready", http_port=port)
        tasks = [asyncio.create_task(part) for part in (follower.run(), scans.run(), watch.run())]
        ending = asyncio.create_task(lifetime.wait())
        try:
            done, _ = await asyncio.wait((ending, *tasks), return_when=asyncio.FIRST_COMPLETED)
            for task in done - {ending}:
                task.result()
        finally:
            for task in (ending, *tasks):
                task.cancel()
            await asyncio.gather(ending, *tasks, return_exceptions=True)
