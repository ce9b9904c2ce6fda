"""The line between a site and the hub: a relay of bytes that can be cut and healed.

::

    leaf ──▶ 127.0.0.1:port │ relay │ ──▶ 127.0.0.1:target     cut: every connection is torn, new ones are refused
                                                               healed: the server at the leaf dials again by itself

It knows nothing of what it carries. It runs in the process that keeps the servers, so that a cut takes down no process: both
sides go on working, which is what makes a partition worth looking at.
"""

import asyncio
from typing import Final

from stemedb.cli.plan import HOST

CHUNK_BYTES: Final = 64 * 1024


class Link:
    """A relay from `port` to `target`, both on the loopback interface. Lives on one event loop; made cut."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self.target = target
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return self._server is None

    async def heal(self) -> None:
        """Let bytes pass from now on. Raises `OSError` if the port was taken meanwhile."""
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, HOST, self.port)

    async def cut(self) -> None:
        """Tear every connection and take no new one; returns when all are gone."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        torn = list(self._carrying)
        for task in torn:
            task.cancel()
        await asyncio.gather(*torn, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await asyncio.open_connection(HOST, self.target)
            there = asyncio.ensure_future(_pump(reader, far))
            back = asyncio.ensure_future(_pump(far_reader, writer))
            try:
                await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in (there, back):
                    pump.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # the hub is away, or the link was cut: either way this connection is over
        finally:
            self._carrying.discard(task)
            for end in (writer, far):
                if end is not None:
                    end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until either side ends."""
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
