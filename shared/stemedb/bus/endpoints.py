"""Request/reply endpoints: decode, one handler call, encode. Handlers never see a NATS message.

::

    request ─▶ in flight < max? ─▶ decode ─▶ handler ─▶ encode ─▶ reply
                     │no             │         │          │
                     ▼               ▼         ▼          ▼
               overloaded      invalid_…   any StemeError, or a bug

Every request gets an answer: a refusal is a reply whose headers ``Nats-Service-Error`` and ``Nats-Service-Error-Code``
say so, and whose body is an ``ErrorReply``. Endpoints are NATS micro services, so ``nats micro ls|info|stats`` shows
them. The library sees only that each request was handed to a task; errors and time in handlers come from ``Stats``.

Requests run concurrently, at most ``in_flight_max`` per endpoint: beyond that the answer is ``overloaded`` at once,
which bounds memory at ``in_flight_max × max_payload``.

This file holds the one boundary that catches every exception.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

import nats.errors
from nats.aio.client import Client
from nats.micro.request import Request as MicroRequest
from nats.micro.service import EndpointConfig, EndpointStats, Service, ServiceConfig
from structlog.typing import FilteringBoundLogger

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages import ErrorReply, Reply, Request
from stemedb.errors import (
    Fatal,
    InvalidInput,
    InvalidRequest,
    NotFound,
    Overloaded,
    ProofError,
    Refused,
    StemeError,
    Unavailable,
)

JSON: Final = "application/json"
PROTOBUF: Final = "application/x-protobuf"
CONTENT_TYPE: Final = "Content-Type"

IN_FLIGHT_MAX = 64
"""Requests of one endpoint in progress at once, when it does not say otherwise."""

DRAIN_S = 1.0
"""What requests in progress may take when the service ends; they are cancelled then."""

_STATUS: Final[tuple[tuple[type[StemeError], str], ...]] = (
    (InvalidInput, "400"),
    (NotFound, "404"),
    (Refused, "409"),
    (ProofError, "422"),
    (Overloaded, "429"),
    (Unavailable, "503"),
    (Fatal, "500"),
)
"""The nearest status code of HTTP, which is the custom of NATS micro services."""

Req = TypeVar("Req", bound=Request)


class Call(NamedTuple):
    """A request as it came in."""

    data: bytes
    headers: Mapping[str, str]


class Answer(NamedTuple):
    """A reply as it goes out."""

    data: bytes
    content_type: str = JSON


@dataclass(slots=True)
class Stats:
    """What one endpoint has done since it was started; shown by ``nats micro stats``."""

    requests: int = 0
    errors: int = 0
    in_flight: int = 0
    seconds: float = 0.0
    last_error: str = ""

    def failed(self, error: object) -> None:
        """Count an error."""
        self.errors += 1
        self.last_error = " ".join(str(error).split())


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One subject and the function that answers it."""

    name: str
    subject: str
    serve: Callable[[Call], Awaitable[Answer]]
    in_flight_max: int = IN_FLIGHT_MAX
    stats: Stats = field(default_factory=Stats)


def typed(
    name: str,
    subject: str,
    request_type: type[Req],
    handler: Callable[[Req], Awaitable[Reply]],
    *,
    in_flight_max: int = IN_FLIGHT_MAX,
) -> Endpoint:
    """Return an endpoint whose request and reply are messages in JSON."""

    async def serve(call: Call) -> Answer:
        return Answer((await handler(request_type.decode(call.data))).encode())

    return Endpoint(name, subject, serve, in_flight_max)


@asynccontextmanager
async def serve(
    client: Client,
    endpoints: Sequence[Endpoint],
    *,
    service: str,
    version: str,
    replica: str,
    lifetime: Lifetime,
    log: FilteringBoundLogger,
) -> AsyncIterator[None]:
    """Answer requests until the block ends; requests in progress then get ``DRAIN_S`` to finish."""
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    running: set[asyncio.Task[None]] = set()

    def details(stats: EndpointStats) -> dict[str, Any]:
        mine = by_name[stats.name].stats
        stats.num_requests, stats.num_errors, stats.last_error = mine.requests, mine.errors, mine.last_error
        stats.processing_time = int(mine.seconds * 1e9)
        stats.average_processing_time = stats.processing_time // max(1, mine.requests)
        return {"errors": mine.errors, "in_flight": mine.in_flight, "seconds": round(mine.seconds, 6)}

    def accept(endpoint: Endpoint) -> Callable[[MicroRequest], Awaitable[None]]:
        async def on_request(request: MicroRequest) -> None:
            # The library calls this for one message after the other, so the work goes to a task of its own.
            stats = endpoint.stats
            stats.requests += 1
            if stats.in_flight >= endpoint.in_flight_max:
                busy = Overloaded(f"{endpoint.in_flight_max} requests are in progress; send fewer at a time")
                stats.failed(busy)
                await _refuse(client, request, busy)
                return
            stats.in_flight += 1
            task = asyncio.create_task(_answer(client, endpoint, request, lifetime, log))
            running.add(task)
            task.add_done_callback(running.discard)

        return on_request

    micro = Service(
        client,
        ServiceConfig(
            name=f"stemedb-{service}",
            version=version,
            description=f"{service} of replica {replica}",
            metadata={"replica": replica},
            stats_handler=details,
        ),
    )
    await micro.start()
    for endpoint in endpoints:
        config = EndpointConfig(name=endpoint.name, subject=endpoint.subject, handler=accept(endpoint))
        await micro.add_endpoint(config)
    await client.flush()
    try:
        yield
    finally:
        await _stop(micro, client)
        if running:
            _, late = await asyncio.wait(running, timeout=DRAIN_S)
            for task in late:
                task.cancel()


async def _answer(
    client: Client, endpoint: Endpoint, request: MicroRequest, lifetime: Lifetime, log: FilteringBoundLogger
) -> None:
    stats = endpoint.stats
    started = time.perf_counter()
    try:
        answer = await endpoint.serve(Call(request.data, request.headers or {}))
        if len(answer.data) > client.max_payload:
            raise InvalidRequest(
                "limit",
                f"the reply has {len(answer.data)} bytes, the server allows {client.max_payload}; ask for less",
            )
        await request.respond(answer.data, {CONTENT_TYPE: answer.content_type})
    except StemeError as error:
        stats.failed(error)
        if isinstance(error, Fatal):
            lifetime.fail(error)
        await _refuse(client, request, error)
    except nats.errors.Error as error:
        stats.failed(error)
        log.warning("reply not sent", endpoint=endpoint.name, error=str(error))
    except Exception as error:
        stats.failed(error)
        log.exception("unexpected error", endpoint=endpoint.name)
        await _refuse(
            client, request, Fatal(f"unexpected {type(error).__name__}; the log of the service has it")
        )
    finally:
        stats.in_flight -= 1
        stats.seconds += time.perf_counter() - started


async def _refuse(client: Client, request: MicroRequest, error: StemeError) -> None:
    if client.is_closed:
        return
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), "500")
    try:
        body = ErrorReply.of(error).encode()
        await request.respond_error(status, " ".join(error.message.split()), body, {CONTENT_TYPE: JSON})
    except (nats.errors.Error, ValueError):
        return  # no reply subject, or the bus is going away: there is nobody to tell


async def _stop(micro: Service, client: Client) -> None:
    # With the bus away or closed there is nothing to unsubscribe from.
    if client.is_connected:
        try:
            async with asyncio.timeout(DRAIN_S / 4):
                await micro.stop()
        except (TimeoutError, nats.errors.Error):
            return
