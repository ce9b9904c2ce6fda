"""Reading a work queue as fast as the client can parse: a raw pull loop with two requests in flight.

::

    consumer ──MSG.NEXT {batch, max_bytes, expires}──◀ request 1 ┐ replenished as messages arrive, so that the
        │                                            ◀ request 2 ┘ server never waits for us
        └──messages──▶ inbox ──▶ buffer ──take()──▶ the owner ──ack()──▶ consumer

The library's ``fetch`` waits for each batch and tops out near 45,000 messages/s; this reaches 100,000 and more.

Invariants
    * A message leaves the server's queue only after ``ack``: whatever happens to us, it is delivered again.
    * At most ``BUFFER_COUNT_MAX`` messages and about ``BUFFER_BATCHES × BATCH_BYTES`` bytes wait here: beyond that nothing is
      asked for, the stream fills, and the publisher is refused.
    * After an outage, a restart of the server or a lost request, asking begins again: ``tend`` sees to it.

How it keeps count: ``wanted`` is what the server may still send for the requests in flight. Each message lowers it by one;
a status (expired, size limit, completed) says in a header how much of its request is void. Should the count ever drift, the worst
is a request too many or a pause of ``EXPIRES_S``; no message is lost by it. While there is nothing to read the server
sends heartbeats; without them asking begins again.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from stemedb.bus.bulk import publish_empty
from stemedb.errors import Unavailable

BATCH: Final = 4096
"""Messages per request: large enough that asking costs nothing per message."""

BATCH_BYTES: Final = 4 * 1024 * 1024
"""Bytes per request: bounds memory when messages are large. More if the server takes larger messages, which would never come."""

BUFFER_COUNT_MAX: Final = 4 * BATCH
BUFFER_BATCHES: Final = 3
"""What may wait here, requests in flight included: so many messages, and bytes of so many requests."""

EXPIRES_S: Final = 20.0
"""After this a request that found no messages is void and is made again."""

HEARTBEAT_S: Final = 4.0
"""A waiting request says this often that it is still there. A stream that was deleted falls silent without a word."""

SILENCE: Final = 2.5
"""Heartbeats missed until asking begins again."""

TEND_S: Final = 0.25
"""How often to look whether the connection came back or a request was lost."""

ACK_TOKENS: Final = 9
"""In an acknowledgement subject without a JetStream domain."""

STATUS_HEADER: Final = "Status"
DESCRIPTION_HEADER: Final = "Description"
PENDING_HEADER: Final = "Nats-Pending-Messages"


class Delivery(Protocol):
    """A message taken from the queue; what the owner may look at."""

    @property
    def subject(self) -> str:
        """Where it was published."""

    @property
    def data(self) -> bytes:
        """Its body."""

    @property
    def reply(self) -> str:
        """Where it is acknowledged; the server encodes the message's sequence in it."""


def sequence(delivery: Delivery) -> int:
    """Return the sequence of a message in its stream, which stays the same when it is delivered again."""
    tokens = delivery.reply.split(".")
    # $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.…, or with domain and account hash before the stream
    return int(tokens[5] if len(tokens) == ACK_TOKENS else tokens[7])


