"""Handlers without a bus: what they ask the front for, and what they make of its answers."""

import asyncio
from contextlib import ExitStack, closing

import pytest
from prometheus_client import CollectorRegistry

from stemedb.bus.messages import GetRequest, LogRequest, ProveRequest, QueryRequest, RootRequest
from stemedb.errors import InvalidRequest, NotFound, Unavailable
from stemedb.ledger import LedgerReader
from stemedb.projection import Projection, verify_proof_file
from stemedb_index import handlers as handlers_module
from stemedb_index.handlers import Handlers
from stemedb_index.metrics import IndexMetrics
from support.histories import make_replica, parsed, write
from support.statement_json import assertion, encode, vote

CLAIM = assertion()
RIVAL = assertion(object={"type": "text", "value": "MIT"}, source={"tier": 5, "uri": "https://x.example"})


class Front:
    """The service without its threads: answers at once, from a projection that `behind` entries are kept from."""

    def __init__(self, projection, reader):
        self.projection = projection
        self.reader = reader
        self.waited_for = []
        self.asked = 0

    async def answer(self, ask):
        self.asked += 1
        return ask(self.projection.view(self.reader))

    async def reach(self, size, timeout_s):
        self.waited_for.append((size, timeout_s))
        if size > self.projection.applied:
            raise Unavailable("not yet")


@pytest.fixture
def world(tmp_path):
    with ExitStack() as stack:
        replica = make_replica(tmp_path / "data")
        write(
            replica,
            [(parsed(value), None) for value in (CLAIM, RIVAL, vote(assertion=parsed(CLAIM).id.hex()))],
        )
        reader = stack.enter_context(closing(LedgerReader(replica)))
        projection = stack.enter_context(Projection.open(replica, writable=True))
        projection.catch_up(reader)
        front = Front(projection, reader)
        registry = CollectorRegistry()
        metrics = IndexMetrics.register(registry, dict)
        yield Handlers(front, "alpha", "0.1", metrics), front, registry


@pytest.fixture
def handlers(world):
    return world[0]


def hex_id(value):
    return parsed(value).id.hex()


async def test_get_returns_the_statement_as_it_was_published(handlers):
    reply = await handlers.get(GetRequest(id=hex_id(CLAIM)))
    assert (reply.statement, reply.kind, reply.index, reply.stamp.origin) == (CLAIM, "assertion", 0, "alpha")


async def test_every_request_waits_for_the_size_it_names_and_only_then_asks(world):
    handlers, front, _ = world
    await handlers.root(RootRequest(wait_size=3, timeout_ms=70))
    assert front.waited_for == [(3, 0.07)]
    asked = front.asked
    for call in (
        handlers.get(GetRequest(id=hex_id(CLAIM), wait_size=4)),
        handlers.query(QueryRequest(wait_size=4)),
        handlers.prove(ProveRequest(id=hex_id(CLAIM), wait_size=4)),
        handlers.root(RootRequest(wait_size=4)),
    ):
        with pytest.raises(Unavailable):
            await call
    assert front.asked == asked


async def test_the_log_is_told_page_by_page_as_far_as_the_map_has_come(world):
    handlers, front, _ = world
    first = await handlers.log(LogRequest(start=0, limit=2))
    assert [entry.statement for entry in first.entries] == [CLAIM, RIVAL]
    rest = await handlers.log(LogRequest(start=first.next))
    assert [(entry.kind, entry.index) for entry in rest.entries] == [("vote", 2)]
    assert (rest.next, rest.applied, front.projection.applied) == (3, 3, 3)
    end = await handlers.log(LogRequest(start=rest.next))
    assert (end.entries, end.next) == ((), 3)


async def test_query_without_a_lens_shows_both_sides(handlers):
    reply = await handlers.query(QueryRequest(prefix="pkg://pypi"))
    assert {claim.statement["object"]["value"] for claim in reply.claims} == {"Apache-2.0", "MIT"}
    assert (reply.groups, reply.applied) == ((), 3)


async def test_query_with_a_lens_shows_its_report_and_the_winner(handlers):
    reply = await handlers.query(QueryRequest(lens="authority"))
    (group,) = reply.groups
    assert (group.subject, group.predicate, group.claims) == ("pkg://pypi/blake3/1.0.11", "license", 2)
    assert group.winner.statement == CLAIM
    assert group.resolution["lens"] == "authority"
    assert [row["id"] for row in group.resolution["ranking"]] == [hex_id(CLAIM), hex_id(RIVAL)]


@pytest.mark.parametrize(
    ("request_", "claim"),
    [
        (ProveRequest(id=hex_id(CLAIM)), "included"),
        (ProveRequest(id=hex_id(CLAIM), subject=CLAIM["subject"], predicate="license"), "included"),
        (ProveRequest(id=hex_id(CLAIM), subject=CLAIM["subject"], predicate="summary"), "absent"),
        (ProveRequest(statement=encode(CLAIM).decode()), "included"),
        (ProveRequest(statement=encode(assertion(agent="nobody")).decode()), "absent"),
    ],
)
async def test_a_proof_says_what_is_the_case_and_verifies(handlers, request_, claim):
    reply = await handlers.prove(request_)
    assert verify_proof_file(encode(reply.proof)).claim == claim


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ProveRequest(), "id"),
        (ProveRequest(subject="a", predicate="b"), "id"),
        (ProveRequest(id="00" * 32, subject="a"), "predicate"),
        (ProveRequest(id="00" * 32, predicate="a"), "subject"),
        (ProveRequest(id="00" * 32, statement="{}"), "statement"),
        (ProveRequest(statement="[]"), "statement"),
        (ProveRequest(statement=encode(assertion(confidence=2)).decode()), "statement.confidence"),
    ],
)
async def test_what_cannot_be_proven_is_refused_with_its_field(handlers, request_, field):
    with pytest.raises(InvalidRequest) as caught:
        await handlers.prove(request_)
    assert caught.value.field == field


async def test_a_proof_waits_for_map_and_checkpoint_as_long_as_the_request_does(world, monkeypatch):
    handlers, front, _ = world
    monkeypatch.setattr(handlers_module, "RETRY_S", 0.001)
    answer, refusals = front.answer, iter([Unavailable("not yet"), Unavailable("not yet")])

    async def at_first_unavailable(ask):
        for refusal in refusals:
            raise refusal
        return await answer(ask)

    front.answer = at_first_unavailable
    assert (await handlers.prove(ProveRequest(id=hex_id(CLAIM)))).proof["claim"] == "included"

    async def never(ask):
        raise Unavailable("not yet")

    front.answer = never
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable):
            await handlers.prove(ProveRequest(id=hex_id(CLAIM), timeout_ms=20))


async def test_outcomes_are_counted_by_endpoint(world):
    handlers, _, registry = world
    await handlers.root(RootRequest())
    for _ in range(2):
        with pytest.raises(NotFound):
            await handlers.get(GetRequest(id="00" * 32))
    counted = "stemedb_index_request_seconds_count"
    assert registry.get_sample_value(counted, {"endpoint": "root", "outcome": "ok"}) == 1
    assert registry.get_sample_value(counted, {"endpoint": "get", "outcome": "not_found"}) == 2
    assert registry.get_sample_value(counted, {"endpoint": "get", "outcome": "ok"}) == 0
