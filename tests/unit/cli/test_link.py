"""The line between two sites, with an echo at the far end."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from stemedb.cli.link import Link
from stemedb.cli.plan import HOST, free_port
from support.waiting import eventually


@asynccontextmanager
async def link_to_an_echo():
    async def echo(reader, writer):
        while data := await reader.read(1000):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    link = Link(free_port(), server.sockets[0].getsockname()[1])
    try:
        yield link
    finally:
        await link.cut()
        server.close()


async def said_back(port, text):
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(text)
        return await asyncio.wait_for(reader.readexactly(len(text)), 5)
    finally:
        writer.close()


async def test_bytes_pass_both_ways_until_it_is_cut_and_again_when_it_is_healed():
    async with link_to_an_echo() as link:
        assert link.is_cut
        with pytest.raises(ConnectionRefusedError):
            await said_back(link.port, b"x")
        for _ in range(2):
            await link.heal()
            assert not link.is_cut
            assert await said_back(link.port, b"a" * 300_000) == b"a" * 300_000
            await link.cut()
            with pytest.raises(ConnectionRefusedError):
                await said_back(link.port, b"x")


async def test_a_cut_tears_connections_that_are_open():
    async with link_to_an_echo() as link:
        await link.heal()
        reader, writer = await asyncio.open_connection(HOST, link.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        await link.cut()
        try:
            rest = await asyncio.wait_for(reader.read(), 5)
        except ConnectionResetError:
            rest = b""
        assert rest == b""
        writer.close()


async def test_nobody_at_the_far_end_ends_the_connection():
    link = Link(free_port(), free_port())
    await link.heal()
    reader, writer = await asyncio.open_connection(HOST, link.port)
    with suppress(ConnectionResetError):  # as good an ending
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    await eventually(lambda: not link._carrying)
    await link.cut()
