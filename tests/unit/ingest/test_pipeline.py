"""Group commit, without a bus: who is told what, when, and what happens when something fails."""

import asyncio
from collections import Counter
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry

from stemedb.errors import DurabilityLost, Unavailable
from stemedb.statements import SigningPolicy
from stemedb.types import Kind
from stemedb_ingest import pipeline as module
from stemedb_ingest.metrics import IngestMetrics
from stemedb_ingest.pipeline import Pipeline, World
from stemedb_ingest.store import Body, Store
from support.publishing import assertion, line, lines
from support.waiting import eventually

NOW = 1_700_000_000_000


class Scene:
    """A pipeline between a scripted queue and a real store, and everything it told the world, in order."""

    def __init__(self, store):
        self.store = store
        self.queue = []
        self.told = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.commits = []
        self.failure = None
        self.reject_failures = 0
        self.returned = []
        registry = CollectorRegistry()
        self.pipeline = Pipeline(
            World(self, {"subject": Kind.ASSERTION}, self.commit, self.announce, self.reject),
            IngestMetrics.register(registry, lambda: self.pipeline.pending),
        )
        self.registry = registry

    # the source

    @property
    def pending(self):
        return len(self.queue)

    def take(self, count_max, bytes_max):
        taken, self.queue = self.queue[:count_max], self.queue[count_max:]
        return taken

    async def ack(self, deliveries):
        self.told.extend(("ack", d.number) for d in deliveries)

    async def retry(self, deliveries, delay_s):
        self.returned.extend(d.number for d in deliveries)

    # the rest of the world

    async def commit(self, works):
        self.commits.append(len(works))
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        commit = self.store.commit(works, NOW)
        self.told.append(("durable", commit.size))
        return commit

    async def announce(self, commit):
        self.told.append(("event", commit.size))

    async def reject(self, refused):
        if self.reject_failures:
            self.reject_failures -= 1
            raise Unavailable("no stream")
        self.told.extend(("rejected", d.number, r.line) for d, r in refused)

    # what the tests do

    def publish(self, *bodies):
        for body in bodies:
            number = len(self.queue) + sum(1 for told in self.told if told[0] == "ack")
            self.queue.append(SimpleNamespace(subject="subject", data=body, reply="", number=number))
        self.pipeline.wake()

    def metric(self, name, **labels):
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
async def scene(tmp_path):
    store = Store.open(tmp_path, "unit", SigningPolicy(), NOW)
    made = Scene(store)
    made.running = asyncio.create_task(made.pipeline.run())
    yield made
    made.gate.set()  # a test that failed may have left it closed
    made.pipeline.stop()
    await asyncio.wait((made.running,))
    store.close()


async def test_acknowledgement_reply_and_event_come_after_the_commit(scene):
    scene.publish(line(assertion(1)), line(assertion(2)))
    await eventually(lambda: ("event", 2) in scene.told)
    assert scene.told == [("durable", 2), ("ack", 0), ("ack", 1), ("event", 2)]


async def test_while_one_group_commits_the_next_collects(scene):
    scene.gate.clear()
    scene.publish(line(assertion(0)))
    await eventually(lambda: scene.commits == [1])
    scene.publish(*(line(assertion(i)) for i in range(1, 6)))
    asked = asyncio.create_task(scene.pipeline.append(Body(line(assertion(9)), None), 1))
    await eventually(lambda: scene.pipeline.pending == 7)
    scene.gate.set()
    commit, position = await asked
    assert scene.commits == [1, 6]
    assert position == 5
    assert [r.index for r in commit.outcomes(position)] == [6]


async def test_a_group_is_bounded_in_messages(scene, monkeypatch):
    monkeypatch.setattr(module, "GROUP_COUNT", 4)
    scene.publish(*(line(assertion(i)) for i in range(10)))
    await eventually(lambda: ("event", 10) in scene.told)
    assert scene.commits == [4, 4, 2]