class Intake:
    """The reader of one durable pull consumer; owned by the event loop."""

    def __init__(
        self,
        client: Client,
        stream: str,
        consumer: str,
        *,
        declare: Callable[[], Awaitable[None]],
        arrived: Callable[[], None],
    ) -> None:
        """`declare` makes the stream and the consumer when they are missing; it may raise ``Unavailable``. `arrived` is
        called when there is something to take where there was nothing.
        """
        self._client = client
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._batch_bytes = max(BATCH_BYTES, 2 * client.max_payload)
        self._request = json.dumps(
            {
                "batch": BATCH,
                "max_bytes": self._batch_bytes,
                "expires": int(EXPIRES_S * 1e9),
                "idle_heartbeat": int(HEARTBEAT_S * 1e9),
            }
        ).encode()
        self._declare = declare
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._buffer: list[Delivery] = []
        self._buffer_bytes = 0
        self._wanted = 0
        self._heard = 0.0
        self._missing = True
        self._closing = False
        self._reconnects = 0
        self._arrived = arrived

    @property
    def pending(self) -> int:
        """Messages that wait here."""
        return len(self._buffer)

    @property
    def ready(self) -> str | None:
        """Why nothing can be read now, or ``None``."""
        return "intake: the stream does not answer" if self._missing else None

    async def open(self) -> None:
        """Declare what is to be read and begin."""
        await self._declare()
        self._subscription = await self._client.subscribe(self._inbox, cb=self._on_message)
        self._reconnects = self._client.stats["reconnects"]
        await self._restart()

    async def tend(self) -> None:
        """Keep asking through outages, until cancelled or closed; raises what `declare` raises, save ``Unavailable``."""
        while not self._closing:  # before Python 3.12 a cancellation may be lost in a request (see `client`)
            await asyncio.sleep(TEND_S)
            if not self._client.is_connected or self._closing:
                continue
            reconnects = self._client.stats["reconnects"]
            silent = time.monotonic() - self._heard > SILENCE * HEARTBEAT_S
            if self._missing or silent or reconnects != self._reconnects:
                try:
                    await self._declare()  # a server that lost its store gets the streams again
                    await self._restart()
                    self._reconnects = reconnects
                except (Unavailable, nats.errors.Error):
                    self._missing = True

    def take(self, count_max: int, bytes_max: int) -> list[Delivery]:
        """Return what has arrived, in order, up to both bounds; at least one message if there is any."""
        buffer = self._buffer
        if len(buffer) <= count_max and self._buffer_bytes <= bytes_max:
            taken, self._buffer, self._buffer_bytes = buffer, [], 0
        else:
            end, size = 0, 0
            for message in buffer[:count_max]:
                size += len(message.data)
                if end and size > bytes_max:
                    size -= len(message.data)
                    break
                end += 1
            taken, self._buffer = buffer[:end], buffer[end:]
            self._buffer_bytes -= size
        if taken:
            self._heard = time.monotonic()  # with a full buffer nothing is asked for, so silence says nothing
        return taken

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge: the server forgets these messages. Call it only for what is durable or reported."""
        await publish_empty(self._client, [delivery.reply for delivery in deliveries])
        await self._replenish()

    async def retry(self, deliveries: Sequence[Delivery], delay_s: float) -> None:
        """Give messages back, to be delivered again after `delay_s`."""
        body = b'-NAK {"delay": %d}' % int(delay_s * 1e9)
        for delivery in deliveries:
            await self._client.publish(delivery.reply, body)

    async def close(self) -> None:
        """Stop asking. What waits here unacknowledged is delivered again, to whoever asks next."""
        self._closing = True
        if self._subscription is not None and self._client.is_connected:
            try:
                await self._subscription.unsubscribe()
            except nats.errors.Error:
                return  # the connection is gone, and the subscription with it

    async def _on_message(self, message: Msg) -> None:
        if not message.reply:  # a message has somewhere to be acknowledged, and may have any header
            await self._on_status(message.headers or {})
            return
        self._buffer.append(message)
        self._buffer_bytes += len(message.data)
        self._wanted -= 1
        if len(self._buffer) == 1:
            self._heard = time.monotonic()
            self._arrived()
        if self._wanted <= BATCH:
            await self._replenish()

    async def _on_status(self, headers: dict[str, str]) -> None:
        self._heard = time.monotonic()
        status = headers.get(STATUS_HEADER)
        if status == "100":
            return
        description = headers.get(DESCRIPTION_HEADER, "")
        ended = status == "408" or "MaxBytes" in description or "Batch Completed" in description
        if ended and PENDING_HEADER in headers:
            self._wanted = max(0, self._wanted - int(headers[PENDING_HEADER]))
            await self._replenish()
        else:
            # No responders, consumer deleted, leadership changed: ``tend`` declares and asks again.
            self._missing = True

    async def _restart(self) -> None:
        self._wanted = 0
        self._missing = False
        self._heard = time.monotonic()
        await self._replenish()

    async def _replenish(self) -> None:
        while not self._closing and not self._missing and self._wanted <= BATCH and self._has_room():
            self._wanted += BATCH
            try:
                await self._client.publish(self._next, self._request, reply=self._inbox)
            except nats.errors.Error:
                self._missing = True

    def _has_room(self) -> bool:
        in_flight = -(-self._wanted // BATCH)
        return (
            len(self._buffer) + self._wanted + BATCH <= BUFFER_COUNT_MAX
            and self._buffer_bytes + (in_flight + 1) * self._batch_bytes <= BUFFER_BATCHES * self._batch_bytes
        )
