"""A TCP line between two nats-servers, or a client and a server, that can be cut, stalled, slowed and throttled.

::

    dialling ──▶ 127.0.0.1:port ─▶ forth ─▶ target         cut: connections are torn, new ones are torn at once
                                ◀─ back  ◀─                stalled (one way): bytes wait, nobody is told

It carries bytes and knows nothing of messages: what a line that fails does to the real protocol between servers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CHUNK_BYTES = 64 * 1024


@dataclass(slots=True)
class Way:
    """One direction of the line."""

    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    """0: as fast as it goes."""
    carried_bytes: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()


@dataclass(slots=True)
class Proxy:
    """A line to `target_port` on the loopback interface; lives on one event loop."""

    target_port: int
    port: int = 0
    is_cut: bool = False
    forth: Way = field(default_factory=Way)
    """From whoever dials to the target."""
    back: Way = field(default_factory=Way)
    _carrying: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def to(cls, target_port: int) -> "AsyncIterator[Proxy]":
        """Open a line for as long as the block runs."""
        proxy = cls(target_port)
        server = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            await proxy.cut()

    async def cut(self) -> None:
        """Tear every connection, and new ones as they come."""
        self.is_cut = True
        tasks = list(self._carrying)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def heal(self) -> None:
        """Carry again; who was cut off dials by itself."""
        self.is_cut = False
        for way in (self.forth, self.back):
            way.delay_s = way.bytes_per_s = 0.0
            way.open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        far: asyncio.StreamWriter | None = None
        pumps: list[asyncio.Task[None]] = []
        try:
            if self.is_cut:
                return
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.target_port)
            pumps = [
                asyncio.create_task(_pump(reader, far, self.forth)),
                asyncio.create_task(_pump(far_reader, writer, self.back)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.CancelledError):
            pass  # the target is away, or the line was cut: either way this connection is over
        finally:
            self._carrying.discard(task)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for end in (writer, far):
                if end is not None:
                    end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            await way.open.wait()
            pause_s = way.delay_s + (len(data) / way.bytes_per_s if way.bytes_per_s else 0.0)
            if pause_s:
                await asyncio.sleep(pause_s)
            writer.write(data)
            await writer.drain()
            way.carried_bytes += len(data)
