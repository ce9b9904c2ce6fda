"""The composition root of sync: what is opened, in which order, and closed in the reverse of it.

::

    http port ─▶ bus ─▶ pulling thread ─┐
                        serving thread ─┼─▶ peers' files ─▶ endpoints ─▶ gossip heard ─▶ "ready" ─▶ gossip spoken
                        tree thread ────┘

At the end: nothing is pulled any more, requests in progress are answered, the peers' files are written.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version

from nats.aio.client import Client
from nats.aio.msg import Msg
from structlog.typing import FilteringBoundLogger

from stemedb.bus import connection, endpoints, health, logs
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import Committed, ControlRequest, Indexed
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.bus.metrics import registry
from stemedb.bus.startup import alone, when_there
from stemedb.bus.subjects import GOSSIP, Subjects
from stemedb.bus.worker import Worker
from stemedb.errors import Corruption, Fatal, InvalidRequest
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Digest, LogSize
from stemedb_sync.calls import Calls
from stemedb_sync.following import Following
from stemedb_sync.gossip import Gossip
from stemedb_sync.handlers import Handlers
from stemedb_sync.healing import Healing
from stemedb_sync.leap import Leap
from stemedb_sync.metrics import MAP, PeerReadings, SyncMetrics
from stemedb_sync.peers import Peers
from stemedb_sync.repair import Repair, RepairReport
from stemedb_sync.repair import World as RepairWorld
from stemedb_sync.serving import MapState, Serving
from stemedb_sync.settings import SyncSettings
from stemedb_sync.store import Store
from stemedb_sync.subtrees import Subtrees

SERVICE = "sync"

SERVE_IN_FLIGHT_MAX = 32
"""Requests of all peers in progress at once: their answers are half a MiB each."""


@dataclass(slots=True)
class _Stage:
    """How far the service has come up; what readiness and metrics look at before there are peers."""

    waiting_for: str = "nats: not connected yet"
    client: Client | None = None
    following: Following | None = None

    def readiness(self) -> str | None:
        if self.client is None or self.following is None:
            return self.waiting_for
        return connection.is_ready(self.client)

    def readings(self) -> list[PeerReadings]:
        return [] if self.following is None else list(self.following.overview.readings())


async def serve(settings: SyncSettings, lifetime: Lifetime) -> None:
    """Run the service until its lifetime ends. Raises what makes it impossible to run."""
    log = logs.logger(service=SERVICE, replica=settings.replica)
    installed = version("stemedb-sync")
    metrics_registry = registry(SERVICE, settings.replica, installed)
    stage = _Stage()
    metrics = SyncMetrics.register(metrics_registry, stage.readings)
    subjects = Subjects(settings.replica)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            health.serve(settings.http_host, settings.http_port, metrics_registry, stage.readiness)
        )
        client = await stack.enter_async_context(
            connection.connected(settings, service=SERVICE, lifetime=lifetime, log=log)
        )
        stage.client = client
        puller = await stack.enter_async_context(Worker("sync-pull"))
        server = await stack.enter_async_context(Worker("sync-serve"))
        # Comparing maps takes tens of milliseconds at a time; pages must not wait for that.
        trees = await stack.enter_async_context(Worker("sync-tree"))

        async def open_all() -> tuple[ReplicaDirectory, Store, Serving, Subtrees]:
            replica = await puller.run(ReplicaDirectory.open, settings.data_dir, settings.replica)
            async with AsyncExitStack() as opening:
                serving = await server.run(Serving.open, replica)
                opening.push_async_callback(server.run, serving.close)
                subtrees = await trees.run(Subtrees.open, replica, partial(_damaged, metrics, log))
                opening.push_async_callback(trees.run, subtrees.close)
                store = await puller.run(Store.open, replica)
                opening.pop_all()
            return replica, store, serving, subtrees

        opened = await when_there(open_all, stage, lifetime, log)
        if opened is None:
            return
        replica, store, serving, subtrees = opened
        stack.push_async_callback(puller.run, store.close)
        stack.push_async_callback(server.run, serving.close)
        stack.push_async_callback(trees.run, subtrees.close)
        peers = Peers(replica.name, replica.realm_id, settings.allowed)
        calls = Calls(client, settings.replica, metrics)
        following = Following(
            settings, peers, store, puller, calls=calls, metrics=metrics, lifetime=lifetime, log=log
        )
        gossip = Gossip(
            replica,
            installed,
            peers.realm,
            client=client,
            heartbeat_s=settings.sync_heartbeat_ms / 1000,
            debounce_s=settings.sync_debounce_ms / 1000,
            log_state=lambda: server.run(serving.log_state),
            map_state=lambda: server.run(serving.map_state),
            vector=following.vector,
            metrics=metrics,
            log=log,
        )
        following.gossip = gossip
        repair = _repair(settings.replica, calls, following, trees, subtrees)
        _use_maps(settings, calls, following, _reported(repair, metrics, log))
        stack.push_async_callback(following.close)
        await alone(client, SERVICE, settings.replica, subjects.digest)
        await following.restore()
        handlers = Handlers(
            settings.replica,
            installed,
            serving=lambda method, request: server.run(method, serving, request),
            subtrees=lambda request: trees.run(subtrees.answer, request),
            gossip=gossip,
            following=following,
            metrics=metrics,
        )
        await stack.enter_async_context(
            endpoints.serve(
                client,
                _endpoints(handlers, subjects),
                service=SERVICE,
                version=installed,
                replica=settings.replica,
                lifetime=lifetime,
                log=log,
            )
        )
        await gossip.look()
        await _listen(client, subjects, gossip, following, lifetime)
        stage.following = following
        log.info("ready", http_port=port, peers=len(peers.by_name))
        await _speak(gossip, lifetime)


async def _speak(gossip: Gossip, lifetime: Lifetime) -> None:
    """Tell where we stand until the service ends; raises what ends the telling before."""
    speaking = asyncio.create_task(gossip.run())
    ending = asyncio.create_task(lifetime.wait())
    try:
        await asyncio.wait((ending, speaking), return_when=asyncio.FIRST_COMPLETED)
        if speaking.done():
            speaking.result()
    finally:
        speaking.cancel()
        ending.cancel()


def _endpoints(handlers: Handlers, subjects: Subjects) -> list[endpoints.Endpoint]:
    served = endpoints.Endpoint
    return [
        served("digest", subjects.digest, handlers.digest, SERVE_IN_FLIGHT_MAX),
        served("range", subjects.range, handlers.range, SERVE_IN_FLIGHT_MAX),
        served("fetch", subjects.fetch, handlers.fetch, SERVE_IN_FLIGHT_MAX),
        served("consistency", subjects.consistency, handlers.consistency, SERVE_IN_FLIGHT_MAX),
        served("subtree", subjects.subtree, handlers.subtree, SERVE_IN_FLIGHT_MAX),
        endpoints.typed("control", subjects.control, ControlRequest, handlers.control),
    ]


def _damaged(metrics: SyncMetrics, log: FilteringBoundLogger, error: Corruption) -> None:
    """Count and log damage of the map, from whatever thread."""
    metrics.integrity_failures.labels(MAP).inc()
    remedy = "index mends it when it reads that place; at once: stop the services and run `stemedb rebuild`"
    log.error("map damaged", error=error.message, remedy=remedy)


def _repair(own: str, calls: Calls, following: Following, trees: Worker, subtrees: Subtrees) -> Repair:
    return Repair(
        own,
        APPEND_STATEMENTS_MAX,
        RepairWorld(
            ask=partial(calls.ask, path="tree"),
            replicate=calls.hand_over,
            run=trees.run,
            snapshot=subtrees.snapshot,
            applied=subtrees.applied,
            bodies=subtrees.bodies,
            nonce=os.urandom,
            pace=following.pace.take,
            may_restamp=following.allowance.fits,
            damaged=subtrees.damaged,
        ),
    )


def _use_maps(
    settings: SyncSettings,
    calls: Calls,
    following: Following,
    compare: Callable[..., Awaitable[RepairReport]],
) -> None:
    """Give `following` what it does by way of maps."""
    grace_s = settings.sync_tree_grace_ms / 1000
    following.healing = Healing(compare, grace_s, following.failed, following.healed)
    following.leap = Leap(
        settings.replica,
        ask=partial(calls.ask, path="tree"),
        compare=following.healing.compare,
        failed=following.failed,
        done=following.leapt,
    )


def _reported(
    repair: Repair, metrics: SyncMetrics, log: FilteringBoundLogger
) -> Callable[..., Awaitable[RepairReport]]:
    """Return `repair.run` with its report counted and logged."""

    async def run(peer: str, traffic_bytes: int | None = None) -> RepairReport:
        report = await repair.run(peer, traffic_bytes)
        metrics.statements.labels(peer, "tree").inc(report.brought)
        for code, count in report.refused.items():
            metrics.failures.labels(peer, code).inc(count)
        log.info("maps compared", peer=peer, **asdict(report))
        return report

    return run


async def _listen(
    client: Client, subjects: Subjects, gossip: Gossip, following: Following, lifetime: Lifetime
) -> None:
    """Hear what our own services and the peers tell."""

    async def on_committed(message: Msg) -> None:
        try:
            gossip.clock = Committed.decode(message.data).clock.core.hlc
        except InvalidRequest:
            return  # not one of ours; the heartbeat looks at the log itself
        gossip.grown()

    async def on_indexed(message: Msg) -> None:
        try:
            event = Indexed.decode(message.data)
        except InvalidRequest:
            return
        gossip.map_state = MapState(Digest(bytes.fromhex(event.root)), event.keys, LogSize(event.applied))
        gossip.touch()

    async def on_digest(message: Msg) -> None:
        try:
            await following.hear(message.data)
        except Fatal as error:
            lifetime.fail(error)

    await client.subscribe(subjects.committed, cb=on_committed)
    await client.subscribe(subjects.indexed, cb=on_indexed)
    await client.subscribe(GOSSIP, cb=on_digest)
