"""The pull loop: nothing is lost, nothing acknowledged comes back, and asking begins again after anything."""

import asyncio

import nats.js.errors
import pytest

from stemedb.bus import connection, intake, streams
from stemedb.bus.intake import Intake, sequence
from stemedb.bus.subjects import CONSUMER, Subjects
from support.nats import running_server
from support.waiting import eventually


@pytest.fixture
async def client(own_nats):
    made = await connection.connect([own_nats.url], name="test", wait_s=3)
    yield made
    await connection.close(made)


@pytest.fixture
def subjects(replica):
    return Subjects(replica)


class Reader:
    """An intake with its tending task and what it was told."""

    def __init__(self, client, subjects):
        self.woken = 0
        self.got = []
        self.intake = Intake(
            client,
            subjects.intake_stream,
            CONSUMER,
            declare=lambda: streams.ensure_intake(client, subjects),
            arrived=self._wake,
        )

    def _wake(self):
        self.woken += 1

    async def __aenter__(self):
        await self.intake.open()
        self.tending = asyncio.create_task(self.intake.tend())
        return self

    async def __aexit__(self, *_):
        self.tending.cancel()
        await self.intake.close()

    async def read(self, count, *, ack=True):
        def enough():
            taken = self.intake.take(10_000, 2**30)
            self.got.extend(taken)
            return len(self.got) >= count

        await eventually(enough)
        got, self.got = self.got, []
        if ack:
            await self.intake.ack(got)
        return got


async def pending(client, subjects):
    return (await client.jetstream().stream_info(subjects.intake_stream)).state.messages


async def publish(client, subjects, bodies):
    jetstream = client.jetstream()
    for start in range(0, len(bodies), 500):
        await asyncio.gather(
            *(jetstream.publish(subjects.vote, body) for body in bodies[start : start + 500])
        )


async def test_messages_come_in_order_and_are_gone_once_acknowledged(client, subjects):
    bodies = [b"%d" % i for i in range(3000)]
    async with Reader(client, subjects) as reader:
        await publish(client, subjects, bodies)
        got = await reader.read(3000)
        assert sorted(m.data for m in got) == sorted(bodies)
        assert [sequence(m) for m in got] == list(range(1, 3001))
        assert {m.subject for m in got} == {subjects.vote}
        await eventually(lambda: _is_empty(client, subjects))
    assert reader.woken >= 1


@pytest.mark.parametrize("status", ["100", "408", "409"])
async def test_a_message_that_looks_like_a_word_of_the_server_is_a_message(client, subjects, status):
    """Its publisher may set any header; taken for a status it would never be acknowledged."""
    async with Reader(client, subjects) as reader:
        await client.jetstream().publish(subjects.vote, b"", headers={"Status": status})
        [got] = await reader.read(1)
        assert got.data == b""
        assert reader.intake.ready is None
        await eventually(lambda: _is_empty(client, subjects))


async def _exists(client, subjects):
    try:
        return await client.jetstream().stream_info(subjects.intake_stream)
    except nats.js.errors.NotFoundError:
        return None


async def _is_empty(client, subjects):
    return await pending(client, subjects) == 0


async def test_more_than_one_request_is_read_without_a_pause(client, subjects, monkeypatch):
    monkeypatch.setattr(intake, "BATCH", 16)
    monkeypatch.setattr(intake, "BUFFER_COUNT_MAX", 64)
    async with Reader(client, subjects) as reader:
        await publish(client, subjects, [b"x"] * 1000)
        total = 0
        async with asyncio.timeout(10):
            while total < 1000:
                total += len(await reader.read(1))
    assert total == 1000