async def test_requests_are_bounded_in_bytes_per_group(scene, monkeypatch):
    monkeypatch.setattr(module, "GROUP_BYTES", 100)
    scene.gate.clear()
    first = asyncio.create_task(scene.pipeline.append(Body(line(assertion(0)), None), 60))
    await eventually(lambda: scene.commits == [1])
    rest = [
        asyncio.create_task(scene.pipeline.append(Body(line(assertion(i)), None), 60)) for i in range(1, 6)
    ]
    await eventually(lambda: scene.pipeline.pending == 6)
    scene.gate.set()
    await asyncio.gather(first, *rest)
    assert scene.commits == [1, 2, 2, 1]


async def test_a_duplicate_group_is_acknowledged_without_an_event(scene):
    scene.publish(line(assertion(1)))
    await eventually(lambda: ("event", 1) in scene.told)
    scene.publish(line(assertion(1)))
    await eventually(lambda: ("ack", 1) in scene.told)
    assert Counter(told[0] for told in scene.told)["event"] == 1


async def test_a_refused_message_is_acknowledged_after_its_report(scene):
    scene.publish(lines([assertion(1), {}, assertion(2)]), line(assertion(3)))
    await eventually(lambda: ("ack", 0) in scene.told)
    order = scene.told
    assert order.index(("durable", 3)) < order.index(("rejected", 0, 1)) < order.index(("ack", 0))
    assert ("ack", 1) in order
    assert scene.metric("stemedb_ingest_refusals_total", code="invalid_statement") == 1


async def test_a_report_that_fails_gives_the_message_back_unacknowledged(scene):
    scene.reject_failures = 1
    scene.publish(b"{}", line(assertion(1)))
    await eventually(lambda: scene.returned == [0])
    assert ("ack", 0) not in scene.told
    assert ("ack", 1) in scene.told
    assert scene.metric("stemedb_ingest_returned_total") == 1


async def test_a_refusal_to_a_request_is_not_reported_anywhere_else(scene):
    commit, position = await scene.pipeline.append(Body(b"{}", None), 2)
    assert [o.field for o in commit.outcomes(position)] == ["kind"]
    assert not [told for told in scene.told if told[0] == "rejected"]


async def test_after_a_failed_commit_nothing_is_acknowledged_and_run_raises(scene):
    scene.failure = DurabilityLost("wal", "fdatasync", OSError(5, "input/output error"))
    scene.publish(line(assertion(1)))
    with pytest.raises(Unavailable):
        await scene.pipeline.append(Body(line(assertion(2)), None), 1)
    with pytest.raises(DurabilityLost):
        await scene.running
    assert scene.told == []


async def test_stopping_answers_requests_and_leaves_messages(scene):
    scene.gate.clear()
    scene.publish(line(assertion(0)))
    await eventually(lambda: scene.commits == [1])
    asked = asyncio.create_task(scene.pipeline.append(Body(line(assertion(1)), None), 1))
    await eventually(lambda: scene.pipeline.pending == 2)
    scene.publish(line(assertion(2)))
    scene.pipeline.stop()
    scene.gate.set()
    await asked
    await scene.running
    assert ("ack", 0) in scene.told
    assert scene.pending == 1
    with pytest.raises(Unavailable):
        await scene.pipeline.append(Body(line(assertion(3)), None), 1)


async def test_the_metrics_tell_what_happened(scene):
    scene.publish(lines([assertion(1), assertion(1), assertion(2)]), b"{}")
    await eventually(lambda: ("ack", 1) in scene.told)
    outcomes = {
        outcome: scene.metric("stemedb_ingest_statements_total", kind="assertion", outcome=outcome)
        for outcome in ("accepted", "duplicate", "rejected")
    }
    assert outcomes == {"accepted": 2, "duplicate": 1, "rejected": 1}
    assert scene.metric("stemedb_log_size") == 2
    assert scene.metric("stemedb_ingest_pending") == 0
    assert scene.metric("stemedb_ingest_commit_seconds_count") == 1
    assert scene.metric("stemedb_ingest_commit_statements_sum") == 4
