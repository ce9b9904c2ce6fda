"""The tail against a peer made of lists: no bus, no disk, every answer under the test's control."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from stemedb.bus.columns import unpack
from stemedb.errors import Overloaded, Unavailable
from stemedb.ledger import Entry
from stemedb.merkle import Checkpoint, Frontier, log_origin
from stemedb.statements import statement_id
from stemedb.types import LogSize, Stamp
from stemedb.v1 import base_pb2, bulk_pb2, ingest_pb2, sync_pb2
from stemedb.wal import Record
from stemedb_sync import fetching, handing, pages
from stemedb_sync import tail as tail_module
from stemedb_sync.handing import APPENDS_IN_FLIGHT
from stemedb_sync.page import encode
from stemedb_sync.peer import Peer
from stemedb_sync.store import Arrival, Sifted
from stemedb_sync.tail import Tail, World
from support.waiting import eventually


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(tail_module, "PAUSE_S", 0.001)
    monkeypatch.setattr(fetching, "ORIGIN_GRACE_S", 0.001)
    monkeypatch.setattr(tail_module, "POSTPONED_RETRY_S", 0.01)


def canonical(number):
    return b'{"kind":"epoch","name":"%d"}' % number


def entry(index, number, origin="west"):
    record = Record(3, 1000 + index, origin, 5000 + index, canonical(number), b"")
    return Entry(index, statement_id(record.canonical), record)


class Network:
    """A peer with a log, and our ingest, both as lists."""

    def __init__(self, log=()):
        self.log = [entry(i, *((row,) if isinstance(row, int) else row)) for i, row in enumerate(log)]
        self.here: dict[bytes, Stamp] = {}
        self.peer = Peer("west", b"k" * 32, "pinned")
        self.failures, self.asked, self.saved, self.restamped = [], [], 0, 0
        self.refuse: dict[bytes, str] = {}
        self.contradicted = False
        self.page_entries = 3
        self.lie = {}
        self.append_errors = []
        self.live = frozenset()
        self.on_grace = None
        self.whole = 0

    def grow(self, *rows, sign=True):
        for row in rows:
            self.log.append(entry(len(self.log), *((row,) if isinstance(row, int) else row)))
        if sign:
            self.sign()

    def sign(self):
        frontier = Frontier().extend([e.id for e in self.log])
        self.peer.latest = Checkpoint(log_origin("west"), LogSize(len(self.log)), frontier.root)
        self.peer.latest_note = b"note %d" % len(self.log)
        self.peer.lag.learn(len(self.log), 0.0)
        self.peer.rouse()

    async def ask(self, endpoint, data):
        self.asked.append(endpoint)
        await asyncio.sleep(0)
        if endpoint in self.lie:
            answer = self.lie[endpoint]
            answer = answer(data) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer
        if endpoint == "range":
            request = sync_pb2.RangeRequest.FromString(data)
            entries = self.log[request.start : min(request.end, request.start + self.page_entries)]
            self.whole += 0 if request.ids_only else len(entries)
            flags = {"inline_all": request.inline_all, "ids_only": request.ids_only}
            return encode(entries, "west", bytes_max=1 << 20, **flags)
        request = sync_pb2.FetchRequest.FromString(data)
        reply = sync_pb2.FetchReply(positions=range(len(request.indices)))
        for index in request.indices:
            record = self.log[index].record
            stamp = base_pb2.Stamp(ms=record.hlc >> 16, counter=record.hlc & 0xFFFF, origin=record.origin)
            reply.statements.append(ingest_pb2.CanonicalStatement(canonical=record.canonical, stamp=stamp))
        return reply.SerializeToString()

    async def append(self, data):
        await asyncio.sleep(0)
        if self.append_errors:
            raise self.append_errors.pop(0)
        reply = bulk_pb2.ReplicateReply()
        rows = unpack(bulk_pb2.ReplicateRequest.FromString(data).columns)
        for row, text in enumerate(rows.canonicals):
            code = self.refuse.get(text)
            if code:
                reply.positions.append(row)
                reply.errors.append(ingest_pb2.StatementError(code=code))
            else:
                self.here.setdefault(statement_id(text), Stamp(rows.clocks[row], rows.origins[row]))
        return reply.SerializeToString()

    async def sift(self, page, frontier):
        arrivals, missing = [], []
        for offset, (id_, text) in enumerate(zip(page.ids, page.canonicals, strict=True)):
            if id_ in self.here:
                continue
            if not text:
                missing.append(offset)
            else:
                stamp = Stamp(page.clocks[offset], page.origins[offset])
                arrivals.append(Arrival(page.start + offset, text, b"", stamp))
        return Sifted(frontier.extend(page.ids), None, arrivals, missing, restamps=1)

    async def still_missing(self, ids):
        if self.on_grace is not None:
            self.on_grace()
        return {id_ for id_ in ids if id_ not in self.here}

    async def restamp(self, peer, count):
        assert peer is self.peer
        self.restamped += count

    async def save(self, peer):
        self.saved = peer.verified

    async def contradicts(self, peer, target, note, attempt):
        if self.contradicted:
            peer.set_aside("rewrite", 0)
        return self.contradicted

    @asynccontextmanager
    async def following(self):
        world = World(
            ask=self.ask,
            append=self.append,
            sift=self.sift,
            still_missing=self.still_missing,
            save=self.save,
            contradicts=self.contradicts,
            pace=lambda count: asyncio.sleep(0),
            restamp=self.restamp,
            advanced=lambda peer, entries: None,
            failed=lambda peer, reason, message: self.failures.append(reason),
            live_origins=lambda: self.live,
        )
        self.tail = Tail(self.peer, "here", 2, world)
        task = asyncio.create_task(self.tail.run())
        try:
            yield self.peer
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def is_complete(self):
        return {e.id for e in self.log} == set(self.here) and self.peer.verified == len(self.log)


async def test_a_log_is_taken_over_to_the_last_entry_and_then_nothing_is_asked():
    network = Network(range(50))
    network.sign()
    async with network.following() as peer:
        await eventually(lambda: network.is_complete)
        assert (peer.note, peer.lag.statements(), network.saved) == (b"note 50", 0, 50)
        assert network.here[network.log[7].id] == Stamp(1007, "west")
        asked = len(network.asked)
        network.sign()
        peer.rouse()
        await eventually(lambda: not peer.wake.is_set())
        assert len(network.asked) == asked
    assert network.failures == []
    assert network.restamped == network.asked.count("range"), "each page waits for what it restamps"


async def test_a_log_that_grows_while_it_is_followed_is_taken_over_too():
    network = Network(range(5))
    network.sign()
    async with network.following():
        for number in range(100, 140):
            network.grow(number)
            await asyncio.sleep(0)
        await eventually(lambda: network.is_complete)
    assert network.failures == []


async def test_only_what_is_missing_is_fetched_and_what_is_missing_often_is_asked_for_whole():
    network = Network([(i, "east") for i in range(30)])
    network.here = {network.log[i].id: Stamp(1, "east") for i in range(3)}
    network.sign()
    async with network.following():
        await eventually(lambda: network.is_complete)
    assert 1 <= network.asked.count("fetch") < 9


async def test_what_a_live_origin_delivers_in_the_meantime_is_not_fetched():
    network = Network([(1, "east")])
    network.live = frozenset({"east"})
    network.on_grace = lambda: network.here.update({network.log[0].id: Stamp(1, "east")})
    network.sign()
    async with network.following():
        await eventually(lambda: network.peer.verified == 1)
    assert "fetch" not in network.asked


async def test_a_failure_is_counted_and_the_tail_goes_on_from_the_verified_size():
    network = Network(range(10))
    failures = [Unavailable("away"), Unavailable("away")]
    network.lie["range"] = lambda data: failures.pop() if failures else None
    network.sign()
    async with network.following():
        await eventually(lambda: network.is_complete)
    assert network.failures[0] == "unavailable"


async def test_whoever_asks_for_a_peer_now_does_not_wait_for_the_pause_after_a_failure(monkeypatch):
    monkeypatch.setattr(tail_module, "PAUSE_S", 3600.0)
    network = Network(range(10))
    failures = [Unavailable("away")]
    network.lie["range"] = lambda data: failures.pop() if failures else None
    network.sign()
    async with network.following() as peer:
        await eventually(lambda: network.failures)
        peer.hurry.set()
        await eventually(lambda: network.is_complete)


async def test_what_was_stored_before_a_failure_is_not_sent_again(monkeypatch):
    monkeypatch.setattr(pages, "PAGE_ENTRIES_MAX", 3)
    monkeypatch.setattr(pages, "PAGES_IN_FLIGHT", 1)
    network = Network(range(60))
    failing = [Unavailable("away")]
    network.lie["range"] = lambda data: failing.pop() if failing and len(network.here) > 40 else None
    network.sign()
    async with network.following():
        await eventually(lambda: network.is_complete)
    assert network.failures == ["unavailable"]
    assert network.whole < 60 + 20


async def test_a_readmitted_peer_is_not_advanced_by_what_was_on_its_way():
    network = Network(range(6))
    network.sign()
    gate = asyncio.Event()
    append = network.append

    async def held(data):
        await gate.wait()
        return await append(data)

    network.append = held
    async with network.following() as peer:
        await eventually(lambda: len(network.tail._handing.open) == 4)
        network.log = network.log[:5]
        peer.latest = None
        peer.readmit(0, 0.0)
        network.sign()
        gate.set()
        await eventually(lambda: peer.verified == 5)
    assert peer.note == b"note 5"


async def test_a_busy_ingest_is_asked_again():
    network = Network(range(10))
    network.append_errors = [Overloaded("busy")] * 3
    network.sign()
    async with network.following():
        await eventually(lambda: network.is_complete)
    assert network.failures == []


async def test_an_ingest_that_is_away_costs_progress_and_nothing_else():
    network = Network(range(10))
    network.append_errors = [Unavailable("away")] * 2
    network.sign()
    async with network.following():
        await eventually(lambda: network.is_complete)
    assert set(network.failures) == {"unavailable"}


LIES = {
    "nonsense": b"\xff\xff",
    "nothing": b"",
    "other entries": lambda data: encode([entry(90, 1)], "west", bytes_max=9999, inline_all=False),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_page_that_is_no_answer_is_refused_and_nothing_of_it_stored(lie):
    network = Network(range(10))
    network.lie["range"] = LIES[lie]
    network.sign()
    async with network.following() as peer:
        await eventually(lambda: len(network.failures) >= 2)
        assert (peer.verified, network.here) == (0, {})
        network.lie.clear()
        await eventually(lambda: network.is_complete)
    assert set(network.failures) == {"bad_proof"}


async def test_pages_that_do_not_lead_to_the_signed_root_never_become_progress():
    network = Network(range(9))
    network.sign()
    network.log[4] = entry(4, 444)
    async with network.following() as peer:
        # More often than there are places for appends: those cancelled before their first step gave theirs back.
        await eventually(lambda: len(network.failures) > APPENDS_IN_FLIGHT)
        assert peer.verified == 0
    assert set(network.failures) == {"bad_page"}


async def test_a_peer_that_is_set_aside_is_not_asked_any_more():
    network = Network(range(9))
    network.sign()
    network.log[4] = entry(4, 444)
    network.contradicted = True
    async with network.following() as peer:
        await eventually(lambda: peer.is_set_aside)
        asked = len(network.asked)
        network.grow(100)
        await eventually(lambda: not peer.wake.is_set())
        assert len(network.asked) == asked
    assert network.failures == ["rewrite"]


def fetched(**stamp):
    """The right statement under a stamp of the test's choice."""
    given = ingest_pb2.CanonicalStatement(canonical=canonical(1), stamp=base_pb2.Stamp(**stamp))
    return sync_pb2.FetchReply(positions=[0], statements=[given]).SerializeToString()


