"""JetStream under the load: a stream, and its mirror in the domain of another server, joined as a leaf node.

A statement is a message, as whoever wants to find and expire it by itself would store it; they are published one after the other, as many
in flight as the publisher's window allows. At the far side a statement is there once the mirror has delivered it to a reader.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats.errors
from nats.aio.client import Client as NatsClient
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    ExternalStream,
    StreamConfig,
    StreamSource,
)

from bench.publisher import publish, statement
from bench.replication.load import DEADLINE_S, Arrival
from bench.replication.servers import Servers, joined_servers
from stemedb.bus.connection import close, connect
from support.waiting import eventually

STREAM, MIRROR = "STATEMENTS", "COPY"
SUBJECT = "bench.statements"
NEAR_API = "$JS.near.API"
"""Of the domain ``near``, as it is asked from another one."""

CONNECT_S = 10.0


class JetStream:
    """A stream and its mirror."""

    def __init__(self, servers: Servers, near: NatsClient, far: NatsClient) -> None:
        self._servers = servers
        self._near = near
        self._far = far

    async def offer(self, numbers: range) -> None:
        for number in numbers:
            await self._near.publish(SUBJECT, statement(number))

    async def write(self, numbers: range) -> None:
        messages = [statement(number) for number in numbers]
        _, refused = await asyncio.to_thread(publish, self._servers.near.port, SUBJECT, messages)
        assert not refused, f"{refused} publishes were refused"

    async def held(self) -> int:
        return (await _state(self._far, MIRROR)).messages

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[list[list[Arrival]]]:
        seen: list[Arrival] = []

        async def on_message(_: Any) -> None:
            seen.append(Arrival(time.perf_counter(), len(seen) + 1))

        inbox = self._far.new_inbox()
        await self._far.subscribe(inbox, cb=on_message, pending_msgs_limit=-1, pending_bytes_limit=-1)
        reader = ConsumerConfig(
            deliver_subject=inbox, ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL
        )
        made = await self._far.jetstream().add_consumer(MIRROR, reader)
        yield [seen]
        await self._far.jetstream().delete_consumer(MIRROR, made.name)

    async def cut(self) -> None:
        await self._servers.link.cut()

    async def heal(self) -> None:
        await self._servers.link.heal()

    async def check(self, count: int) -> None:
        states = [await _state(self._near, STREAM), await _state(self._far, MIRROR)]
        ends = [(state.messages, state.last_seq, state.bytes) for state in states]
        assert ends[0] == ends[1], f"stream and mirror differ: {ends}"
        assert ends[0][0] == count, f"got {ends[0][0]} messages, want {count}"
        last = await self._far.jetstream().get_msg(MIRROR, count)
        assert last.data == statement(count - 1)


@asynccontextmanager
async def running_jetstream(folder: Path, settings: Mapping[str, Any]) -> AsyncIterator[JetStream]:
    """Yield an empty stream and its mirror on servers with these settings of JetStream."""
    async with (
        joined_servers(folder, settings) as servers,
        _connected(servers.near.url) as near,
        _connected(servers.far.url) as far,
    ):
        await near.jetstream(timeout=DEADLINE_S).add_stream(StreamConfig(name=STREAM, subjects=[SUBJECT]))
        # A mirror that is made before its source can be reached tries again only half a minute later.
        await eventually(lambda: _answers(far, f"{NEAR_API}.INFO"), deadline_s=DEADLINE_S)
        source = StreamSource(name=STREAM, external=ExternalStream(api=NEAR_API))
        await far.jetstream(timeout=DEADLINE_S).add_stream(StreamConfig(name=MIRROR, mirror=source))
        yield JetStream(servers, near, far)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[NatsClient]:
    client = await connect([url], name="bench", wait_s=CONNECT_S)
    try:
        yield client
    finally:
        await close(client)


async def _answers(client: NatsClient, subject: str) -> bool:
    try:
        await client.request(subject, timeout=1)
    except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
        return False
    return True


async def _state(client: NatsClient, stream: str) -> Any:
    return (await client.jetstream().stream_info(stream)).state
