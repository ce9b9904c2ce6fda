"""``ingest.append``: durable when answered, in JSON and in protobuf, bounded, with one outcome per statement."""

import asyncio
import time

import pytest

from stemedb.bus.endpoints import CONTENT_TYPE, PROTOBUF
from stemedb.bus.messages import Stamp
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.clocks import pack
from stemedb.errors import InvalidRequest
from stemedb.statements import new_seed, parse, sign
from stemedb.types import Stamp as CoreStamp
from stemedb.v1 import base_pb2, ingest_pb2
from support.publishing import assertion, epoch, line, lines


def canonical(statement, *, signature=b"", stamp=None):
    given = ingest_pb2.CanonicalStatement(canonical=parse(line(statement)).canonical, signature=signature)
    if stamp is not None:
        given.stamp.CopyFrom(base_pb2.Stamp(ms=stamp.ms, counter=stamp.counter, origin=stamp.origin))
    return given


async def append(client, *statements):
    request = ingest_pb2.AppendRequest(statements=statements)
    data = await client.call(client.subjects.append, request.SerializeToString(), {CONTENT_TYPE: PROTOBUF})
    return ingest_pb2.AppendReply.FromString(data)


async def test_one_outcome_per_statement_in_order(ingest, client):
    body = b"\n".join([line(assertion(1)), b"{}", line(epoch("e")), line(assertion(1))])
    with ingest.running():
        reply = await client.append(body)
    assert [outcome.error.field if outcome.error else None for outcome in reply.outcomes] == [
        None,
        "kind",
        None,
        None,
    ]
    assert [(r.index, r.duplicate) for r in reply.receipts] == [(0, False), (1, False), (0, True)]
    assert [r.id for r in reply.receipts[:2]] == [parse(line(s)).id.hex() for s in (assertion(1), epoch("e"))]
    assert reply.size == 2
    assert {r.stamp.origin for r in reply.receipts} == {ingest.replica}
    assert len(reply.errors) == 1


async def test_what_was_answered_is_on_disk_after_kill_9(ingest, client):
    with ingest.running() as service:
        reply = await client.append(lines([assertion(i) for i in range(100)]))
        service.kill()
    assert ingest.stored() == [r.id for r in reply.receipts]


async def test_protobuf_keeps_stamp_and_signature_and_answers_in_kind(ingest, client):
    seed = new_seed(bytes(32))
    signed = assertion(1)
    signature = sign(parse(line(signed)).id, seed)
    stamp = Stamp(ms=1_700_000_000_000, counter=7, origin="elsewhere")
    with ingest.running():
        reply = await append(
            client, canonical(signed, signature=signature, stamp=stamp), canonical(epoch("e"))
        )
    first, second = (outcome.receipt for outcome in reply.outcomes)
    assert (first.stamp.ms, first.stamp.counter, first.stamp.origin) == (stamp.ms, 7, "elsewhere")
    assert second.stamp.origin == ingest.replica
    assert (first.index, second.index, reply.size) == (0, 1, 2)


async def test_a_peer_is_believed_nothing(ingest, client):
    good = canonical(assertion(0))
    reordered = ingest_pb2.CanonicalStatement(canonical=b" " + canonical(assertion(1)).canonical)
    forged = canonical(assertion(2), signature=bytes(96))
    cut = canonical(assertion(3), signature=b"short")
    ahead = Stamp.of(CoreStamp(pack(int(time.time() * 1000) + 10 * 60_000, 0), "elsewhere"))
    early = canonical(assertion(4), stamp=ahead)
    with ingest.running():
        reply = await append(client, good, reordered, forged, cut, early)
    assert reply.outcomes[0].WhichOneof("outcome") == "receipt"
    errors = [outcome.error for outcome in reply.outcomes[1:]]
    assert [(error.code, error.field) for error in errors] == [
        ("invalid_statement", ""),
        ("invalid_statement", "signature.value"),
        ("invalid_statement", "signature"),
        ("clock_drift", "stamp"),
    ]
    assert reply.size == 1


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"\x0a\x05ab"])
async def test_what_is_not_protobuf_is_refused_whole(ingest, client, body):
    with ingest.running():
        with pytest.raises(InvalidRequest, match="not a protobuf AppendRequest"):
            await client.call(client.subjects.append, body, {CONTENT_TYPE: PROTOBUF})
        assert (await client.status()).size == 0


async def test_a_bad_origin_is_refused_by_place(ingest, client):
    given = canonical(assertion(1), stamp=Stamp(ms=1, counter=0, origin="a"))
    given.stamp.origin = "Not A Name"
    with ingest.running(), pytest.raises(InvalidRequest) as caught:
        await append(client, canonical(assertion(0)), given)
    assert caught.value.field == "statements[1].stamp"


async def test_more_statements_than_one_answer_can_report_are_refused_whole(ingest, client):
    exactly = [assertion(i) for i in range(APPEND_STATEMENTS_MAX)]
    with ingest.running():
        with pytest.raises(InvalidRequest, match="split the request"):
            await client.append(lines([*exactly, assertion(-1)]))
        with pytest.raises(InvalidRequest, match="split the request"):
            await append(client, *(canonical(epoch(f"e{i}")) for i in range(APPEND_STATEMENTS_MAX + 1)))
        reply = await client.append(lines(exactly))
        assert reply.size == APPEND_STATEMENTS_MAX
        assert len(reply.receipts) == APPEND_STATEMENTS_MAX


async def test_the_longest_answer_fits(ingest, client):
    with ingest.running():
        reply = await client.append(b'{"kind":"vote"}\n' * APPEND_STATEMENTS_MAX)
    assert len(reply.errors) == APPEND_STATEMENTS_MAX


async def test_requests_at_the_same_time_share_commits(ingest, client):
    with ingest.running() as service:
        replies = await asyncio.gather(*(client.append(line(assertion(i))) for i in range(30)))
        metrics = service.metrics()
    assert sorted(r.index for reply in replies for r in reply.receipts) == list(range(30))
    assert metrics["stemedb_ingest_commit_seconds_count"] < 30


async def test_status_tells_where_the_log_stands(ingest, client):
    with ingest.running():
        reply = await client.append(line(assertion(1)))
        status = await client.status()
    assert (status.size, status.root, status.replica) == (reply.size, reply.root, ingest.replica)
    assert status.checkpoint.startswith(f"stemedb/{ingest.replica}\n1\n")
