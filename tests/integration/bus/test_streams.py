"""Streams and consumers: what is declared is what the server says it has."""

import asyncio

import pytest

from stemedb.bus import connection, streams
from stemedb.bus.subjects import CONSUMER, Subjects
from stemedb.errors import Refused, Unavailable


@pytest.fixture
async def client(shared_nats):
    made = await connection.connect([shared_nats.url], name="test", wait_s=3)
    yield made
    await connection.close(made)


@pytest.fixture
def subjects(replica):
    return Subjects(replica)


async def test_the_intake_is_a_bounded_work_queue_that_refuses_when_full(client, subjects):
    await streams.ensure_intake(client, subjects, messages_max=7, bytes_max=2**20)
    info = await client.jetstream().stream_info(subjects.intake_stream)
    assert info.config.retention == "workqueue"
    assert info.config.discard == "new"
    assert info.config.storage == "file"
    assert (info.config.max_msgs, info.config.max_bytes) == (7, 2**20)
    assert set(info.config.subjects) == {subjects.assert_, subjects.vote, subjects.epoch}
    consumer = await client.jetstream().consumer_info(subjects.intake_stream, CONSUMER)
    assert consumer.config.ack_policy == "explicit"
    assert consumer.config.max_ack_pending == streams.ACK_PENDING_MAX


async def test_declaring_twice_changes_nothing_and_other_bounds_are_updated(client, subjects):
    await streams.ensure_intake(client, subjects, messages_max=7)
    await streams.ensure_intake(client, subjects, messages_max=7)
    await client.jetstream().publish(subjects.vote, b"kept")
    await streams.ensure_intake(client, subjects, messages_max=9)
    info = await client.jetstream().stream_info(subjects.intake_stream)
    assert info.config.max_msgs == 9
    assert info.state.messages == 1


async def test_a_stream_of_that_name_with_other_retention_is_refused_by_name(client, subjects):
    await client.jetstream().add_stream(
        name=subjects.intake_stream, subjects=[subjects.vote], storage="memory"
    )
    with pytest.raises(Refused, match=subjects.intake_stream):
        await streams.ensure_intake(client, subjects)


async def test_an_option_that_the_server_ignored_is_refused_by_name(client, subjects, monkeypatch):
    jetstream = type(client.jetstream())
    add_stream = jetstream.add_stream

    async def forgetful(self, config):
        return await add_stream(self, config.evolve(duplicate_window=1.0))

    monkeypatch.setattr(jetstream, "add_stream", forgetful)
    with pytest.raises(Refused, match="duplicate_window: got 1000000000, want 120000000000"):
        await streams.ensure_intake(client, subjects)


async def test_the_rejected_stream_lets_the_oldest_go(client, subjects):
    await streams.ensure_rejected(client, subjects)
    info = await client.jetstream().stream_info(subjects.rejected_stream)
    assert (info.config.retention, info.config.discard) == ("limits", "old")


async def test_a_server_without_jetstream_is_unavailable_with_what_to_do(client, subjects, monkeypatch):
    monkeypatch.setattr(streams, "DECLARE_S", 0.05)
    monkeypatch.setattr(client, "jetstream", lambda **_: type(client).jetstream(client, prefix="NOWHERE.API"))
    with pytest.raises(Unavailable, match="start nats-server with JetStream"):
        await asyncio.wait_for(streams.ensure_intake(client, subjects), 5)


async def test_more_than_the_server_can_set_aside_is_refused_with_what_to_do(client, subjects):
    with pytest.raises(Refused, match="STEMEDB_INTAKE_BYTES_MAX"):
        await streams.ensure_intake(client, subjects, bytes_max=2**60)
