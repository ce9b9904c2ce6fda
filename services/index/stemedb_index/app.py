"""The composition root: what the service is made of, opened in order and closed in reverse.

::

    http port ─▶ bus ─▶ writing thread with its store (waited for) ─▶ reading thread ─▶ endpoints ─▶ "ready" ─▶ follower

At the end: endpoints take no more and finish what they hold, the batch in work is committed, the bus is flushed.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from nats.aio.client import Client

from stemedb.bus import connection, endpoints, health, logs
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import GetRequest, LogRequest, ProveRequest, QueryRequest, RootRequest
from stemedb.bus.metrics import registry
from stemedb.bus.startup import when_there
from stemedb.bus.subjects import Subjects
from stemedb.bus.worker import Worker
from stemedb_index.follower import Follower
from stemedb_index.handlers import Handlers
from stemedb_index.metrics import FileReadings, IndexMetrics
from stemedb_index.settings import IndexSettings
from stemedb_index.store import Reading, Writing

SERVICE = "index"


@dataclass(slots=True)
class _Stage:
    """How far the service has come up; what readiness and metrics look at before there is a follower."""

    waiting_for: str = "nats: not connected yet"
    client: Client | None = None
    stores: tuple[Writing, Reading] | None = None
    follower: Follower | None = None

    def readiness(self) -> str | None:
        if self.client is None or self.follower is None:
            return self.waiting_for
        return connection.is_ready(self.client) or self.follower.readiness()

    def readings(self) -> dict[str, FileReadings]:
        if self.stores is None:
            return {}
        writing, reading = self.stores
        return {"writing": writing.readings(), "reading": reading.readings()}


async def serve(settings: IndexSettings, lifetime: Lifetime) -> None:
    """Run the service until its lifetime ends. Raises what makes it impossible to run."""
    log = logs.logger(service=SERVICE, replica=settings.replica)
    installed = version("stemedb-index")
    metrics_registry = registry(SERVICE, settings.replica, installed)
    stage = _Stage()
    metrics = IndexMetrics.register(metrics_registry, stage.readings)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            health.serve(settings.http_host, settings.http_port, metrics_registry, stage.readiness)
        )
        client = await stack.enter_async_context(
            connection.connected(settings, service=SERVICE, lifetime=lifetime, log=log)
        )
        stage.client = client
        writer = await stack.enter_async_context(Worker("index-write"))
        reader = await stack.enter_async_context(Worker("index-read"))
        open_writing = partial(writer.run, Writing.open, settings)
        writing = await when_there(open_writing, stage, lifetime, log)
        if writing is None:
            return
        stack.push_async_callback(writer.run, writing.close)
        reading = await reader.run(Reading.open, settings)
        stack.push_async_callback(reader.run, reading.close)
        stage.stores = writing, reading
        follower = Follower(
            writing,
            reading,
            (writer, reader),
            client=client,
            settings=settings,
            metrics=metrics,
            lifetime=lifetime,
            log=log,
        )
        stage.follower = follower
        handlers = Handlers(follower, settings.replica, installed, metrics)
        await stack.enter_async_context(
            endpoints.serve(
                client,
                _endpoints(handlers, Subjects(settings.replica)),
                service=SERVICE,
                version=installed,
                replica=settings.replica,
                lifetime=lifetime,
                log=log,
            )
        )
        log.info("ready", http_port=port, applied=writing.position().applied)
        await follower.run()


def _endpoints(handlers: Handlers, subjects: Subjects) -> Sequence[endpoints.Endpoint]:
    return (
        endpoints.typed("get", subjects.get, GetRequest, handlers.get),
        endpoints.typed("query", subjects.query, QueryRequest, handlers.query),
        endpoints.typed("log", subjects.entries, LogRequest, handlers.log),
        endpoints.typed("prove", subjects.prove, ProveRequest, handlers.prove),
        endpoints.typed("root", subjects.root, RootRequest, handlers.root),
    )
