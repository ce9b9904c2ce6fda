"""The connection to NATS: it must be there at start, and is kept for ever after.

At start a missing server is an error for the operator, told within ``nats_wait_s``. Once up, an outage is weather:
the client reconnects for ever, publishes wait in its buffer, subscriptions come back by themselves. Only a server
that turns us away (credentials withdrawn, protocol violated) closes the connection for good, and that ends the
service through its lifetime.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats.errors
from nats.aio.client import Client
from structlog.typing import FilteringBoundLogger

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.settings import ServiceSettings
from stemedb.errors import Unavailable

RECONNECT_S = 0.25
"""Between attempts: short, since a local server restarts in less than a second."""

PING_S = 10
"""Between pings: two unanswered ones mean a dead peer, which a half-open TCP connection would hide for hours."""

PENDING_BYTES_MAX = 8 * 1024 * 1024
"""What may wait for an absent server before publishing fails: acknowledgements and events of the last batches."""

CLOSE_S = 0.5
"""What flushing at the end may take: with the server away there is nobody to flush to."""


async def connect(
    servers: list[str],
    *,
    name: str,
    wait_s: float,
    credentials: str | None = None,
    log: FilteringBoundLogger | None = None,
    lifetime: Lifetime | None = None,
) -> Client:
    """Return a client that reconnects for ever; raises ``Unavailable`` when no server answers within `wait_s`."""
    client = Client()
    last: list[Exception] = []

    async def on_error(error: Exception) -> None:
        last[:] = [error]
        if log is not None and client.is_connected:
            log.warning("bus error", error=str(error))

    async def on_disconnected() -> None:
        if log is not None and not (lifetime and lifetime.ending):
            log.warning("bus lost", servers=servers)

    async def on_reconnected() -> None:
        if log is not None:
            log.info("bus back", server=client.connected_url.netloc if client.connected_url else "")

    async def on_closed() -> None:
        if lifetime is not None and not lifetime.ending:
            lifetime.fail(Unavailable(f"nats closed the connection for good: {client.last_error}"))

    try:
        async with asyncio.timeout(wait_s):
            await client.connect(
                servers,
                name=name,
                error_cb=on_error,
                disconnected_cb=on_disconnected,
                reconnected_cb=on_reconnected,
                closed_cb=on_closed,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_S,  # type: ignore[arg-type]  # a float works and is what we need
                connect_timeout=2,
                ping_interval=PING_S,
                pending_size=PENDING_BYTES_MAX,
                user_credentials=credentials,
            )
    except (TimeoutError, nats.errors.Error, OSError, ValueError) as error:
        reason = last[0] if last else error
        raise Unavailable(
            f"no nats server at {', '.join(servers)}: {reason or 'no answer'}; start one with JetStream"
            " (`nats-server -js`), or set STEMEDB_NATS_URL"
        ) from error
    return client


@asynccontextmanager
async def connected(
    settings: ServiceSettings, *, service: str, lifetime: Lifetime, log: FilteringBoundLogger
) -> AsyncIterator[Client]:
    """Yield a connected client; what it has been given to publish is flushed when the block ends."""
    client = await connect(
        settings.nats_servers,
        name=f"stemedb-{service}-{settings.replica}",
        wait_s=settings.nats_wait_s,
        credentials=None if settings.nats_credentials is None else str(settings.nats_credentials),
        log=log,
        lifetime=lifetime,
    )
    try:
        yield client
    finally:
        lifetime.stop()
        await close(client)


async def close(client: Client) -> None:
    """Flush what is still to be sent, as far as a server is there within ``CLOSE_S``, and close."""
    try:
        async with asyncio.timeout(CLOSE_S):
            if client.is_connected:
                await client.flush()
            await client.close()
    except (TimeoutError, nats.errors.Error, OSError):
        return


def is_ready(client: Client) -> str | None:
    """Return why the bus cannot be used now, or ``None``."""
    return None if client.is_connected and not client.is_draining else "nats: not connected"
