"""JetStream streams and consumers: declared, and then *verified*, because servers ignore options they do not know.

::

    STEMEDB_<replica>_INTAKE     work queue, file storage, refuses when full     ──▶ durable pull consumer ``ingest``
    STEMEDB_<replica>_REJECTED   bounded, file storage, the oldest make room

The intake refuses new messages at its bounds (``discard: new``): a publisher gets an error instead of a PubAck, and
nothing that was accepted is dropped. What exists with other bounds is updated; what cannot be updated (storage,
retention) is ``Refused`` with the name of the option.

A server without JetStream, or still electing a leader, is ``Unavailable``.
"""

import asyncio
from typing import Any

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from stemedb.bus.subjects import CONSUMER, Subjects
from stemedb.errors import Refused, Unavailable

MIB = 1024 * 1024

INTAKE_MESSAGES_MAX = 2_000_000
INTAKE_BYTES_MAX = 1024 * MIB
"""What may wait while ingest is away: half a minute of full speed in messages, or 1 GiB of bulk. The server sets the bytes
aside when the stream is made, so a small disk needs a smaller number."""

REJECTED_MESSAGES_MAX = 100_000
REJECTED_BYTES_MAX = 64 * MIB
"""Rejects are for a person to look at; beyond this the oldest go."""

DUPLICATE_WINDOW_S = 120.0
"""A publisher that repeats a ``Nats-Msg-Id`` within it is told so. Ids make longer windows unnecessary."""

ACK_WAIT_S = 30.0
"""A message not acknowledged by then is delivered again: far above the longest commit, so only a crash gets there."""

ACK_PENDING_MAX = 65_536
"""Messages delivered and not yet acknowledged, over all connections."""

DECLARE_S = 5.0
"""How long to try while JetStream starts."""

RETRY_S = 0.1

STORAGE_ERROR_CODE = 10047
"""JetStream's "insufficient storage resources available"."""


async def ensure_intake(
    client: Client,
    subjects: Subjects,
    *,
    messages_max: int = INTAKE_MESSAGES_MAX,
    bytes_max: int = INTAKE_BYTES_MAX,
) -> None:
    """Declare and verify the intake stream and its consumer."""
    jetstream = client.jetstream(timeout=DECLARE_S)
    await _stream(
        jetstream,
        StreamConfig(
            name=subjects.intake_stream,
            description=f"statements on their way into replica {subjects.replica}",
            subjects=list(subjects.intake),
            retention=RetentionPolicy.WORK_QUEUE,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_msgs=messages_max,
            max_bytes=bytes_max,
            duplicate_window=DUPLICATE_WINDOW_S,
        ),
    )
    await _consumer(
        jetstream,
        subjects.intake_stream,
        ConsumerConfig(
            durable_name=CONSUMER,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_S,
            max_deliver=-1,
            max_ack_pending=ACK_PENDING_MAX,
        ),
    )


async def forget_consumer(client: Client, subjects: Subjects) -> None:
    """Remove the consumer of the intake, with what it remembers as delivered; the messages stay in their queue.

    For the start of the one reader: what its crashed predecessor had taken and not acknowledged then comes at once,
    instead of after ``ACK_WAIT_S``.
    """
    jetstream = client.jetstream(timeout=DECLARE_S)
    try:
        await _patiently(lambda: jetstream.delete_consumer(subjects.intake_stream, CONSUMER))
    except nats.js.errors.NotFoundError:
        return  # the stream or the consumer is still to be made
    except nats.errors.Error as error:
        raise _unavailable(subjects.intake_stream, error) from error


async def ensure_rejected(client: Client, subjects: Subjects) -> None:
    """Declare and verify the stream of refused statements."""
    await _stream(
        client.jetstream(timeout=DECLARE_S),
        StreamConfig(
            name=subjects.rejected_stream,
            description=f"statements that replica {subjects.replica} refused, and why",
            subjects=[subjects.rejected],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.OLD,
            max_msgs=REJECTED_MESSAGES_MAX,
            max_bytes=REJECTED_BYTES_MAX,
            duplicate_window=DUPLICATE_WINDOW_S,
        ),
    )


async def _stream(jetstream: JetStreamContext, wanted: StreamConfig) -> None:
    name = wanted.name or ""
    try:
        try:
            info = await _patiently(lambda: jetstream.add_stream(wanted))
        except nats.js.errors.BadRequestError:
            info = await jetstream.update_stream(wanted)  # it exists with other bounds
    except nats.js.errors.ServiceUnavailableError as error:
        raise _unavailable(name, error) from error
    except nats.js.errors.APIError as error:
        remedy = "correct it with `nats stream edit`, or remove it when it is empty"
        if error.err_code == STORAGE_ERROR_CODE:
            remedy = "free the disk of nats-server, raise its max_file, or lower STEMEDB_INTAKE_BYTES_MAX"
        raise Refused(f"stream {name}: {error.description}; {remedy}") from error
    except nats.errors.Error as error:
        raise _unavailable(name, error) from error
    options = ("retention", "storage", "discard", "max_msgs", "max_bytes", "duplicate_window", "subjects")
    _verify(f"stream {name}", wanted.as_dict(), info.config.as_dict(), options)


async def _consumer(jetstream: JetStreamContext, stream: str, wanted: ConsumerConfig) -> None:
    try:
        info = await jetstream.add_consumer(stream, wanted)
    except nats.js.errors.ServiceUnavailableError as error:
        raise _unavailable(stream, error) from error
    except nats.js.errors.APIError as error:
        raise Refused(
            f"consumer {stream}/{wanted.durable_name}: {error.description}; remove it with `nats consumer rm`"
        ) from error
    except nats.errors.Error as error:
        raise _unavailable(stream, error) from error
    options = ("ack_policy", "ack_wait", "max_deliver", "max_ack_pending", "deliver_policy")
    _verify(f"consumer {stream}/{wanted.durable_name}", wanted.as_dict(), info.config.as_dict(), options)


async def _patiently(request: Any) -> Any:
    deadline = asyncio.get_running_loop().time() + DECLARE_S
    while True:
        try:
            return await request()
        except (nats.js.errors.ServiceUnavailableError, nats.errors.NoRespondersError):
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(RETRY_S)


def _verify(what: str, wanted: dict[str, Any], got: dict[str, Any], options: tuple[str, ...]) -> None:
    for option in options:
        if got.get(option) != wanted.get(option):
            raise Refused(
                f"{what}: {option}: got {got.get(option)}, want {wanted.get(option)};"
                " this server does not know the option, use nats-server 2.10 or newer"
            )


def _unavailable(name: str, error: Exception) -> Unavailable:
    reason = (
        "JetStream does not answer" if isinstance(error, nats.js.errors.ServiceUnavailableError) else error
    )
    return Unavailable(f"stream {name}: {reason}; start nats-server with JetStream (`nats-server -js`)")