@pytest.mark.parametrize(
    "reply",
    [
        b"\xff\xff",
        b"",
        fetched(ms=1 << 60, origin="west"),
        fetched(ms=1, origin="no name"),
        sync_pb2.FetchReply(
            positions=[0], statements=[ingest_pb2.CanonicalStatement(canonical=canonical(99))]
        ).SerializeToString(),
        sync_pb2.FetchReply(
            positions=[1], statements=[ingest_pb2.CanonicalStatement(canonical=canonical(1))]
        ).SerializeToString(),
        sync_pb2.FetchReply(
            positions=[0, 1], statements=[ingest_pb2.CanonicalStatement(canonical=canonical(1))] * 2
        ).SerializeToString(),
    ],
    ids=[
        "nonsense",
        "nothing",
        "impossible stamp",
        "impossible origin",
        "other bytes",
        "other position",
        "too many",
    ],
)
async def test_a_fetch_that_is_no_answer_is_refused(reply):
    network = Network([(1, "east")])
    network.lie["fetch"] = reply
    network.sign()
    async with network.following() as peer:
        await eventually(lambda: network.failures)
        assert (peer.verified, network.here) == (0, {})
    assert set(network.failures) == {"bad_proof"}


async def test_a_statement_ahead_of_our_clock_is_counted_kept_in_mind_and_stored_later():
    network = Network(range(5))
    network.refuse[canonical(3)] = "clock_drift"
    network.sign()
    async with network.following() as peer:
        await eventually(lambda: peer.verified == 5)
        assert peer.postponed == {3}
        assert peer.lag.statements(len(peer.postponed)) == 1
        assert network.failures[0] == "clock_drift"
        network.refuse.clear()
        await eventually(lambda: network.is_complete and not peer.postponed)


