"""Publishing to the intake: what is published is in the log once, and what is bad is reported and stops nobody."""

import asyncio
import base64
import json

import pytest

from stemedb.bus.client import Client
from stemedb.bus.messages import Committed, Rejected
from stemedb.statements import BODY_STATEMENTS_MAX, parse
from stemedb.types import Kind
from support.publishing import assertion, epoch, line, lines, vote
from support.waiting import eventually


def ids(statements):
    return [parse(line(statement)).id.hex() for statement in statements]


async def logged(client, size):
    async def status():
        state = await client.status()
        return state if state.size >= size and state.pending == 0 else None

    return await eventually(status)


async def rejected(client, count):
    """Return the first `count` messages of the rejected stream."""
    jetstream = client.nats.jetstream()
    found = []
    for number in range(1, count + 1):

        async def get(number=number):
            info = await jetstream.stream_info(client.subjects.rejected_stream)
            if info.state.messages < number:
                return None
            return await jetstream.get_msg(client.subjects.rejected_stream, number)

        found.append(Rejected.decode((await eventually(get)).data))
    return found


async def test_a_json_file_published_without_jetstream_is_in_the_log(ingest, client, tmp_path):
    file = tmp_path / "claim.json"
    file.write_text(json.dumps(assertion(1), indent=2) + "\n", encoding="utf-8")
    with ingest.running():
        await client.nats.publish(client.subjects.assert_, file.read_bytes())
        await logged(client, 1)
    assert ingest.stored() == ids([assertion(1)])


async def test_the_subject_says_the_kind_where_the_statement_does_not(ingest, client):
    statements = [assertion(1), epoch("next"), vote("ab" * 32)]
    bare = [line({key: value for key, value in s.items() if key != "kind"}) for s in statements]
    with ingest.running():
        for subject, body in zip(
            (client.subjects.assert_, client.subjects.epoch, client.subjects.vote), bare, strict=True
        ):
            await client.nats.publish(subject, body)
        await logged(client, 3)
    assert sorted(ingest.stored()) == sorted(ids(statements))


async def test_thousands_of_lines_in_one_message_are_in_the_log_in_order(ingest, client):
    statements = [assertion(i) for i in range(3000)]
    with ingest.running():
        await client.nats.jetstream().publish(client.subjects.assert_, lines(statements) + b"\n\n")
        state = await logged(client, 3000)
        assert state.size == 3000
        info = await client.nats.jetstream().stream_info(client.subjects.intake_stream)
        assert info.state.messages == 0
    assert ingest.stored() == ids(statements)


async def test_publishing_again_by_any_way_gives_one_statement(ingest, client):
    statements = [assertion(i) for i in range(50)]
    with ingest.running():
        first = await client.append(lines(statements))
        for _ in range(3):
            await client.nats.publish(client.subjects.assert_, lines(statements))
        for statement in statements:
            await client.nats.publish(client.subjects.assert_, json.dumps(statement, indent=1).encode())
        again = await client.append(lines(statements))
        assert [r.duplicate for r in first.receipts] == [False] * 50
        assert [(r.id, r.index, r.stamp) for r in again.receipts] == [
            (r.id, r.index, r.stamp) for r in first.receipts
        ]
        assert all(r.duplicate for r in again.receipts)
        await eventually(lambda: _drained(client))
    assert ingest.stored() == ids(statements)


async def _drained(client):
    info = await client.nats.jetstream().stream_info(client.subjects.intake_stream)
    return info.state.messages == 0


BAD = {
    "malformed": (b'{"kind":', ""),
    "empty": (b"", ""),
    "blank": (b" \n ", ""),
    "an array": (b"[]", ""),
    "a number": (b"7", ""),
    "invalid UTF-8": (line(assertion(1)).replace(b"MIT", b"\xff\xfe"), ""),
    "wrong type": (line(assertion(1, confidence="high")), "confidence"),
    "out of range": (line(assertion(1, confidence=1.5)), "confidence"),
    "not a number": (line(assertion(1, confidence=float("nan"))), ""),
    "huge number": (b"%b" % line(assertion(1)).replace(b"0.9", b"1e999"), "confidence"),
    "unknown tier": (line(assertion(1, source={"tier": 9, "uri": "x:y"})), "source.tier"),
    "unknown field": (line(assertion(1, extra=1)), "extra"),
    "null": (line(assertion(1, epoch=None)), "epoch"),
    "missing field": (line({"kind": "assertion", "subject": "a"}), "predicate"),
    "too long": (line(assertion(1, agent="a" * 5000)), "agent"),
    "too large": (line(assertion(1, object={"type": "text", "value": "x" * 100_000})), ""),
    "too deep": (b"[" * 50_000, ""),
    "duplicate member": (line(assertion(1))[:-1] + b',"agent":"other"}', "agent"),
    "bad path": (line(assertion(1, subject="pkg://a//b")), "subject"),
    "bad signature": (line(assertion(1, signature={"key": "U", "value": "x"})), "signature.key"),
    "another kind": (line(epoch("now")), "kind"),
    "bad id": (line(assertion(1, supersedes=["xyz"], relation="corrects")), "supersedes[0]"),
}


