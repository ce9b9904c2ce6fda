"""Endpoints over a real server: every request gets an answer, and the answer keeps its type."""

import asyncio
import json

import pytest

from stemedb.bus import endpoints
from stemedb.bus.client import Client
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.logs import logger
from stemedb.bus.messages import GetReply, GetRequest, Stamp
from stemedb.bus.subjects import Subjects
from stemedb.errors import Fatal, InvalidRequest, NotFound, Overloaded, Unavailable

ID = "ab" * 32
REPLY = GetReply(
    id=ID, kind="vote", index=3, stamp=Stamp(ms=1, counter=2, origin="a"), statement={"kind": "vote"}
)


@pytest.fixture
async def client(shared_nats, replica):
    async with await Client.connect(shared_nats.url, replica) as made:
        yield made


def serving(client, handler, *, lifetime=None, **options):
    get = endpoints.typed("get", client.subjects.get, GetRequest, handler, **options)
    return endpoints.serve(
        client.nats,
        [get],
        service="test",
        version="1.0.0",
        replica=client.subjects.replica,
        lifetime=lifetime or Lifetime(),
        log=logger(),
    )


async def test_a_typed_request_gets_a_typed_reply(client):
    async def handler(request):
        assert request == GetRequest(id=ID)
        return REPLY

    async with serving(client, handler):
        assert await client.get(GetRequest(id=ID)) == REPLY


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NotFound("no such statement"), "no such statement"),
        (InvalidRequest("id", "got 3 digits"), "id: got 3 digits"),
        (Overloaded("too many"), "too many"),
        (Unavailable("later"), "later"),
    ],
)
async def test_an_error_crosses_the_bus_with_its_type_and_text(client, error, message):
    async def handler(request):
        raise error

    async with serving(client, handler):
        with pytest.raises(type(error)) as caught:
            await client.get(GetRequest(id=ID))
    assert type(caught.value) is type(error)
    assert caught.value.message == message


async def test_an_unknown_field_is_refused_by_name(client):
    async def handler(request):
        raise AssertionError("must not be called")

    async with serving(client, handler):
        with pytest.raises(InvalidRequest) as caught:
            await client.call(client.subjects.get, json.dumps({"id": ID, "idd": 1}).encode())
    assert caught.value.field == "idd"


async def test_a_bug_in_a_handler_is_answered_without_its_details_and_the_next_request_too(client):
    answers = iter([ValueError("secret detail"), REPLY])

    async def handler(request):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with serving(client, handler):
        with pytest.raises(Fatal) as caught:
            await client.get(GetRequest(id=ID))
        assert await client.get(GetRequest(id=ID)) == REPLY
    assert "secret detail" not in caught.value.message


async def test_a_fatal_error_is_answered_and_ends_the_service(client):
    lifetime = Lifetime()

    async def handler(request):
        raise Fatal("the disk is gone")

    async with serving(client, handler, lifetime=lifetime):
        with pytest.raises(Fatal, match="the disk is gone"):
            await client.get(GetRequest(id=ID))
    assert lifetime.failure is not None


async def test_requests_beyond_the_bound_are_refused_at_once(client):
    gate = asyncio.Event()

    async def handler(request):
        await gate.wait()
        return REPLY

    async with serving(client, handler, in_flight_max=2):
        held = [asyncio.create_task(client.get(GetRequest(id=ID))) for _ in range(2)]
        refused = [asyncio.create_task(client.get(GetRequest(id=ID))) for _ in range(3)]
        results = await asyncio.gather(*refused, return_exceptions=True)
        assert [type(result) for result in results] == [Overloaded] * 3
        gate.set()
        assert await asyncio.gather(*held) == [REPLY, REPLY]


async def test_a_reply_above_the_payload_limit_is_a_typed_error(client):
    async def handler(request):
        return REPLY.model_copy(update={"statement": {"text": "x" * client.payload_max}})

    async with serving(client, handler):
        with pytest.raises(InvalidRequest, match="ask for less"):
            await client.get(GetRequest(id=ID))


async def test_a_request_above_the_payload_limit_is_a_typed_error(client):
    with pytest.raises(InvalidRequest, match="split it"):
        await client.append(b"x" * (client.payload_max + 1))


async def test_a_missing_service_is_named(client):
    with pytest.raises(Unavailable, match="no index service answers for replica"):
        await client.get(GetRequest(id=ID))


async def test_no_answer_in_time_is_unavailable(client):
    gate = asyncio.Event()

    async def handler(request):
        await gate.wait()
        return REPLY

    client.timeout_s = 0.05
    async with serving(client, handler):
        with pytest.raises(Unavailable, match="no answer on"):
            await client.get(GetRequest(id=ID))
        gate.set()


async def test_requests_in_progress_are_answered_before_the_service_ends(client):
    entered, gate = asyncio.Event(), asyncio.Event()

    async def handler(request):
        entered.set()
        await gate.wait()
        return REPLY

    async with serving(client, handler):
        asked = asyncio.create_task(client.get(GetRequest(id=ID)))
        await entered.wait()
        asyncio.get_running_loop().call_later(0.02, gate.set)
    assert await asked == REPLY


async def test_endpoints_are_discoverable_with_their_counts(client):
    async def handler(request):
        raise NotFound("no")

    async with serving(client, handler):
        with pytest.raises(NotFound):
            await client.get(GetRequest(id=ID))
        message = await client.nats.request("$SRV.STATS.stemedb-test", timeout=2)
    stats = json.loads(message.data)
    assert stats["metadata"]["replica"] == client.subjects.replica
    assert stats["endpoints"][0]["subject"] == Subjects(client.subjects.replica).get
    assert stats["endpoints"][0]["num_requests"] == 1
    assert stats["endpoints"][0]["num_errors"] == 1
    assert stats["endpoints"][0]["last_error"] == "no"
    assert stats["endpoints"][0]["processing_time"] > 0
    assert stats["endpoints"][0]["data"]["errors"] == 1