async def test_a_statement_that_breaks_a_rule_is_counted_and_passed_over():
    network = Network(range(5))
    network.refuse[canonical(3)] = "invalid_statement"
    network.sign()
    async with network.following() as peer:
        await eventually(lambda: peer.verified == 5)
        assert peer.postponed == set()
    assert network.failures == ["invalid_statement"]
    assert len(network.here) == 4


async def test_more_statements_ahead_of_our_clock_than_can_be_kept_hold_the_log_up(monkeypatch):
    monkeypatch.setattr(handing, "POSTPONED_MAX", 2)
    network = Network(range(5))
    network.refuse = {canonical(number): "clock_drift" for number in range(5)}
    network.sign()
    async with network.following() as peer:
        await eventually(lambda: network.failures.count("clock_drift") > 4)
        assert peer.verified == 0


async def test_a_paused_tail_asks_nothing_until_it_goes_on():
    network = Network(range(5))
    async with network.following() as peer:
        network.tail.is_paused = True
        network.sign()
        await eventually(lambda: not peer.wake.is_set())
        assert network.asked == []
        network.tail.is_paused = False
        peer.rouse()
        await eventually(lambda: network.is_complete)


async def test_an_entry_is_as_old_as_its_page_says_though_we_heard_of_it_just_now():
    network = Network(range(9))
    hour_ago_ms = time.time_ns() // 1_000_000 - 3600 * 1000
    network.log = [
        one._replace(record=one.record._replace(accepted=hour_ago_ms + one.index << 16))
        for one in network.log
    ]
    network.sign()
    network.peer.lag.restart(9, time.monotonic())
    network.append_errors = [Unavailable("ingest is away")] * 1000
    async with network.following() as peer:
        await eventually(lambda: network.failures)
        assert 3600 <= peer.lag.seconds(time.monotonic()) < 7200
        network.append_errors.clear()
        await eventually(lambda: network.is_complete)
        assert peer.lag.seconds(time.monotonic()) == 0
