"""The connection to NATS: it must be there at start, and is kept for ever after.

At start a missing server is an error for the operator, told within ``nats_wait_s``. Once up, an outage is weather:
the client reconnects for ever, publishes wait in its buffer, subscriptions come back by themselves. Only what the server calls an error of
ours (the protocol violated) closes the connection for good, and that ends the service through its lifetime.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import nats.errors
from nats.aio.client import Client
from structlog.typing import FilteringBoundLogger

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.settings import ServiceSettings
from stemedb.errors import Refused, Unavailable

RECONNECT_S = 0.25
"""Between attempts: short, since a local server restarts in less than a second."""

PING_S = 10
"""Between pings: two unanswered ones mean a dead peer, which a half-open TCP connection would hide for hours."""

PENDING_BYTES_MAX = 8 * 1024 * 1024
"""What may wait for an absent server before publishing fails: acknowledgements and events of the last batches."""

CLOSE_S = 0.25
"""What flushing and closing may take, each: with the server away there is nobody to flush to."""

CANCEL_ATTEMPTS = 10
"""How often to cancel a reconnection that does not end: once is nearly always enough."""


async def connect(
    servers: list[str],
    *,
    name: str,
    wait_s: float,
    credentials: str | None = None,
    inbox: str = "_INBOX",
    log: FilteringBoundLogger | None = None,
    lifetime: Lifetime | None = None,
) -> Client:
    """Return a client that reconnects for ever, and whose requests are answered below `inbox`.

    Raises ``Unavailable`` when no server answers within `wait_s` seconds, ``Refused`` when a URL is none or the server
    does not let us in.
    """
    for server in servers:
        _check_url(server)
    client = Client()
    watch = _Watch(client, log, lifetime)
    try:
        async with asyncio.timeout(wait_s):
            await client.connect(
                servers,
                name=name,
                error_cb=watch.on_error,
                disconnected_cb=watch.on_disconnected,
                reconnected_cb=watch.on_reconnected,
                closed_cb=watch.on_closed,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_S,  # type: ignore[arg-type]  # a float works and is what we need
                connect_timeout=2,
                ping_interval=PING_S,
                pending_size=PENDING_BYTES_MAX,
                user_credentials=credentials,
                inbox_prefix=inbox,
            )
    except (TimeoutError, nats.errors.Error, OSError) as error:
        await close(client)
        where = ", ".join(map(without_password, servers))
        if watch.unauthorized or _is_unauthorized(error):
            raise Refused(
                f"the nats server at {where} does not let us in; set STEMEDB_NATS_CREDENTIALS to a .creds file, or"
                " STEMEDB_NATS_URL to one with nats://user:password@…"
            ) from error
        raise Unavailable(
            f"no nats server at {where}: {watch.last or error or 'no answer'}; start one with JetStream"
            " (`nats-server -js`), or set STEMEDB_NATS_URL"
        ) from error
    watch.connected = True
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
        inbox=settings.nats_inbox,
        log=log,
        lifetime=lifetime,
    )
    try:
        yield client
    finally:
        lifetime.stop()
        await close(client)


async def close(client: Client) -> None:
    """Flush what is still to be sent, as far as a server is there within ``CLOSE_S``, and close; the client is gone after."""
    if client.is_connected:
        with suppress(TimeoutError, nats.errors.Error, OSError):
            async with asyncio.timeout(CLOSE_S):
                await client.flush()
    with suppress(TimeoutError, nats.errors.Error, OSError):
        async with asyncio.timeout(CLOSE_S):
            await client.close()
    # A cancellation that meets a connection attempt just failing is lost in `asyncio.wait_for` (before Python 3.12), and
    # the client would go on trying for ever, in a loop that then never ends.
    reconnecting = client._reconnection_task  # noqa: SLF001 - there is no public way to see that it has ended
    for _ in range(CANCEL_ATTEMPTS):
        if reconnecting is None or reconnecting.done():
            return
        reconnecting.cancel()
        await asyncio.wait((reconnecting,), timeout=CLOSE_S / CANCEL_ATTEMPTS)


class _Watch:
    """What the client tells about its connection, into the log and the lifetime."""

    def __init__(self, client: Client, log: FilteringBoundLogger | None, lifetime: Lifetime | None) -> None:
        self._client = client
        self._log = log
        self._lifetime = lifetime
        self.last: Exception | None = None
        self.unauthorized = False
        self.connected = False
        """Whether there has been a connection to lose."""

    async def on_error(self, error: Exception) -> None:
        self.last = error
        # Kept, since the server closes the connection then and what comes next is that it was reset.
        self.unauthorized = self.unauthorized or _is_unauthorized(error)
        if self._log is not None and self._client.is_connected:
            self._log.warning("bus error", error=str(error))

    async def on_disconnected(self) -> None:
        if self._log is not None and self.connected and not (self._lifetime and self._lifetime.ending):
            self._log.warning("bus lost")

    async def on_reconnected(self) -> None:
        if self._log is not None:
            url = self._client.connected_url
            self._log.info("bus back", server=url.netloc if url else "")

    async def on_closed(self) -> None:
        if self._lifetime is not None and self.connected and not self._lifetime.ending:
            reason = self._client.last_error or self.last
            self._lifetime.fail(Unavailable(f"nats closed the connection for good: {reason}"))


def without_password(server: str) -> str:
    """Return the URL of a server as it may be shown: without the user, password or token before its host."""
    scheme, separator, rest = server.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]


def _is_unauthorized(error: Exception) -> bool:
    return "authorization violation" in str(error).lower()


def _check_url(server: str) -> None:
    try:
        parts = urlsplit(server)
        valid = parts.scheme in {"nats", "tls", "ws", "wss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise Refused(
            f"{without_password(server)!r} is not the URL of a nats server; set STEMEDB_NATS_URL to one like nats://127.0.0.1:4222"
        )


def is_ready(client: Client) -> str | None:
    """Return why the bus cannot be used now, or ``None``."""
    return None if client.is_connected and not client.is_draining else "nats: not connected"
