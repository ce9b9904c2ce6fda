"""Crashes, outages and full queues: what was acknowledged is there once, and nothing is dropped without a word."""

import asyncio
import resource

import nats.errors
import nats.js.errors
import pytest

from stemedb.bus import exit_codes
from stemedb.bus.client import Client
from stemedb.errors import Fatal, Unavailable
from stemedb.statements import parse
from support.nats import running_server
from support.publishing import assertion, line, lines
from support.waiting import eventually, promised


def identity(number):
    return parse(line(assertion(number))).id.hex()


async def test_kill_9_in_mid_stream_loses_nothing_and_doubles_nothing(ingest, client):
    total, published = 4000, 0
    receipts = []
    with ingest.running():
        pass  # the streams exist from now on

    async def publish():
        nonlocal published
        for start in range(0, total, 100):
            await asyncio.gather(
                *(
                    client.nats.jetstream().publish(client.subjects.assert_, line(assertion(i)))
                    for i in range(start, start + 100)
                )
            )
            published += 100

    async def ask():
        number = 1_000_000
        while published < total:
            try:
                receipts.extend((await client.append(line(assertion(number)))).receipts)
                number += 1
            except Unavailable:
                await asyncio.sleep(0.01)

    client.timeout_s = 0.5
    work = asyncio.gather(publish(), ask())
    for share in (0.25, 0.5, 0.75):
        with ingest.running() as service:
            await eventually(lambda share=share: published >= total * share)
            service.kill()
    with ingest.running() as service:
        await work
        await eventually(lambda: _drained(client))
        assert service.process.poll() is None
    stored = ingest.stored()
    assert len(stored) == len(set(stored))
    assert {identity(i) for i in range(total)} <= set(stored)
    assert receipts
    assert [stored[r.index] for r in receipts] == [r.id for r in receipts]


async def _drained(client):
    info = await client.nats.jetstream().stream_info(client.subjects.intake_stream)
    return info.state.messages == 0


async def test_the_service_goes_on_after_the_nats_server_came_back(own_nats, own_ingest, replica):
    async with await Client.connect(own_nats.url, replica) as client:
        with own_ingest.running() as service:
            await client.append(line(assertion(1)))
            own_nats.kill()
            await eventually(lambda: service.get("/readyz")[0] == 503)
            assert service.get("/healthz")[0] == 200
            assert "nats" in service.get("/readyz")[1]
            with running_server(own_nats.store, port=own_nats.port):
                await eventually(lambda: service.get("/readyz")[0] == 200)
                await eventually(lambda: client.nats.is_connected)
                await client.append(line(assertion(2)))
                await client.nats.jetstream().publish(client.subjects.assert_, line(assertion(3)))
                await eventually(lambda: service.metrics()["stemedb_log_size"] == 3)
                code, seconds = service.stop()
                assert (code, seconds < promised(2)) == (0, True)


async def test_it_ends_in_two_seconds_while_the_nats_server_is_away(own_nats, own_ingest):
    with own_ingest.running() as service:
        own_nats.kill()
        await eventually(lambda: service.get("/readyz")[0] == 503)
        code, seconds = service.stop()
    assert (code, seconds < promised(2)) == (0, True)


async def test_a_server_that_lost_its_store_gets_the_streams_again(own_nats, own_ingest, replica, tmp_path):
    async with await Client.connect(own_nats.url, replica) as client:
        with own_ingest.running() as service:
            own_nats.kill()
            await eventually(lambda: not client.nats.is_connected)
            with running_server(tmp_path / "empty", port=own_nats.port):
                await eventually(lambda: client.nats.is_connected)
                await eventually(lambda: _published(client, line(assertion(1))))
                await eventually(lambda: service.metrics()["stemedb_log_size"] == 1)


async def _published(client, body):
    try:
        return await client.nats.jetstream().publish(client.subjects.assert_, body, timeout=0.5)
    except nats.errors.Error:
        return None


async def test_when_the_disk_takes_no_more_it_stops_with_the_reason_and_keeps_its_word(ingest, client):
    receipts = []

    async def fill():
        for start in range(0, 100_000, 50):
            body = lines([assertion(i) for i in range(start, start + 50)])
            receipts.extend((await client.append(body)).receipts)

    with ingest.running() as service:
        # Writes beyond this offset of any file fail from now on, as on a full disk.
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (65_536, 65_536))
        client.timeout_s = 2.0
        with pytest.raises((Fatal, Unavailable)):
            await fill()
        assert await asyncio.to_thread(service.end) == exit_codes.FATAL
        assert service.stderr.count("\n") == 1
        assert "failed" in service.stderr
    with ingest.running():
        again = await client.append(lines([assertion(0)]))
        assert again.receipts[0].duplicate
    stored = ingest.stored()
    assert receipts
    assert [stored[r.index] for r in receipts] == [r.id for r in receipts]


async def test_a_full_intake_refuses_the_publisher_and_drops_nothing(ingest, client):
    with ingest.running(intake_messages_max=10):
        pass  # declared, and nobody reads it now
    jetstream = client.nats.jetstream()
    for number in range(10):
        await jetstream.publish(client.subjects.assert_, line(assertion(number)))
    for number in range(10, 15):
        with pytest.raises(nats.js.errors.APIError, match="maximum messages exceeded"):
            await jetstream.publish(client.subjects.assert_, line(assertion(number)))
    with ingest.running(intake_messages_max=10):
        await eventually(lambda: _drained(client))
        await jetstream.publish(client.subjects.assert_, line(assertion(20)))
        await eventually(lambda: _drained(client))
    assert set(ingest.stored()) == {identity(n) for n in [*range(10), 20]}


async def test_a_refusal_that_cannot_be_stored_is_not_lost(own_nats, own_ingest, replica):
    async with await Client.connect(own_nats.url, replica) as client:
        jetstream = client.nats.jetstream()
        with own_ingest.running() as service:
            await jetstream.delete_stream(client.subjects.rejected_stream)
            await jetstream.publish(client.subjects.assert_, b"{}")
            await eventually(lambda: service.metrics()["stemedb_ingest_returned_total"] >= 1)
            assert not await _drained(client)
            await jetstream.add_stream(
                name=client.subjects.rejected_stream, subjects=[client.subjects.rejected]
            )
            await eventually(lambda: _drained(client))
            info = await jetstream.stream_info(client.subjects.rejected_stream)
            assert info.state.messages == 1
