"""The composition root of ingest: what is opened, in which order, and closed in the reverse of it.

::

    worker thread ─▶ store (directory, WAL, log, ids)      refused here: nothing else has been started
      └─▶ bus ─▶ streams verified ─▶ intake
            └─▶ pipeline ─▶ endpoints ─▶ health port ─▶ "ready"

At the end: the health port closes, endpoints take no more and finish what they hold, the pipeline finishes its commit, the
bus is flushed (acknowledgements out), the store is closed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

import nats.errors
from nats.aio.client import Client

from stemedb.bus import connection, endpoints, health, logs, metrics, streams
from stemedb.bus.intake import Delivery, Intake
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import Committed, Stamp, StatusRequest
from stemedb.bus.startup import alone
from stemedb.bus.subjects import CONSUMER, Subjects
from stemedb.bus.worker import Worker
from stemedb.errors import Unavailable
from stemedb.types import Stamp as CoreStamp
from stemedb_ingest.handlers import Handlers, rejections
from stemedb_ingest.metrics import DiskCollector, IngestMetrics
from stemedb_ingest.pipeline import Pipeline, World
from stemedb_ingest.replication import Replication
from stemedb_ingest.settings import IngestSettings
from stemedb_ingest.store import Body, Bundle, Commit, Refusal, State, Store

SERVICE = "ingest"

APPEND_IN_FLIGHT_MAX = 32
"""Requests of up to ``max_payload`` (1 MiB) held at once: bounds their memory at 32 MiB."""

REJECT_AT_ONCE = 256
"""Refusals published before waiting for their acknowledgements."""

REJECT_TIMEOUT_S = 5.0


async def serve(settings: IngestSettings, lifetime: Lifetime) -> None:
    """Run the service until its lifetime ends."""
    log = logs.logger(service=SERVICE, replica=settings.replica)
    subjects = Subjects(settings.replica)
    installed = version("stemedb-ingest")
    async with AsyncExitStack() as stack:
        worker = await stack.enter_async_context(Worker("ingest-store"))
        store = await stack.enter_async_context(_opened(settings, worker))
        client = await stack.enter_async_context(
            connection.connected(settings, service=SERVICE, lifetime=lifetime, log=log)
        )
        bus = _Bus(client, subjects, settings)
        intake = Intake(
            client,
            subjects.intake_stream,
            CONSUMER,
            declare=bus.declare,
            arrived=lambda: pipeline.wake(),  # noqa: PLW0108 - made below: the two know each other
        )
        registry = metrics.registry(SERVICE, settings.replica, installed)
        measured = IngestMetrics.register(registry, lambda: pipeline.pending)
        registry.register(DiskCollector(settings.data_dir))

        async def commit(works: Sequence[Body | Bundle]) -> Commit:
            return await worker.run(store.commit, works, _now_ms())

        async def state() -> State:
            return await worker.run(store.state)

        pipeline = Pipeline(World(intake, subjects.intake, commit, bus.announce, bus.reject), measured)
        measured.log_size.set((await state()).size)
        handlers = Handlers(settings.replica, installed, pipeline, state)
        # Two that share out what comes in would each hold half of it.
        await alone(client, SERVICE, settings.replica, subjects.status, StatusRequest().encode())
        await streams.forget_consumer(client, subjects)
        await intake.open()
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        committing = tasks.create_task(pipeline.run())
        tending = tasks.create_task(intake.tend())
        stack.push_async_callback(_wind_down, intake, pipeline, committing, tending)
        await stack.enter_async_context(
            endpoints.serve(
                client,
                [
                    endpoints.Endpoint("append", subjects.append, handlers.append, APPEND_IN_FLIGHT_MAX),
                    endpoints.Endpoint(
                        "replicate",
                        subjects.replicate,
                        Replication(pipeline).replicate,
                        APPEND_IN_FLIGHT_MAX,
                    ),
                    endpoints.typed("status", subjects.status, StatusRequest, handlers.status),
                ],
                service=SERVICE,
                version=installed,
                replica=settings.replica,
                lifetime=lifetime,
                log=log,
            )
        )

        def readiness() -> str | None:
            return "stopping" if lifetime.ending else connection.is_ready(client) or intake.ready

        port = await stack.enter_async_context(
            health.serve(settings.http_host, settings.http_port, registry, readiness)
        )
        servers = [connection.without_password(server) for server in settings.nats_servers]
        log.info("ready", http_port=port, nats=servers, data_dir=str(settings.data_dir))
        await lifetime.wait()


class _Bus:
    """What the pipeline does on the bus."""

    def __init__(self, client: Client, subjects: Subjects, settings: IngestSettings) -> None:
        self._client = client
        self._subjects = subjects
        self._settings = settings
        self._jetstream = client.jetstream(timeout=REJECT_TIMEOUT_S)

    async def declare(self) -> None:
        """Declare and verify both streams and the consumer."""
        await streams.ensure_intake(
            self._client,
            self._subjects,
            messages_max=self._settings.intake_messages_max,
            bytes_max=self._settings.intake_bytes_max,
        )
        await streams.ensure_rejected(self._client, self._subjects)

    async def announce(self, commit: Commit) -> None:
        """Publish ``event.committed``. Lost events harm nobody: who follows the log also looks by themselves."""
        event = Committed(
            replica=self._subjects.replica,
            size=commit.size,
            root=commit.root.hex(),
            first=commit.before,
            count=commit.size - commit.before,
            clock=Stamp.of(CoreStamp(commit.clock, self._subjects.replica)),
        )
        try:
            await self._client.publish(self._subjects.committed, event.encode())
        except nats.errors.Error:
            return

    async def reject(self, refused: Sequence[tuple[Delivery, Refusal]]) -> None:
        """Store refusals in the ``rejected`` stream; raises ``Unavailable`` when one of them is not acknowledged."""
        messages = rejections(self._subjects.replica, refused, self._client.max_payload)
        for start in range(0, len(messages), REJECT_AT_ONCE):
            part = messages[start : start + REJECT_AT_ONCE]
            results = await asyncio.gather(
                *(
                    self._jetstream.publish(self._subjects.rejected, body, headers={"Nats-Msg-Id": identity})
                    for identity, body in part
                ),
                return_exceptions=True,
            )
            for result in results:
                if isinstance(result, nats.errors.Error):
                    raise Unavailable(f"{self._subjects.rejected}: {result}") from result
                if isinstance(result, BaseException):
                    raise result


@asynccontextmanager
async def _opened(settings: IngestSettings, worker: Worker) -> AsyncIterator[Store]:
    store = await worker.run(
        Store.open, settings.data_dir, settings.replica, settings.signing_policy, _now_ms(), settings.realm
    )
    try:
        yield store
    finally:
        await worker.run(store.close)


async def _wind_down(
    intake: Intake, pipeline: Pipeline, committing: asyncio.Task[None], tending: asyncio.Task[None]
) -> None:
    tending.cancel()
    await intake.close()
    pipeline.stop()
    await asyncio.wait((committing,))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