async def test_every_bad_statement_is_reported_and_the_next_one_goes_on(ingest, client):
    with ingest.running() as service:
        for number, (body, _) in enumerate(BAD.values()):
            await client.nats.publish(client.subjects.assert_, body)
            await client.nats.publish(client.subjects.assert_, line(assertion(1000 + number)))
        reports = {report.sequence: report for report in await rejected(client, len(BAD))}
        await logged(client, len(BAD))
        await eventually(lambda: _drained(client))
        metrics = service.metrics()
    assert ingest.stored() == ids([assertion(1000 + n) for n in range(len(BAD))])
    assert metrics["stemedb_ingest_statements_total{kind=assertion,outcome=rejected}"] == len(BAD)
    got = {name: reports[2 * number + 1] for number, name in enumerate(BAD)}
    assert {name: report.field for name, report in got.items()} == {
        name: field for name, (_, field) in BAD.items()
    }
    assert {report.code for report in got.values()} == {"invalid_statement"}
    assert all(report.reason for report in got.values())
    for name, report in got.items():
        original = report.original.encode()
        assert (base64.b64decode(original) if report.encoding == "base64" else original) == BAD[name][0], name
        assert report.length == len(BAD[name][0]), name
        assert report.subject == client.subjects.assert_


async def test_bad_lines_are_reported_one_by_one_and_the_good_ones_are_stored(ingest, client):
    good = [assertion(i) for i in range(5)]
    body = b"\n".join(
        [line(good[0]), b"{}", *(line(s) for s in good[1:3]), b"garbage", line(good[3]), line(good[4])]
    )
    with ingest.running():
        await client.nats.publish(client.subjects.assert_, body)
        reports = await rejected(client, 2)
        await logged(client, 5)
        await eventually(lambda: _drained(client))
    assert [(r.line, r.original) for r in reports] == [(1, "{}"), (4, "garbage")]
    assert ingest.stored() == ids(good)


async def test_more_lines_than_a_body_may_have_are_reported_once(ingest, client):
    with ingest.running():
        await client.nats.publish(client.subjects.assert_, b"{}\n" * (BODY_STATEMENTS_MAX + 1))
        await client.nats.publish(client.subjects.assert_, line(assertion(1)))
        [report] = await rejected(client, 1)
        await logged(client, 1)
    assert f"at most {BODY_STATEMENTS_MAX}" in report.reason
    assert report.length == len(b"{}\n") * (BODY_STATEMENTS_MAX + 1)


async def test_a_required_signature_is_asked_of_everything(ingest, client):
    with ingest.running(signatures="required"):
        await client.nats.publish(client.subjects.assert_, line(assertion(1)))
        [report] = await rejected(client, 1)
    assert report.field == "signature"


async def test_committed_events_follow_one_another_without_a_gap(ingest, shared_nats, replica):
    async with await Client.connect(shared_nats.url, replica) as client:
        events = []

        async def on_event(message):
            events.append(Committed.decode(message.data))

        with ingest.running():
            await client.nats.subscribe(client.subjects.committed, cb=on_event)
            await client.nats.flush()
            for number in range(40):
                await client.nats.publish(client.subjects.assert_, line(assertion(number // 2)))
            state = await logged(client, 20)
            await eventually(lambda: events and events[-1].size == 20)
        assert [e.first for e in events] == [0, *[e.size for e in events[:-1]]]
        assert all(e.first + e.count == e.size and e.count for e in events)
        assert events[-1].root == state.root
        assert {e.replica for e in events} == {replica}


async def test_concurrent_publishers_of_all_kinds_are_all_in(ingest, client):
    statements = [[assertion(i), vote(f"{i:064x}"), epoch(f"e{i}")] for i in range(200)]

    async def publish(position, subject):
        for group in statements:
            await client.nats.publish(subject, line(group[position]))

    with ingest.running():
        subjects = client.subjects.intake
        await asyncio.gather(
            *(publish(list(Kind).index(kind), subject) for subject, kind in subjects.items())
        )
        await logged(client, 600)
    assert set(ingest.stored()) == {i for group in statements for i in ids(group)}


@pytest.mark.parametrize("body", [b"\x00" * 900_000, b"\xff" * 900_000])
async def test_a_body_too_large_to_report_whole_is_reported_in_part(ingest, client, body):
    with ingest.running():
        await client.nats.publish(client.subjects.assert_, body)
        await client.nats.publish(client.subjects.assert_, line(assertion(1)))
        [report] = await rejected(client, 1)
        await logged(client, 1)
        await eventually(lambda: _drained(client))
    assert report.length == 900_000
    assert len(report.original) > 100_000