async def test_what_is_not_taken_is_bounded_and_not_lost(client, subjects, monkeypatch):
    monkeypatch.setattr(intake, "BATCH", 16)
    monkeypatch.setattr(intake, "BUFFER_COUNT_MAX", 64)
    await streams.ensure_intake(client, subjects)
    await publish(client, subjects, [b"x"] * 1000)
    async with Reader(client, subjects) as reader:
        await eventually(lambda: reader.intake.pending == 64)
        await client.flush()
        assert reader.intake.pending == 64
        total = 0
        async with asyncio.timeout(10):
            while total < 1000:
                total += len(await reader.read(1))
    assert total == 1000


async def test_requests_are_bounded_in_bytes_and_reading_goes_on_after_the_limit(
    client, subjects, monkeypatch
):
    monkeypatch.setattr(client, "_max_payload", 125_000)
    monkeypatch.setattr(intake, "BATCH_BYTES", 250_000)
    await streams.ensure_intake(client, subjects)
    await publish(client, subjects, [bytes([i]) * 100_000 for i in range(40)])
    async with Reader(client, subjects) as reader:
        await eventually(lambda: reader.intake.pending >= 4)
        assert reader.intake.pending <= 10
        got = []
        async with asyncio.timeout(10):
            while len(got) < 40:
                got.extend(await reader.read(1))
    assert [m.data[0] for m in got] == list(range(40))


async def test_take_respects_both_bounds_and_always_gives_one(client, subjects):
    await streams.ensure_intake(client, subjects)
    for size in (10, 20, 30, 5000, 1):
        await client.jetstream().publish(subjects.vote, b"x" * size)
    async with Reader(client, subjects) as reader:
        await eventually(lambda: reader.intake.pending == 5)
        take = reader.intake.take
        assert [len(m.data) for m in take(2, 10_000)] == [10, 20]
        assert [len(m.data) for m in take(100, 1000)] == [30]
        assert [len(m.data) for m in take(100, 1000)] == [5000]
        assert [len(m.data) for m in take(100, 1000)] == [1]
        assert take(100, 1000) == []


async def test_unacknowledged_messages_go_to_the_next_reader(client, subjects):
    async with Reader(client, subjects) as reader:
        await publish(client, subjects, [b"one"])
        [message] = await reader.read(1, ack=False)
        await reader.intake.retry([message], 0.01)
    async with Reader(client, subjects) as reader:
        [again] = await reader.read(1)
    assert again.data == b"one"
    assert sequence(again) == sequence(message)


async def test_reading_goes_on_after_the_server_was_killed_and_started_again(own_nats, client, subjects):
    async with Reader(client, subjects) as reader:
        await publish(client, subjects, [b"before"])
        await reader.read(1)
        own_nats.kill()
        await eventually(lambda: not client.is_connected)
        with running_server(own_nats.store, port=own_nats.port):
            await eventually(lambda: client.is_connected)
            await publish(client, subjects, [b"after"])
            read = []
            while b"after" not in read:
                read += [m.data for m in await reader.read(1)]
            # The acknowledgement may have died with the server: then the message comes again, as promised.
            assert read in ([b"after"], [b"before", b"after"])


async def test_a_stream_that_was_deleted_is_declared_again(client, subjects, monkeypatch):
    monkeypatch.setattr(intake, "HEARTBEAT_S", 0.2)
    async with Reader(client, subjects) as reader:
        await client.jetstream().delete_stream(subjects.intake_stream)
        await eventually(lambda: _exists(client, subjects))
        await publish(client, subjects, [b"again"])
        assert [m.data for m in await reader.read(1)] == [b"again"]


async def test_waiting_costs_no_declaration_while_heartbeats_come(client, subjects, monkeypatch):
    monkeypatch.setattr(intake, "HEARTBEAT_S", 0.1)
    declared = []

    async def declare():
        declared.append(1)
        await streams.ensure_intake(client, subjects)

    waiting = Intake(client, subjects.intake_stream, CONSUMER, declare=declare, arrived=lambda: None)
    await waiting.open()
    tending = asyncio.create_task(waiting.tend())
    await asyncio.wait((tending,), timeout=0.8)
    tending.cancel()
    await waiting.close()
    assert declared == [1]
